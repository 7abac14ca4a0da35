/*  =========================================================================
    supervision_test.c - starting, stopping and one_for_one, as golden traces

    Place: tests/unit, of runtime/core/supervision/supervision.c and operation.c. How to
    read the scripts: supervision_script.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "supervision_script.h"

#define CHECK(SPEC, ...) script_check ((SPEC), (const s_step_t []) { __VA_ARGS__, { NULL, NULL } })

static const troupe_child_t s_three [] = { { .id = "a" }, { .id = "b" }, { .id = "c" }, { .id = NULL } };
static const troupe_supervisor_t s_plain = { .children = s_three };

//  What all scripts begin with.
#define THREE_STARTED \
    { "begin", "spawn a" }, { "started a", "spawn b" }, { "started b", "spawn c" }, { "started c", "started" }

//  --------------------------------------------------------------------------
//  Start and end

//  A child may rely on those before it: each starts when the one before has started.
Test (supervision, children_start_in_order_each_after_the_one_before)
{
    CHECK (&s_plain, THREE_STARTED);
}

//  And it may rely on them to its end.
Test (supervision, children_stop_in_reverse_order_each_after_the_one_behind)
{
    CHECK (&s_plain, THREE_STARTED,
        { "end", "stop c" }, { "ended c", "" }, { "gone c", "stop b" }, { "ended b", "" }, { "gone b", "stop a" },
        { "ended a", "" }, { "gone a", "exit" });
}

//  A supervisor with nothing to do is a valid one: dynamic children may come.
Test (supervision, without_children_it_has_started_at_once)
{
    static const troupe_supervisor_t empty = { .children = NULL };
    CHECK (&empty, { "begin", "started" }, { "end", "exit" });
}

//  A program whose part does not start must say so, and leave nothing running.
Test (supervision, failed_start_stops_the_others_and_fails)
{
    CHECK (&s_plain,
        { "begin", "spawn a" }, { "started a", "spawn b" }, { "refused b", "stop b" },
        { "gone b", "stop a" }, { "gone a", "fail START_FAILED because b" });
}

//  A spawn that the system refuses is a failed start without a child to be let go.
Test (supervision, refused_spawn_is_a_failed_start)
{
    CHECK (&s_plain,
        { "begin", "spawn a" }, { "started a", "spawn b" }, { "gone b", "stop a" },
        { "gone a", "fail START_FAILED because b" });
}

//  Ctrl-C while starting.
Test (supervision, told_to_end_while_starting)
{
    CHECK (&s_plain,
        { "begin", "spawn a" }, { "started a", "spawn b" }, { "end", "stop b" }, { "started b", "" },
        { "gone b", "stop a" }, { "gone a", "exit" });
}

//  The whole tree goes down together: whoever fails meanwhile is not started again, and not counted.
Test (supervision, failures_while_ending_count_for_nothing)
{
    CHECK (&s_plain, THREE_STARTED,
        { "end", "stop c" }, { "failed a", "" }, { "failed c", "" }, { "failed b", "" }, { "end", "" },
        { "gone c", "stop b" }, { "gone b", "stop a" }, { "gone a", "exit" });
}

//  A child that was given up (wedged) never reports its end, only that it is gone.
Test (supervision, killed_child_does_not_hold_up_the_end)
{
    CHECK (&s_plain, THREE_STARTED,
        { "end", "stop c" }, { "gone c", "stop b" }, { "gone b", "stop a" }, { "gone a", "exit" });
}

//  --------------------------------------------------------------------------
//  one_for_one

//  The others notice nothing.
Test (one_for_one, failed_child_is_restarted_in_place)
{
    CHECK (&s_plain, THREE_STARTED, { "failed b", "restart b" }, { "started b", "" });
}

//  A permanent child is for the whole life of its supervisor.
Test (one_for_one, permanent_child_is_restarted_after_a_normal_end)
{
    CHECK (&s_plain, THREE_STARTED, { "ended b", "restart b" }, { "started b", "" });
}

//  OTP's default: one in five seconds is borne, the second one is not.
Test (one_for_one, second_failure_in_five_seconds_escalates)
{
    CHECK (&s_plain, THREE_STARTED,
        { "failed b", "restart b" }, { "started b", "" }, { "wait 5000", "" },
        { "failed c", "stop c" }, { "gone c", "stop b" }, { "gone b", "stop a" },
        { "gone a", "fail INTENSITY because c" });
}

//  Rare failures are borne for ever.
Test (one_for_one, failures_further_apart_are_borne)
{
    CHECK (&s_plain, THREE_STARTED,
        { "failed b", "restart b" }, { "started b", "" }, { "wait 5001", "" },
        { "failed b", "restart b" }, { "started b", "" }, { "wait 5001", "" },
        { "failed c", "restart c" });
}

//  For children whose failure nothing can cure from here.
Test (one_for_one, intensity_none_escalates_at_once)
{
    static const troupe_supervisor_t strict = { .children = s_three, .intensity = TROUPE_INTENSITY_NONE };
    CHECK (&strict, THREE_STARTED,
        { "failed a", "stop c" }, { "gone c", "stop b" }, { "gone b", "stop a" },
        { "gone a", "fail INTENSITY because a" });
}

//  A restart that fails is a failure like any other: tried again, and counted.
Test (one_for_one, failed_restart_is_tried_again_and_counted)
{
    static const troupe_supervisor_t patient = { .children = s_three, .intensity = 3 };
    CHECK (&patient, THREE_STARTED,
        { "failed a", "restart a" }, { "refused a", "restart a" }, { "refused a", "restart a" },
        { "refused a", "stop c" }, { "gone c", "stop b" }, { "gone b", "stop a" },
        { "gone a", "fail INTENSITY because a" });
}

//  A child whose process or thread vanished has no mailbox to be restarted in.
Test (one_for_one, vanished_child_is_spawned_anew)
{
    CHECK (&s_plain, THREE_STARTED, { "gone b", "spawn b" }, { "started b", "" });
}

//  The start of the rest does not wait for a restart, nor is it disturbed by one.
Test (one_for_one, child_may_fail_while_later_ones_start)
{
    CHECK (&s_plain,
        { "begin", "spawn a" }, { "started a", "spawn b" }, { "failed a", "restart a" }, { "started b", "spawn c" },
        { "started a", "" }, { "started c", "started" });
}

//  --------------------------------------------------------------------------
//  Types

static const troupe_child_t s_types [] = {
    { .id = "a", .restart = TROUPE_TRANSIENT }, { .id = "b", .restart = TROUPE_TEMPORARY },
    { .id = "c" }, { .id = NULL } };
static const troupe_supervisor_t s_typed = { .children = s_types };

//  Work that is done is done.
Test (restart_types, transient_child_may_end_normally)
{
    CHECK (&s_typed, THREE_STARTED, { "ended a", "stop a" }, { "gone a", "" },
        { "end", "stop c" }, { "gone c", "stop b" }, { "gone b", "exit" });
}

//  Work that is not done is done again.
Test (restart_types, transient_child_is_restarted_after_a_failure)
{
    CHECK (&s_typed, THREE_STARTED, { "failed a", "restart a" });
}

//  Its failure is not the supervisor's concern, however often.
Test (restart_types, temporary_child_is_never_restarted_nor_counted)
{
    CHECK (&s_typed, THREE_STARTED, { "failed b", "stop b" }, { "gone b", "" }, { "failed c", "restart c" });
}

//  --------------------------------------------------------------------------
//  Significant children

static const troupe_child_t s_significant [] = {
    { .id = "a", .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = "b", .restart = TROUPE_TEMPORARY, .significant = true }, { .id = "c" }, { .id = NULL } };

//  A supervisor for a job ends with it.
Test (auto_shutdown, any_ends_with_the_first_significant_child)
{
    static const troupe_supervisor_t any = { .children = s_significant, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY };
    CHECK (&any, THREE_STARTED,
        { "failed b", "stop b, stop c" }, { "gone b", "" }, { "gone c", "stop a" }, { "gone a", "exit" });
}

//  Several jobs, and the supervisor ends with the last.
Test (auto_shutdown, all_ends_with_the_last_significant_child)
{
    static const troupe_supervisor_t all = { .children = s_significant, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ALL };
    CHECK (&all, THREE_STARTED,
        { "ended a", "stop a" }, { "gone a", "" }, { "ended b", "stop b, stop c" }, { "gone b", "" },
        { "gone c", "exit" });
}

//  OTP: only what ends by itself counts, not what was stopped by request; and never a restart.
Test (auto_shutdown, requests_and_restarts_do_not_count)
{
    static const troupe_supervisor_t any = { .children = s_significant, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY };
    CHECK (&any, THREE_STARTED,
        { "failed a", "restart a" }, { "started a", "" }, { "stop b", "stop b" }, { "gone b", "" });
}

//  Without auto_shutdown significance means nothing.
Test (auto_shutdown, never_is_the_default)
{
    static const troupe_supervisor_t never = { .children = s_significant };
    CHECK (&never, THREE_STARTED, { "ended a", "stop a" }, { "ended b", "stop b" }, { "gone a", "" }, { "gone b", "" });
}

//  --------------------------------------------------------------------------
//  Backoff

static const troupe_child_t s_patient_children [] = {
    { .id = "a", .backoff = { .min_ms = 100, .max_ms = 1000 } }, { .id = "b" }, { .id = NULL } };
static const troupe_supervisor_t s_patient = { .children = s_patient_children, .intensity = 10 };

#define TWO_STARTED { "begin", "spawn a" }, { "started a", "spawn b" }, { "started b", "started" }

//  Hammering a database that is down helps nobody.
Test (backoff, grows_from_failure_to_failure)
{
    CHECK (&s_patient, TWO_STARTED,
        { "failed a", "arm a 100" }, { "over a", "restart a" }, { "refused a", "arm a 200" },
        { "over a", "restart a" }, { "started a", "" }, { "failed a", "arm a 400" });
}

//  Nobody else waits.
Test (backoff, others_restart_at_once)
{
    CHECK (&s_patient, TWO_STARTED,
        { "failed a", "arm a 100" }, { "failed b", "restart b" }, { "over a", "restart a" });
}

//  A timer that outlives its child must not start it.
Test (backoff, is_called_off_when_everything_ends)
{
    CHECK (&s_patient, TWO_STARTED,
        { "failed a", "arm a 100" }, { "end", "stop b" }, { "over a", "" }, { "gone b", "stop a" },
        { "gone a", "exit" });
    CHECK (&s_patient, TWO_STARTED,
        { "failed a", "arm a 100" }, { "end", "stop b" }, { "gone b", "disarm a, stop a" }, { "over a", "" },
        { "gone a", "exit" });
}

//  --------------------------------------------------------------------------
//  Requests

//  Stopped by request it stays stopped, and can be started again.
Test (requests, child_can_be_stopped_and_started)
{
    CHECK (&s_plain, THREE_STARTED,
        { "stop b", "stop b" }, { "stop b", "no" }, { "start b", "no" }, { "ended b", "" }, { "gone b", "" },
        { "stop b", "no" }, { "start b", "spawn b" }, { "start b", "no" }, { "started b", "" });
}

//  OTP's restart_child: the one who asked is told, and nothing else happens.
Test (requests, failed_start_by_request_is_not_tried_again)
{
    CHECK (&s_plain, THREE_STARTED,
        { "stop b", "stop b" }, { "gone b", "" }, { "start b", "spawn b" }, { "refused b", "stop b" },
        { "gone b", "" }, { "failed a", "restart a" });
}

//  A child in its backoff is not running, but it is not stopped either.
Test (requests, waiting_child_can_be_stopped)
{
    CHECK (&s_patient, TWO_STARTED,
        { "failed a", "arm a 100" }, { "stop a", "disarm a, stop a" }, { "over a", "" }, { "gone a", "" });
}

//  What comes too late is refused.
Test (requests, nothing_is_started_while_ending)
{
    CHECK (&s_plain, THREE_STARTED,
        { "stop a", "stop a" }, { "gone a", "" }, { "end", "stop c" }, { "start a", "no" });
}

//  --------------------------------------------------------------------------
//  simple_one_for_one

static const troupe_supervisor_t s_simple = { .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .children = s_three };

//  Children come and go, and their numbers are used again.
Test (simple_one_for_one, children_come_and_go)
{
    CHECK (&s_simple, { "begin", "started" }, { "new", "spawn a" }, { "started a", "" }, { "new", "spawn b" },
        { "started b", "" }, { "stop a", "stop a" }, { "gone a", "forget a" }, { "new", "spawn a" });
}

//  They are restarted like others.
Test (simple_one_for_one, failed_child_is_restarted)
{
    CHECK (&s_simple, { "begin", "started" }, { "new", "spawn a" }, { "started a", "" },
        { "failed a", "restart a" }, { "started a", "" });
}

//  A start that fails is the answer to who asked for it; nothing remains.
Test (simple_one_for_one, failed_start_leaves_nothing)
{
    CHECK (&s_simple, { "begin", "started" }, { "new", "spawn a" }, { "refused a", "stop a" }, { "gone a", "forget a" },
        { "new", "spawn a" }, { "gone a", "forget a" });
}

//  There may be thousands: they stop all at once, and the end waits for the last.
Test (simple_one_for_one, children_stop_together)
{
    CHECK (&s_simple, { "begin", "started" }, { "new", "spawn a" }, { "new", "spawn b" }, { "new", "spawn c" },
        { "started a", "" }, { "started b", "" }, { "started c", "" }, { "end", "stop c, stop b, stop a" },
        { "gone b", "forget b" }, { "gone a", "forget a" }, { "gone c", "forget c, exit" });
}
