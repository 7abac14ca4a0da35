/*  =========================================================================
    hearer.c - a PAIR that hears signals, and tells who said them

    Place: samples/signals/. It binds; see signals.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "signals.h"

#include <stdio.h>

static int s_hear (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                   size_t count, void *context)
{
    (void) self, (void) state, (void) context;
    printf ("%-10s%.*s\n", "hears", frames [0].size < 40 ? (int) frames [0].size : 40, (const char *) frames [0].data);
    if (troupe_zmq_send (socket, frames, count))
        printf ("%-10scannot be told so\n", "");
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p, (void) args, (void) args_size;
    const char *endpoint = signals_listen (self) ? signals_listen (self) : SIGNALS_THREADS;
    troupe_zmq_t *socket;
    if (signals_to (self) && !signals_listen (self))
        return 0;
    troupe_error_t error = troupe_zmq_open (self, TROUPE_ZMQ_PAIR, &signals_socket, s_hear, NULL, &socket);
    if (!error)
        error = troupe_zmq_bind (socket, endpoint);
    if (error)
        return troupe_fail_error (self, error, endpoint);
    printf ("%-10s%s\n", "listens", troupe_zmq_endpoint (socket));
    return 0;
}

const troupe_behavior_t signals_hearer = { .name = "hearer", .start = s_start };
