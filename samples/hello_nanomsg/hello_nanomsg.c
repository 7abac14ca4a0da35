/*  =========================================================================
    hello_nanomsg.c - browsers on a raw ZeroMQ socket, nanomsg workers behind

    Place: samples/hello_nanomsg, the one with main. ZeroMQ talks to browsers,
    since its ZMQ_STREAM is plain TCP; nanomsg's REQ and REP give each request
    to one of many workers. An actor owns each of the two sockets. Workers are
    child processes: kill one, and another takes its place; no browser waits
    for ever.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "hello.h"

//  The bridge binds before workers connect; browsers come when all is there.
static const troupe_child_t s_children [] = {
    { .id = "bridge", .behavior = &hello_bridge },
    { .id = "worker", .behavior = &hello_worker, .endpoint = "ipc://worker", .instances = 4, .shutdown_ms = 1000,
      .backoff = { .min_ms = 10, .max_ms = 1000 } },
    { .id = "front", .behavior = &hello_front },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "http", .value = "ADDRESS:PORT", .paths = "children/front/http", .fallback = "127.0.0.1:8080",
      .help = "Where browsers connect; port * picks a free one" },
    { .name = "nanomsg", .value = "ADDRESS", .paths = "children/bridge/nanomsg children/worker/nanomsg",
      .fallback = "tcp://127.0.0.1:5550", .help = "Where workers connect: tcp://... or ipc://..." },
    { .name = "workers", .value = "N", .paths = "children/worker/instances", .fallback = "4",
      .help = "How many workers to start", .least = 1, .most = 100 },
    { .name = "deadline", .value = "MS", .paths = "children/front/deadline", .fallback = "2000",
      .help = "After so long a browser gets 504, in milliseconds", .least = 200, .most = 600000 },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "hello_nanomsg", .summary = "Browsers on a raw ZeroMQ socket, nanomsg workers behind",
        .children = s_children, .options = s_options, .intensity = 100, .period_ms = 1000, .log = "warning",
    };
    return troupe_main (&app, argc, argv);
}
