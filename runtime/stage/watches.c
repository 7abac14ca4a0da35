/*  =========================================================================
    stage/watches.c - watched descriptors, which the test makes ready

    Place: runtime/stage. No descriptor is looked at: any number will do.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include "core/stream/watch.h"

#include <stdlib.h>

//  One watch, and what it is ready for in its next turn.
struct troupe_stage_ready {
    struct troupe_stage_ready *next;
    troupe_stage_player_t *player;
    troupe_watch_t *watch;
    unsigned events;
};

typedef struct troupe_stage_ready s_ready_t;

troupe_error_t troupe_stage_watch (troupe_actor_t *cell, troupe_watch_t *watch)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    s_ready_t *ready = troupe_stage_memory (sizeof *ready);
    ready->player = player;
    ready->watch = watch;
    s_ready_t **place = &player->stage->ready;
    while (*place)
        place = &(*place)->next;
    *place = ready;
    watch->host = ready;
    return TROUPE_OK;
}

void troupe_stage_unwatch (troupe_actor_t *cell, troupe_watch_t *watch)
{
    s_ready_t *ready = watch->host;
    s_ready_t **place = &troupe_stage_player (cell)->stage->ready;
    while (*place != ready)
        place = &(*place)->next;
    *place = ready->next;
    watch->host = NULL;
    free (ready);
}

void troupe_stage_make_ready (troupe_stage_t *stage, int descriptor, unsigned events)
{
    for (s_ready_t *ready = stage->ready; ready; ready = ready->next)
        if (ready->watch->descriptor == descriptor)
            ready->events |= events & ready->watch->events;
}

size_t troupe_stage_watches_ready (troupe_stage_player_t *player)
{
    size_t count = 0;
    for (const s_ready_t *ready = player->stage->ready; ready; ready = ready->next)
        count += ready->player == player && ready->events;
    return count;
}

void troupe_stage_watches_turn (troupe_stage_player_t *player, size_t which)
{
    s_ready_t *ready = player->stage->ready;
    while (!(ready->player == player && ready->events && which-- == 0))
        ready = ready->next;
    unsigned events = ready->events;
    ready->events = 0;
    char who [TROUPE_STAGE_WHO_MAX];
    troupe_stage_note (player->stage, "%s <- descriptor %d", troupe_stage_who (player, who, sizeof who),
                       ready->watch->descriptor);
    troupe_watch_ready (ready->watch, events);
}

void troupe_stage_watches_free (troupe_stage_t *stage)
{
    while (stage->ready) {
        s_ready_t *ready = stage->ready;
        stage->ready = ready->next;
        free (ready);
    }
}
