/*  =========================================================================
    supervision_group_test.c - one_for_all and rest_for_one, as golden traces

    Place: tests/unit, of runtime/core/supervision/operation.c. How to read the scripts:
    supervision_script.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "supervision_script.h"

#define CHECK(SPEC, ...) script_check ((SPEC), (const s_step_t []) { __VA_ARGS__, { NULL, NULL } })

static const troupe_child_t s_three [] = { { .id = "a" }, { .id = "b" }, { .id = "c" }, { .id = NULL } };
static const troupe_supervisor_t s_all =
    { .strategy = TROUPE_ONE_FOR_ALL, .children = s_three, .intensity = 3 };
static const troupe_supervisor_t s_rest =
    { .strategy = TROUPE_REST_FOR_ONE, .children = s_three, .intensity = 3 };

#define THREE_STARTED \
    { "begin", "spawn a" }, { "started a", "spawn b" }, { "started b", "spawn c" }, { "started c", "started" }

//  --------------------------------------------------------------------------
//  one_for_all

//  Children that cannot go on without each other: down in reverse order, up in order, in the same mailboxes.
Test (one_for_all, all_are_halted_in_reverse_and_restarted_in_order)
{
    CHECK (&s_all, THREE_STARTED,
        { "failed b", "halt c" }, { "ended c", "halt a" }, { "ended a", "restart a" }, { "started a", "restart b" },
        { "started b", "restart c" }, { "started c", "" });
}

//  One failure takes others along; that is one restart, not three.
Test (one_for_all, failures_while_halting_are_not_counted)
{
    static const troupe_supervisor_t strict = { .strategy = TROUPE_ONE_FOR_ALL, .children = s_three };
    CHECK (&strict, THREE_STARTED,
        { "failed b", "halt c" }, { "failed a", "" }, { "failed c", "restart a" }, { "started a", "restart b" },
        { "started b", "restart c" }, { "started c", "" });
}

//  A restart that fails on the way up brings all down again, and counts.
Test (one_for_all, failed_restart_begins_anew)
{
    CHECK (&s_all, THREE_STARTED,
        { "failed c", "halt b" }, { "ended b", "halt a" }, { "ended a", "restart a" }, { "started a", "restart b" },
        { "refused b", "halt a" }, { "ended a", "restart a" }, { "started a", "restart b" },
        { "started b", "restart c" }, { "started c", "" });
}

//  A child that fails again while the others are still coming up.
Test (one_for_all, failure_on_the_way_up_begins_anew)
{
    CHECK (&s_all, THREE_STARTED,
        { "failed c", "halt b" }, { "ended b", "halt a" }, { "ended a", "restart a" }, { "started a", "restart b" },
        { "failed a", "halt b" }, { "started b", "" }, { "ended b", "restart a" });
}

//  A sibling that had to be killed has no mailbox any more; it is spawned in its turn.
Test (one_for_all, killed_sibling_is_spawned_in_its_turn)
{
    CHECK (&s_all, THREE_STARTED,
        { "failed a", "halt c" }, { "gone c", "halt b" }, { "ended b", "restart a" }, { "started a", "restart b" },
        { "started b", "spawn c" }, { "started c", "" });
}

//  Too often: what is halted already is let go, in reverse order with the rest.
Test (one_for_all, escalates_while_restarting)
{
    static const troupe_supervisor_t strict = { .strategy = TROUPE_ONE_FOR_ALL, .children = s_three };
    CHECK (&strict, THREE_STARTED,
        { "failed b", "halt c" }, { "ended c", "halt a" }, { "ended a", "restart a" }, { "refused a", "stop c" },
        { "gone c", "stop b" }, { "gone b", "stop a" }, { "gone a", "fail INTENSITY because a" });
}

//  The end does not wait for a restart that is under way.
Test (one_for_all, told_to_end_while_halting)
{
    CHECK (&s_all, THREE_STARTED,
        { "failed b", "halt c" }, { "end", "stop c" }, { "ended c", "" }, { "gone c", "stop b" },
        { "gone b", "stop a" }, { "gone a", "exit" });
}

//  The others are down while the failed one waits; they come up together after it.
Test (one_for_all, backoff_is_waited_for_by_all)
{
    static const troupe_child_t children [] = {
        { .id = "a" }, { .id = "b", .backoff = { .min_ms = 100 } }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .strategy = TROUPE_ONE_FOR_ALL, .children = children };
    CHECK (&spec, { "begin", "spawn a" }, { "started a", "spawn b" }, { "started b", "started" },
        { "failed b", "arm b 100, halt a" }, { "ended a", "" }, { "over b", "restart a" },
        { "started a", "restart b" }, { "started b", "" });
    CHECK (&spec, { "begin", "spawn a" }, { "started a", "spawn b" }, { "started b", "started" },
        { "failed b", "arm b 100, halt a" }, { "over b", "" }, { "ended a", "restart a" });
}

//  OTP: a transient child that had ended comes back with its siblings, a temporary one never does.
Test (one_for_all, transient_comes_back_and_temporary_does_not)
{
    static const troupe_child_t children [] = {
        { .id = "a", .restart = TROUPE_TRANSIENT }, { .id = "b", .restart = TROUPE_TEMPORARY }, { .id = "c" },
        { .id = NULL } };
    static const troupe_supervisor_t spec = { .strategy = TROUPE_ONE_FOR_ALL, .children = children };
    CHECK (&spec, THREE_STARTED,
        { "ended a", "stop a" }, { "gone a", "" }, { "failed c", "stop b" }, { "gone b", "spawn a" },
        { "started a", "restart c" }, { "started c", "" });
}

//  A temporary one that ends while the others are halted is let go in its turn.
Test (one_for_all, temporary_child_that_ends_meanwhile_is_let_go)
{
    static const troupe_child_t children [] = {
        { .id = "a", .restart = TROUPE_TEMPORARY }, { .id = "b" }, { .id = "c" }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .strategy = TROUPE_ONE_FOR_ALL, .children = children };
    CHECK (&spec, THREE_STARTED,
        { "failed b", "halt c" }, { "failed a", "" }, { "ended c", "stop a" }, { "gone a", "restart b" },
        { "started b", "restart c" }, { "started c", "" });
}

//  The first start is not complete until all have been up together.
Test (one_for_all, failure_during_the_first_start_begins_anew)
{
    CHECK (&s_all,
        { "begin", "spawn a" }, { "started a", "spawn b" }, { "failed a", "halt b" }, { "ended b", "restart a" },
        { "started a", "restart b" }, { "started b", "spawn c" }, { "started c", "started" });
}

//  A temporary child that has not had its turn yet does not lose it.
Test (one_for_all, temporary_child_keeps_its_first_start)
{
    static const troupe_child_t children [] = {
        { .id = "a" }, { .id = "b" }, { .id = "c", .restart = TROUPE_TEMPORARY }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .strategy = TROUPE_ONE_FOR_ALL, .children = children };
    CHECK (&spec,
        { "begin", "spawn a" }, { "started a", "spawn b" }, { "failed a", "halt b" }, { "ended b", "restart a" },
        { "started a", "restart b" }, { "started b", "spawn c" }, { "started c", "started" });
}

//  --------------------------------------------------------------------------
//  rest_for_one

//  Those before it do not depend on it.
Test (rest_for_one, only_those_started_after_it_are_restarted)
{
    CHECK (&s_rest, THREE_STARTED,
        { "failed b", "halt c" }, { "ended c", "restart b" }, { "started b", "restart c" }, { "started c", "" });
}

//  The last one stands alone.
Test (rest_for_one, last_child_is_restarted_alone)
{
    CHECK (&s_rest, THREE_STARTED, { "failed c", "restart c" }, { "started c", "" });
}

//  An earlier one fails while later ones are on their way down: everything from it on.
Test (rest_for_one, earlier_failure_widens_the_restart)
{
    CHECK (&s_rest, THREE_STARTED,
        { "failed b", "halt c" }, { "failed a", "" }, { "ended c", "restart a" }, { "started a", "restart b" },
        { "started b", "restart c" }, { "started c", "" });
}

//  And on their way up.
Test (rest_for_one, earlier_failure_on_the_way_up_begins_there)
{
    CHECK (&s_rest, THREE_STARTED,
        { "failed b", "halt c" }, { "ended c", "restart b" }, { "failed a", "halt b" }, { "started b", "" },
        { "ended b", "restart a" }, { "started a", "restart b" }, { "started b", "restart c" }, { "started c", "" });
}

//  A failure half-way up the range begins there, and the rest is not forgotten.
Test (rest_for_one, failed_restart_begins_where_it_failed)
{
    CHECK (&s_rest, THREE_STARTED,
        { "failed a", "halt c" }, { "ended c", "halt b" }, { "ended b", "restart a" }, { "started a", "restart b" },
        { "refused b", "restart b" }, { "started b", "restart c" }, { "started c", "" });
}

//  A wider restart takes over the wait of a narrower one.
Test (rest_for_one, wider_restart_calls_off_the_backoff)
{
    static const troupe_child_t children [] = {
        { .id = "a" }, { .id = "b", .backoff = { .min_ms = 100 } }, { .id = NULL } };
    static const troupe_supervisor_t spec =
        { .strategy = TROUPE_REST_FOR_ONE, .children = children, .intensity = 2 };
    CHECK (&spec, { "begin", "spawn a" }, { "started a", "spawn b" }, { "started b", "started" },
        { "failed b", "arm b 100" }, { "failed a", "disarm b, restart a" }, { "over b", "" },
        { "started a", "restart b" });
}

//  A child that was started by request behind the others' restart, and fails, does not make it skip anybody.
Test (rest_for_one, failure_of_a_requested_child_behind_skips_nobody)
{
    CHECK (&s_rest, THREE_STARTED,
        { "stop c", "stop c" }, { "gone c", "" }, { "failed a", "halt b" },
        { "ended b", "restart a" }, { "started a", "restart b" }, { "start c", "spawn c" }, { "started c", "" },
        { "failed c", "halt b" }, { "ended b", "restart b" }, { "started b", "restart c" }, { "started c", "" });
}

//  A child stopped by request in the middle of a restart stays out of it.
Test (rest_for_one, stopped_by_request_while_restarting)
{
    CHECK (&s_rest, THREE_STARTED,
        { "failed a", "halt c" }, { "stop b", "stop b" }, { "ended c", "" }, { "gone b", "restart a" },
        { "started a", "restart c" }, { "started c", "" });
}
