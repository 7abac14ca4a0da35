/*  =========================================================================
    egress_lane_test.c - servers of other languages, asked over real sockets

    Place: tests/live, of actors/egress/egress_lane.c. The servers are raw REP
    sockets of libzmq on the test's thread, and the guest asks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <troupe/egress.h>
#include <troupe/rpc_call.h>

#include "rpc/document.h"
#include "zmq_world.h"

static int s_on_response (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                          const troupe_response_view_t *response, void *context)
{
    (void) self;
    (void) state;
    (void) outcome;
    world_note ("%s=%d:%.*s", (const char *) context, response->status,
                response->status == 200 ? (int) response->body.size : 0,
                response->body.data ? (const char *) response->body.data : "");
    return 0;
}

static troupe_t *s_open (const char *format, uint32_t lanes, const char *first, const char *second)
{
    static char servers [256];
    static troupe_egress_t spec;
    static const troupe_behavior_t egress = TROUPE_EGRESS ("users", &spec);
    const troupe_child_t children [] = { { .id = "users", .behavior = &egress }, { 0 } };
    snprintf (servers, sizeof servers, "%s %s", first, second ? second : "");
    spec = (troupe_egress_t) { .servers = servers, .format = format, .lanes = lanes };
    return world_with (children);
}

static void s_ask (troupe_t *troupe, const char *method, const char *path, int64_t timeout_ms)
{
    troupe_bytes_t body = { "four", 4 };
    cr_assert_eq (troupe_rpc_call (troupe_guest (troupe), "users", method, path, body, timeout_ms, s_on_response,
                                   (void *) (uintptr_t) path, NULL), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
}

//  A REP server sees a plain question, and its plain answer arrives.
Test (egress_lane, json_question_and_answer)
{
    char where [64];
    void *server = zmq_peer_bind (ZMQ_REP, where, sizeof where);
    troupe_t *troupe = s_open ("json", 1, where, NULL);
    s_ask (troupe, "GET", "/a?x=1", WORLD_MS);
    const char *question = zmq_peer_receive (server);
    cr_assert_not_null (strstr (question, "\"method\":\"GET\""), "%s", question);
    cr_assert_not_null (strstr (question, "\"path\":\"/a?x=1\""), "%s", question);
    zmq_peer_send (server, "{\"status\":200,\"body\":{\"name\":\"Ada\"}}");
    cr_assert_str_eq (world_notes (troupe, 1), "/a?x=1=200:{\"name\":\"Ada\"}");
    world_end (troupe);
    zmq_peer_close (server);
}

//  Answers in the format of the question, as a server in that language would.
static void s_serve (void *server, troupe_format_t format)
{
    uint8_t bytes [1024];
    char why [128];
    troupe_question_t question;
    int size = zmq_recv (server, bytes, sizeof bytes, 0);
    cr_assert_gt (size, 0);
    cr_assert_eq (troupe_question_read (format, bytes, (size_t) size, &question, why, sizeof why), TROUPE_OK);
    troupe_response_view_t response = { .status = 200, .body = { question.path, strlen (question.path) } };
    void *data = NULL;
    size_t data_size = 0;
    cr_assert_eq (troupe_answer_write (format, &response, &data, &data_size), TROUPE_OK);
    cr_assert_geq (zmq_send (server, data, data_size, 0), 0);
    free (data);
    troupe_question_clear (&question);
}

//  The other formats say the same.
Test (egress_lane, smile_and_msgpack_questions_and_answers)
{
    static const char *const names [] = { "smile", "msgpack" };
    static const troupe_format_t formats [] = { TROUPE_FORMAT_SMILE, TROUPE_FORMAT_MSGPACK };
    for (int index = 0; index < 2; index++) {
        char where [64];
        void *server = zmq_peer_bind (ZMQ_REP, where, sizeof where);
        troupe_t *troupe = s_open (names [index], 2, where, NULL);
        s_ask (troupe, "POST", "/a", WORLD_MS);
        s_ask (troupe, "POST", "/b", WORLD_MS);
        s_serve (server, formats [index]);
        s_serve (server, formats [index]);
        const char *notes = world_notes (troupe, 2);
        cr_assert (strstr (notes, "/a=200:/a") && strstr (notes, "/b=200:/b"), "%s", notes);
        world_end (troupe);
        zmq_peer_close (server);
    }
}

//  With one lane there is one question at a time; the next one waits here.
Test (egress_lane, lane_carries_one_question_at_a_time)
{
    char where [64];
    void *server = zmq_peer_bind (ZMQ_REP, where, sizeof where);
    troupe_t *troupe = s_open ("json", 1, where, NULL);
    s_ask (troupe, "GET", "/a", WORLD_MS);
    s_ask (troupe, "GET", "/b", WORLD_MS);
    for (int times = 0; times < 2; times++) {
        const char *question = zmq_peer_receive (server);
        zmq_peer_send (server, strstr (question, "/a") ? "{\"status\":200,\"body\":\"A\"}"
                                                       : "{\"status\":200,\"body\":\"B\"}");
    }
    cr_assert_str_eq (world_notes (troupe, 2), "/a=200:A /b=200:B");
    world_end (troupe);
    zmq_peer_close (server);
}

//  The answer to one question must never be taken for that to another.
Test (egress_lane, late_answer_comes_to_nobody)
{
    char where [64];
    void *server = zmq_peer_bind (ZMQ_REP, where, sizeof where);
    troupe_t *troupe = s_open ("json", 1, where, NULL);
    s_ask (troupe, "POST", "/a", 300);
    cr_assert_not_null (strstr (zmq_peer_receive (server), "/a"));
    cr_assert_str_eq (world_notes (troupe, 1), "/a=504:");
    s_ask (troupe, "POST", "/b", WORLD_MS);
    zmq_peer_send (server, "{\"status\":200,\"body\":\"A\"}");
    cr_assert_not_null (strstr (zmq_peer_receive (server), "/b"));
    zmq_peer_send (server, "{\"status\":200,\"body\":\"B\"}");
    cr_assert_str_eq (world_notes (troupe, 1), "/b=200:B");
    world_end (troupe);
    zmq_peer_close (server);
}

//  What is no answer is 502, and the lane is good for the next one.
Test (egress_lane, garbage_ends_the_call_and_not_the_lane)
{
    char where [64];
    void *server = zmq_peer_bind (ZMQ_REP, where, sizeof where);
    troupe_t *troupe = s_open ("json", 1, where, NULL);
    s_ask (troupe, "POST", "/a", WORLD_MS);
    zmq_peer_receive (server);
    zmq_peer_send (server, "rubbish");
    cr_assert_str_eq (world_notes (troupe, 1), "/a=502:");
    s_ask (troupe, "POST", "/b", WORLD_MS);
    zmq_peer_receive (server);
    zmq_peer_send (server, "{\"status\":200,\"body\":\"B\"}");
    cr_assert_str_eq (world_notes (troupe, 1), "/b=200:B");
    world_end (troupe);
    zmq_peer_close (server);
}

//  Failover between plain servers, without a broker.
Test (egress_lane, calls_of_a_server_that_dies_go_to_another)
{
    char where [2] [64];
    void *servers [2];
    for (int index = 0; index < 2; index++)
        servers [index] = zmq_peer_bind (ZMQ_REP, where [index], sizeof where [index]);
    troupe_t *troupe = s_open ("json", 2, where [0], where [1]);
    s_ask (troupe, "GET", "/a", WORLD_MS);
    zmq_pollitem_t items [2] = { { servers [0], 0, ZMQ_POLLIN, 0 }, { servers [1], 0, ZMQ_POLLIN, 0 } };
    cr_assert_gt (zmq_poll (items, 2, 10000), 0);
    int first = items [0].revents ? 0 : 1;
    zmq_peer_close (servers [first]);
    cr_assert_not_null (strstr (zmq_peer_receive (servers [1 - first]), "/a"));
    zmq_peer_send (servers [1 - first], "{\"status\":200,\"body\":\"A\"}");
    cr_assert_str_eq (world_notes (troupe, 1), "/a=200:A");
    world_end (troupe);
    zmq_peer_close (servers [1 - first]);
}
