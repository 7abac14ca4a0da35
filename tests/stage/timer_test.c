/*  =========================================================================
    timer_test.c - after, every, cancel, in virtual time

    Place: tests/stage, of runtime/core/cell/cell_self.c and the stage's clock.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <inttypes.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 17

static troupe_timer_t s_timer;
static int64_t s_delay_ms;

static int s_on_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    doer_note ("%s@%" PRId64, context ? (const char *) context : "", troupe_now_ms (self));
    return 0;
}

static int s_after (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    s_timer = troupe_after (self, s_delay_ms, s_on_timer, NULL);
    return 0;
}

static int s_every (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    s_timer = troupe_every (self, s_delay_ms, s_on_timer, NULL);
    return 0;
}

static int s_cancel (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    doer_note ("%s", troupe_cancel (self, s_timer) ? "taken-back" : "too-late");
    return 0;
}

static int s_three_together (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    static char letters [3] [2] = { "a", "b", "c" };
    (void) state;
    (void) message;
    for (int index = 0; index < 3; index++)
        troupe_after (self, 10, s_on_timer, letters [index]);
    return 0;
}

static int s_on_failing_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    return troupe_fail (self, 9, "in a timer");
}

static int s_after_fails (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_after (self, 10, s_on_failing_timer, NULL);
    return 0;
}

static troupe_stage_t *s_stage (int64_t delay_ms)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    s_delay_ms = delay_ms;
    return stage;
}

//  Virtual time is exact: not a millisecond early or late.
Test (timer, after_is_exact_and_once)
{
    troupe_stage_t *stage = s_stage (50);
    doer_do (stage, "a", s_after);
    troupe_stage_advance (stage, 49);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_advance (stage, 1);
    cr_assert_str_eq (doer_notes (), "@50");
    troupe_stage_advance (stage, 1000);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  A delay of 0 is a turn of its own, and takes no time.
Test (timer, after_nothing_is_the_next_turn)
{
    troupe_stage_t *stage = s_stage (0);
    doer_do (stage, "a", s_after);
    cr_assert_str_eq (doer_notes (), "@0");
    troupe_stage_destroy (&stage);
}

//  The clock moves from one due time to the next: a handler sees its own time, not the end of the advance.
Test (timer, every_keeps_its_beat)
{
    troupe_stage_t *stage = s_stage (10);
    doer_do (stage, "a", s_every);
    troupe_stage_advance (stage, 35);
    cr_assert_str_eq (doer_notes (), "@10 @20 @30");
    troupe_stage_destroy (&stage);
}

//  A day costs nothing when nobody has anything to do.
Test (timer, a_day_passes_at_once)
{
    troupe_stage_t *stage = s_stage (24 * 3600 * 1000);
    doer_do (stage, "a", s_after);
    troupe_stage_advance (stage, s_delay_ms);
    cr_assert_str_eq (doer_notes (), "@86400000");
    troupe_stage_destroy (&stage);
}

//  The order of setting is the order of running.
Test (timer, due_together_run_in_the_order_of_setting)
{
    troupe_stage_t *stage = s_stage (10);
    doer_do (stage, "a", s_three_together);
    troupe_stage_advance (stage, 10);
    cr_assert_str_eq (doer_notes (), "a@10 b@10 c@10");
    troupe_stage_destroy (&stage);
}

//  Taken back is taken back; what has run says so.
Test (timer, cancelled_does_not_run)
{
    troupe_stage_t *stage = s_stage (10);
    doer_do (stage, "a", s_after);
    doer_do (stage, "a", s_cancel);
    troupe_stage_advance (stage, 20);
    doer_do (stage, "a", s_cancel);
    cr_assert_str_eq (doer_notes (), "taken-back too-late");
    troupe_stage_destroy (&stage);
}

//  A timer's callback is a callback like any other.
Test (timer, failing_callback_ends_the_incarnation)
{
    troupe_stage_t *stage = s_stage (10);
    doer_do (stage, "a", s_after_fails);
    troupe_stage_advance (stage, 10);
    cr_assert_eq (troupe_stage_incarnation (stage, "a"), 0);
    cr_assert_eq (troupe_stage_reason (stage, "a")->code, 9);
    troupe_stage_destroy (&stage);
}
