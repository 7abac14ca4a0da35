/*  =========================================================================
    upstream_chaos_test.c - a server that does everything a server can do wrong

    Place: tests/stage, of actors/upstream. Whatever it does, each request is
    answered exactly once, in its time, and nothing is left behind.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include <string.h>

#include <troupe/ref.h>

#include "upstream_server.h"

#define SEEDS 60
#define STEPS 200
#define PEERS 8

typedef struct chaos {
    old_t old;
    uint64_t random;
    troupe_stage_peer_t *peers [PEERS];
    size_t peer_count;
    unsigned asked, answered, good;
} chaos_t;

//  xorshift64: the test's own chances, so that a seed is a run.
static unsigned s_below (chaos_t *self, unsigned limit)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return (unsigned) (self->random % limit);
}

static int s_on_reply (troupe_actor_t *actor, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) actor;
    (void) state;
    chaos_t *self = context;
    troupe_response_view_t view;
    self->answered++;
    if (outcome != TROUPE_CALL_OK)
        return 0;
    cr_assert_eq (troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply), &view), TROUPE_OK);
    self->good += view.status == 200;
    return 0;
}

static void s_ask (chaos_t *self)
{
    static const char *const methods [] = { "GET", "POST", "HEAD", "PUT" };
    uint8_t bytes [256];
    size_t size = 0;
    const troupe_request_parts_t parts = { .method = troupe_text (methods [s_below (self, 4)]),
                                           .path = troupe_text ("/legacy/a") };
    cr_assert_eq (troupe_request_encode (&parts, bytes, sizeof bytes, &size), TROUPE_OK);
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (self->old.stage), "legacy");
    const int64_t timeout_ms = s_below (self, 4) ? 5000 : 50;
    cr_assert_eq (troupe_call (ref, TROUPE_TAG_REQUEST, bytes, size, timeout_ms, s_on_reply, self, NULL), TROUPE_OK);
    self->asked++;
}

//  Takes a connection in; an older one is forgotten, and goes on without the server's doing anything.
static void s_accept (chaos_t *self)
{
    troupe_stage_peer_t *peer = troupe_stage_accept (self->old.stage, OLD_ADDRESS);
    if (peer)
        self->peers [self->peer_count++ % PEERS] = peer;
}

static void s_say (chaos_t *self, troupe_stage_peer_t *peer)
{
    static const char *const texts [] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", "garbage\r\n", "HTTP/1.1 2", "\r\n",
    };
    const char *text = texts [s_below (self, sizeof texts / sizeof *texts)];
    troupe_stage_peer_send (peer, text, strlen (text), s_below (self, 3) ? 0 : 1 + s_below (self, 9));
}

static void s_serve (chaos_t *self)
{
    troupe_stage_peer_t **peer_p = &self->peers [s_below (self, PEERS)];
    const unsigned choice = s_below (self, 8);
    if (*peer_p == NULL)
        return;
    if (choice == 0)
        troupe_stage_peer_end (*peer_p);
    else if (choice == 1)
        troupe_stage_peer_abort (*peer_p);
    else
        s_say (self, *peer_p);
    if (choice < 2)
        *peer_p = NULL;
}

static void s_step (chaos_t *self)
{
    switch (s_below (self, 5)) {
    case 0:
        s_ask (self);
        break;
    case 1:
        s_accept (self);
        break;
    case 2:
        troupe_stage_advance (self->old.stage, s_below (self, 200));
        break;
    default:
        s_serve (self);
    }
    for (unsigned turns = s_below (self, 12); turns > 0; turns--)
        troupe_stage_step (self->old.stage);
}

//  Runs it; returns how many answers were good ones.
static unsigned s_run (uint64_t seed)
{
    chaos_t chaos = { .random = seed * UINT64_C (0x9e3779b97f4a7c15) + 1 };
    chaos.old = old_open (seed, "connection_limit=3 queue_limit=6 response_timeout_ms=2000 idle_timeout_ms=300");
    for (unsigned step = 0; step < STEPS; step++)
        s_step (&chaos);
    troupe_stage_advance (chaos.old.stage, 10000);
    cr_assert_eq (chaos.answered, chaos.asked, "seed %llu: %u asked, %u answered", (unsigned long long) seed,
                  chaos.asked, chaos.answered);
    cr_assert_eq (old_counter (&chaos.old, "in_flight"), 0);
    cr_assert_eq (old_counter (&chaos.old, "waiting"), 0);
    cr_assert_eq (old_counter (&chaos.old, "connections"), 0);
    old_close (&chaos.old);
    return chaos.good;
}

Test (upstream_chaos, each_request_is_answered_once)
{
    unsigned good = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        good += s_run (seed);
    cr_assert_gt (good, SEEDS, "hardly anything has worked: %u", good);
}

//  What an incarnation had under way ends with it, and its connections are freed.
Test (upstream_chaos, a_new_incarnation_begins_anew)
{
    old_t old = old_open (7, NULL);
    old_begin (&old, "GET", "/legacy/1");
    troupe_stage_peer_t *peer = old_accept (&old);
    troupe_stage_fail_message (old.stage, "legacy", 1);
    old_begin (&old, "GET", "/legacy/2");
    cr_assert (troupe_stage_peer_closed (peer));
    cr_assert_str_neq (old_answer (&old), "");
    cr_assert_str_neq (old_answer (&old), "");
    old_close (&old);
}
