/*  =========================================================================
    signals.c - PAIR as a signal between threads, and across a network

    Place: samples/. One actor says that it is ready; the other hears it, and
    tells it so. As threads of a program, which begin and end together, a PAIR
    is all they need. With --listen and --to they are programs, which come and
    go: a PAIR takes one peer, and whoever comes beside it is not heard.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#define S_THREADS "inproc://signals"

static const char *s_listen (troupe_actor_t *self) { return troupe_config (self, "children/hearer/bind", NULL); }
static const char *s_to (troupe_actor_t *self) { return troupe_config (self, "children/sayer/connect", NULL); }

//  Across a network only: between threads nobody comes or goes.
static int s_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                    const char *endpoint, void *context)
{
    (void) self, (void) state, (void) socket, (void) context;
    if (event == TROUPE_ZMQ_CONNECTED || event == TROUPE_ZMQ_DISCONNECTED)
        printf ("%-10s%s\n", event == TROUPE_ZMQ_CONNECTED ? "connected" : "gone", endpoint);
    return 0;
}

static const troupe_zmq_options_t s_socket = { .on_event = s_event };

//  --- Who hears

static int s_hear (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                   size_t count, void *context)
{
    (void) self, (void) state, (void) context;
    printf ("%-10s%.*s\n", "hears", frames [0].size < 40 ? (int) frames [0].size : 40, (const char *) frames [0].data);
    if (troupe_zmq_send (socket, frames, count))
        printf ("%-10scannot be told so\n", "");
    return 0;
}

static int s_start_hearer (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p, (void) args, (void) args_size;
    const char *endpoint = s_listen (self) ? s_listen (self) : S_THREADS;
    troupe_zmq_t *socket;
    if (s_to (self) && !s_listen (self))
        return 0;
    troupe_error_t error = troupe_zmq_open (self, TROUPE_ZMQ_PAIR, &s_socket, s_hear, NULL, &socket);
    if (!error)
        error = troupe_zmq_bind (socket, endpoint);
    if (error)
        return troupe_fail_error (self, error, endpoint);
    printf ("%-10s%s\n", "listens", troupe_zmq_endpoint (socket));
    return 0;
}

//  --- Who says

typedef struct sayer {
    troupe_zmq_t *socket;
    int64_t count, said, heard;     //  How many are to be, have been, and were heard
    bool open;                      //  The last one is not heard
} sayer_t;

static int s_end (troupe_actor_t *self, const sayer_t *sayer)
{
    if (sayer->heard < sayer->count)
        return troupe_fail (self, 1, "%lld of %lld signals were not heard", (long long) (sayer->count - sayer->heard),
                            (long long) sayer->count);
    troupe_exit (self);
    return 0;
}

//  One signal each time; before it, what became of the last one.
static int s_say (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    sayer_t *sayer = state;
    char signal [32];
    if (sayer->open)
        printf ("%-10sready %lld\n", "no answer", (long long) sayer->said);
    if (sayer->said == sayer->count)
        return s_end (self, sayer);
    snprintf (signal, sizeof signal, "ready %lld", (long long) ++sayer->said);
    sayer->open = troupe_zmq_send_text (sayer->socket, signal) == TROUPE_OK;
    printf ("%-10s%s\n", sayer->open ? "says" : "cannot", signal);
    return 0;
}

static int s_heard (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                    size_t count, void *context)
{
    (void) self, (void) socket, (void) count, (void) context;
    sayer_t *sayer = state;
    char signal [40];
    snprintf (signal, sizeof signal, "%.*s", frames [0].size < 30 ? (int) frames [0].size : 30,
              (const char *) frames [0].data);
    const bool last = strtoll (signal + strcspn (signal, "0123456789"), NULL, 10) == sayer->said;
    printf ("%-10s%s%s\n", "was heard", signal, last ? "" : ", late");
    sayer->heard++;
    sayer->open = sayer->open && !last;
    return 0;
}

static int s_start_sayer (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    const char *endpoint = s_to (self) ? s_to (self) : S_THREADS;
    if (s_listen (self) && !s_to (self))
        return 0;
    sayer_t *sayer = *state_p = calloc (1, sizeof *sayer);
    troupe_error_t error = !sayer ? TROUPE_ENOMEM
                         : troupe_zmq_open (self, TROUPE_ZMQ_PAIR, &s_socket, s_heard, NULL, &sayer->socket);
    if (error || (error = troupe_zmq_connect (sayer->socket, endpoint)) != TROUPE_OK)
        return troupe_fail_error (self, error, endpoint);
    if (s_to (self))
        printf ("%-10s%s\n", "waits for", endpoint);
    sayer->count = troupe_option_number (self, "count", 3, 1, 1000000000);
    if (!troupe_every (self, troupe_option_number (self, "every", 500, 1, 60000), s_say, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "a timer");
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    free (state);
}

//  --- The program

static const troupe_behavior_t s_hearer = { .name = "hearer", .start = s_start_hearer };
static const troupe_behavior_t s_sayer = { .name = "sayer", .start = s_start_sayer, .stop = s_stop };

static const troupe_child_t s_children [] = {
    { .id = "hearer", .behavior = &s_hearer },
    { .id = "sayer", .behavior = &s_sayer, .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "listen", .value = "ENDPOINT", .paths = "children/hearer/bind",
      .help = "Only hear, there: tcp://127.0.0.1:5574; port * picks a free one" },
    { .name = "to", .value = "ENDPOINT", .paths = "children/sayer/connect",
      .help = "Only say, there: tcp://127.0.0.1:5574. Without both: two threads of this program" },
    { .name = "count", .value = "N", .paths = "children/sayer/count", .fallback = "3", .least = 1,
      .most = 1000000000, .help = "Ends after so many signals" },
    { .name = "every", .value = "MS", .paths = "children/sayer/every", .fallback = "500", .least = 1, .most = 60000,
      .help = "The time between two of them" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "signals", .summary = "PAIR as a signal between threads, and across a network",
        .children = s_children, .options = s_options, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY,
        .intensity = TROUPE_INTENSITY_NONE,
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
