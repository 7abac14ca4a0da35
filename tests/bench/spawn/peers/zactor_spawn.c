/*  =========================================================================
    spawn/peers/zactor_spawn.c - czmq's actors

    Place: tests/bench. zactor_new waits for the actor's signal, so they start
    one after the other. Metrics as in spawn/spawn.c. Usage: zactor_spawn ACTORS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <czmq.h>

#define CYCLES 500

static void s_idle (zsock_t *pipe, void *args)
{
    (void) args;
    zsock_signal (pipe, 0);
    zmsg_t *message = zmsg_recv (pipe);
    zmsg_destroy (&message);
}

static int64_t s_print (const char *metric, int64_t began, long count)
{
    bench_print (metric, (double) (bench_now_ns () - began) / 1e3 / (double) count, "us");
    return bench_now_ns ();
}

static void s_start (zactor_t **actors, long count)
{
    for (long index = 0; index < count; index++) {
        actors [index] = zactor_new (s_idle, NULL);
        bench_check (actors [index] != NULL, "zactor");
    }
}

static void s_stop (zactor_t **actors, long count)
{
    for (long index = 0; index < count; index++)
        zactor_destroy (&actors [index]);
}

int main (int argc, char **argv)
{
    const long count = bench_number (argc, argv, 1, 1000);
    zactor_t **actors = bench_allocate ((size_t) count, sizeof *actors);
    zsys_set_max_sockets (0);       //  The most that the library allows
    zsys_init ();
    int64_t began = bench_now_ns ();
    s_start (actors, count);
    began = s_print ("start", began, count);
    s_stop (actors, count);
    began = s_print ("stop", began, count);
    for (long cycle = 0; cycle < CYCLES; cycle++) {
        s_start (actors, 1);
        s_stop (actors, 1);
    }
    s_print ("cycle", began, CYCLES);
    free (actors);
    return 0;
}
