/*  =========================================================================
    remote_wire_test.c - what two processes say to each other, byte for byte

    Place: tests/unit, of runtime/core/cell/cell_remote.c and cell_mail.c. The test is
    the host of a cell, and the other side of its connection.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/base/random.h"
#include "core/cell/cell.h"

#define S_PEER 7u

static int64_t s_now_us = 1000000;
static uint8_t s_sent [65536];      //  What the cell has sent, on its ref or to its peer
static size_t s_sent_size;
static char s_log [1024];
static char s_story [1024];
static troupe_actor_t s_cell;
static troupe_ref_t *s_ref;

//  --- The host

static int64_t s_clock (troupe_actor_t *cell)
{
    (void) cell;
    return s_now_us;
}

static void s_write_log (troupe_actor_t *cell, troupe_log_level_t level, const char *text)
{
    (void) cell;
    (void) level;
    snprintf (s_log, sizeof s_log, "%s", text);
}

static void s_keep (troupe_pack_t *pack)
{
    cr_assert_leq (s_sent_size + pack->size, sizeof s_sent);
    memcpy (s_sent + s_sent_size, pack->data, pack->size);
    s_sent_size += pack->size;
    troupe_pack_reset (pack);
}

static troupe_error_t s_open (troupe_actor_t *cell, troupe_ref_t *ref)
{
    (void) cell;
    ref->remote = ref->relative = true;
    return TROUPE_OK;
}

static void s_close (troupe_actor_t *cell, troupe_ref_t *ref)
{
    (void) cell;
    (void) ref;
}

static void s_send (troupe_actor_t *cell, troupe_ref_t *ref, troupe_pack_t *pack)
{
    (void) cell;
    (void) ref;
    s_keep (pack);
}

static bool s_wait (troupe_actor_t *cell, troupe_ref_t *ref, int64_t until_us)
{
    (void) cell;
    (void) ref;
    (void) until_us;
    return false;
}

static bool s_answer (troupe_actor_t *cell, troupe_peer_t *peer, troupe_pack_t *pack)
{
    (void) cell;
    (void) peer;
    s_keep (pack);
    return true;
}

static void s_collect (troupe_actor_t *cell)
{
    (void) cell;
}

static void s_dead_letter (troupe_actor_t *cell, const troupe_dead_letter_t *letter)
{
    (void) cell;
    (void) letter;
}

static const troupe_host_t s_host = {
    .now_us = s_clock, .log = s_write_log, .ref_open = s_open, .ref_close = s_close, .ref_send = s_send,
    .ref_wait = s_wait, .peer_send = s_answer, .collect = s_collect, .dead_letter = s_dead_letter,
};

//  --- The actor

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    size_t used = strlen (s_story);
    int64_t deadline_us = troupe_message_deadline_us (message);
    snprintf (s_story + used, sizeof s_story - used, "%s from %s until %lld ", troupe_message_text (message),
              troupe_message_sender (message), (long long) (deadline_us == TROUPE_FOREVER ? -1 : deadline_us));
    return (int) troupe_reply (self, message, "ok", 2);
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    size_t used = strlen (s_story);
    snprintf (s_story + used, sizeof s_story - used, "%s:%s ", troupe_outcome_name (outcome),
              troupe_message_text (reply));
    return 0;
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self;
    (void) state;
    (void) ref;
    (void) context;
    size_t used = strlen (s_story);
    snprintf (s_story + used, sizeof s_story - used, "%s:%s:%s ", troupe_reason_kind_name (reason->kind),
              troupe_error_name ((troupe_error_t) reason->code), reason->text);
    return 0;
}

static const troupe_behavior_t s_behavior = { .name = "actor", .receive = s_receive };

static void s_begin (void)
{
    static const troupe_child_t spec = { .id = "actor", .behavior = &s_behavior,
                                         .mailbox = { .limit_messages = 12, .limit_bytes = 3456,
                                                      .overflow = TROUPE_OVERFLOW_BLOCK, .block_ms = 78 } };
    cr_assert_eq (troupe_cell_init (&s_cell, &s_host, NULL, &spec, 1, false), TROUPE_OK);
    s_cell.log_level = TROUPE_LOG_ERROR;
    troupe_cell_start (&s_cell);
    s_ref = troupe_ref (&s_cell, "tcp://10.0.0.7:5560");
}

static void s_end (void)
{
    troupe_cell_shut_down (&s_cell);
    troupe_cell_clear (&s_cell);
}

//  --- The other side

static void s_free_block (troupe_block_t *block)
{
    free ((void *) (uintptr_t) block->data);
    free (block);
}

static troupe_block_t *s_block (const void *data, size_t size)
{
    troupe_block_t *block = malloc (sizeof *block);
    uint8_t *copy = malloc (size + 1);
    memcpy (copy, data, size);
    *block = (troupe_block_t) { .holders = 1, .data = copy, .size = size, .release = s_free_block };
    return block;
}

static void s_to_ref (const void *data, size_t size)
{
    cr_assert (troupe_cell_arrived (&s_cell, NULL, s_ref, s_block (data, size), NULL, 0));
}

//  As a host does it: the short way first.
static void s_to_mailbox (const void *data, size_t size, bool remote)
{
    troupe_peer_t *peer = troupe_cell_peer (&s_cell, S_PEER);
    if (remote)
        troupe_cell_peer_remote (&s_cell, peer);
    troupe_block_t *block = s_block (data, size);
    troupe_cell_note (&s_cell, peer, block->data, size);
    if (!troupe_cell_take_cast (&s_cell, peer, block))
        cr_assert (troupe_cell_arrived (&s_cell, peer, NULL, block, NULL, 0));
}

static size_t s_write (uint8_t *data, troupe_record_t record, const char *payload)
{
    troupe_pack_t pack = { 0 };
    record.size = (uint32_t) strlen (payload);
    cr_assert (troupe_pack_copy (&pack, &record, payload));
    size_t size = pack.size;
    memcpy (data, pack.data, size);
    troupe_pack_clear (&pack);
    return size;
}

static void s_turn (void)
{
    while (troupe_cell_turn (&s_cell, 1000))
        ;
}

static void s_welcome (uint64_t messages, uint64_t bytes)
{
    uint8_t data [64];
    troupe_record_t record = { .kind = TROUPE_RECORD_WELCOME, .words = { messages, bytes, 0 } };
    s_to_ref (data, s_write (data, record, ""));
    s_turn ();
}

//  The next record that the cell has sent, taken from the front.
static troupe_record_t s_next (void)
{
    static uint8_t first [4096];
    troupe_record_t record = { 0 };
    size_t size = troupe_envelope_read (s_sent, s_sent_size, &record);
    cr_assert_gt (size, 0, "nothing was sent");
    cr_assert_leq (size, sizeof first);
    memcpy (first, s_sent, size);
    troupe_envelope_read (first, size, &record);
    memmove (s_sent, s_sent + size, s_sent_size - size);
    s_sent_size -= size;
    return record;
}

static void s_call (int64_t timeout_ms)
{
    cr_assert_eq (troupe_call (s_ref, 3, "hey", 3, timeout_ms, s_on_reply, NULL, NULL), TROUPE_OK);
}

//  --- The sender's side

//  A connection begins with a name, and nothing else is sent before the other side has shown that it understands.
Test (remote_wire, hello_comes_alone_and_first)
{
    s_begin ();
    cr_assert_eq (troupe_cast (s_ref, 3, "hey", 3), TROUPE_OK);
    s_turn ();
    cr_assert_eq (s_sent_size, 0);
    troupe_cell_ref_connected (&s_cell, s_ref);
    s_turn ();
    troupe_record_t record = s_next ();
    cr_assert_eq (record.kind, TROUPE_RECORD_HELLO);
    cr_assert_str_eq ((const char *) record.payload, "actor");
    cr_assert_eq (s_sent_size, 0);
    s_welcome (10, 1000);
    record = s_next ();
    cr_assert_eq (record.kind, TROUPE_RECORD_CAST);
    cr_assert_str_eq ((const char *) record.payload, "hey");
    cr_assert_eq (s_ref->limits.limit_messages, 10);
    cr_assert_eq (s_ref->limits.limit_bytes, 1000);
    s_end ();
}

//  Clocks of two machines differ: what travels is what is left when the call leaves, not when it was made.
Test (remote_wire, deadline_is_what_is_left_when_it_leaves)
{
    s_begin ();
    s_call (100);
    s_call (TROUPE_FOREVER);
    s_turn ();
    troupe_cell_ref_connected (&s_cell, s_ref);
    s_next ();
    s_now_us += 30000;
    s_welcome (10, 1000);
    troupe_record_t record = s_next ();
    cr_assert_eq (record.kind, TROUPE_RECORD_CALL);
    cr_assert (record.flags & TROUPE_RECORD_RELATIVE);
    cr_assert_eq (record.words [1], 70000);
    record = s_next ();
    cr_assert (record.flags & TROUPE_RECORD_RELATIVE);
    cr_assert_eq ((int64_t) record.words [1], TROUPE_FOREVER);
    s_call (100);
    s_turn ();
    cr_assert_eq (s_next ().words [1], 100000);
    s_end ();
}

//  Who waits for a program of another version waits in vain, and is told so.
Test (remote_wire, other_version_is_one_clear_error)
{
    uint8_t data [64] = { 0 };
    s_begin ();
    cr_assert_eq (troupe_monitor (s_ref, s_on_down, NULL, NULL), TROUPE_OK);
    s_call (100);
    troupe_cell_ref_connected (&s_cell, s_ref);
    troupe_record_t record = { .kind = TROUPE_RECORD_WELCOME, .words = { 1, 1, 0 } };
    size_t size = s_write (data, record, "");
    data [0] = (uint8_t) (3u << 4 | TROUPE_RECORD_WELCOME);
    s_to_ref (data, size);
    s_turn ();
    cr_assert_str_eq (s_story, "DOWN: UNREACHABLE:TROUPE_EPROTO:it speaks version 3 of the protocol, this program "
                               "version 1 ");
    cr_assert_str_eq (s_log, "tcp://10.0.0.7:5560 cannot be used: it speaks version 3 of the protocol, this program "
                             "version 1");
    s_end ();
}

//  A mailbox that claims to have taken what it was never sent must not confuse the count.
Test (remote_wire, credit_for_what_was_not_sent_is_ignored)
{
    uint8_t data [64];
    s_begin ();
    cr_assert_eq (troupe_cast (s_ref, 3, "hey", 3), TROUPE_OK);
    troupe_cell_ref_connected (&s_cell, s_ref);
    s_welcome (2, 1000);
    troupe_record_t record = { .kind = TROUPE_RECORD_CREDIT, .words = { 1000, 5 } };
    s_to_ref (data, s_write (data, record, ""));
    s_turn ();
    cr_assert_eq (s_ref->taken_messages, 0);
    cr_assert_eq (troupe_cast (s_ref, 3, "hey", 3), TROUPE_OK);
    cr_assert_eq (troupe_cast (s_ref, 3, "hey", 3), TROUPE_EFULL);
    s_end ();
}

//  A second WELCOME, or one that nobody asked for, changes nothing.
Test (remote_wire, welcome_counts_once)
{
    s_begin ();
    cr_assert_eq (troupe_cast (s_ref, 3, "hey", 3), TROUPE_OK);
    s_welcome (1, 1);
    cr_assert_eq (s_sent_size, 0);
    troupe_cell_ref_connected (&s_cell, s_ref);
    s_welcome (10, 1000);
    s_welcome (1, 1);
    cr_assert_eq (s_ref->limits.limit_messages, 10);
    cr_assert_eq (troupe_dead_letter_count (&s_cell, TROUPE_DEAD_MALFORMED), 2);
    s_end ();
}

//  --- The mailbox's side

//  Who is in another process cannot look the bounds up.
Test (remote_wire, remote_sender_is_told_the_bounds)
{
    uint8_t data [64];
    s_begin ();
    troupe_record_t hello = { .kind = TROUPE_RECORD_HELLO };
    s_to_mailbox (data, s_write (data, hello, "far\naway"), true);
    s_turn ();
    troupe_record_t record = s_next ();
    cr_assert_eq (record.kind, TROUPE_RECORD_WELCOME);
    cr_assert_eq (record.words [0], 12);
    cr_assert_eq (record.words [1], 3456);
    cr_assert_eq (record.words [2], TROUPE_OVERFLOW_BLOCK | 78u << 8);
    cr_assert_eq (s_sent_size, 0);
    troupe_record_t cast = { .kind = TROUPE_RECORD_CAST };
    s_to_mailbox (data, s_write (data, cast, "hey"), true);
    s_turn ();
    cr_assert_str_eq (s_story, "hey from far?away until -1 ", "a name is one word of one log line");
    s_end ();
}

//  Within a process nobody waits for it.
Test (remote_wire, local_sender_is_not_welcomed)
{
    uint8_t data [64];
    s_begin ();
    troupe_record_t hello = { .kind = TROUPE_RECORD_HELLO };
    s_to_mailbox (data, s_write (data, hello, "near"), false);
    s_turn ();
    cr_assert_eq (s_sent_size, 0);
    s_end ();
}

//  Who has not said who it is gets nothing in, on any way through the mailbox.
Test (remote_wire, mail_before_hello_is_refused)
{
    uint8_t data [128];
    s_begin ();
    troupe_record_t cast = { .kind = TROUPE_RECORD_CAST }, call = { .kind = TROUPE_RECORD_CALL, .words = { 1, 1 } };
    size_t size = s_write (data, cast, "one");
    s_to_mailbox (data, size, true);
    size += s_write (data + size, cast, "two");
    size += s_write (data + size, call, "three");
    s_to_mailbox (data, size, true);
    s_turn ();
    cr_assert_str_eq (s_story, "");
    cr_assert_eq (s_sent_size, 0);
    cr_assert_eq (troupe_dead_letter_count (&s_cell, TROUPE_DEAD_MALFORMED), 4);
    s_end ();
}

//  What is left of a deadline counts from the arrival, also when the mailbox takes its time.
Test (remote_wire, deadline_counts_from_the_arrival)
{
    uint8_t data [128];
    s_begin ();
    troupe_record_t hello = { .kind = TROUPE_RECORD_HELLO };
    troupe_record_t call = { .kind = TROUPE_RECORD_CALL, .flags = TROUPE_RECORD_RELATIVE, .words = { 1, 50000 } };
    s_to_mailbox (data, s_write (data, hello, "far"), true);
    s_to_mailbox (data, s_write (data, call, "soon"), true);
    call.words [1] = UINT64_MAX;
    s_to_mailbox (data, s_write (data, call, "never"), true);
    call.words [1] = 20000;
    s_to_mailbox (data, s_write (data, call, "late"), true);
    s_now_us += 20000;
    s_turn ();
    cr_assert_str_eq (s_story, "soon from far until 1050000 never from far until -1 ");
    cr_assert_eq (troupe_dead_letter_count (&s_cell, TROUPE_DEAD_EXPIRED), 1);
    s_end ();
}

//  A program of another version is answered once, with ours, and nothing of it is taken.
Test (remote_wire, sender_of_another_version_learns_ours)
{
    uint8_t data [64];
    s_begin ();
    troupe_record_t hello = { .kind = TROUPE_RECORD_HELLO };
    size_t size = s_write (data, hello, "far");
    data [0] = (uint8_t) (2u << 4 | TROUPE_RECORD_HELLO);
    s_to_mailbox (data, size, true);
    s_to_mailbox (data, size, true);
    s_turn ();
    cr_assert_eq (s_next ().kind, TROUPE_RECORD_WELCOME);
    cr_assert_eq (s_sent_size, 0);
    troupe_cell_peer_lost (&s_cell, S_PEER);
    cr_assert_eq (s_cell.peer_count, 0);
    s_end ();
}

//  The loss of a connection while its calls and monitors are held leaves nothing behind.
Test (remote_wire, lost_peer_is_forgotten)
{
    uint8_t data [256];
    s_begin ();
    troupe_record_t hello = { .kind = TROUPE_RECORD_HELLO };
    troupe_record_t monitor = { .kind = TROUPE_RECORD_MONITOR, .words = { 9 } };
    troupe_record_t call = { .kind = TROUPE_RECORD_CALL, .words = { 1, (uint64_t) TROUPE_FOREVER } };
    size_t size = s_write (data, hello, "far");
    size += s_write (data + size, monitor, "");
    s_to_mailbox (data, size, true);
    s_turn ();
    cr_assert_eq (s_cell.watcher_count, 1);
    s_to_mailbox (data, s_write (data, call, "hey"), true);
    troupe_cell_peer_lost (&s_cell, S_PEER);
    troupe_cell_peer_lost (&s_cell, S_PEER + 1);
    s_turn ();
    cr_assert_eq (s_cell.watcher_count, 0);
    cr_assert_eq (s_cell.peer_count, 0);
    cr_assert_eq (troupe_dead_letter_count (&s_cell, TROUPE_DEAD_NO_CALLER), 1);
    s_end ();
}

static size_t s_garbage (troupe_random_state_t *random, uint8_t *data, size_t max)
{
    size_t size = 1 + troupe_random_limit (random, max - 1);
    for (size_t index = 0; index < size; index++)
        data [index] = (uint8_t) troupe_random_next (random);
    //  Half of it looks like records.
    for (size_t index = 0; index + 8 <= size && troupe_random_limit (random, 2); index += 16) {
        data [index] = (uint8_t) (TROUPE_ENVELOPE_VERSION << 4 | troupe_random_limit (random, 16));
        data [index + 4] = (uint8_t) troupe_random_limit (random, 16);
        memset (data + index + 5, 0, 3);
    }
    return size;
}

//  Nothing gets in, nothing grows, and who speaks the protocol is served all the while.
Test (remote_wire, garbage_harms_nobody)
{
    uint8_t data [256];
    troupe_random_state_t random;
    troupe_random_seed (&random, 4711);
    s_begin ();
    troupe_reason_t reason = { .kind = TROUPE_REASON_UNREACHABLE };
    for (int round = 0; round < 20000; round++) {
        if (round % 7 == 0) {
            s_call (1 + (int64_t) troupe_random_limit (&random, 50));
            troupe_cell_ref_connected (&s_cell, s_ref);
        }
        if (round % 21 == 0)
            s_welcome (troupe_random_limit (&random, 5), 100);
        s_to_ref (data, s_garbage (&random, data, sizeof data));
        s_to_mailbox (data, s_garbage (&random, data, sizeof data), true);
        s_turn ();
        if (round % 13 == 0)
            troupe_cell_peer_lost (&s_cell, S_PEER);
        if (round % 11 == 0)
            troupe_cell_ref_broken (&s_cell, s_ref, &reason);
        s_now_us += 1000;
        s_sent_size = 0;
        s_story [0] = 0;
    }
    cr_assert_leq (s_cell.peer_count, 1);
    cr_assert_leq (s_cell.pending_used, 20);
    cr_assert_eq (s_cell.cancelled_count, 0);
    cr_assert_eq (s_cell.cell_state, TROUPE_CELL_RUNNING);
    s_end ();
}
