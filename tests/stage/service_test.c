/*  =========================================================================
    service_test.c - requests in, responses out, and what goes wrong between

    Place: tests/stage, of actors/service/service.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#define S_SEED 31

//  What the service's own start makes: how many requests it has seen, and who sleeps.
typedef struct s_counter {
    int count;
    troupe_caller_t *caller;
} s_counter_t;

static int s_show (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    s_counter_t *counter = state;
    const char *unit = request->route->constant;
    return troupe_response_bodyf (response, "%s %d %s id=%s x=%s deadline=%d", troupe_name (self),
                                  ++counter->count, unit, troupe_request_param (request, "id").data,
                                  troupe_request_query (request, "x").data,
                                  (int) ((request->deadline_us - troupe_now_us (self)) / 1000));
}

static int s_echo (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    troupe_response_type (response, troupe_request_header (request, "content-type").data);
    return troupe_response_body (response, request->body.data, request->body.size);
}

static int s_fail (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    troupe_response_text (response, 200, "half an answer");
    return troupe_fail (self, 9, "as told");
}

static int s_wake (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    s_counter_t *counter = troupe_service_state (state);
    troupe_response_t *response = troupe_response_new ();
    troupe_response_text (response, 202, "later");
    cr_assert_eq (troupe_service_answer (&counter->caller, response), TROUPE_OK);
    troupe_response_destroy (&response);
    return 0;
}

static int s_defer (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    s_counter_t *counter = state;
    counter->caller = troupe_defer (self, request->message);
    troupe_after (self, 100, s_wake, NULL);
    return troupe_response_text (response, 200, "too early");
}

static int s_pass_on (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) response;
    return troupe_delegate (self, request->message, troupe_ref (self, "other"));
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/things/:id", .handler = s_show, .constant = "things" },
    { .method = "POST", .pattern = "/echo", .handler = s_echo },
    { .method = "GET", .pattern = "/fail", .handler = s_fail },
    { .method = "GET", .pattern = "/later", .handler = s_defer },
    { .method = "GET", .pattern = "/other", .handler = s_pass_on },
    { .method = "GET", .pattern = "/elsewhere", .service = "somebody" },
    { .method = NULL }
};

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) self;
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (s_counter_t));
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_counter_t *counter = state;
    troupe_replyf (self, message, "%d so far", counter->count);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_service_t s_spec = { .routes = s_routes, .start = s_start, .receive = s_receive, .stop = s_stop };
static const troupe_behavior_t s_things = TROUPE_SERVICE ("things", &s_spec);

//  It answers what the first one delegates.
static const troupe_route_t s_bare_routes [] = {
    { .method = "GET", .pattern = "/other", .handler = s_echo },
    { .method = NULL }
};
static const troupe_service_t s_bare_spec = { .routes = s_bare_routes };
static const troupe_behavior_t s_bare = TROUPE_SERVICE ("bare", &s_bare_spec);

//  Sends a request with one header and gives the response: "200 [Name: value] body", or "[FAILED] text".
static const char *s_ask (troupe_stage_t *stage, const char *name, const char *method, const char *path,
                          const char *query, const char *body)
{
    static char text [2048];
    char buffer [1024];
    size_t size = 0;
    troupe_header_t header = { troupe_text ("Content-Type"), troupe_text ("text/x-test") };
    troupe_request_parts_t parts = { .method = troupe_text (method), .path = troupe_text (path),
                                     .query = troupe_text (query), .headers = &header, .header_count = 1,
                                     .body = { body, strlen (body) } };
    cr_assert_eq (troupe_request_encode (&parts, buffer, sizeof buffer, &size), TROUPE_OK);
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_stage_call_bytes (stage, name, TROUPE_TAG_REQUEST, buffer, size, 1000, &reply);
    troupe_response_view_t view;
    if (outcome != TROUPE_CALL_OK)
        snprintf (text, sizeof text, "[%s] %s", troupe_outcome_name (outcome), troupe_message_text (reply));
    else {
        cr_assert_eq (troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply), &view), 0);
        int length = snprintf (text, sizeof text, "%d", view.status);
        troupe_header_t field;
        for (size_t cursor = 0; troupe_headers_next (&view.headers, &cursor, &field); )
            length += snprintf (text + length, sizeof text - (size_t) length, " [%s: %s]", field.name.data,
                                field.value.data);
        snprintf (text + length, sizeof text - (size_t) length, " %.*s", (int) view.body.size,
                  (const char *) view.body.data);
    }
    troupe_message_destroy (&reply);
    return text;
}

static troupe_stage_t *s_open (void)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (troupe_stage_spawn (stage, &s_things, NULL), TROUPE_OK);
    return stage;
}

//  A handler has all it needs, decoded, and its own state.
Test (service, routes_a_request_to_its_handler)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (s_ask (stage, "things", "GET", "/things/a%20b", "x=1+2", ""),
                      "200 things 1 things id=a b x=1 2 deadline=1000");
    cr_assert_str_eq (s_ask (stage, "things", "GET", "/things/2", "x=", ""),
                      "200 things 2 things id=2 x= deadline=1000");
    troupe_stage_destroy (&stage);
}

//  Headers and body arrive, and leave.
Test (service, carries_headers_and_body)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (s_ask (stage, "things", "POST", "/echo", "", "ping"), "200 [Content-Type: text/x-test] ping");
    troupe_stage_destroy (&stage);
}

//  What the table knows, no handler has to answer.
Test (service, answers_for_what_has_no_handler)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (s_ask (stage, "things", "GET", "/nowhere", "", ""),
                      "404 [Content-Type: application/problem+json] "
                      "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}");
    cr_assert_str_eq (s_ask (stage, "things", "DELETE", "/echo", "", ""),
                      "405 [Content-Type: application/problem+json] [Allow: POST, OPTIONS] {\"type\":\"about:blank\","
                      "\"title\":\"Method Not Allowed\",\"status\":405,\"detail\":\"allowed: POST, OPTIONS\"}");
    cr_assert_str_eq (s_ask (stage, "things", "OPTIONS", "/echo", "", ""), "204 [Allow: POST, OPTIONS] ");
    cr_assert_not_null (strstr (s_ask (stage, "things", "GET", "/things/%", "", ""), "400 "));
    cr_assert_not_null (strstr (s_ask (stage, "things", "GET", "/things/1", "x=%", ""), "400 "));
    cr_assert_not_null (strstr (s_ask (stage, "things", "GET", "/elsewhere", "", ""), "404 "));
    troupe_stage_destroy (&stage);
}

//  HEAD reaches the handler of GET; leaving the body out is the door's business.
Test (service, head_is_handled_as_get)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (s_ask (stage, "things", "HEAD", "/things/1", "x=y", ""),
                      "200 things 1 things id=1 x=y deadline=1000");
    troupe_stage_destroy (&stage);
}

//  Bytes that are no request come from somebody who does not know better: that is no reason to fail.
Test (service, malformed_request_is_400)
{
    troupe_stage_t *stage = s_open ();
    troupe_message_t *reply = NULL;
    troupe_response_view_t view;
    cr_assert_eq (troupe_stage_call_bytes (stage, "things", TROUPE_TAG_REQUEST, "nonsense", 8, 1000, &reply),
                  TROUPE_CALL_OK);
    cr_assert_eq (troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply), &view), 0);
    cr_assert_eq (view.status, 400);
    troupe_message_destroy (&reply);
    troupe_stage_destroy (&stage);
}

//  A failing handler ends its incarnation; nothing of its half answer leaves.
Test (service, failing_handler_fails_the_incarnation)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    static const troupe_child_t children [] = { { .id = "things", .behavior = &s_things }, { .id = NULL } };
    static const troupe_supervisor_t supervisor = { .children = children };
    troupe_child_t spec = { .id = "top", .supervisor = &supervisor };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    s_ask (stage, "things", "GET", "/things/1", "", "");
    cr_assert_str_eq (s_ask (stage, "things", "GET", "/fail", "", ""), "[FAILED] as told");
    cr_assert_str_eq (s_ask (stage, "things", "GET", "/things/1", "x=y", ""),
                      "200 things 1 things id=1 x=y deadline=1000", "a new life, a new state");
    cr_assert_eq (troupe_stage_incarnation (stage, "things"), 2);
    troupe_stage_destroy (&stage);
}

//  An answer may take its time without holding up others.
Test (service, handler_may_answer_later)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (s_ask (stage, "things", "GET", "/later", "", ""),
                      "202 [Content-Type: text/plain; charset=utf-8] later");
    cr_assert_eq (troupe_stage_now_ms (stage), 100);
    troupe_stage_destroy (&stage);
}

//  A request can be handed on as it is; its answer goes straight back.
Test (service, handler_may_delegate)
{
    troupe_stage_t *stage = s_open ();
    troupe_child_t other = { .id = "other", .behavior = &s_bare };
    cr_assert_eq (troupe_stage_spawn_child (stage, &other), TROUPE_OK);
    cr_assert_str_eq (s_ask (stage, "things", "GET", "/other", "", "body"), "200 [Content-Type: text/x-test] body");
    troupe_stage_destroy (&stage);
}

//  A service is an actor with other messages too.
Test (service, other_messages_are_its_own_business)
{
    troupe_stage_t *stage = s_open ();
    s_ask (stage, "things", "GET", "/things/1", "", "");
    cr_assert_str_eq (troupe_stage_call (stage, "things", "how many?"), "1 so far");
    cr_assert_eq (troupe_stage_spawn (stage, &s_bare, NULL), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_call (stage, "bare", "how many?"), "[FAILED] bare takes requests only");
    troupe_stage_destroy (&stage);
}

//  A table with a mistake is found at the start, and named.
Test (service, bad_table_is_a_failed_start)
{
    static const troupe_route_t routes [] = {
        { .method = "GET", .pattern = "/a/:x", .handler = s_echo },
        { .method = "GET", .pattern = "/a/:y", .handler = s_echo },
        { .method = NULL }
    };
    static const troupe_service_t spec = { .routes = routes };
    static const troupe_behavior_t behavior = TROUPE_SERVICE ("muddled", &spec);
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_neq (troupe_stage_spawn (stage, &behavior, NULL), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_reason (stage, "muddled")->text,
                      "the table of routes: GET /a/:y: another route takes the same paths");
    troupe_stage_destroy (&stage);
}
