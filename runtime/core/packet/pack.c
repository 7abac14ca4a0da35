/*  =========================================================================
    core/packet/pack.c - what a turn has collected for one receiver

    Place: runtime/core; see pack.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/pack.h"

#include <stdlib.h>

#define S_FIRST_CAPACITY 256u

static bool s_reserve (troupe_pack_t *self, size_t more)
{
    size_t needed = self->size + more;
    if (needed <= self->capacity)
        return true;
    size_t capacity = self->capacity ? self->capacity : S_FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *data = realloc (self->data, capacity);
    if (!data)
        return false;
    self->data = data;
    self->capacity = capacity;
    return true;
}

static bool s_reserve_frame (troupe_pack_t *self)
{
    if (self->frame_count < self->frame_capacity)
        return true;
    size_t capacity = self->frame_capacity ? self->frame_capacity * 2 : 4;
    troupe_frame_t *frames = realloc (self->frames, capacity * sizeof *frames);
    if (!frames)
        return false;
    self->frames = frames;
    self->frame_capacity = capacity;
    return true;
}

static void s_free_payload (void *data, void *hint)
{
    (void) hint;
    free (data);
}

//  A large payload is copied once, into memory that then travels.
static bool s_copy_large (troupe_pack_t *self, troupe_record_t *record, const void *payload)
{
    troupe_frame_t frame = { .size = record->size, .release = s_free_payload };
    frame.data = malloc (record->size);
    if (!frame.data)
        return false;
    memcpy (frame.data, payload, record->size);
    if (troupe_pack_frame (self, record, &frame))
        return true;
    free (frame.data);
    return false;
}

bool troupe_pack_copy (troupe_pack_t *self, troupe_record_t *record, const void *payload)
{
    if (record->size >= TROUPE_ENVELOPE_LARGE)
        return s_copy_large (self, record, payload);
    size_t whole = troupe_envelope_size (record->kind, record->size);
    if (!s_reserve (self, whole))
        return false;
    uint8_t *body = troupe_envelope_write (self->data + self->size, record);
    size_t padded = troupe_envelope_padded (record->size);
    troupe_store64 (body + padded - 8, 0);
    if (record->size)
        memcpy (body, payload, record->size);
    self->size += whole;
    return true;
}

bool troupe_pack_frame (troupe_pack_t *self, troupe_record_t *record, const troupe_frame_t *frame)
{
    size_t whole = TROUPE_ENVELOPE_HEAD + 8u * troupe_record_words [record->kind];
    if (!s_reserve (self, whole) || !s_reserve_frame (self))
        return false;
    record->flags |= TROUPE_RECORD_FRAME;
    troupe_envelope_write (self->data + self->size, record);
    self->size += whole;
    self->frames [self->frame_count++] = *frame;
    return true;
}

void troupe_frame_drop (const troupe_frame_t *frame)
{
    if (frame->block)
        troupe_block_drop (frame->block);
    else if (frame->release)
        frame->release (frame->data, frame->hint);
}

void troupe_pack_reset (troupe_pack_t *self)
{
    for (size_t index = 0; index < self->frame_count; index++)
        troupe_frame_drop (&self->frames [index]);
    self->frame_count = 0;
    self->size = 0;
}

void troupe_pack_clear (troupe_pack_t *self)
{
    troupe_pack_reset (self);
    free (self->data);
    free (self->frames);
    *self = (troupe_pack_t) { 0 };
}
