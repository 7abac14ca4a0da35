/*  =========================================================================
    call_test.c - every end of a call, between real threads

    Place: tests/live. What tests/stage says of calls holds here too: the same
    facts with sockets between.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "troupe_world.h"

//  --- What actors do

static int s_answer_failure (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    return (int) troupe_reply_failure (self, message, "not %" PRIu64, word->number);
}

static int s_answer_twice (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) word;
    troupe_replyf (self, message, "first");
    troupe_error_t error = troupe_replyf (self, message, "second");
    return error == TROUPE_ESTATE ? 0 : troupe_fail (self, 1, "%s", troupe_error_name (error));
}

static int s_answer_later (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    troupe_caller_t *caller = context;
    return (int) troupe_answerf (&caller, "later");
}

static int s_put_off (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    troupe_caller_t *caller = troupe_defer (self, message);
    return troupe_after (self, (int64_t) word->number, s_answer_later, caller) ? 0 : 1;
}

//  "text" is to be echoed by the actor of that name, for this one's caller.
static int s_delegate (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    if (strcmp (troupe_name (self), word->text) == 0)
        return (int) troupe_replyf (self, message, "%s for %s", troupe_name (self), troupe_message_sender (message));
    return (int) troupe_delegate (self, message, troupe_ref (self, word->text));
}

//  Answers with what is left of the deadline, in whole seconds.
static int s_answer_left (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) word;
    int64_t deadline_us = troupe_message_deadline_us (message);
    if (deadline_us == TROUPE_FOREVER)
        return (int) troupe_replyf (self, message, "for ever");
    bool within = deadline_us > troupe_now_us (self) && deadline_us <= troupe_now_us (self) + INT64_C (5000000);
    return (int) troupe_replyf (self, message, "%s", within ? "within" : "beyond");
}

static int s_exit_after_defer (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) word;
    troupe_defer (self, message);
    troupe_exit (self);
    return 0;
}

//  --- Facts

//  All ends that an actor gives itself.
Test (live_call, handlers_give_their_outcomes)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "hello"), "OK hello 1");
    cr_assert_str_eq (world_ask (troupe, "a", s_answer_failure, 3, NULL), "FAILED not 3");
    cr_assert_str_eq (world_ask (troupe, "a", world_forget, 0, NULL), "FAILED the handler gave no answer");
    cr_assert_str_eq (world_ask (troupe, "a", s_answer_twice, 0, NULL), "OK first");
    cr_assert_str_eq (world_ask (troupe, "a", world_fail, 0, "no table"), "FAILED no table");
    cr_assert_str_eq (world_ask (troupe, "a", s_put_off, 5, NULL), "OK later");
    cr_assert_str_eq (world_ask (troupe, "a", s_put_off, 0, NULL), "OK later");
    cr_assert_str_eq (world_ask (troupe, "nobody", world_echo, 0, NULL), "NO_SUCH_ACTOR");
    cr_assert_str_eq (world_ask (troupe, "in valid", world_echo, 0, NULL), "NO_SUCH_ACTOR");
    world_end (troupe);
}

//  The remaining time is the callee's to know.
Test (live_call, deadline_travels)
{
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    cr_assert_str_eq (world_ask_for (troupe, "a", s_answer_left, 0, NULL, 5000), "OK within");
    cr_assert_str_eq (world_ask_for (troupe, "a", s_answer_left, 0, NULL, TROUPE_FOREVER), "OK for ever");
    world_end (troupe);
}

//  The answer goes to who asked, not to who handed it on.
Test (live_call, delegate_answers_the_caller)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    cr_assert_str_eq (world_ask (troupe, "a", s_delegate, 0, "b"), "OK b for a");
    cr_assert_str_eq (world_ask (troupe, "a", s_delegate, 0, "nobody"), "NO_SUCH_ACTOR");
    world_end (troupe);
}

//  Silence ends at the deadline, and what comes afterwards never reaches user code.
Test (live_call, late_answer_is_a_dead_letter)
{
    world_gate_make ();
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    world_hear_dead_letters (troupe);
    world_call (troupe, "a", s_put_off, 60, NULL, 20);
    cr_assert_str_eq (world_notes (troupe, 1), "TIMEOUT:");
    cr_assert_str_eq (world_notes (troupe, 1), "dead:LATE_REPLY:a>guest");
    world_end (troupe);
}

//  Work that nobody waits for any more is not done.
Test (live_call, expired_work_is_dropped)
{
    world_gate_make ();
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    world_hear_dead_letters (troupe);
    world_hold (troupe, "a");
    cr_assert_str_eq (world_ask_for (troupe, "a", world_fail, 0, "done all the same", 5), "TIMEOUT");
    world_gate_open ();
    cr_assert_str_eq (world_notes (troupe, 1), "dead:EXPIRED:guest>a");
    world_gate_open ();
    cr_assert_str_eq (world_ask (troupe, "a", world_hang, 0, NULL), "OK life 1");
    world_end (troupe);
}

//  So is work that its caller has given up, which is told in a later turn.
Test (live_call, cancelled_work_is_dropped)
{
    world_gate_make ();
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    world_hold (troupe, "a");
    troupe_call_t call = world_call (troupe, "a", world_fail, 0, "done all the same", WORLD_MS);
    cr_assert (troupe_call_cancel (troupe_guest (troupe), call));
    cr_assert_not (troupe_call_cancel (troupe_guest (troupe), call), "it has been given up already");
    cr_assert_str_eq (world_notes (troupe, 1), "CANCELLED:");
    world_gate_open ();
    world_gate_open ();
    cr_assert_str_eq (world_ask (troupe, "a", world_hang, 0, NULL), "OK life 1");
    world_end (troupe);
}

//  Who waits behind an actor's end is told at once, whether it was taken on or still in the mailbox.
Test (live_call, actor_that_ends_first_is_down)
{
    static const troupe_child_t children [] = {
        { .id = "a", .behavior = &world_doer, .restart = TROUPE_TEMPORARY }, { .id = NULL } };
    world_gate_make ();
    troupe_t *troupe = world_with (children);
    world_hold (troupe, "a");
    world_call (troupe, "a", s_exit_after_defer, 0, NULL, TROUPE_FOREVER);
    for (int call = 0; call < 5; call++)
        world_call (troupe, "a", world_echo, 0, NULL, TROUPE_FOREVER);
    world_gate_open ();
    const char *notes = world_notes (troupe, 6);
    cr_assert_not_null (strstr (notes, "FAILED:"), "it had been taken on: %s", notes);
    cr_assert_not_null (strstr (notes, "DOWN: DOWN: DOWN: DOWN: DOWN:"), "%s", notes);
    const char *late = world_ask (troupe, "a", world_echo, 0, NULL);
    cr_assert (strcmp (late, "DOWN") == 0 || strcmp (late, "NO_SUCH_ACTOR") == 0, "%s", late);
    world_end (troupe);
}

//  Those who were put off are told at once when the one who put them off fails.
Test (live_call, deferred_callers_of_a_failed_incarnation_are_failed)
{
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    world_call (troupe, "a", world_defer, 0, NULL, TROUPE_FOREVER);
    world_call (troupe, "a", world_defer, 0, NULL, TROUPE_FOREVER);
    world_call (troupe, "a", world_fail, 0, "broken", TROUPE_FOREVER);
    const char *notes = world_notes (troupe, 3);
    cr_assert_null (strstr (notes, "DOWN"), "%s", notes);
    cr_assert_not_null (strstr (notes, "FAILED:broken"), "%s", notes);
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "x"), "OK x 1");
    world_end (troupe);
}

//  The promise of restarting in place: nobody's ref goes bad and no mail is lost.
Test (live_call, queued_mail_survives_restarts)
{
    world_gate_make ();
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    world_hold (troupe, "a");
    for (int life = 1; life <= 10; life++) {
        world_call (troupe, "a", world_fail, 0, "broken", WORLD_MS);
        world_call (troupe, "a", world_hang, 0, NULL, WORLD_MS);
    }
    for (int time = 0; time <= 10; time++)
        world_gate_open ();
    cr_assert_str_eq (world_notes (troupe, 20), "FAILED:broken OK:life 2 FAILED:broken OK:life 3 "
                      "FAILED:broken OK:life 4 FAILED:broken OK:life 5 FAILED:broken OK:life 6 FAILED:broken OK:life 7 "
                      "FAILED:broken OK:life 8 FAILED:broken OK:life 9 FAILED:broken OK:life 10 FAILED:broken "
                      "OK:life 11");
    world_end (troupe);
}

//  --- Large payloads

#define S_LARGE (1024u * 1024u)

static int s_freed [2];

static void s_free_large (void *data, void *hint)
{
    free (data);
    if (write (s_freed [1], hint, 1) != 1)
        abort ();
}

static uint8_t *s_large (uint8_t seed)
{
    uint8_t *data = malloc (S_LARGE);
    for (size_t index = 0; data && index < S_LARGE; index++)
        data [index] = (uint8_t) (index * 31 + index / 256 + seed);
    return data;
}

static bool s_is_large (const troupe_message_t *message, uint8_t seed)
{
    const uint8_t *data = troupe_message_data (message);
    if (troupe_message_size (message) != S_LARGE)
        return false;
    for (size_t index = 0; index < S_LARGE; index++)
        if (data [index] != (uint8_t) (index * 31 + index / 256 + seed))
            return false;
    return true;
}

//  Keeps what it gets with tag 1, forwards what it kept with tag 2, sends everything else back.
static int s_keeper_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    troupe_message_t **kept = state;
    if (troupe_message_tag (message) == 1) {
        *kept = troupe_message_keep (message);
        return (int) troupe_replyf (self, message, "kept");
    }
    if (troupe_message_tag (message) == 2)
        return (int) troupe_reply_message (self, message, kept);
    troupe_message_t *back = troupe_message_keep (message);
    return back ? (int) troupe_reply_message (self, message, &back) : 1;
}

static int s_keeper_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (troupe_message_t *));
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "state");
}

static void s_keeper_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    troupe_message_destroy (state);
    free (state);
}

static const troupe_behavior_t s_keeper = { .name = "keeper", .start = s_keeper_start, .receive = s_keeper_receive,
                                            .stop = s_keeper_stop };
static const troupe_child_t s_keepers [] = { { .id = "a", .behavior = &s_keeper }, { .id = NULL } };

//  A payload of a megabyte arrives as it was sent, and so does its way back.
Test (live_call, large_payloads_go_both_ways)
{
    troupe_t *troupe = world_with (s_keepers);
    for (uint8_t seed = 0; seed < 5; seed++) {
        uint8_t *data = s_large (seed);
        troupe_message_t *reply = NULL;
        cr_assert_eq (troupe_call_wait (troupe, "a", 0, data, S_LARGE, WORLD_MS, &reply), TROUPE_CALL_OK);
        cr_assert (s_is_large (reply, seed));
        troupe_message_destroy (&reply);
        cr_assert_eq (troupe_call_wait (troupe, "a", 1, data, S_LARGE, WORLD_MS, NULL), TROUPE_CALL_OK);
        free (data);
        cr_assert_eq (troupe_call_wait (troupe, "a", 2, NULL, 0, WORLD_MS, &reply), TROUPE_CALL_OK);
        cr_assert (s_is_large (reply, seed), "kept over a turn");
        troupe_message_destroy (&reply);
    }
    world_end (troupe);
}

static int s_on_large (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    world_note ("%s:%d", troupe_outcome_name (outcome), s_is_large (reply, 9));
    return 0;
}

//  Memory that was handed over is freed exactly once, by whoever had it last.
Test (live_call, wrapped_payloads_are_freed_once)
{
    cr_assert_eq (pipe (s_freed), 0);
    troupe_t *troupe = world_with (s_keepers);
    troupe_message_t *message = troupe_message_wrap (0, s_large (9), S_LARGE, s_free_large, "f");
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), "a");
    cr_assert_eq (troupe_call_message (ref, &message, WORLD_MS, s_on_large, NULL, NULL), TROUPE_OK);
    cr_assert_null (message);
    cr_assert_str_eq (world_notes (troupe, 1), "OK:1");
    char byte;
    cr_assert_eq (read (s_freed [0], &byte, 1), 1);
    message = troupe_message_wrap (0, s_large (9), S_LARGE, s_free_large, "f");
    cr_assert_eq (troupe_cast_message (ref, &message), TROUPE_OK);
    world_end (troupe);
    cr_assert_eq (read (s_freed [0], &byte, 1), 1);
    close (s_freed [1]);
    cr_assert_eq (read (s_freed [0], &byte, 1), 0, "and not a third time");
}
