/*  =========================================================================
    stage/check.c - what must not be left at the end

    Place: runtime/stage. A call that nobody answers and that has no deadline
    is a program that waits for ever; a message that nobody destroys is a
    leak. Both end the test, with names.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

//  A call whose end is not known yet and which no deadline will end.
static bool s_waits_for_ever (const troupe_pending_t *pending)
{
    return pending->used && !pending->monitor && pending->outcome == TROUPE_CALL_OK
           && pending->deadline_us == TROUPE_FOREVER;
}

void troupe_stage_check_calls (troupe_stage_t *stage)
{
    for (const troupe_stage_player_t *player = stage->players; player; player = player->next)
        for (uint32_t slot = 0; !player->gone && slot < player->cell.pending_capacity; slot++) {
            const troupe_pending_t *pending = &player->cell.pending [slot];
            if (s_waits_for_ever (pending))
                troupe_stage_die (stage, "a call of %s to %s is unanswered and has no deadline", player->label,
                                  pending->ref->address);
        }
}

void troupe_stage_check_leaks (troupe_stage_t *stage)
{
    for (const troupe_stage_player_t *player = stage->players; player; player = player->next) {
        if (player->kept)
            troupe_stage_die (stage, "%s has kept %zu messages and not destroyed them", player->label, player->kept);
        if (!player->gone && (player->cell.streams || player->cell.listeners))
            troupe_stage_die (stage, "%s has left a stream behind", player->label);
    }
}
