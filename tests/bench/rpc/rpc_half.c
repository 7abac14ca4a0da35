/*  =========================================================================
    rpc/rpc_half.c - how long a call takes at half of the highest rate

    Place: tests/bench. First 64 calls are kept open for a moment: that is the
    highest rate. Then calls come at half of it, at times that were fixed
    before (beat.h). Usage: rpc_half actor|door MILLISECONDS (for each of them)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "beat.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW 64
#define WARM_UP 5000
#define SKIPPED_OF 5                //  A fifth of the calls is not timed: it is to warm up

typedef struct {
    char address [BENCH_ENDPOINT_MAX + 1];
    long time_ms;
    bench_user_t *users;
    long sent, answered, open;
    int64_t began, ends;            //  Of the first part; 0: it has not begun to count
    double peak;
    int64_t *samples;
    bench_beat_t *beat;
    troupe_caller_t *caller;
} driver_t;

static void s_ask (troupe_actor_t *self, driver_t *driver);

static int s_done (troupe_actor_t *self, void *state, bench_beat_t *beat)
{
    driver_t *driver = state;
    (void) self;
    bench_print ("peak_rate", driver->peak, "1/s");
    bench_print ("rate", (double) beat->count / ((double) (bench_now_ns () - beat->began_ns) / 1e9), "1/s");
    bench_print_percentiles ("latency", beat->samples, beat->timed);
    bench_print ("p99_to_p50", (double) beat->samples [beat->timed * 99 / 100]
                               / (double) beat->samples [beat->timed / 2], "1");
    free (driver->users);
    free (beat->samples);
    free (beat);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_begin_beat (troupe_actor_t *self, driver_t *driver)
{
    bench_beat_t *beat = bench_allocate (1, sizeof *beat);
    beat->address = driver->address;
    beat->users = driver->users;
    beat->rate = driver->peak / 2;
    beat->count = (long) (beat->rate * (double) driver->time_ms / 1e3) + 1;
    beat->skipped = beat->count / SKIPPED_OF;
    beat->on_done = s_done;
    beat->samples = bench_allocate ((size_t) beat->count, sizeof *beat->samples);
    driver->beat = beat;
    bench_beat_begin (self, beat);
    return 0;
}

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       const troupe_response_view_t *response, void *context)
{
    driver_t *driver = state;
    bench_servers_check (context, outcome, response);
    driver->open--;
    if (++driver->answered == WARM_UP) {
        driver->began = bench_now_ns ();
        driver->ends = driver->began + driver->time_ms * 1000000;
    }
    if (driver->began == 0 || bench_now_ns () < driver->ends) {
        s_ask (self, driver);
        return 0;
    }
    if (driver->peak <= 0)
        driver->peak = (double) (driver->answered - WARM_UP) / ((double) (bench_now_ns () - driver->began) / 1e9);
    return driver->open > 0? 0: s_begin_beat (self, driver);
}

static void s_ask (troupe_actor_t *self, driver_t *driver)
{
    bench_user_t *user = &driver->users [driver->sent++ % BENCH_USERS];
    driver->open++;
    bench_servers_ask (self, driver->address, user->path, s_answered, user);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->users = bench_users_new ();
    for (long index = 0; index < WINDOW; index++)
        s_ask (self, driver);
    return 0;
}

int main (int argc, char **argv)
{
    static const troupe_behavior_t behavior = BENCH_BEHAVIOR ("driver", s_begin);
    driver_t driver = { .time_ms = bench_count (argc, argv, 2, 2000) };
    bench_servers_t servers;
    bench_servers_start (&servers, bench_word (argc, argv, 1, "door"), 1, 1);
    strcpy (driver.address, bench_servers_address (&servers));
    const troupe_child_t child = BENCH_CHILD ("driver", behavior, driver);
    bench_servers_run (&servers, &child);
    return 0;
}
