/*  =========================================================================
    savina/big.c - Savina's Big: everybody pings anybody

    Place: tests/bench. Each worker pings a random other one, waits for its
    pong, and goes on until it has sent its pings. The driver waits for all.
    Usage: big ACTORS PINGS (each)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#define GO 2
#define PING 3
#define PONG 4
#define DONE 5

typedef struct {
    long actors, pings;
    long number;            //  Of this worker
    troupe_ref_t *crowd [BENCH_CROWD_MAX];
} worker_t;

typedef struct {
    long actors;
    long done;
    int64_t began;
    troupe_caller_t *caller;
} driver_t;

static int s_ping (troupe_actor_t *self, worker_t *worker)
{
    if (worker->pings-- == 0)
        bench_cast (troupe_ref (self, "driver"), DONE, NULL, 0);
    else {
        const long number = (long) troupe_random_below (self, (uint64_t) worker->actors) + 1;
        bench_cast (bench_crowd_ref (self, worker->crowd, "worker", number), PING,
                    &worker->number, sizeof worker->number);
    }
    return 0;
}

static int s_worker (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    worker_t *worker = state;
    if (troupe_message_tag (message) == PING) {
        const long number = *(const long *) troupe_message_data (message);
        bench_cast (bench_crowd_ref (self, worker->crowd, "worker", number), PONG, NULL, 0);
        return 0;
    }
    worker->number = bench_instance (self);
    return s_ping (self, worker);
}

static int s_driver (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    if (troupe_message_tag (message) == DONE)
        return ++driver->done == driver->actors? bench_finish (&driver->caller, driver->began): 0;
    driver->caller = troupe_defer (self, message);
    driver->began = bench_now_ns ();
    for (long number = 1; number <= driver->actors; number++)
        bench_cast (bench_instance_ref (self, "worker", number), GO, NULL, 0);
    return 0;
}

static const troupe_behavior_t worker_behavior = BENCH_BEHAVIOR ("worker", s_worker);
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_driver);

int main (int argc, char **argv)
{
    const worker_t worker = {
        .actors = bench_number (argc, argv, 1, 120),
        .pings = bench_count (argc, argv, 2, 20000),
    };
    const driver_t driver = { .actors = worker.actors };
    troupe_child_t children [] = {
        BENCH_CHILD ("worker", worker_behavior, worker),
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    children [0].instances = (unsigned) worker.actors;
    bench_stand (children);
    return 0;
}
