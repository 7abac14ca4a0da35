/*  =========================================================================
    core/cell/cell_cancel.c - what is known of a packet before it is handled

    Place: runtime/core, part of the cell. Mail may wait for a long time behind
    other mail; that a call has been given up, and how much has come where the
    oldest are dropped, must be known when its turn comes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdlib.h>

static void s_add (troupe_actor_t *cell, troupe_peer_t *peer, uint64_t correlation)
{
    if (cell->cancelled_count == cell->cancelled_capacity) {
        size_t capacity = cell->cancelled_capacity ? cell->cancelled_capacity * 2 : 8;
        troupe_cancelled_t *cancelled = realloc (cell->cancelled, capacity * sizeof *cancelled);
        if (!cancelled)
            return;
        cell->cancelled = cancelled;
        cell->cancelled_capacity = capacity;
    }
    cell->cancelled [cell->cancelled_count++] = (troupe_cancelled_t) { .peer = peer, .correlation = correlation };
}

void troupe_cancelled_forget (troupe_peer_t *peer)
{
    troupe_actor_t *cell = peer->cell;
    for (size_t index = cell->cancelled_count; index > 0; index--)
        if (cell->cancelled [index - 1].peer == peer)
            cell->cancelled [index - 1] = cell->cancelled [--cell->cancelled_count];
}

bool troupe_cancelled_take (troupe_actor_t *cell, const troupe_peer_t *peer, uint64_t correlation)
{
    for (size_t index = 0; index < cell->cancelled_count; index++)
        if (cell->cancelled [index].peer == peer && cell->cancelled [index].correlation == correlation) {
            cell->cancelled [index] = cell->cancelled [--cell->cancelled_count];
            return true;
        }
    return false;
}

static bool s_is_mail (const troupe_record_t *record)
{
    return record->kind == TROUPE_RECORD_CAST || record->kind == TROUPE_RECORD_CALL;
}

//  What a stranger gives up is of no interest.
void troupe_cell_note (troupe_actor_t *cell, troupe_peer_t *peer, const uint8_t *data, size_t size)
{
    bool cancels = size && (data [0] & 0x0F) == TROUPE_RECORD_CANCEL;
    if (peer->mute || (!cancels && cell->limits.overflow != TROUPE_OVERFLOW_DROP_OLDEST))
        return;
    troupe_record_t record;
    size_t whole = troupe_envelope_read (data, size, &record);
    if (whole && cancels)
        s_add (cell, peer, record.words [0]);
    if (cell->limits.overflow != TROUPE_OVERFLOW_DROP_OLDEST)
        return;
    for (size_t offset = whole; whole; offset += whole) {
        peer->arrived_messages += s_is_mail (&record);
        whole = troupe_envelope_read (data + offset, size - offset, &record);
    }
}

void troupe_cancelled_clear (troupe_actor_t *cell)
{
    free (cell->cancelled);
    cell->cancelled = NULL;
    cell->cancelled_count = cell->cancelled_capacity = 0;
}
