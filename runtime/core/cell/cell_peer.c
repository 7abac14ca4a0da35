/*  =========================================================================
    core/cell/cell_peer.c - those who send to a cell's mailbox

    Place: runtime/core, part of the cell. A peer is made when its first
    packet arrives and lives until it has said BYE and nothing points to it.
    Credit: a sender counts what it has sent, the mailbox tells it, in totals,
    what has been taken; the difference is bounded (see child.h).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdlib.h>

#define S_FIRST_BUCKETS 8u

static size_t s_bucket (uint64_t id, size_t buckets)
{
    return (size_t) ((id * UINT64_C (0x9E3779B97F4A7C15)) >> 32) & (buckets - 1);
}

static bool s_grow (troupe_actor_t *cell)
{
    size_t buckets = cell->peer_buckets ? cell->peer_buckets * 2 : S_FIRST_BUCKETS;
    troupe_peer_t **table = calloc (buckets, sizeof *table);
    if (!table)
        return cell->peer_buckets > 0;
    for (size_t index = 0; index < cell->peer_buckets; index++)
        for (troupe_peer_t *peer = cell->peers [index], *next; peer; peer = next) {
            next = peer->next;
            size_t bucket = s_bucket (peer->id, buckets);
            peer->next = table [bucket];
            table [bucket] = peer;
        }
    free (cell->peers);
    cell->peers = table;
    cell->peer_buckets = buckets;
    return true;
}

static troupe_peer_t *s_find (const troupe_actor_t *cell, uint64_t id)
{
    troupe_peer_t *peer = cell->peer_buckets ? cell->peers [s_bucket (id, cell->peer_buckets)] : NULL;
    while (peer && peer->id != id)
        peer = peer->next;
    return peer;
}

troupe_peer_t *troupe_cell_peer (troupe_actor_t *cell, uint64_t id)
{
    troupe_peer_t *known = s_find (cell, id);
    if (known)
        return known;
    if (cell->peer_count >= cell->peer_buckets && !s_grow (cell))
        return NULL;
    troupe_peer_t *peer = calloc (1, sizeof *peer);
    if (!peer)
        return NULL;
    peer->id = id;
    peer->cell = cell;
    size_t bucket = s_bucket (id, cell->peer_buckets);
    peer->next = cell->peers [bucket];
    cell->peers [bucket] = peer;
    cell->peer_count++;
    return peer;
}

static void s_free (troupe_peer_t *peer)
{
    if (peer->cell->cancelled_count)
        troupe_cancelled_forget (peer);
    troupe_pack_clear (&peer->out);
    free (peer);
}

static void s_unlink (troupe_peer_t *peer)
{
    troupe_actor_t *cell = peer->cell;
    troupe_peer_t **place = &cell->peers [s_bucket (peer->id, cell->peer_buckets)];
    while (*place != peer)
        place = &(*place)->next;
    *place = peer->next;
    cell->peer_count--;
}

static void s_reap (troupe_peer_t *peer)
{
    if (!peer->gone || peer->holders || peer->dirty)
        return;
    s_unlink (peer);
    s_free (peer);
}

void troupe_peer_drop (troupe_peer_t *peer)
{
    if (!peer)
        return;
    peer->holders--;
    s_reap (peer);
}

void troupe_peer_leave (troupe_peer_t *peer)
{
    peer->gone = true;
    peer->holders++;
    troupe_watchers_forget_peer (peer->cell, peer);
    troupe_follow_gone (peer);
    troupe_peer_drop (peer);
}

troupe_pack_t *troupe_peer_pack (troupe_peer_t *peer)
{
    if (!peer->dirty) {
        peer->dirty = true;
        peer->next_dirty = peer->cell->dirty_peers;
        peer->cell->dirty_peers = peer;
    }
    return &peer->out;
}

//  What is taken from a remote peer is told it with each answer: it matters when the connection breaks.
static void s_add_credit (troupe_peer_t *peer)
{
    troupe_record_t record = { .kind = TROUPE_RECORD_CREDIT,
                               .words = { peer->taken_messages, peer->taken_bytes } };
    if (peer->taken_messages == peer->credited_messages || !troupe_pack_copy (&peer->out, &record, NULL))
        return;
    peer->credited_messages = peer->taken_messages;
    peer->credited_bytes = peer->taken_bytes;
}

static void s_send (troupe_peer_t *peer)
{
    if (peer->out.size && peer->remote && !peer->gone)
        s_add_credit (peer);
    if (peer->out.size && !peer->gone && !peer->cell->host->peer_send (peer->cell, peer, &peer->out)) {
        peer->gone = true;
        troupe_follow_gone (peer);
    }
    troupe_pack_reset (&peer->out);
}

bool troupe_peer_tell (troupe_peer_t *peer, troupe_record_t *record, const void *payload)
{
    if (peer->gone || !troupe_pack_copy (troupe_peer_pack (peer), record, payload))
        return false;
    if (peer->out.size >= TROUPE_PACK_FLUSH)
        s_send (peer);
    return true;
}

void troupe_peer_credit (troupe_peer_t *peer)
{
    troupe_record_t record = { .kind = TROUPE_RECORD_CREDIT,
                               .words = { peer->taken_messages, peer->taken_bytes } };
    if (!troupe_peer_tell (peer, &record, NULL))
        return;
    peer->credited_messages = peer->taken_messages;
    peer->credited_bytes = peer->taken_bytes;
}

void troupe_peer_took (troupe_peer_t *peer, size_t bytes)
{
    const troupe_mailbox_options_t *limits = &peer->cell->limits;
    peer->taken_messages++;
    peer->taken_bytes += bytes;
    if (peer->taken_messages - peer->credited_messages >= (limits->limit_messages + 1) / 2
        || peer->taken_bytes - peer->credited_bytes >= limits->limit_bytes / 2)
        troupe_peer_credit (peer);
}

void troupe_peers_flush (troupe_actor_t *cell)
{
    while (cell->dirty_peers) {
        troupe_peer_t *peer = cell->dirty_peers;
        cell->dirty_peers = peer->next_dirty;
        s_send (peer);
        peer->dirty = false;
        s_reap (peer);
    }
}

//  --- Peers in other processes

void troupe_cell_peer_remote (troupe_actor_t *cell, troupe_peer_t *peer)
{
    (void) cell;
    if (!peer->remote)
        peer->mute = !peer->greeted;
    peer->remote = true;
}

void troupe_cell_peer_lost (troupe_actor_t *cell, uint64_t id)
{
    troupe_peer_t *peer = s_find (cell, id);
    if (peer)
        troupe_peer_leave (peer);
}

void troupe_peer_welcome (troupe_peer_t *peer)
{
    const troupe_mailbox_options_t *limits = &peer->cell->limits;
    uint64_t block_ms = limits->block_ms > 0 ? (uint64_t) limits->block_ms : 0;
    troupe_record_t record = { .kind = TROUPE_RECORD_WELCOME,
                               .words = { limits->limit_messages, limits->limit_bytes,
                                          (uint64_t) limits->overflow | block_ms << 8 } };
    if (troupe_peer_tell (peer, &record, NULL))
        peer->greeted = true;
}

//  Names of others go into our log: nothing that would make a line of it look like two.
static void s_clean (char *name)
{
    for (; *name; name++)
        if ((unsigned char) *name < ' ' || *name == 127)
            *name = '?';
}

void troupe_peer_greeted (troupe_peer_t *peer, const troupe_record_t *record)
{
    if (record->payload && record->size < sizeof peer->name) {
        memcpy (peer->name, record->payload, record->size + 1);
        s_clean (peer->name);
    }
    if (peer->mute)
        troupe_peer_welcome (peer);
    peer->greeted = true;
    peer->mute = false;
}

void troupe_peer_refuse (troupe_peer_t *peer, size_t size)
{
    troupe_cell_bury (peer->cell, TROUPE_DEAD_MALFORMED, 0, size, 1, peer->name, peer->cell->name);
}

//  --- The end

//  Tells a peer that nothing will be taken any more, and how much was.
static void s_say_gone (troupe_peer_t *peer, const uint8_t *reason, size_t size)
{
    troupe_record_t record = { .kind = TROUPE_RECORD_GONE, .size = (uint32_t) size,
                               .words = { peer->taken_messages, peer->taken_bytes } };
    troupe_peer_tell (peer, &record, reason);
}

void troupe_peers_say_gone (troupe_actor_t *cell)
{
    uint8_t reason [TROUPE_REASON_ENCODED_MAX];
    size_t size = troupe_reason_encode (&cell->reason, reason, sizeof reason);
    for (size_t index = 0; index < cell->peer_buckets; index++)
        for (troupe_peer_t *peer = cell->peers [index]; peer; peer = peer->next)
            s_say_gone (peer, reason, size);
}

void troupe_peers_clear (troupe_actor_t *cell)
{
    for (size_t index = 0; index < cell->peer_buckets; index++)
        while (cell->peers [index]) {
            troupe_peer_t *peer = cell->peers [index];
            cell->peers [index] = peer->next;
            s_free (peer);
        }
    free (cell->peers);
    cell->peers = NULL;
    cell->peer_buckets = cell->peer_count = 0;
    cell->dirty_peers = NULL;
}
