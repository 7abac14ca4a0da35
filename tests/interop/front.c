/*  =========================================================================
    front.c - two doors in front of services that are elsewhere

    Place: tests/interop, driven by the scripts there. Whatever comes over HTTP
    or ZeroMQ goes through an egress to the servers that --servers names.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include <troupe.h>

//  --- GET /front/egress: the counters of the egress

static int s_on_counters (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                          void *context)
{
    (void) self;
    (void) state;
    troupe_caller_t *caller = context;
    troupe_response_t *response = troupe_response_new ();
    if (response && outcome == TROUPE_CALL_OK
        && troupe_response_text (response, 200, troupe_message_text (reply)) == TROUPE_OK)
        troupe_service_answer (&caller, response);
    else
        troupe_answer_failure (&caller, "the egress does not tell: %s", troupe_outcome_name (outcome));
    troupe_response_destroy (&response);
    return 0;
}

static int s_egress (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) response;
    troupe_ref_t *far = troupe_ref (self, "far");
    troupe_caller_t *caller = far ? troupe_defer (self, request->message) : NULL;
    if (!caller)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the counters");
    if (troupe_call (far, TROUPE_EGRESS_STATS, NULL, 0, 5000, s_on_counters, caller, NULL))
        troupe_answer_failure (&caller, "the egress cannot be asked");
    return 0;
}

//  --- The doors

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/front/egress", .handler = s_egress },
    { .method = "GET", .pattern = "/*path", .service = "far", .idempotent = true },
    { .method = "PUT", .pattern = "/*path", .service = "far", .idempotent = true },
    { .method = "DELETE", .pattern = "/*path", .service = "far", .idempotent = true },
    { .method = "POST", .pattern = "/*path", .service = "far" },
    { .method = NULL }
};

static const troupe_service_t s_clerk_service = { .routes = s_routes };
static const troupe_behavior_t s_clerk = TROUPE_SERVICE ("clerk", &s_clerk_service);
static const troupe_egress_t s_servers = { .servers = NULL };
static const troupe_behavior_t s_far = TROUPE_EGRESS ("far", &s_servers);
static const troupe_http_t s_http_door = { .routes = s_routes, .workers = "clerk" };
static const troupe_behavior_t s_http = TROUPE_HTTP ("http", &s_http_door);
static const troupe_rpc_t s_rpc_door = { .routes = s_routes, .workers = "clerk" };
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_rpc_door);

static const troupe_child_t s_children [] = {
    { .id = "clerk", .behavior = &s_clerk },
    { .id = "far", .behavior = &s_far, .shutdown_ms = 5000 },
    { .id = "rpc", .behavior = &s_rpc, .shutdown_ms = 10000 },
    { .id = "http", .behavior = &s_http, .shutdown_ms = 10000 },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "http", .value = "ADDRESS", .paths = "children/http/listen", .fallback = "127.0.0.1:0",
      .help = "Where to answer HTTP" },
    { .name = "rpc", .value = "ENDPOINT", .paths = "children/rpc/bind", .fallback = "tcp://127.0.0.1:0",
      .help = "Where to answer over ZeroMQ" },
    { .name = "servers", .value = "ENDPOINTS", .paths = "children/far/servers", .help = "Who answers" },
    { .name = "format", .value = "FORMAT", .paths = "children/far/format", .fallback = "troupe",
      .help = "What they speak: troupe, smile, json, msgpack" },
    { .name = NULL }
};

//  The same words as the gateway's, so that the scripts for it drive this one too.
static int s_ready (troupe_t *troupe)
{
    troupe_message_t *http = NULL, *rpc = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, "http", TROUPE_HTTP_ADDRESS, NULL, 0, 5000, &http);
    if (outcome == TROUPE_CALL_OK)
        outcome = troupe_call_wait (troupe, "rpc", TROUPE_RPC_ADDRESS, NULL, 0, 5000, &rpc);
    if (outcome == TROUPE_CALL_OK)
        printf ("gateway ready http=%s rpc=%s\n", troupe_message_text (http), troupe_message_text (rpc));
    fflush (stdout);
    troupe_message_destroy (&http);
    troupe_message_destroy (&rpc);
    return outcome == TROUPE_CALL_OK ? 0 : 1;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "front", .summary = "Two doors in front of services that are elsewhere",
        .children = s_children, .options = s_options, .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
