/*  =========================================================================
    messaging/round_trip.c - a call and its answer between two idle actors

    Place: tests/bench. One call of 16 bytes in flight at a time; each is timed
    from the call to the callback that gets the answer.
    Usage: round_trip COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <stdlib.h>

#define WARM_UP 1000

typedef struct {
    long count;                 //  Of answers to measure
    long done;
    int64_t began;
    int64_t *samples;
    troupe_ref_t *echo;
    troupe_caller_t *caller;
} driver_t;

static int s_ask (driver_t *driver);

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       troupe_message_t *reply, void *context)
{
    driver_t *driver = state;
    (void) self;
    (void) reply;
    (void) context;
    bench_check (outcome == TROUPE_CALL_OK, troupe_outcome_name (outcome));
    if (driver->done >= WARM_UP)
        driver->samples [driver->done - WARM_UP] = bench_now_ns () - driver->began;
    if (++driver->done < driver->count + WARM_UP)
        return s_ask (driver);
    bench_print_percentiles ("round_trip", driver->samples, (size_t) driver->count);
    free (driver->samples);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_ask (driver_t *driver)
{
    const char body [16] = { 0 };
    driver->began = bench_now_ns ();
    return (int) troupe_call (driver->echo, 0, body, sizeof body, 10000, s_answered, NULL, NULL);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->echo = troupe_ref (self, "echo");
    driver->samples = bench_allocate ((size_t) driver->count, sizeof *driver->samples);
    return s_ask (driver);
}

static int s_echo (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_reply (self, message, troupe_message_data (message), troupe_message_size (message));
}

static const troupe_behavior_t echo_behavior = { .name = "echo", .receive = s_echo };
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);

int main (int argc, char **argv)
{
    const driver_t driver = { .count = bench_count (argc, argv, 1, 20000) };
    const troupe_child_t children [] = {
        { .id = "echo", .behavior = &echo_behavior },
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    bench_stand (children);
    return 0;
}
