/*  =========================================================================
    zmq_flow_test.c - many messages, large ones, too many, and too long ones

    Place: tests/live.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "zmq_world.h"

#define S_ANYWHERE "tcp://127.0.0.1:*"
#define S_MANY 10000u

//  --- Backpressure in both directions

//  Sends numbers until there is no room, and goes on when there is: never more than S_MANY.
static int s_pour (troupe_actor_t *self, zmq_edge_t *edge)
{
    while (edge->count < S_MANY) {
        uint32_t number = (uint32_t) edge->count;
        const troupe_bytes_t frame = { &number, sizeof number };
        troupe_error_t error = troupe_zmq_send (edge->socket, &frame, 1);
        if (error == TROUPE_EFULL)
            return 0;
        if (error)
            return troupe_fail_error (self, error, "pour");
        edge->count++;
    }
    return 0;
}

static int s_on_writable (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                          const char *endpoint, void *context)
{
    (void) state;
    (void) socket;
    (void) endpoint;
    zmq_edge_t *edge = context;
    if (event != TROUPE_ZMQ_WRITABLE)
        return 0;
    edge->text [0]++;
    return s_pour (self, edge);
}

static int s_begin_to_pour (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) word;
    zmq_edge_t *edge = state;
    int result = s_pour (self, edge);
    troupe_replyf (self, message, "%s", edge->count < S_MANY ? "full" : "done");
    return result;
}

static int s_how_many (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) word;
    const zmq_edge_t *edge = state;
    return troupe_replyf (self, message, "%u", (unsigned) edge->count);
}

//  A sender that outruns its reader is told so, waits for room, and loses nothing; the order is kept.
Test (zmq_flow, a_fast_sender_waits_for_room_and_loses_nothing)
{
    char where [64];
    void *peer = zmq_peer_bind (ZMQ_PULL, where, sizeof where);
    const zmq_plan_t plan = { TROUPE_ZMQ_PUSH, { .send_limit = 10, .on_event = s_on_writable }, .connect = where };
    troupe_t *troupe = zmq_world_new (&plan);
    cr_assert_str_eq (world_ask (troupe, "edge", s_begin_to_pour, 0, NULL), "OK full");
    for (uint32_t expected = 0; expected < S_MANY; expected++) {
        uint32_t number = UINT32_MAX;
        cr_assert_eq (zmq_recv (peer, &number, sizeof number, 0), sizeof number, "after %u", expected);
        cr_assert_eq (number, expected);
    }
    zmq_peer_close (peer);
    world_end (troupe);
}

static int s_count (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
                    void *context)
{
    (void) state;
    (void) socket;
    (void) count;
    uint32_t number;
    zmq_edge_t *edge = context;
    memcpy (&number, frames [0].data, sizeof number);
    return number == edge->count++ ? 0 : troupe_fail (self, 1, "%u is not %u", number, (unsigned) edge->count - 1);
}

//  The other way: a peer that outruns the actor waits in its own zmq_send. Meanwhile the actor's mail is heard.
Test (zmq_flow, a_noisy_peer_is_taken_in_whole_and_mail_goes_on)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_PULL, { .receive_limit = 10 }, s_count, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    void *peer = zmq_peer_connect (ZMQ_PUSH, zmq_world_where (troupe));
    for (uint32_t number = 0; number < S_MANY; number++) {
        cr_assert_eq (zmq_send (peer, &number, sizeof number, 0), sizeof number);
        if (number % 1000 == 0)
            cr_assert_eq (strncmp (world_ask (troupe, "edge", s_how_many, 0, NULL), "OK ", 3), 0);
    }
    const char *count = "";
    for (int turn = 0; turn < 100000 && strcmp (count, "OK 10000") != 0; turn++)
        count = world_ask (troupe, "edge", s_how_many, 0, NULL);
    cr_assert_str_eq (count, "OK 10000");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  A message comes back as it went, ten thousand of them, while as many are on the way the other way.
Test (zmq_flow, an_echo_through_a_dealer_and_a_router_is_complete)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .send_limit = 100000 }, zmq_echo, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    void *peer = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
    uint32_t sent = 0, received = 0, number;
    while (received < S_MANY) {
        while (sent < S_MANY && sent - received < 500) {
            cr_assert_eq (zmq_send (peer, &sent, sizeof sent, 0), sizeof sent);
            sent++;
        }
        cr_assert_eq (zmq_recv (peer, &number, sizeof number, 0), sizeof number, "after %u", received);
        cr_assert_eq (number, received++);
    }
    zmq_peer_close (peer);
    world_end (troupe);
}

#define S_BLOCKS 400u

//  Sends large blocks to whoever spoke first, as far as there is room.
static int s_pour_blocks (troupe_actor_t *self, zmq_edge_t *edge)
{
    static char block [100000];
    while (edge->count < S_BLOCKS) {
        const troupe_bytes_t frames [] = { { edge->text, 5 }, { block, sizeof block } };
        troupe_error_t error = troupe_zmq_send (edge->socket, frames, 2);
        if (error == TROUPE_EFULL)
            return 0;
        if (error)
            return troupe_fail_error (self, error, "pour blocks");
        edge->count++;
    }
    return 0;
}

static int s_on_first_word (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                            size_t count, void *context)
{
    (void) state;
    (void) socket;
    (void) count;
    zmq_edge_t *edge = context;
    memcpy (edge->text, frames [0].data, frames [0].size);
    return s_pour_blocks (self, edge);
}

static int s_on_room (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                      const char *endpoint, void *context)
{
    (void) state;
    (void) socket;
    (void) endpoint;
    return event == TROUPE_ZMQ_WRITABLE ? s_pour_blocks (self, context) : 0;
}

//  A ROUTER whose peer does not read is told that it is full, though another would have room, and later to try again.
Test (zmq_flow, a_router_tries_again_when_one_peer_was_full)
{
    static char block [100000];
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .send_limit = 2, .on_event = s_on_room }, s_on_first_word,
                              .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    void *other = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
    void *peer = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
    zmq_peer_send (peer, "hello");
    cr_assert_eq (zmq_recv (peer, block, sizeof block, 0), sizeof block);
    cr_assert_str_neq (world_ask (troupe, "edge", s_how_many, 0, NULL), "OK 400", "it was never full");
    for (unsigned count = 1; count < S_BLOCKS; count++)
        cr_assert_eq (zmq_recv (peer, block, sizeof block, 0), sizeof block, "after %u", count);
    zmq_peer_close (other);
    zmq_peer_close (peer);
    world_end (troupe);
}

//  --- Frames

//  A message of too many frames is dropped whole and counted; the next is taken.
Test (zmq_flow, a_message_of_too_many_frames_is_a_dead_letter)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_PULL, { .frame_limit = 3 }, zmq_note, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    world_hear_dead_letters (troupe);
    void *peer = zmq_peer_connect (ZMQ_PUSH, zmq_world_where (troupe));
    zmq_peer_send (peer, "1|2|3|4|5");
    zmq_peer_send (peer, "1|2|3");
    cr_assert_str_eq (zmq_world_text (troupe), "1|2|3;");
    const char *notes = world_notes (troupe, 1);
    cr_assert_eq (strncmp (notes, "dead:MALFORMED:PULL tcp", 23), 0, "%s", notes);
    zmq_peer_close (peer);
    world_end (troupe);
}

//  Who has to answer whatever comes needs its beginning.
Test (zmq_flow, a_message_of_too_many_frames_may_be_cut)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_PULL, { .frame_limit = 3, .cut = true }, zmq_note, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    void *peer = zmq_peer_connect (ZMQ_PUSH, zmq_world_where (troupe));
    zmq_peer_send (peer, "1|2|3|4|5");
    cr_assert_str_eq (zmq_world_text (troupe), "1|2|3;");
    zmq_peer_send (peer, "6");
    cr_assert_str_eq (zmq_world_text (troupe), "6;");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  What is larger than it may be ends the connection, and the others go on.
Test (zmq_flow, a_frame_too_large_is_not_taken)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_PULL, { .message_bytes = 100 }, zmq_note, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    void *peer = zmq_peer_connect (ZMQ_PUSH, zmq_world_where (troupe));
    char large [200] = { 0 };
    cr_assert_eq (zmq_send (peer, large, sizeof large, 0), sizeof large);
    void *other = zmq_peer_connect (ZMQ_PUSH, zmq_world_where (troupe));
    zmq_peer_send (other, "small");
    cr_assert_str_eq (zmq_world_text (troupe), "small;");
    zmq_peer_close (peer);
    zmq_peer_close (other);
    world_end (troupe);
}

//  --- Proxies

typedef struct {
    troupe_zmq_t *back;
} s_proxy_t;

static int s_forward (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                      size_t count, void *context)
{
    (void) state;
    (void) socket;
    troupe_error_t error = troupe_zmq_send (*(troupe_zmq_t **) context, frames, count);
    return error ? troupe_fail_error (self, error, "forward") : 0;
}

static int s_proxy_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    const char *where [2];
    memcpy (where, args, args_size);
    s_proxy_t *proxy = calloc (1, sizeof *proxy);
    troupe_zmq_t *front = NULL;
    *state_p = proxy;
    troupe_error_t error = proxy ? TROUPE_OK : TROUPE_ENOMEM;
    if (!error)
        error = troupe_zmq_open (self, TROUPE_ZMQ_PULL, NULL, s_forward, &proxy->back, &front);
    if (!error)
        error = troupe_zmq_open (self, TROUPE_ZMQ_PUSH, NULL, NULL, NULL, &proxy->back);
    if (!error)
        error = troupe_zmq_connect (front, where [0]);
    if (!error)
        error = troupe_zmq_connect (proxy->back, where [1]);
    return error ? troupe_fail_error (self, error, "proxy") : 0;
}

static void s_proxy_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

//  One call in a callback passes a message on; a large frame is shared, and must be whole after its callback.
Test (zmq_flow, a_proxy_passes_large_frames_on)
{
    static const troupe_behavior_t behavior = { .name = "proxy", .start = s_proxy_start, .stop = s_proxy_stop };
    char front_where [64], back_where [64];
    void *front = zmq_peer_bind (ZMQ_PUSH, front_where, sizeof front_where);
    void *back = zmq_peer_bind (ZMQ_PULL, back_where, sizeof back_where);
    const char *where [2] = { front_where, back_where };
    const troupe_child_t children [] = {
        { .id = "proxy", .behavior = &behavior, .args = where, .args_size = sizeof where }, { 0 },
    };
    troupe_t *troupe = world_with (children);
    static char large [300000], got [300000];
    for (char round = 1; round < 20; round++) {
        memset (large, round, sizeof large);
        cr_assert_eq (zmq_send (front, "head", 4, ZMQ_SNDMORE), 4);
        cr_assert_eq (zmq_send (front, large, sizeof large, 0), sizeof large);
        cr_assert_eq (zmq_recv (back, got, sizeof got, 0), 4);
        cr_assert_eq (zmq_recv (back, got, sizeof got, 0), sizeof got);
        cr_assert_eq (memcmp (large, got, sizeof got), 0);
    }
    zmq_peer_close (front);
    zmq_peer_close (back);
    world_end (troupe);
}

//  --- Pausing

static int s_pause (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    zmq_edge_t *edge = state;
    if (word->number)
        troupe_zmq_pause (edge->socket);
    else
        troupe_zmq_resume (edge->socket);
    return troupe_replyf (self, message, "%s", edge->text);
}

//  A paused socket keeps what comes, and gives it all when it goes on.
Test (zmq_flow, what_comes_during_a_pause_comes_after_it)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_REP, .on_message = zmq_echo, .bind = S_ANYWHERE });
    void *peer = zmq_peer_connect (ZMQ_REQ, zmq_world_where (troupe));
    int short_ms = 100, long_ms = 10000;
    world_ask (troupe, "edge", s_pause, 1, NULL);
    zmq_peer_send (peer, "wait");
    zmq_setsockopt (peer, ZMQ_RCVTIMEO, &short_ms, sizeof short_ms);
    cr_assert_str_eq (zmq_peer_receive (peer), "(nothing)");
    world_ask (troupe, "edge", s_pause, 0, NULL);
    zmq_setsockopt (peer, ZMQ_RCVTIMEO, &long_ms, sizeof long_ms);
    cr_assert_str_eq (zmq_peer_receive (peer), "wait");
    zmq_peer_close (peer);
    world_end (troupe);
}
