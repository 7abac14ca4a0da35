/*  =========================================================================
    troupe/balancer.h - one call to whichever of many workers is least busy

    Place: include/. A component that an actor embeds, so that there is no
    hop between it and the workers. Each worker has a window of calls it may
    have in flight; the least busy one gets the next call, and equals take
    turns. When all windows are full, calls wait in a bounded queue, in order,
    and their deadlines run on. A worker gets work once it has answered a ping.
    One that fails gets nothing until its next incarnation is up; what it had
    taken ends with FAILED, what was queued here goes to others, or waits for
    it. One in another process that is lost (it crashed, or the connection is
    gone) gets nothing until it is back; what it had taken ends with DOWN. One
    that answers neither its calls nor a ping for three heartbeats of 1 s gets
    nothing until it answers. Only for callbacks of the actor that made it;
    nothing blocks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_BALANCER_H_INCLUDED
#define TROUPE_BALANCER_H_INCLUDED

#include "ref.h"

TROUPE_BEGIN_DECLS

typedef struct troupe_balancer troupe_balancer_t;

//  Zeros mean the defaults.
typedef struct troupe_balancer_options {
    uint32_t window;        //  Calls that one worker may have in flight: 64
    uint32_t queue_limit;   //  Calls that may wait here when no worker has room: 1,024
} troupe_balancer_options_t;

//  Makes a balancer without workers, which the caller owns. 'options', copied, may be null. Null when memory is out.
TROUPE_API troupe_balancer_t *troupe_balancer_new (troupe_actor_t *self, const troupe_balancer_options_t *options);

//  Frees it and nulls the pointer; does nothing with a null one. Only from the actor's stop (calls in flight would
//  find it gone), or when nothing is in flight or queued.
TROUPE_API void troupe_balancer_destroy (troupe_balancer_t **balancer_p);

//  Adds a worker; one that was removed comes back. Nobody need be there yet. TROUPE_EINVAL: a null ref;
//  TROUPE_EADDRINUSE: it has been added before; TROUPE_ENOMEM: not added.
TROUPE_API troupe_error_t troupe_balancer_add (troupe_balancer_t *balancer, troupe_ref_t *worker);

//  Adds the instances of a child (child.h): PREFIX-1 to PREFIX-n, or PREFIX itself when 'instances' is 0 or 1. On an
//  error, as above, those before it have been added.
TROUPE_API troupe_error_t troupe_balancer_add_instances (troupe_balancer_t *balancer, const char *prefix,
                                                         unsigned instances);

//  Gives a worker no more; what it has in flight ends as it ends. TROUPE_ENOENT: no such worker.
TROUPE_API troupe_error_t troupe_balancer_remove (troupe_balancer_t *balancer, troupe_ref_t *worker);

/*  Calls one of the workers, as troupe_call does, with a copy of 'size' bytes. 'on_reply' is called exactly once, never
    from within this function, unless this incarnation ends first: also with TIMEOUT for a call that waited here too
    long. *call_p, if not null, is set to a handle for troupe_balancer_cancel (only for that).
      TROUPE_EFULL    every window is full, and so is the queue: shed it, or try later
      TROUPE_ENOENT   there are no workers at all
      TROUPE_ENOMEM, TROUPE_EINVAL   as for troupe_call
    On an error no call was begun.                                                                              */
TROUPE_API troupe_error_t troupe_balancer_call (troupe_balancer_t *balancer, uint16_t tag, const void *data,
                                                size_t size, int64_t timeout_ms, troupe_reply_fn *on_reply,
                                                void *context, troupe_call_t *call_p);

/*  The same for work that may be done twice: when the worker that has it is lost (DOWN), it is given once more to
    another that is up, or to the next that is, within its deadline; lost again it ends with DOWN. A worker that failed
    has done its part: that is FAILED, at once. Keeps a copy of the payload.                                  */
TROUPE_API troupe_error_t troupe_balancer_call_idempotent (troupe_balancer_t *balancer, uint16_t tag, const void *data,
                                                           size_t size, int64_t timeout_ms, troupe_reply_fn *on_reply,
                                                           void *context, troupe_call_t *call_p);

//  The same with a message of your own, which is taken over on TROUPE_OK and still yours on an error.
TROUPE_API troupe_error_t troupe_balancer_call_message (troupe_balancer_t *balancer, troupe_message_t **message_p,
                                                        int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                                        troupe_call_t *call_p);

//  Gives a call up: 'on_reply' gets CANCELLED in a later turn. False when the call has ended already.
TROUPE_API bool troupe_balancer_cancel (troupe_balancer_t *balancer, troupe_call_t call);

//  Sends without an answer to the least busy worker that is up, or to the next in turn when none is: its mail is kept.
//  Errors as for troupe_cast; TROUPE_ENOENT: there are no workers.
TROUPE_API troupe_error_t troupe_balancer_cast (troupe_balancer_t *balancer, uint16_t tag, const void *data,
                                                size_t size);

//  How it stands, and what it has done since it was made.
typedef struct troupe_balancer_stats {
    size_t workers;             //  Added and not removed
    size_t workers_up;          //  Of these, so many get work
    size_t outstanding;         //  Calls in flight
    size_t queued;              //  Calls waiting here
    size_t queued_high;         //  The most that have ever waited
    uint64_t calls;             //  Taken on in all
    uint64_t refused;           //  Refused with TROUPE_EFULL
    uint64_t expired;           //  Ended with TIMEOUT while they waited here
    uint64_t restarts;          //  How often a worker was seen going down
    uint64_t repeated;          //  Idempotent calls that were given to a worker once more
} troupe_balancer_stats_t;

//  Fills in the counters. Does not block.
TROUPE_API void troupe_balancer_stats (const troupe_balancer_t *balancer, troupe_balancer_stats_t *stats);

//  The same for one worker.
typedef struct troupe_balancer_worker_stats {
    bool up;                    //  It gets work
    size_t outstanding;         //  Calls in flight
    size_t outstanding_high;    //  The most there have ever been
    uint64_t calls;             //  Given to it in all
    uint64_t failures;          //  Of these, so many ended with FAILED or DOWN
    uint64_t restarts;          //  How often it was seen going down
} troupe_balancer_worker_stats_t;

//  Fills in a worker's counters. TROUPE_ENOENT: no such worker.
TROUPE_API troupe_error_t troupe_balancer_worker_stats (const troupe_balancer_t *balancer, const troupe_ref_t *worker,
                                                        troupe_balancer_worker_stats_t *stats);

TROUPE_END_DECLS

#endif
