/*  =========================================================================
    recovery/sibling.c - stopping and starting one child among many

    Place: tests/bench. A supervisor with CHILDREN idle ones is asked to stop
    the one in the middle, and to start it again; what the siblings cost is what
    this costs more with many of them than with few. CPU time is the whole
    program's. Usage: sibling CHILDREN COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char id [32];
    long count;
    long done;
    int64_t began, cpu_began;
    int64_t *samples;
    troupe_ref_t *supervisor;
    troupe_caller_t *caller;
} driver_t;

static int s_started (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                      troupe_message_t *reply, void *context);

static int s_tell (driver_t *driver, uint16_t tag, troupe_reply_fn *on_reply)
{
    return (int) troupe_call (driver->supervisor, tag, driver->id, strlen (driver->id), 10000, on_reply, NULL, NULL);
}

static int s_stopped (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                      troupe_message_t *reply, void *context)
{
    (void) self;
    (void) context;
    bench_check (outcome == TROUPE_CALL_OK, troupe_message_text (reply));
    return s_tell (state, TROUPE_SUPERVISOR_RESTART_CHILD, s_started);
}

static int s_stop (driver_t *driver)
{
    driver->began = bench_now_ns ();
    return s_tell (driver, TROUPE_SUPERVISOR_STOP_CHILD, s_stopped);
}

static int s_started (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                      troupe_message_t *reply, void *context)
{
    driver_t *driver = state;
    (void) self;
    (void) context;
    bench_check (outcome == TROUPE_CALL_OK, troupe_message_text (reply));
    driver->samples [driver->done++] = bench_now_ns () - driver->began;
    if (driver->done < driver->count)
        return s_stop (driver);
    const int64_t cpu = bench_cpu_ns () - driver->cpu_began;
    bench_print_percentiles ("stop_and_start", driver->samples, (size_t) driver->count);
    bench_print ("cpu", (double) cpu / 1e3 / (double) driver->count, "us");
    free (driver->samples);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->supervisor = troupe_ref (self, "crowd");
    driver->samples = bench_allocate ((size_t) driver->count, sizeof *driver->samples);
    driver->cpu_began = bench_cpu_ns ();
    return s_stop (driver);
}

static const troupe_behavior_t idle_behavior = { .name = "idle" };
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);

int main (int argc, char **argv)
{
    const long crowd = bench_number (argc, argv, 1, 10);
    driver_t driver = { .count = bench_count (argc, argv, 2, 1000) };
    snprintf (driver.id, sizeof driver.id, "idle-%ld", crowd / 2 + 1);
    const troupe_child_t idle [] = {
        { .id = "idle", .behavior = &idle_behavior, .instances = (unsigned) crowd },
        { 0 }
    };
    const troupe_supervisor_t supervisor = { .children = idle };
    const troupe_child_t children [] = {
        { .id = "crowd", .supervisor = &supervisor },
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    bench_stand (children);
    return 0;
}
