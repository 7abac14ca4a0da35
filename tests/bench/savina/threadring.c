/*  =========================================================================
    savina/threadring.c - Savina's Thread Ring: a token goes round

    Place: tests/bench. Each node passes the token on, one less, until it is 0.
    Usage: threadring ACTORS HOPS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#define TOKEN 2
#define DONE 3

typedef struct {
    long actors;
    troupe_ref_t *next;
} node_t;

typedef struct {
    long hops;
    int64_t began;
    troupe_caller_t *caller;
} driver_t;

static int s_node (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    node_t *node = state;
    const long left = *(const long *) troupe_message_data (message) - 1;
    if (node->next == NULL)
        node->next = bench_instance_ref (self, "node", bench_instance (self) % node->actors + 1);
    if (left > 0)
        bench_cast (node->next, TOKEN, &left, sizeof left);
    else
        bench_cast (troupe_ref (self, "driver"), DONE, NULL, 0);
    return 0;
}

static int s_driver (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    if (troupe_message_tag (message) == DONE)
        return bench_finish (&driver->caller, driver->began);
    driver->caller = troupe_defer (self, message);
    driver->began = bench_now_ns ();
    bench_cast (troupe_ref (self, "node-1"), TOKEN, &driver->hops, sizeof driver->hops);
    return 0;
}

static const troupe_behavior_t node_behavior = BENCH_BEHAVIOR ("node", s_node);
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_driver);

int main (int argc, char **argv)
{
    const node_t node = { .actors = bench_number (argc, argv, 1, 100) };
    const driver_t driver = { .hops = bench_count (argc, argv, 2, 100000) };
    troupe_child_t children [] = {
        BENCH_CHILD ("node", node_behavior, node),
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    children [0].instances = (unsigned) node.actors;
    bench_stand (children);
    return 0;
}
