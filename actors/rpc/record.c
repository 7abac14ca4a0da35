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

static uint64_t s_load (const uint8_t *data, size_t width)
{
    uint64_t value = 0;
    while (width--)
        value = value << 8 | data [width];
    return value;
}

static void s_store (uint8_t *data, size_t width, uint64_t value)
{
    for (size_t index = 0; index < width; index++, value >>= 8)
        data [index] = (uint8_t) value;
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
    uint64_t outcome = s_load (data + 6, 2);
    size_t payload = (size_t) s_load (data + 16, 4);
    record->kind = (troupe_rpc_kind_t) data [4];
    record->more = data [5] & S_MORE;
    record->outcome = (troupe_outcome_t) outcome;
    record->id = s_load (data + 8, 8);
    record->left_us = (int64_t) s_load (data + 24, 8);
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
    size_t whole = (size_t) s_load (bytes + offset, 4);
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
    memset (data, 0, TROUPE_RPC_RECORD_HEAD);
    s_store (data, 4, whole);
    data [4] = (uint8_t) record->kind;
    data [5] = more ? S_MORE : 0;
    s_store (data + 6, 2, record->outcome);
    s_store (data + 8, 8, record->id);
    s_store (data + 16, 4, size);
    s_store (data + 24, 8, (uint64_t) record->left_us);
    memset (data + whole - 8 * (size > 0), 0, 8 * (size > 0));
    if (size)
        memcpy (data + TROUPE_RPC_RECORD_HEAD, (const uint8_t *) record->payload.data + offset, size);
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
