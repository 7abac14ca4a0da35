/*  =========================================================================
    call_answer_test.c - deadlines, late answers, deferring and delegating

    Place: tests/stage, of runtime/core/cell/cell_call.c and cell_reply.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 11

static troupe_caller_t *s_caller;

static int s_answer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    doer_note ("answers");
    return (int) troupe_replyf (self, message, "hello from %s to %s", troupe_name (self),
                                troupe_message_sender (message));
}

static int s_note_deadline (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    int64_t left_us = troupe_message_deadline_us (message) - troupe_now_us (self);
    return (int) troupe_replyf (self, message, "%d ms left", (int) (left_us / 1000));
}

static int s_delegate_to_b (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    cr_assert_eq (troupe_delegate (self, message, troupe_ref (self, "b")), TROUPE_OK);
    cr_assert_eq (troupe_reply (self, message, "", 0), TROUPE_ESTATE, "it is b's to answer now");
    return 0;
}

static int s_defer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    s_caller = troupe_defer (self, message);
    cr_assert_null (troupe_defer (self, message), "once");
    return 0;
}

static int s_answer_deferred (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    doer_note ("%s", troupe_error_name (troupe_answerf (&s_caller, "at last")));
    cr_assert_null (s_caller);
    return 0;
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 1, "broken");
}

static int s_answer_twice (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    cr_assert_eq (troupe_reply (self, message, "one", 3), TROUPE_OK);
    cr_assert_eq (troupe_reply (self, message, "two", 3), TROUPE_ESTATE);
    return 0;
}

static void s_call_doer (troupe_actor_t *self, const char *address, doer_fn *fn, int64_t timeout_ms)
{
    cr_assert_eq (troupe_call (troupe_ref (self, address), 0, &fn, sizeof fn, timeout_ms, doer_on_reply, NULL, NULL),
                  TROUPE_OK);
}

//  A deadline is worth as much as the last actor that knows of it.
Test (call, deadline_travels_with_the_message)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    cr_assert_str_eq (doer_ask (stage, "a", s_note_deadline, 250), "OK 250 ms left");
    troupe_stage_delay (stage, "guest", "a", 100);
    cr_assert_str_eq (doer_ask (stage, "a", s_note_deadline, 250), "OK 150 ms left");
    troupe_stage_destroy (&stage);
}

//  The same through an actor that hands the call on.
Test (call, deadline_travels_through_a_delegate)
{
    static int (*fn) (troupe_actor_t *, void *, troupe_message_t *) = s_delegate_to_b;
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_probe_t *probe = troupe_stage_probe (stage, "b");
    doer_new (stage, "a");
    s_call_doer (troupe_stage_guest (stage), "a", fn, 80);
    troupe_stage_run (stage);
    troupe_message_t *message = troupe_probe_next (probe);
    cr_assert_not_null (message);
    cr_assert (troupe_message_is_call (message));
    cr_assert_eq (troupe_message_deadline_us (message), 80000);
    troupe_probe_reply (probe, "for you", 7);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "OK:for you");
    troupe_stage_destroy (&stage);
}

//  Whatever becomes of a delegated call is the caller's outcome.
Test (call, outcome_of_the_delegate_is_the_callers)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_probe_t *probe = troupe_stage_probe (stage, "b");
    doer_new (stage, "a");
    s_call_doer (troupe_stage_guest (stage), "a", s_delegate_to_b, 80);
    troupe_stage_run (stage);
    cr_assert_not_null (troupe_probe_next (probe));
    troupe_probe_fail (probe, "b is sorry");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "FAILED:b is sorry");
    s_call_doer (troupe_stage_guest (stage), "a", s_delegate_to_b, 80);
    troupe_stage_advance (stage, 80);
    cr_assert_str_eq (doer_notes (), "TIMEOUT:");
    troupe_stage_destroy (&stage);
}

//  Work that nobody waits for any more is the cheapest to leave undone, above all under load.
Test (call, expired_work_is_dropped_not_done)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    troupe_stage_hang (stage, "a", true);
    s_call_doer (troupe_stage_guest (stage), "a", s_answer, 50);
    troupe_stage_advance (stage, 60);
    cr_assert_str_eq (doer_notes (), "TIMEOUT:");
    troupe_stage_hang (stage, "a", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "", "the handler has not run");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_EXPIRED), 1);
    troupe_stage_destroy (&stage);
}

//  An answer that crosses the timeout on its way must not be taken for another call's.
Test (call, late_answer_never_reaches_the_caller)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    troupe_stage_delay (stage, "a", "guest", 100);
    s_call_doer (troupe_stage_guest (stage), "a", s_answer, 50);
    troupe_stage_advance (stage, 200);
    cr_assert_str_eq (doer_notes (), "answers TIMEOUT:");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_LATE_REPLY), 1);
    troupe_stage_destroy (&stage);
}

//  An actor that answers too late does not even send.
Test (call, answer_after_the_deadline_is_thrown_away)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_probe_t *probe = troupe_stage_probe (stage, "b");
    s_call_doer (troupe_stage_guest (stage), "b", s_answer, 50);
    troupe_stage_advance (stage, 60);
    cr_assert_str_eq (doer_notes (), "TIMEOUT:");
    cr_assert_not_null (troupe_probe_next (probe));
    troupe_probe_reply (probe, "late", 4);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  An actor that waits for something itself does not hold up its mailbox meanwhile.
Test (call, deferred_caller_is_answered_in_a_later_turn)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    s_call_doer (troupe_stage_guest (stage), "a", s_defer, 1000);
    troupe_stage_advance (stage, 500);
    cr_assert_str_eq (doer_notes (), "");
    cr_assert_eq (troupe_caller_deadline_us (s_caller), 1000000);
    cr_assert_str_eq (doer_ask (stage, "a", s_answer, 100), "OK hello from a to guest");
    doer_do (stage, "a", s_answer_deferred);
    cr_assert_str_eq (doer_notes (), "answers TROUPE_OK OK:at last");
    troupe_stage_destroy (&stage);
}

//  Those who were put off are told at once when the one who put them off fails.
Test (call, deferred_caller_of_a_failed_incarnation_is_failed)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    s_call_doer (troupe_stage_guest (stage), "a", s_defer, 1000);
    troupe_stage_run (stage);
    doer_do (stage, "a", s_fail);
    const char *notes = doer_notes ();
    cr_assert_eq (strncmp (notes, "FAILED:", 7), 0, "'%s'", notes);
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

static int s_fail_deferred (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    doer_note ("%s", troupe_error_name (troupe_answer_failure (&s_caller, "in vain")));
    return 0;
}

//  Whoever lets go of callers that wait no more leaves nothing in the log: they have their outcome.
Test (call, failure_after_the_deadline_is_no_dead_letter)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    s_call_doer (troupe_stage_guest (stage), "a", s_defer, 100);
    troupe_stage_advance (stage, 100);
    doer_do (stage, "a", s_fail_deferred);
    cr_assert_str_eq (doer_notes (), "TIMEOUT: TROUPE_OK");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_LATE_REPLY), 0);
    troupe_stage_destroy (&stage);
}

static int s_call_the_deferring_a (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    s_call_doer (self, "a", s_defer, TROUPE_FOREVER);
    return 0;
}

//  A caller that ended before has nobody left who could miss an answer, least of all one that nobody has written.
Test (call, deferred_caller_that_is_gone_is_no_dead_letter)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    doer_new (stage, "b");
    doer_do (stage, "b", s_call_the_deferring_a);
    cr_assert_eq (troupe_stage_stop (stage, "b"), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_stop (stage, "a"), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_NO_CALLER), 0);
    troupe_stage_destroy (&stage);
}

//  One call, one answer: the second is a bug of the handler's and says so.
Test (call, second_answer_is_refused)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    cr_assert_str_eq (doer_ask (stage, "a", s_answer_twice, 100), "OK one");
    troupe_stage_destroy (&stage);
}

//  A cast has nobody to answer, and answering it anyway does no harm.
Test (call, answering_a_cast_does_nothing)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "a");
    doer_do (stage, "a", s_answer);
    cr_assert_eq (troupe_stage_incarnation (stage, "a"), 1);
    troupe_stage_destroy (&stage);
}
