/*  =========================================================================
    gateway.c - a gateway: supervised actors behind two doors

    Place: samples/gateway, the one with main. One door speaks HTTP, the other
    ZeroMQ; both have the same routes, and give each request to the least busy
    worker. Users are an actor of their own, and
    so is whoever sleeps: slow work never stands in the way of quick work. Where
    the users are is an option: a thread here, a process, another program.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include "gateway.h"

//  So many failures a second are borne: a failing handler is its caller's trouble, not the gateway's.
#define S_INTENSITY 1000000
#define S_PERIOD_MS 1000

static const troupe_child_t s_workers [] = {
    { .id = "worker", .behavior = &gateway_worker, .instances = 2 },
    { .id = NULL }
};

static const troupe_supervisor_t s_worker_supervisor = {
    .intensity = S_INTENSITY, .period_ms = S_PERIOD_MS, .children = s_workers,
};

//  The same worker again, for slow requests, behind a pool.
static const troupe_pool_t s_slow_pool = { .workers = "sleeper", .window = 1024 };
static const troupe_behavior_t s_slow = TROUPE_POOL ("slow", &s_slow_pool);

static const troupe_child_t s_sleepers [] = {
    { .id = "sleeper", .behavior = &gateway_worker },
    { .id = "slow", .behavior = &s_slow },
    { .id = NULL }
};

static const troupe_supervisor_t s_slow_supervisor = {
    .strategy = TROUPE_REST_FOR_ONE, .intensity = 10, .period_ms = S_PERIOD_MS, .children = s_sleepers,
};

//  However often they crash, they come back; at once, unless they crash again at once.
static const troupe_child_t s_users [] = {
    { .id = "users", .behavior = &gateway_users, .wedged_ms = GATEWAY_USERS_WEDGED_MS,
      .backoff = { .min_ms = 1, .max_ms = 50, .reset_ms = 1000 } },
    { .id = NULL }
};

static const troupe_supervisor_t s_users_supervisor = {
    .intensity = S_INTENSITY, .period_ms = S_PERIOD_MS, .children = s_users,
};

static const troupe_http_t s_door = {
    .routes = gateway_routes, .workers = "worker", .live_path = "/health/live", .ready_path = "/health/ready",
};
static const troupe_behavior_t s_http = TROUPE_HTTP ("http", &s_door);

static const troupe_rpc_t s_rpc_door = {
    .routes = gateway_routes, .workers = "worker", .live_path = "/health/live", .ready_path = "/health/ready",
};
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_rpc_door);

//  Another web server, where --legacy says; without it whatever is below /legacy is not found.
static const troupe_upstream_t s_legacy_server = { .prefix = "/legacy", .path = "routes/legacy" };
static const troupe_behavior_t s_legacy = TROUPE_UPSTREAM ("legacy", &s_legacy_server);

//  The doors are last: they open when everybody else is there, and close first.
static const troupe_child_t s_children [] = {
    { .id = "workers", .supervisor = &s_worker_supervisor },
    { .id = "sleepers", .supervisor = &s_slow_supervisor },
    { .id = "userbase", .supervisor = &s_users_supervisor },
    { .id = "legacy", .behavior = &s_legacy, .shutdown_ms = 5000 },
    { .id = "rpc", .behavior = &s_rpc, .shutdown_ms = 10000 },
    { .id = "http", .behavior = &s_http, .shutdown_ms = 10000 },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "http", .value = "ADDRESS", .paths = "children/http/listen", .fallback = "127.0.0.1:8080",
      .help = "Where to answer HTTP; port 0 picks a free one" },
    { .name = "rpc", .value = "ENDPOINT", .paths = "children/rpc/bind", .fallback = "tcp://127.0.0.1:5555",
      .help = "Where to answer over ZeroMQ; port 0 or * picks a free one" },
    { .name = "workers", .value = "N", .paths = "children/worker/instances", .fallback = "2",
      .help = "How many workers answer", .least = 1, .most = 10000 },
    { .name = "users", .value = "ENDPOINT", .paths = "children/users/endpoint", .fallback = "inproc://users",
      .help = "Where the users are: inproc://users, ipc://users, tcp://HOST:PORT" },
    { .name = "legacy", .value = "URL", .paths = "routes/legacy",
      .help = "The web server that answers below /legacy: http://HOST:PORT; without it nobody does" },
    { .name = "token", .value = "TEXT", .paths = "tokens/private",
      .help = "What /private asks for: Authorization: Bearer TEXT; without it nobody is let in" },
    { .name = NULL }
};

//  Where a door is; null, and said, when it does not answer. The caller destroys it.
static troupe_message_t *s_address (troupe_t *troupe, const char *door, uint16_t tag)
{
    troupe_message_t *address = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, door, tag, NULL, 0, 5000, &address);
    if (outcome == TROUPE_CALL_OK)
        return address;
    fprintf (stderr, "gateway: the door %s does not answer: %s\n", door, troupe_outcome_name (outcome));
    troupe_message_destroy (&address);
    return NULL;
}

//  Says where the doors are, once they are open.
static int s_ready (troupe_t *troupe)
{
    troupe_message_t *http = s_address (troupe, "http", TROUPE_HTTP_ADDRESS);
    troupe_message_t *rpc = s_address (troupe, "rpc", TROUPE_RPC_ADDRESS);
    bool open = http && rpc;
    if (open) {
        printf ("gateway ready http=%s rpc=%s\n", troupe_message_text (http), troupe_message_text (rpc));
        fflush (stdout);
    }
    troupe_message_destroy (&http);
    troupe_message_destroy (&rpc);
    return open ? 0 : 1;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "gateway", .summary = "A gateway: supervised actors behind two doors, HTTP and ZeroMQ",
        .children = s_children, .intensity = 10, .period_ms = S_PERIOD_MS,
        .options = s_options, .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
