/*  =========================================================================
    rpc/rpc_killed.c - one server of three is killed under load

    Place: tests/bench. 64 calls are kept open to three servers, processes with
    a door and a worker each; one of them gets SIGKILL. GET may be done twice,
    so no call has to fail. The rate before is that of the time before the
    kill; it is back with the first 50 ms in which there are two thirds of it.
    Usage: rpc_killed MILLISECONDS (before the kill, and after it)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "servers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW 64
#define SERVERS 3
#define SLOT_MS 5
#define SLOTS 10                    //  in 50 ms

typedef struct {
    char address [BENCH_ENDPOINT_MAX + 1];
    int victim;                     //  Whom to kill
    long time_ms;
    bench_user_t *users;
    long sent, open, failed;
    int64_t began, killed, latest, gap_ns;
    long *slots;                    //  Answers in every 5 ms, from the beginning on
    size_t slot_count, killed_slot;
    troupe_caller_t *caller;
} driver_t;

static void s_ask (troupe_actor_t *self, driver_t *driver);

static long s_sum (const long *slots, size_t count)
{
    long sum = 0;
    for (size_t index = 0; index < count; index++)
        sum += slots [index];
    return sum;
}

//  Milliseconds from the kill to the end of the first 50 ms with so many answers.
static long s_back_ms (const driver_t *driver, double enough)
{
    for (size_t slot = driver->killed_slot; slot + SLOTS <= driver->slot_count; slot++)
        if ((double) s_sum (driver->slots + slot, SLOTS) >= enough)
            return (long) (slot - driver->killed_slot) * SLOT_MS;
    return driver->time_ms;
}

static int s_finish (driver_t *driver)
{
    const size_t first = driver->killed_slot / 2;       //  The rest is to warm up
    const size_t count = driver->killed_slot - first;
    const double before = (double) s_sum (driver->slots + first, count) / (double) count;
    const size_t after = driver->slot_count - driver->killed_slot;
    bench_print ("failed", (double) driver->failed, "1");
    bench_print ("rate_before", before * 1000 / SLOT_MS, "1/s");
    bench_print ("rate_after", (double) s_sum (driver->slots + driver->killed_slot, after) / (double) after
                               * 1000 / SLOT_MS, "1/s");
    bench_print ("back_to_two_thirds", (double) s_back_ms (driver, before * SLOTS * 2 / 3), "ms");
    bench_print ("longest_silence", (double) driver->gap_ns / 1e6, "ms");
    free (driver->users);
    free (driver->slots);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

//  Counts an answer; false when the time is over.
static bool s_count (driver_t *driver, int64_t now)
{
    const size_t slot = (size_t) ((now - driver->began) / (SLOT_MS * 1000000));
    if (driver->killed > 0 && now - driver->latest > driver->gap_ns)
        driver->gap_ns = now - driver->latest;
    driver->latest = now;
    if (slot < driver->slot_count)
        driver->slots [slot]++;
    if (driver->killed == 0 && slot >= driver->killed_slot) {
        kill (driver->victim, SIGKILL);
        driver->killed = bench_now_ns ();
    }
    return slot < driver->slot_count;
}

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       const troupe_response_view_t *response, void *context)
{
    driver_t *driver = state;
    const bench_user_t *user = context;
    driver->open--;
    if (outcome != TROUPE_CALL_OK || response->status >= 500)
        driver->failed++;
    else
        bench_servers_check (user, outcome, response);
    if (s_count (driver, bench_now_ns ()))
        s_ask (self, driver);
    return driver->open > 0? 0: s_finish (driver);
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
    driver->killed_slot = (size_t) driver->time_ms / SLOT_MS;
    driver->slot_count = 2 * driver->killed_slot;
    driver->slots = bench_allocate (driver->slot_count, sizeof *driver->slots);
    driver->began = driver->latest = bench_now_ns ();
    for (long index = 0; index < WINDOW; index++)
        s_ask (self, driver);
    return 0;
}

int main (int argc, char **argv)
{
    static const troupe_behavior_t behavior = BENCH_BEHAVIOR ("driver", s_begin);
    driver_t driver = { .time_ms = bench_number (argc, argv, 1, 1000) };
    bench_servers_t servers;
    bench_servers_start (&servers, "door", 1, SERVERS);
    strcpy (driver.address, bench_servers_address (&servers));
    driver.victim = servers.servers [0].process;
    const troupe_child_t child = BENCH_CHILD ("driver", behavior, driver);
    bench_servers_run (&servers, &child);
    return 0;
}
