/*  =========================================================================
    recovery/crash.c - from a worker's failure to its next good answer

    Place: tests/bench. The driver makes a supervised worker fail, and then
    calls it until it answers. Timed from the failing call, so that it holds a
    round trip for each of the two. SIBLINGS stand by idle under the same
    supervisor: they should cost nothing. Usage: crash COUNT [SIBLINGS]

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <stdlib.h>

#define FAIL 2
#define PING 3

typedef struct {
    long count;
    long done;
    int64_t began;
    int64_t *samples;
    troupe_ref_t *worker;
    troupe_caller_t *caller;
} driver_t;

static int s_call (driver_t *driver, uint16_t tag, troupe_reply_fn *on_reply)
{
    return (int) troupe_call (driver->worker, tag, NULL, 0, 10000, on_reply, NULL, NULL);
}

static int s_failed (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                     troupe_message_t *reply, void *context);

static int s_fail (driver_t *driver)
{
    driver->began = bench_now_ns ();
    return s_call (driver, FAIL, s_failed);
}

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       troupe_message_t *reply, void *context)
{
    driver_t *driver = state;
    (void) self;
    (void) reply;
    (void) context;
    if (outcome != TROUPE_CALL_OK)
        return s_call (driver, PING, s_answered);
    driver->samples [driver->done++] = bench_now_ns () - driver->began;
    if (driver->done < driver->count)
        return s_fail (driver);
    bench_print_percentiles ("crash_to_answer", driver->samples, (size_t) driver->count);
    free (driver->samples);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_failed (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                     troupe_message_t *reply, void *context)
{
    (void) self;
    (void) reply;
    (void) context;
    bench_check (outcome == TROUPE_CALL_FAILED, troupe_outcome_name (outcome));
    return s_call (state, PING, s_answered);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->worker = troupe_ref (self, "worker");
    driver->samples = bench_allocate ((size_t) driver->count, sizeof *driver->samples);
    return s_fail (driver);
}

static int s_worker (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    if (troupe_message_tag (message) == FAIL)
        return troupe_fail (self, 1, "as asked");
    return (int) troupe_reply (self, message, NULL, 0);
}

static const troupe_behavior_t worker_behavior = { .name = "worker", .receive = s_worker };
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);

int main (int argc, char **argv)
{
    const driver_t driver = { .count = bench_count (argc, argv, 1, 500) };
    const long siblings = bench_count (argc, argv, 2, 0);
    const troupe_child_t workers [] = {
        { .id = "worker", .behavior = &worker_behavior },
        { .id = siblings ? "idle" : NULL, .behavior = &worker_behavior, .instances = (unsigned) siblings },
        { 0 }
    };
    const troupe_supervisor_t patient = { .intensity = 1000000, .period_ms = 1000, .children = workers };
    const troupe_child_t children [] = {
        { .id = "workers", .supervisor = &patient },
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    bench_stand (children);
    return 0;
}
