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

static int s_pause (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    const zmq_edge_t *edge = state;
    (word->number ? troupe_zmq_pause : troupe_zmq_resume) (edge->socket);
    return troupe_replyf (self, message, "done");
}

static int s_note_small (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                         size_t count, void *context)
{
    return frames [0].size < 10 ? zmq_note (self, state, socket, frames, count, context) : 0;
}

//  Whole messages until the other side hangs up.
static void s_send_wholes_for_ever (int stranger)
{
    static char wholes [S_MIB / 16];
    for (size_t index = 0; index < sizeof wholes; index += 256)
        memcpy (wholes + index, "\0\xFE", 2);
    while (send (stranger, wholes, sizeof wholes, MSG_NOSIGNAL) > 0)
        ;
}

//  What has come and is not taken waits in memory, without a limit of messages: in bytes it has one. Those who have
//  sent little are not cut off for it.
Test (zmq_guard, what_is_not_taken_is_bounded_in_all, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_PULL, { .receive_limit = TROUPE_ZMQ_NO_LIMIT, .untaken_bytes = 8 << 20,
                                               .unfinished_bytes = 8 << 20 },
                              .on_message = s_note_small, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    char where [64];
    snprintf (where, sizeof where, "%s", zmq_world_where (troupe));
    int small = stranger_connect (where);
    stranger_shakes_hands (small, "PUSH", "");
    stranger_send (small, "\0\x05" "first", 7);
    cr_assert_str_eq (zmq_world_text (troupe), "first;");
    cr_assert_str_eq (world_ask (troupe, "edge", s_pause, true, NULL), "OK done");
    stranger_send (small, "\0\x06" "second", 8);
    for (size_t turn = 0; turn < 3; turn++) {
        int stranger = stranger_connect (where);
        stranger_shakes_hands (stranger, "PUSH", "");
        s_send_wholes_for_ever (stranger);
        close (stranger);
    }
    stranger_send (small, "\0\x05" "third", 7);
    cr_assert_str_eq (world_ask (troupe, "edge", s_pause, false, NULL), "OK done");
    const char *text = zmq_world_text (troupe);
    cr_assert_str_eq (strcmp (text, "second;") == 0 ? zmq_world_text (troupe) : text + strlen ("second;"), "third;");
    close (small);
    world_end (troupe);
}


//  Much that is taken is not much that waits, of whatever size the frames are.
Test (zmq_guard, who_is_read_is_never_cut_off, .timeout = 60)
{
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .untaken_bytes = 1, .unfinished_bytes = 1 << 18,
                                                   .send_limit = 100000 }, zmq_echo,
                              .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_new (&plan);
    void *peer = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
    static char frame [20000];
    const size_t sizes [] = { 1, 200, 255, 256, sizeof frame };
    for (size_t kind = 0; kind < sizeof sizes / sizeof *sizes; kind++) {
        const size_t window = sizes [kind] < 1000 ? 500 : 5;
        for (size_t sent = 0, received = 0; received < 200 * window; received++) {
            for (; sent < received + window && sent < 200 * window; sent++)
                cr_assert_eq (zmq_send (peer, frame, sizes [kind], 0), (int) sizes [kind]);
            cr_assert_eq (zmq_recv (peer, frame, sizeof frame, 0), (int) sizes [kind]);
        }
    }
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
