/*  =========================================================================
    rpc_call_test.c - a service is asked the same way wherever it is

    Place: tests/stage, of runtime/core/request/rpc_call.c. The guest asks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <troupe.h>

#define S_SEED 53

static char s_note [8192];

//  Says what came, as "OK 200 GET /users/7 q=x=1 h=en body".
static int s_on_response (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                          const troupe_response_view_t *response, void *context)
{
    (void) self;
    (void) state;
    snprintf (s_note + strlen (s_note), sizeof s_note - strlen (s_note), "%s%s %d %.*s;",
              context ? (const char *) context : "", troupe_outcome_name (outcome), response->status,
              (int) (response->body.size > 200 ? 200 : response->body.size),
              response->body.data ? (const char *) response->body.data : "");
    return 0;
}

static int s_show (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    troupe_text_t language = troupe_request_header (request, "Accept-Language");
    return troupe_response_bodyf (response, "%s %s q=%s h=%s %zu", request->method.data, request->path.data,
                                  request->query.size ? request->query.data : "-",
                                  language.data ? language.data : "-", request->body.size);
}

static int s_fail (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    (void) response;
    return troupe_fail (self, 4, "as told");
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/users/:id", .handler = s_show },
    { .method = "POST", .pattern = "/users/:id", .handler = s_show },
    { .method = "GET", .pattern = "/fail", .handler = s_fail },
    { 0 }
};
static const troupe_service_t s_spec = { .routes = s_routes };
static const troupe_behavior_t s_users = TROUPE_SERVICE ("users", &s_spec);

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_replyf (self, message, "no response at all");
}

static const troupe_behavior_t s_stranger = { .name = "stranger", .receive = s_receive };

static const troupe_pool_t s_pool_spec = { .workers = "users" };
static const troupe_behavior_t s_pool = TROUPE_POOL ("pool", &s_pool_spec);

static troupe_stage_t *s_open (void)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (troupe_stage_spawn (stage, &s_users, NULL), TROUPE_OK);
    s_note [0] = 0;
    return stage;
}

static const char *s_ask (troupe_stage_t *stage, const char *service, const char *method, const char *path)
{
    troupe_bytes_t body = { "four", 4 };
    s_note [0] = 0;
    cr_assert_eq (troupe_rpc_call (troupe_stage_guest (stage), service, method, path, body, 1000, s_on_response, NULL,
                                   NULL), TROUPE_OK);
    cr_assert_str_eq (s_note, "", "never from within the call");
    troupe_stage_run (stage);
    return s_note;
}

//  The promise: the code that asks does not know where the service is.
Test (rpc_call, actor_pool_and_moved_actor_are_asked_the_same_way)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_eq (troupe_stage_spawn (stage, &s_pool, NULL), TROUPE_OK);
    cr_assert_str_eq (s_ask (stage, "users", "GET", "/users/7?x=1"), "OK 200 GET /users/7 q=x=1 h=- 4;");
    cr_assert_str_eq (s_ask (stage, "pool", "POST", "/users/8"), "OK 200 POST /users/8 q=- h=- 4;");
    troupe_stage_cut_off (stage, "users", false);
    cr_assert_str_eq (s_ask (stage, "inproc://users", "GET", "/users/9"), "OK 200 GET /users/9 q=- h=- 4;");
    troupe_stage_destroy (&stage);
}

//  What the caller wants to say besides goes with it.
Test (rpc_call, headers_travel)
{
    troupe_stage_t *stage = s_open ();
    troupe_header_t header = { troupe_text ("accept-language"), troupe_text ("en") };
    troupe_request_parts_t parts = { .method = troupe_text ("GET"), .path = troupe_text ("/users/1"),
                                     .headers = &header, .header_count = 1 };
    cr_assert_eq (troupe_rpc_call_parts (troupe_stage_guest (stage), "users", &parts, 1000, s_on_response, NULL, NULL),
                  TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_note, "OK 200 GET /users/1 q=- h=en 0;");
    troupe_stage_destroy (&stage);
}

//  Who looks at the status only is still right.
Test (rpc_call, every_end_has_a_status)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_eq (troupe_stage_spawn (stage, &s_stranger, NULL), TROUPE_OK);
    cr_assert_not_null (strstr (s_ask (stage, "users", "GET", "/nowhere"), "OK 404 "));
    cr_assert_not_null (strstr (s_ask (stage, "stranger", "GET", "/"), "FAILED 502 "));
    cr_assert_not_null (strstr (s_ask (stage, "nobody", "GET", "/"), "NO_SUCH_ACTOR 503 "));
    const char *note = s_ask (stage, "users", "GET", "/fail");
    cr_assert (strstr (note, "FAILED 500 ") && strstr (note, "as told"), "%s", note);
    troupe_stage_destroy (&stage);
}

//  A deadline is the caller's own, and a call that is given up says so.
Test (rpc_call, deadline_and_cancel)
{
    troupe_stage_t *stage = s_open ();
    troupe_actor_t *guest = troupe_stage_guest (stage);
    troupe_call_t call = 0;
    troupe_stage_hang (stage, "users", true);
    troupe_bytes_t none = { NULL, 0 };
    troupe_rpc_call (guest, "users", "GET", "/users/1", none, 100, s_on_response, NULL, NULL);
    troupe_rpc_call (guest, "users", "GET", "/users/2", none, 5000, s_on_response, NULL, &call);
    troupe_stage_advance (stage, 100);
    cr_assert (strncmp (s_note, "TIMEOUT 504 ", 12) == 0, "%s", s_note);
    s_note [0] = 0;
    cr_assert (troupe_call_cancel (guest, call));
    troupe_stage_run (stage);
    cr_assert (strncmp (s_note, "CANCELLED 503 ", 14) == 0, "%s", s_note);
    troupe_stage_destroy (&stage);
}

//  RFC 9110, 9.2.2: only what is meant to be done twice is.
Test (rpc_call, idempotent_methods_are_made_once_more)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_child_t children [] = { { .id = "users", .behavior = &s_users }, { 0 } };
    troupe_supervisor_t supervisor = { .intensity = 10, .children = children };
    troupe_child_t spec = { .id = "top", .supervisor = &supervisor };
    troupe_bytes_t none = { NULL, 0 };
    s_note [0] = 0;
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    troupe_stage_cut_off (stage, "users", false);
    troupe_actor_t *guest = troupe_stage_guest (stage);
    troupe_rpc_call (guest, "users", "GET", "/users/0", none, 5000, s_on_response, NULL, NULL);
    troupe_stage_run (stage);
    s_note [0] = 0;
    troupe_stage_hang (stage, "users", true);
    troupe_rpc_call (guest, "users", "GET", "/users/1", none, 5000, s_on_response, (void *) "get ", NULL);
    troupe_rpc_call (guest, "users", "POST", "/users/2", none, 5000, s_on_response, (void *) "post ", NULL);
    troupe_stage_run (stage);
    troupe_stage_crash (stage, "users", SIGKILL);
    troupe_stage_hang (stage, "users", false);
    troupe_stage_advance (stage, 3000);
    cr_assert_not_null (strstr (s_note, "post DOWN 503 "), "%s", s_note);
    cr_assert_not_null (strstr (s_note, "get OK 200 "), "%s", s_note);
    troupe_stage_destroy (&stage);
}

//  Large ones are handed over; nothing of them may be lost or leak.
Test (rpc_call, large_bodies_travel_whole)
{
    static char body [100000];
    troupe_stage_t *stage = s_open ();
    troupe_bytes_t bytes = { body, sizeof body };
    troupe_rpc_call (troupe_stage_guest (stage), "users", "POST", "/users/1", bytes, 1000, s_on_response, NULL, NULL);
    troupe_rpc_call (troupe_stage_guest (stage), "users", "GET", "/users/1", bytes, 1000, s_on_response, NULL, NULL);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_note, "OK 200 POST /users/1 q=- h=- 100000;OK 200 GET /users/1 q=- h=- 100000;");
    troupe_stage_destroy (&stage);
}

//  A typing error is told at once, and nothing is called.
Test (rpc_call, wrong_arguments_begin_no_call)
{
    troupe_stage_t *stage = s_open ();
    troupe_actor_t *guest = troupe_stage_guest (stage);
    troupe_bytes_t none = { NULL, 0 };
    cr_assert_eq (troupe_rpc_call (guest, NULL, "GET", "/", none, 1, s_on_response, NULL, NULL), TROUPE_EINVAL);
    cr_assert_eq (troupe_rpc_call (guest, "users", NULL, "/", none, 1, s_on_response, NULL, NULL), TROUPE_EINVAL);
    cr_assert_eq (troupe_rpc_call (guest, "users", "GET", "/", none, 1, NULL, NULL, NULL), TROUPE_EINVAL);
    cr_assert_eq (troupe_rpc_call (guest, "", "GET", "/", none, 1, s_on_response, NULL, NULL),
                  TROUPE_EINVAL);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_note, "");
    troupe_stage_destroy (&stage);
}
