/*  =========================================================================
    zmq_guard_test.c - messages without an end, at the edge

    Place: tests/live, of runtime/live/edge/zmq_guard.c. Strangers send them;
    others are served meanwhile, and large messages that do end get through.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "stranger.h"
#include "zmq_world.h"

#define S_ANYWHERE "tcp://127.0.0.1:*"
#define S_MIB ((size_t) 1 << 20)

static void s_assert_served (const char *where)
{
    void *peer = zmq_peer_connect (ZMQ_DEALER, where);
    zmq_peer_send (peer, "hello|there");
    cr_assert_str_eq (zmq_peer_receive (peer), "hello|there");
    zmq_peer_close (peer);
}

//  It would fill the memory, and never be seen.
Test (zmq_guard, a_message_without_an_end_is_cut_off, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, .on_message = zmq_echo, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    const char *where = zmq_world_where (troupe);
    int stranger = stranger_greet (where, "");
    s_assert_served (where);
    stranger_sends_for_ever (stranger);
    close (stranger);
    s_assert_served (where);
    world_end (troupe);
}

//  Those who send least do not pay for it.
Test (zmq_guard, what_many_have_not_ended_is_bounded_in_all, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .whole_bytes = 1 << 30, .unfinished_bytes = 4 << 20 },
                              zmq_echo, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    const char *where = zmq_world_where (troupe);
    int small = stranger_greet (where, ""), strangers [4];
    cr_assert_eq (stranger_sends_frames (small, S_MIB / 2), S_MIB / 2);
    for (size_t index = 0; index < 4; index++)
        strangers [index] = stranger_greet (where, "");
    for (size_t index = 0; index < 4; index++)
        stranger_sends_for_ever (strangers [index]);
    stranger_send (small, "\0\x03" "end", 5);
    s_assert_served (where);
    for (size_t index = 0; index < 4; index++)
        close (strangers [index]);
    close (small);
    world_end (troupe);
}

//  A server that an actor has connected to may be as bad.
Test (zmq_guard, a_server_without_an_end_is_cut_off, .timeout = 60)
{
    char where [64];
    int listener = stranger_listen (where, sizeof where);
    const zmq_plan_t plan = { TROUPE_ZMQ_DEALER, .on_message = zmq_note, .connect = where };
    troupe_t *troupe = zmq_world_new (&plan);
    int server = accept (listener, NULL, NULL);
    cr_assert_geq (server, 0);
    stranger_shakes_hands (server, "ROUTER", "");
    stranger_sends_for_ever (server);
    close (server);
    server = accept (listener, NULL, NULL);
    stranger_shakes_hands (server, "ROUTER", "");
    stranger_send (server, "\0\x03" "end", 5);
    cr_assert_str_eq (zmq_world_text (troupe), "end;");
    close (server);
    close (listener);
    world_end (troupe);
}

//  A PUSH reads nothing: whatever comes has no end.
Test (zmq_guard, nothing_is_to_be_sent_to_who_only_sends, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_PUSH, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    int stranger = stranger_connect (zmq_world_where (troupe));
    stranger_shakes_hands (stranger, "PULL", "");
    stranger_sends_for_ever (stranger);
    close (stranger);
    world_end (troupe);
}

//  What has an end is no attack, however much it is in all, and while others have sent nothing for a long time.
Test (zmq_guard, large_messages_get_through, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .whole_bytes = 2 << 20, .unfinished_bytes = 2 << 20 },
                              zmq_echo, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    void *peer = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
    char *large = calloc (1, S_MIB), *back = malloc (S_MIB);
    cr_assert (large && back);
    for (int turn = 0; turn < 300; turn++) {
        cr_assert_eq (zmq_send (peer, large, S_MIB, 0), (int) S_MIB);
        cr_assert_eq (zmq_recv (peer, back, S_MIB, 0), (int) S_MIB);
    }
    zmq_peer_close (peer);
    free (large);
    free (back);
    world_end (troupe);
}

//  One that is larger in all its frames than it may be is dropped as a whole, and what follows is understood.
Test (zmq_guard, a_message_too_large_is_dropped, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .whole_bytes = 1000 }, zmq_echo, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    char frame [600] = "x";
    world_hear_dead_letters (troupe);
    void *peer = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
    zmq_send (peer, frame, sizeof frame, ZMQ_SNDMORE);
    zmq_send (peer, frame, sizeof frame, 0);
    zmq_send (peer, frame, sizeof frame, ZMQ_SNDMORE);
    zmq_send (peer, frame, sizeof frame, ZMQ_SNDMORE);
    zmq_send (peer, frame, sizeof frame, 0);
    zmq_peer_send (peer, "small");
    cr_assert_str_eq (zmq_peer_receive (peer), "small");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  Answers with a MiB, or with a word when there is no room for that.
static int s_answer_much (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                          size_t count, void *context)
{
    static char large [1 << 20];
    zmq_edge_t *edge = context;
    (void) self;
    (void) state;
    (void) count;
    const troupe_bytes_t answer [] = { frames [0], { large, sizeof large } };
    if (troupe_zmq_send (socket, answer, 2) == TROUPE_EFULL)
        strcpy (edge->text, "full");
    return 0;
}

//  Who asks and does not read is bounded by bytes, before libzmq counts a thousand messages of a MiB; others, who read,
//  get all of theirs.
Test (zmq_guard, what_a_peer_does_not_read_is_bounded_in_bytes, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .unread_bytes = 4 << 20 }, s_answer_much, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    char where [64], *back = malloc (S_MIB);
    cr_assert_not_null (back);
    snprintf (where, sizeof where, "%s", zmq_world_where (troupe));
    int lazy = stranger_greet (where, "");
    for (int turn = 0; turn < 60; turn++)
        stranger_send (lazy, "\0\x01?", 3);
    cr_assert_str_eq (zmq_world_text (troupe), "full");
    void *peer = zmq_peer_connect (ZMQ_DEALER, where);
    for (int turn = 0; turn < 60; turn++) {
        zmq_peer_send (peer, "?");
        cr_assert_eq (zmq_recv (peer, back, S_MIB, 0), (int) S_MIB);
    }
    zmq_peer_close (peer);
    close (lazy);
    free (back);
    world_end (troupe);
}

//  Who only connects keeps no descriptor.
Test (zmq_guard, who_says_nothing_is_cut_off, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, .on_message = zmq_echo, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    const char *where = zmq_world_where (troupe);
    stranger_await_end (stranger_connect (where));
    s_assert_served (where);
    world_end (troupe);
}
