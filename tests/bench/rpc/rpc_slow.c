/*  =========================================================================
    rpc/rpc_slow.c - what slow calls do to the others

    Place: tests/bench. 10,000 calls a second at even intervals (beat.h), to a
    door with four workers; in turns without slow ones, and with every
    hundredth blocking its worker for 5 ms. Only the others are timed.
    Usage: rpc_slow CALLS (in each of six turns)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "beat.h"

#include <stdlib.h>
#include <string.h>

#define WORKERS 4
#define RATE 10000
#define TURNS 6
#define EVERY_SLOW 100

typedef struct {
    char address [BENCH_ENDPOINT_MAX + 1];
    long count;
    unsigned turn;
    bench_user_t *users;
    int64_t *samples [2];           //  Without slow ones, and with
    size_t timed [2];
    bench_beat_t *beat;
    troupe_caller_t *caller;
} driver_t;

static int s_finish (driver_t *driver)
{
    bench_print_percentiles ("latency_none_slow", driver->samples [0], driver->timed [0]);
    bench_print_percentiles ("latency_some_slow", driver->samples [1], driver->timed [1]);
    bench_print ("p50_some_to_none", (double) driver->samples [1] [driver->timed [1] / 2]
                                     / (double) driver->samples [0] [driver->timed [0] / 2], "1");
    free (driver->users);
    free (driver->samples [0]);
    free (driver->samples [1]);
    free (driver->beat);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_turn_over (troupe_actor_t *self, void *state, bench_beat_t *beat);

static void s_turn (troupe_actor_t *self, driver_t *driver)
{
    const unsigned which = driver->turn % 2;
    bench_beat_t *beat = driver->beat;
    *beat = (bench_beat_t) {
        .address = driver->address, .users = driver->users, .rate = RATE, .count = driver->count,
        .skipped = driver->count / 10, .every_slow = which > 0? EVERY_SLOW: 0, .on_done = s_turn_over,
        .samples = driver->samples [which] + driver->timed [which],
    };
    bench_beat_begin (self, beat);
}

static int s_turn_over (troupe_actor_t *self, void *state, bench_beat_t *beat)
{
    driver_t *driver = state;
    driver->timed [driver->turn % 2] += beat->timed;
    if (++driver->turn == TURNS)
        return s_finish (driver);
    s_turn (self, driver);
    return 0;
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->users = bench_users_new ();
    driver->beat = bench_allocate (1, sizeof *driver->beat);
    for (size_t which = 0; which < 2; which++)
        driver->samples [which] = bench_allocate ((size_t) driver->count * TURNS / 2, sizeof (int64_t));
    s_turn (self, driver);
    return 0;
}

int main (int argc, char **argv)
{
    static const troupe_behavior_t behavior = BENCH_BEHAVIOR ("driver", s_begin);
    driver_t driver = { .count = bench_count (argc, argv, 1, 5000) };
    bench_servers_t servers;
    bench_servers_start (&servers, "door", WORKERS, 1);
    strcpy (driver.address, bench_servers_address (&servers));
    const troupe_child_t child = BENCH_CHILD ("driver", behavior, driver);
    bench_servers_run (&servers, &child);
    return 0;
}
