/*  =========================================================================
    lost_chaos_test.c - workers are lost at random, and every call ends once

    Place: tests/stage, of actors/pool/balancer*.c. Eight workers in processes
    of their own answer at once or later; they crash, are cut off and come
    back. What is called, who is lost and when the seed says.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <troupe/timer.h>

#include "doer.h"

#define S_WORKERS 8
#define S_CALLS 400
#define S_DEADLINE_MS 5000

//  One call, and what has become of it.
typedef struct s_call {
    bool idempotent;
    unsigned done;              //  So often a handler has run for it
    unsigned ended;             //  So often its callback has
    troupe_outcome_t outcome;
} s_call_t;

static s_call_t s_calls [S_CALLS];
static bool s_cut [S_WORKERS];
static uint64_t s_chance;

static size_t s_below (size_t limit)
{
    s_chance = s_chance * UINT64_C (6364136223846793005) + 1442695040888963407u;
    return (size_t) (s_chance >> 33) % limit;
}

//  --- Workers: every other call is answered 50 ms later, so that there is something to lose

static int s_on_later (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    troupe_caller_t *caller = context;
    troupe_answer (&caller, "later", 5);
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    unsigned number;
    if (troupe_message_size (message) != sizeof number)
        return troupe_fail (self, 3, "as told");
    memcpy (&number, troupe_message_data (message), sizeof number);
    s_calls [number].done++;
    if (number % 2) {
        troupe_reply (self, message, &number, sizeof number);
        return 0;
    }
    troupe_caller_t *caller = troupe_defer (self, message);
    return troupe_after (self, 50, s_on_later, caller) ? 0 : 1;
}

static const troupe_behavior_t s_worker = { .name = "worker", .receive = s_receive };
static const troupe_child_t s_children [] = {
    { .id = "w", .behavior = &s_worker, .instances = S_WORKERS, .backoff = { .min_ms = 30, .max_ms = 30 } }, { 0 }
};
static const troupe_supervisor_t s_supervisor = { .intensity = 100000, .children = s_children };
static const troupe_child_t s_workers = { .id = "workers", .supervisor = &s_supervisor };

//  --- Calls

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    s_call_t *call = context;
    unsigned number = (unsigned) (call - s_calls);
    call->ended++;
    call->outcome = outcome;
    if (outcome == TROUPE_CALL_OK && number % 2)
        cr_assert_eq (memcmp (troupe_message_data (reply), &number, sizeof number), 0, "another's answer");
    return 0;
}

static void s_begin (troupe_balancer_t *balancer, unsigned number)
{
    s_call_t *call = &s_calls [number];
    *call = (s_call_t) { .idempotent = s_below (2) };
    troupe_error_t error = call->idempotent
        ? troupe_balancer_call_idempotent (balancer, 0, &number, sizeof number, S_DEADLINE_MS, s_on_reply, call, NULL)
        : troupe_balancer_call (balancer, 0, &number, sizeof number, S_DEADLINE_MS, s_on_reply, call, NULL);
    cr_assert_eq (error, TROUPE_OK);
}

//  --- Trouble

static const char *s_name (size_t index)
{
    static char name [16];
    snprintf (name, sizeof name, "w-%zu", index + 1);
    return name;
}

static void s_cut_off (troupe_stage_t *stage, size_t index, bool cut_off)
{
    s_cut [index] = cut_off;
    troupe_stage_cut_off (stage, s_name (index), cut_off);
}

static void s_trouble (troupe_stage_t *stage, bool gentle)
{
    size_t index = s_below (S_WORKERS);
    switch (s_below (gentle ? 3 : 4)) {
        case 0:
            troupe_stage_crash (stage, s_name (index), SIGSEGV);
            break;
        case 1:
            s_cut_off (stage, index, true);
            break;
        case 2:
            s_cut_off (stage, index, false);
            break;
        default:
            troupe_stage_cast (stage, s_name (index), 0, "fail", 5);
    }
}

//  Once all is quiet nobody is taken for up who is not.
static void s_check_health (troupe_stage_t *stage, const troupe_balancer_t *balancer, uint64_t seed)
{
    for (size_t index = 0; index < S_WORKERS; index++) {
        troupe_balancer_worker_stats_t stats;
        const char *name = s_name (index);
        troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), name);
        cr_assert_eq (troupe_balancer_worker_stats (balancer, ref, &stats), TROUPE_OK);
        if (stats.up)
            cr_assert (troupe_stage_incarnation (stage, name) && !s_cut [index], "seed %llu, %lld ms: %s is not up",
                       (unsigned long long) seed, (long long) troupe_stage_now_ms (stage), name);
    }
}

static void s_open (troupe_stage_t *stage, troupe_balancer_t *balancer)
{
    cr_assert_eq (troupe_stage_spawn_child (stage, &s_workers), TROUPE_OK);
    for (size_t index = 0; index < S_WORKERS; index++)
        s_cut_off (stage, index, false);
    cr_assert_eq (troupe_balancer_add_instances (balancer, "w", S_WORKERS), TROUPE_OK);
    troupe_stage_run (stage);
}

//  All can be reached again; what is left ends at its deadline.
static void s_settle (troupe_stage_t *stage, troupe_balancer_t *balancer, uint64_t seed)
{
    troupe_balancer_stats_t stats;
    for (size_t index = 0; index < S_WORKERS; index++)
        s_cut_off (stage, index, false);
    troupe_stage_advance (stage, 2 * S_DEADLINE_MS);
    troupe_balancer_stats (balancer, &stats);
    cr_assert_eq (stats.workers_up, S_WORKERS, "seed %llu: %zu up", (unsigned long long) seed, stats.workers_up);
    cr_assert_eq (stats.outstanding + stats.queued, 0, "seed %llu", (unsigned long long) seed);
}

static void s_judge (uint64_t seed, bool gentle)
{
    for (unsigned number = 0; number < S_CALLS; number++) {
        const s_call_t *call = &s_calls [number];
        cr_assert_eq (call->ended, 1, "seed %llu: call %u ends %u times", (unsigned long long) seed, number,
                      call->ended);
        cr_assert_leq (call->done, call->idempotent ? 2 : 1, "seed %llu: call %u is done %u times",
                       (unsigned long long) seed, number, call->done);
        if (call->outcome == TROUPE_CALL_OK)
            cr_assert_geq (call->done, 1);
        else if (gentle)
            cr_assert (!call->idempotent && call->outcome == TROUPE_CALL_DOWN, "seed %llu: call %u ends with %s",
                       (unsigned long long) seed, number, troupe_outcome_name (call->outcome));
    }
}

//  Gentle: there is time for a call to be done again before the next worker is lost.
static void s_play (uint64_t seed, bool gentle)
{
    troupe_stage_t *stage = troupe_stage_new (seed);
    troupe_balancer_options_t options = { 4, S_CALLS };
    troupe_balancer_t *balancer = troupe_balancer_new (troupe_stage_guest (stage), &options);
    s_chance = seed;
    s_open (stage, balancer);
    for (unsigned number = 0; number < S_CALLS; number++) {
        s_begin (balancer, number);
        for (size_t steps = s_below (12); steps > 0; steps--)
            troupe_stage_step (stage);
        if (gentle ? number % 20 == 0 : s_below (3) == 0)
            s_trouble (stage, gentle);
        troupe_stage_advance (stage, gentle ? 10 : (int64_t) s_below (10));
        s_check_health (stage, balancer, seed);
    }
    s_settle (stage, balancer, seed);
    s_judge (seed, gentle);
    troupe_balancer_destroy (&balancer);
    troupe_stage_destroy (&stage);
}

//  Whatever happens: one end for each call, never more work than was promised, and no work for who is not up.
Test (lost_chaos, every_call_ends_exactly_once)
{
    for (uint64_t seed = 1; seed <= 40; seed++)
        s_play (seed, false);
}

//  One loss at a time: work that may be done twice does not notice it.
Test (lost_chaos, idempotent_calls_succeed_while_anybody_is_up)
{
    for (uint64_t seed = 1; seed <= 40; seed++)
        s_play (seed, true);
}
