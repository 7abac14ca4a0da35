/*  =========================================================================
    transport/calls.c - calls to an actor that is somewhere else

    Place: tests/bench. The driver keeps WINDOW calls of 16 bytes in flight to
    one echoing actor: in a thread (inproc), in another program that listens
    (ipc, tcp), or in a child process of this one (process). Each call is timed
    from the call to the callback that gets the answer.
    Usage: calls inproc|ipc|tcp|process WINDOW COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/other.h"
#include "../common/stand.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARM_UP 1000

typedef struct {
    char echo_address [BENCH_ENDPOINT_MAX + 1];
    long window, count;
    long sent, answered;
    int64_t began;              //  When the first that counts was answered
    int64_t *sent_ns;           //  For each call in flight
    int64_t *samples;
    troupe_ref_t *echo;
    troupe_caller_t *caller;
} driver_t;

static int s_ask (driver_t *driver, int64_t *sent_ns);

static int s_finish (driver_t *driver)
{
    bench_print_rate ("rate", driver->count, driver->began);
    bench_print_percentiles ("latency", driver->samples, (size_t) driver->count);
    free (driver->samples);
    free (driver->sent_ns);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       troupe_message_t *reply, void *context)
{
    driver_t *driver = state;
    int64_t *sent_ns = context;
    (void) self;
    (void) reply;
    bench_check (outcome == TROUPE_CALL_OK, troupe_outcome_name (outcome));
    const long number = driver->answered++ - WARM_UP;
    if (number >= 0)
        driver->samples [number] = bench_now_ns () - *sent_ns;
    else if (number == -1)
        driver->began = bench_now_ns ();
    return number + 1 < driver->count? s_ask (driver, sent_ns): s_finish (driver);
}

static int s_ask (driver_t *driver, int64_t *sent_ns)
{
    const char body [16] = { 0 };
    if (driver->sent == driver->count + WARM_UP)
        return 0;
    driver->sent++;
    *sent_ns = bench_now_ns ();
    return (int) troupe_call (driver->echo, 0, body, sizeof body, 60000, s_answered, sent_ns, NULL);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->echo = troupe_ref (self, driver->echo_address);
    driver->samples = bench_allocate ((size_t) driver->count, sizeof *driver->samples);
    driver->sent_ns = bench_allocate ((size_t) driver->window, sizeof *driver->sent_ns);
    int result = 0;
    for (long index = 0; index < driver->window && result == 0; index++)
        result = s_ask (driver, &driver->sent_ns [index]);
    return result;
}

static int s_echo (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_reply (self, message, troupe_message_data (message), troupe_message_size (message));
}

static const troupe_behavior_t echo_behavior = { .name = "echo", .receive = s_echo };
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);
static const troupe_behavior_t *const behaviors [] = { &echo_behavior, NULL };

static void s_serve (const char *wish, void *context)
{
    const troupe_child_t children [] = {
        { .id = "echo", .behavior = &echo_behavior, .listen = wish },
        { 0 }
    };
    (void) context;
    bench_stand_serve (children, "echo", NULL);
}

static void s_run (const driver_t *driver, const char *endpoint, bool with_echo)
{
    const troupe_child_t driver_child = BENCH_CHILD ("driver", driver_behavior, *driver);
    const troupe_child_t children [] = {
        driver_child,
        { .id = with_echo? "echo": NULL, .behavior = &echo_behavior, .endpoint = endpoint },
        { 0 }
    };
    bench_stand (children);
}

int main (int argc, char **argv)
{
    int status = 0;
    if (troupe_hosted (argc, argv, NULL, behaviors, &status))
        return status;
    const char *where = bench_word (argc, argv, 1, "tcp");
    driver_t driver = {
        .echo_address = "echo",
        .window = bench_number (argc, argv, 2, 64),
        .count = bench_count (argc, argv, 3, 100000),
    };
    if (strcmp (where, "inproc") == 0 || strcmp (where, "process") == 0) {
        s_run (&driver, *where == 'p'? "ipc://echo": NULL, true);
        return 0;
    }
    bench_other_t other;
    bench_other_start (&other, where, s_serve, NULL);
    strcpy (driver.echo_address, other.endpoint);
    s_run (&driver, NULL, false);
    bench_other_end (&other);
    return 0;
}
