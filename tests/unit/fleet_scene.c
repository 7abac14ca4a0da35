/*  =========================================================================
    fleet_scene.c - a fleet whose servers are the test itself

    Place: tests/unit; see fleet_scene.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "fleet_scene.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static char s_letters [128];

static void s_note (fleet_scene_t *scene, const char *what, char letter, const char *more)
{
    size_t used = strlen (scene->notes);
    snprintf (scene->notes + used, sizeof scene->notes - used, "%s%c%s ", what, letter, more);
}

static bool s_send (void *owner, void *context, unsigned server, uint64_t id, int64_t deadline_us)
{
    fleet_scene_t *scene = owner;
    char letter = *(char *) context, more [16];
    (void) deadline_us;
    if (scene->blocked)
        return false;
    scene->ids [(int) letter] = id;
    scene->servers [(int) letter] = server;
    snprintf (more, sizeof more, ">%u", server);
    s_note (scene, "", letter, more);
    return true;
}

static void s_cancel (void *owner, unsigned server, uint64_t id)
{
    (void) id;
    s_note (owner, "cancel", '>', server == 0 ? "0" : server == 1 ? "1" : "2");
}

static void s_end (void *owner, void *context, troupe_outcome_t outcome)
{
    s_note (owner, "", *(char *) context, outcome == TROUPE_CALL_TIMEOUT ? "=TIMEOUT"
                                          : outcome == TROUPE_CALL_FAILED ? "=FAILED" : "=DOWN");
}

static const troupe_fleet_ops_t s_ops = { s_send, s_cancel, s_end };

void fleet_open_as (fleet_scene_t *scene, const troupe_fleet_options_t *options)
{
    memset (scene, 0, sizeof *scene);
    scene->now_us = 100 * FLEET_SECOND;
    scene->fleet = troupe_fleet_new (options, &s_ops, scene);
    cr_assert_not_null (scene->fleet);
    for (unsigned server = 0; server < options->servers; server++)
        troupe_fleet_up (scene->fleet, server, scene->now_us);
}

void fleet_open (fleet_scene_t *scene, unsigned servers)
{
    troupe_fleet_options_t options = troupe_fleet_defaults (servers);
    fleet_open_as (scene, &options);
}

//  Everything must have ended.
void fleet_close (fleet_scene_t *scene)
{
    troupe_fleet_stats_t stats;
    troupe_fleet_stats (scene->fleet, &stats);
    cr_assert_eq (stats.outstanding, 0);
    cr_assert_eq (stats.queued, 0);
    cr_assert_eq (stats.calls, stats.answered + stats.expired + stats.down + stats.given_up);
    for (unsigned server = 0; server < 3; server++)
        cr_assert_eq (troupe_fleet_server (scene->fleet, server)->outstanding, 0);
    troupe_fleet_destroy (&scene->fleet);
}

const char *fleet_notes (fleet_scene_t *scene)
{
    static char notes [4096];
    strcpy (notes, scene->notes);
    if (notes [0])
        notes [strlen (notes) - 1] = 0;
    scene->notes [0] = 0;
    return notes;
}

troupe_error_t fleet_begin (fleet_scene_t *scene, char letter, bool idempotent, int64_t timeout_ms)
{
    s_letters [(int) letter] = letter;
    return troupe_fleet_call (scene->fleet, &s_letters [(int) letter], idempotent,
                              scene->now_us + timeout_ms * FLEET_MS, scene->now_us,
                              &scene->numbers [(int) letter]);
}

void fleet_get (fleet_scene_t *scene, char letter)
{
    cr_assert_eq (fleet_begin (scene, letter, true, 10000), TROUPE_OK);
}

void fleet_post (fleet_scene_t *scene, char letter)
{
    cr_assert_eq (fleet_begin (scene, letter, false, 10000), TROUPE_OK);
}

bool fleet_answer (fleet_scene_t *scene, char letter, troupe_fleet_verdict_t verdict)
{
    void *context = NULL;
    bool taken = troupe_fleet_answered (scene->fleet, scene->ids [(int) letter], verdict, scene->now_us, &context);
    cr_assert (!taken || *(char *) context == letter);
    return taken;
}

//  Time goes from one due time to the next.
void fleet_advance (fleet_scene_t *scene, int64_t ms)
{
    int64_t end_us = scene->now_us + ms * FLEET_MS;
    for (int steps = 0; troupe_fleet_due_us (scene->fleet) <= end_us; steps++) {
        cr_assert_lt (steps, 100000, "it does not come to rest");
        if (troupe_fleet_due_us (scene->fleet) > scene->now_us)
            scene->now_us = troupe_fleet_due_us (scene->fleet);
        troupe_fleet_tick (scene->fleet, scene->now_us);
    }
    scene->now_us = end_us;
}

troupe_fleet_stats_t fleet_stats (const fleet_scene_t *scene)
{
    troupe_fleet_stats_t stats;
    troupe_fleet_stats (scene->fleet, &stats);
    return stats;
}
