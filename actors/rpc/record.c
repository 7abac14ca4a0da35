/*  =========================================================================
    record.c - how troupe's own RPC lies in a message

    Place: actors/rpc; see record.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "record.h"

#include <stdlib.h>
#include <string.h>

#define S_VERSION 1u
#define S_MORE 1u

static const uint8_t s_head [TROUPE_RPC_HEAD] = { 0, 'T', 'R', S_VERSION };

//  --- Integers, little-endian

static inline uint16_t s_load16 (const uint8_t *data)
{
    return (uint16_t) (data [0] | (unsigned) data [1] << 8);
}

static inline uint32_t s_load32 (const uint8_t *data)
{
    return (uint32_t) data [0] | (uint32_t) data [1] << 8 | (uint32_t) data [2] << 16 | (uint32_t) data [3] << 24;
}

static inline uint64_t s_load64 (const uint8_t *data)
{
    return s_load32 (data) | (uint64_t) s_load32 (data + 4) << 32;
}

static inline void s_store16 (uint8_t *data, uint16_t value)
{
    data [0] = (uint8_t) value;
    data [1] = (uint8_t) (value >> 8);
}

static inline void s_store32 (uint8_t *data, uint32_t value)
{
    s_store16 (data, (uint16_t) value);
    s_store16 (data + 2, (uint16_t) (value >> 16));
}

static inline void s_store64 (uint8_t *data, uint64_t value)
{
    s_store32 (data, (uint32_t) value);
    s_store32 (data + 4, (uint32_t) (value >> 32));
}

static size_t s_padded (size_t size)
{
    return (size + 7) & ~(size_t) 7;
}

//  --- Reading

bool troupe_rpc_recognise (const void *data, size_t size)
{
    return size >= TROUPE_RPC_HEAD && memcmp (data, s_head, 3) == 0;
}

static bool s_take_apart (const uint8_t *data, size_t size, troupe_rpc_record_t *record)
{
    uint16_t outcome = s_load16 (data + 6);
    size_t payload = s_load32 (data + 16);
    record->kind = (troupe_rpc_kind_t) data [4];
    record->more = data [5] & S_MORE;
    record->outcome = (troupe_outcome_t) outcome;
    record->id = s_load64 (data + 8);
    record->left_us = (int64_t) s_load64 (data + 24);
    record->payload = (troupe_bytes_t) { data + TROUPE_RPC_RECORD_HEAD, payload };
    return data [4] >= TROUPE_RPC_ASK && data [4] < TROUPE_RPC_KINDS && outcome <= TROUPE_CALL_CANCELLED
           && payload <= size - TROUPE_RPC_RECORD_HEAD && s_padded (payload) == size - TROUPE_RPC_RECORD_HEAD
           && record->left_us >= 0;
}

troupe_error_t troupe_rpc_read (const void *data, size_t size, size_t *offset_p, troupe_rpc_record_t *record)
{
    const uint8_t *bytes = data;
    size_t offset = *offset_p;
    if (!troupe_rpc_recognise (data, size))
        return TROUPE_EPROTO;
    if (bytes [3] != S_VERSION)
        return TROUPE_ENOTSUP;
    if (offset == 0)
        offset = TROUPE_RPC_HEAD;
    if (offset == size)
        return TROUPE_ENOENT;
    if (offset > size || size - offset < TROUPE_RPC_RECORD_HEAD)
        return TROUPE_EPROTO;
    size_t whole = s_load32 (bytes + offset);
    if (whole < TROUPE_RPC_RECORD_HEAD || whole > size - offset || !s_take_apart (bytes + offset, whole, record))
        return TROUPE_EPROTO;
    *offset_p = offset + whole;
    return TROUPE_OK;
}

//  --- Writing

static bool s_reserve (troupe_rpc_message_t *self, size_t size)
{
    if (size <= self->capacity - self->size)
        return true;
    size_t capacity = 2 * self->capacity > self->size + size ? 2 * self->capacity : self->size + size + 1024;
    uint8_t *data = realloc (self->data, capacity);
    if (!data)
        return false;
    self->data = data;
    self->capacity = capacity;
    return true;
}

static void s_append (troupe_rpc_message_t *self, const troupe_rpc_record_t *record, size_t offset, size_t size)
{
    uint8_t *data = self->data + self->size;
    size_t whole = TROUPE_RPC_RECORD_HEAD + s_padded (size);
    bool more = record->more || offset + size < record->payload.size;
    s_store32 (data, (uint32_t) whole);
    data [4] = (uint8_t) record->kind;
    data [5] = more ? S_MORE : 0;
    s_store16 (data + 6, (uint16_t) record->outcome);
    s_store64 (data + 8, record->id);
    s_store32 (data + 16, (uint32_t) size);
    s_store32 (data + 20, 0);
    s_store64 (data + 24, (uint64_t) record->left_us);
    if (size) {
        s_store64 (data + whole - 8, 0);
        memcpy (data + TROUPE_RPC_RECORD_HEAD, (const uint8_t *) record->payload.data + offset, size);
    }
    self->size += whole;
}

troupe_error_t troupe_rpc_write (troupe_rpc_message_t *self, const troupe_rpc_record_t *record)
{
    size_t left = record->payload.size;
    size_t pieces = left ? (left + TROUPE_RPC_PIECE - 1) / TROUPE_RPC_PIECE : 1;
    if (left > SIZE_MAX / 2 || !s_reserve (self, TROUPE_RPC_HEAD + pieces * (TROUPE_RPC_RECORD_HEAD + 8) + left))
        return TROUPE_ENOMEM;
    if (self->size == 0) {
        memcpy (self->data, s_head, TROUPE_RPC_HEAD);
        self->size = TROUPE_RPC_HEAD;
    }
    for (size_t offset = 0; pieces--; offset += TROUPE_RPC_PIECE) {
        size_t size = left - offset < TROUPE_RPC_PIECE ? left - offset : TROUPE_RPC_PIECE;
        s_append (self, record, offset, size);
    }
    return TROUPE_OK;
}

size_t troupe_rpc_write_bare (uint8_t *room, const troupe_rpc_record_t *record)
{
    const size_t size = TROUPE_RPC_HEAD + TROUPE_RPC_RECORD_HEAD;
    troupe_rpc_message_t message = { .data = room, .size = TROUPE_RPC_HEAD, .capacity = size };
    troupe_rpc_record_t bare = *record;
    bare.payload = (troupe_bytes_t) { NULL, 0 };
    memcpy (room, s_head, TROUPE_RPC_HEAD);
    s_append (&message, &bare, 0, 0);
    return size;
}

void troupe_rpc_message_reset (troupe_rpc_message_t *self)
{
    self->size = 0;
}

void troupe_rpc_message_clear (troupe_rpc_message_t *self)
{
    free (self->data);
    *self = (troupe_rpc_message_t) { 0 };
}
