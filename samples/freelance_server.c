/*  =========================================================================
    freelance_server.c - one of several servers that know nothing of each other

    Place: samples/. Squares numbers: GET /square/7. A service behind an RPC
    door; what makes it one of several is on the other side, in
    freelance_client. It says its name, so that one sees who has answered.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include <troupe.h>

static int s_square (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    char *end;
    const char *text = troupe_request_param (request, "number").data;
    const unsigned long long number = strtoull (text, &end, 10);
    if (*end || *text < '0' || *text > '9' || number > UINT32_MAX)
        return troupe_response_problem (response, 400, "%s is no number that is squared here", text);
    troupe_response_type (response, "text/plain");
    return troupe_response_bodyf (response, "%llu by %s", number * number, troupe_config (self, "server/name", ""));
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/square/:number", .handler = s_square, .idempotent = true },
    { .method = NULL }
};

static const troupe_service_t s_service = { .routes = s_routes };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);

static const troupe_rpc_t s_door = { .routes = s_routes, .workers = "worker" };
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_door);

static const troupe_child_t s_children [] = {
    { .id = "worker", .behavior = &s_worker },
    { .id = "rpc", .behavior = &s_rpc, .shutdown_ms = 10000 },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "bind", .value = "ENDPOINT", .paths = "children/rpc/bind", .fallback = "tcp://127.0.0.1:5571",
      .help = "Where it is asked; port * picks a free one" },
    { .name = "name", .value = "TEXT", .paths = "server/name", .fallback = "Ann",
      .help = "What it signs answers with" },
    { .name = NULL }
};

//  Says where the door is, once it is open.
static int s_ready (troupe_t *troupe)
{
    troupe_message_t *address = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, "rpc", TROUPE_RPC_ADDRESS, NULL, 0, 5000, &address);
    if (outcome == TROUPE_CALL_OK)
        printf ("freelance_server ready %s\n", troupe_message_text (address));
    else
        fprintf (stderr, "freelance_server: the door does not answer: %s\n", troupe_outcome_name (outcome));
    troupe_message_destroy (&address);
    return outcome == TROUPE_CALL_OK ? 0 : 1;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "freelance_server", .summary = "One of several servers that know nothing of each other",
        .children = s_children, .options = s_options, .ready = s_ready, .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
