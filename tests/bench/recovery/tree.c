/*  =========================================================================
    recovery/tree.c - the end of a tree of supervisors

    Place: tests/bench. Ten supervisors with fifty idle actors each: the time
    that troupe_stop takes. Usage: tree

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

static const troupe_behavior_t idle_behavior = { .name = "idle" };
static const troupe_child_t idle [] = {
    { .id = "idle", .behavior = &idle_behavior, .endpoint = "", .instances = 50 },
    { 0 }
};
static const troupe_supervisor_t group = { .children = idle };
static const troupe_child_t groups [] = {
    { .id = "group", .supervisor = &group, .instances = 10 },
    { 0 }
};

int main (void)
{
    int64_t began = bench_now_ns ();
    troupe_t *troupe = bench_stand_new (groups);
    bench_print ("start_tree", (double) (bench_now_ns () - began) / 1e6, "ms");
    began = bench_now_ns ();
    const troupe_error_t error = troupe_stop (troupe, 60000);
    bench_check (error == TROUPE_OK, troupe_error_name (error));
    bench_print ("stop_tree", (double) (bench_now_ns () - began) / 1e6, "ms");
    troupe_destroy (&troupe);
    return 0;
}
