/*  =========================================================================
    rpc_door.c - a small program behind the RPC door on the stage, and a client

    Place: tests/stage. See rpc_door.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "rpc_door.h"

#include "behind_door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#define LARGE 614400

//  --- The program

static int s_hello (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    (void) request;
    return (int) troupe_response_text (response, 200, "Hello");
}

static int s_echo (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    troupe_response_type (response, "text/plain");
    return (int) troupe_response_body (response, request->body.data, request->body.size);
}

static int s_who (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    return (int) troupe_response_text (response, 200, request->user.size ? request->user.data : "nobody");
}

static int s_count (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) request;
    troupe_response_type (response, "text/plain");
    return (int) troupe_response_bodyf (response, "%d", ++*(int *) state);
}

static int s_fail (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    (void) response;
    return troupe_fail (self, 7, "on purpose");
}

static int s_large (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    (void) request;
    for (int part = 0; part < LARGE / 10; part++)
        troupe_response_body (response, "0123456789", 10);
    return 0;
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/", .handler = s_hello },
    { .method = "POST", .pattern = "/echo", .handler = s_echo },
    { .method = "GET", .pattern = "/count", .handler = s_count },
    { .method = "GET", .pattern = "/fail", .handler = s_fail },
    { .method = "GET", .pattern = "/large", .handler = s_large },
    { .method = "POST", .pattern = "/probe", .service = "probe", .deadline_ms = 10000 },
    { .method = "PUT", .pattern = "/probe", .service = "probe", .deadline_ms = 10000, .idempotent = true },
    { .method = "GET", .pattern = "/who", .handler = s_who },
    { .method = "GET", .pattern = "/members", .handler = s_who, .authenticated = true },
    { .method = "GET", .pattern = "/secret", .handler = s_hello, .token = "tokens/secret" },
    { 0 }
};

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (int));
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "the count");
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_service_t s_service = { .routes = s_routes, .start = s_start, .stop = s_stop };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);
static const troupe_child_t s_children [] = { { .id = "worker", .behavior = &s_worker }, { 0 } };
static const troupe_supervisor_t s_supervisor = { .intensity = 1000, .period_ms = 1000, .children = s_children };
static const troupe_child_t s_workers = { .id = "workers", .supervisor = &s_supervisor };

static const troupe_rpc_t s_spec = { .routes = s_routes, .workers = "worker", .ready_path = "/ready" };
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_spec);
static const troupe_child_t s_doors [] = { { .id = "rpc", .behavior = &s_rpc }, { 0 } };
static const troupe_supervisor_t s_door_supervisor = { .intensity = 1000, .period_ms = 1000, .children = s_doors };
static const troupe_child_t s_door = { .id = "doors", .supervisor = &s_door_supervisor };

rpc_door_t rpc_door_open (uint64_t seed, const char *settings)
{
    rpc_door_t door = { .stage = troupe_stage_new (seed) };
    behind_door_set (door.stage, "rpc", settings);
    troupe_stage_config (door.stage, "tokens/secret", "s3cret");
    door.probe = troupe_stage_probe (door.stage, "probe");
    cr_assert_eq (troupe_stage_spawn_child (door.stage, &s_workers), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn_child (door.stage, &s_door), TROUPE_OK);
    troupe_stage_run (door.stage);
    return door;
}

void rpc_door_close (rpc_door_t *door)
{
    troupe_stage_destroy (&door->stage);
}

//  --- The client, with documents

const char *rpc_door_heard (const rpc_door_t *door, troupe_stage_zmq_peer_t *peer)
{
    troupe_stage_run (door->stage);
    const char *taken = troupe_stage_zmq_taken (peer);
    return taken ? taken : "";
}

const char *rpc_door_ask (const rpc_door_t *door, troupe_stage_zmq_peer_t *peer, const char *text)
{
    cr_assert (troupe_stage_zmq_deliver_text (peer, text));
    return rpc_door_heard (door, peer);
}

//  --- The client, with records

static size_t s_encode (const char *method, const char *path, const char *header, const char *body, uint8_t *room,
                        size_t size)
{
    char name [64] = "";
    const char *colon = header ? strstr (header, ": ") : NULL;
    if (colon)
        memcpy (name, header, (size_t) (colon - header));
    const troupe_header_t field = { troupe_text (name), troupe_text (colon ? colon + 2 : NULL) };
    const troupe_request_parts_t parts = {
        .method = troupe_text (method), .path = troupe_text (path), .query = troupe_text (""),
        .headers = &field, .header_count = header ? 1 : 0, .body = { body, body ? strlen (body) : 0 },
    };
    size_t encoded = 0;
    cr_assert_eq (troupe_request_encode (&parts, room, size, &encoded), TROUPE_OK);
    return encoded;
}

void rpc_door_add (troupe_rpc_message_t *message, uint64_t id, const char *method, const char *path,
                   const char *header, const char *body)
{
    static uint8_t room [4096];
    const size_t size = s_encode (method, path, header, body, room, sizeof room);
    const troupe_rpc_record_t record = {
        .kind = TROUPE_RPC_ASK, .id = id, .left_us = TROUPE_FOREVER, .payload = { room, size },
    };
    cr_assert_eq (troupe_rpc_write (message, &record), TROUPE_OK);
}

void rpc_door_send (troupe_stage_zmq_peer_t *peer, troupe_rpc_message_t *message)
{
    const troupe_bytes_t frame = { message->data, message->size };
    cr_assert (troupe_stage_zmq_deliver (peer, &frame, 1));
    troupe_rpc_message_clear (message);
}

static size_t s_say_record (const troupe_rpc_record_t *record, char *line, size_t room)
{
    troupe_response_view_t view;
    const unsigned long long id = record->id;
    if (record->kind == TROUPE_RPC_REFUSE)
        return (size_t) snprintf (line, room, "%llu %s", id, troupe_outcome_name (record->outcome));
    if (record->more || troupe_response_decode (record->payload.data, record->payload.size, &view) != TROUPE_OK)
        return (size_t) snprintf (line, room, "%llu (pieces)", id);
    const troupe_text_t type = troupe_headers_find (&view.headers, "Content-Type");
    if (view.body.size == 0 || (type.data && troupe_text_is (type, "application/problem+json")))
        return (size_t) snprintf (line, room, "%llu %d", id, view.status);
    if (view.body.size > 40)
        return (size_t) snprintf (line, room, "%llu %d <%zu>", id, view.status, view.body.size);
    return (size_t) snprintf (line, room, "%llu %d %.*s", id, view.status, (int) view.body.size,
                              (const char *) view.body.data);
}

const char *rpc_door_records (const rpc_door_t *door, troupe_stage_zmq_peer_t *peer)
{
    static char line [8192];
    size_t at = 0, count;
    const troupe_bytes_t *frames;
    line [0] = 0;
    troupe_stage_run (door->stage);
    while ((frames = troupe_stage_zmq_taken_frames (peer, &count)) != NULL) {
        size_t offset = 0;
        troupe_rpc_record_t record;
        cr_assert_eq (count, 1);
        at += (size_t) snprintf (line + at, sizeof line - at, "%s", at ? "; " : "");
        for (const char *bar = ""; troupe_rpc_read (frames->data, frames->size, &offset, &record) == TROUPE_OK;
             bar = " | ") {
            at += (size_t) snprintf (line + at, sizeof line - at, "%s", bar);
            at += s_say_record (&record, line + at, sizeof line - at);
        }
        cr_assert_lt (at, sizeof line);
    }
    return line;
}

//  --- The probe

void rpc_door_probe_answers (const rpc_door_t *door, const char *text)
{
    behind_door_answer (door->stage, door->probe, text);
}

long rpc_door_counter (const rpc_door_t *door, const char *name)
{
    return behind_door_counter (door->stage, "rpc", TROUPE_RPC_STATS, name);
}
