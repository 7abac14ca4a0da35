/*  =========================================================================
    messaging/window.c - calls with many in flight

    Place: tests/bench. The driver keeps WINDOW calls of 16 bytes in flight to
    one echoing actor. Usage: window WINDOW COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

typedef struct {
    long window, count;
    long sent;
    long answered;
    int64_t began;
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
    if (++driver->answered < driver->count)
        return s_ask (driver);
    bench_print_rate ("rate", driver->count, driver->began);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_ask (driver_t *driver)
{
    const char body [16] = { 0 };
    if (driver->sent == driver->count)
        return 0;
    driver->sent++;
    return (int) troupe_call (driver->echo, 0, body, sizeof body, 60000, s_answered, NULL, NULL);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->echo = troupe_ref (self, "echo");
    driver->began = bench_now_ns ();
    int result = 0;
    for (long index = 0; index < driver->window && result == 0; index++)
        result = s_ask (driver);
    return result;
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
    const driver_t driver = {
        .window = bench_number (argc, argv, 1, 1000),
        .count = bench_count (argc, argv, 2, 1000000),
    };
    const troupe_child_t children [] = {
        { .id = "echo", .behavior = &echo_behavior },
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    bench_stand (children);
    return 0;
}
