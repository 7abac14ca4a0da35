/*  =========================================================================
    family_program - a program that can run every member of the family

    Place: tests/live. Tests run it for the processes of their children, as a
    program that has the whole family (errand.h), or, with FAMILY_LISTEN in the
    environment, as one that has "there" only, which listens at that endpoint;
    FAMILY_POOL is the pool that it announces it to. "ready" with the endpoint
    and a line end on standard output say that all have started.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include "errand.h"

static int s_ready (troupe_t *troupe)
{
    troupe_message_t *reply = NULL;
    if (getenv ("FAMILY_LISTEN"))
        troupe_call_wait (troupe, "there", TROUPE_TAG_ENDPOINT, NULL, 0, ERRAND_MS, &reply);
    printf ("ready%s%s\n", reply ? " " : "", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    fflush (stdout);
    return 0;
}

int main (int argc, char **argv)
{
    const troupe_announcer_t announcer = { .worker = "there", .pool = getenv ("FAMILY_POOL") };
    const troupe_behavior_t announcing = TROUPE_ANNOUNCER ("announcer", &announcer);
    const troupe_child_t alone [] = {
        { .id = "there", .behavior = &errand_behavior, .listen = getenv ("FAMILY_LISTEN") },
        { .id = announcer.pool ? "announcer" : NULL, .behavior = &announcing }, { .id = NULL },
    };
    const troupe_app_t app = {
        .name = "family_program", .children = getenv ("FAMILY_LISTEN") ? alone : errand_family, .intensity = 1000,
        .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
