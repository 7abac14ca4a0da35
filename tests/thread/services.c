/*  =========================================================================
    services.c - RPC and HTTP doors, and an egress and an upstream that ask them, under TSan

    Place: tests/thread. Two troupes in one process stand for two machines: the
    first has doors and workers that fail now and then; the second asks them by
    way of its egress, in troupe's framing and in JSON, and of its upstream, and
    goes on while the first one ends. Exits 0 when all went as it should.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#define DEADLINE_MS 60000
#define CALLS 150
#define IN_FLIGHT 12

#define CHECK(condition) \
    do { if (!(condition)) { fprintf (stderr, "line %d: %s\n", __LINE__, #condition); exit (1); } } while (0)

//  --- The first machine

static int s_echo (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    troupe_response_type (response, "text/plain");
    return (int) troupe_response_body (response, request->body.data, request->body.size);
}

static int s_fail (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    (void) response;
    return troupe_fail (self, 5, "told to");
}

static const troupe_route_t s_routes [] = { { .method = "POST", .pattern = "/echo", .handler = s_echo },
                                            { .method = "POST", .pattern = "/fail", .handler = s_fail },
                                            { .method = NULL } };
static const troupe_service_t s_service = { .routes = s_routes };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);
static const troupe_http_t s_http_spec = { .listen = "127.0.0.1:0", .routes = s_routes, .workers = "worker",
                                           .instances = 2 };
static const troupe_behavior_t s_http = TROUPE_HTTP ("http", &s_http_spec);
static const troupe_rpc_t s_rpc_spec = { .bind = "tcp://127.0.0.1:*", .routes = s_routes, .workers = "worker",
                                         .instances = 2 };
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_rpc_spec);
static const troupe_child_t s_there [] = {
    { .id = "worker", .behavior = &s_worker, .instances = 2 }, { .id = "http", .behavior = &s_http },
    { .id = "rpc", .behavior = &s_rpc }, { .id = NULL } };
static const troupe_supervisor_t s_there_root = { .children = s_there, .intensity = 100000 };

//  --- The second machine

static const troupe_egress_t s_far_spec = { .servers = "" };
static const troupe_behavior_t s_far = TROUPE_EGRESS ("far", &s_far_spec);
static const troupe_egress_t s_foreign_spec = { .servers = "", .format = "json", .lanes = 4 };
static const troupe_behavior_t s_foreign = TROUPE_EGRESS ("foreign", &s_foreign_spec);
static const troupe_upstream_t s_legacy_spec = { .upstream = NULL };
static const troupe_behavior_t s_legacy = TROUPE_UPSTREAM ("legacy", &s_legacy_spec);
static const troupe_child_t s_here [] = { { .id = "far", .behavior = &s_far },
                                          { .id = "foreign", .behavior = &s_foreign },
                                          { .id = "legacy", .behavior = &s_legacy }, { .id = NULL } };
static const troupe_supervisor_t s_here_root = { .children = s_here, .intensity = 100000 };

static void s_address (troupe_t *troupe, const char *door, uint16_t tag, const char *path, char *setting, size_t size)
{
    troupe_message_t *reply = NULL;
    CHECK (troupe_call_wait (troupe, door, tag, "", 0, DEADLINE_MS, &reply) == TROUPE_CALL_OK);
    snprintf (setting, size, "%s%s", path, troupe_message_text (reply));
    troupe_message_destroy (&reply);
}

static troupe_t *s_start (const troupe_supervisor_t *root, const char *const *settings)
{
    const troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .settings = settings };
    troupe_t *troupe = troupe_new (&options, NULL);
    CHECK (troupe);
    CHECK (troupe_start (troupe, root, DEADLINE_MS) == TROUPE_OK);
    return troupe;
}

//  --- Calls

static unsigned s_begun, s_ended, s_good, s_failed, s_lost;

static int s_on_response (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                          const troupe_response_view_t *response, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    s_ended++;
    s_good += outcome == TROUPE_CALL_OK && response->status == 200;
    s_failed += response->status == 500;
    s_lost += response->status > 500;
    return 0;
}

static void s_call (troupe_t *troupe, const char *service, bool fails)
{
    const troupe_bytes_t body = { "hello", 5 };
    CHECK (troupe_rpc_call (troupe_guest (troupe), service, "POST", fails ? "/fail" : "/echo", body, DEADLINE_MS,
                            s_on_response, NULL, NULL) == TROUPE_OK);
    s_begun++;
}

//  So many calls, some of them at a time, every tenth of which fails.
static void s_call_often (troupe_t *troupe, const char *service)
{
    s_begun = s_ended = s_good = s_failed = s_lost = 0;
    while (s_ended < CALLS) {
        while (s_begun < CALLS && s_begun - s_ended < IN_FLIGHT)
            s_call (troupe, service, s_begun % 10 == 9);
        CHECK (troupe_run (troupe, DEADLINE_MS) == TROUPE_OK);
    }
    //  Others that the failing worker had taken are lost with it.
    CHECK (s_good + s_failed + s_lost == CALLS && s_good > CALLS / 4 && s_failed > 0);
}

static void s_end_meanwhile (troupe_t *here, troupe_t *there)
{
    static const char *const services [] = { "far", "foreign", "legacy" };
    s_begun = s_ended = 0;
    for (unsigned index = 0; index < 3 * IN_FLIGHT; index++)
        s_call (here, services [index % 3], false);
    CHECK (troupe_stop (there, DEADLINE_MS) == TROUPE_OK);
    CHECK (troupe_stop (here, DEADLINE_MS) == TROUPE_OK);
}

int main (void)
{
    char far [128], foreign [128], legacy [128];
    troupe_t *there = s_start (&s_there_root, NULL);
    s_address (there, "rpc", TROUPE_RPC_ADDRESS, "children/far/servers=", far, sizeof far);
    s_address (there, "rpc", TROUPE_RPC_ADDRESS, "children/foreign/servers=", foreign, sizeof foreign);
    s_address (there, "http", TROUPE_HTTP_ADDRESS, "children/legacy/upstream=http://", legacy, sizeof legacy);
    const char *const settings [] = { far, foreign, legacy, NULL };
    troupe_t *here = s_start (&s_here_root, settings);
    s_call_often (here, "far");
    puts ("calls by way of an egress end once, and workers that fail are no trouble");
    s_call_often (here, "foreign");
    puts ("the same in JSON");
    s_call_often (here, "legacy");
    puts ("the same by way of an upstream");
    s_end_meanwhile (here, there);
    puts ("both end while calls are in flight");
    troupe_destroy (&here);
    troupe_destroy (&there);
    return 0;
}
