/*  =========================================================================
    mailbox_test.c - mailboxes are bounded, and what does not fit is never lost in silence

    Place: tests/stage, of runtime/core/cell/cell_ref.c and cell_mail.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 3

static int s_sends;                 //  How many messages a sender sends in one turn
static size_t s_size;               //  And how large they are

//  Takes notes of the first byte of what it gets.
static int s_note_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    doer_note ("%c", *troupe_message_text (message));
    return (int) troupe_reply (self, message, "ok", 2);
}

static const troupe_behavior_t s_noter = { .name = "noter", .receive = s_note_receive };

static troupe_stage_t *s_stage (troupe_mailbox_options_t mailbox)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_child_t spec = { .id = "box", .behavior = &s_noter, .mailbox = mailbox };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    doer_new (stage, "sender");
    doer_new (stage, "other");
    s_size = 1;
    return stage;
}

//  Sends "1", "2", ... and notes each error.
static int s_send (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    char payload [256] = { 0 };
    for (int index = 1; index <= s_sends; index++) {
        payload [0] = (char) ('0' + index);
        troupe_error_t error = troupe_cast (troupe_ref (self, "box"), 0, payload, s_size);
        if (error)
            doer_note ("%d:%s", index, troupe_error_name (error));
    }
    return 0;
}

static int s_send_own (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_message_t *own = troupe_message_new (0, "whole", 5);
    troupe_error_t error = troupe_cast_message (troupe_ref (self, "box"), &own);
    doer_note ("%s:%s", troupe_error_name (error), own ? troupe_message_text (own) : "taken");
    troupe_message_destroy (&own);
    return 0;
}

static int s_call (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_call (troupe_ref (self, "box"), 0, "c", 1, 100, doer_on_reply, NULL, NULL);
    return 0;
}

//  The default: the sender is told, and decides itself what to give up.
Test (mailbox, reject_by_count_tells_the_sender)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2 });
    s_sends = 4;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "3:TROUPE_EFULL 4:TROUPE_EFULL 1 2");
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "3:TROUPE_EFULL 4:TROUPE_EFULL 1 2", "there is room again");
    troupe_stage_destroy (&stage);
}

//  A few large messages are as much of a burden as many small ones: 100 bytes and their envelope count 108.
Test (mailbox, reject_by_bytes_tells_the_sender)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_bytes = 250 });
    s_sends = 3;
    s_size = 100;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "3:TROUPE_EFULL 1 2");
    troupe_stage_destroy (&stage);
}

//  A message beyond the limit would never get through otherwise: alone, it fits.
Test (mailbox, one_message_larger_than_the_limit_is_taken)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_bytes = 50 });
    s_sends = 2;
    s_size = 100;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "2:TROUPE_EFULL 1");
    troupe_stage_destroy (&stage);
}

//  Credit comes back by halves; a message larger than the half that is left must not wait for it for ever.
Test (mailbox, a_large_message_is_refused_only_while_others_are_in_its_way)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_bytes = 250 });
    s_sends = 1;
    s_size = 100;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "1");
    s_size = 200;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "1:TROUPE_EFULL");
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "1", "the mailbox is empty, and has said so");
    troupe_stage_destroy (&stage);
}

//  Sends are all or nothing.
Test (mailbox, refused_message_is_whole_with_its_sender)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    troupe_stage_fill_mailbox (stage, "box", true);
    doer_do (stage, "sender", s_send_own);
    cr_assert_str_eq (doer_notes (), "TROUPE_EFULL:whole");
    troupe_stage_fill_mailbox (stage, "box", false);
    doer_do (stage, "sender", s_send_own);
    cr_assert_str_eq (doer_notes (), "TROUPE_OK:taken w");
    troupe_stage_destroy (&stage);
}

//  One noisy sender does not take the others' room.
Test (mailbox, bounds_hold_for_each_sender)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2 });
    troupe_stage_hang (stage, "box", true);
    s_sends = 3;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "3:TROUPE_EFULL");
    s_sends = 2;
    doer_do (stage, "other", s_send);
    cr_assert_str_eq (doer_notes (), "");
    cr_assert_eq (troupe_stage_mailbox_size (stage, "box"), 4);
    troupe_stage_hang (stage, "box", false);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_mailbox_size (stage, "box"), 0);
    troupe_stage_destroy (&stage);
}

//  What is dropped is a dead letter, with reason.
Test (mailbox, drop_newest_keeps_the_first)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2,
                                                                  .overflow = TROUPE_OVERFLOW_DROP_NEWEST });
    s_sends = 5;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "1 2");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_OVERFLOW), 3);
    troupe_stage_destroy (&stage);
}

//  For values of which only the latest counts.
Test (mailbox, drop_oldest_keeps_the_last)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2,
                                                                  .overflow = TROUPE_OVERFLOW_DROP_OLDEST });
    s_sends = 5;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "4 5");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_OVERFLOW), 3);
    troupe_stage_destroy (&stage);
}

//  A call that a mailbox drops has ended, and its caller is told.
Test (mailbox, call_that_is_dropped_is_full)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2,
                                                                  .overflow = TROUPE_OVERFLOW_DROP_NEWEST });
    troupe_stage_hang (stage, "box", true);
    s_sends = 2;
    doer_do (stage, "sender", s_send);
    doer_do (stage, "sender", s_call);
    cr_assert_str_eq (doer_notes (), "FULL:");
    troupe_stage_destroy (&stage);
}

//  A sender that would rather wait than lose anything; time does not pass when the receiver is only behind.
Test (mailbox, block_waits_for_room)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2, .block_ms = 300,
                                                                  .overflow = TROUPE_OVERFLOW_BLOCK });
    s_sends = 6;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "1 2 3 4 5 6");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  It does not wait for ever.
Test (mailbox, block_gives_up_after_its_time)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 2, .block_ms = 300,
                                                                  .overflow = TROUPE_OVERFLOW_BLOCK });
    troupe_stage_hang (stage, "box", true);
    s_sends = 3;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "3:TROUPE_EFULL");
    cr_assert_eq (troupe_stage_now_ms (stage), 300);
    troupe_stage_destroy (&stage);
}

//  Mail for somebody who has ended is counted, whether it was on its way or is sent afterwards.
Test (mailbox, mail_for_the_dead_is_a_dead_letter)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { 0 });
    troupe_stage_hang (stage, "box", true);
    s_sends = 2;
    doer_do (stage, "sender", s_send);
    troupe_stage_hang (stage, "box", false);
    troupe_stage_fail_message (stage, "box", 1);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_DOWN), 1);
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "1:TROUPE_EDOWN 2:TROUPE_EDOWN");
    troupe_stage_destroy (&stage);
}

static int s_on_letter (troupe_actor_t *self, void *state, const troupe_dead_letter_t *letter, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("%s:%s>%s", troupe_dead_reason_name (letter->reason), letter->from, letter->to);
    return 0;
}

static int s_subscribe (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_dead_letters (self, s_on_letter, NULL), TROUPE_OK);
    return 0;
}

//  Anybody may listen to what goes wrong.
Test (mailbox, dead_letters_are_told_to_whoever_asks)
{
    troupe_stage_t *stage = s_stage ((troupe_mailbox_options_t) { .limit_messages = 1,
                                                                  .overflow = TROUPE_OVERFLOW_DROP_NEWEST });
    doer_do (stage, "other", s_subscribe);
    troupe_stage_hang (stage, "box", true);
    s_sends = 2;
    doer_do (stage, "sender", s_send);
    cr_assert_str_eq (doer_notes (), "OVERFLOW:sender>box");
    troupe_stage_destroy (&stage);
}
