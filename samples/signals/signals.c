/*  =========================================================================
    signals.c - PAIR as a signal between threads, and across a network

    Place: samples/signals/, the one with main. One actor says that it is ready
    (sayer.c); the other hears it, and tells it so (hearer.c). As threads of a
    program, which begin and end together, a PAIR is all they need. With --listen
    and --to they are programs, which come and go: a PAIR takes one peer, and
    whoever comes beside it is not heard.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "signals.h"

#include <stdio.h>

const char *signals_listen (troupe_actor_t *self)
{
    return troupe_config (self, "children/hearer/bind", NULL);
}

const char *signals_to (troupe_actor_t *self)
{
    return troupe_config (self, "children/sayer/connect", NULL);
}

//  Across a network only: between threads nobody comes or goes.
static int s_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                    const char *endpoint, void *context)
{
    (void) self, (void) state, (void) socket, (void) context;
    if (event == TROUPE_ZMQ_CONNECTED || event == TROUPE_ZMQ_DISCONNECTED)
        printf ("%-10s%s\n", event == TROUPE_ZMQ_CONNECTED ? "connected" : "gone", endpoint);
    return 0;
}

const troupe_zmq_options_t signals_socket = { .on_event = s_event };

static const troupe_child_t s_children [] = {
    { .id = "hearer", .behavior = &signals_hearer },
    { .id = "sayer", .behavior = &signals_sayer, .restart = TROUPE_TRANSIENT, .significant = true },
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
        .intensity = TROUPE_INTENSITY_NONE, .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
