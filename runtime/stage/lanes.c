/*  =========================================================================
    stage/lanes.c - items, and the lanes in which they wait

    Place: runtime/stage. A lane is first in, first out, and belongs to the
    player that it leads to; which of its lanes is served next is the
    scheduler's choice. Delivering hands one item to the player's cell.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include <stdlib.h>

typedef struct s_counted_block {
    troupe_block_t block;           //  First
    troupe_stage_t *stage;
    uint8_t data [];
} s_counted_block_t;

static void s_block_release (troupe_block_t *block)
{
    s_counted_block_t *self = (s_counted_block_t *) block;
    self->stage->blocks--;
    free (self);
}

troupe_block_t *troupe_stage_block (troupe_stage_t *stage, const void *data, size_t size)
{
    s_counted_block_t *self = troupe_stage_memory (sizeof *self + size + 1);
    if (size)
        memcpy (self->data, data, size);
    self->stage = stage;
    self->block = (troupe_block_t) { .holders = 1, .data = self->data, .size = size, .release = s_block_release };
    stage->blocks++;
    return &self->block;
}

troupe_stage_item_t *troupe_stage_item_new (troupe_stage_item_kind_t kind)
{
    troupe_stage_item_t *item = troupe_stage_memory (sizeof *item);
    item->kind = kind;
    return item;
}

void troupe_stage_item_free (troupe_stage_item_t *item)
{
    troupe_block_drop (item->block);
    troupe_block_drop (item->frame);
    troupe_reason_destroy (&item->reason);
    free (item->letter);
    free (item);
}

void troupe_stage_lane_add (troupe_stage_lane_t *lane, troupe_stage_item_t *item)
{
    item->next = NULL;
    if (lane->last)
        lane->last->next = item;
    else
        lane->first = item;
    lane->last = item;
    lane->count++;
}

troupe_stage_item_t *troupe_stage_lane_take (troupe_stage_lane_t *lane)
{
    troupe_stage_item_t *item = lane->first;
    if (!item)
        return NULL;
    lane->first = item->next;
    if (!lane->first)
        lane->last = NULL;
    lane->count--;
    item->next = NULL;
    return item;
}

void troupe_stage_lane_clear (troupe_stage_lane_t *lane)
{
    for (troupe_stage_item_t *item; (item = troupe_stage_lane_take (lane)); )
        troupe_stage_item_free (item);
}

void troupe_stage_lane_open (troupe_stage_lane_t *lane, troupe_stage_player_t *to, bool control)
{
    lane->to = to;
    lane->control = control;
    lane->attached = true;
    lane->next = NULL;
    troupe_stage_lane_t **place = &to->lanes;
    while (*place)
        place = &(*place)->next;
    *place = lane;
}

void troupe_stage_lane_close (troupe_stage_lane_t *lane)
{
    troupe_stage_lane_clear (lane);
    if (!lane->attached)
        return;
    troupe_stage_lane_t **place = &lane->to->lanes;
    while (*place != lane)
        place = &(*place)->next;
    *place = lane->next;
    lane->attached = false;
}

//  A record goes to the mailbox, or back to the ref; when the ref has been closed, nobody is there to take it.
static void s_deliver_record (troupe_stage_lane_t *lane, troupe_stage_item_t *item)
{
    troupe_actor_t *cell = &lane->to->cell;
    troupe_ref_t *ref = lane->backward ? lane->way->ref : NULL;
    troupe_peer_t *peer = lane->backward ? NULL : troupe_stage_way_peer (lane->way);
    if (!ref && !peer)
        return;
    troupe_block_t **frames = NULL;
    if (item->frame) {
        frames = troupe_stage_memory (sizeof *frames);
        frames [0] = item->frame;
    }
    if (troupe_cell_arrived (cell, peer, ref, item->block, frames, item->frame ? 1 : 0))
        item->block = item->frame = NULL;
    else
        free (frames);
}

static void s_deliver_word (troupe_stage_lane_t *lane, troupe_stage_item_t *item)
{
    if (lane->link)
        troupe_cell_child_says (&lane->to->cell, lane->link, item->block->data, item->block->size);
    else
        troupe_cell_parent_says (&lane->to->cell, item->block->data, item->block->size);
}

void troupe_stage_lane_deliver (troupe_stage_lane_t *lane)
{
    troupe_stage_item_t *item = troupe_stage_lane_take (lane);
    troupe_actor_t *cell = &lane->to->cell;
    troupe_stage_note_item (lane, item);
    switch (item->kind) {
    case TROUPE_STAGE_RECORD:
        s_deliver_record (lane, item);
        break;
    case TROUPE_STAGE_LOST:
        if (lane->way->ref)
            troupe_cell_ref_lost (cell, lane->way->ref, item->reason);
        break;
    case TROUPE_STAGE_START:
        troupe_cell_start (cell);
        break;
    case TROUPE_STAGE_WORD:
        s_deliver_word (lane, item);
        break;
    case TROUPE_STAGE_NAMED:
        troupe_cell_child_named (cell, lane->link, item->error);
        break;
    case TROUPE_STAGE_LETTER:
        troupe_cell_dead_letter (cell, item->letter);
        break;
    case TROUPE_STAGE_NAME:
        troupe_stage_name_deliver (lane, item);
        break;
    case TROUPE_STAGE_CONNECTED:
    case TROUPE_STAGE_BROKEN:
    case TROUPE_STAGE_PEER_LOST:
        troupe_stage_remote_deliver (lane, item);
        break;
    }
    troupe_stage_item_free (item);
    if (lane->way && !lane->way->ref && !lane->first)
        troupe_stage_lane_close (lane);
}
