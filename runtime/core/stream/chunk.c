/*  =========================================================================
    core/stream/chunk.c - runs of bytes that wait in a stream

    Place: runtime/core; see chunk.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/stream/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "core/cell/cell.h"

static troupe_chunk_t *s_from_cell (troupe_actor_t *cell)
{
    troupe_chunk_t *chunk = cell->free_chunks;
    if (chunk) {
        cell->free_chunks = chunk->next;
        cell->free_chunk_count--;
    }
    return chunk;
}

troupe_chunk_t *troupe_chunk_new (troupe_actor_t *cell, size_t capacity)
{
    if (capacity < TROUPE_CHUNK_USUAL)
        capacity = TROUPE_CHUNK_USUAL;
    troupe_chunk_t *chunk = capacity == TROUPE_CHUNK_USUAL ? s_from_cell (cell) : NULL;
    if (!chunk)
        chunk = malloc (sizeof *chunk + capacity);
    if (!chunk)
        return NULL;
    *chunk = (troupe_chunk_t) { .capacity = capacity };
    chunk->data = chunk->bytes;
    return chunk;
}

troupe_chunk_t *troupe_chunk_new_from (troupe_message_t *message, const void *data, size_t size)
{
    troupe_chunk_t *chunk = malloc (sizeof *chunk);
    if (chunk)
        *chunk = (troupe_chunk_t) { .data = data, .size = size, .message = message };
    return chunk;
}

void troupe_chunk_drop (troupe_actor_t *cell, troupe_chunk_t **chunk_p)
{
    troupe_chunk_t *chunk = *chunk_p;
    if (!chunk)
        return;
    *chunk_p = NULL;
    troupe_message_destroy (&chunk->message);
    if (chunk->capacity == TROUPE_CHUNK_USUAL && cell->free_chunk_count < TROUPE_CHUNKS_KEPT) {
        chunk->next = cell->free_chunks;
        cell->free_chunks = chunk;
        cell->free_chunk_count++;
    }
    else
        free (chunk);
}

void troupe_chunk_append (troupe_chunk_t *chunk, const void *data, size_t size)
{
    if (size)
        memcpy (chunk->bytes + (chunk->data - chunk->bytes) + chunk->size, data, size);
    chunk->size += size;
}

void troupe_chunks_clear (troupe_actor_t *cell)
{
    troupe_chunk_t *chunk;
    while ((chunk = s_from_cell (cell)))
        free (chunk);
}
