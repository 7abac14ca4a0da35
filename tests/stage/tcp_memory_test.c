/*  =========================================================================
    tcp_memory_test.c - a TCP egress without memory

    Place: tests/stage, of actors/tcp. The nth allocation fails (scarce.h), for n
    from 1 until the story needs no more. Each time every call ends once, and
    afterwards calls are answered.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include <troupe.h>

#include "scarce.h"

#define S_SEED 71
#define S_ADDRESS "127.0.0.1:7100"
#define S_PEERS 16
#define S_NTH_MAX 5000u

static const troupe_tcp_t s_line = { .servers = S_ADDRESS, .options = { .connections = 2, .pipeline = 2 } };
static const troupe_tcp_t s_close = { .servers = S_ADDRESS, .framing = "close" };
static const troupe_behavior_t s_behaviors [] = { TROUPE_TCP ("store", &s_line), TROUPE_TCP ("store", &s_close) };

static unsigned s_begun, s_ended, s_answered;
static troupe_stage_peer_t *s_peers [S_PEERS];
static size_t s_peer_count;

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    s_ended++;
    s_answered += outcome == TROUPE_CALL_OK;
    if (outcome == TROUPE_CALL_OK)
        cr_assert_str_eq (troupe_message_text (reply), "text");
    return 0;
}

//  A call that cannot be begun is told so, and has no end.
static troupe_call_t s_call (troupe_stage_t *stage, bool idempotent)
{
    troupe_call_t call = 0;
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), "store");
    s_begun += ref && !(idempotent ? troupe_call_idempotent : troupe_call) (ref, 7, "text", 4, 2000, s_on_reply, NULL,
                                                                            &call);
    return call;
}

//  The server sends back what it has got, and ends its side where that says that it was all.
static void s_serve (troupe_stage_t *stage, bool closes)
{
    troupe_stage_run (stage);
    for (troupe_stage_peer_t *peer; (peer = troupe_stage_accept (stage, S_ADDRESS)) != NULL;)
        if (s_peer_count < S_PEERS)
            s_peers [s_peer_count++] = peer;
    troupe_stage_run (stage);
    for (size_t index = 0; index < s_peer_count; index++) {
        size_t size = 0;
        const char *got = troupe_stage_peer_received (s_peers [index], &size);
        if (size && !troupe_stage_peer_closed (s_peers [index]))
            troupe_stage_peer_send (s_peers [index], got, size, 3);
        if (size && closes)
            troupe_stage_peer_end (s_peers [index]);
    }
    troupe_stage_run (stage);
}

static void s_use (troupe_stage_t *stage, bool closes)
{
    for (int round = 0; round < 2; round++) {
        for (int index = 0; index < 6; index++)
            s_call (stage, index % 2);
        troupe_call_t call = s_call (stage, false);
        troupe_stage_run (stage);
        troupe_call_cancel (troupe_stage_guest (stage), call);
        for (int times = 0; times < 4; times++)
            s_serve (stage, closes);
        if (s_peer_count)
            troupe_stage_peer_end (s_peers [s_peer_count - 1]);
    }
    troupe_stage_advance (stage, 3000);
    cr_assert_eq (s_begun, s_ended);
}

//  Memory is there again.
static void s_recover (troupe_stage_t *stage, bool closes)
{
    s_answered = 0;
    s_call (stage, false);
    for (int times = 0; times < 4; times++)
        s_serve (stage, closes);
    cr_assert_eq (s_answered, 1);
    cr_assert_eq (s_begun, s_ended);
}

//  True when an allocation has failed.
static bool s_story (size_t nth, bool closes)
{
    s_begun = s_ended = 0;
    s_peer_count = 0;
    scarce_begin (nth);
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_stage_listen (stage, S_ADDRESS);
    troupe_error_t error = troupe_stage_spawn (stage, &s_behaviors [closes], NULL);
    if (!error)
        s_use (stage, closes);
    bool failed = scarce_end ();
    if (!error && troupe_stage_incarnation (stage, "store"))
        s_recover (stage, closes);
    troupe_stage_destroy (&stage);
    return failed;
}

//  Whatever cannot be had, nobody waits for ever and nothing leaks.
Test (tcp_memory, every_call_ends_whatever_allocation_fails)
{
    for (int closes = 0; closes < 2; closes++) {
        size_t nth = 1;
        while (s_story (nth, closes))
            cr_assert_lt (++nth, S_NTH_MAX);
        cr_assert_gt (nth, 20);
    }
}
