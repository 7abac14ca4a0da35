/*  =========================================================================
    memory/peers/pthread_memory.c - what an idle thread costs

    Place: tests/bench. As memory/memory.c: a thread that sleeps and nothing
    else, the floor. Usage: pthread_memory THREADS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    int running;
    int end;
} gate_t;

static void *s_idle (void *args)
{
    const gate_t *gate = args;
    uint64_t count = 1;
    bench_check (write (gate->running, &count, sizeof count) == sizeof count, "write");
    bench_check (read (gate->end, &count, sizeof count) == sizeof count, "read");
    return NULL;
}

int main (int argc, char **argv)
{
    const long count = bench_number (argc, argv, 1, 4000);
    gate_t gate = { eventfd (0, EFD_SEMAPHORE), eventfd (0, 0) };
    const long resident = bench_resident_bytes ();
    const long descriptors = bench_descriptors ();
    for (long index = 0; index < count; index++) {
        pthread_t thread;
        bench_check (pthread_create (&thread, NULL, s_idle, &gate) == 0, "thread");
        pthread_detach (thread);
    }
    uint64_t one = 0;
    for (long index = 0; index < count; index++)
        bench_check (read (gate.running, &one, sizeof one) == sizeof one, "read");
    bench_print_idle (resident, descriptors, count);
    _exit (0);
}
