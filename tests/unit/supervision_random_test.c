/*  =========================================================================
    supervision_random_test.c - a supervisor in worlds that chance makes

    Place: tests/unit, of runtime/core/supervision/supervision.c. Children start, fail,
    end and vanish as the dice say; each action is checked against what the
    child's link would allow, and against the order of the children. However
    a run goes, it ends with everything stopped. A failure names its seed.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "core/base/random.h"
#include "core/base/reason.h"
#include "core/supervision/supervision.h"

#define S_CHILDREN 5
#define S_STEPS 300

//  What a child's link really is.
typedef enum { NONE, STARTING, RUNNING, ENDED, HALTING, STOPPING } s_link_t;

typedef struct {
    uint64_t seed;
    troupe_random_state_t random;
    troupe_supervision_t supervision;
    troupe_supervisor_t spec;
    troupe_child_t children [S_CHILDREN + 1];
    s_link_t links [S_CHILDREN];
    bool armed [S_CHILDREN];
    bool known [S_CHILDREN];        //  Not forgotten
    bool requests;                  //  This run has some
    bool started, finished;
    int64_t now_ms;
} s_world_t;

static bool s_ordered (const s_world_t *world)
{
    return world->spec.strategy == TROUPE_ONE_FOR_ALL || world->spec.strategy == TROUPE_REST_FOR_ONE;
}

#define CHECK(condition) cr_assert (condition, "seed %lu, child %zu", (unsigned long) world->seed, child)

//  --------------------------------------------------------------------------
//  Actions

//  Whoever stands before it is up, or is not to be.
static void s_check_start (const s_world_t *world, size_t child)
{
    if (s_ordered (world) && !world->requests)
        for (size_t before = 0; before < child; before++)
            CHECK (world->links [before] == RUNNING || world->children [before].restart != TROUPE_PERMANENT);
}

//  Whoever stands behind it is down.
static void s_check_halt (const s_world_t *world, size_t child)
{
    if (s_ordered (world) && !world->requests)
        for (size_t behind = child + 1; behind < S_CHILDREN; behind++)
            CHECK (world->links [behind] == NONE || world->links [behind] == ENDED);
}

//  The same for the end of all; one that has ended by itself already may be let go at any time.
static void s_check_stop (const s_world_t *world, size_t child)
{
    if (world->links [child] != ENDED && troupe_supervision_is_ending (&world->supervision) && s_ordered (world))
        for (size_t behind = child + 1; behind < S_CHILDREN; behind++)
            CHECK (world->links [behind] == NONE || world->links [behind] == STOPPING);
}

static void s_do_child (s_world_t *world, const troupe_supervision_action_t *action)
{
    size_t child = action->child;
    s_link_t *link = &world->links [child];
    switch (action->kind) {
        case TROUPE_SUPERVISION_SPAWN:
            CHECK (*link == NONE && !world->armed [child]);
            s_check_start (world, child);
            *link = STARTING;
            break;
        case TROUPE_SUPERVISION_RESTART:
            CHECK (*link == ENDED && !world->armed [child]);
            s_check_start (world, child);
            *link = STARTING;
            break;
        case TROUPE_SUPERVISION_HALT:
            CHECK (*link == STARTING || *link == RUNNING);
            s_check_halt (world, child);
            *link = HALTING;
            break;
        case TROUPE_SUPERVISION_STOP:
            CHECK (*link != NONE && *link != STOPPING);
            s_check_stop (world, child);
            *link = STOPPING;
            break;
        default:
            cr_assert_fail ("seed %lu: not a child's action", (unsigned long) world->seed);
    }
}

static void s_do (s_world_t *world, const troupe_supervision_action_t *action)
{
    size_t child = action->child;
    switch (action->kind) {
        case TROUPE_SUPERVISION_ARM:
            CHECK (!world->armed [child] && action->delay_ms > 0);
            world->armed [child] = true;
            break;
        case TROUPE_SUPERVISION_DISARM:
            CHECK (world->armed [child]);
            world->armed [child] = false;
            break;
        case TROUPE_SUPERVISION_FORGET:
            CHECK (world->links [child] == NONE && world->known [child]);
            world->known [child] = false;
            break;
        case TROUPE_SUPERVISION_STARTED:
            CHECK (!world->started);
            world->started = true;
            break;
        case TROUPE_SUPERVISION_FAIL:
        case TROUPE_SUPERVISION_EXIT:
            CHECK (!world->finished);
            for (child = 0; child < S_CHILDREN; child++)
                CHECK (world->links [child] == NONE && !world->armed [child]);
            CHECK (action->kind == TROUPE_SUPERVISION_EXIT || action->cause);
            world->finished = true;
            break;
        default:
            s_do_child (world, action);
    }
}

//  --------------------------------------------------------------------------
//  Events

static void s_tell (s_world_t *world, troupe_supervision_event_kind_t kind, size_t child, troupe_reason_kind_t why)
{
    troupe_reason_t reason;
    troupe_supervision_action_t action;
    troupe_reason_set (&reason, why, 0, "child", 1, "", NULL);
    troupe_supervision_event_t event = { .kind = kind, .child = child, .reason = &reason,
        .now_ms = world->now_ms, .random = troupe_random_next (&world->random) };
    troupe_supervision_handle (&world->supervision, &event);
    while (troupe_supervision_next (&world->supervision, &action)) {
        CHECK (!world->finished);
        s_do (world, &action);
    }
}

static void s_ended (s_world_t *world, size_t child, troupe_reason_kind_t why)
{
    world->links [child] = ENDED;
    s_tell (world, TROUPE_SUPERVISION_CHILD_ENDED, child, why);
}

static void s_gone (s_world_t *world, size_t child)
{
    world->links [child] = NONE;
    s_tell (world, TROUPE_SUPERVISION_CHILD_GONE, child, TROUPE_REASON_KILLED);
}

static void s_live (s_world_t *world, size_t child)
{
    uint64_t chance = troupe_random_limit (&world->random, 10);
    if (world->links [child] == STARTING && chance < 6) {
        world->links [child] = RUNNING;
        s_tell (world, TROUPE_SUPERVISION_CHILD_STARTED, child, TROUPE_REASON_NORMAL);
    }
    else if (chance == 9)
        s_gone (world, child);
    else if (world->links [child] == STARTING)
        s_ended (world, child, TROUPE_REASON_START_FAILED);
    else
        s_ended (world, child, chance < 3 ? TROUPE_REASON_NORMAL : TROUPE_REASON_FAILED);
}

//  Something that can happen to this child in the state it is in.
static void s_happen (s_world_t *world, size_t child)
{
    if (world->armed [child]) {
        world->armed [child] = false;
        s_tell (world, TROUPE_SUPERVISION_BACKOFF_OVER, child, TROUPE_REASON_NORMAL);
        return;
    }
    switch (world->links [child]) {
        case STARTING:
        case RUNNING:
            s_live (world, child);
            break;
        case HALTING:
            if (troupe_random_limit (&world->random, 4))
                s_ended (world, child, TROUPE_REASON_SHUTDOWN);
            else
                s_gone (world, child);
            break;
        case STOPPING:
            s_tell (world, TROUPE_SUPERVISION_CHILD_ENDED, child, TROUPE_REASON_SHUTDOWN);
            s_gone (world, child);
            break;
        default:
            break;
    }
}

static void s_request (s_world_t *world, size_t child)
{
    bool simple = world->spec.strategy == TROUPE_SIMPLE_ONE_FOR_ONE;
    if (world->known [child]) {
        if (troupe_random_limit (&world->random, 2))
            s_tell (world, TROUPE_SUPERVISION_STOP_CHILD, child, TROUPE_REASON_NORMAL);
        else if (!simple)
            s_tell (world, TROUPE_SUPERVISION_START_CHILD, child, TROUPE_REASON_NORMAL);
    }
    else if (!troupe_supervision_is_ending (&world->supervision)) {
        size_t added = troupe_supervision_add (&world->supervision, &world->children [0]);
        cr_assert_lt (added, S_CHILDREN);
        cr_assert_not (world->known [added]);
        world->known [added] = true;
        s_tell (world, TROUPE_SUPERVISION_START_CHILD, added, TROUPE_REASON_NORMAL);
    }
}

//  --------------------------------------------------------------------------
//  Runs

static void s_init (s_world_t *world, uint64_t seed)
{
    memset (world, 0, sizeof *world);
    world->seed = seed;
    troupe_random_seed (&world->random, seed);
    world->spec.strategy = (troupe_strategy_t) (seed % 4);
    world->spec.intensity = (unsigned) troupe_random_limit (&world->random, 20);
    world->spec.auto_shutdown = (troupe_auto_shutdown_t) troupe_random_limit (&world->random, 3);
    bool simple = world->spec.strategy == TROUPE_SIMPLE_ONE_FOR_ONE;
    world->requests = simple || troupe_random_limit (&world->random, 2);
    troupe_supervision_init (&world->supervision, &world->spec);
    for (size_t child = 0; child < S_CHILDREN; child++) {
        troupe_child_t *spec = &world->children [child];
        spec->restart = (troupe_restart_t) (troupe_random_limit (&world->random, 6) / 2 % 3);
        spec->backoff.min_ms = troupe_random_limit (&world->random, 3) ? 0 : 50;
        spec->backoff.jitter = 0.5;
        spec->significant = spec->restart && !troupe_random_limit (&world->random, 4);
        world->known [child] = !simple;
        if (!simple)
            cr_assert_eq (troupe_supervision_add (&world->supervision, spec), child);
    }
}

static void s_run (uint64_t seed)
{
    static s_world_t space;
    s_world_t *world = &space;
    s_init (world, seed);
    size_t child = 0;
    s_tell (world, TROUPE_SUPERVISION_BEGIN, 0, TROUPE_REASON_NORMAL);
    for (int step = 0; step < S_STEPS && !world->finished; step++) {
        child = troupe_random_limit (&world->random, S_CHILDREN);
        world->now_ms += (int64_t) troupe_random_limit (&world->random, 400);
        if (world->requests && world->started && !troupe_random_limit (&world->random, 3))
            s_request (world, child);
        else
            s_happen (world, child);
    }
    s_tell (world, TROUPE_SUPERVISION_END, 0, TROUPE_REASON_NORMAL);
    for (int step = 0; step < S_STEPS && !world->finished; step++)
        s_happen (world, troupe_random_limit (&world->random, S_CHILDREN));
    CHECK (world->finished);
    troupe_supervision_clear (&world->supervision);
}

//  Whatever the order of events: one action at a time for a child, the order of children kept, everything stopped at
//  the end.
Test (supervision_random, every_run_keeps_the_rules_and_ends)
{
    for (uint64_t seed = 1; seed <= 4000; seed++)
        s_run (seed);
}
