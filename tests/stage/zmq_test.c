/*  =========================================================================
    zmq_test.c - ZeroMQ sockets on the stage: the test is the peer

    Place: tests/stage.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe.h>

#define S_SEED 5

//  --- An actor with one socket

typedef struct {
    const char *name;
    troupe_zmq_type_t type;
    troupe_zmq_options_t options;
    troupe_zmq_fn *on_message;
    const char *bind, *connect, *subscribe;
} s_plan_t;

typedef struct {
    troupe_zmq_t *socket;
    char text [512];
} s_edge_t;

static troupe_error_t s_open (troupe_actor_t *self, s_edge_t *edge, const s_plan_t *plan)
{
    troupe_error_t error = troupe_zmq_open (self, plan->type, &plan->options, plan->on_message, edge, &edge->socket);
    if (!error && plan->subscribe)
        error = troupe_zmq_subscribe (edge->socket, plan->subscribe, strlen (plan->subscribe));
    if (!error && plan->bind)
        error = troupe_zmq_bind (edge->socket, plan->bind);
    if (!error && plan->connect)
        error = troupe_zmq_connect (edge->socket, plan->connect);
    return error;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    s_plan_t plan;
    s_edge_t *edge = calloc (1, sizeof *edge);
    *state_p = edge;
    memcpy (&plan, args, args_size);
    troupe_error_t error = s_open (self, edge, &plan);
    return error ? troupe_fail_error (self, error, "the edge") : 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static size_t s_split (char *text, troupe_bytes_t *frames)
{
    size_t count = 0;
    for (char *bar; (bar = strchr (text, '|')) && count < 7; text = bar + 1)
        frames [count++] = (troupe_bytes_t) { text, (size_t) (bar - text) };
    frames [count++] = (troupe_bytes_t) { text, strlen (text) };
    return count;
}

//  "?" tells what it has heard; "!" fails; "where", "pause", "resume", "close"; anything else is sent.
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    char text [64];
    troupe_bytes_t frames [8];
    s_edge_t *edge = state;
    snprintf (text, sizeof text, "%s", troupe_message_text (message));
    if (strcmp (text, "?") == 0) {
        int result = troupe_replyf (self, message, "%s", edge->text);
        *edge->text = 0;
        return result;
    }
    if (strcmp (text, "!") == 0)
        return troupe_fail (self, 1, "on purpose");
    if (strcmp (text, "where") == 0)
        return troupe_replyf (self, message, "%s", troupe_zmq_endpoint (edge->socket));
    if (strcmp (text, "pause") == 0)
        troupe_zmq_pause (edge->socket);
    else if (strcmp (text, "resume") == 0)
        troupe_zmq_resume (edge->socket);
    else if (strcmp (text, "close") == 0)
        troupe_zmq_close (&edge->socket);
    else {
        troupe_error_t error = troupe_zmq_send (edge->socket, frames, s_split (text, frames));
        return troupe_replyf (self, message, "%s", error ? troupe_error_name (error) : "sent");
    }
    return troupe_replyf (self, message, "done");
}

static int s_note (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
                   void *context)
{
    (void) self;
    (void) state;
    (void) socket;
    s_edge_t *edge = context;
    size_t size = strlen (edge->text);
    for (size_t index = 0; index < count && size < sizeof edge->text; index++)
        size += (size_t) snprintf (edge->text + size, sizeof edge->text - size, "%.*s%s", (int) frames [index].size,
                                   (const char *) frames [index].data, index + 1 < count ? "|" : ";");
    return 0;
}

static int s_echo (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
                   void *context)
{
    (void) state;
    (void) context;
    troupe_error_t error = troupe_zmq_send (socket, frames, count);
    return error ? troupe_fail_error (self, error, "echo") : 0;
}

static int s_on_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                       const char *endpoint, void *context)
{
    static const char *const names [] = { "writable", "connected", "disconnected", "refused" };
    (void) self;
    (void) state;
    (void) socket;
    s_edge_t *edge = context;
    size_t size = strlen (edge->text);
    snprintf (edge->text + size, sizeof edge->text - size, "%s%s%s;", names [event], *endpoint ? " " : "", endpoint);
    return 0;
}

static const troupe_behavior_t s_edge = { .name = "edge", .start = s_start, .receive = s_receive, .stop = s_stop };

static troupe_error_t s_spawn (troupe_stage_t *stage, const s_plan_t *plan)
{
    const troupe_child_t spec = { .id = plan->name ? plan->name : "edge", .behavior = &s_edge, .args = plan,
                                  .args_size = sizeof *plan };
    return troupe_stage_spawn_child (stage, &spec);
}

static troupe_stage_t *s_stage (const s_plan_t *plan)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (s_spawn (stage, plan), TROUPE_OK);
    return stage;
}

//  What an actor has heard since it was asked last, once all that was under way has arrived.
static const char *s_heard (troupe_stage_t *stage, const char *name)
{
    troupe_stage_run (stage);
    return troupe_stage_call (stage, name, "?");
}

//  --- The test is the peer

//  A service is tested without a client: what it is asked, and what it answers.
Test (zmq, a_rep_answers_the_test)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_REP, .on_message = s_echo,
                                                   .bind = "tcp://*:5555" });
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://localhost:5555", NULL);
    cr_assert (troupe_stage_zmq_deliver_text (peer, "Hello|again"));
    troupe_stage_run (stage);
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "Hello|again");
    cr_assert_null (troupe_stage_zmq_taken (peer));
    troupe_stage_destroy (&stage);
}

//  And a client without a service; what is said out of turn is refused as by libzmq.
Test (zmq, a_req_asks_the_test)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_REQ, .on_message = s_note,
                                                   .connect = "tcp://server:5555" });
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "a question"), "sent");
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "another"), "TROUPE_ESTATE");
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://server:5555", NULL);
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "a question", "it has waited for somebody to be there");
    cr_assert (troupe_stage_zmq_deliver_text (peer, "an answer"));
    cr_assert (troupe_stage_zmq_deliver_text (peer, "one too many"));
    cr_assert_str_eq (s_heard (stage, "edge"), "an answer;");
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "another"), "sent");
    troupe_stage_destroy (&stage);
}

//  A ROUTER sees its peers by their names, and is told of those that are not there.
Test (zmq, a_router_knows_its_peers)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_ROUTER, .on_message = s_note,
                                                   .bind = "ipc:///run/edge" });
    troupe_stage_zmq_peer_t *ada = troupe_stage_zmq_peer (stage, "ipc:///run/edge", "ada");
    troupe_stage_zmq_peer_t *bob = troupe_stage_zmq_peer (stage, "ipc:///run/edge", NULL);
    troupe_stage_zmq_deliver_text (ada, "|hello");
    troupe_stage_zmq_deliver_text (bob, "hi");
    cr_assert_str_eq (s_heard (stage, "edge"), "ada||hello;peer 2|hi;");
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "ada||good day"), "sent");
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "carol|where are you"), "TROUPE_EDOWN");
    cr_assert_str_eq (troupe_stage_zmq_taken (ada), "|good day");
    troupe_stage_zmq_connected (ada, false);
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "ada|gone"), "TROUPE_EDOWN");
    troupe_stage_destroy (&stage);
}

//  What was subscribed to reaches the actor, and the test sees the subscription.
Test (zmq, a_sub_gets_what_it_has_subscribed_to)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_SUB, .on_message = s_note,
                                                   .connect = "tcp://weather:5556", .subscribe = "10001 " });
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://weather:5556", NULL);
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "\1" "10001 ");
    cr_assert (troupe_stage_zmq_deliver_text (peer, "10001 20"));
    cr_assert_not (troupe_stage_zmq_deliver_text (peer, "100012 7"));
    cr_assert_str_eq (s_heard (stage, "edge"), "10001 20;");
    troupe_stage_destroy (&stage);
}

//  Backpressure: refused, told once when there is room, and a PUB drops instead.
Test (zmq, a_peer_without_room_is_full_and_then_writable)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_PUSH, .options = { .on_event = s_on_event },
                                                   .connect = "tcp://sink:5558" });
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://sink:5558", NULL);
    cr_assert_str_eq (s_heard (stage, "edge"), "connected tcp://sink:5558;");
    troupe_stage_zmq_fill (peer, true);
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "work"), "TROUPE_EFULL");
    cr_assert_str_eq (s_heard (stage, "edge"), "");
    troupe_stage_zmq_fill (peer, false);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "edge"), "writable;");
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "work"), "sent");
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "work");
    troupe_stage_destroy (&stage);
}

//  Nobody there: as many messages as the limit wait, and no more.
Test (zmq, what_waits_for_a_peer_is_bounded)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_PUSH, .options = { .send_limit = 2 },
                                                   .connect = "tcp://sink:5558" });
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "1"), "sent");
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "2"), "sent");
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "3"), "TROUPE_EFULL");
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://sink:5558", NULL);
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "1");
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "2");
    troupe_stage_destroy (&stage);
}

Test (zmq, peers_come_and_go_and_are_refused)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_DEALER, .options = { .on_event = s_on_event },
                                                   .on_message = s_note, .bind = "tcp://*:1" });
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://here:1", NULL);
    troupe_stage_run (stage);
    troupe_stage_zmq_connected (peer, false);
    troupe_stage_zmq_refuse (peer);
    cr_assert_not (troupe_stage_zmq_deliver_text (peer, "too late"));
    cr_assert_str_eq (s_heard (stage, "edge"),
                      "connected tcp://here:1;disconnected tcp://here:1;refused tcp://here:1;");
    troupe_stage_destroy (&stage);
}

//  A STREAM is told of its peers by empty frames, as libzmq does it.
Test (zmq, a_stream_hears_bytes_comings_and_goings)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_STREAM, .on_message = s_note,
                                                   .bind = "tcp://*:8080" });
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://localhost:8080", "browser");
    troupe_stage_run (stage);
    troupe_stage_zmq_deliver_text (peer, "GET /");
    troupe_stage_run (stage);
    cr_assert_str_eq (troupe_stage_call (stage, "edge", "browser|Hello World!!"), "sent");
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "Hello World!!");
    troupe_stage_zmq_connected (peer, false);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "edge"), "browser|;browser|GET /;browser|;");
    troupe_stage_destroy (&stage);
}

//  A paused socket's messages wait.
Test (zmq, a_pause_holds_messages_back)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_PULL, .on_message = s_note,
                                                   .bind = "tcp://*:2" });
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://x:2", NULL);
    troupe_stage_call (stage, "edge", "pause");
    troupe_stage_zmq_deliver_text (peer, "wait");
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "edge"), "");
    troupe_stage_call (stage, "edge", "resume");
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "edge"), "wait;");
    troupe_stage_destroy (&stage);
}

//  --- Two actors

//  They need no test between them: each pattern means what it means.
Test (zmq, two_actors_talk_to_each_other)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "client", TROUPE_ZMQ_REQ, .on_message = s_note,
                                                .connect = "tcp://a:1" }), TROUPE_OK);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "server", TROUPE_ZMQ_REP, .on_message = s_echo,
                                                .bind = "tcp://*:1" }), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_call (stage, "client", "one|two"), "sent");
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "client"), "one|two;");
    troupe_stage_destroy (&stage);
}

//  A DEALER and a REP agree on the envelope; a ROUTER sees a REQ's.
Test (zmq, envelopes_are_those_of_the_wire)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "rep", TROUPE_ZMQ_REP, .on_message = s_echo, .bind = "inproc://rep" }),
                  TROUPE_OK);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "dealer", TROUPE_ZMQ_DEALER, .on_message = s_note,
                                                .connect = "inproc://rep" }), TROUPE_OK);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "router", TROUPE_ZMQ_ROUTER, .on_message = s_note,
                                                .bind = "inproc://router" }), TROUPE_OK);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "req", TROUPE_ZMQ_REQ, { .routing_id = "ada" }, s_note,
                                                .connect = "inproc://router" }), TROUPE_OK);
    troupe_stage_call (stage, "dealer", "id||body");
    troupe_stage_call (stage, "dealer", "no envelope");
    troupe_stage_call (stage, "req", "question");
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "dealer"), "id||body;");
    cr_assert_str_eq (s_heard (stage, "router"), "ada||question;");
    troupe_stage_call (stage, "router", "ada||answer");
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "req"), "answer;");
    troupe_stage_destroy (&stage);
}

//  Work goes round, news goes to those who want it, and an XPUB is told of the first and the last who does.
Test (zmq, work_goes_round_and_news_to_subscribers)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "push", TROUPE_ZMQ_PUSH, .bind = "tcp://*:1" }), TROUPE_OK);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "xpub", TROUPE_ZMQ_XPUB, .on_message = s_note, .bind = "tcp://*:2" }),
                  TROUPE_OK);
    for (int index = 0; index < 2; index++) {
        cr_assert_eq (s_spawn (stage, &(s_plan_t) { index ? "p1" : "p0", TROUPE_ZMQ_PULL, .on_message = s_note,
                                                    .connect = "tcp://h:1" }), TROUPE_OK);
        cr_assert_eq (s_spawn (stage, &(s_plan_t) { index ? "s1" : "s0", TROUPE_ZMQ_SUB, .on_message = s_note,
                                                    .connect = "tcp://h:2", .subscribe = "a" }), TROUPE_OK);
    }
    troupe_stage_call (stage, "push", "1");
    troupe_stage_call (stage, "push", "2");
    troupe_stage_call (stage, "push", "3");
    troupe_stage_call (stage, "xpub", "abc|news");
    troupe_stage_call (stage, "xpub", "b|none");
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "p0"), "1;3;");
    cr_assert_str_eq (s_heard (stage, "p1"), "2;");
    cr_assert_str_eq (s_heard (stage, "s1"), "abc|news;");
    cr_assert_str_eq (s_heard (stage, "xpub"), "\1a;");
    troupe_stage_stop (stage, "s0");
    cr_assert_str_eq (s_heard (stage, "xpub"), "");
    troupe_stage_stop (stage, "s1");
    troupe_stage_run (stage);
    cr_assert_str_eq (s_heard (stage, "xpub"), ";", "a zero byte and the prefix");
    troupe_stage_destroy (&stage);
}

//  --- Ends

//  A socket ends with its incarnation, and the next binds the same endpoint; who was connected finds it again.
Test (zmq, a_restart_binds_the_same_endpoint)
{
    const s_plan_t plan = { .name = "server", .type = TROUPE_ZMQ_REP, .on_message = s_echo, .bind = "tcp://*:5555" };
    const troupe_child_t children [] = {
        { .id = "server", .behavior = &s_edge, .args = &plan, .args_size = sizeof plan }, { 0 },
    };
    const troupe_supervisor_t root = { .children = children };
    const troupe_child_t supervisor = { .id = "root", .supervisor = &root };
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (troupe_stage_spawn_child (stage, &supervisor), TROUPE_OK);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://localhost:5555", NULL);
    troupe_stage_call (stage, "server", "!");
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_incarnation (stage, "server"), 2);
    cr_assert (troupe_stage_zmq_deliver_text (peer, "still there"));
    troupe_stage_run (stage);
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "still there");
    troupe_stage_destroy (&stage);
}

//  An endpoint that is taken is a typed error of the start, in words, and said once; a port may be any.
Test (zmq, endpoints_are_taken_once)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_REP, .on_message = s_echo, .bind = "tcp://*:1" });
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "second", TROUPE_ZMQ_REP, .on_message = s_echo,
                                                .bind = "tcp://127.0.0.1:1" }), TROUPE_EFAILED);
    cr_assert_eq (troupe_stage_reason (stage, "second")->code, TROUPE_EADDRINUSE);
    cr_assert_str_eq (troupe_stage_reason (stage, "second")->text,
                      "the edge: a REP socket cannot bind tcp://127.0.0.1:1: the address is in use");
    cr_assert_null (strstr (troupe_stage_log (stage), "ERROR"));
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "third", TROUPE_ZMQ_REP, .on_message = s_echo,
                                                .bind = "tcp://127.0.0.1:*" }), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_call (stage, "third", "where"), "tcp://127.0.0.1:49152");
    troupe_stage_destroy (&stage);
}

//  A message of too many frames is a dead letter, here too, unless its beginning is wanted.
Test (zmq, a_message_of_too_many_frames_is_a_dead_letter)
{
    for (int cut = 0; cut < 2; cut++) {
        troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_PULL, .on_message = s_note,
                                                       .options = { .frame_limit = 2, .cut = cut },
                                                       .bind = "tcp://*:1" });
        troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://x:1", NULL);
        troupe_stage_zmq_deliver_text (peer, "1|2|3");
        troupe_stage_zmq_deliver_text (peer, "4|5");
        cr_assert_str_eq (s_heard (stage, "edge"), cut ? "1|2;4|5;" : "4|5;");
        cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_MALFORMED), !cut);
        troupe_stage_destroy (&stage);
    }
}

static int s_close_itself (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                           size_t count, void *context)
{
    s_edge_t *edge = context;
    s_note (self, state, socket, frames, count, context);
    troupe_zmq_close (&edge->socket);
    return troupe_zmq_send_text (socket, "closed") == TROUPE_ESTATE ? 0 : 1;
}

//  A callback closes the socket that it is called for: nothing more is heard of it.
Test (zmq, a_callback_may_close_its_own_socket)
{
    troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_DEALER, .on_message = s_close_itself,
                                                   .bind = "tcp://*:1" });
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://x:1", NULL);
    troupe_stage_zmq_deliver_text (peer, "first");
    troupe_stage_zmq_deliver_text (peer, "second");
    cr_assert_str_eq (s_heard (stage, "edge"), "first;");
    cr_assert_not (troupe_stage_zmq_deliver_text (peer, "third"));
    troupe_stage_destroy (&stage);
}

//  Two runs with one seed are the same.
Test (zmq, the_trace_is_the_same_every_time)
{
    char first [4096];
    for (int round = 0; round < 2; round++) {
        troupe_stage_t *stage = s_stage (&(s_plan_t) { .type = TROUPE_ZMQ_REP, .on_message = s_echo,
                                                       .bind = "tcp://*:1" });
        troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://x:1", NULL);
        troupe_stage_zmq_deliver_text (peer, "one");
        troupe_stage_run (stage);
        if (!round)
            snprintf (first, sizeof first, "%s", troupe_stage_trace (stage));
        cr_assert_str_eq (troupe_stage_trace (stage), first);
        cr_assert_not_null (strstr (first, "0 edge#1 <- REP: 1 frames 3\n0 edge#1 -> REP: 1 frames\n"), "%s", first);
        troupe_stage_destroy (&stage);
    }
}

static int s_name (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
                   void *context)
{
    (void) self;
    (void) state;
    (void) count;
    (void) context;
    const char *user = troupe_zmq_user (socket);
    const troupe_bytes_t answer [] = { frames [0], { user, strlen (user) } };
    return (int) troupe_zmq_send (socket, answer, 2);
}

//  A test can say who the peer is, as a certificate would.
Test (zmq, a_peer_may_be_known)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (s_spawn (stage, &(s_plan_t) { "edge", TROUPE_ZMQ_ROUTER, .on_message = s_name,
                                                .bind = "tcp://*:5555" }), TROUPE_OK);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://127.0.0.1:5555", NULL);
    troupe_stage_zmq_deliver_text (peer, "who am I?");
    troupe_stage_zmq_user (peer, "ada");
    troupe_stage_zmq_deliver_text (peer, "and now?");
    troupe_stage_run (stage);
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "");
    cr_assert_str_eq (troupe_stage_zmq_taken (peer), "ada");
    troupe_stage_destroy (&stage);
}
