/*  =========================================================================
    troupe/pool.h - a balancer with a mailbox in front

    Place: include/. An actor that passes every call on to the least busy of
    its workers and its answer back, and spreads casts. Actors that can embed
    the balancer (balancer.h) save a hop by it; this one is for everybody else.

        static const troupe_pool_t pool = { .workers = "worker", .instances = 4 };
        static const troupe_behavior_t pool_behavior = TROUPE_POOL ("pool", &pool);

    Answers keep payload and tag, and failures their words. A call that finds
    the queue full, or no worker, ends with FAILED; a request (request.h) is
    answered with a 503 problem instead.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_POOL_H_INCLUDED
#define TROUPE_POOL_H_INCLUDED

#include "balancer.h"

TROUPE_BEGIN_DECLS

//  The 'constant' of the behavior; zeros mean the defaults. The options "workers", "instances", "window" and
//  "queue_limit" of the actor (children/NAME/window) come before it.
typedef struct troupe_pool {
    const char *workers;        //  The id of the child whose instances are the workers, or an address without "-1"
    unsigned instances;         //  How many; 0: as children/WORKERS/instances says, or 1
    uint32_t window;            //  As in balancer.h
    uint32_t queue_limit;
} troupe_pool_t;

//  Callbacks of the behavior, for the macro below.
TROUPE_API int troupe_pool_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_pool_receive (troupe_actor_t *self, void *state, troupe_message_t *message);
TROUPE_API int troupe_pool_drain (troupe_actor_t *self, void *state);
TROUPE_API void troupe_pool_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_POOL(NAME, SPEC) { .name = (NAME), .start = troupe_pool_start, .receive = troupe_pool_receive, \
    .drain = troupe_pool_drain, .stop = troupe_pool_stop, .constant = (SPEC) }

TROUPE_END_DECLS

#endif
