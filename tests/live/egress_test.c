/*  =========================================================================
    egress_test.c - a service that is elsewhere, asked over real sockets

    Place: tests/live, of actors/egress. The servers are raw ROUTER sockets of
    libzmq on the test's thread, and the guest asks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <troupe/egress.h>
#include <troupe/rpc_call.h>

#include "rpc/record.h"
#include "zmq_world.h"

#define S_LARGE 1000000u

//  What a server was sent, the last time: who, what, and how many records in one message.
typedef struct s_asked {
    void *server;
    uint8_t address [32];
    size_t address_size;
    size_t records;
    troupe_rpc_kind_t kinds [16];
    uint64_t ids [16];
    char paths [16] [32], request_ids [16] [40];
    size_t body_size;               //  Of all records together
} s_asked_t;

static int s_on_response (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                          const troupe_response_view_t *response, void *context)
{
    (void) self;
    (void) state;
    (void) outcome;
    bool plain = response->status == 200 && response->body.size < 100;
    world_note ("%s=%d:%.*s", (const char *) context, response->status, plain ? (int) response->body.size : 0,
                response->body.data ? (const char *) response->body.data : "");
    return 0;
}

//  --- Servers

static void s_note_record (s_asked_t *asked, const troupe_rpc_record_t *record)
{
    troupe_request_t request;
    size_t number = asked->records++;
    cr_assert_lt (number, 16);
    asked->kinds [number] = record->kind;
    asked->ids [number] = record->id;
    asked->paths [number] [0] = asked->request_ids [number] [0] = 0;
    asked->body_size += record->payload.size;
    if (troupe_request_decode (record->payload.data, record->payload.size, &request))
        return;
    snprintf (asked->paths [number], 32, "%s", request.path.data);
    troupe_text_t id = troupe_request_header (&request, "Request-Id");
    snprintf (asked->request_ids [number], 40, "%s", id.data ? id.data : "");
}

//  Waits for a message to any of the servers.
static void s_receive (void **servers, int count, s_asked_t *asked)
{
    zmq_pollitem_t items [4];
    for (int index = 0; index < count; index++)
        items [index] = (zmq_pollitem_t) { .socket = servers [index], .events = ZMQ_POLLIN };
    cr_assert_gt (zmq_poll (items, count, 10000), 0, "nothing was asked");
    memset (asked, 0, sizeof *asked);
    for (int index = 0; index < count; index++)
        if (items [index].revents)
            asked->server = servers [index];
    int size = zmq_recv (asked->server, asked->address, sizeof asked->address, 0);
    cr_assert_gt (size, 0);
    asked->address_size = (size_t) size;
    zmq_msg_t message;
    zmq_msg_init (&message);
    cr_assert_geq (zmq_msg_recv (&message, asked->server, 0), 0);
    troupe_rpc_record_t record;
    size_t offset = 0;
    while (troupe_rpc_read (zmq_msg_data (&message), zmq_msg_size (&message), &offset, &record) == TROUPE_OK)
        s_note_record (asked, &record);
    zmq_msg_close (&message);
}

static void s_send (const s_asked_t *asked, const void *data, size_t size)
{
    cr_assert_geq (zmq_send (asked->server, asked->address, asked->address_size, ZMQ_SNDMORE), 0);
    cr_assert_geq (zmq_send (asked->server, data, size, 0), 0);
}

static void s_answer_bytes (const s_asked_t *asked, uint64_t id, int status, const void *data, size_t size)
{
    troupe_rpc_message_t message = { 0 };
    troupe_response_t *response = troupe_response_new ();
    troupe_response_status (response, status);
    troupe_response_body (response, data, size);
    troupe_rpc_record_t record = { .kind = TROUPE_RPC_ANSWER, .id = id, .payload = troupe_response_encoded (response) };
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    s_send (asked, message.data, message.size);
    troupe_rpc_message_clear (&message);
    troupe_response_destroy (&response);
}

static void s_answer (const s_asked_t *asked, size_t number, const char *text)
{
    s_answer_bytes (asked, asked->ids [number], 200, text, strlen (text));
}

//  --- The egress

//  An egress for the servers at these endpoints.
static troupe_t *s_open (const char *first, const char *second)
{
    static char servers [256];
    static troupe_egress_t spec;
    static const troupe_behavior_t egress = TROUPE_EGRESS ("users", &spec);
    const troupe_child_t children [] = { { .id = "users", .behavior = &egress }, { 0 } };
    snprintf (servers, sizeof servers, "%s %s", first, second ? second : "");
    spec.servers = servers;
    return world_with (children);
}

static void s_ask (troupe_t *troupe, const char *method, const char *path, int64_t timeout_ms)
{
    troupe_bytes_t none = { NULL, 0 };
    cr_assert_eq (troupe_rpc_call (troupe_guest (troupe), "users", method, path, none, timeout_ms, s_on_response,
                                   (void *) (uintptr_t) path, NULL), TROUPE_OK);
}

static const char *s_stats (troupe_t *troupe)
{
    static char text [4096];
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_call_wait (troupe, "users", TROUPE_EGRESS_STATS, NULL, 0, WORLD_MS, &reply), TROUPE_CALL_OK);
    snprintf (text, sizeof text, "%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return text;
}

//  The promise: many calls on one connection, one message for a turn, and answers as they come.
Test (egress, calls_share_a_message_and_answers_come_in_any_order)
{
    char where [64];
    s_asked_t asked;
    void *server = zmq_peer_bind (ZMQ_ROUTER, where, sizeof where);
    troupe_t *troupe = s_open (where, NULL);
    s_ask (troupe, "GET", "/a", WORLD_MS);
    s_ask (troupe, "POST", "/b", WORLD_MS);
    s_ask (troupe, "GET", "/c", WORLD_MS);
    troupe_flush (troupe_guest (troupe));
    s_receive (&server, 1, &asked);
    cr_assert_eq (asked.records, 3);
    cr_assert_str_eq (asked.paths [0], "/a");
    cr_assert_eq (strlen (asked.request_ids [0]), 32);
    cr_assert_str_eq (asked.request_ids [1], "", "what is not repeated needs none");
    s_answer (&asked, 2, "third");
    cr_assert_str_eq (world_notes (troupe, 1), "/c=200:third");
    s_answer (&asked, 0, "first");
    s_answer (&asked, 1, "second");
    cr_assert_str_eq (world_notes (troupe, 2), "/a=200:first /b=200:second");
    world_end (troupe);
    zmq_peer_close (server);
}

//  Brokerless failover: who asks does not notice that a server has died.
Test (egress, call_of_a_server_that_dies_goes_to_another_with_the_same_id)
{
    char where [2] [64];
    s_asked_t asked, again;
    void *servers [2];
    for (int index = 0; index < 2; index++)
        servers [index] = zmq_peer_bind (ZMQ_ROUTER, where [index], sizeof where [index]);
    troupe_t *troupe = s_open (where [0], where [1]);
    s_ask (troupe, "GET", "/a", WORLD_MS);
    troupe_flush (troupe_guest (troupe));
    s_receive (servers, 2, &asked);
    void *other = asked.server == servers [0] ? servers [1] : servers [0];
    zmq_peer_close (asked.server);
    s_receive (&other, 1, &again);
    cr_assert_str_eq (again.paths [0], "/a");
    cr_assert_str_eq (again.request_ids [0], asked.request_ids [0]);
    s_answer (&again, 0, "well");
    cr_assert_str_eq (world_notes (troupe, 1), "/a=200:well");
    cr_assert_not_null (strstr (s_stats (troupe), "failovers 1\n"));
    world_end (troupe);
    zmq_peer_close (other);
}

//  A restart of the only server: what may be done twice waits for it, the rest ends at once.
Test (egress, restart_of_the_only_server_loses_nothing_that_can_be_repeated)
{
    char where [64];
    s_asked_t asked;
    void *server = zmq_peer_bind (ZMQ_ROUTER, where, sizeof where);
    troupe_t *troupe = s_open (where, NULL);
    s_ask (troupe, "GET", "/a", WORLD_MS);
    s_ask (troupe, "POST", "/b", WORLD_MS);
    troupe_flush (troupe_guest (troupe));
    s_receive (&server, 1, &asked);
    void *next = zmq_peer_connect (ZMQ_ROUTER, "inproc://nobody");
    zmq_peer_close (server);
    cr_assert_str_eq (world_notes (troupe, 1), "/b=503:");
    s_ask (troupe, "POST", "/c", WORLD_MS);
    troupe_flush (troupe_guest (troupe));
    int tries = 0;
    while (zmq_bind (next, where) && tries < 1000000)
        tries++;
    cr_assert_lt (tries, 1000000, "%s", zmq_strerror (zmq_errno ()));
    size_t seen = 0;
    while (seen < 2) {
        s_receive (&next, 1, &asked);
        for (size_t number = 0; number < asked.records; number++, seen++)
            s_answer (&asked, number, asked.paths [number]);
    }
    const char *notes = world_notes (troupe, 2);
    cr_assert (strstr (notes, "/a=200:/a") && strstr (notes, "/c=200:/c"), "%s", notes);
    world_end (troupe);
    zmq_peer_close (next);
}

//  Who talks nonsense is disconnected, and its calls are somebody else's.
Test (egress, server_that_sends_garbage_loses_its_calls)
{
    char where [2] [64];
    s_asked_t asked;
    void *servers [2];
    for (int index = 0; index < 2; index++)
        servers [index] = zmq_peer_bind (ZMQ_ROUTER, where [index], sizeof where [index]);
    troupe_t *troupe = s_open (where [0], where [1]);
    s_ask (troupe, "GET", "/a", WORLD_MS);
    troupe_flush (troupe_guest (troupe));
    s_receive (servers, 2, &asked);
    s_send (&asked, "rubbish", 7);
    void *first = asked.server;
    s_receive (servers, 2, &asked);
    cr_assert_neq (asked.server, first);
    s_answer (&asked, 0, "well");
    cr_assert_str_eq (world_notes (troupe, 1), "/a=200:well");
    world_end (troupe);
    zmq_peer_close (servers [0]);
    zmq_peer_close (servers [1]);
}

//  An answer that is no response is the caller's 502, not a hang; the connection is good all the same.
Test (egress, answer_that_is_no_response_ends_the_call)
{
    char where [64];
    s_asked_t asked;
    troupe_rpc_message_t message = { 0 };
    void *server = zmq_peer_bind (ZMQ_ROUTER, where, sizeof where);
    troupe_t *troupe = s_open (where, NULL);
    s_ask (troupe, "POST", "/a", WORLD_MS);
    troupe_flush (troupe_guest (troupe));
    s_receive (&server, 1, &asked);
    troupe_rpc_record_t record = { .kind = TROUPE_RPC_ANSWER, .id = asked.ids [0], .payload = { "what", 4 } };
    troupe_rpc_write (&message, &record);
    s_send (&asked, message.data, message.size);
    troupe_rpc_message_clear (&message);
    cr_assert_str_eq (world_notes (troupe, 1), "/a=502:");
    world_end (troupe);
    zmq_peer_close (server);
}

//  Nobody works for a caller that has gone.
Test (egress, late_call_ends_and_its_server_is_told)
{
    char where [64];
    s_asked_t asked, cancelled;
    void *server = zmq_peer_bind (ZMQ_ROUTER, where, sizeof where);
    troupe_t *troupe = s_open (where, NULL);
    s_ask (troupe, "POST", "/a", 300);
    troupe_flush (troupe_guest (troupe));
    s_receive (&server, 1, &asked);
    s_receive (&server, 1, &cancelled);
    cr_assert_eq (cancelled.kinds [0], TROUPE_RPC_CANCEL);
    cr_assert_eq (cancelled.ids [0], asked.ids [0]);
    s_answer (&asked, 0, "too late");
    cr_assert_str_eq (world_notes (troupe, 1), "/a=504:");
    world_end (troupe);
    zmq_peer_close (server);
}

//  Large ones go in pieces, and come whole.
Test (egress, large_bodies_travel_in_pieces)
{
    char where [64];
    s_asked_t asked;
    char *large = calloc (1, S_LARGE);
    void *server = zmq_peer_bind (ZMQ_ROUTER, where, sizeof where);
    troupe_t *troupe = s_open (where, NULL);
    troupe_bytes_t body = { large, S_LARGE };
    cr_assert_eq (troupe_rpc_call (troupe_guest (troupe), "users", "POST", "/a", body, WORLD_MS, s_on_response,
                                   (void *) "large", NULL), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
    size_t messages = 0, size = 0;
    for (; size < S_LARGE; messages++) {
        s_receive (&server, 1, &asked);
        size += asked.body_size;
    }
    cr_assert_eq (messages, 4, "%zu", messages);
    s_answer_bytes (&asked, asked.ids [0], 201, large, S_LARGE);
    cr_assert_str_eq (world_notes (troupe, 1), "large=201:");
    world_end (troupe);
    zmq_peer_close (server);
    free (large);
}
