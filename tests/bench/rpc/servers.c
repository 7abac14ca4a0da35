/*  =========================================================================
    rpc/servers.c - services in other processes, and who asks them

    Place: tests/bench. See servers.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

//  --- The service

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) self;
    (void) args;
    (void) args_size;
    *state_p = bench_users_new ();
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static int s_answer (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    const troupe_text_t id = troupe_request_param (request, "id");
    const bench_user_t *user = bench_users_find (state, id.data, id.size);
    (void) self;
    if (user == NULL)
        return (int) troupe_response_problem (response, 404, NULL);
    return (int) troupe_response_body (response, user->answer, user->answer_size);
}

static int s_answer_slowly (troupe_actor_t *self, void *state, const troupe_request_t *request,
                            troupe_response_t *response)
{
    const struct timespec slow = { .tv_nsec = BENCH_SLOW_MS * 1000000L };
    nanosleep (&slow, NULL);
    return s_answer (self, state, request, response);
}

static const troupe_route_t s_routes [] = {
    { .method = BENCH_USERS_METHOD, .pattern = BENCH_USERS_FOLDER ":id", .handler = s_answer, .idempotent = true },
    { .method = BENCH_USERS_METHOD, .pattern = BENCH_SLOW_FOLDER ":id", .handler = s_answer_slowly,
      .idempotent = true },
    { .method = NULL }
};

static const troupe_service_t s_service = { .routes = s_routes, .start = s_start, .stop = s_stop };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);

//  --- The server

static void s_serve_actor (const char *wish, void *context)
{
    const troupe_child_t children [] = {
        { .id = "worker", .behavior = &s_worker, .listen = wish },
        { .id = NULL }
    };
    (void) context;
    bench_stand_serve (children, "worker", NULL);
}

static void s_serve_door (const char *wish, void *context)
{
    const bench_servers_t *servers = context;
    const troupe_rpc_t spec = {
        .bind = wish, .routes = s_routes, .workers = "worker", .instances = servers->workers,
    };
    const troupe_behavior_t door = TROUPE_RPC ("door", &spec);
    const troupe_child_t children [] = {
        { .id = "worker", .behavior = &s_worker, .instances = servers->workers },
        { .id = "door", .behavior = &door },
        { .id = NULL }
    };
    bench_stand_serve_at (children, "door", TROUPE_RPC_ADDRESS, NULL);
}

void bench_servers_start (bench_servers_t *servers, const char *way, unsigned workers, size_t count)
{
    size_t size = 0;
    bench_check (count <= BENCH_SERVERS_MAX && (strcmp (way, "door") == 0 || strcmp (way, "actor") == 0), way);
    *servers = (bench_servers_t) { .door = *way == 'd', .workers = workers, .count = count };
    for (size_t index = 0; index < count; index++) {
        bench_other_t *server = &servers->servers [index];
        bench_other_start (server, "tcp", servers->door? s_serve_door: s_serve_actor, servers);
        size += (size_t) snprintf (servers->endpoints + size, sizeof servers->endpoints - size, "%s%s",
                                   index > 0? " ": "", server->endpoint);
    }
}

//  --- The caller's side

const char *bench_servers_address (const bench_servers_t *servers)
{
    return servers->door? "far": servers->endpoints;
}

void bench_servers_run (bench_servers_t *servers, const troupe_child_t *driver)
{
    const troupe_egress_t spec = { .servers = servers->endpoints };
    const troupe_behavior_t egress = TROUPE_EGRESS ("egress", &spec);
    const troupe_child_t children [] = {
        { .id = servers->door? "far": driver->id, .behavior = servers->door? &egress: driver->behavior,
          .args = servers->door? NULL: driver->args, .args_size = servers->door? 0: driver->args_size },
        servers->door? *driver: (troupe_child_t) { .id = NULL },
        { .id = NULL }
    };
    bench_stand (children);
    for (size_t index = 0; index < servers->count; index++)
        bench_other_end (&servers->servers [index]);
}

void bench_servers_ask (troupe_actor_t *self, const char *address, const char *path, troupe_response_fn *on_response,
                        void *context)
{
    const troupe_bytes_t body = { BENCH_USERS_BODY, sizeof BENCH_USERS_BODY - 1 };
    const troupe_error_t error = troupe_rpc_call (self, address, BENCH_USERS_METHOD, path, body, BENCH_CALL_MS,
                                                  on_response, context, NULL);
    if (error != TROUPE_OK)
        bench_check (0, troupe_error_name (error));
}

void bench_servers_check (const bench_user_t *user, troupe_outcome_t outcome, const troupe_response_view_t *response)
{
    if (outcome != TROUPE_CALL_OK)
        bench_check (0, troupe_outcome_name (outcome));
    bench_users_check (user, response->status, response->body.data, response->body.size);
}
