/*  =========================================================================
    call_cancel_test.c - learning that a deferred caller has given up

    Place: tests/stage, of runtime/core/cell/cell_follow.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "doer.h"

#define S_SEED 5
#define S_MANY 100

static troupe_caller_t *s_caller;
static troupe_caller_t *s_callers [S_MANY];
static size_t s_caller_count;
static troupe_call_t s_calls [S_MANY];
static bool s_answers;

static int s_on_cancelled (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context)
{
    (void) self;
    (void) state;
    cr_assert (troupe_caller_is_cancelled (caller));
    doer_note ("%s-gives-up", (const char *) context);
    if (s_answers)
        troupe_answerf (&caller, "to nobody");
    if (s_caller_count == 0)
        s_caller = caller;
    return 0;
}

static int s_follow (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    s_caller = troupe_defer (self, message);
    cr_assert_eq (troupe_caller_on_cancel (s_caller, s_on_cancelled, "a"), TROUPE_OK);
    cr_assert_eq (troupe_caller_on_cancel (s_caller, s_on_cancelled, "a"), TROUPE_ESTATE, "once");
    cr_assert_eq (troupe_caller_on_cancel (NULL, s_on_cancelled, "a"), TROUPE_EINVAL);
    cr_assert_not (troupe_caller_is_cancelled (s_caller));
    return 0;
}

static int s_follow_in_silence (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    s_caller = troupe_defer (self, message);
    cr_assert_eq (troupe_caller_on_cancel (s_caller, NULL, NULL), TROUPE_OK);
    return 0;
}

static int s_defer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    s_caller = troupe_defer (self, message);
    return 0;
}

static int s_follow_fails (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    s_callers [s_caller_count] = troupe_defer (self, message);
    cr_assert_eq (troupe_caller_on_cancel (s_callers [s_caller_count++], s_on_cancelled, "a"), TROUPE_OK);
    return 0;
}

static int s_answer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    doer_note ("%s", troupe_error_name (troupe_answerf (&s_caller, "late")));
    return 0;
}

static int s_answer_message (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_message_t *reply = troupe_message_new (1, "late", 4);
    doer_note ("%s", troupe_error_name (troupe_answer_message (&s_caller, &reply)));
    cr_assert_null (reply);
    return 0;
}

static int s_delegate_to_c (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    if (troupe_name (self) [0] == 'c')
        return s_follow (self, state, message);
    return (int) troupe_delegate (self, message, troupe_ref (self, "c"));
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 1, "broken");
}

//  The guest calls 'name', who does that with it.
static troupe_call_t s_call (troupe_stage_t *stage, const char *name, doer_fn *fn)
{
    troupe_call_t call = 0;
    troupe_actor_t *guest = troupe_stage_guest (stage);
    cr_assert_eq (troupe_call (troupe_ref (guest, name), 0, &fn, sizeof fn, 1000, doer_on_reply, NULL, &call),
                  TROUPE_OK);
    troupe_stage_run (stage);
    return call;
}

static void s_cancel (troupe_stage_t *stage, troupe_call_t call)
{
    cr_assert (troupe_call_cancel (troupe_stage_guest (stage), call));
    troupe_stage_run (stage);
}

static uint64_t s_dead (troupe_stage_t *stage)
{
    uint64_t count = 0;
    for (int reason = 0; reason < (int) TROUPE_DEAD_REASONS; reason++)
        count += troupe_stage_dead_letters (stage, (troupe_dead_reason_t) reason);
    return count;
}

//  It is told once, and who is answered afterwards has no dead letter of it.
Test (cancel, is_told_and_the_answer_is_let_go_quietly)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    troupe_call_t call = s_call (stage, "b", s_follow);
    s_cancel (stage, call);
    cr_assert_str_eq (doer_notes (), "a-gives-up CANCELLED:");
    doer_do (stage, "b", s_answer);
    troupe_stage_advance (stage, 2000);
    cr_assert_str_eq (doer_notes (), "TROUPE_OK", "not once more");
    cr_assert_eq (s_dead (stage), 0);
    troupe_stage_destroy (&stage);
}

//  The same with a message of one's own.
Test (cancel, message_of_ones_own_is_let_go_too)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    s_cancel (stage, s_call (stage, "b", s_follow));
    doer_notes ();
    doer_do (stage, "b", s_answer_message);
    cr_assert_str_eq (doer_notes (), "TROUPE_OK");
    cr_assert_eq (s_dead (stage), 0);
    troupe_stage_destroy (&stage);
}

//  Nothing has changed for who does not ask: the answer finds nobody.
Test (cancel, who_does_not_ask_learns_it_by_a_dead_letter)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    s_cancel (stage, s_call (stage, "b", s_defer));
    cr_assert_not (troupe_caller_is_cancelled (s_caller), "it is not known");
    doer_do (stage, "b", s_answer);
    cr_assert_str_eq (doer_notes (), "CANCELLED: TROUPE_OK");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_LATE_REPLY), 1);
    troupe_stage_destroy (&stage);
}

//  Whoever works in steps looks between them.
Test (cancel, can_be_asked_instead)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    troupe_call_t call = s_call (stage, "b", s_follow_in_silence);
    cr_assert_not (troupe_caller_is_cancelled (s_caller));
    s_cancel (stage, call);
    cr_assert (troupe_caller_is_cancelled (s_caller));
    doer_do (stage, "b", s_answer);
    cr_assert_str_eq (doer_notes (), "CANCELLED: TROUPE_OK");
    troupe_stage_destroy (&stage);
}

//  Who has its answer cannot give up any more.
Test (cancel, is_not_told_of_who_was_answered)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    troupe_call_t call = s_call (stage, "b", s_follow);
    doer_later (stage, "b", s_answer);
    s_cancel (stage, call);
    cr_assert_str_eq (doer_notes (), "TROUPE_OK CANCELLED:");
    troupe_stage_destroy (&stage);
}

//  Each is found among many, whatever their order, and answering within the callback is fine.
Test (cancel, finds_each_of_many)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    s_answers = true;
    for (int index = 0; index < S_MANY; index++)
        s_calls [index] = s_call (stage, "b", s_follow_fails);
    for (int index = 0; index < S_MANY; index++) {
        int which = (index * 37 + 11) % S_MANY;
        s_cancel (stage, s_calls [which]);
        const char *notes = doer_notes ();
        cr_assert (strcmp (notes, "a-gives-up CANCELLED:") == 0 || strcmp (notes, "CANCELLED: a-gives-up") == 0,
                   "%d: %s", which, notes);
    }
    cr_assert_eq (s_dead (stage), 0);
    troupe_stage_destroy (&stage);
}

//  An incarnation that ends while some of its callers give up has nobody to tell.
Test (cancel, is_not_told_to_the_next_incarnation)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    for (int index = 0; index < 3; index++)
        s_calls [index] = s_call (stage, "b", s_follow_fails);
    doer_later (stage, "b", s_fail);
    s_cancel (stage, s_calls [1]);
    cr_assert_str_eq (doer_notes (), "CANCELLED: FAILED:the actor failed FAILED:the actor failed");
    troupe_stage_destroy (&stage);
}

//  Giving up travels as far as the call has.
Test (cancel, delegated_call_is_given_up_with_its_caller)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    doer_new (stage, "c");
    s_answers = true;
    troupe_call_t call = s_call (stage, "b", s_delegate_to_c);
    s_cancel (stage, call);
    cr_assert_str_eq (doer_notes (), "a-gives-up CANCELLED:");
    cr_assert_eq (s_dead (stage), 0);
    troupe_stage_destroy (&stage);
}
