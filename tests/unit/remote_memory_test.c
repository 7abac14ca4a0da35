/*  =========================================================================
    remote_memory_test.c - connections that come and go while memory runs out

    Place: tests/unit, of runtime/core/cell/cell_remote.c. The first, second, third ... allocation fails
    while calls wait, are sent, are lost and are made once more: whatever was begun
    ends, once, and nothing leaks (this runs under ASan too).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "core/cell/cell.h"
#include "scarce.h"

#define S_CALLS 40
#define S_BLOCKS 16

static int64_t s_now_us;
static unsigned s_begun, s_ended;
static troupe_actor_t s_cell;
static troupe_ref_t *s_ref;
static troupe_block_t s_blocks [S_BLOCKS];  //  What arrives is not the cell's memory
static uint8_t s_bytes [S_BLOCKS][64];
static size_t s_block_count;

static int64_t s_clock (troupe_actor_t *cell)
{
    (void) cell;
    return s_now_us;
}

static void s_log (troupe_actor_t *cell, troupe_log_level_t level, const char *text)
{
    (void) cell;
    (void) level;
    (void) text;
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
    troupe_pack_reset (pack);
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

static const troupe_host_t s_host = { .now_us = s_clock, .log = s_log, .ref_open = s_open, .ref_close = s_close,
                                      .ref_send = s_send, .collect = s_collect, .dead_letter = s_dead_letter };

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) outcome;
    (void) reply;
    bool *ended = context;
    cr_assert_not (*ended, "a call has ended twice");
    *ended = true;
    s_ended++;
    return 0;
}

static void s_call_all (bool *ended, size_t count)
{
    static char large [9000];
    for (size_t index = 0; index < count; index++) {
        size_t size = index % 5 == 4 ? sizeof large : 2500;
        troupe_error_t error = (index % 2 ? troupe_call_idempotent : troupe_call) (s_ref, 1, large, size, 100,
                                                                                  s_on_reply, &ended [index], NULL);
        s_begun += !error;
    }
}

static void s_free (troupe_block_t *block)
{
    (void) block;
}

static void s_say (troupe_record_kind_t kind, uint64_t first, uint64_t second)
{
    cr_assert_lt (s_block_count, S_BLOCKS);
    uint8_t *data = s_bytes [s_block_count];
    troupe_block_t *block = &s_blocks [s_block_count++];
    troupe_record_t record = { .kind = kind, .words = { first, second } };
    memset (data, 0, 64);
    troupe_envelope_write (data, &record);
    *block = (troupe_block_t) { .holders = 1, .data = data, .size = troupe_envelope_size (kind, 0), .release = s_free };
    troupe_cell_arrived (&s_cell, NULL, s_ref, block, NULL, 0);
}

static void s_turn (void)
{
    while (troupe_cell_turn (&s_cell, 100))
        ;
}

static void s_come_and_go (void)
{
    bool ended [2 * S_CALLS] = { false };
    troupe_reason_t reason = { .kind = TROUPE_REASON_UNREACHABLE };
    troupe_child_t spec = { .id = "actor" };
    s_begun = s_ended = 0;
    s_block_count = 0;
    s_now_us = 1000;
    s_cell = (troupe_actor_t) { 0 };
    if (troupe_cell_init (&s_cell, &s_host, NULL, &spec, 1, false))
        return;
    troupe_cell_start (&s_cell);
    s_ref = troupe_ref (&s_cell, "tcp://10.0.0.7:5560");
    for (int times = 0; s_ref && times < 2; times++) {
        s_call_all (ended + times * S_CALLS, S_CALLS);
        s_turn ();
        troupe_cell_ref_connected (&s_cell, s_ref);
        s_say (TROUPE_RECORD_WELCOME, 7, 1 << 20);
        s_turn ();
        s_say (TROUPE_RECORD_CREDIT, 5, 5000);
        s_turn ();
        troupe_cell_ref_broken (&s_cell, s_ref, &reason);
        s_turn ();
    }
    s_now_us += 1000000;
    s_turn ();
    cr_assert_eq (s_ended, s_begun);
    troupe_cell_shut_down (&s_cell);
    troupe_cell_clear (&s_cell);
}

//  Whatever cannot be had, a call that was begun ends once.
Test (remote_memory, calls_end_once_whatever_fails)
{
    scarce_sweep (s_come_and_go);
}
