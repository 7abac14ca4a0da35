/*  =========================================================================
    rpc/rpc_calls.c - so many calls of a service in flight

    Place: tests/bench. The driver keeps WINDOW calls open to a service in
    another process, over tcp, and checks every answer. Each call is timed from
    the call to the callback that gets the answer.
    Usage: rpc_calls actor|door WINDOW COUNT        (see servers.h)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "servers.h"

#include <stdlib.h>
#include <string.h>

#define WARM_UP 1000

typedef struct {
    int64_t sent_ns;
    const bench_user_t *user;
} slot_t;

typedef struct {
    char address [BENCH_ENDPOINT_MAX + 1];
    long window, count;
    long sent, answered;
    int64_t began;              //  When the first that counts was answered
    bench_user_t *users;
    slot_t *slots;              //  One for each call in flight
    int64_t *samples;
    troupe_caller_t *caller;
} driver_t;

static void s_ask (troupe_actor_t *self, driver_t *driver, slot_t *slot);

static int s_finish (driver_t *driver)
{
    bench_print_rate ("rate", driver->count, driver->began);
    bench_print_percentiles ("latency", driver->samples, (size_t) driver->count);
    free (driver->samples);
    free (driver->slots);
    free (driver->users);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       const troupe_response_view_t *response, void *context)
{
    driver_t *driver = state;
    slot_t *slot = context;
    bench_servers_check (slot->user, outcome, response);
    const long number = driver->answered++ - WARM_UP;
    if (number >= 0)
        driver->samples [number] = bench_now_ns () - slot->sent_ns;
    else if (number == -1)
        driver->began = bench_now_ns ();
    if (number + 1 == driver->count)
        return s_finish (driver);
    s_ask (self, driver, slot);
    return 0;
}

static void s_ask (troupe_actor_t *self, driver_t *driver, slot_t *slot)
{
    if (driver->sent == driver->count + WARM_UP)
        return;
    slot->user = &driver->users [driver->sent++ % BENCH_USERS];
    slot->sent_ns = bench_now_ns ();
    bench_servers_ask (self, driver->address, slot->user->path, s_answered, slot);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->users = bench_users_new ();
    driver->samples = bench_allocate ((size_t) driver->count, sizeof *driver->samples);
    driver->slots = bench_allocate ((size_t) driver->window, sizeof *driver->slots);
    for (long index = 0; index < driver->window; index++)
        s_ask (self, driver, &driver->slots [index]);
    return 0;
}

int main (int argc, char **argv)
{
    static const troupe_behavior_t behavior = BENCH_BEHAVIOR ("driver", s_begin);
    driver_t driver = {
        .window = bench_number (argc, argv, 2, 64),
        .count = bench_count (argc, argv, 3, 100000),
    };
    bench_servers_t servers;
    bench_servers_start (&servers, bench_word (argc, argv, 1, "door"), 1, 1);
    strcpy (driver.address, bench_servers_address (&servers));
    const troupe_child_t child = BENCH_CHILD ("driver", behavior, driver);
    bench_servers_run (&servers, &child);
    return 0;
}
