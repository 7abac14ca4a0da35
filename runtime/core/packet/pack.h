/*  =========================================================================
    core/packet/pack.h - what a turn has collected for one receiver

    Place: runtime/core, above envelope. A pack is a packet that is being
    written: records, and the large payloads that travel behind them as
    frames. A block is a packet that has arrived, counted by those who still
    look into it. Both belong to one actor; nothing here is shared.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_PACK_H_INCLUDED
#define TROUPE_CORE_PACK_H_INCLUDED

#include "core/packet/envelope.h"

//  Bytes that have arrived, in memory that the host provides. 'release' runs when the last holder lets go.
typedef struct troupe_block troupe_block_t;
struct troupe_block {
    uint32_t holders;
    const uint8_t *data;
    size_t size;
    void (*release) (troupe_block_t *block);
};

static inline troupe_block_t *troupe_block_hold (troupe_block_t *block)
{
    if (block)
        block->holders++;
    return block;
}

static inline void troupe_block_drop (troupe_block_t *block)
{
    if (block && --block->holders == 0)
        block->release (block);
}

//  A payload that travels as a frame of its own: out of a block, or memory that is freed by 'release'.
typedef struct troupe_frame {
    troupe_block_t *block;      //  Not null: 'data' and 'size' are all of it
    void *data;
    size_t size;
    troupe_free_fn *release;
    void *hint;
} troupe_frame_t;

typedef struct troupe_pack {
    uint8_t *data;              //  malloc'd; a host may take it over when it sends, leaving null here
    size_t size;
    size_t capacity;
    troupe_frame_t *frames;
    size_t frame_count;
    size_t frame_capacity;
} troupe_pack_t;

//  Above this many bytes a pack is sent without waiting for the end of the turn.
#define TROUPE_PACK_FLUSH 65536u
//  With so many frames too. A mailbox takes no more than twice as many from other processes.
#define TROUPE_PACK_FRAMES 512u

static inline bool troupe_pack_is_full (const troupe_pack_t *self)
{
    return self->size >= TROUPE_PACK_FLUSH || self->frame_count >= TROUPE_PACK_FRAMES;
}

/*  Appends a record with a copy of its payload. The record's size and flags are as given; a payload of
    TROUPE_ENVELOPE_LARGE or more becomes a frame. False when memory is out: the pack is as before.         */
bool troupe_pack_copy (troupe_pack_t *self, troupe_record_t *record, const void *payload);

//  Appends a record whose payload is a frame; takes the frame over. False when memory is out: nothing changed hands.
bool troupe_pack_frame (troupe_pack_t *self, troupe_record_t *record, const troupe_frame_t *frame);

//  Makes the pack empty and keeps its memory; frames are let go.
void troupe_pack_reset (troupe_pack_t *self);

//  The same, and frees its memory.
void troupe_pack_clear (troupe_pack_t *self);

//  Lets go of what a frame holds.
void troupe_frame_drop (const troupe_frame_t *frame);

#endif
