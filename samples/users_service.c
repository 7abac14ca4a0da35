/*  =========================================================================
    users_service.c - ten workers behind one ZeroMQ port

    Place: samples/. Shows the RPC door with workers behind it. A handler is
    plain code that takes its time: each worker has one question at a time, and
    the door gives the next one to a worker that is free. Ask it with
    users_client or rpc_call, or with a REQ or DEALER in any language.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include "gateway/users.h"

#define S_REPORT 300000

//  Work that keeps a worker busy for some hundredths of a second.
static int s_report (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self, (void) state, (void) request;
    unsigned primes = 0;
    for (unsigned number = 2; number < S_REPORT; number++) {
        unsigned divisor = 2;
        while (divisor * divisor <= number && number % divisor)
            divisor++;
        primes += divisor * divisor > number;
    }
    troupe_response_type (response, "text/plain");
    return troupe_response_bodyf (response, "%u primes below %d", primes, S_REPORT);
}

//  A handler that fails: its caller gets 500, and its supervisor starts the worker again.
static int s_fail (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state, (void) request, (void) response;
    return troupe_fail (self, 1, "asked to fail");
}

//  Whoever gets here has shown the token to the door.
static int s_private (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self, (void) state, (void) request;
    return troupe_response_text (response, 200, "for your eyes only");
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/users", .handler = gateway_users_list, .idempotent = true },
    { .method = "GET", .pattern = "/users/:id", .handler = gateway_users_show, .idempotent = true },
    { .method = "GET", .pattern = "/report", .handler = s_report, .idempotent = true },
    { .method = "POST", .pattern = "/report", .handler = s_report },
    { .method = "GET", .pattern = "/private", .handler = s_private, .idempotent = true, .token = "tokens/private" },
    { .method = "GET", .pattern = "/fail", .handler = s_fail },
    { .method = NULL }
};

static const troupe_service_t s_service = {
    .routes = s_routes, .start = gateway_users_start, .stop = gateway_users_stop,
};
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);

static const troupe_rpc_t s_door = { .routes = s_routes, .workers = "worker", .options = { .window = 1 } };
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_door);

static const troupe_child_t s_children [] = {
    { .id = "worker", .behavior = &s_worker, .instances = 10 },
    { .id = "rpc", .behavior = &s_rpc, .shutdown_ms = 10000 },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "bind", .value = "ENDPOINT", .paths = "children/rpc/bind", .fallback = "tcp://127.0.0.1:5555",
      .help = "Where it is asked; port * picks a free one" },
    { .name = "workers", .value = "N", .paths = "children/worker/instances", .fallback = "10",
      .help = "How many questions are worked on at a time", .least = 1, .most = 1000 },
    { .name = "token", .value = "TEXT", .paths = "tokens/private",
      .help = "What /private asks for: Authorization: Bearer TEXT; without it nobody is let in" },
    { .name = NULL }
};

//  Says where the door is, once it is open.
static int s_ready (troupe_t *troupe)
{
    troupe_message_t *address = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, "rpc", TROUPE_RPC_ADDRESS, NULL, 0, 5000, &address);
    if (outcome == TROUPE_CALL_OK)
        printf ("users_service ready %s\n", troupe_message_text (address));
    else
        fprintf (stderr, "users_service: the door does not answer: %s\n", troupe_outcome_name (outcome));
    troupe_message_destroy (&address);
    return outcome == TROUPE_CALL_OK ? 0 : 1;
}

int main (int argc, char **argv)
{
    //  However often a handler fails, its worker comes back
    static const troupe_app_t app = {
        .name = "users_service", .summary = "Ten workers behind one ZeroMQ port",
        .children = s_children, .intensity = 1000000, .period_ms = 1000, .options = s_options, .ready = s_ready,
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
