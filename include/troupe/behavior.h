/*  =========================================================================
    troupe/behavior.h - what an actor does

    Place: include/. A behavior is a constant: callbacks and no variables. The
    runtime calls them one at a time, on the actor's own thread, so that no
    callback ever needs a lock. The same behavior runs on the stage.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_BEHAVIOR_H_INCLUDED
#define TROUPE_BEHAVIOR_H_INCLUDED

#include "message.h"
#include "reason.h"

TROUPE_BEGIN_DECLS

/*  Begins an incarnation. 'args' are the bytes of the child's spec, valid for the call; *state_p, null at
    first, is handed to every later callback. Return 0; anything else, best what troupe_fail returned, is a
    failed start, and then stop is called only if *state_p was set.                                        */
typedef int (troupe_start_fn) (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);

/*  Handles one message. Return 0 to go on. Anything else ends the incarnation: the caller of this message
    gets FAILED, the state is stopped, and the parent decides whether there is a next incarnation.          */
typedef int (troupe_receive_fn) (troupe_actor_t *self, void *state, troupe_message_t *message);

/*  The parent asks the actor to end. Without this callback it ends at once. With it, it goes on until it
    calls troupe_exit, or until its time is over: finish what is in flight, take on nothing new. Return as
    from receive.                                                                                          */
typedef int (troupe_drain_fn) (troupe_actor_t *self, void *state);

/*  Ends an incarnation: free the state. Nothing can be sent from here but casts and answers. 'reason' says
    why and is valid for the call.                                                                          */
typedef void (troupe_stop_fn) (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

typedef struct troupe_behavior {
    const char *name;               //  What logs call it, and what other programs know it by
    troupe_start_fn *start;         //  May be null: no state
    troupe_receive_fn *receive;     //  May be null: a call is answered with FAILED, a cast is a dead letter
    troupe_drain_fn *drain;         //  May be null: it ends at once when it is asked to
    troupe_stop_fn *stop;           //  May be null: nothing to free
    const troupe_tag_t *tags;       //  Names of its tags; may be null
    const void *constant;           //  Constant data that belongs to the code, such as a route table
} troupe_behavior_t;

TROUPE_END_DECLS

#endif
