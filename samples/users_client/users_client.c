/*  =========================================================================
    users_client.c - many calls at a time over one connection

    Place: samples/users_client/, the one with main; the client itself is in
    client.c. Shows what an egress does for a client: it keeps the
    connection to users_service, and knows which answer belongs to which call;
    they come as they are ready. The client may be started first, and goes on
    when the service is started again: calls that may be done twice are, and the
    others end at once.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "users_client.h"

#include <stdio.h>

static const troupe_egress_t s_service = { .window = 1000 };
static const troupe_behavior_t s_users = TROUPE_EGRESS ("users", &s_service);

//  The egress ends last, and then nobody waits for what it still has.
static const troupe_child_t s_children [] = {
    { .id = "users", .behavior = &s_users, .shutdown_ms = TROUPE_SHUTDOWN_BRUTAL_KILL },
    { .id = "client", .behavior = &users_client, .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "to", .value = "ENDPOINT", .paths = "children/users/servers", .fallback = "tcp://127.0.0.1:5555",
      .help = "Where the service is, or will be" },
    { .name = "calls", .value = "N", .paths = "children/client/calls", .fallback = "21",
      .help = "Ends after so many calls", .least = 1, .most = 1000000000 },
    { .name = "concurrency", .value = "N", .paths = "children/client/concurrency", .fallback = "8",
      .help = "So many calls at a time", .least = 1, .most = USERS_CLIENT_CONCURRENCY_MAX },
    { .name = "timeout", .value = "MS", .paths = "children/client/timeout", .fallback = "30000",
      .help = "How long an answer may take", .least = 1, .most = 3600000 },
    { .name = "token", .value = "TEXT", .paths = "children/client/token", .help = "Say Authorization: Bearer TEXT" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "users_client", .summary = "Many calls at a time over one connection",
        .children = s_children, .options = s_options, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY,
        .intensity = TROUPE_INTENSITY_NONE, .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
