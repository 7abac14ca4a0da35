/*  =========================================================================
    rpc_memory_test.c - the RPC door and the egress without memory

    Place: tests/stage, of actors/rpc and actors/egress. The nth allocation fails
    (scarce.h), jansson's too, for n from 1 until the story needs no more. Each
    time every question ends exactly once, unless the door itself has failed
    and was started again; then the questions in hand may be lost, and no other.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#include "rpc/record.h"
#include "scarce.h"

#define S_SEED 61
#define S_DOOR "tcp://127.0.0.1:5555"
#define S_LARGE 300000u
#define S_QUESTIONS 16u
#define S_DEADLINE_MS 5000

static char s_large [S_LARGE] = "large";

//  --- The program

static int s_echo (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    troupe_response_type (response, "text/plain");
    return (int) troupe_response_body (response, request->body.data, request->body.size);
}

static int s_big (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    (void) request;
    troupe_response_type (response, "text/plain");
    return (int) troupe_response_body (response, s_large, sizeof s_large);
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/", .handler = s_echo, .idempotent = true },
    { .method = "POST", .pattern = "/echo", .handler = s_echo },
    { .method = "GET", .pattern = "/big", .handler = s_big },
    { 0 }
};
static const troupe_service_t s_service = { .routes = s_routes };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);
static const troupe_rpc_t s_spec = { .bind = S_DOOR, .routes = s_routes, .workers = "worker" };
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_spec);
static const troupe_egress_t s_far_spec = { .servers = S_DOOR };
static const troupe_behavior_t s_far = TROUPE_EGRESS ("far", &s_far_spec);
static const troupe_egress_t s_foreign_spec = { .servers = S_DOOR, .format = "json", .lanes = 2 };
static const troupe_behavior_t s_foreign = TROUPE_EGRESS ("foreign", &s_foreign_spec);

static const troupe_child_t s_children [] = {
    { .id = "worker", .behavior = &s_worker }, { .id = "rpc", .behavior = &s_rpc },
    { .id = "far", .behavior = &s_far }, { .id = "foreign", .behavior = &s_foreign }, { 0 }
};
static const troupe_supervisor_t s_supervisor = { .intensity = 1000, .period_ms = 1000, .children = s_children };
static const troupe_child_t s_root = { .id = "root", .supervisor = &s_supervisor };

//  --- Questions at the door

static unsigned s_answers [S_QUESTIONS];

//  The number stands in front, and comes back.
static void s_ask (troupe_stage_zmq_peer_t *peer, uint8_t number, const void *body, size_t size)
{
    const troupe_bytes_t frames [] = { { &number, 1 }, { "", 0 }, { body, size } };
    troupe_stage_zmq_deliver (peer, frames, 3);
}

static void s_ask_text (troupe_stage_zmq_peer_t *peer, uint8_t number, const char *text)
{
    s_ask (peer, number, text, strlen (text));
}

static size_t s_encode (uint8_t *room, size_t size, const char *method, const char *path, bool named)
{
    const troupe_header_t id = { troupe_text ("Request-Id"), troupe_text ("one") };
    const troupe_request_parts_t parts = { .method = troupe_text (method), .path = troupe_text (path),
                                           .headers = &id, .header_count = named, .body = { "body", 4 },
                                           .user = troupe_text ("forged") };
    size_t encoded = 0;
    cr_assert_eq (troupe_request_encode (&parts, room, size, &encoded), TROUPE_OK);
    return encoded;
}

//  A message in troupe's framing that is put together without memory: a piece of a question.
static void s_ask_record (troupe_stage_zmq_peer_t *peer, uint64_t id, const uint8_t *data, size_t size, bool more)
{
    static uint8_t memory [1024];
    troupe_rpc_message_t message = { .data = memory, .capacity = sizeof memory };
    const troupe_rpc_record_t record = { .kind = TROUPE_RPC_ASK, .more = more, .id = id, .left_us = TROUPE_FOREVER,
                                         .payload = { data, size } };
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    const troupe_bytes_t frame = { message.data, message.size };
    troupe_stage_zmq_deliver (peer, &frame, 1);
}

static void s_ask_records (troupe_stage_zmq_peer_t *peer)
{
    uint8_t room [256];
    size_t size = s_encode (room, sizeof room, "GET", "/big", false);
    s_ask_record (peer, 8, room, size, false);
    size = s_encode (room, sizeof room, "POST", "/echo", true);
    s_ask_record (peer, 9, room, size, false);
    s_ask_record (peer, 10, room, size, false);
    s_ask_record (peer, 11, room, 20, true);
    s_ask_record (peer, 11, room + 20, size - 20, false);
    s_ask_record (peer, 12, room, 7, false);
}

static void s_ask_all (troupe_stage_t *stage, troupe_stage_zmq_peer_t *peer)
{
    static const uint8_t smile [] = { 0x3A, 0x29, 0x0A, 0x01, 0xFA, 0x85, 'm', 'e', 't', 'h', 'o', 'd', 0x42, 'G', 'E',
                                      'T', 0x83, 'p', 'a', 't', 'h', 0x40, '/', 0xFB };
    static const char msgpack [] = "\x82\xA6method\xA3GET\xA4path\xA1/";
    s_ask_text (peer, 0, "{\"method\":\"GET\",\"path\":\"/\"}");
    s_ask_text (peer, 1, "{\"method\":\"POST\",\"path\":\"/echo\",\"headers\":{\"A\":\"b\"},\"body\":{\"a\":[1,2]}}");
    s_ask_text (peer, 2, "{\"method\":\"GET\",\"path\":\"/nothing?a=b\"}");
    s_ask_text (peer, 3, "rubbish");
    s_ask (peer, 4, smile, sizeof smile);
    s_ask (peer, 5, msgpack, sizeof msgpack - 1);
    s_ask_text (peer, 6, "{\"method\":\"PUT\",\"path\":\"/\"}");
    troupe_stage_run (stage);
    s_ask_records (peer);
}

static void s_count_records (troupe_bytes_t body)
{
    size_t offset = 0;
    troupe_rpc_record_t record;
    while (troupe_rpc_read (body.data, body.size, &offset, &record) == TROUPE_OK) {
        cr_assert_lt (record.id, S_QUESTIONS);
        s_answers [record.id] += !record.more;
    }
}

static void s_count_answers (troupe_stage_zmq_peer_t *peer)
{
    size_t count;
    for (const troupe_bytes_t *frames; (frames = troupe_stage_zmq_taken_frames (peer, &count)) != NULL;) {
        if (count == 1)
            s_count_records (frames [0]);
        else
            s_answers [*(const uint8_t *) frames [0].data]++;
    }
}

//  --- Calls by way of the egress

static unsigned s_begun, s_ended;

static int s_on_response (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                          const troupe_response_view_t *response, void *context)
{
    (void) self;
    (void) state;
    (void) outcome;
    (void) context;
    s_ended++;
    cr_assert (response->status >= 100 && response->status <= 599);
    return 0;
}

//  A call that cannot be begun is told so, and has no end.
static void s_call (troupe_stage_t *stage, const char *service, const char *method, const char *path, size_t size)
{
    const troupe_bytes_t body = { s_large, size };
    s_begun += troupe_rpc_call (troupe_stage_guest (stage), service, method, path, body, S_DEADLINE_MS, s_on_response,
                                NULL, NULL) == TROUPE_OK;
}

static void s_call_all (troupe_stage_t *stage)
{
    s_call (stage, "far", "GET", "/", 0);
    s_call (stage, "far", "POST", "/echo", S_LARGE);
    s_call (stage, "far", "GET", "/big?a=b", 10);
    s_call (stage, "foreign", "GET", "/", 0);
    s_call (stage, "foreign", "POST", "/echo", 10);
    s_call (stage, "foreign", "GET", "/nothing?a=b", 0);
}

//  --- The sweep

static bool s_door_story (size_t nth)
{
    scarce_begin (nth);
    memset (s_answers, 0, sizeof s_answers);
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    const bool started = troupe_stage_spawn_child (stage, &s_root) == TROUPE_OK;
    troupe_stage_run (stage);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, S_DOOR, "one");
    if (started)
        s_ask_all (stage, peer);
    troupe_stage_advance (stage, 30000);
    const bool failed = scarce_end ();
    const uint64_t incarnation = started ? troupe_stage_incarnation (stage, "rpc") : 0;
    s_count_answers (peer);
    for (size_t number = 0; number <= 12; number++)
        if (number != 7)
            cr_assert (s_answers [number] == 1 || (incarnation != 1 && s_answers [number] == 0),
                       "question %zu had %u answers when allocation %zu failed", number, s_answers [number], nth);
    troupe_stage_destroy (&stage);
    return failed;
}

static bool s_egress_story (size_t nth)
{
    scarce_begin (nth);
    s_begun = s_ended = 0;
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    if (troupe_stage_spawn_child (stage, &s_root) == TROUPE_OK) {
        troupe_stage_run (stage);
        s_call_all (stage);
        troupe_stage_advance (stage, 10000);
    }
    const bool failed = scarce_end ();
    troupe_stage_advance (stage, 10000);
    cr_assert_eq (s_begun, s_ended, "%u calls, %u ends when allocation %zu failed", s_begun, s_ended, nth);
    troupe_stage_destroy (&stage);
    return failed;
}

//  A client that waits for an answer is not to wait for ever because memory was short for a moment.
Test (rpc_memory, every_allocation_of_the_door_may_fail, .timeout = 120)
{
    json_set_alloc_funcs (malloc, free);
    size_t nth = 1;
    while (s_door_story (nth))
        nth++;
    cr_assert_gt (nth, 100, "there was something to fail");
}

//  The same for those who ask by way of an egress, in troupe's framing and in JSON.
Test (rpc_memory, every_allocation_of_the_egress_may_fail, .timeout = 120)
{
    json_set_alloc_funcs (malloc, free);
    size_t nth = 1;
    while (s_egress_story (nth))
        nth++;
    cr_assert_gt (nth, 100, "there was something to fail");
}
