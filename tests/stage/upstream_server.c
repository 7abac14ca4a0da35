/*  =========================================================================
    upstream_server.c - an old web server on the stage, played by the test

    Place: tests/stage. See upstream_server.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "upstream_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe/ref.h>

#define ANSWERS 16

static const troupe_upstream_t s_spec = {
    .upstream = "http://" OLD_ADDRESS, .host = "old.example", .prefix = "/legacy",
};
static const troupe_behavior_t s_legacy = TROUPE_UPSTREAM ("legacy", &s_spec);

//  Answers in the order in which they came.
static char s_answers [ANSWERS] [512];
static size_t s_come, s_shown;

old_t old_open (uint64_t seed, const char *settings)
{
    old_t old = { .stage = troupe_stage_new (seed) };
    char copy [256], path [128];
    s_come = s_shown = 0;
    snprintf (copy, sizeof copy, "%s", settings ? settings : "");
    for (char *setting = strtok (copy, " "); setting; setting = strtok (NULL, " ")) {
        char *equals = strchr (setting, '=');
        snprintf (path, sizeof path, "children/legacy/%.*s", (int) (equals - setting), setting);
        troupe_stage_config (old.stage, path, equals + 1);
    }
    troupe_stage_listen (old.stage, OLD_ADDRESS);
    cr_assert_eq (troupe_stage_spawn (old.stage, &s_legacy, NULL), TROUPE_OK);
    return old;
}

void old_close (old_t *old)
{
    cr_assert_eq (s_come, s_shown);
    troupe_stage_destroy (&old->stage);
}

//  --- The guest

static void s_print (char *text, size_t room, const troupe_response_view_t *view)
{
    size_t cursor = 0;
    troupe_header_t header;
    const troupe_text_t type = troupe_headers_find (&view->headers, "Content-Type");
    const bool problem = type.data && troupe_text_is (type, "application/problem+json");
    int size = snprintf (text, room, "%d ", view->status);
    while (troupe_headers_next (&view->headers, &cursor, &header))
        if (!problem || !troupe_text_is (header.name, "Content-Type"))
            size += snprintf (text + size, room - (size_t) size, "[%s: %s] ", header.name.data, header.value.data);
    snprintf (text + size, room - (size_t) size, "%.*s", problem ? 7 : (int) view->body.size,
              problem ? "problem" : (const char *) view->body.data);
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    troupe_response_view_t view;
    cr_assert_lt (s_come, ANSWERS);
    char *text = s_answers [s_come++];
    if (outcome != TROUPE_CALL_OK)
        snprintf (text, sizeof *s_answers, "%s", troupe_outcome_name (outcome));
    else {
        const troupe_error_t error = troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply),
                                                             &view);
        cr_assert_eq (error, TROUPE_OK);
        s_print (text, sizeof *s_answers, &view);
    }
    return 0;
}

static void s_ask (const old_t *old, const char *whom, const char *method, const char *target,
                   const troupe_header_t *headers, size_t count, const char *body)
{
    uint8_t bytes [4096];
    size_t size = 0;
    const char *mark = strchr (target, '?');
    const troupe_request_parts_t parts = {
        .method = troupe_text (method),
        .path = { target, mark ? (size_t) (mark - target) : strlen (target) },
        .query = troupe_text (mark ? mark + 1 : NULL),
        .headers = headers, .header_count = count,
        .body = { body, body ? strlen (body) : 0 },
    };
    cr_assert_eq (troupe_request_encode (&parts, bytes, sizeof bytes, &size), TROUPE_OK);
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (old->stage), whom);
    cr_assert_eq (troupe_call (ref, TROUPE_TAG_REQUEST, bytes, size, 600000, s_on_reply, NULL, NULL), TROUPE_OK);
    troupe_stage_run (old->stage);
}

void old_ask_with (const old_t *old, const char *method, const char *target, const troupe_header_t *headers,
                   size_t count, const char *body)
{
    s_ask (old, "legacy", method, target, headers, count, body);
}

void old_ask_whom (const old_t *old, const char *whom, const char *method, const char *target)
{
    s_ask (old, whom, method, target, NULL, 0, NULL);
}

void old_ask (const old_t *old, const char *method, const char *target, const char *body)
{
    old_ask_with (old, method, target, NULL, 0, body);
}

void old_begin (const old_t *old, const char *method, const char *target)
{
    old_ask_with (old, method, target, NULL, 0, NULL);
}

const char *old_answer (const old_t *old)
{
    troupe_stage_run (old->stage);
    return s_shown < s_come ? s_answers [s_shown++] : "";
}

//  --- The server

troupe_stage_peer_t *old_accept (const old_t *old)
{
    troupe_stage_run (old->stage);
    troupe_stage_peer_t *peer = troupe_stage_accept (old->stage, OLD_ADDRESS);
    cr_assert_not_null (peer, "nobody has connected");
    troupe_stage_run (old->stage);
    return peer;
}

const char *old_received (const old_t *old, troupe_stage_peer_t *peer)
{
    troupe_stage_run (old->stage);
    return troupe_stage_peer_received (peer, NULL);
}

void old_says (const old_t *old, troupe_stage_peer_t *peer, const char *text)
{
    troupe_stage_peer_send (peer, text, strlen (text), 0);
    troupe_stage_run (old->stage);
}

troupe_stage_peer_t *old_warm (const old_t *old)
{
    old_ask (old, "GET", "/legacy/warm", NULL);
    troupe_stage_peer_t *peer = old_accept (old);
    old_received (old, peer);
    old_says (old, peer, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwarm");
    cr_assert_str_eq (old_answer (old), "200 warm");
    return peer;
}

long old_counter (const old_t *old, const char *name)
{
    troupe_message_t *reply = NULL;
    char pattern [64];
    troupe_stage_call_bytes (old->stage, "legacy", TROUPE_UPSTREAM_STATS, NULL, 0, 1000, &reply);
    snprintf (pattern, sizeof pattern, "\n%s ", name);
    const char *text = troupe_message_text (reply);
    const char *at = strncmp (text, pattern + 1, strlen (pattern + 1)) == 0 ? text - 1 : strstr (text, pattern);
    const long value = at ? strtol (at + strlen (pattern), NULL, 10) : -1;
    troupe_message_destroy (&reply);
    return value;
}
