/*  =========================================================================
    world_stage.c - the world of a fact on the stage

    Place: tests/conformance; see world.h. Time is virtual: to wait is to move
    the clock.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "world.h"

#define S_SEED 20261121

const level_t world_level = LEVEL_STAGE;

static troupe_stage_t *s_stage;
static int s_idle_ms;

void world_make (const plan_t *plan)
{
    static const plan_places_t places;
    static troupe_supervisor_t supervisor;
    s_stage = troupe_stage_new (S_SEED);
    troupe_stage_config (s_stage, WORLD_PATH, WORLD_VALUE);
    troupe_stage_config (s_stage, WORLD_OPTION_PATH, WORLD_VALUE);
    supervisor = (troupe_supervisor_t) { .children = plan_children (plan, &places), .intensity = 1000 };
    troupe_child_t root = { .id = "root", .supervisor = &supervisor };
    cr_assert_eq (troupe_stage_spawn_child (s_stage, &root), TROUPE_OK);
}

void world_unmake (void)
{
    troupe_stage_destroy (&s_stage);
}

troupe_actor_t *world_guest (void)
{
    return troupe_stage_guest (s_stage);
}

bool world_turn (void)
{
    if (troupe_stage_run (s_stage) > 0)
        return true;
    troupe_stage_advance (s_stage, 1);
    return ++s_idle_ms < 2 * WORLD_MS;
}

void world_hold (void)
{
    troupe_stage_run (s_stage);
    troupe_stage_hang (s_stage, "subject", true);
}

void world_release (void)
{
    troupe_stage_hang (s_stage, "subject", false);
}

void world_bury (void)
{
    world_release ();
}

void world_crash (int signal_number)
{
    troupe_stage_run (s_stage);
    troupe_stage_crash (s_stage, "subject", signal_number);
}

void world_cut_off (bool cut_off)
{
    troupe_stage_run (s_stage);
    troupe_stage_cut_off (s_stage, "subject", cut_off);
}

const char *world_near (void)
{
    return "near";
}

const char *world_log (void)
{
    return troupe_stage_log (s_stage);
}
