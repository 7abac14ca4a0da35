/*  =========================================================================
    gateway/worker.c - the gateway's routes, and their handlers

    Place: samples/gateway. Nothing here knows whether a request has come
    over HTTP or ZeroMQ, or that there is more than one worker.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include "gateway.h"

#define S_SLEEP_MAX_MS 60000
//  Nobody waits longer for somebody who hangs.
#define S_HANG_MS 2000

static int s_hello (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    (void) request;
    return troupe_response_text (response, 200, "Hello World!!");
}

//  The same body and type back.
static int s_echo (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    troupe_text_t type = troupe_request_header (request, "Content-Type");
    if (type.data)
        troupe_response_type (response, type.data);
    return troupe_response_body (response, request->body.data, request->body.size);
}

//  The time to sleep, or -1 when it is no number from 0 to S_SLEEP_MAX_MS.
static long s_sleep_ms (troupe_text_t text)
{
    char *end = NULL;
    if (text.size == 0 || text.size > 5 || text.data [0] < '0' || text.data [0] > '9')
        return -1;
    long sleep_ms = strtol (text.data, &end, 10);
    return *end == 0 && sleep_ms <= S_SLEEP_MAX_MS ? sleep_ms : -1;
}

//  The worker's state is the response that sleepers are answered with.
static int s_wake (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    troupe_caller_t *caller = context;
    troupe_service_answer (&caller, troupe_service_state (state));
    return 0;
}

//  Sleeping is being answered later: meanwhile the worker does other work.
static int s_sleep (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    long sleep_ms = s_sleep_ms (troupe_request_param (request, "ms"));
    if (sleep_ms < 0)
        return troupe_response_problem (response, 400, "sleep is from 0 to %d ms", S_SLEEP_MAX_MS);
    troupe_caller_t *caller = troupe_defer (self, request->message);
    if (caller && !troupe_after (self, sleep_ms, s_wake, caller))
        troupe_answer_failure (&caller, "out of memory");
    return 0;
}

//  A handler that fails: its caller gets 500, and its supervisor starts the worker again.
static int s_fail (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    (void) response;
    return troupe_fail (self, 1, "asked to fail");
}

//  Whoever gets here has shown the token to the door, and perhaps a certificate.
static int s_private (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    char text [300] = "for your eyes only";
    if (request->user.size)
        snprintf (text, sizeof text, "for your eyes only, %s", request->user.data);
    return troupe_response_text (response, 200, text);
}

const troupe_route_t gateway_routes [] = {
    { .method = "GET", .pattern = "/", .handler = s_hello },
    { .method = "POST", .pattern = "/", .handler = s_echo },
    { .method = "POST", .pattern = "/echo", .handler = s_echo },
    { .method = "GET", .pattern = "/sleep/:ms", .handler = s_sleep, .service = "slow",
      .deadline_ms = S_SLEEP_MAX_MS + 5000 },
    { .method = "GET", .pattern = "/fail", .handler = s_fail },
    { .method = "GET", .pattern = "/private", .handler = s_private, .token = "tokens/private" },
    { .method = "GET", .pattern = "/users", .service = "users", .idempotent = true },
    { .method = "GET", .pattern = "/users/:id", .service = "users", .idempotent = true },
    { .method = "POST", .pattern = "/users/echo", .service = "users" },
    { .method = "GET", .pattern = "/users/crash", .service = "users" },
    { .method = "GET", .pattern = "/users/hang", .service = "users", .deadline_ms = S_HANG_MS },
    { .method = "GET", .pattern = "/legacy/*path", .service = "legacy", .streamed = true, .forwarded = true,
      .idempotent = true },
    { .method = "POST", .pattern = "/legacy/*path", .service = "legacy", .streamed = true, .forwarded = true },
    { .method = "PUT", .pattern = "/legacy/*path", .service = "legacy", .streamed = true, .forwarded = true,
      .idempotent = true },
    { .method = "PATCH", .pattern = "/legacy/*path", .service = "legacy", .streamed = true, .forwarded = true },
    { .method = "DELETE", .pattern = "/legacy/*path", .service = "legacy", .streamed = true, .forwarded = true,
      .idempotent = true },
    { .method = NULL }
};

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    troupe_response_t *awake = troupe_response_new ();
    *state_p = awake;
    if (!awake || troupe_response_text (awake, 200, "awake") != TROUPE_OK)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the worker");
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    troupe_response_t *awake = state;
    troupe_response_destroy (&awake);
}

static const troupe_service_t s_service = { .routes = gateway_routes, .start = s_start, .stop = s_stop };

const troupe_behavior_t gateway_worker = TROUPE_SERVICE ("worker", &s_service);
