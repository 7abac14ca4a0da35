/*  =========================================================================
    spawn/supervised.c - starting and stopping a supervisor's children

    Place: tests/bench. They start in order, each when the one before it has
    started, and stop in reverse order: a round trip to another thread for
    each. Microseconds an actor. Usage: supervised ACTORS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

static const troupe_behavior_t idle_behavior = { .name = "idle" };

int main (int argc, char **argv)
{
    const long actors = bench_count (argc, argv, 1, 1000);
    const troupe_child_t children [] = {
        { .id = "idle", .behavior = &idle_behavior, .instances = (unsigned) actors },
        { 0 }
    };
    int64_t began = bench_now_ns ();
    troupe_t *troupe = bench_stand_new (children);
    bench_print ("start", (double) (bench_now_ns () - began) / 1e3 / (double) actors, "us");

    began = bench_now_ns ();
    const troupe_error_t error = troupe_stop (troupe, 60000);
    bench_check (error == TROUPE_OK, troupe_error_name (error));
    bench_print ("stop", (double) (bench_now_ns () - began) / 1e3 / (double) actors, "us");
    troupe_destroy (&troupe);
    return 0;
}
