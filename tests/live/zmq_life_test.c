/*  =========================================================================
    zmq_life_test.c - where sockets are bound, how they end, what they hear of peers

    Place: tests/live.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "zmq_world.h"

#define S_ANYWHERE "tcp://127.0.0.1:*"

//  --- Restarts

static void s_expect_echo (void *peer, const char *text)
{
    zmq_peer_send (peer, text);
    cr_assert_str_eq (zmq_peer_receive (peer), text);
}

//  libzmq closes a port later: an actor that fails and starts again at once must not find it taken.
static void s_restart_often (const char *endpoint)
{
    char text [32];
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_ROUTER, .on_message = zmq_echo, .bind = endpoint });
    for (unsigned round = 0; round < 30; round++) {
        void *peer = zmq_peer_connect (ZMQ_DEALER, endpoint);
        snprintf (text, sizeof text, "round %u", round);
        s_expect_echo (peer, text);
        zmq_world_restart (troupe);
        zmq_peer_close (peer);
    }
    world_end (troupe);
}

static void s_free_endpoint (char *endpoint, size_t size)
{
    void *probe = zmq_peer_bind (ZMQ_ROUTER, endpoint, size);
    zmq_peer_close (probe);
}

Test (zmq_life, the_next_incarnation_binds_the_same_port)
{
    char endpoint [64];
    s_free_endpoint (endpoint, sizeof endpoint);
    s_restart_often (endpoint);
}

Test (zmq_life, the_next_incarnation_binds_the_same_path)
{
    char folder [] = P_tmpdir "/zmq-life-XXXXXX", endpoint [64];
    cr_assert_not_null (mkdtemp (folder));
    snprintf (endpoint, sizeof endpoint, "ipc://%s/edge", folder);
    s_restart_often (endpoint);
    unlink (endpoint + sizeof "ipc://" - 1);
    cr_assert_eq (rmdir (folder), 0);
}

//  --- Endpoints

//  What each attempt gives.
static int s_try_places (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    troupe_zmq_t *socket = ((zmq_edge_t *) state)->socket;
    char bound [64];
    snprintf (bound, sizeof bound, "%s", troupe_zmq_endpoint (socket));
    return troupe_replyf (self, message, "%s %s %s %s %s %s %s %s %s",
                          troupe_error_name (troupe_zmq_bind (socket, word->text)),
                          troupe_error_name (troupe_zmq_bind (socket, "nonsense")),
                          troupe_error_name (troupe_zmq_bind (socket, "carrier://pigeon")),
                          troupe_error_name (troupe_zmq_connect (socket, "tcp://127.0.0.1")),
                          troupe_error_name (troupe_zmq_bind (socket, "tcp://198.51.100.1:5555")),
                          troupe_error_name (troupe_zmq_unbind (socket, "tcp://127.0.0.1:1")),
                          troupe_error_name (troupe_zmq_unbind (socket, bound)),
                          troupe_error_name (troupe_zmq_bind (socket, bound)),
                          troupe_error_name (troupe_zmq_unbind (socket, bound)));
}

//  Each of them is an error with a type, at once; and what is unbound is free.
Test (zmq_life, endpoints_that_cannot_be_are_refused)
{
    char taken [64];
    void *peer = zmq_peer_bind (ZMQ_ROUTER, taken, sizeof taken);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_ROUTER, .on_message = zmq_echo, .bind = S_ANYWHERE });
    cr_assert_str_eq (world_ask (troupe, "edge", s_try_places, 0, taken),
                      "OK TROUPE_EADDRINUSE TROUPE_EINVAL TROUPE_EINVAL TROUPE_EINVAL TROUPE_EACCES TROUPE_ENOENT "
                      "TROUPE_OK TROUPE_OK TROUPE_OK");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  --- What is heard of peers

static int s_on_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                       const char *endpoint, void *context)
{
    static const char *const names [] = { "writable", "connected", "disconnected", "refused" };
    (void) self;
    (void) state;
    (void) socket;
    zmq_edge_t *edge = context;
    size_t size = strlen (edge->text);
    snprintf (edge->text + size, sizeof edge->text - size, "%s%s%s;", names [event], *endpoint ? " " : "",
              *endpoint ? "there" : "");
    return 0;
}

Test (zmq_life, peers_are_seen_to_come_and_to_go)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_ROUTER, { .on_event = s_on_event }, zmq_note,
                                                      .bind = S_ANYWHERE });
    void *peer = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
    cr_assert_str_eq (zmq_world_text (troupe), "connected there;");
    zmq_peer_close (peer);
    cr_assert_str_eq (zmq_world_text (troupe), "disconnected there;");
    world_end (troupe);
}

//  A peer that stays finds the port again by itself.
Test (zmq_life, a_peer_survives_a_restart)
{
    char endpoint [64];
    s_free_endpoint (endpoint, sizeof endpoint);
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .on_event = s_on_event }, zmq_echo, .bind = endpoint };
    troupe_t *troupe = zmq_world_new (&plan);
    void *peer = zmq_peer_connect (ZMQ_DEALER, endpoint);
    s_expect_echo (peer, "before");
    zmq_world_restart (troupe);
    cr_assert_str_eq (zmq_world_text (troupe), "connected there;");
    s_expect_echo (peer, "after");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  A type that does not fit is told once, and not as a peer that comes and goes.
Test (zmq_life, a_peer_that_does_not_fit_is_refused)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_REP, { .on_event = s_on_event }, zmq_note,
                                                      .bind = S_ANYWHERE });
    void *peer = zmq_peer_connect (ZMQ_PUSH, zmq_world_where (troupe));
    const char *text = zmq_world_text (troupe);
    cr_assert_eq (strncmp (text, "refused there;", 14), 0, "%s", text);
    cr_assert_null (strstr (text, "connected"), "%s", text);
    zmq_peer_close (peer);
    world_end (troupe);
}

//  A socket of the system that listens on a free port, and the endpoint for it.
static int s_listen (char *endpoint, size_t size)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq (bind (listener, (struct sockaddr *) &address, length), 0);
    cr_assert_eq (listen (listener, 8), 0);
    cr_assert_eq (getsockname (listener, (struct sockaddr *) &address, &length), 0);
    snprintf (endpoint, size, "tcp://127.0.0.1:%u", ntohs (address.sin_port));
    return listener;
}

//  Old libraries speak ZMTP 2, of which libzmq does not tell when its handshake is over.
Test (zmq_life, a_peer_of_an_old_protocol_is_seen_to_come_and_to_go)
{
    //  Signature, revision 1, ROUTER, and an empty identity: the whole greeting (RFC 15).
    static const uint8_t greeting [] = { 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 6, 0, 0 };
    char endpoint [64];
    int listener = s_listen (endpoint, sizeof endpoint);
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_DEALER, { .on_event = s_on_event, .immediate = true },
                                                      zmq_note, .connect = endpoint });
    for (unsigned round = 0; round < 3; round++) {
        int peer = accept (listener, NULL, NULL);
        cr_assert_eq (write (peer, greeting, sizeof greeting), (ssize_t) sizeof greeting);
        cr_assert_str_eq (zmq_world_text (troupe), "connected there;");
        close (peer);
        cr_assert_str_eq (zmq_world_text (troupe), "disconnected there;");
    }
    close (listener);
    world_end (troupe);
}

//  --- Within callbacks

//  Closes the socket that it is called for, and opens another in its place.
static int s_replace (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                      size_t count, void *context)
{
    (void) state;
    char where [64];
    zmq_edge_t *edge = context;
    snprintf (where, sizeof where, "%s", troupe_zmq_endpoint (socket));
    troupe_zmq_send (socket, frames, count);
    troupe_zmq_close (&edge->socket);
    troupe_error_t error = troupe_zmq_open (self, TROUPE_ZMQ_ROUTER, NULL, s_replace, edge, &edge->socket);
    if (!error)
        error = troupe_zmq_bind (edge->socket, where);
    return error ? troupe_fail_error (self, error, "replace") : 0;
}

Test (zmq_life, a_callback_may_close_its_own_socket)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_ROUTER, .on_message = s_replace, .bind = S_ANYWHERE });
    for (int round = 0; round < 5; round++) {
        //  Asked for each time: so that nobody connects to the socket that is being closed.
        void *peer = zmq_peer_connect (ZMQ_DEALER, zmq_world_where (troupe));
        s_expect_echo (peer, "close it");
        zmq_peer_close (peer);
    }
    world_end (troupe);
}

static int s_fail_at_once (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                           size_t count, void *context)
{
    (void) state;
    (void) socket;
    (void) frames;
    (void) count;
    (void) context;
    return troupe_fail (self, 1, "on purpose");
}

//  The end of the incarnation closes the socket while its callback is on the stack.
Test (zmq_life, a_callback_may_fail)
{
    troupe_t *troupe = zmq_world_new (&(zmq_plan_t) { TROUPE_ZMQ_PULL, .on_message = s_fail_at_once,
                                                      .bind = S_ANYWHERE });
    char before [64];
    snprintf (before, sizeof before, "%s", zmq_world_where (troupe));
    void *peer = zmq_peer_connect (ZMQ_PUSH, before);
    zmq_peer_send (peer, "poison");
    for (int turn = 0; turn < 100000 && strcmp (before, zmq_world_where (troupe)) == 0; turn++)
        ;
    cr_assert_str_neq (before, zmq_world_where (troupe), "it is another socket, at another port");
    zmq_peer_close (peer);
    world_end (troupe);
}

//  --- What is wrong from the start

static int s_open_wrongly (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) word;
    troupe_zmq_t *socket = NULL;
    const troupe_zmq_options_t relaxed = { .relaxed = true }, limit = { .send_limit = 2000000 },
                               linger = { .linger_ms = -2 }, id = { .routing_id = "" };
    return troupe_replyf (self, message, "%s %s %s %s %s %s",
                          troupe_error_name (troupe_zmq_open (self, TROUPE_ZMQ_PULL, NULL, NULL, NULL, &socket)),
                          troupe_error_name (troupe_zmq_open (self, TROUPE_ZMQ_PUSH, &relaxed, NULL, NULL, &socket)),
                          troupe_error_name (troupe_zmq_open (self, TROUPE_ZMQ_PUSH, &limit, NULL, NULL, &socket)),
                          troupe_error_name (troupe_zmq_open (self, TROUPE_ZMQ_PUSH, &linger, NULL, NULL, &socket)),
                          troupe_error_name (troupe_zmq_open (self, TROUPE_ZMQ_PUSH, &id, NULL, NULL, &socket)),
                          socket ? "open" : "none");
}

//  One character for each type, in their order: 'y', open; 'n', TROUPE_EINVAL.
static int s_open_each (troupe_actor_t *self, troupe_message_t *message, const troupe_zmq_options_t *options)
{
    char result [TROUPE_ZMQ_STREAM + 2] = "";
    for (int type = 0; type <= TROUPE_ZMQ_STREAM; type++) {
        troupe_zmq_t *socket = NULL;
        troupe_error_t error = troupe_zmq_open (self, (troupe_zmq_type_t) type, options, zmq_note, NULL, &socket);
        result [type] = error ? error == TROUPE_EINVAL ? 'n' : '?' : 'y';
        troupe_zmq_close (&socket);
    }
    return troupe_replyf (self, message, "%s", result);
}

static int s_open_beating (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    const troupe_zmq_options_t options = { .heartbeat_ms = 100, .receive_limit = (uint32_t) word->number };
    return s_open_each (self, message, &options);
}

static int s_open_still (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    const troupe_zmq_options_t options = { .heartbeat_ms = TROUPE_ZMQ_NONE, .receive_limit = (uint32_t) word->number };
    return s_open_each (self, message, &options);
}

static int s_open_handing_over (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    const troupe_zmq_options_t options = { .heartbeat_ms = (int64_t) word->number, .handover = true };
    return s_open_each (self, message, &options);
}

//  Where a connection may be stopped, or put aside, nothing may be sent on it: a peer would end the program.
Test (zmq_life, heartbeats_and_limits_exclude_each_other)
{
    troupe_t *troupe = world_with (world_doers ("doer", NULL, NULL));
    cr_expect_str_eq (world_ask (troupe, "doer", s_open_beating, 0, NULL), "OK nyyyyynynynn");
    cr_expect_str_eq (world_ask (troupe, "doer", s_open_beating, TROUPE_ZMQ_NO_LIMIT, NULL), "OK nyyyyyyyyyyn");
    cr_expect_str_eq (world_ask (troupe, "doer", s_open_beating, 1000, NULL), "OK nnnnnnnnnnnn");
    cr_expect_str_eq (world_ask (troupe, "doer", s_open_still, 0, NULL), "OK yyyyyyyyyyyy");
    cr_expect_str_eq (world_ask (troupe, "doer", s_open_still, 1000, NULL), "OK yyyyyyyyyyyy");
    cr_expect_str_eq (world_ask (troupe, "doer", s_open_still, 2000000, NULL), "OK nnnnnnnnnnnn");
    cr_expect_str_eq (world_ask (troupe, "doer", s_open_handing_over, 0, NULL), "OK nnnnynnnnnnn");
    cr_expect_str_eq (world_ask (troupe, "doer", s_open_handing_over, 100, NULL), "OK nnnnnnnnnnnn");
    world_end (troupe);
}

Test (zmq_life, options_that_make_no_sense_are_refused)
{
    troupe_t *troupe = world_with (world_doers ("doer", NULL, NULL));
    cr_assert_str_eq (world_ask (troupe, "doer", s_open_wrongly, 0, NULL),
                      "OK TROUPE_EINVAL TROUPE_EINVAL TROUPE_EINVAL TROUPE_EINVAL TROUPE_EINVAL none");
    world_end (troupe);
}
