/*  =========================================================================
    zmq_socket_test.c - every type of socket, with peers that know nothing of troupe

    Place: tests/live.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include "zmq_world.h"

#define S_ANYWHERE "tcp://127.0.0.1:*"

//  --- Questions and answers

//  The plainest service there is, and clients in any language.
Test (zmq_socket, rep_answers_a_req)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_REP, .on_message = zmq_echo, .bind = S_ANYWHERE });
    void *peer = zmq_peer_connect (ZMQ_REQ, zmq_world_where (troupe));
    zmq_peer_send (peer, "Hello");
    cr_assert_str_eq (zmq_peer_receive (peer), "Hello");
    zmq_peer_send (peer, "a|b||c");
    cr_assert_str_eq (zmq_peer_receive (peer), "a|b||c");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  Order matters with REQ: what is said out of turn is refused, not lost.
Test (zmq_socket, req_asks_once_at_a_time)
{
    char where [64];
    void *peer = zmq_peer_bind (ZMQ_REP, where, sizeof where);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_REQ, .on_message = zmq_note, .connect = where });
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "first"), "OK sent");
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "second"), "OK TROUPE_ESTATE");
    cr_assert_str_eq (zmq_peer_receive (peer), "first");
    zmq_peer_send (peer, "an answer");
    cr_assert_str_eq (zmq_world_text (troupe), "an answer;");
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "third"), "OK sent");
    cr_assert_str_eq (zmq_peer_receive (peer), "third");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  A service that does not answer must not silence its client; and its late answer is not taken for another's.
Test (zmq_socket, a_relaxed_req_asks_again_and_drops_late_answers)
{
    char where [64], first [64];
    void *peer = zmq_peer_bind (ZMQ_ROUTER, where, sizeof where);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_REQ, { .relaxed = true }, zmq_note,
                                                      .connect = where });
    zmq_msg_t frames [2][4];
    for (int round = 0; round < 2; round++) {
        cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, round ? "second" : "first"), "OK sent");
        for (int index = 0; index < 4; index++) {
            zmq_msg_init (&frames [round][index]);
            cr_assert_geq (zmq_msg_recv (&frames [round][index], peer, 0), 0);
        }
    }
    snprintf (first, sizeof first, "late");
    for (int round = 0; round < 2; round++) {
        for (int index = 0; index < 3; index++)
            zmq_msg_send (&frames [round][index], peer, ZMQ_SNDMORE);
        zmq_msg_close (&frames [round][3]);
        zmq_send (peer, round ? "right" : first, round ? 5 : 4, 0);
    }
    cr_assert_str_eq (zmq_world_text (troupe), "right;");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  Without the limits of REQ and REP: many questions at once, each back to whom it came from.
Test (zmq_socket, router_and_dealer_speak_with_each_other)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_ROUTER, .on_message = zmq_echo, .bind = S_ANYWHERE });
    void *one = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
    void *two = zmq_peer_connect (ZMQ_REQ, zmq_world_where (troupe));
    zmq_peer_send (one, "from one");
    zmq_peer_send (one, "and|again");
    zmq_peer_send (two, "from two");
    cr_assert_str_eq (zmq_peer_receive (two), "from two");
    cr_assert_str_eq (zmq_peer_receive (one), "from one");
    cr_assert_str_eq (zmq_peer_receive (one), "and|again");
    zmq_peer_close (one);
    zmq_peer_close (two);
    world_end (troupe);
}

//  An actor as a DEALER, under a name that the other side's ROUTER knows it by.
Test (zmq_socket, dealer_is_known_by_its_routing_id)
{
    char where [64];
    void *peer = zmq_peer_bind (ZMQ_ROUTER, where, sizeof where);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_DEALER, { .routing_id = "ada" }, zmq_note,
                                                      .connect = where });
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "hello"), "OK sent");
    cr_assert_str_eq (zmq_peer_receive (peer), "ada|hello");
    zmq_peer_send (peer, "ada|and|you");
    cr_assert_str_eq (zmq_world_text (troupe), "and|you;");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  libzmq's ROUTER drops what it cannot route in silence; here the sender is told.
Test (zmq_socket, a_router_says_that_a_peer_is_not_there)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_ROUTER, .on_message = zmq_note, .bind = S_ANYWHERE });
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "nobody|hello"), "OK TROUPE_EDOWN");
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "alone"), "OK TROUPE_EINVAL");
    world_end (troupe);
}

//  --- One way

Test (zmq_socket, pull_takes_what_is_pushed_and_push_gives)
{
    char where [64];
    void *peer = zmq_peer_bind (ZMQ_PUSH, where, sizeof where);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_PULL, .on_message = zmq_note, .connect = where });
    zmq_peer_send (peer, "task|1");
    cr_assert_str_eq (zmq_world_text (troupe), "task|1;");
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "x"), "OK TROUPE_ENOTSUP");
    world_end (troupe);
    zmq_peer_close (peer);
    peer = zmq_peer_bind (ZMQ_PULL, where, sizeof where);
    troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_PUSH, .connect = where });
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "task|2"), "OK sent");
    cr_assert_str_eq (zmq_peer_receive (peer), "task|2");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  A subscriber gets what begins with its prefix, and nothing else.
Test (zmq_socket, sub_gets_what_it_has_subscribed_to)
{
    char where [64];
    void *peer = zmq_peer_bind (ZMQ_XPUB, where, sizeof where);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_SUB, .on_message = zmq_note, .connect = where,
                                                      .subscribe = "10001" });
    cr_assert_str_eq (zmq_peer_receive (peer), "\1" "10001");
    zmq_peer_send (peer, "20002|cold");
    zmq_peer_send (peer, "10001|warm");
    cr_assert_str_eq (zmq_world_text (troupe), "10001|warm;");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  An XPUB sees subscriptions, and knows so when somebody listens.
Test (zmq_socket, xpub_sees_who_subscribes_and_publishes)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_XPUB, .on_message = zmq_note, .bind = S_ANYWHERE });
    void *peer = zmq_peer_connect (ZMQ_SUB, zmq_world_where (troupe));
    zmq_setsockopt (peer, ZMQ_SUBSCRIBE, "news", 4);
    cr_assert_str_eq (zmq_world_text (troupe), "\1news;");
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "weather|dull"), "OK sent");
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "news|good"), "OK sent");
    cr_assert_str_eq (zmq_peer_receive (peer), "news|good");
    zmq_setsockopt (peer, ZMQ_UNSUBSCRIBE, "news", 4);
    cr_assert_str_eq (zmq_world_text (troupe), ";", "its first byte is a zero");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  An XSUB subscribes by a message, as proxies pass them on.
Test (zmq_socket, xsub_subscribes_by_a_message)
{
    char where [64];
    void *peer = zmq_peer_bind (ZMQ_XPUB, where, sizeof where);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_XSUB, .on_message = zmq_note, .connect = where });
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "\1a"), "OK sent");
    cr_assert_str_eq (zmq_peer_receive (peer), "\1a");
    zmq_peer_send (peer, "abc");
    cr_assert_str_eq (zmq_world_text (troupe), "abc;");
    zmq_peer_close (peer);
    world_end (troupe);
}

Test (zmq_socket, pub_reaches_its_subscribers)
{
    char where [64];
    void *peer = zmq_peer_bind (ZMQ_SUB, where, sizeof where);
    zmq_setsockopt (peer, ZMQ_SUBSCRIBE, "", 0);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_PUB, .connect = where });
    //  What is published before the subscription has come is not for this subscriber.
    int wait_ms = 1;
    zmq_setsockopt (peer, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    const char *text = "(nothing)";
    for (int turn = 0; turn < 10000 && strcmp (text, "(nothing)") == 0; turn++) {
        cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "tick"), "OK sent");
        text = zmq_peer_receive (peer);
    }
    cr_assert_str_eq (text, "tick");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  --- Two ends, and bytes

Test (zmq_socket, pair_talks_to_its_one_peer)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_PAIR, .on_message = zmq_echo, .bind = S_ANYWHERE });
    void *peer = zmq_peer_connect (ZMQ_PAIR, zmq_world_where (troupe));
    zmq_peer_send (peer, "ping|");
    cr_assert_str_eq (zmq_peer_receive (peer), "ping|");
    zmq_peer_close (peer);
    world_end (troupe);
}

static int s_greet_stream (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                           size_t count, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    if (count != 2 || frames [1].size == 0)
        return 0;
    const troupe_bytes_t answer [] = { frames [0], { "Hello World!!", 13 } }, end [] = { frames [0], { "", 0 } };
    troupe_error_t error = troupe_zmq_send (socket, answer, 2);
    return error ? (int) error : (int) troupe_zmq_send (socket, end, 2);
}

static int s_plain_connection (const char *endpoint)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                                   .sin_port = htons ((uint16_t) atoi (strrchr (endpoint, ':') + 1)) };
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq (connect (fd, (struct sockaddr *) &address, sizeof address), 0);
    setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval) { .tv_sec = 10 }, sizeof (struct timeval));
    return fd;
}

//  The raw socket of the first article: whoever connects is a browser, and is answered and let go.
Test (zmq_socket, stream_talks_to_plain_connections)
{
    char text [32];
    size_t size = 0;
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_STREAM, .on_message = s_greet_stream,
                                                      .bind = S_ANYWHERE });
    int fd = s_plain_connection (zmq_world_where (troupe));
    cr_assert_eq (send (fd, "GET /", 5, 0), 5);
    for (ssize_t got; size < sizeof text && (got = recv (fd, text + size, sizeof text - size, 0)) > 0;)
        size += (size_t) got;
    cr_assert_eq (size, 13);
    cr_assert_eq (memcmp (text, "Hello World!!", 13), 0);
    close (fd);
    world_end (troupe);
}

//  --- With czmq, and within the process

//  czmq's sockets of this process are in the same context: inproc reaches them.
Test (zmq_socket, inproc_reaches_sockets_of_czmq)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_REP, .on_message = zmq_echo,
                                                      .bind = "inproc://edge-of-czmq" });
    zsock_t *peer = zsock_new_req (">inproc://edge-of-czmq");
    cr_assert_not_null (peer);
    zsock_set_rcvtimeo (peer, 10000);
    cr_assert_eq (zstr_sendx (peer, "one", "two", NULL), 0);
    char *one = NULL, *two = NULL;
    cr_assert_eq (zstr_recvx (peer, &one, &two, NULL), 2);
    cr_assert_str_eq (two, "two");
    zstr_free (&one);
    zstr_free (&two);
    zsock_destroy (&peer);
    world_end (troupe);
}

Test (zmq_socket, czmq_speaks_over_tcp)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_ROUTER, .on_message = zmq_echo, .bind = S_ANYWHERE });
    zsock_t *peer = zsock_new_dealer (zmq_world_where (troupe));
    zsock_set_rcvtimeo (peer, 10000);
    cr_assert_eq (zstr_send (peer, "Hello"), 0);
    char *text = zstr_recv (peer);
    cr_assert_str_eq (text, "Hello");
    zstr_free (&text);
    zsock_destroy (&peer);
    world_end (troupe);
}
