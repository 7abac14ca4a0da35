/*  =========================================================================
    spawn/peers/pthread_spawn.c - bare threads, the floor for actor threads

    Place: tests/bench. A thread tells that it runs, and then waits to be told
    to end. Metrics as in spawn/spawn.c. Usage: pthread_spawn THREADS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CYCLES 500

typedef struct {
    int running;        //  Counts threads that run
    int end;            //  Counts threads that may end
} gate_t;

static void s_add (int descriptor, uint64_t count)
{
    bench_check (write (descriptor, &count, sizeof count) == sizeof count, "write");
}

static uint64_t s_take (int descriptor)
{
    uint64_t count = 0;
    bench_check (read (descriptor, &count, sizeof count) == sizeof count, "read");
    return count;
}

static void *s_idle (void *args)
{
    const gate_t *gate = args;
    s_add (gate->running, 1);
    s_take (gate->end);
    return NULL;
}

static void s_start (gate_t *gate, pthread_t *threads, long count)
{
    for (long index = 0; index < count; index++)
        bench_check (pthread_create (&threads [index], NULL, s_idle, gate) == 0, "thread");
    for (long running = 0; running < count;)
        running += (long) s_take (gate->running);
}

static void s_stop (gate_t *gate, pthread_t *threads, long count)
{
    s_add (gate->end, (uint64_t) count);
    for (long index = 0; index < count; index++)
        pthread_join (threads [index], NULL);
}

static int64_t s_print (const char *metric, int64_t began, long count)
{
    bench_print (metric, (double) (bench_now_ns () - began) / 1e3 / (double) count, "us");
    return bench_now_ns ();
}

int main (int argc, char **argv)
{
    const long count = bench_number (argc, argv, 1, 1000);
    gate_t gate = { eventfd (0, 0), eventfd (0, EFD_SEMAPHORE) };
    pthread_t *threads = bench_allocate ((size_t) count, sizeof *threads);
    int64_t began = bench_now_ns ();
    s_start (&gate, threads, count);
    began = s_print ("start", began, count);
    s_stop (&gate, threads, count);
    began = s_print ("stop", began, count);
    for (long cycle = 0; cycle < CYCLES; cycle++) {
        s_start (&gate, threads, 1);
        s_stop (&gate, threads, 1);
    }
    s_print ("cycle", began, CYCLES);
    free (threads);
    return 0;
}
