/*  =========================================================================
    troupe/supervisor.h - starting, restarting and stopping children

    Place: include/. A supervisor is an actor like any other; what it does is
    OTP's supervisor behaviour. Children start in order, each when the one
    before it has started, and stop in reverse order. The supervisor's own
    loop never waits for a slow child.

    The configuration overrides what a spec says: children/ID/instances,
    endpoint, listen (with its scheme; other texts are the behavior's own),
    wedged_ms (or "never") and wedged ("report" or "exit"); of one instance,
    children/ID-N/KEY. What makes no sense there fails the start, in words.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_SUPERVISOR_H_INCLUDED
#define TROUPE_SUPERVISOR_H_INCLUDED

#include "child.h"

TROUPE_BEGIN_DECLS

typedef enum {
    TROUPE_ONE_FOR_ONE = 0,     //  Restart the child that ended
    TROUPE_ONE_FOR_ALL,         //  Stop all the others, then restart all
    TROUPE_REST_FOR_ONE,        //  Stop those started after it, then restart it and them
    TROUPE_SIMPLE_ONE_FOR_ONE   //  Children come at run time, all from the first spec
} troupe_strategy_t;

typedef enum {
    TROUPE_AUTO_SHUTDOWN_NEVER = 0,
    TROUPE_AUTO_SHUTDOWN_ANY,   //  End when any significant child has ended by itself
    TROUPE_AUTO_SHUTDOWN_ALL    //  End when the last significant child has
} troupe_auto_shutdown_t;

//  Constant data; zeros mean the defaults.
typedef struct troupe_supervisor {
    troupe_strategy_t strategy;
    unsigned intensity;             //  So many restarts within 'period_ms' are borne: 1
    int64_t period_ms;              //  5,000
    troupe_auto_shutdown_t auto_shutdown;
    const troupe_child_t *children; //  Ends with one whose id is null; may be null
} troupe_supervisor_t;

//  Bears no restart at all; as 0 means the default.
#define TROUPE_INTENSITY_NONE UINT32_MAX

//  The behavior that every supervisor runs. Specs that name children in 'supervisor' get it by themselves.
TROUPE_API extern const troupe_behavior_t troupe_supervisor_behavior;

/*  What a supervisor understands, as calls. Ids are text, of an instance "ID-1". The answer comes when it is done; what
    cannot be done is answered with FAILED and why, and changes nothing: a start that fails is not tried again. Later,
    one_for_all and rest_for_one start again whatever stands in their range, also what was stopped here, but temporary
    children (as OTP does).                                                                                 */
enum {
    TROUPE_SUPERVISOR_START_CHILD = TROUPE_TAG_RESERVED + 0x10, //  simple_one_for_one: the payload is the new child's
                                                                //  args (none: the spec's); the answer is its id
    TROUPE_SUPERVISOR_STOP_CHILD,       //  Stops the child of that id; its spec stays (a dynamic child is forgotten)
    TROUPE_SUPERVISOR_RESTART_CHILD,    //  Starts the stopped child of that id
    TROUPE_SUPERVISOR_LIST              //  Answers a line a child: "ID INCARNATION running|stopped|starting|restarting"
};

TROUPE_END_DECLS

#endif
