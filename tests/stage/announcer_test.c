/*  =========================================================================
    announcer_test.c - a pool is told of a worker in another program

    Place: tests/stage, of actors/pool/announcer.c, with a pool and without.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "doer.h"

#define S_SEED 43
#define S_POOL "tcp://10.0.0.9:7000"
#define S_WORKER "tcp://10.0.0.1:7000"

static const troupe_pool_t s_pool_spec = { .window = 4 };
static const troupe_behavior_t s_pool = TROUPE_POOL ("pool", &s_pool_spec);
static const troupe_announcer_t s_spec = { .pool = S_POOL, .worker = "worker" };
static const troupe_behavior_t s_announcer = TROUPE_ANNOUNCER ("announcer", &s_spec);

//  Answers with its name, and fails on "fail".
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    if (strcmp (troupe_message_text (message), "fail") == 0)
        return troupe_fail (self, 3, "as told");
    troupe_replyf (self, message, "%s", troupe_name (self));
    return 0;
}

static const troupe_behavior_t s_worker = { .name = "worker", .receive = s_receive };

static void s_spawn_pool (troupe_stage_t *stage)
{
    static const troupe_child_t pool = { .id = "pool", .behavior = &s_pool, .endpoint = S_POOL };
    cr_assert_eq (troupe_stage_spawn_child (stage, &pool), TROUPE_OK);
}

static void s_spawn_worker (troupe_stage_t *stage, const char *listen)
{
    troupe_child_t worker = { .id = "worker", .behavior = &s_worker, .listen = listen };
    cr_assert_eq (troupe_stage_spawn_child (stage, &worker), TROUPE_OK);
}

//  An announced worker works.
Test (announcer, announces_where_its_worker_listens)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    s_spawn_pool (stage);
    s_spawn_worker (stage, S_WORKER);
    cr_assert_eq (troupe_stage_spawn (stage, &s_announcer, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "a"), "worker");
    troupe_stage_advance (stage, 3 * TROUPE_POOL_FORGET_MS);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "b"), "worker", "again and again");
    cr_assert_not_null (strstr (troupe_stage_log (stage), S_POOL " takes " S_WORKER), "%s", troupe_stage_log (stage));
    troupe_stage_destroy (&stage);
}

//  The pool hears of the end before it comes.
Test (announcer, leaves_when_it_ends)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    s_spawn_pool (stage);
    s_spawn_worker (stage, S_WORKER);
    troupe_stage_spawn (stage, &s_announcer, NULL);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_stop (stage, "announcer"), TROUPE_OK);
    cr_assert_eq (troupe_stage_now_ms (stage), 0, "it has waited for nothing but the answer");
    cr_assert_not_null (strstr (troupe_stage_log (stage), S_WORKER " has left"), "%s", troupe_stage_log (stage));
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "a"), "[FAILED] the pool: there is none of that name");
    troupe_stage_destroy (&stage);
}

//  Programs start in any order.
Test (announcer, goes_on_without_its_pool)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    s_spawn_worker (stage, S_WORKER);
    cr_assert_eq (troupe_stage_spawn (stage, &s_announcer, NULL), TROUPE_OK);
    troupe_stage_advance (stage, 60000);
    s_spawn_pool (stage);
    troupe_stage_advance (stage, 10000);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "a"), "worker");
    troupe_stage_destroy (&stage);
}

//  Without a pool it must not hold up the end of its program for longer than it says.
Test (announcer, ends_without_its_pool)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    s_spawn_pool (stage);
    s_spawn_worker (stage, S_WORKER);
    troupe_stage_spawn (stage, &s_announcer, NULL);
    troupe_stage_run (stage);
    troupe_stage_cut_off (stage, "pool", true);
    troupe_stage_advance (stage, 10000);
    int64_t before_ms = troupe_stage_now_ms (stage);
    troupe_stage_stop (stage, "announcer");
    cr_assert_eq (troupe_stage_incarnation (stage, "announcer"), 0);
    cr_assert_leq (troupe_stage_now_ms (stage) - before_ms, 2000);
    troupe_stage_destroy (&stage);
}

//  The worker may come later, and is announced then.
Test (announcer, waits_for_its_worker)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    s_spawn_pool (stage);
    cr_assert_eq (troupe_stage_spawn (stage, &s_announcer, NULL), TROUPE_OK);
    troupe_stage_advance (stage, 3000);
    s_spawn_worker (stage, S_WORKER);
    troupe_stage_advance (stage, 2000);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "a"), "worker");
    troupe_stage_destroy (&stage);
}

//  An address that others cannot use would only waste their time: it is said at the start.
Test (announcer, needs_an_address_for_others)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    s_spawn_worker (stage, "tcp://0.0.0.0:7000");
    cr_assert_eq (troupe_stage_spawn (stage, &s_announcer, NULL), TROUPE_EFAILED);
    cr_assert_str_eq (troupe_stage_reason (stage, "announcer")->text, "worker listens at tcp://0.0.0.0:7000, which is "
                      "no address for others: set the option 'address' to the one that is");
    troupe_stage_destroy (&stage);
}

//  The same, with one that listens nowhere.
Test (announcer, needs_a_worker_that_listens)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    s_spawn_worker (stage, NULL);
    cr_assert_eq (troupe_stage_spawn (stage, &s_announcer, NULL), TROUPE_EFAILED);
    const char *text = troupe_stage_reason (stage, "announcer")->text;
    cr_assert_str_eq (text, "worker listens nowhere that other programs reach");
    troupe_stage_destroy (&stage);
}

//  The operator knows the machine's address; the port comes from the worker.
Test (announcer, announces_the_address_that_it_is_given)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_probe_t *pool = troupe_stage_probe (stage, "listener");
    troupe_stage_config (stage, "children/announcer/address", "tcp://10.0.0.1:*");
    troupe_stage_config (stage, "children/announcer/pool", "listener");
    s_spawn_worker (stage, "tcp://0.0.0.0:7123");
    cr_assert_eq (troupe_stage_spawn (stage, &s_announcer, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    troupe_message_t *message = troupe_probe_next (pool);
    cr_assert_eq (troupe_message_tag (message), TROUPE_POOL_READY);
    cr_assert_str_eq (troupe_message_text (message), "tcp://10.0.0.1:7123");
    troupe_probe_reply (pool, NULL, 0);
    troupe_stage_destroy (&stage);
}

//  A worker that is restarted is announced as before.
Test (announcer, survives_the_worker_s_restart)
{
    static const troupe_child_t children [] = { { .id = "worker", .behavior = &s_worker, .listen = S_WORKER }, { 0 } };
    static const troupe_supervisor_t supervisor = { .intensity = 10, .children = children };
    static const troupe_child_t root = { .id = "root", .supervisor = &supervisor };
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    s_spawn_pool (stage);
    cr_assert_eq (troupe_stage_spawn_child (stage, &root), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn (stage, &s_announcer, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "fail"), "[FAILED] as told");
    troupe_stage_advance (stage, 3000);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "a"), "worker");
    cr_assert_eq (troupe_stage_incarnation (stage, "worker"), 2);
    troupe_stage_destroy (&stage);
}
