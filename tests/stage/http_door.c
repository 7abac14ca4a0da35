/*  =========================================================================
    http_door.c - a small web program on the stage, and a client of it

    Place: tests/stage. See http_door.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "http_door.h"

#include "behind_door.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe/timer.h>

#define LARGE 307200

//  For the route that crashes: a process could do it by itself.
static troupe_stage_t *s_stage;
static unsigned s_crashes;

//  --- The program

static int s_hello (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    (void) request;
    return (int) troupe_response_text (response, 200, "Hello World!!");
}

static int s_user (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    return (int) troupe_response_text (response, 200, troupe_request_param (request, "id").data);
}

static int s_echo (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    const troupe_text_t type = troupe_request_header (request, "content-type");
    if (type.data)
        troupe_response_type (response, type.data);
    return (int) troupe_response_body (response, request->body.data, request->body.size);
}

static int s_fail (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    (void) response;
    return troupe_fail (self, 7, "on purpose");
}

static int s_crash (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    (void) response;
    s_crashes++;
    troupe_stage_crash (s_stage, troupe_name (self), SIGSEGV);
    return 0;
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

static int s_none (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    (void) request;
    return (int) troupe_response_status (response, 204);
}

//  Of that status, without a body, but told how large it would be.
static int s_told (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    troupe_response_status (response, atoi (troupe_request_param (request, "status").data));
    return (int) troupe_response_header (response, "Content-Length", "400");
}

//  X-Forwarded-For, as it has come.
static int s_from (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    const troupe_text_t from = troupe_request_header (request, "x-forwarded-for");
    return (int) troupe_response_text (response, 200, from.data ? from.data : "nothing");
}

//  Answers the caller in 'context'.
static int s_on_later (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    troupe_caller_t *caller = context;
    troupe_response_t *response = troupe_response_new ();
    troupe_response_text (response, 200, "later");
    troupe_service_answer (&caller, response);
    troupe_response_destroy (&response);
    return 0;
}

static int s_later (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) response;
    troupe_caller_t *caller = troupe_defer (self, request->message);
    return caller && troupe_after (self, 1000, s_on_later, caller) ? 0 : 1;
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/", .handler = s_hello },
    { .method = "GET", .pattern = "/users/:id", .handler = s_user },
    { .method = "POST", .pattern = "/echo", .handler = s_echo },
    { .method = "GET", .pattern = "/fail", .handler = s_fail },
    { .method = "GET", .pattern = "/large", .handler = s_large },
    { .method = "GET", .pattern = "/none", .handler = s_none },
    { .method = "GET", .pattern = "/told/:status", .handler = s_told },
    { .method = "GET", .pattern = "/later", .handler = s_later },
    { .method = "PUT", .pattern = "/later", .handler = s_later, .idempotent = true },
    { .method = "GET", .pattern = "/crash", .handler = s_crash },
    { .method = "PUT", .pattern = "/crash", .handler = s_crash, .idempotent = true },
    { .method = "GET", .pattern = "/slow", .deadline_ms = 10000, .service = "probe" },
    { .method = "POST", .pattern = "/probe", .service = "probe" },
    { .method = "PUT", .pattern = "/probe", .service = "probe", .idempotent = true },
    { .method = "GET", .pattern = "/nobody", .service = "nobody" },
    { .method = "GET", .pattern = "/from", .handler = s_from, .forwarded = true },
    { .method = "GET", .pattern = "/secret", .handler = s_hello, .token = "tokens/secret" },
    { .method = "GET", .pattern = "/members", .handler = s_hello, .authenticated = true },
    { .method = "GET", .pattern = "/closed", .handler = s_hello, .token = "tokens/none" },
    { 0 }
};

static const troupe_service_t s_service = { .routes = s_routes };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);

static const troupe_child_t s_children [] = { { .id = "worker", .behavior = &s_worker }, { 0 } };
static const troupe_supervisor_t s_supervisor = { .intensity = 1000, .period_ms = 1000, .children = s_children };
static const troupe_child_t s_workers = { .id = "workers", .supervisor = &s_supervisor };

static const troupe_http_t s_spec = {
    .listen = DOOR_ADDRESS, .routes = s_routes, .workers = "worker",
    .live_path = "/health/live", .ready_path = "/health/ready",
};
static const troupe_behavior_t s_http = TROUPE_HTTP ("http", &s_spec);

door_t door_open (uint64_t seed, const char *settings)
{
    door_t door = { .stage = troupe_stage_new (seed) };
    s_stage = door.stage;
    s_crashes = 0;
    behind_door_set (door.stage, "http", settings);
    troupe_stage_config (door.stage, "tokens/secret", "s3cret");
    door.probe = troupe_stage_probe (door.stage, "probe");
    cr_assert_eq (troupe_stage_spawn_child (door.stage, &s_workers), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn (door.stage, &s_http, NULL), TROUPE_OK);
    troupe_stage_run (door.stage);
    return door;
}

unsigned door_crashes (void)
{
    return s_crashes;
}

void door_close (door_t *door)
{
    troupe_stage_destroy (&door->stage);
}

//  --- The client

typedef struct line {
    char text [8192];
    size_t size;
} line_t;

static line_t s_line;

static void s_say (const char *format, ...) TROUPE_PRINTF (1, 2);
static void s_say (const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    const int size = vsnprintf (s_line.text + s_line.size, sizeof s_line.text - s_line.size, format, arguments);
    va_end (arguments);
    s_line.size += (size_t) size;
    cr_assert_lt (s_line.size, sizeof s_line.text);
}

//  The value of a field within a head, or null.
static const char *s_field (const char *head, const char *name)
{
    static char value [512];
    char pattern [64];
    snprintf (pattern, sizeof pattern, "\r\n%s: ", name);
    const char *at = strstr (head, pattern);
    if (at == NULL)
        return NULL;
    at += strlen (pattern);
    snprintf (value, sizeof value, "%.*s", (int) strcspn (at, "\r"), at);
    return value;
}

static void s_say_field (const char *head, const char *name)
{
    const char *value = s_field (head, name);
    if (value)
        s_say (" {%s: %s}", name, value);
}

static size_t s_say_body (const char *head, const char *body, size_t there)
{
    const char *length = s_field (head, "Content-Length");
    const size_t size = length ? strtoul (length, NULL, 10) : 0;
    const size_t taken = size < there ? size : there;
    const char *type = s_field (head, "Content-Type");
    if (taken < size)
        s_say (" <%zu of %zu>", taken, size);
    else if (type && strcmp (type, "application/problem+json") == 0)
        s_say (" problem");
    else if (size > 40)
        s_say (" <%zu>", size);
    else if (size > 0)
        s_say (" \"%.*s\"", (int) size, body);
    return taken;
}

//  Says one answer, and returns what is behind it.
static const char *s_say_answer (const char *at, const char *end)
{
    static char head [8192];
    const char *body = strstr (at, "\r\n\r\n");
    cr_assert_not_null (body, "half an answer: %s", at);
    snprintf (head, sizeof head, "%.*s\r\n", (int) (body - at), at);
    body += 4;
    cr_assert_eq (strncmp (at, "HTTP/1.1 ", 9), 0, "no answer: %s", at);
    s_say ("%s%.3s", s_line.size ? " | " : "", at + 9);
    if (strncmp (at + 9, "100", 3) == 0)
        return body;
    cr_assert_not_null (s_field (head, "Date"), "no Date: %s", head);
    s_say_field (head, "Allow");
    s_say_field (head, "Retry-After");
    s_say_field (head, "WWW-Authenticate");
    s_say_field (head, "Transfer-Encoding");
    body += s_say_body (head, body, (size_t) (end - body));
    if (s_field (head, "Connection"))
        s_say (" %s", s_field (head, "Connection"));
    return body;
}

troupe_stage_peer_t *door_connect (const door_t *door)
{
    troupe_stage_peer_t *peer = troupe_stage_connect (door->stage, DOOR_ADDRESS);
    cr_assert_not_null (peer);
    troupe_stage_run (door->stage);
    return peer;
}

const char *door_heard (const door_t *door, troupe_stage_peer_t *peer)
{
    size_t size;
    troupe_stage_run (door->stage);
    const char *at = troupe_stage_peer_received (peer, &size);
    const char *end = at + size;
    s_line.size = 0;
    s_line.text [0] = 0;
    while (at < end)
        at = s_say_answer (at, end);
    return s_line.text;
}

const char *door_heard_raw (const door_t *door, troupe_stage_peer_t *peer)
{
    troupe_stage_run (door->stage);
    return troupe_stage_peer_received (peer, NULL);
}

const char *door_ask_bytes (const door_t *door, troupe_stage_peer_t *peer, const void *data, size_t size, size_t chunk)
{
    troupe_stage_peer_send (peer, data, size, chunk);
    return door_heard (door, peer);
}

const char *door_ask (const door_t *door, troupe_stage_peer_t *peer, const char *text)
{
    return door_ask_bytes (door, peer, text, strlen (text), 0);
}

//  --- The probe

void door_probe_answers (const door_t *door, const char *text)
{
    behind_door_answer (door->stage, door->probe, text);
}

void door_probe_fails (const door_t *door)
{
    behind_door_await (door->stage, door->probe);
    troupe_probe_fail (door->probe, "on purpose");
}

long door_counter (const door_t *door, const char *name)
{
    return behind_door_counter (door->stage, "http", TROUPE_HTTP_STATS, name);
}
