/*  =========================================================================
    neighbours/nodes.c - who is there, and who has gone

    Place: samples/neighbours; see neighbours.h. What the finder hears is an
    endpoint, no more: its node is there once it has said its name, and gone
    when the connection is, of which heartbeats tell. A call that waits for ever
    for a name is how a node that comes back is noticed. Who is there works for
    the pool.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include "neighbours.h"

#define S_SILENT_MS 10000       //  A beacon that is not heard for so long says nothing any more

void nodes_show (const char *word, const char *name, const char *endpoint)
{
    printf ("%-8s%-16s%s\n", word, name, endpoint);
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self, (void) ref, (void) reason;
    neighbourhood_t *here = state;
    node_t *node = context;
    node->there = false;
    nodes_show ("went", node->name, node->endpoint);
    troupe_cast (here->pool, TROUPE_POOL_DISCONNECT, node->endpoint, strlen (node->endpoint));
    finder_renew (&here->finder);
    return 0;
}

//  A name is letters, digits and what joins them: whatever else has answered is none of us.
static int s_on_name (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context)
{
    neighbourhood_t *here = state;
    node_t *node = context;
    if (outcome == TROUPE_CALL_CANCELLED)
        return 0;
    node->greeting = 0;
    if (outcome != TROUPE_CALL_OK || sscanf (troupe_message_text (reply), "%31[A-Za-z0-9._-]", node->name) != 1
        || troupe_monitor (troupe_ref (self, node->endpoint), s_on_down, node, NULL))
        return 0;
    node->there = true;
    nodes_show ("came", node->name, node->endpoint);
    troupe_cast (here->pool, TROUPE_POOL_READY, node->endpoint, strlen (node->endpoint));
    return 0;
}

static void s_greet (troupe_actor_t *self, node_t *node)
{
    troupe_ref_t *ref = troupe_ref (self, node->endpoint);
    if (ref)
        troupe_call (ref, 0, "who?", 4, TROUPE_FOREVER, s_on_name, node, &node->greeting);
}

//  The one of that endpoint; a free place for "". Null when there is none.
static node_t *s_find (neighbourhood_t *here, const char *endpoint)
{
    for (node_t *node = here->nodes; node < here->nodes + NEIGHBOURS_NODES; node++)
        if (strcmp (node->endpoint, endpoint) == 0)
            return node;
    return NULL;
}

void nodes_hear (troupe_actor_t *self, void *owner, const char *endpoint)
{
    neighbourhood_t *here = owner;
    node_t *node = s_find (here, endpoint);
    if (strcmp (endpoint, here->finder.own) == 0 || strncmp (endpoint, "tcp://", 6) != 0)
        return;
    if (!node && (node = s_find (here, "")) != NULL) {
        snprintf (node->endpoint, sizeof node->endpoint, "%s", endpoint);
        s_greet (self, node);
    }
    if (node)
        node->heard_ms = troupe_now_ms (self);
}

//  What the pool has forgotten, with a restart, it learns again.
void nodes_tick (neighbourhood_t *self, troupe_actor_t *actor)
{
    for (node_t *node = self->nodes; node < self->nodes + NEIGHBOURS_NODES; node++) {
        if (node->there)
            troupe_cast (self->pool, TROUPE_POOL_READY, node->endpoint, strlen (node->endpoint));
        else if (*node->endpoint && !self->finder.gossips && troupe_now_ms (actor) - node->heard_ms > S_SILENT_MS) {
            troupe_call_cancel (actor, node->greeting);
            *node = (node_t) { .there = false };
        }
        else if (*node->endpoint && !node->greeting)
            s_greet (actor, node);
    }
}
