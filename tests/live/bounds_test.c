/*  =========================================================================
    bounds_test.c - bounded mailboxes between real threads

    Place: tests/live. The same facts as in tests/stage/mailbox_test.c, with a
    receiver that is held by a gate while it is sent to.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/actor/wait.h"
#include "troupe_world.h"

static int s_seen [2];              //  What the box has taken, a character each

//  A letter in the box: written down.
static int s_see (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    char character = (char) word->number;
    if (write (s_seen [1], &character, 1) != 1)
        return troupe_fail (self, 1, "nobody sees");
    return (int) troupe_replyf (self, message, "%c", character);
}

//  Sends '1', '2', ... up to 'number' to the box in one turn; answers which were refused, and with what.
static int s_send (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    char answer [200] = "";
    for (uint64_t index = 1; index <= word->number; index++) {
        world_word_t letter = { .fn = s_see, .number = '0' + index };
        troupe_error_t error = troupe_cast (troupe_ref (self, "box"), 0, &letter, sizeof letter);
        size_t size = strlen (answer);
        if (error)
            snprintf (answer + size, sizeof answer - size, "%" PRIu64 ":%s ", index, troupe_error_name (error));
    }
    return (int) troupe_replyf (self, message, "%s", answer);
}

static troupe_t *s_world (troupe_mailbox_options_t mailbox)
{
    const troupe_child_t children [] = {
        { .id = "box", .behavior = &world_doer, .mailbox = mailbox }, { .id = "sender", .behavior = &world_doer },
        { .id = "other", .behavior = &world_doer }, { .id = NULL } };
    world_gate_make ();
    cr_assert_eq (pipe (s_seen), 0);
    return world_with (children);
}

//  The first 'count' characters that the box has seen.
static const char *s_box_saw (size_t count)
{
    static char text [64];
    size_t size = 0;
    while (size < count) {
        ssize_t got = read (s_seen [0], text + size, count - size);
        cr_assert_gt (got, 0);
        size += (size_t) got;
    }
    text [size] = 0;
    return text;
}

//  The default: the sender is told and decides itself; there is room again once mail was taken.
Test (live_bounds, reject_by_count_tells_the_sender)
{
    troupe_t *troupe = s_world ((troupe_mailbox_options_t) { .limit_messages = 2 });
    world_hold (troupe, "box");
    cr_assert_str_eq (world_ask (troupe, "sender", s_send, 4, NULL), "OK 3:TROUPE_EFULL 4:TROUPE_EFULL ");
    cr_assert_str_eq (world_ask (troupe, "other", s_send, 2, NULL), "OK ", "bounds hold for each sender");
    world_gate_open ();
    cr_assert_str_eq (world_ask (troupe, "box", s_see, 'x', NULL), "OK x");
    cr_assert_eq (strlen (s_box_saw (5)), 5);
    world_end (troupe);
}

//  A few large messages are as much of a burden as many small ones.
Test (live_bounds, reject_by_bytes_tells_the_sender)
{
    troupe_t *troupe = s_world ((troupe_mailbox_options_t) { .limit_bytes = 2 * sizeof (world_word_t) + 40 });
    world_hold (troupe, "box");
    cr_assert_str_eq (world_ask (troupe, "sender", s_send, 3, NULL), "OK 3:TROUPE_EFULL ");
    world_gate_open ();
    cr_assert_str_eq (s_box_saw (2), "12");
    world_end (troupe);
}

//  A call ends with FULL, at once.
Test (live_bounds, call_to_a_full_mailbox_is_full)
{
    troupe_t *troupe = s_world ((troupe_mailbox_options_t) { .limit_messages = 2 });
    world_hold (troupe, "box");
    world_call (troupe, "box", s_see, '1', NULL, TROUPE_FOREVER);
    world_call (troupe, "box", s_see, '2', NULL, TROUPE_FOREVER);
    cr_assert_str_eq (world_notes (troupe, 1), "FULL:", "the one that holds it counts until its end");
    world_gate_open ();
    cr_assert_str_eq (world_notes (troupe, 1), "OK:1");
    cr_assert_str_eq (world_ask (troupe, "box", s_see, '3', NULL), "OK 3");
    world_end (troupe);
}

//  What is dropped is a dead letter, with reason, from and to.
Test (live_bounds, drop_newest_keeps_the_first)
{
    troupe_t *troupe = s_world ((troupe_mailbox_options_t) { .limit_messages = 2,
                                                             .overflow = TROUPE_OVERFLOW_DROP_NEWEST });
    world_hear_dead_letters (troupe);
    world_hold (troupe, "box");
    cr_assert_str_eq (world_ask (troupe, "sender", s_send, 4, NULL), "OK ");
    cr_assert_str_eq (world_notes (troupe, 2), "dead:OVERFLOW:sender>box dead:OVERFLOW:sender>box");
    world_gate_open ();
    cr_assert_str_eq (s_box_saw (2), "12");
    cr_assert_str_eq (world_ask (troupe, "box", s_see, 'x', NULL), "OK x");
    cr_assert_str_eq (s_box_saw (1), "x");
    world_end (troupe);
}

//  For values of which only the latest counts.
Test (live_bounds, drop_oldest_keeps_the_last)
{
    troupe_t *troupe = s_world ((troupe_mailbox_options_t) { .limit_messages = 2,
                                                             .overflow = TROUPE_OVERFLOW_DROP_OLDEST });
    world_hear_dead_letters (troupe);
    world_hold (troupe, "box");
    cr_assert_str_eq (world_ask (troupe, "sender", s_send, 5, NULL), "OK ");
    world_gate_open ();
    cr_assert_str_eq (s_box_saw (2), "45");
    cr_assert_not_null (strstr (world_notes (troupe, 1), "dead:OVERFLOW:sender>box"));
    world_end (troupe);
}

//  The same when they come in many packets.
Test (live_bounds, drop_oldest_looks_at_all_that_waits)
{
    troupe_t *troupe = s_world ((troupe_mailbox_options_t) { .limit_messages = 2,
                                                             .overflow = TROUPE_OVERFLOW_DROP_OLDEST });
    world_gate_open ();
    cr_assert_str_eq (world_ask (troupe, "box", world_hang, 0, NULL), "OK life 1");
    world_gate_await ();
    world_hold (troupe, "box");
    for (int time = 0; time < 4; time++)
        cr_assert_str_eq (world_ask (troupe, "sender", s_send, 3, NULL), "OK ");
    world_gate_open ();
    cr_assert_str_eq (s_box_saw (2), "23");
    cr_assert_str_eq (world_ask (troupe, "box", s_see, 'x', NULL), "OK x");
    cr_assert_str_eq (s_box_saw (1), "x");
    world_end (troupe);
}

//  A sender that would rather wait than lose anything.
Test (live_bounds, block_waits_for_room)
{
    troupe_t *troupe = s_world ((troupe_mailbox_options_t) { .limit_messages = 2, .block_ms = WORLD_MS,
                                                             .overflow = TROUPE_OVERFLOW_BLOCK });
    for (int time = 0; time < 20; time++) {
        cr_assert_str_eq (world_ask (troupe, "sender", s_send, 9, NULL), "OK ");
        cr_assert_str_eq (s_box_saw (9), "123456789");
    }
    world_hold (troupe, "box");
    world_call (troupe, "sender", s_send, 9, NULL, WORLD_MS);
    world_gate_open ();
    cr_assert_str_eq (world_notes (troupe, 1), "OK:");
    cr_assert_str_eq (s_box_saw (9), "123456789");
    world_end (troupe);
}

//  It waits as long as was said, and not for ever.
Test (live_bounds, block_gives_up_after_its_time)
{
    troupe_t *troupe = s_world ((troupe_mailbox_options_t) { .limit_messages = 2, .block_ms = 30,
                                                             .overflow = TROUPE_OVERFLOW_BLOCK });
    world_hold (troupe, "box");
    int64_t begin_us = troupe_clock_us ();
    cr_assert_str_eq (world_ask (troupe, "sender", s_send, 3, NULL), "OK 3:TROUPE_EFULL ");
    cr_assert_geq (troupe_clock_us () - begin_us, 30000);
    world_gate_open ();
    cr_assert_str_eq (s_box_saw (2), "12");
    world_end (troupe);
}

//  Two that block on each other's full mailboxes get through by their time, rather than never.
Test (live_bounds, blocking_in_a_circle_ends)
{
    const troupe_mailbox_options_t mailbox = { .limit_messages = 1, .block_ms = 30, .overflow = TROUPE_OVERFLOW_BLOCK };
    const troupe_child_t children [] = {
        { .id = "box", .behavior = &world_doer, .mailbox = mailbox }, { .id = NULL } };
    cr_assert_eq (pipe (s_seen), 0);
    troupe_t *troupe = world_with (children);
    cr_assert_str_eq (world_ask (troupe, "box", s_send, 3, NULL), "OK 2:TROUPE_EFULL 3:TROUPE_EFULL ");
    cr_assert_str_eq (s_box_saw (1), "1");
    world_end (troupe);
}

//  Mail for somebody who has ended is counted, and told to whoever listens.
Test (live_bounds, mail_for_the_dead_is_a_dead_letter)
{
    const troupe_child_t children [] = {
        { .id = "box", .behavior = &world_doer, .restart = TROUPE_TEMPORARY },
        { .id = "sender", .behavior = &world_doer }, { .id = NULL } };
    world_gate_make ();
    cr_assert_eq (pipe (s_seen), 0);
    troupe_t *troupe = world_with (children);
    world_hear_dead_letters (troupe);
    world_hold (troupe, "box");
    world_tell (troupe, "box", world_exit, 0, NULL);
    cr_assert_str_eq (world_ask (troupe, "sender", s_send, 3, NULL), "OK ");
    world_gate_open ();
    cr_assert_not_null (strstr (world_notes (troupe, 1), "dead:DOWN:sender>box"));
    const char *refused = world_ask (troupe, "sender", s_send, 1, NULL);
    if (strcmp (refused, "OK ") == 0)
        cr_assert_not_null (strstr (world_notes (troupe, 1), "dead:DOWN:sender>box"), "its name was not free yet");
    else
        cr_assert (strcmp (refused, "OK 1:TROUPE_EDOWN ") == 0 || strcmp (refused, "OK 1:TROUPE_ENOENT ") == 0, "%s",
                   refused);
    world_end (troupe);
}

//  --- Order

static int s_count (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word);

typedef struct {
    uint64_t seen, disorders;
} s_counter_t;

static int s_counter_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) self;
    (void) args;
    (void) args_size;
    static s_counter_t counter;
    *state_p = &counter;
    return 0;
}

static int s_counter_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    world_word_t word;
    (void) troupe_message_size (message);
    memcpy (&word, troupe_message_data (message), sizeof word);
    return word.fn (self, state, message, &word);
}

static const troupe_behavior_t s_counter = { .name = "counter", .start = s_counter_start,
                                             .receive = s_counter_receive };

static int s_count (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    s_counter_t *counter = state;
    counter->disorders += word->number != counter->seen++;
    return troupe_message_is_call (message) ? (int) troupe_replyf (self, message, "%" PRIu64 " %" PRIu64, counter->seen,
                                                                   counter->disorders) : 0;
}

//  Casts and calls of one sender to one ref keep their order, however they are packed.
Test (live_bounds, order_holds_through_packs_and_calls)
{
    const troupe_child_t children [] = { { .id = "counter", .behavior = &s_counter }, { .id = NULL } };
    troupe_t *troupe = world_with (children);
    for (uint64_t number = 0; number < 20000; number++) {
        if (number % 1000 == 999) {
            char expected [64];
            snprintf (expected, sizeof expected, "OK %" PRIu64 " 0", number + 1);
            cr_assert_str_eq (world_ask (troupe, "counter", s_count, number, NULL), expected);
        }
        else if (number % 7)
            world_tell (troupe, "counter", s_count, number, NULL);
        else {
            world_word_t word = { .fn = s_count, .number = number };
            troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), "counter");
            cr_assert_eq (troupe_cast (ref, 0, &word, sizeof word), TROUPE_OK);
        }
    }
    world_end (troupe);
}
