/*  =========================================================================
    ventilator.c - a PUSH socket hands pieces of work to whoever is there

    Place: samples/. Shows how PUSH deals out to the sinks that are connected
    and have room, and what an actor does when there is none: the send is
    refused with the piece still in its hands, and it goes on at WRITABLE.
    PUSH cannot tell all of them that it was the last piece, but whoever takes
    "done" leaves, so that the next "done" is another one's.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include <troupe.h>

typedef struct ventilator {
    troupe_zmq_t *socket;
    int64_t count, sent, patience_s;
    unsigned sinks;             //  Connected
    bool refused;               //  Nobody took the piece behind 'sent'
    troupe_timer_t patience;    //  Runs meanwhile
} ventilator_t;

static int s_give_up (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    ventilator_t *ventilator = state;
    return troupe_fail (self, 1, "nobody takes pieces; %lld are left",
                        (long long) (ventilator->count - ventilator->sent));
}

static int s_refused (troupe_actor_t *self, ventilator_t *ventilator)
{
    if (ventilator->refused)
        return 0;
    printf ("nobody takes piece %lld: waiting\n", (long long) ventilator->sent + 1);
    ventilator->refused = true;
    ventilator->patience = troupe_after (self, 1000 * ventilator->patience_s, s_give_up, NULL);
    return ventilator->patience ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "a timer");
}

//  All pieces are out: until every sink has gone.
static int s_say_done (troupe_actor_t *self, ventilator_t *ventilator)
{
    if (ventilator->sinks)
        troupe_zmq_send_text (ventilator->socket, "done");
    else
        troupe_exit (self);
    return 0;
}

static int s_leave (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    printf ("%u that take pieces are still there\n", ((ventilator_t *) state)->sinks);
    troupe_exit (self);
    return 0;
}

//  One piece, every 'every' ms, or as soon as there is room for one that was refused.
static int s_send (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    ventilator_t *ventilator = state;
    char piece [24];
    if (ventilator->sent == ventilator->count)
        return s_say_done (self, ventilator);
    snprintf (piece, sizeof piece, "%lld", (long long) ventilator->sent + 1);
    if (troupe_zmq_send_text (ventilator->socket, piece))
        return s_refused (self, ventilator);
    printf ("piece %s\n", piece);
    troupe_cancel (self, ventilator->patience);
    ventilator->refused = false;
    if (++ventilator->sent == ventilator->count)
        troupe_after (self, 1000 * ventilator->patience_s, s_leave, NULL);
    return 0;
}

static int s_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                    const char *endpoint, void *context)
{
    (void) socket, (void) endpoint;
    ventilator_t *ventilator = state;
    if (event == TROUPE_ZMQ_CONNECTED)
        ventilator->sinks++;
    else if (event == TROUPE_ZMQ_DISCONNECTED)
        ventilator->sinks--;
    return event == TROUPE_ZMQ_WRITABLE && ventilator->refused ? s_send (self, state, context) : 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    //  What is queued for a sink is lost with it: little is
    const troupe_zmq_options_t options = { .send_limit = 1, .on_event = s_event };
    const char *endpoint = troupe_option (self, "bind", "");
    ventilator_t *ventilator = *state_p = calloc (1, sizeof *ventilator);
    troupe_error_t error = !ventilator ? TROUPE_ENOMEM
                         : troupe_zmq_open (self, TROUPE_ZMQ_PUSH, &options, NULL, NULL, &ventilator->socket);
    if (error || (error = troupe_zmq_bind (ventilator->socket, endpoint)) != TROUPE_OK)
        return troupe_fail_error (self, error, endpoint);
    ventilator->patience_s = troupe_option_number (self, "patience", 30, 1, 1000000);
    ventilator->count = troupe_option_number (self, "count", 30, 1, 1000000000);
    if (!troupe_every (self, troupe_option_number (self, "every", 100, 1, 60000), s_send, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "a timer");
    printf ("ventilator ready %s\n", troupe_zmq_endpoint (ventilator->socket));
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    free (state);
}

static const troupe_behavior_t s_ventilator = { .name = "ventilator", .start = s_start, .stop = s_stop };

static const troupe_child_t s_children [] = {
    { .id = "ventilator", .behavior = &s_ventilator, .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "listen", .value = "ENDPOINT", .paths = "children/ventilator/bind", .fallback = "tcp://127.0.0.1:5558",
      .help = "Where sinks come; port * picks a free one" },
    { .name = "count", .value = "N", .paths = "children/ventilator/count", .fallback = "30", .least = 1,
      .most = 1000000000, .help = "How many pieces there are" },
    { .name = "every", .value = "MS", .paths = "children/ventilator/every", .fallback = "100", .least = 1,
      .most = 60000, .help = "The time between two pieces" },
    { .name = "patience", .value = "SECONDS", .paths = "children/ventilator/patience", .fallback = "30", .least = 1,
      .most = 1000000, .help = "Gives up when nobody has taken a piece, or left, for so long" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "ventilator", .summary = "A PUSH socket hands pieces of work to whoever is there",
        .children = s_children, .options = s_options, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY,
        .intensity = TROUPE_INTENSITY_NONE, .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
