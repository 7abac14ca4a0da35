/*  =========================================================================
    fleet_chaos_test.c - three servers in trouble, and every call ends once

    Place: tests/unit, of actors/egress/fleet*.c. Servers answer, are slow,
    refuse, talk nonsense, die and come back, as the seed says; one at least
    is always well. Time is a number.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "egress/fleet.h"

#define S_SERVERS 3
#define S_CALLS 400
#define S_SEEDS 200
#define S_MS INT64_C (1000)
#define S_DEADLINE_MS 4000

typedef struct s_call {
    bool idempotent;
    unsigned ended;
    bool answered;
} s_call_t;

//  An attempt at a server; 'due_us' TROUPE_FOREVER: it is never answered.
typedef struct s_work {
    uint64_t id;
    int64_t due_us;
    troupe_fleet_verdict_t verdict;
} s_work_t;

typedef enum { S_WELL, S_SLOW, S_SILENT, S_REFUSING, S_MAD } s_mood_t;

typedef struct s_server {
    bool up;
    s_mood_t mood;
    s_work_t work [S_CALLS];
    size_t works;
} s_server_t;

typedef struct s_world {
    troupe_fleet_t *fleet;
    int64_t now_us;
    uint64_t chance;
    s_call_t calls [S_CALLS];
    s_server_t servers [S_SERVERS];
} s_world_t;

static size_t s_below (s_world_t *world, size_t limit)
{
    world->chance = world->chance * UINT64_C (6364136223846793005) + 1442695040888963407u;
    return (size_t) (world->chance >> 33) % limit;
}

//  --- What the fleet wants

static bool s_send (void *owner, void *context, unsigned index, uint64_t id, int64_t deadline_us)
{
    s_world_t *world = owner;
    s_server_t *server = &world->servers [index];
    (void) context;
    (void) deadline_us;
    cr_assert (server->up, "sent to one that is not there");
    size_t takes_ms = server->mood == S_SLOW ? 300 + s_below (world, 3000) : 1 + s_below (world, 20);
    s_work_t work = { id, world->now_us + (int64_t) takes_ms * S_MS, TROUPE_FLEET_GOOD };
    if (server->mood == S_SILENT)
        work.due_us = TROUPE_FOREVER;
    if (server->mood == S_REFUSING || server->mood == S_MAD)
        work.verdict = server->mood == S_MAD ? TROUPE_FLEET_GARBAGE : TROUPE_FLEET_REFUSED;
    server->work [server->works++] = work;
    return true;
}

//  The server finishes the work all the same, half of the time.
static void s_cancel (void *owner, unsigned index, uint64_t id)
{
    s_world_t *world = owner;
    s_server_t *server = &world->servers [index];
    for (size_t number = 0; number < server->works; number++)
        if (server->work [number].id == id && s_below (world, 2)) {
            server->work [number] = server->work [--server->works];
            return;
        }
}

static void s_end (void *owner, void *context, troupe_outcome_t outcome)
{
    (void) owner;
    (void) outcome;
    ((s_call_t *) context)->ended++;
}

static const troupe_fleet_ops_t s_ops = { s_send, s_cancel, s_end };

//  --- What happens

static void s_answer (s_world_t *world, s_server_t *server)
{
    for (size_t number = 0; number < server->works;) {
        if (server->work [number].due_us > world->now_us) {
            number++;
            continue;
        }
        s_work_t work = server->work [number];
        server->work [number] = server->work [--server->works];
        void *context = NULL;
        if (troupe_fleet_answered (world->fleet, work.id, work.verdict, world->now_us, &context)) {
            ((s_call_t *) context)->ended++;
            ((s_call_t *) context)->answered = work.verdict == TROUPE_FLEET_GOOD;
        }
        number = 0;
    }
}

static void s_set_up (s_world_t *world, unsigned index, bool up)
{
    s_server_t *server = &world->servers [index];
    if (server->up == up)
        return;
    server->up = up;
    server->works = up ? server->works : 0;
    if (up)
        troupe_fleet_up (world->fleet, index, world->now_us);
    else
        troupe_fleet_lost (world->fleet, index, false, world->now_us);
}

//  Trouble comes to the first two only, and at times goes.
static void s_trouble (s_world_t *world)
{
    unsigned index = (unsigned) s_below (world, S_SERVERS - 1);
    switch (s_below (world, 4)) {
        case 0:
            s_set_up (world, index, !world->servers [index].up);
            break;
        case 1:
            world->servers [index].mood = S_WELL;
            break;
        default:
            world->servers [index].mood = (s_mood_t) s_below (world, S_MAD + 1);
    }
}

static void s_step (s_world_t *world)
{
    world->now_us += S_MS;
    for (unsigned index = 0; index < S_SERVERS; index++)
        s_answer (world, &world->servers [index]);
    if (troupe_fleet_due_us (world->fleet) <= world->now_us)
        troupe_fleet_tick (world->fleet, world->now_us);
}

static void s_open (s_world_t *world, uint64_t seed)
{
    troupe_fleet_options_t options = troupe_fleet_defaults (S_SERVERS);
    memset (world, 0, sizeof *world);
    world->chance = options.seed = seed;
    world->now_us = 1000 * S_MS;
    options.hedge_us = seed % 2 ? 50 * S_MS : 0;
    //  The budget has tests of its own; here it must not be what a call fails of.
    options.retry_percent = 100;
    options.retry_least = S_CALLS;
    world->fleet = troupe_fleet_new (&options, &s_ops, world);
    for (unsigned index = 0; index < S_SERVERS; index++)
        s_set_up (world, index, true);
}

static void s_check (const s_world_t *world, uint64_t seed)
{
    troupe_fleet_stats_t stats;
    troupe_fleet_stats (world->fleet, &stats);
    cr_assert_eq (stats.outstanding + stats.queued, 0, "seed %llu", (unsigned long long) seed);
    for (unsigned number = 0; number < S_CALLS; number++) {
        const s_call_t *call = &world->calls [number];
        cr_assert_eq (call->ended, 1, "seed %llu: call %u has ended %u times", (unsigned long long) seed, number,
                      call->ended);
        cr_assert (call->answered || !call->idempotent, "seed %llu: call %u has failed with a server that is well",
                   (unsigned long long) seed, number);
    }
    for (unsigned index = 0; index < S_SERVERS; index++)
        cr_assert_eq (troupe_fleet_server (world->fleet, index)->outstanding, 0);
}

//  The promise: no idempotent call fails while a server is up, and every call ends exactly once.
Test (fleet_chaos, idempotent_calls_do_not_fail_while_a_server_is_well)
{
    static s_world_t world;
    for (uint64_t seed = 1; seed <= S_SEEDS; seed++) {
        s_open (&world, seed);
        for (unsigned number = 0; number < S_CALLS; number++) {
            s_call_t *call = &world.calls [number];
            call->idempotent = s_below (&world, 2);
            uint32_t handle = 0;
            if (troupe_fleet_call (world.fleet, call, call->idempotent, world.now_us + S_DEADLINE_MS * S_MS,
                                   world.now_us, &handle))
                call->ended++;
            else if (s_below (&world, 16) == 0) {
                troupe_fleet_give_up (world.fleet, handle, world.now_us);
                call->ended++;
                call->answered = true;      //  It is not waited for
            }
            if (s_below (&world, 8) == 0)
                s_trouble (&world);
            s_step (&world);
        }
        for (int64_t ms = 0; ms <= S_DEADLINE_MS; ms++)
            s_step (&world);
        s_check (&world, seed);
        troupe_fleet_destroy (&world.fleet);
    }
}
