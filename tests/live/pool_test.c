/*  =========================================================================
    pool_test.c - a pool whose workers are threads here and in other programs

    Place: tests/live, of actors/pool. Two troupes of one process stand for two
    programs: they reach each other over TCP only.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "troupe_world.h"

#define S_LOCAL "tcp://127.0.0.1:*"

static int s_answer_name (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    troupe_replyf (self, message, "%s", troupe_name (self));
    return 0;
}

static const troupe_behavior_t s_worker = { .name = "worker", .receive = s_answer_name };
static const troupe_pool_t s_pool_spec = { .workers = "here" };
static const troupe_behavior_t s_pool = TROUPE_POOL ("pool", &s_pool_spec);
static const troupe_announcer_t s_announcer_spec = { .worker = "there" };
static const troupe_behavior_t s_announcer = TROUPE_ANNOUNCER ("announcer", &s_announcer_spec);

//  The program with the pool, and one worker of its own.
static troupe_t *s_begin_pool (char *endpoint, size_t size)
{
    static const troupe_child_t children [] = {
        { .id = "here", .behavior = &s_worker }, { .id = "pool", .behavior = &s_pool, .listen = S_LOCAL }, { 0 }
    };
    troupe_t *troupe = world_with (children);
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_call_wait (troupe, "pool", TROUPE_TAG_ENDPOINT, NULL, 0, WORLD_MS, &reply), TROUPE_CALL_OK);
    snprintf (endpoint, size, "%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return troupe;
}

//  The other program: a worker that listens, and its announcer.
static troupe_t *s_begin_worker (const char *pool)
{
    static const troupe_child_t children [] = {
        { .id = "there", .behavior = &s_worker, .listen = S_LOCAL }, { .id = "announcer", .behavior = &s_announcer },
        { 0 }
    };
    char setting [128];
    snprintf (setting, sizeof setting, "children/announcer/pool=%s", pool);
    const char *settings [] = { setting, NULL };
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .settings = settings };
    troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_OK);
    return troupe;
}

//  Calls the pool until that one answers; the test's own time limit ends what does not come.
static void s_await_answer_of (troupe_t *troupe, const char *worker)
{
    bool found = false;
    while (!found) {
        troupe_message_t *reply = NULL;
        troupe_outcome_t outcome = troupe_call_wait (troupe, "pool", 0, "who", 3, WORLD_MS, &reply);
        found = outcome == TROUPE_CALL_OK && strcmp (troupe_message_text (reply), worker) == 0;
        troupe_message_destroy (&reply);
    }
}

//  Threads and other machines side by side: who announces itself gets its share, and who leaves no more.
Test (live_pool, announced_worker_shares_the_work, .timeout = 60)
{
    char endpoint [256];
    troupe_t *pool = s_begin_pool (endpoint, sizeof endpoint);
    troupe_t *worker = s_begin_worker (endpoint);
    s_await_answer_of (pool, "there");
    s_await_answer_of (pool, "here");
    world_end (worker);
    for (int call = 0; call < 10; call++) {
        troupe_message_t *reply = NULL;
        cr_assert_eq (troupe_call_wait (pool, "pool", 0, "who", 3, WORLD_MS, &reply), TROUPE_CALL_OK);
        cr_assert_str_eq (troupe_message_text (reply), "here");
        troupe_message_destroy (&reply);
    }
    world_end (pool);
}

//  A worker may be started before its pool.
Test (live_pool, pool_may_come_later, .timeout = 60)
{
    char endpoint [256];
    troupe_t *first = s_begin_pool (endpoint, sizeof endpoint);
    world_end (first);
    troupe_t *worker = s_begin_worker (endpoint);
    troupe_child_t children [] = {
        { .id = "here", .behavior = &s_worker }, { .id = "pool", .behavior = &s_pool, .listen = endpoint }, { 0 }
    };
    troupe_t *pool = world_with (children);
    s_await_answer_of (pool, "there");
    world_end (worker);
    world_end (pool);
}
