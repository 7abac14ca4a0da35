/*  =========================================================================
    neighbours/worker.c - the service of a node: it says its name

    Place: samples/neighbours; see neighbours.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include "neighbours.h"

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args_size;
    *state_p = strdup (args);
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "the worker");
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    return (int) troupe_reply (self, message, state, strlen (state));
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    free (state);
}

const troupe_behavior_t neighbours_worker = {
    .name = "worker", .start = s_start, .receive = s_receive, .stop = s_stop,
};
