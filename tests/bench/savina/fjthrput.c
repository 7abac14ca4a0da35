/*  =========================================================================
    savina/fjthrput.c - Savina's Fork Join (throughput): one feeds many

    Place: tests/bench. The driver casts to all workers in turn, each of which
    computes a little for every message. Usage: fjthrput ACTORS MESSAGES (each)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <math.h>

#define ITEM 2
#define DONE 3

typedef struct {
    long actors, messages;
    long done;
    int64_t began;
    troupe_caller_t *caller;
    troupe_ref_t *workers [BENCH_CROWD_MAX];
} driver_t;

typedef struct {
    long left;
    double sum;
} worker_t;

static int s_worker (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    worker_t *worker = state;
    (void) message;
    const double sine = sin (37.2 + worker->sum * 1e-9);
    worker->sum += sine * sine;
    if (--worker->left == 0)
        bench_cast (troupe_ref (self, "driver"), DONE, &worker->sum, sizeof worker->sum);
    return 0;
}

static int s_begin (troupe_actor_t *self, driver_t *driver, troupe_message_t *message)
{
    driver->caller = troupe_defer (self, message);
    driver->began = bench_now_ns ();
    for (long round = 0; round < driver->messages; round++)
        for (long number = 1; number <= driver->actors; number++)
            bench_cast (bench_crowd_ref (self, driver->workers, "worker", number), ITEM, NULL, 0);
    return 0;
}

static int s_driver (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    if (troupe_message_tag (message) == BENCH_BEGIN)
        return s_begin (self, driver, message);
    return ++driver->done == driver->actors? bench_finish (&driver->caller, driver->began): 0;
}

static const troupe_behavior_t worker_behavior = BENCH_BEHAVIOR ("worker", s_worker);
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_driver);

int main (int argc, char **argv)
{
    const driver_t driver = {
        .actors = bench_number (argc, argv, 1, 60),
        .messages = bench_count (argc, argv, 2, 10000),
    };
    const worker_t worker = { .left = driver.messages };
    troupe_child_t children [] = {
        BENCH_CHILD ("worker", worker_behavior, worker),
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    children [0].instances = (unsigned) driver.actors;
    bench_stand (children);
    return 0;
}
