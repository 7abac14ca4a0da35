/*  =========================================================================
    recovery/tree.c - the end of a tree of supervisors

    Place: tests/bench. Ten supervisors with fifty idle actors each, PROCESSES
    of all of them child processes: the time that troupe_stop takes.
    Usage: tree [PROCESSES]

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#define GROUPS 10
#define ACTORS 500

static const troupe_behavior_t idle_behavior = { .name = "idle" };
static const troupe_behavior_t *const behaviors [] = { &idle_behavior, NULL };

static void s_measure (const troupe_child_t *groups)
{
    int64_t began = bench_now_ns ();
    troupe_t *troupe = bench_stand_new (groups);
    bench_print ("start_tree", (double) (bench_now_ns () - began) / 1e6, "ms");
    began = bench_now_ns ();
    const troupe_error_t error = troupe_stop (troupe, 60000);
    bench_check (error == TROUPE_OK, troupe_error_name (error));
    bench_print ("stop_tree", (double) (bench_now_ns () - began) / 1e6, "ms");
    troupe_destroy (&troupe);
}

int main (int argc, char **argv)
{
    int status = 0;
    if (troupe_hosted (argc, argv, NULL, behaviors, &status))
        return status;
    const unsigned processes = (unsigned) bench_count (argc, argv, 1, 0);
    const troupe_child_t threads [] = {
        { .id = "idle", .behavior = &idle_behavior, .endpoint = "", .instances = ACTORS / GROUPS },
        { 0 }
    };
    const troupe_child_t some_processes [] = {
        { .id = "hosted", .behavior = &idle_behavior, .endpoint = "ipc://hosted", .instances = processes },
        { .id = "idle", .behavior = &idle_behavior, .endpoint = "", .instances = ACTORS / GROUPS - processes },
        { 0 }
    };
    const troupe_supervisor_t group = { .children = threads };
    const troupe_supervisor_t group_with_processes = { .children = some_processes };
    const troupe_child_t groups [] = {
        { .id = "group", .supervisor = &group, .instances = processes? GROUPS - 1: GROUPS },
        { .id = processes? "hosts": NULL, .supervisor = &group_with_processes },
        { 0 }
    };
    bench_check (processes < ACTORS / GROUPS, "so many processes");
    s_measure (groups);
    return 0;
}
