/*  =========================================================================
    supervisor_test.c - the supervisor on the stage: starts, restarts, ends

    Place: tests/stage, of actors/supervisor. What it decides is tested as
    golden traces in tests/unit; here it does so with real children.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "supervised.h"

#define SEEDS 12

#define CHILD(ID) { .id = ID, .behavior = &supervised_worker }

static const troupe_child_t s_three [] = { CHILD ("a"), CHILD ("b"), CHILD ("c"), { .id = NULL } };
static const troupe_supervisor_t s_plain = { .children = s_three };

static void s_assert_story (troupe_stage_t *stage, const char *expected)
{
    cr_assert_str_eq (supervised_story (), expected, "expected: %s\n%s", expected, troupe_stage_trace (stage));
}

//  --------------------------------------------------------------------------
//  Start and end

//  Whatever the order in which the stage takes turns.
Test (supervisor, children_start_in_order_and_stop_in_reverse)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        troupe_stage_t *stage = supervised_stage (seed, &s_plain);
        s_assert_story (stage, "+a +b +c");
        cr_assert_eq (troupe_stage_stop (stage, "root"), TROUPE_OK);
        s_assert_story (stage, "-c -b -a");
        troupe_stage_destroy (&stage);
    }
}

//  troupe_start returns once everything runs, or with what went wrong; nothing is left behind then.
Test (supervisor, failed_start_stops_what_has_started_and_says_why)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_child_t root = { .id = "root", .supervisor = &s_plain };
    supervised_story ();
    troupe_stage_fail_start (stage, "b", 1);
    cr_assert_neq (troupe_stage_spawn_child (stage, &root), TROUPE_OK);
    const troupe_reason_t *reason = troupe_stage_reason (stage, "root");
    cr_assert_eq (reason->kind, TROUPE_REASON_START_FAILED, "%s", troupe_stage_trace (stage));
    cr_assert_str_eq (reason->cause->actor, "b");
    s_assert_story (stage, "+a -a");
    troupe_stage_destroy (&stage);
}

//  The system has no more to give: an error like any other, with its code.
Test (supervisor, refused_spawn_is_a_failed_start)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_child_t root = { .id = "root", .supervisor = &s_plain };
    supervised_story ();
    troupe_stage_fail_spawn (stage, 4, TROUPE_EFILES);
    cr_assert_neq (troupe_stage_spawn_child (stage, &root), TROUPE_OK);
    const troupe_reason_t *reason = troupe_stage_reason (stage, "root");
    cr_assert_eq (reason->cause->code, TROUPE_EFILES, "%s", troupe_stage_trace (stage));
    cr_assert_str_eq (reason->cause->actor, "c");
    s_assert_story (stage, "+a +b -b -a");
    troupe_stage_destroy (&stage);
}

//  A child that is past its time is given up, and the others are stopped all the same.
Test (supervisor, wedged_child_does_not_hold_up_the_end)
{
    troupe_stage_t *stage = supervised_stage (1, &s_plain);
    supervised_story ();
    troupe_stage_hang (stage, "b", true);
    cr_assert_eq (troupe_stage_stop (stage, "root"), TROUPE_OK);
    s_assert_story (stage, "-c -a");
    cr_assert_geq (troupe_stage_now_ms (stage), 5000);
    troupe_stage_hang (stage, "b", false);
    troupe_stage_destroy (&stage);
}

//  Two children of one name could not be told apart.
Test (supervisor, two_children_of_one_id_do_not_start)
{
    static const troupe_child_t children [] = { CHILD ("a"), CHILD ("a"), { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children };
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_child_t root = { .id = "root", .supervisor = &spec };
    cr_assert_neq (troupe_stage_spawn_child (stage, &root), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_reason (stage, "root")->text, "two children are called a");
    troupe_stage_destroy (&stage);
}

//  What somebody else runs is only an address.
Test (supervisor, child_without_behavior_is_not_ours_to_start)
{
    static const troupe_child_t children [] = {
        CHILD ("a"), { .id = "billing", .endpoint = "tcp://10.0.0.7:5560" }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children };
    troupe_stage_t *stage = supervised_stage (1, &spec);
    s_assert_story (stage, "+a");
    troupe_stage_destroy (&stage);
}

//  --------------------------------------------------------------------------
//  Restarts

//  The reason to have supervisors.
Test (supervisor, failed_child_comes_back_and_nobody_else_notices)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        troupe_stage_t *stage = supervised_stage (seed, &s_plain);
        supervised_story ();
        supervised_tell (stage, "b", "fail");
        s_assert_story (stage, "-b +b");
        cr_assert_eq (troupe_stage_incarnation (stage, "b"), 2);
        cr_assert_str_eq (troupe_stage_call (stage, "b", "name"), "b");
        troupe_stage_destroy (&stage);
    }
}

//  A ref stays good, and queued mail survives: also that of siblings which go down with the one that failed.
Test (supervisor, mail_survives_one_for_all)
{
    static const troupe_supervisor_t spec = { .strategy = TROUPE_ONE_FOR_ALL, .children = s_three };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        troupe_stage_t *stage = supervised_stage (seed, &spec);
        supervised_story ();
        cr_assert_eq (troupe_stage_cast (stage, "a", 0, "fail", 4), TROUPE_OK);
        for (int note = 0; note < 30; note++)
            cr_assert_eq (troupe_stage_cast (stage, note % 2 ? "c" : "a", 0, "note", 4), TROUPE_OK);
        troupe_stage_run (stage);
        s_assert_story (stage, "-a -c -b +a +b +c");
        cr_assert_eq (supervised_notes (), 30, "seed %lu\n%s", (unsigned long) seed, troupe_stage_trace (stage));
        troupe_stage_destroy (&stage);
    }
}

//  Only those that may depend on it go down with it.
Test (supervisor, rest_for_one_takes_the_later_ones_along)
{
    static const troupe_supervisor_t spec = { .strategy = TROUPE_REST_FOR_ONE, .children = s_three };
    troupe_stage_t *stage = supervised_stage (1, &spec);
    supervised_story ();
    supervised_tell (stage, "b", "fail");
    s_assert_story (stage, "-b -c +b +c");
    cr_assert_eq (troupe_stage_incarnation (stage, "a"), 1);
    troupe_stage_destroy (&stage);
}

//  Work that is done is done; a temporary child's failure is nobody's concern.
Test (supervisor, restart_types_decide)
{
    static const troupe_child_t children [] = {
        { .id = "a", .behavior = &supervised_worker, .restart = TROUPE_TRANSIENT },
        { .id = "b", .behavior = &supervised_worker, .restart = TROUPE_TEMPORARY }, CHILD ("c"), { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children };
    troupe_stage_t *stage = supervised_stage (1, &spec);
    supervised_story ();
    supervised_tell (stage, "a", "exit");
    supervised_tell (stage, "b", "fail");
    supervised_tell (stage, "c", "exit");
    s_assert_story (stage, "-a -b -c +c");
    troupe_stage_destroy (&stage);
}

//  Restarting does not cure everything: more than one failure in five seconds is the parent's problem.
Test (supervisor, second_failure_in_window_escalates_with_its_cause)
{
    troupe_stage_t *stage = supervised_stage (1, &s_plain);
    supervised_story ();
    supervised_tell (stage, "b", "fail");
    troupe_stage_advance (stage, 5000);
    supervised_tell (stage, "c", "fail");
    s_assert_story (stage, "-b +b -c -b -a");
    char text [512];
    const troupe_reason_t *reason = troupe_stage_reason (stage, "root");
    cr_assert_str_eq (troupe_reason_print (reason, text, sizeof text),
        "root#1 INTENSITY: more than 1 restarts in 5000 ms, because c#1 FAILED (5): told to");
    troupe_stage_destroy (&stage);
}

//  And one that comes later is not.
Test (supervisor, failures_further_apart_are_borne)
{
    troupe_stage_t *stage = supervised_stage (1, &s_plain);
    for (unsigned life = 2; life < 6; life++) {
        supervised_tell (stage, "b", "fail");
        cr_assert_eq (troupe_stage_incarnation (stage, "b"), life);
        troupe_stage_advance (stage, 5001);
    }
    troupe_stage_destroy (&stage);
}

//  A whole subtree is a child like any other: it comes back with all its children.
Test (supervisor, nested_supervisor_is_restarted_with_its_children)
{
    static const troupe_supervisor_t inner = { .children = s_three, .intensity = TROUPE_INTENSITY_NONE };
    static const troupe_child_t children [] = {
        CHILD ("x"), { .id = "inner", .supervisor = &inner }, CHILD ("y"), { .id = NULL } };
    static const troupe_supervisor_t outer = { .children = children };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        troupe_stage_t *stage = supervised_stage (seed, &outer);
        s_assert_story (stage, "+x +a +b +c +y");
        supervised_tell (stage, "b", "fail");
        s_assert_story (stage, "-b -c -a +a +b +c");
        cr_assert_eq (troupe_stage_incarnation (stage, "inner"), 2);
        cr_assert_eq (troupe_stage_stop (stage, "root"), TROUPE_OK);
        s_assert_story (stage, "-y -c -b -a -x");
        troupe_stage_destroy (&stage);
    }
}

//  Why the whole tree is down is told from the top to the root cause.
Test (supervisor, failure_keeps_its_cause_through_all_levels)
{
    static const troupe_supervisor_t inner = { .children = s_three, .intensity = TROUPE_INTENSITY_NONE };
    static const troupe_child_t children [] = { { .id = "inner", .supervisor = &inner }, { .id = NULL } };
    static const troupe_supervisor_t outer = { .children = children, .intensity = TROUPE_INTENSITY_NONE };
    troupe_stage_t *stage = supervised_stage (1, &outer);
    supervised_tell (stage, "b", "fail");
    char text [512];
    cr_assert_str_eq (troupe_reason_print (troupe_stage_reason (stage, "root"), text, sizeof text),
        "root#1 INTENSITY: more than 0 restarts in 5000 ms, because inner#1 INTENSITY: "
        "more than 0 restarts in 5000 ms, because b#1 FAILED (5): told to");
    troupe_stage_destroy (&stage);
}

//  A supervisor for a job ends with it, normally.
Test (supervisor, ends_with_its_significant_child)
{
    static const troupe_child_t children [] = { CHILD ("a"),
        { .id = "job", .behavior = &supervised_worker, .restart = TROUPE_TRANSIENT, .significant = true },
        { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY };
    troupe_stage_t *stage = supervised_stage (1, &spec);
    supervised_story ();
    supervised_tell (stage, "job", "exit");
    s_assert_story (stage, "-job -a");
    cr_assert_eq (troupe_stage_reason (stage, "root")->kind, TROUPE_REASON_NORMAL);
    troupe_stage_destroy (&stage);
}

//  --------------------------------------------------------------------------
//  Time

//  A database that is down is not hammered, and mail waits for the child that waits.
Test (supervisor, backoff_waits_in_virtual_time)
{
    static const troupe_child_t children [] = {
        { .id = "a", .behavior = &supervised_worker, .backoff = { .min_ms = 100, .max_ms = 1000 } }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children, .intensity = 10 };
    troupe_stage_t *stage = supervised_stage (1, &spec);
    supervised_story ();
    troupe_stage_fail_start (stage, "a", 1);
    supervised_tell (stage, "a", "fail");
    supervised_tell (stage, "a", "note");
    troupe_stage_advance (stage, 99);
    s_assert_story (stage, "-a");
    troupe_stage_advance (stage, 1);
    troupe_stage_advance (stage, 199);
    s_assert_story (stage, "");
    troupe_stage_advance (stage, 1);
    s_assert_story (stage, "+a");
    cr_assert_eq (supervised_notes (), 1);
    troupe_stage_destroy (&stage);
}

//  The supervisor's loop goes on while a child takes its time to end.
Test (supervisor, slow_child_blocks_nobody)
{
    static const troupe_child_t children [] = {
        CHILD ("a"), { .id = "slow", .behavior = &supervised_lingerer }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children };
    troupe_stage_t *stage = supervised_stage (1, &spec);
    supervised_story ();
    cr_assert_eq (troupe_stage_cast (stage, "root", TROUPE_SUPERVISOR_STOP_CHILD, "slow", 4), TROUPE_OK);
    troupe_stage_run (stage);
    s_assert_story (stage, "");
    supervised_tell (stage, "a", "fail");
    s_assert_story (stage, "-a +a");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "a 2 running\nslow 1 stopped\n");
    supervised_tell (stage, "slow", "exit");
    s_assert_story (stage, "-slow");
    troupe_stage_destroy (&stage);
}

static size_t s_turns_of_a_restart (unsigned instances)
{
    troupe_child_t children [] = {
        { .id = "w", .behavior = &supervised_worker, .instances = instances }, { .id = NULL } };
    troupe_supervisor_t spec = { .children = children };
    troupe_stage_t *stage = supervised_stage (1, &spec);
    cr_assert_eq (troupe_stage_cast (stage, "w-7", 0, "fail", 4), TROUPE_OK);
    size_t turns = troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_incarnation (stage, "w-7"), 2);
    troupe_stage_destroy (&stage);
    return turns;
}

//  What a failure costs does not depend on how many others there are.
Test (supervisor, restart_takes_as_many_turns_among_300_as_among_10)
{
    cr_assert_eq (s_turns_of_a_restart (300), s_turns_of_a_restart (10));
}
