/*  =========================================================================
    stage/ways.c - from a ref to a mailbox, and back

    Place: runtime/stage. What a ref sends is taken apart into single records
    at once, so that every message is an item of its own: it has its own line in
    the trace, can be lost or held back, and messages of different senders
    mix by the seed, while each way keeps its order. A way is kept until the
    stage ends; its lanes leave their players' lists when they are done.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include <stdlib.h>

//  --- Payloads in frames

typedef struct s_framed_block {
    troupe_block_t block;           //  First
    troupe_stage_t *stage;
    troupe_frame_t frame;
} s_framed_block_t;

static void s_framed_release (troupe_block_t *block)
{
    s_framed_block_t *self = (s_framed_block_t *) block;
    self->stage->blocks--;
    troupe_frame_drop (&self->frame);
    free (self);
}

//  Takes the frame over.
static troupe_block_t *s_framed_block (troupe_stage_t *stage, troupe_frame_t *frame)
{
    troupe_block_t *block = frame->block;
    if (!block) {
        s_framed_block_t *self = troupe_stage_memory (sizeof *self);
        self->stage = stage;
        self->frame = *frame;
        self->block = (troupe_block_t) { .holders = 1, .data = frame->data, .size = frame->size,
                                         .release = s_framed_release };
        block = &self->block;
        stage->blocks++;
    }
    *frame = (troupe_frame_t) { 0 };
    return block;
}

//  --- Opening and closing

static void s_apply_limits (troupe_stage_way_t *way)
{
    if (!way->ref)
        return;
    way->ref->limits = way->limits;
    if (way->to->full)
        way->ref->limits.limit_messages = 0;
}

static troupe_stage_way_t *s_way_new (troupe_stage_player_t *from, troupe_stage_player_t *to, troupe_ref_t *ref)
{
    troupe_stage_t *stage = from->stage;
    troupe_stage_way_t *way = troupe_stage_memory (sizeof *way);
    way->from = from;
    way->to = to;
    way->ref = ref;
    way->limits = to->cell.limits;
    way->remote = from->remote || to->remote;
    way->forward.way = way->backward.way = way;
    way->backward.backward = true;
    troupe_stage_lane_open (&way->forward, to, false);
    troupe_stage_lane_open (&way->backward, from, false);
    if (stage->way_count == stage->way_capacity) {
        size_t capacity = stage->way_capacity ? stage->way_capacity * 2 : 64;
        troupe_stage_way_t **ways = troupe_stage_memory (capacity * sizeof *ways);
        if (stage->way_count)
            memcpy (ways, stage->ways, stage->way_count * sizeof *ways);
        free (stage->ways);
        stage->ways = ways;
        stage->way_capacity = capacity;
    }
    stage->ways [stage->way_count++] = way;
    way->number = stage->way_count;
    return way;
}

troupe_peer_t *troupe_stage_way_peer (troupe_stage_way_t *way)
{
    troupe_actor_t *cell = &way->to->cell;
    troupe_peer_t *peer = troupe_cell_peer (cell, way->number | (uint64_t) way->connection << 32);
    if (peer && way->remote)
        troupe_cell_peer_remote (cell, peer);
    return peer;
}

troupe_error_t troupe_stage_ref_open (troupe_actor_t *cell, troupe_ref_t *ref)
{
    troupe_stage_player_t *from = troupe_stage_player (cell);
    troupe_stage_player_t *to = ref->link ? ref->link->host : troupe_stage_find_named (from->stage, ref->address);
    if (!to || to->gone || to->cell.cell_state == TROUPE_CELL_FINAL)
        return TROUPE_ENOENT;
    troupe_stage_way_t *way = s_way_new (from, to, ref);
    ref->host = way;
    ref->remote = ref->relative = way->remote;
    if (way->remote)
        troupe_stage_remote_open (way);
    else
        s_apply_limits (way);
    return TROUPE_OK;
}

//  What has been sent still arrives; answers have nobody to go to.
void troupe_stage_ref_close (troupe_actor_t *cell, troupe_ref_t *ref)
{
    (void) cell;
    troupe_stage_way_t *way = ref->host;
    ref->host = NULL;
    if (!way)
        return;
    way->ref = NULL;
    troupe_stage_remote_close (way);
    troupe_stage_lane_close (&way->backward);
    if (!way->forward.first)
        troupe_stage_lane_close (&way->forward);
}

//  --- Sending

static troupe_stage_item_t *s_item (troupe_stage_t *stage, troupe_pack_t *pack, size_t *offset_p, size_t *frame_p)
{
    troupe_record_t record;
    size_t size = troupe_envelope_read (pack->data + *offset_p, pack->size - *offset_p, &record);
    if (!size)
        troupe_stage_die (stage, "a cell has packed a record that is malformed");
    troupe_stage_item_t *item = troupe_stage_item_new (TROUPE_STAGE_RECORD);
    item->block = troupe_stage_block (stage, pack->data + *offset_p, size);
    item->record_kind = record.kind;
    item->flags = record.flags;
    item->tag = record.tag;
    item->size = record.size;
    if (record.flags & TROUPE_RECORD_FRAME)
        item->frame = s_framed_block (stage, &pack->frames [(*frame_p)++]);
    *offset_p += size;
    return item;
}

//  Mail that is lost counts as taken: a network that loses messages does not make a mailbox smaller for ever.
static void s_lose (troupe_stage_way_t *way, troupe_stage_item_t *item)
{
    troupe_peer_t *peer = troupe_stage_way_peer (way);
    if (peer && item->record_kind != TROUPE_RECORD_REPLY) {
        peer->taken_messages++;
        peer->taken_bytes += TROUPE_ENVELOPE_HEAD + item->size;
        peer->credited_messages = peer->taken_messages;
        peer->credited_bytes = peer->taken_bytes;
        uint8_t data [TROUPE_ENVELOPE_HEAD + 24] = { 0 };
        troupe_record_t credit = { .kind = TROUPE_RECORD_CREDIT,
                                   .words = { peer->taken_messages, peer->taken_bytes } };
        troupe_envelope_write (data, &credit);
        troupe_stage_item_t *answer = troupe_stage_item_new (TROUPE_STAGE_RECORD);
        answer->record_kind = TROUPE_RECORD_CREDIT;
        answer->block = troupe_stage_block (way->to->stage, data, troupe_envelope_size (TROUPE_RECORD_CREDIT, 0));
        troupe_stage_lane_add (&way->backward, answer);
    }
    troupe_stage_item_free (item);
}

static void s_put (troupe_stage_lane_t *lane, troupe_stage_item_t *item)
{
    troupe_actor_t *cell = &lane->to->cell;
    if (!lane->backward) {
        troupe_peer_t *peer = troupe_stage_way_peer (lane->way);
        if (peer)
            troupe_cell_note (cell, peer, item->block->data, item->block->size);
    }
    if (troupe_stage_fault_send (lane, item))
        s_lose (lane->way, item);
    else
        troupe_stage_lane_add (lane, item);
}

static void s_send (troupe_stage_lane_t *lane, troupe_pack_t *pack)
{
    size_t frame = 0;
    bool reachable = !lane->to->gone && lane->to->cell.cell_state != TROUPE_CELL_FINAL;
    for (size_t offset = 0; reachable && offset < pack->size; )
        s_put (lane, s_item (lane->to->stage, pack, &offset, &frame));
    troupe_pack_reset (pack);
}

void troupe_stage_ref_send (troupe_actor_t *cell, troupe_ref_t *ref, troupe_pack_t *pack)
{
    troupe_stage_way_t *way = ref->host;
    bool lost = !way || troupe_stage_player (cell)->muted
                || (way->remote && (!way->connected || way->known != way->connection));
    if (!lost)
        s_send (&way->forward, pack);
    else
        troupe_pack_reset (pack);
}

bool troupe_stage_peer_answer (troupe_actor_t *cell, troupe_peer_t *peer, troupe_pack_t *pack)
{
    troupe_stage_t *stage = troupe_stage_player (cell)->stage;
    uint32_t number = (uint32_t) peer->id, connection = (uint32_t) (peer->id >> 32);
    troupe_stage_way_t *way = number && number <= stage->way_count ? stage->ways [number - 1] : NULL;
    bool there = way && way->ref && connection == way->connection && (way->connected || !way->remote);
    if (there && !way->to->muted) {
        s_send (&way->backward, pack);
        return true;
    }
    troupe_pack_reset (pack);
    return false;
}

//  The others go on while this one waits; time passes only when they have nothing to do. That the receiver was given
//  up is for a turn of its own, since it calls back.
static bool s_wait (troupe_stage_player_t *player, troupe_stage_lane_t *lane, int64_t until_us)
{
    troupe_stage_t *stage = player->stage;
    for (;;) {
        const troupe_stage_item_t *first = lane->first;
        if (player->muted || (first && (first->kind == TROUPE_STAGE_LOST || first->kind == TROUPE_STAGE_BROKEN)))
            return false;
        if (first && first->due_us <= stage->now_us) {
            troupe_stage_lane_deliver (lane);
            return true;
        }
        if (until_us <= stage->now_us)
            return false;
        if (!troupe_stage_proceed (stage, until_us))
            troupe_stage_move_clock (stage, until_us);
    }
}

bool troupe_stage_ref_wait (troupe_actor_t *cell, troupe_ref_t *ref, int64_t until_us)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    troupe_stage_way_t *way = ref->host;
    if (!way)
        return false;
    bool busy = player->busy;
    player->busy = true;
    bool arrived = s_wait (player, &way->backward, until_us);
    player->busy = busy;
    return arrived;
}

//  --- The end of a player

void troupe_stage_collect (troupe_actor_t *cell)
{
    for (troupe_stage_lane_t *lane = troupe_stage_player (cell)->lanes, *next; lane; lane = next) {
        next = lane->next;
        while (lane->way && !lane->backward && lane->first)
            troupe_stage_lane_deliver (lane);
    }
}

void troupe_stage_way_tell (troupe_stage_way_t *way, troupe_stage_item_kind_t kind, const troupe_reason_t *reason)
{
    troupe_stage_item_t *item = troupe_stage_item_new (kind);
    item->size = way->connection;
    item->reason = reason ? troupe_reason_copy (reason) : NULL;
    troupe_stage_lane_add (&way->backward, item);
}

void troupe_stage_ways_lost (troupe_stage_player_t *to, const troupe_reason_t *reason)
{
    troupe_stage_t *stage = to->stage;
    for (size_t index = 0; index < stage->way_count; index++) {
        troupe_stage_way_t *way = stage->ways [index];
        if (way->to != to || !way->ref)
            continue;
        troupe_stage_way_tell (way, TROUPE_STAGE_LOST, reason);
    }
}

void troupe_stage_ways_fill (troupe_stage_player_t *to)
{
    for (size_t index = 0; index < to->stage->way_count; index++)
        if (to->stage->ways [index]->to == to)
            s_apply_limits (to->stage->ways [index]);
}

void troupe_stage_ways_free (troupe_stage_t *stage)
{
    for (size_t index = 0; index < stage->way_count; index++) {
        troupe_stage_lane_close (&stage->ways [index]->forward);
        troupe_stage_lane_close (&stage->ways [index]->backward);
        free (stage->ways [index]);
    }
    free (stage->ways);
    stage->ways = NULL;
    stage->way_count = stage->way_capacity = 0;
}
