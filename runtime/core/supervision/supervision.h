/*  =========================================================================
    supervision.h - what a supervisor decides: events in, actions out

    Place: runtime/core. The supervisor actor (actors/supervisor) is a thin
    shell around this: it tells what has happened to its children and does
    what it is told to do. No clock, no chance, no I/O: times and random bits
    come in with the events. The meanings are those of OTP's supervisor.

    A child is a number here. Its states:

        STOPPED --SPAWN--> STARTING --started--> RUNNING
           ^                  ^  \                  |
           |               RESTART \--ended--\   ended by itself: to be started again?
           |                  |               v     v
           |                HELD <------- WAITING (backoff)  no: STOP
           |                  ^                              |
           |                  +--ended-- HALTING (to be started again with others)
           +-----------gone------------------------- STOPPING

    Everything that concerns more than one child is an operation on a range of
    them, one at a time: HALT (in reverse order), then START (in order); or
    END, which stops all in reverse order (simple_one_for_one: all at once),
    and then the supervisor itself.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_SUPERVISION_H_INCLUDED
#define TROUPE_CORE_SUPERVISION_H_INCLUDED

#include "core/supervision/restart.h"

typedef enum {
    TROUPE_SUPERVISED_STOPPED = 0,
    TROUPE_SUPERVISED_STARTING,
    TROUPE_SUPERVISED_RUNNING,
    TROUPE_SUPERVISED_HALTING,      //  Told to end its incarnation, and to wait
    TROUPE_SUPERVISED_HELD,         //  Ended, waits for a word
    TROUPE_SUPERVISED_WAITING,      //  The same until its backoff is over
    TROUPE_SUPERVISED_STOPPING      //  Told to end for good
} troupe_supervised_state_t;

typedef enum {
    TROUPE_SUPERVISION_BEGIN,       //  Start the children, in order
    TROUPE_SUPERVISION_CHILD_STARTED,
    TROUPE_SUPERVISION_CHILD_ENDED, //  Its incarnation is over, or did not begin: 'reason'
    TROUPE_SUPERVISION_CHILD_GONE,  //  For good; also for a spawn that failed at once
    TROUPE_SUPERVISION_BACKOFF_OVER,
    TROUPE_SUPERVISION_START_CHILD, //  By request: a failure of this start is not tried again
    TROUPE_SUPERVISION_STOP_CHILD,  //  By request
    TROUPE_SUPERVISION_END          //  The supervisor's parent wants it to end
} troupe_supervision_event_kind_t;

typedef struct troupe_supervision_event {
    troupe_supervision_event_kind_t kind;
    size_t child;                   //  CHILD_..., BACKOFF_OVER, ..._CHILD
    const troupe_reason_t *reason;  //  CHILD_ENDED, CHILD_GONE: valid for the call
    int64_t now_ms;                 //  CHILD_ENDED, CHILD_GONE
    uint64_t random;                //  The same: 64 random bits, for jitter
} troupe_supervision_event_t;

typedef enum {
    TROUPE_SUPERVISION_SPAWN,       //  Spawn the child
    TROUPE_SUPERVISION_RESTART,     //  troupe_link_restart
    TROUPE_SUPERVISION_HALT,        //  troupe_link_halt
    TROUPE_SUPERVISION_STOP,        //  troupe_link_stop
    TROUPE_SUPERVISION_ARM,         //  BACKOFF_OVER is due in 'delay_ms'
    TROUPE_SUPERVISION_DISARM,      //  It is not wanted any more
    TROUPE_SUPERVISION_FORGET,      //  The dynamic child is no more; its number will be used again
    TROUPE_SUPERVISION_STARTED,     //  All children have started for the first time
    TROUPE_SUPERVISION_FAIL,        //  All have been stopped: fail, of 'reason_kind' and because of 'cause'
    TROUPE_SUPERVISION_EXIT         //  All have been stopped: end normally
} troupe_supervision_action_kind_t;

typedef struct troupe_supervision_action {
    troupe_supervision_action_kind_t kind;
    size_t child;                   //  Up to FORGET
    int64_t delay_ms;               //  ARM
    troupe_reason_kind_t reason_kind;   //  FAIL: START_FAILED or INTENSITY
    const troupe_reason_t *cause;       //  FAIL: the last child's reason, or null when memory was out; lives as long
                                        //  as the supervision
} troupe_supervision_action_t;

typedef struct troupe_supervised troupe_supervised_t;

//  What a supervision does with a range of children.
typedef enum {
    TROUPE_SUPERVISION_IDLE = 0,
    TROUPE_SUPERVISION_HALTING,
    TROUPE_SUPERVISION_STARTING,
    TROUPE_SUPERVISION_ENDING,
    TROUPE_SUPERVISION_ENDED
} troupe_supervision_operation_t;

#define TROUPE_SUPERVISION_PENDING 8

typedef struct troupe_supervision {
    troupe_strategy_t strategy;
    troupe_auto_shutdown_t auto_shutdown;
    troupe_restart_window_t window;
    troupe_supervised_t *children;
    size_t count, capacity;
    size_t free_child;              //  Dynamic ones, a list: number plus 1
    size_t linked;                  //  Children that are somewhere between SPAWN and GONE
    size_t significant;             //  Significant children that are meant to run
    troupe_supervision_operation_t operation;
    size_t from;                    //  HALTING, STARTING: the range is from here to the end
    size_t cursor;                  //  HALTING, ENDING: the last one left is below; STARTING: the next one
    size_t trigger;                 //  HALTING: whose failure it is, and whose backoff is waited for
    bool initial;                   //  The first start is not complete
    bool fails;                     //  ENDING: with a failure
    troupe_reason_kind_t reason_kind;
    troupe_reason_t *cause;
    troupe_supervision_action_t pending [TROUPE_SUPERVISION_PENDING];
    size_t pending_first, pending_count;
} troupe_supervision_t;

//  Makes a supervision without children for that spec, whose list of children is not looked at. Holds no memory yet.
void troupe_supervision_init (troupe_supervision_t *self, const troupe_supervisor_t *spec);

//  Frees what it holds. May be repeated.
void troupe_supervision_clear (troupe_supervision_t *self);

#define TROUPE_SUPERVISION_NO_CHILD SIZE_MAX

//  Adds a child, STOPPED, and returns its number: the next one, in order, or for dynamic ones one that was forgotten.
//  It is started by BEGIN, or START_CHILD. NO_CHILD when memory is out. 'spec' must outlive the supervision.
size_t troupe_supervision_add (troupe_supervision_t *self, const troupe_child_t *spec);

//  Tells what has happened. False when a request (START_CHILD, STOP_CHILD) does not fit the child's state.
//  Take all actions after each event.
bool troupe_supervision_handle (troupe_supervision_t *self, const troupe_supervision_event_t *event);

/*  The next thing to do; false when there is none until the next event. Costs O(1), but for operations, which cost as
    much as the children they go through. Events may be handled between two actions.                       */
bool troupe_supervision_next (troupe_supervision_t *self, troupe_supervision_action_t *action);

troupe_supervised_state_t troupe_supervision_state (const troupe_supervision_t *self, size_t child);

//  True once the supervisor is stopping its children to end itself.
bool troupe_supervision_is_ending (const troupe_supervision_t *self);

#endif
