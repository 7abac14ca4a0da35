/*  =========================================================================
    gateway/users.c - who the users are

    Place: samples/gateway, and the whole of samples/users; users_service has
    them among routes of its own (users.h). An actor that owns its data and
    answers requests about them. Whether it runs in a thread, a process or in
    another program is its endpoint's business, and not told here. On request it
    misbehaves, to show what becomes of the others then.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>

#include <jansson.h>

#include "gateway.h"
#include "users.h"

//  Answers with a JSON value.
static int s_answer (troupe_response_t *response, const json_t *value)
{
    char *text = json_dumps (value, JSON_COMPACT | JSON_PRESERVE_ORDER);
    troupe_error_t error = text ? troupe_response_json (response, 200, text) : TROUPE_ENOMEM;
    free (text);
    return error;
}

int gateway_users_list (troupe_actor_t *self, void *state, const troupe_request_t *request,
                       troupe_response_t *response)
{
    (void) self;
    (void) request;
    return s_answer (response, state);
}

//  The user of that id, null when there is none.
static const json_t *s_find (const json_t *users, troupe_text_t id)
{
    size_t index;
    json_t *user;
    char *end = NULL;
    if (id.size == 0 || id.size > 18 || id.data [0] < '1' || id.data [0] > '9')
        return NULL;
    json_int_t wanted = strtoll (id.data, &end, 10);
    json_array_foreach (users, index, user)
        if (*end == 0 && json_integer_value (json_object_get (user, "id")) == wanted)
            return user;
    return NULL;
}

int gateway_users_show (troupe_actor_t *self, void *state, const troupe_request_t *request,
                       troupe_response_t *response)
{
    (void) self;
    troupe_text_t id = troupe_request_param (request, "id");
    const json_t *user = s_find (state, id);
    return user ? s_answer (response, user) : troupe_response_problem (response, 404, "no user %s", id.data);
}

//  A memory fault: it ends the process that this actor runs in, whichever that is. What is not set is null.
static int s_crash (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    const char *nowhere = troupe_config (self, "users/nowhere", NULL);
    return troupe_response_text (response, *nowhere ? 200 : 404, "it is set");
}

//  The same text back. Not to be done twice: whoever sends it to a process that dies is told.
static int s_echo (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    return troupe_response_body (response, request->body.data, request->body.size);
}

//  A handler that never returns: a process is killed for it after 'wedged_ms', a thread can only be reported.
static int s_hang (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    (void) response;
    while (troupe_now_us (self) >= 0)
        ;
    return 0;
}

int gateway_users_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = json_pack ("[{s:i,s:s}]", "id", 1, "name", "August");
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "the users");
}

void gateway_users_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    json_decref (state);
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/users", .handler = gateway_users_list, .idempotent = true },
    { .method = "GET", .pattern = "/users/:id", .handler = gateway_users_show, .idempotent = true },
    { .method = "POST", .pattern = "/users/echo", .handler = s_echo },
    { .method = "GET", .pattern = "/users/crash", .handler = s_crash },
    { .method = "GET", .pattern = "/users/hang", .handler = s_hang },
    { .method = NULL }
};

static const troupe_service_t s_service = {
    .routes = s_routes, .start = gateway_users_start, .stop = gateway_users_stop,
};

const troupe_behavior_t gateway_users = TROUPE_SERVICE ("users", &s_service);
