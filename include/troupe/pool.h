/*  =========================================================================
    troupe/pool.h - a balancer with a mailbox in front

    Place: include/. An actor that passes every call on to the least busy of
    its workers and its answer back, and spreads casts. Actors that can embed
    the balancer (balancer.h) save a hop by it; this one is for everybody else.

        static const troupe_pool_t pool = { .workers = "worker", .instances = 4 };
        static const troupe_behavior_t pool_behavior = TROUPE_POOL ("pool", &pool);

    Answers keep payload and tag, and failures their words. A call that finds
    the queue full, or no worker, or whose worker is lost, ends with FAILED; a
    request (request.h) is answered with a 503 problem instead. A call that may
    be done twice (troupe_call_idempotent) is given to another worker when its
    worker is lost. One that its caller gives up is taken out of the queue, or
    given up at its worker.

    Workers may be threads, processes and other machines, all at once: children
    are found by their names, wherever they run, and others may come and go.
    For other programs a pool listens where its child spec says ('listen').

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_POOL_H_INCLUDED
#define TROUPE_POOL_H_INCLUDED

#include "balancer.h"

TROUPE_BEGIN_DECLS

/*  What a pool understands besides, as casts or calls: workers that come and go by themselves, from other processes
    and machines. The payload is the worker's endpoint as text: "tcp://10.0.0.8:7000", with one host and one port, or
    "ipc:///PATH". A worker that is lost without DISCONNECT gets no work until it is back, and is forgotten after
    TROUPE_POOL_FORGET_MS without READY, which it says again and again: TROUPE_ANNOUNCER does that for it. As calls they
    are answered when done; FAILED says why not: another kind of endpoint, a pool that is ending, or more than
    TROUPE_POOL_ENDPOINTS_MAX of them, those that have gone included. Whoever may call the pool may say them: a pool
    that listens beyond this machine needs the configuration's 'security'.                                  */
enum {
    TROUPE_POOL_READY = TROUPE_TAG_RESERVED + 0x40, //  Give me work; said again it changes nothing
    TROUPE_POOL_DISCONNECT                          //  No more; what I have I finish
};

#define TROUPE_POOL_ANNOUNCE_MS 1000
#define TROUPE_POOL_FORGET_MS 10000
#define TROUPE_POOL_ENDPOINTS_MAX 10000

/*  The 'constant' of an announcer: an actor that stands beside a worker, asks it where it listens, again whenever it
    says READY for it, and tells a pool in another program. The options "pool", "worker" and "address" of the actor
    (children/NAME/pool) come before it. It starts when the worker has answered, or is not there; it fails when the
    worker listens nowhere, or at a wildcard ("tcp://0.0.0.0:7000") and no address is given. A pool that is not there is
    found when it comes. Asked to end it says DISCONNECT, and waits up to 2 s for the answer. Put it behind its worker
    among the children, so that it ends first.                                                             */
typedef struct troupe_announcer {
    const char *pool;           //  The pool's address: "tcp://10.0.0.1:7000"
    const char *worker;         //  The worker's name; its spec says where it listens (child.h)
    const char *address;        //  What to announce instead of that: "tcp://10.0.0.8:7000"; a port "*" stands for the
                                //  one that the worker listens at; null: what the worker says
} troupe_announcer_t;

//  Callbacks of the behavior, for the macro below.
TROUPE_API int troupe_announcer_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_announcer_drain (troupe_actor_t *self, void *state);
TROUPE_API void troupe_announcer_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_ANNOUNCER(NAME, SPEC) { .name = (NAME), .start = troupe_announcer_start, \
    .drain = troupe_announcer_drain, .stop = troupe_announcer_stop, .constant = (SPEC) }

//  The 'constant' of the behavior; zeros mean the defaults. The options "workers", "instances", "window" and
//  "queue_limit" of the actor (children/NAME/window) come before it.
typedef struct troupe_pool {
    const char *workers;        //  The id of the child whose instances are the workers, or an address without "-1";
                                //  null: only those that say READY
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
