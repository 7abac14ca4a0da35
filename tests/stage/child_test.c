/*  =========================================================================
    child_test.c - spawning by hand: starts, events and their order

    Place: tests/stage, of runtime/core/cell/cell_child.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "parent.h"
#include "stage/world.h"

static int s_start_failing (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    return troupe_fail (self, 4, "cannot");
}

static int s_on_ready (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    troupe_started (self);
    return 0;
}

static int s_start_slowly (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_start_later (self);
    troupe_after (self, 100, s_on_ready, NULL);
    return 0;
}

static int s_on_not_ready (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    return troupe_fail (self, 6, "not ready");
}

static int s_start_slowly_failing (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_start_later (self);
    troupe_after (self, 100, s_on_not_ready, NULL);
    return 0;
}

static const troupe_behavior_t s_failing = { .name = "failing", .start = s_start_failing, .stop = parent_child_stop };
static const troupe_behavior_t s_slow = { .name = "slow", .start = s_start_slowly, .receive = parent_child_receive };
static const troupe_behavior_t s_slow_failing = { .name = "slow", .start = s_start_slowly_failing };

PARENT_SPAWNER (s_spawn_failing, "f", &s_failing)
PARENT_SPAWNER (s_spawn_slow, "s", &s_slow)
PARENT_SPAWNER (s_spawn_slow_failing, "s", &s_slow_failing)
PARENT_SPAWNER (s_spawn_doer, "x", &doer)

static int s_spawn_with_args (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    char args [] = "-args";
    troupe_child_t spec = { .id = "a", .behavior = &parent_child, .args = args, .args_size = 5 };
    cr_assert_eq (troupe_spawn (self, &spec, parent_on_child, NULL, &parent_link), TROUPE_OK);
    memset (args, 'x', sizeof args);
    return 0;
}

static int s_spawn_nameless (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_child_t spec = { .id = "secret", .behavior = &parent_child, .endpoint = "" };
    cr_assert_eq (troupe_spawn (self, &spec, parent_on_child, NULL, &parent_link), TROUPE_OK);
    return 0;
}

//  --- Facts

//  STARTED never comes from within troupe_spawn, which the caller could not follow.
Test (child, spawn_is_followed_by_started)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", parent_spawn_a);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started");
    cr_assert_str_eq (troupe_stage_call (stage, "a", ""), "here");
    troupe_stage_destroy (&stage);
    cr_assert_str_eq (doer_notes (), "-a", "a child never outlives its parent");
}

//  Sharing nothing is true by construction.
Test (child, args_are_copied)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_with_args);
    cr_assert_str_eq (doer_notes (), "+a-args a#1:started");
    troupe_stage_destroy (&stage);
}

//  A failed start is an end with its reason; the link waits for a word.
Test (child, failed_start_is_an_end)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_failing);
    cr_assert_str_eq (doer_notes (), "spawned f#1:ended:START_FAILED");
    cr_assert_eq (troupe_stage_reason (stage, "f")->code, 4);
    doer_do (stage, "parent", parent_restart_link);
    cr_assert_str_eq (doer_notes (), "f#2:ended:START_FAILED");
    doer_do (stage, "parent", parent_stop_link);
    cr_assert_str_eq (doer_notes (), "f#2:gone:START_FAILED");
    troupe_stage_destroy (&stage);
}

//  Two actors of one name would take each other's mail.
Test (child, taken_name_is_a_failed_start)
{
    troupe_stage_t *stage = parent_stage ();
    doer_new (stage, "a");
    doer_do (stage, "parent", parent_spawn_a);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "a#1:ended:START_FAILED"), "%s", notes);
    cr_assert_null (strstr (notes, "started"));
    doer_do (stage, "parent", parent_stop_link);
    cr_assert_not_null (strstr (doer_notes (), "a#1:gone:START_FAILED"));
    troupe_stage_destroy (&stage);
}

//  The name is free at GONE, and can be used again.
Test (child, name_is_free_after_gone)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", parent_spawn_a);
    doer_do (stage, "parent", parent_stop_link);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started -a a#1:ended:SHUTDOWN a#1:gone:SHUTDOWN");
    cr_assert_str_eq (troupe_stage_call (stage, "a", ""), "[NO_SUCH_ACTOR]");
    doer_do (stage, "parent", parent_spawn_a);
    cr_assert_str_eq (troupe_stage_call (stage, "a", ""), "here");
    troupe_stage_destroy (&stage);
}

//  Without a name only its parent reaches it.
Test (child, nameless_child_is_reached_by_its_link)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_nameless);
    doer_notes ();
    cr_assert_str_eq (troupe_stage_call (stage, "secret", ""), "[NO_SUCH_ACTOR]");
    doer_do (stage, "parent", parent_call_link);
    cr_assert_str_eq (doer_notes (), "OK:here");
    troupe_stage_destroy (&stage);
}

//  A start that needs others' answers does not block its thread: mail waits meanwhile.
Test (child, start_later_is_started_when_it_says_so)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_slow);
    troupe_stage_advance (stage, 50);
    cr_assert_str_eq (doer_notes (), "spawned");
    troupe_call (troupe_ref (troupe_stage_guest (stage), "s"), 0, "", 0, 1000, doer_on_reply, NULL, NULL);
    troupe_stage_advance (stage, 49);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_advance (stage, 1);
    const char *notes = doer_notes ();
    cr_assert (strcmp (notes, "s#1:started OK:here") == 0 || strcmp (notes, "OK:here s#1:started") == 0, "%s", notes);
    troupe_stage_destroy (&stage);
}

//  Failing before that is a failed start, whatever callback it was in.
Test (child, start_later_may_fail)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_slow_failing);
    troupe_stage_advance (stage, 100);
    cr_assert_str_eq (doer_notes (), "spawned s#1:ended:START_FAILED");
    troupe_stage_destroy (&stage);
}

static int s_beat (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("beat");
    return 0;
}

static int s_start_beating (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_every (self, 10, s_beat, NULL);
    return 0;
}

static const troupe_behavior_t s_beating = { .name = "beating", .start = s_start_beating };
PARENT_SPAWNER (s_spawn_beating, "a", &s_beating)

//  It was reported as ended: then it must not go on working, unseen.
Test (child, taken_name_does_not_go_on_working)
{
    troupe_stage_t *stage = parent_stage ();
    doer_new (stage, "a");
    doer_do (stage, "parent", s_spawn_beating);
    troupe_stage_advance (stage, 100);
    cr_assert_str_eq (doer_notes (), "spawned a#1:ended:START_FAILED");
    troupe_stage_destroy (&stage);
}

//  Out of threads is an error of spawn's, and nothing is left behind.
Test (child, spawn_that_fails_starts_nothing)
{
    troupe_stage_t *stage = parent_stage ();
    troupe_stage_fail_spawn (stage, 1, TROUPE_ETHREAD);
    doer_do (stage, "parent", parent_spawn_a);
    cr_assert_str_eq (doer_notes (), "TROUPE_ETHREAD");
    doer_do (stage, "parent", parent_spawn_a);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started");
    troupe_stage_destroy (&stage);
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 5, "broken");
}

//  Events of one child come in the order of its life.
Test (child, events_follow_the_life_of_a_child)
{
    troupe_stage_t *stage = parent_stage ();
    parent_restarts = true;
    doer_do (stage, "parent", s_spawn_doer);
    doer_do (stage, "x", s_fail);
    parent_restarts = false;
    doer_do (stage, "x", parent_exit);
    cr_assert_str_eq (doer_notes (), "spawned x#1:started x#1:ended:FAILED x#2:started x#2:ended:NORMAL");
    doer_do (stage, "parent", parent_stop_link);
    cr_assert_str_eq (doer_notes (), "x#2:gone:NORMAL");
    troupe_stage_destroy (&stage);
}

static int s_call_and_stop_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    parent_call_link (self, state, message);
    return parent_stop_link (self, state, message);
}

//  A parent that has a child for each job, and talks to it by its link, must not keep a way to every one that ever was.
Test (child, refs_of_links_go_with_them)
{
    troupe_stage_t *stage = parent_stage ();
    for (int count = 0; count < 10; count++) {
        doer_do (stage, "parent", s_spawn_nameless);
        doer_do (stage, "parent", parent_call_link);
        doer_do (stage, "parent", s_call_and_stop_link);
        doer_notes ();
    }
    troupe_stage_advance (stage, 200);
    cr_assert_null (troupe_stage_find (stage, "parent")->cell.refs);
    troupe_stage_destroy (&stage);
}
