/*  =========================================================================
    family_program - a program that can run every member of the family

    Place: tests/live. Tests run it for the processes of their children, and as
    a program that has the whole family; see errand.h. "ready" and a line end
    on standard output say that all have started.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include "errand.h"

static int s_ready (troupe_t *troupe)
{
    (void) troupe;
    printf ("ready\n");
    fflush (stdout);
    return 0;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "family_program", .children = errand_family, .intensity = 1000, .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
