/*  =========================================================================
    parent.h - a parent that spawns children by hand, and what it says to them

    Place: tests/stage, on top of doer.h: a doer called "parent". What happens to its
    children is noted, as "a#1:started" or "a#1:ended:FAILED".

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_PARENT_H_INCLUDED
#define TROUPE_TESTS_PARENT_H_INCLUDED

#include "doer.h"

#define PARENT_SEED 19

//  The child that was spawned last; whether children that end are restarted.
extern troupe_link_t *parent_link;
extern bool parent_restarts;

//  A child that notes its start, "+a", and its stop, "-a", and answers with "here"; its callbacks.
extern const troupe_behavior_t parent_child;
troupe_start_fn parent_child_start;
troupe_receive_fn parent_child_receive;
troupe_stop_fn parent_child_stop;

//  A stage with the parent alone.
troupe_stage_t *parent_stage (void);

//  Notes what happens to a child.
troupe_child_fn parent_on_child;

//  Spawns a child, and notes "spawned" or the error.
void parent_spawn (troupe_actor_t *self, const char *id, const troupe_behavior_t *behavior);

//  Defines what a doer does who spawns that child.
#define PARENT_SPAWNER(name, id, behavior) \
    static int name (troupe_actor_t *self, void *state, troupe_message_t *message) \
    { \
        (void) state; \
        (void) message; \
        parent_spawn (self, id, behavior); \
        return 0; \
    }

//  What the parent can be told to do: with a child called "a", with the last one, or with itself.
doer_fn parent_spawn_a;
doer_fn parent_call_link;
doer_fn parent_stop_link;
doer_fn parent_halt_link;
doer_fn parent_kill_link;
doer_fn parent_restart_link;
doer_fn parent_exit;

#endif
