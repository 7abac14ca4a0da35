/*  =========================================================================
    neighbours/neighbourhood.c - the actor that knows who is there

    Place: samples/neighbours; see neighbours.h. It has the finder and the
    worker: once it is known at which address the others come, the worker
    listens there, and its endpoint is what the others are told.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neighbours.h"

#define S_TICK_MS 1000

static int s_on_endpoint (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                          void *context)
{
    (void) context;
    neighbourhood_t *here = state;
    if (outcome != TROUPE_CALL_OK)
        return 0;               //  The worker has ended: its link says so
    finder_publish (&here->finder, troupe_message_text (reply));
    nodes_show ("here", here->name, here->finder.own);
    troupe_started (self);
    return 0;
}

static int s_on_worker (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                        void *context)
{
    (void) state, (void) context;
    if (event->kind == TROUPE_CHILD_ENDED && !troupe_reason_is_normal (event->reason))
        return troupe_fail (self, event->reason->code, "%s", event->reason->text);
    if (event->kind == TROUPE_CHILD_STARTED)
        troupe_call (troupe_link_ref (link), TROUPE_TAG_ENDPOINT, NULL, 0, 5000, s_on_endpoint, NULL, NULL);
    return 0;
}

//  The worker listens at any port, at the address by which the others come.
static int s_on_place (troupe_actor_t *self, void *owner, const char *host)
{
    neighbourhood_t *here = owner;
    char listen [NEIGHBOURS_ENDPOINT_SIZE];
    snprintf (listen, sizeof listen, "tcp://%s:*", host);
    const troupe_child_t worker = { .id = "worker", .behavior = &neighbours_worker, .listen = listen,
                                    .args = here->name, .args_size = sizeof here->name };
    troupe_error_t error = troupe_spawn (self, &worker, s_on_worker, NULL, NULL);
    return error ? troupe_fail_error (self, error, listen) : 0;
}

static int s_tick (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    nodes_tick (state, self);
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    neighbourhood_t *here = *state_p = calloc (1, sizeof *here);
    if (!here || !(here->pool = troupe_ref (self, "pool")) || !troupe_every (self, S_TICK_MS, s_tick, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "the neighbourhood");
    const char *name = troupe_option (self, "name", "");
    if (sscanf (name, "%31[A-Za-z0-9._-]", here->name) != 1 || strcmp (here->name, name) != 0)
        return troupe_fail (self, TROUPE_EINVAL, "--name: '%.40s' is not 1 to 31 letters, digits, or . _ -", name);
    here->finder.owner = here;
    here->finder.on_place = s_on_place;
    here->finder.on_heard = nodes_hear;
    troupe_start_later (self);
    return finder_start (&here->finder, self);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    free (state);
}

const troupe_behavior_t neighbours_neighbourhood = { .name = "neighbourhood", .start = s_start, .stop = s_stop };
