/*  =========================================================================
    core/cell/cell_monitor.c - being told that an actor is down

    Place: runtime/core, part of the cell. On the watching side a monitor is a
    pending entry (cell_call.c); on the watched side, a line in the list of
    watchers, which is told and emptied when the incarnation ends.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdlib.h>

//  --- Watching

troupe_error_t troupe_monitor (troupe_ref_t *ref, troupe_down_fn *on_down, void *context, troupe_monitor_t *monitor_p)
{
    troupe_actor_t *cell = ref->cell;
    uint32_t place = troupe_pending_new (ref);
    if (!place)
        return TROUPE_ENOMEM;
    troupe_pending_t *pending = &cell->pending [place - 1];
    pending->on_down = on_down;
    pending->context = context;
    pending->monitor = true;
    uint64_t id = troupe_pending_id (cell, pending);
    troupe_record_t record = { .kind = TROUPE_RECORD_MONITOR, .words = { id } };
    bool asked = troupe_ref_ensure (ref) == TROUPE_OK && troupe_ref_tell (ref, &record, NULL);
    pending->serial = ref->serial;
    if (!asked && !troupe_pending_settle (cell, pending, TROUPE_CALL_NO_SUCH_ACTOR)) {
        troupe_pending_free (cell, pending);
        return TROUPE_ENOMEM;
    }
    if (monitor_p)
        *monitor_p = id;
    return TROUPE_OK;
}

bool troupe_demonitor (troupe_actor_t *self, troupe_monitor_t monitor)
{
    troupe_pending_t *pending = troupe_pending_find (self, monitor);
    if (!pending || !pending->monitor)
        return false;
    troupe_record_t record = { .kind = TROUPE_RECORD_DEMONITOR, .words = { monitor } };
    if (!pending->ref->held || pending->sent)
        troupe_ref_tell (pending->ref, &record, NULL);
    troupe_pending_free (self, pending);
    return true;
}

bool troupe_monitor_fire (troupe_actor_t *cell, troupe_pending_t *pending, const troupe_reason_t *reason)
{
    troupe_down_fn *on_down = pending->on_down;
    void *context = pending->context;
    troupe_ref_t *ref = pending->ref;
    troupe_reason_t unknown;
    troupe_reason_set (&unknown, TROUPE_REASON_UNREACHABLE, 0, ref->address, 0, NULL, NULL);
    troupe_pending_free (cell, pending);
    troupe_cell_enter (cell);
    return troupe_cell_leave (cell, on_down (cell, cell->state, ref, reason ? reason : &unknown, context));
}

bool troupe_monitor_down (troupe_actor_t *cell, const troupe_record_t *record)
{
    troupe_pending_t *pending = troupe_pending_find (cell, record->words [0]);
    if (!pending || !pending->monitor)
        return true;
    troupe_reason_t *reason = record->payload ? troupe_reason_decode (record->payload, record->size) : NULL;
    bool alive = troupe_monitor_fire (cell, pending, reason);
    troupe_reason_destroy (&reason);
    return alive;
}

//  --- Being watched

static bool s_grow (troupe_actor_t *cell)
{
    size_t capacity = cell->watcher_capacity ? cell->watcher_capacity * 2 : 4;
    troupe_watcher_t *watchers = realloc (cell->watchers, capacity * sizeof *watchers);
    if (!watchers)
        return false;
    cell->watchers = watchers;
    cell->watcher_capacity = capacity;
    return true;
}

static void s_tell (troupe_peer_t *peer, uint64_t id, const troupe_reason_t *reason)
{
    uint8_t encoded [TROUPE_REASON_ENCODED_MAX];
    size_t size = troupe_reason_encode (reason, encoded, sizeof encoded);
    troupe_record_t record = { .kind = TROUPE_RECORD_DOWN, .size = (uint32_t) size, .words = { id } };
    troupe_peer_tell (peer, &record, encoded);
}

//  One that cannot be remembered is told at once that it cannot rely on this actor.
void troupe_watcher_add (troupe_peer_t *peer, uint64_t id)
{
    troupe_actor_t *cell = peer->cell;
    bool alive = cell->cell_state == TROUPE_CELL_RUNNING;
    if (!alive || (cell->watcher_count == cell->watcher_capacity && !s_grow (cell))) {
        s_tell (peer, id, &cell->reason);
        return;
    }
    peer->holders++;
    cell->watchers [cell->watcher_count++] = (troupe_watcher_t) { .peer = peer, .id = id };
}

static void s_remove_at (troupe_actor_t *cell, size_t index)
{
    troupe_peer_t *peer = cell->watchers [index].peer;
    cell->watchers [index] = cell->watchers [--cell->watcher_count];
    troupe_peer_drop (peer);
}

void troupe_watcher_remove (troupe_peer_t *peer, uint64_t id)
{
    troupe_actor_t *cell = peer->cell;
    for (size_t index = cell->watcher_count; index > 0; index--)
        if (cell->watchers [index - 1].peer == peer && cell->watchers [index - 1].id == id)
            s_remove_at (cell, index - 1);
}

void troupe_watchers_forget_peer (troupe_actor_t *cell, troupe_peer_t *peer)
{
    for (size_t index = cell->watcher_count; index > 0; index--)
        if (cell->watchers [index - 1].peer == peer)
            s_remove_at (cell, index - 1);
}

void troupe_watchers_tell (troupe_actor_t *cell, const troupe_reason_t *reason)
{
    for (size_t index = 0; index < cell->watcher_count; index++) {
        s_tell (cell->watchers [index].peer, cell->watchers [index].id, reason);
        troupe_peer_drop (cell->watchers [index].peer);
    }
    free (cell->watchers);
    cell->watchers = NULL;
    cell->watcher_count = cell->watcher_capacity = 0;
}
