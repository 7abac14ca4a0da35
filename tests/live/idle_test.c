/*  =========================================================================
    idle_test.c - a troupe with nothing to do does nothing

    Place: tests/live, of runtime/live/actor/wait.c and poller.c. Wake-ups are
    counted, not time.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "troupe_world.h"

//  How often the threads of this process other than this one have gone to sleep so far.
static long s_sleeps (void)
{
    long sleeps = 0, count;
    DIR *directory = opendir ("/proc/self/task");
    cr_assert_not_null (directory);
    for (struct dirent *entry; (entry = readdir (directory));) {
        char path [300], line [128];
        snprintf (path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        FILE *file = atoi (entry->d_name) && atoi (entry->d_name) != gettid () ? fopen (path, "r") : NULL;
        while (file && fgets (line, sizeof line, file))
            if (sscanf (line, "voluntary_ctxt_switches: %ld", &count) == 1)
                sleeps += count;
        if (file)
            fclose (file);
    }
    closedir (directory);
    return sleeps;
}

//  A thousand idle actors must cost nothing: no thread of theirs wakes up while nobody sends.
Test (live_idle, nobody_wakes_up_for_nothing)
{
    const troupe_child_t children [] = { { .id = "a", .behavior = &world_doer, .instances = 30 }, { .id = NULL } };
    troupe_t *troupe = world_with (children);
    for (int time = 0; time < 3; time++)
        for (int actor = 1; actor <= 30; actor++) {
            char name [16];
            snprintf (name, sizeof name, "a-%d", actor);
            cr_assert_str_eq (world_ask (troupe, name, world_echo, 1, "x"), "OK x 1");
        }
    while (troupe_run (troupe, 100) != TROUPE_ETIMEOUT)
        ;
    long before = s_sleeps ();
    cr_assert_eq (troupe_run (troupe, 300), TROUPE_ETIMEOUT);
    cr_assert_eq (s_sleeps (), before);
    world_end (troupe);
}
