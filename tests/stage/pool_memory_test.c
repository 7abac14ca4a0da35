/*  =========================================================================
    pool_memory_test.c - a pool, its workers and an announcer without memory

    Place: tests/stage, of actors/pool. The nth allocation fails (scarce.h), for n
    from 1 until the story needs no more. Each time every call ends once, and
    at the end all workers that were added get work.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <troupe/pool.h>
#include <troupe/stage.h>

#include "scarce.h"

#define S_SEED 53
#define S_WORKER "tcp://10.0.0.1:7000"
#define S_LARGE 10000u

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    troupe_reply (self, message, troupe_message_data (message), troupe_message_size (message));
    return 0;
}

static const troupe_behavior_t s_worker = { .name = "worker", .receive = s_receive };
static const troupe_announcer_t s_announcer_spec = { .pool = "pool", .worker = "w-2" };
static const troupe_behavior_t s_announcer = TROUPE_ANNOUNCER ("announcer", &s_announcer_spec);
static const troupe_pool_t s_pool_spec = { .workers = "w-1", .window = 1, .queue_limit = 4 };
static const troupe_behavior_t s_pool = TROUPE_POOL ("pool", &s_pool_spec);

static const troupe_child_t s_children [] = {
    { .id = "w-1", .behavior = &s_worker },
    { .id = "w-2", .behavior = &s_worker, .listen = S_WORKER },
    { .id = "pool", .behavior = &s_pool },
    { .id = "announcer", .behavior = &s_announcer },
    { 0 }
};
static const troupe_supervisor_t s_supervisor = { .intensity = 1000, .period_ms = 1000, .children = s_children };
static const troupe_child_t s_root = { .id = "root", .supervisor = &s_supervisor };

static unsigned s_begun, s_ended, s_answered;
static uint8_t s_large [S_LARGE];

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    s_ended++;
    s_answered += outcome == TROUPE_CALL_OK;
    if (outcome == TROUPE_CALL_OK)
        cr_assert (troupe_message_size (reply) == 5 || troupe_message_size (reply) == S_LARGE);
    return 0;
}

//  A call that cannot be begun is told so, and has no end.
static void s_call_pool (troupe_stage_t *stage, const void *data, size_t size)
{
    troupe_ref_t *pool = troupe_ref (troupe_stage_guest (stage), "pool");
    s_begun += pool && !troupe_call (pool, 7, data, size, 2000, s_on_reply, NULL, NULL);
}

static void s_call_workers (troupe_balancer_t *balancer, bool idempotent)
{
    troupe_error_t error = idempotent
        ? troupe_balancer_call_idempotent (balancer, 7, "bytes", 5, 2000, s_on_reply, NULL, NULL)
        : troupe_balancer_call (balancer, 7, "bytes", 5, 2000, s_on_reply, NULL, NULL);
    s_begun += error == TROUPE_OK;
}

static void s_use (troupe_stage_t *stage, troupe_balancer_t *balancer)
{
    for (int round = 0; round < 3; round++) {
        s_call_pool (stage, "bytes", 5);
        s_call_pool (stage, s_large, sizeof s_large);
        s_call_workers (balancer, round % 2);
        if (round == 1 && troupe_stage_incarnation (stage, "w-2"))
            troupe_stage_crash (stage, "w-2", SIGSEGV);
        troupe_stage_advance (stage, 100);
    }
    troupe_stage_advance (stage, 10000);
    cr_assert_eq (s_begun, s_ended);
}

//  Memory is there again: one call shows the balancer that it has something to do, and it finds its workers.
static void s_recover (troupe_stage_t *stage, troupe_balancer_t *balancer)
{
    troupe_balancer_stats_t stats;
    troupe_balancer_stats (balancer, &stats);
    if (stats.workers == 0)
        return;
    s_answered = 0;
    s_call_workers (balancer, false);
    troupe_stage_advance (stage, 5000);
    cr_assert_eq (s_answered, 1);
    cr_assert_eq (s_begun, s_ended);
}

static bool s_story (size_t nth)
{
    scarce_begin (nth);
    s_begun = s_ended = 0;
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_actor_t *guest = troupe_stage_guest (stage);
    bool started = troupe_stage_spawn_child (stage, &s_root) == TROUPE_OK;
    troupe_balancer_options_t options = { 1, 4 };
    troupe_balancer_t *balancer = started ? troupe_balancer_new (guest, &options) : NULL;
    if (balancer) {
        troupe_balancer_add (balancer, troupe_ref (guest, "w-1"));
        troupe_balancer_add (balancer, troupe_ref (guest, "w-2"));
        s_use (stage, balancer);
    }
    bool failed = scarce_end ();
    if (balancer)
        s_recover (stage, balancer);
    troupe_balancer_destroy (&balancer);
    troupe_stage_destroy (&stage);
    return failed;
}

//  What cannot be had ends a call or a start, never the pool's knowledge of its workers.
Test (pool_memory, every_allocation_may_fail)
{
    for (size_t nth = 1; s_story (nth); nth++)
        ;
}
