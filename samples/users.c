/*  =========================================================================
    users.c - the gateway's users as a program of their own

    Place: samples/. The same actor that the gateway has as a thread or as a
    process, from the same source, behind a port of its own:

        samples/run users --listen tcp://127.0.0.1:6001
        samples/run gateway --users tcp://127.0.0.1:6001

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include "gateway/gateway.h"

static const troupe_child_t s_children [] = {
    { .id = "users", .behavior = &gateway_users, .listen = "tcp://127.0.0.1:6001",
      .wedged_ms = GATEWAY_USERS_WEDGED_MS },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "listen", .value = "ENDPOINT", .paths = "children/users/listen", .fallback = "tcp://127.0.0.1:6001",
      .help = "Where other programs find them; port 0 picks a free one" },
    { .name = NULL }
};

//  Says where they are, with the port filled in.
static int s_ready (troupe_t *troupe)
{
    troupe_message_t *endpoint = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, "users", TROUPE_TAG_ENDPOINT, NULL, 0, 5000, &endpoint);
    if (outcome == TROUPE_CALL_OK) {
        printf ("users ready %s\n", troupe_message_text (endpoint));
        fflush (stdout);
    }
    else
        fprintf (stderr, "users: they do not answer: %s\n", troupe_outcome_name (outcome));
    troupe_message_destroy (&endpoint);
    return outcome == TROUPE_CALL_OK ? 0 : 1;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "users", .summary = "The gateway's users as a program of their own",
        .children = s_children, .options = s_options, .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
