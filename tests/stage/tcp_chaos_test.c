/*  =========================================================================
    tcp_chaos_test.c - servers that do everything servers can do wrong, and callers that change their minds

    Place: tests/stage, of actors/tcp. Each call carries a number, and a server
    in its senses answers with it. Whatever happens, each call ends exactly
    once, in its time, no answer goes to another call, only marked calls are seen
    twice, and nothing is left behind.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcp_server.h"

#define S_SEEDS 60
#define S_STEPS 250
#define S_PEERS 6
#define S_CALLS (S_STEPS + 1)

typedef struct s_call {
    troupe_call_t handle;
    bool idempotent;
    unsigned ended, seen;
} s_call_t;

typedef struct s_peer {
    troupe_stage_peer_t *peer;
    char got [4096];                //  What has come and is not answered
} s_peer_t;

typedef struct s_chaos {
    troupe_stage_t *stage;
    uint64_t random;
    s_peer_t peers [S_PEERS];
    size_t peer_count;
    s_call_t calls [S_CALLS];
    unsigned call_count, good;
} s_chaos_t;

static s_chaos_t s_chaos;

static unsigned s_below (unsigned limit)
{
    s_chaos.random = s_chaos.random * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
    return (unsigned) (s_chaos.random >> 33) % limit;
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    s_call_t *call = context;
    call->ended++;
    if (outcome != TROUPE_CALL_OK)
        return 0;
    cr_assert_eq (atoi (troupe_message_text (reply)), call - s_chaos.calls, "the answer is another one's");
    s_chaos.good++;
    return 0;
}

static void s_ask (void)
{
    char text [16];
    s_call_t *call = &s_chaos.calls [s_chaos.call_count];
    int size = snprintf (text, sizeof text, "%u", s_chaos.call_count++);
    *call = (s_call_t) { .idempotent = s_below (2) };
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (s_chaos.stage), "store");
    cr_assert_eq ((call->idempotent ? troupe_call_idempotent : troupe_call) (ref, 1, text, (size_t) size,
                  s_below (4) ? 5000 : 40, s_on_reply, call, &call->handle), TROUPE_OK);
}

//  A new connection takes the place of an old one, which says nothing any more.
static void s_accept (void)
{
    troupe_stage_peer_t *peer = troupe_stage_accept (s_chaos.stage, STORE_ADDRESS);
    if (peer)
        s_chaos.peers [s_chaos.peer_count++ % S_PEERS] = (s_peer_t) { .peer = peer };
}

//  Takes in what has come; each request is seen.
static void s_read (s_peer_t *self)
{
    size_t old = strlen (self->got);
    const char *more = troupe_stage_peer_received (self->peer, NULL);
    cr_assert_lt (old + strlen (more), sizeof self->got);
    for (const char *line = more; *line; line = strchr (line, '\n') + 1)
        s_chaos.calls [atoi (line)].seen++;
    strcpy (self->got + old, more);
}

//  Answers the oldest request, whole or in part, or with too much.
static void s_answer (s_peer_t *self, bool whole)
{
    char *end = strchr (self->got, '\n');
    if (!end)
        return;
    size_t size = (size_t) (end - self->got) + 1;
    troupe_stage_peer_send (self->peer, self->got, whole ? size : size - 1, s_below (2));
    if (!whole)
        self->peer = NULL;          //  It hangs for ever
    memmove (self->got, end + 1, strlen (end + 1) + 1);
}

static void s_serve (s_peer_t *self)
{
    if (!self->peer)
        return;
    s_read (self);
    switch (s_below (24)) {
    case 0: troupe_stage_peer_end (self->peer); self->peer = NULL; break;
    case 1: troupe_stage_peer_abort (self->peer); self->peer = NULL; break;
    case 2: troupe_stage_peer_send (self->peer, "99999999999999999999", 20, 0); self->peer = NULL; break;
    case 3: s_answer (self, false); break;
    default: s_answer (self, true); break;
    }
}

static void s_step (void)
{
    s_accept ();
    for (unsigned times = s_below (4); times; times--)
        s_serve (&s_chaos.peers [s_below (S_PEERS)]);
    if (s_below (8) == 0 && s_chaos.call_count)
        troupe_call_cancel (troupe_stage_guest (s_chaos.stage), s_chaos.calls [s_below (s_chaos.call_count)].handle);
    for (unsigned steps = s_below (12); steps; steps--)
        troupe_stage_step (s_chaos.stage);
    if (s_below (6) == 0)
        troupe_stage_advance (s_chaos.stage, s_below (60));
}

static void s_check (uint64_t seed)
{
    for (unsigned number = 0; number < s_chaos.call_count; number++) {
        const s_call_t *call = &s_chaos.calls [number];
        cr_assert_eq (call->ended, 1, "seed %llu: call %u has ended %u times", (unsigned long long) seed, number,
                      call->ended);
        cr_assert_leq (call->seen, call->idempotent ? 2u : 1u, "seed %llu: call %u was sent %u times",
                       (unsigned long long) seed, number, call->seen);
    }
}

//  The promise, whatever servers and callers do.
Test (tcp_chaos, each_call_ends_once_with_its_own_answer)
{
    static const char *const settings [] = { "answer_limit_bytes=16;connections=3;queue_limit=20;idle_timeout_ms=50",
        "answer_limit_bytes=16;connections=2;pipeline=4;idle_timeout_ms=50;answer_timeout_ms=300" };
    unsigned good = 0;
    for (uint64_t seed = 1; seed <= S_SEEDS; seed++) {
        memset (&s_chaos, 0, sizeof s_chaos);
        s_chaos.random = seed;
        s_chaos.stage = store_open (seed, settings [seed % 2]);
        for (unsigned step = 0; step < S_STEPS; step++) {
            s_ask ();
            s_step ();
        }
        troupe_stage_advance (s_chaos.stage, 20000);
        s_check (seed);
        store_close (s_chaos.stage);
        good += s_chaos.good;
    }
    cr_assert_gt (good, S_SEEDS * S_STEPS / 5, "%u were answered", good);
}
