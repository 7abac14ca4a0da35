/*  =========================================================================
    fleet_scene.h - a fleet whose servers are the test itself

    Place: tests/unit. Time is a number; what is to be sent, cancelled and
    ended is noted, a letter for each call.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_FLEET_SCENE_H_INCLUDED
#define TROUPE_TESTS_FLEET_SCENE_H_INCLUDED

#include "egress/fleet.h"

#define FLEET_MS INT64_C (1000)
#define FLEET_SECOND INT64_C (1000000)

//  The last attempt of each call, by its letter.
typedef struct fleet_scene {
    troupe_fleet_t *fleet;
    int64_t now_us;
    bool blocked;
    char notes [4096];
    uint64_t ids [128];
    unsigned servers [128];
    uint32_t numbers [128];
} fleet_scene_t;

//  Servers that are all up, with these options or the usual ones.
void fleet_open_as (fleet_scene_t *scene, const troupe_fleet_options_t *options);
void fleet_open (fleet_scene_t *scene, unsigned servers);

//  Everything must have ended.
void fleet_close (fleet_scene_t *scene);

//  "a>0 cancel>1 b=DOWN"; takes them. Lives until the next.
const char *fleet_notes (fleet_scene_t *scene);

//  Begins a call; one that may be done twice, and one that may not, of ten seconds.
troupe_error_t fleet_begin (fleet_scene_t *scene, char letter, bool idempotent, int64_t timeout_ms);
void fleet_get (fleet_scene_t *scene, char letter);
void fleet_post (fleet_scene_t *scene, char letter);

//  Its last attempt is answered; whether the answer is the caller's.
bool fleet_answer (fleet_scene_t *scene, char letter, troupe_fleet_verdict_t verdict);

//  Time goes from one due time to the next.
void fleet_advance (fleet_scene_t *scene, int64_t ms);

troupe_fleet_stats_t fleet_stats (const fleet_scene_t *scene);

#endif
