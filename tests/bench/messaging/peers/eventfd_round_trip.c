/*  =========================================================================
    messaging/peers/eventfd_round_trip.c - two threads that wake each other

    Place: tests/bench. The floor for any two threads that sleep while they
    have nothing to do: an eventfd each way, no data.
    Usage: eventfd_round_trip COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    int there;
    int back;
    long count;
} wire_t;

static void s_wake (int descriptor)
{
    const uint64_t one = 1;
    bench_check (write (descriptor, &one, sizeof one) == sizeof one, "write");
}

static void s_sleep (int descriptor)
{
    uint64_t value;
    bench_check (read (descriptor, &value, sizeof value) == sizeof value, "read");
}

static void *s_echo (void *args)
{
    const wire_t *wire = args;
    for (long index = 0; index < wire->count; index++) {
        s_sleep (wire->there);
        s_wake (wire->back);
    }
    return NULL;
}

int main (int argc, char **argv)
{
    wire_t wire = { eventfd (0, 0), eventfd (0, 0), bench_number (argc, argv, 1, 20000) };
    int64_t *samples = bench_allocate ((size_t) wire.count, sizeof *samples);
    pthread_t thread;
    bench_check (pthread_create (&thread, NULL, s_echo, &wire) == 0, "thread");
    for (long index = 0; index < wire.count; index++) {
        const int64_t began = bench_now_ns ();
        s_wake (wire.there);
        s_sleep (wire.back);
        samples [index] = bench_now_ns () - began;
    }
    pthread_join (thread, NULL);
    bench_print_percentiles ("round_trip", samples, (size_t) wire.count);
    return 0;
}
