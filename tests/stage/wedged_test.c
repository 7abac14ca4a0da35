/*  =========================================================================
    wedged_test.c - what a parent says of a child that hangs, in virtual time

    Place: tests/stage, of runtime/core/cell/cell_child.c and
    runtime/stage/players.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "parent.h"

//  What "a" is spawned with.
static int64_t s_wedged_ms;
static troupe_wedged_t s_wedged;

static int s_spawn (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    troupe_child_t spec = { .id = "a", .behavior = &parent_child, .wedged_ms = s_wedged_ms, .wedged = s_wedged };
    (void) state;
    (void) message;
    return (int) troupe_spawn (self, &spec, parent_on_child, NULL, &parent_link);
}

static troupe_stage_t *s_stage (int64_t wedged_ms)
{
    troupe_stage_t *stage = parent_stage ();
    s_wedged_ms = wedged_ms;
    doer_do (stage, "parent", s_spawn);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "+a a#1:started");
    return stage;
}

//  Half a minute is what a callback may take unless its spec says more: then its parent is told, once.
Test (stage_wedged, hang_is_told_once_after_its_time)
{
    troupe_stage_t *stage = s_stage (0);
    troupe_stage_hang (stage, "a", true);
    troupe_stage_advance (stage, 29999);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_advance (stage, 1);
    cr_assert_str_eq (doer_notes (), "a#1:wedged:WEDGED");
    troupe_stage_advance (stage, 300000);
    cr_assert_str_eq (doer_notes (), "");
    cr_assert (strstr (troupe_stage_log (stage), "a has been hanging for 30000 ms\n"), "%s", troupe_stage_log (stage));
    troupe_stage_destroy (&stage);
}

//  Who has been said to hang is said to go on, and may hang again.
Test (stage_wedged, going_on_is_logged)
{
    troupe_stage_t *stage = s_stage (1000);
    troupe_stage_hang (stage, "a", true);
    troupe_stage_advance (stage, 1500);
    troupe_stage_hang (stage, "a", false);
    cr_assert (strstr (troupe_stage_log (stage), "a goes on after 1500 ms\n"), "%s", troupe_stage_log (stage));
    troupe_stage_hang (stage, "a", true);
    troupe_stage_advance (stage, 1000);
    cr_assert_str_eq (doer_notes (), "a#1:wedged:WEDGED a#1:wedged:WEDGED");
    troupe_stage_destroy (&stage);
}

//  A short hang is none, and where none is too long, none is told.
Test (stage_wedged, what_is_not_too_long_is_not_told)
{
    troupe_stage_t *stage = s_stage (1000);
    troupe_stage_hang (stage, "a", true);
    troupe_stage_advance (stage, 999);
    troupe_stage_hang (stage, "a", false);
    troupe_stage_advance (stage, 10000);
    cr_assert_str_eq (doer_notes (), "");
    cr_assert_null (strstr (troupe_stage_log (stage), "goes on"));
    troupe_stage_destroy (&stage);
}

Test (stage_wedged, nothing_is_too_long_for_ever)
{
    troupe_stage_t *stage = s_stage (TROUPE_FOREVER);
    troupe_stage_hang (stage, "a", true);
    troupe_stage_advance (stage, 1000000);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  A child that is gone is watched no more.
Test (stage_wedged, child_that_is_given_up_is_not_told_again)
{
    troupe_stage_t *stage = s_stage (10000);
    troupe_stage_hang (stage, "a", true);
    doer_do (stage, "parent", parent_stop_link);
    troupe_stage_advance (stage, 60000);
    cr_assert_str_eq (doer_notes (), "a#1:wedged:WEDGED a#1:gone:KILLED");
    troupe_stage_destroy (&stage);
}

//  A program that would end says so in the trace; the stage goes on.
Test (stage_wedged, end_of_the_program_is_a_line_of_the_trace)
{
    s_wedged = TROUPE_WEDGED_EXIT;
    troupe_stage_t *stage = s_stage (1000);
    troupe_stage_hang (stage, "a", true);
    troupe_stage_advance (stage, 1000);
    cr_assert (strstr (troupe_stage_trace (stage), "1000 a is wedged: the program would end\n"));
    troupe_stage_destroy (&stage);
}

static const troupe_child_t s_users [] = { { .id = "users", .behavior = &parent_child }, { .id = NULL } };
static const troupe_supervisor_t s_root = { .children = s_users };

//  A supervisor logs it, and does nothing else about a thread. The configuration says how long is too long.
Test (stage_wedged, supervisor_only_logs_it)
{
    troupe_stage_t *stage = troupe_stage_new (PARENT_SEED);
    troupe_stage_config (stage, "children/users/wedged_ms", "200");
    cr_assert_eq (troupe_stage_spawn_child (stage, &(troupe_child_t) { .id = "root", .supervisor = &s_root }),
                  TROUPE_OK);
    troupe_stage_hang (stage, "users", true);
    troupe_stage_advance (stage, 200);
    cr_assert (strstr (troupe_stage_log (stage), "users has been hanging for 200 ms\n"), "%s",
               troupe_stage_log (stage));
    troupe_stage_hang (stage, "users", false);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_incarnation (stage, "users"), 1);
    troupe_stage_destroy (&stage);
}
