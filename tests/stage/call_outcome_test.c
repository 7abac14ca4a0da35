/*  =========================================================================
    call_outcome_test.c - a call always ends, with exactly one of seven outcomes

    Place: tests/stage, of runtime/core/cell/cell_call.c and cell_reply.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 7

static int s_answer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_replyf (self, message, "hello from %s", troupe_name (self));
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 5, "no table %s", "users");
}

static int s_answer_failure (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_reply_failure (self, message, "not %d", 3);
}

static int s_forget (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    return 0;
}

static int s_exit (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_exit (self);
    return 0;
}

static void s_call_from (troupe_actor_t *self, const char *address, int64_t timeout_ms, troupe_call_t *call_p)
{
    doer_fn *fn = s_answer;
    troupe_error_t error = troupe_call (troupe_ref (self, address), 0, &fn, sizeof fn, timeout_ms, doer_on_reply, NULL,
                                        call_p);
    cr_assert_eq (error, TROUPE_OK);
    doer_note ("called");
}

static int s_call_b (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    s_call_from (self, "b", 100, NULL);
    return 0;
}

static int s_call_b_patiently (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    s_call_from (self, "b", TROUPE_FOREVER, NULL);
    return 0;
}

static int s_call_and_cancel (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_call_t call;
    s_call_from (self, "b", 100, &call);
    cr_assert (troupe_call_cancel (self, call));
    cr_assert_not (troupe_call_cancel (self, call), "it has been given up already");
    doer_note ("cancelled");
    return 0;
}

//  The plain case: the answer reaches the caller with its text.
Test (call, answered_is_ok)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    cr_assert_str_eq (doer_ask (stage, "a", s_answer, 1000), "OK hello from a");
    troupe_stage_destroy (&stage);
}

//  A caller learns why the handler failed; an actor without a supervisor stays down.
Test (call, failing_handler_is_failed_with_its_reason)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    cr_assert_str_eq (doer_ask (stage, "a", s_fail, 1000), "FAILED no table users");
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_incarnation (stage, "a"), 0);
    cr_assert_eq (troupe_stage_reason (stage, "a")->kind, TROUPE_REASON_FAILED);
    cr_assert_eq (troupe_stage_reason (stage, "a")->code, 5);
    troupe_stage_destroy (&stage);
}

//  A failure can be an answer, and then nobody dies of it.
Test (call, failure_as_an_answer_leaves_the_actor_alive)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    cr_assert_str_eq (doer_ask (stage, "a", s_answer_failure, 1000), "FAILED not 3");
    cr_assert_eq (troupe_stage_incarnation (stage, "a"), 1);
    troupe_stage_destroy (&stage);
}

//  A handler that forgets its caller must not leave it waiting.
Test (call, handler_without_an_answer_is_failed)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    cr_assert_str_eq (doer_ask (stage, "a", s_forget, 1000), "FAILED the handler gave no answer");
    cr_assert_eq (troupe_stage_now_ms (stage), 0, "at once, not at the timeout");
    troupe_stage_destroy (&stage);
}

//  Silence ends at the deadline, to the millisecond.
Test (call, silence_is_timeout_at_the_deadline)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_stage_probe (stage, "b");
    doer_new (stage, "a");
    doer_do (stage, "a", s_call_b);
    troupe_stage_advance (stage, 99);
    cr_assert_str_eq (doer_notes (), "called");
    troupe_stage_advance (stage, 1);
    cr_assert_str_eq (doer_notes (), "TIMEOUT:");
    troupe_stage_advance (stage, 10000);
    cr_assert_str_eq (doer_notes (), "", "once");
    troupe_stage_destroy (&stage);
}

//  What waits behind an actor's end is told so at once, not at its timeout.
Test (call, actor_that_ends_first_is_down)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    doer_later (stage, "a", s_exit);
    cr_assert_str_eq (doer_ask (stage, "a", s_answer, 1000), "DOWN");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  One that hangs and is given up cannot say anything itself: the runtime does.
Test (call, actor_that_is_given_up_is_down)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    doer_new (stage, "b");
    troupe_stage_hang (stage, "b", true);
    doer_do (stage, "a", s_call_b_patiently);
    troupe_stage_stop (stage, "b");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "called DOWN:");
    cr_assert_eq (troupe_stage_now_ms (stage), 5000, "its shutdown time");
    troupe_stage_destroy (&stage);
}

//  A typing error in a name shows at once.
Test (call, unknown_name_is_no_such_actor)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_str_eq (troupe_stage_call (stage, "nobody", "x"), "[NO_SUCH_ACTOR]");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  Load is shed at once too.
Test (call, full_mailbox_is_full)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    troupe_stage_fill_mailbox (stage, "a", true);
    cr_assert_str_eq (doer_ask (stage, "a", s_answer, 1000), "FULL");
    troupe_stage_fill_mailbox (stage, "a", false);
    cr_assert_str_eq (doer_ask (stage, "a", s_answer, 1000), "OK hello from a");
    troupe_stage_destroy (&stage);
}

//  The owner's own word counts at once for it, and the work is not done.
Test (call, given_up_is_cancelled)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    troupe_probe_t *probe = troupe_stage_probe (stage, "b");
    doer_do (stage, "a", s_call_and_cancel);
    cr_assert_str_eq (doer_notes (), "called cancelled CANCELLED:");
    cr_assert_null (troupe_probe_next (probe), "the work had not begun and is dropped");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_EXPIRED), 1);
    troupe_stage_destroy (&stage);
}

//  A callback from within troupe_call would find its caller half way through.
Test (call, no_outcome_comes_from_within_the_call)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    doer_do (stage, "a", s_call_b);
    cr_assert_str_eq (doer_notes (), "called NO_SUCH_ACTOR:");
    doer_new (stage, "b");
    troupe_stage_fill_mailbox (stage, "b", true);
    doer_do (stage, "a", s_call_b);
    cr_assert_str_eq (doer_notes (), "called FULL:");
    troupe_stage_fill_mailbox (stage, "b", false);
    doer_do (stage, "a", s_call_b);
    cr_assert_str_eq (doer_notes (), "called OK:hello from b");
    troupe_stage_destroy (&stage);
}

//  A network that loses the question, and one that loses the answer, look the same to the caller.
Test (call, lost_on_the_way_is_timeout)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    troupe_stage_drop_message (stage, "guest", "a", 1);
    cr_assert_str_eq (doer_ask (stage, "a", s_answer, 50), "TIMEOUT");
    troupe_stage_drop_message (stage, "a", "guest", 1);
    cr_assert_str_eq (doer_ask (stage, "a", s_answer, 50), "TIMEOUT");
    cr_assert_str_eq (doer_ask (stage, "a", s_answer, 50), "OK hello from a");
    troupe_stage_destroy (&stage);
}
