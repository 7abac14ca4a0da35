/*  =========================================================================
    supervisor_chaos_test.c - a tree of supervisors whose actors fail at random

    Place: tests/stage, of actors/supervisor. Failures, ends, requests, failed
    starts, refused spawns, hung actors and time come as the dice say. However
    it goes, every life that began has ended when the tree has.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/base/random.h"
#include "supervised.h"

#define RUNS 60
#define STEPS 60

#define CHILD(ID, TYPE) { .id = ID, .behavior = &supervised_worker, .restart = TYPE }

static const troupe_child_t s_all_children [] = {
    CHILD ("a", TROUPE_PERMANENT), CHILD ("b", TROUPE_TRANSIENT), CHILD ("c", TROUPE_PERMANENT), { .id = NULL } };
static const troupe_supervisor_t s_all =
    { .strategy = TROUPE_ONE_FOR_ALL, .children = s_all_children, .intensity = 3 };

static const troupe_child_t s_rest_children [] = {
    CHILD ("d", TROUPE_PERMANENT), CHILD ("e", TROUPE_TEMPORARY),
    { .id = "f", .behavior = &supervised_lingerer, .backoff = { .min_ms = 20, .jitter = 0.5 } }, { .id = NULL } };
static const troupe_supervisor_t s_rest =
    { .strategy = TROUPE_REST_FOR_ONE, .children = s_rest_children, .intensity = 3 };

static const troupe_child_t s_root_children [] = {
    CHILD ("g", TROUPE_PERMANENT), { .id = "all", .supervisor = &s_all }, { .id = "rest", .supervisor = &s_rest },
    CHILD ("h", TROUPE_TRANSIENT), { .id = NULL } };
static const troupe_supervisor_t s_root = { .children = s_root_children, .intensity = 5 };

static const char *const s_names [] = { "a", "b", "c", "d", "e", "f", "g", "h" };
static const char *const s_supervisors [] = { "all", "rest", "root" };

//  Casts may find nobody: that is part of it.
static void s_cast (troupe_stage_t *stage, const char *name, uint16_t tag, const char *text)
{
    troupe_stage_cast (stage, name, tag, text, strlen (text));
}

static void s_disturb (troupe_stage_t *stage, troupe_random_state_t *random)
{
    const char *name = s_names [troupe_random_limit (random, 8)];
    const char *supervisor = s_supervisors [troupe_random_limit (random, 3)];
    switch (troupe_random_limit (random, 9)) {
        case 0:
            s_cast (stage, name, 0, "exit");
            break;
        case 1:
            s_cast (stage, supervisor, TROUPE_SUPERVISOR_STOP_CHILD, name);
            break;
        case 2:
        case 3:
            s_cast (stage, supervisor, TROUPE_SUPERVISOR_RESTART_CHILD, name);
            break;
        case 4:
            troupe_stage_fail_start (stage, name, 1);
            break;
        case 5:
            troupe_stage_advance (stage, (int64_t) troupe_random_limit (random, 4000));
            break;
        default:
            s_cast (stage, name, 0, "fail");
            break;
    }
    for (uint64_t turns = troupe_random_limit (random, 12); turns > 0; turns--)
        troupe_stage_step (stage);
}

//  Each name: starts and stops alternate, and the last is a stop. A start that fails by order has neither.
static void s_check_lives (const char *story, uint64_t seed)
{
    for (size_t index = 0; index < sizeof s_names / sizeof s_names [0]; index++) {
        int alive = 0;
        for (const char *word = story; *word; word++)
            if ((*word == '+' || *word == '-') && word [1] == s_names [index][0]) {
                alive += *word == '+' ? 1 : -1;
                cr_assert (alive == 0 || alive == 1, "seed %lu, %s: %s", (unsigned long) seed, s_names [index], story);
            }
        cr_assert_eq (alive, 0, "seed %lu, %s: %s", (unsigned long) seed, s_names [index], story);
    }
}

static void s_run (uint64_t seed)
{
    troupe_random_state_t random;
    troupe_random_seed (&random, seed);
    troupe_stage_t *stage = supervised_stage (seed, &s_root);
    for (int step = 0; step < STEPS; step++)
        s_disturb (stage, &random);
    troupe_stage_stop (stage, "root");
    troupe_stage_advance (stage, 60000);
    s_check_lives (supervised_story (), seed);
    troupe_stage_destroy (&stage);
}

//  No order of events leaves a life behind, begins one twice, or keeps the tree from ending.
Test (supervisor_chaos, every_life_ends_once)
{
    for (uint64_t seed = 1; seed <= RUNS; seed++)
        s_run (seed);
}

//  The first start of a tree in which the nth spawn is refused: it is undone, whichever it was.
Test (supervisor_chaos, every_refused_spawn_is_undone)
{
    unsigned nth = 1;
    for (troupe_error_t error = TROUPE_EFILES; error; nth++) {
        troupe_stage_t *stage = troupe_stage_new (nth);
        troupe_child_t root = { .id = "root", .supervisor = &s_root };
        supervised_story ();
        troupe_stage_fail_spawn (stage, nth, TROUPE_EFILES);
        error = troupe_stage_spawn_child (stage, &root);
        if (!error)
            cr_assert_eq (troupe_stage_stop (stage, "root"), TROUPE_OK);
        s_check_lives (supervised_story (), nth);
        troupe_stage_destroy (&stage);
    }
    cr_assert_eq (nth, 13, "eleven actors, so the twelfth spawn never comes");
}

//  The same for each start that fails.
Test (supervisor_chaos, every_failed_start_is_undone)
{
    unsigned nth = 1;
    for (troupe_error_t error = TROUPE_EFAILED; error; nth++) {
        troupe_stage_t *stage = troupe_stage_new (nth);
        troupe_child_t root = { .id = "root", .supervisor = &s_root };
        supervised_story ();
        troupe_stage_fail_start (stage, NULL, nth);
        error = troupe_stage_spawn_child (stage, &root);
        if (!error)
            cr_assert_eq (troupe_stage_stop (stage, "root"), TROUPE_OK);
        s_check_lives (supervised_story (), nth);
        troupe_stage_destroy (&stage);
    }
    cr_assert_eq (nth, 13);
}
