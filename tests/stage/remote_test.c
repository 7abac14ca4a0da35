/*  =========================================================================
    remote_test.c - what refs promise when the actor is on another machine, and the network fails

    Place: tests/stage, of runtime/core/cell/cell_remote.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 5

static int s_calls;                 //  How many a sender makes in one turn
static int64_t s_timeout_ms;
static size_t s_size;               //  How large casts are
static troupe_call_t s_last_call;
static char s_arrived [64];         //  The first bytes of what the box has got
static char s_taken [64];

//  What has arrived since it was asked last.
static const char *s_got (void)
{
    memcpy (s_taken, s_arrived, sizeof s_taken);
    memset (s_arrived, 0, sizeof s_arrived);
    return s_taken;
}

//  Remembers what it gets; answers what begins with a digit, and keeps callers of the rest waiting.
static int s_note_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    char first = *troupe_message_text (message);
    s_arrived [strlen (s_arrived)] = first;
    if (first >= '0' && first <= '9')
        return (int) troupe_replyf (self, message, "%c", first);
    troupe_defer (self, message);
    return 0;
}

static const troupe_behavior_t s_noter = { .name = "noter", .receive = s_note_receive };

static troupe_stage_t *s_stage (troupe_mailbox_options_t mailbox)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_child_t spec = { .id = "box", .behavior = &s_noter, .mailbox = mailbox };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    doer_new (stage, "sender");
    troupe_stage_cut_off (stage, "box", false);
    s_calls = 3;
    s_timeout_ms = 1000;
    s_size = 1;
    return stage;
}

static int s_call (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    for (int index = 1; index <= s_calls; index++) {
        char payload = (char) ('0' + index);
        troupe_call (troupe_ref (self, "box"), 0, &payload, 1, s_timeout_ms, doer_on_reply, "", &s_last_call);
    }
    return 0;
}

//  A call that is taken and not answered.
static int s_call_taken (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_call (troupe_ref (self, "box"), 0, "t", 1, s_timeout_ms, doer_on_reply, "t-", &s_last_call);
    return 0;
}

static int s_call_idempotent (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_call_idempotent (troupe_ref (self, "box"), 0, "i", 1, s_timeout_ms, doer_on_reply, "i-", &s_last_call);
    return 0;
}

static int s_cancel (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert (troupe_call_cancel (self, s_last_call));
    return 0;
}

static int s_cast (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    static char payload [20000];
    for (int index = 1; index <= s_calls; index++) {
        payload [0] = (char) ('0' + index);
        troupe_error_t error = troupe_cast (troupe_ref (self, "box"), 0, payload, s_size);
        if (error)
            doer_note ("%d:%s", index, troupe_error_name (error));
    }
    return 0;
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("%s:%s", troupe_ref_address (ref), troupe_reason_kind_name (reason->kind));
    return 0;
}

static int s_monitor (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_monitor (troupe_ref (self, "box"), s_on_down, NULL, NULL), TROUPE_OK);
    return 0;
}

//  --- When all is well

//  Where the actor is makes no difference to who calls it.
Test (remote, reachable_actor_is_like_any_other)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    doer_do (stage, "sender", s_call);
    cr_assert_str_eq (doer_notes (), "OK:1 OK:2 OK:3");
    doer_do (stage, "sender", s_cast);
    cr_assert_str_eq (s_got (), "123123");
    troupe_stage_destroy (&stage);
}

//  --- Cut off

//  What cannot be sent yet is not lost, and keeps its order.
Test (remote, calls_wait_while_cut_off_and_go_on_in_order)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    troupe_stage_cut_off (stage, "box", true);
    doer_do (stage, "sender", s_call);
    troupe_stage_advance (stage, 500);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "OK:1 OK:2 OK:3");
    cr_assert_str_eq (s_got (), "123");
    troupe_stage_destroy (&stage);
}

//  A large message waits like a small one.
Test (remote, large_payloads_wait_too)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    troupe_stage_cut_off (stage, "box", true);
    s_size = 20000;
    s_calls = 9;
    doer_do (stage, "sender", s_cast);
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_got (), "123456789");
    troupe_stage_destroy (&stage);
}

//  Who waits is told as soon as it is known that no answer will come, and once.
Test (remote, taken_calls_end_with_down_at_once)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    doer_do (stage, "sender", s_call_taken);
    troupe_stage_cut_off (stage, "box", true);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "t-DOWN:");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_advance (stage, 5000);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  A deadline is the caller's: waiting for a connection is waiting.
Test (remote, deadlines_run_while_nothing_can_be_sent)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    troupe_stage_cut_off (stage, "box", true);
    doer_do (stage, "sender", s_call);
    troupe_stage_advance (stage, 1000);
    cr_assert_str_eq (doer_notes (), "TIMEOUT: TIMEOUT: TIMEOUT:");
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_got (), "", "what is too late is not sent");
    troupe_stage_destroy (&stage);
}

//  Work that nobody waits for any more is not done: the other machine is told when the caller stops waiting, whatever
//  it thinks of the time.
Test (remote, late_call_is_cancelled_on_the_other_side)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    s_calls = 1;
    doer_do (stage, "sender", s_call);
    troupe_stage_delay (stage, "sender", "box", 90);
    s_timeout_ms = 100;
    doer_do (stage, "sender", s_call);
    troupe_stage_hang (stage, "box", true);
    troupe_stage_advance (stage, 100);
    troupe_stage_delay (stage, "sender", "box", 0);
    troupe_stage_hang (stage, "box", false);
    troupe_stage_advance (stage, 95);
    cr_assert_str_eq (doer_notes (), "OK:1 TIMEOUT:");
    cr_assert_str_eq (s_got (), "1");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_EXPIRED), 1);
    troupe_stage_destroy (&stage);
}

//  A call that was given up is not sent later.
Test (remote, cancelled_while_waiting_is_never_sent)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    troupe_stage_cut_off (stage, "box", true);
    doer_do (stage, "sender", s_call);
    doer_do (stage, "sender", s_cancel);
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "CANCELLED: OK:1 OK:2");
    cr_assert_str_eq (s_got (), "12");
    troupe_stage_destroy (&stage);
}

//  What was sent and never taken is counted, as it is nowhere else.
Test (remote, lost_casts_are_dead_letters)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    doer_do (stage, "sender", s_call);
    troupe_stage_hang (stage, "box", true);
    doer_do (stage, "sender", s_cast);
    doer_do (stage, "sender", s_call_taken);
    troupe_stage_cut_off (stage, "box", true);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_DOWN), 3);
    cr_assert_str_eq (doer_notes (), "OK:1 OK:2 OK:3 t-DOWN:");
    troupe_stage_destroy (&stage);
}

//  Exactly one DOWN, and why.
Test (remote, monitor_is_told_that_the_actor_is_unreachable)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    doer_do (stage, "sender", s_monitor);
    troupe_stage_cut_off (stage, "box", true);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "box:UNREACHABLE");
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_stop (stage, "box");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  There is nobody to watch when there is no connection to begin with.
Test (remote, monitor_of_an_actor_that_cannot_be_reached_is_told_at_once)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    troupe_stage_cut_off (stage, "box", true);
    doer_do (stage, "sender", s_monitor);
    cr_assert_str_eq (doer_notes (), "box:UNREACHABLE");
    troupe_stage_destroy (&stage);
}

//  An orderly end is told over a connection as it is in one process.
Test (remote, monitor_is_told_of_an_orderly_end)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    doer_do (stage, "sender", s_monitor);
    doer_do (stage, "sender", s_call_taken);
    troupe_stage_stop (stage, "box");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "t-FAILED:shut down box:SHUTDOWN");
    troupe_stage_destroy (&stage);
}

//  --- Bounds

//  Waiting for a connection takes no more memory than the mailbox would.
Test (remote, what_waits_is_bounded)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2 });
    s_calls = 1;
    doer_do (stage, "sender", s_cast);
    troupe_stage_cut_off (stage, "box", true);
    troupe_stage_run (stage);
    s_got ();
    s_calls = 4;
    doer_do (stage, "sender", s_cast);
    cr_assert_str_eq (doer_notes (), "3:TROUPE_EFULL 4:TROUPE_EFULL");
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_got (), "12");
    troupe_stage_destroy (&stage);
}

//  Calls that have ended make room for others.
Test (remote, what_has_ended_does_not_take_room)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 3 });
    doer_do (stage, "sender", s_call);
    troupe_stage_cut_off (stage, "box", true);
    troupe_stage_run (stage);
    doer_do (stage, "sender", s_call);
    troupe_stage_advance (stage, 1000);
    doer_notes ();
    doer_do (stage, "sender", s_call);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "OK:1 OK:2 OK:3");
    troupe_stage_destroy (&stage);
}

//  A mailbox with less room than was thought gets what it has room for, and the rest as it takes it.
Test (remote, mailbox_gets_no_more_than_it_has_room_for)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2 });
    troupe_stage_cut_off (stage, "box", true);
    s_calls = 7;
    doer_do (stage, "sender", s_cast);
    troupe_stage_hang (stage, "box", true);
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_run (stage);
    troupe_stage_hang (stage, "box", false);
    size_t most = 0;
    for (size_t size = 0; troupe_stage_step (stage); most = size > most ? size : most)
        size = troupe_stage_mailbox_size (stage, "box");
    cr_assert_eq (most, 2);
    cr_assert_str_eq (s_got (), "1234567");
    troupe_stage_destroy (&stage);
}

//  It would break the connection for everything else.
Test (remote, larger_than_the_mailbox_takes_is_refused)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_bytes = 100 });
    s_calls = 1;
    doer_do (stage, "sender", s_cast);
    s_size = 93;
    doer_do (stage, "sender", s_cast);
    cr_assert_str_eq (doer_notes (), "1:TROUPE_ETOOBIG");
    cr_assert_str_eq (s_got (), "1");
    troupe_stage_destroy (&stage);
}

//  Before anything is known of the mailbox it is taken, and is then a dead letter.
Test (remote, larger_than_the_mailbox_turns_out_to_take_is_a_dead_letter)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_bytes = 100 });
    s_calls = 1;
    s_size = 20000;
    doer_do (stage, "sender", s_cast);
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_OVERFLOW), 1);
    troupe_stage_destroy (&stage);
}

//  --- Once more

//  Work that may be done twice survives the loss of who did it.
Test (remote, idempotent_call_is_made_once_more)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    doer_do (stage, "sender", s_call_idempotent);
    troupe_stage_cut_off (stage, "box", true);
    doer_do (stage, "sender", s_call);
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "OK:1 OK:2 OK:3");
    cr_assert_str_eq (s_got (), "ii123", "it keeps its place");
    troupe_stage_advance (stage, 1000);
    cr_assert_str_eq (doer_notes (), "i-TIMEOUT:");
    troupe_stage_destroy (&stage);
}

//  And no more than that.
Test (remote, idempotent_call_is_not_made_a_third_time)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    doer_do (stage, "sender", s_call_idempotent);
    for (int times = 0; times < 3; times++) {
        troupe_stage_cut_off (stage, "box", true);
        troupe_stage_run (stage);
        troupe_stage_cut_off (stage, "box", false);
        troupe_stage_run (stage);
    }
    cr_assert_str_eq (doer_notes (), "i-DOWN:");
    cr_assert_str_eq (s_got (), "ii");
    troupe_stage_destroy (&stage);
}

static int s_exit_at_once (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_exit (self);
    return 0;
}

//  Nobody has its name next: then it has ended with its actor.
Test (remote, idempotent_call_ends_with_down_when_nobody_is_left)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "sender");
    doer_new (stage, "box");
    s_timeout_ms = 1000;
    troupe_stage_cut_off (stage, "box", false);
    troupe_stage_delay (stage, "sender", "box", 10);
    doer_do (stage, "sender", s_call_idempotent);
    doer_do (stage, "box", s_exit_at_once);
    troupe_stage_advance (stage, 20);
    cr_assert_str_eq (doer_notes (), "i-DOWN:");
    troupe_stage_destroy (&stage);
}
