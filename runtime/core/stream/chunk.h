/*  =========================================================================
    core/stream/chunk.h - runs of bytes that wait in a stream

    Place: runtime/core, below stream. A chunk holds copied bytes, or points
    into a message that is kept for it. Chunks of the usual size come from a
    list of the cell's and go back there: a stream at rest holds none, and an
    answer of the usual size allocates nothing.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_CHUNK_H_INCLUDED
#define TROUPE_CORE_CHUNK_H_INCLUDED

#include <troupe/message.h>

#define TROUPE_CHUNK_USUAL 4040u        //  With its head, and malloc's, less than a page
#define TROUPE_CHUNKS_KEPT 256u         //  That many wait for their next use in each cell

typedef struct troupe_chunk troupe_chunk_t;
struct troupe_chunk {
    troupe_chunk_t *next;
    const uint8_t *data;        //  What is still to be taken
    size_t size;
    size_t capacity;            //  Of 'bytes'; 0 for a message's
    troupe_message_t *message;
    uint8_t bytes [];
};

//  An empty chunk for at least 'capacity' bytes; null when memory is out.
troupe_chunk_t *troupe_chunk_new (troupe_actor_t *cell, size_t capacity);

//  One that points into 'message', which it takes over. Null when memory is out: the message stays the caller's.
troupe_chunk_t *troupe_chunk_new_from (troupe_message_t *message, const void *data, size_t size);

//  Gives a chunk back, with what it holds, and nulls the pointer; does nothing with a null one.
void troupe_chunk_drop (troupe_actor_t *cell, troupe_chunk_t **chunk_p);

//  How many more bytes can be copied in behind the others.
static inline size_t troupe_chunk_room (const troupe_chunk_t *chunk)
{
    return chunk->capacity ? chunk->capacity - (size_t) (chunk->data - chunk->bytes) - chunk->size : 0;
}

//  Copies bytes in, for which there is room.
void troupe_chunk_append (troupe_chunk_t *chunk, const void *data, size_t size);

//  Frees the chunks that wait in the cell for their next use.
void troupe_chunks_clear (troupe_actor_t *cell);

#endif
