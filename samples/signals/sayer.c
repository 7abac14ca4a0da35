/*  =========================================================================
    sayer.c - a PAIR that says signals, and counts those that were heard

    Place: samples/signals/. It connects; see signals.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    const char *endpoint = signals_to (self) ? signals_to (self) : SIGNALS_THREADS;
    if (signals_listen (self) && !signals_to (self))
        return 0;
    sayer_t *sayer = *state_p = calloc (1, sizeof *sayer);
    troupe_error_t error = !sayer ? TROUPE_ENOMEM
                         : troupe_zmq_open (self, TROUPE_ZMQ_PAIR, &signals_socket, s_heard, NULL, &sayer->socket);
    if (error || (error = troupe_zmq_connect (sayer->socket, endpoint)) != TROUPE_OK)
        return troupe_fail_error (self, error, endpoint);
    if (signals_to (self))
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

const troupe_behavior_t signals_sayer = { .name = "sayer", .start = s_start, .stop = s_stop };
