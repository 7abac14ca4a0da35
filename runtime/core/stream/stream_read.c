/*  =========================================================================
    core/stream/stream_read.c - what a stream receives

    Place: runtime/core; see stream.h. Bytes come in the host's buffer and the
    callback looks at them there. Only what it leaves is copied, into the
    stream's own 'rest', and is shown again with more behind it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/stream/stream.h"

#include <string.h>

//  --- The rest

//  Makes room for 'more' bytes behind the rest, which moves to the front or into a larger chunk.
static bool s_reserve (troupe_stream_t *stream, size_t more)
{
    troupe_chunk_t *rest = stream->rest;
    if (rest && troupe_chunk_room (rest) >= more)
        return true;
    size_t size = rest ? rest->size : 0;
    if (rest && rest->capacity - size >= more) {
        memmove (rest->bytes, rest->data, size);
        rest->data = rest->bytes;
        return true;
    }
    size_t capacity = size + more;
    if (rest && capacity < 2 * rest->capacity)
        capacity = 2 * rest->capacity;
    troupe_chunk_t *larger = troupe_chunk_new (stream->cell, capacity);
    if (!larger)
        return false;
    if (rest)
        troupe_chunk_append (larger, rest->data, size);
    troupe_chunk_drop (stream->cell, &stream->rest);
    stream->rest = larger;
    return true;
}

//  False when memory is out, and then the stream is dead: bytes in the middle cannot be missing.
static bool s_keep (troupe_stream_t *stream, const uint8_t *data, size_t size)
{
    if (size == 0)
        return true;
    if (!s_reserve (stream, size)) {
        troupe_stream_kill (stream, TROUPE_ENOMEM, true);
        return false;
    }
    troupe_chunk_append (stream->rest, data, size);
    return true;
}

//  --- Delivering

//  Shows bytes to the callback. False when the incarnation is over; *consumed_p is at most 'size'.
static bool s_show (troupe_stream_t *stream, const uint8_t *data, size_t size, size_t *consumed_p)
{
    troupe_stream_event_t event = { .kind = TROUPE_STREAM_BYTES, .data = data, .size = size };
    if (!troupe_stream_emit (stream, &event))
        return false;
    *consumed_p = event.consumed < size ? event.consumed : size;
    return true;
}

static void s_consume_rest (troupe_stream_t *stream, size_t consumed)
{
    stream->rest->data += consumed;
    stream->rest->size -= consumed;
    if (stream->rest->size == 0)
        troupe_chunk_drop (stream->cell, &stream->rest);
}

static void s_stall (troupe_stream_t *stream, bool stalled)
{
    if (stream->stalled == stalled)
        return;
    stream->stalled = stalled;
    if (!stream->paused && !stream->ended_in)
        stream->cell->host->stream_reads (stream->cell, stream, !stalled);
}

/*  After a callback that was shown 'shown' bytes: at the limit, one that has taken nothing is hopeless; one
    that has taken something is shown the rest again, and nothing is read until it is below the limit. True: go
    on reading.                                                                                                   */
static bool s_judge (troupe_stream_t *stream, size_t shown, size_t consumed)
{
    if (stream->dead || stream->closing)
        return false;
    if (stream->paused)
        return false;
    if (consumed == 0 && shown >= stream->read_limit) {
        troupe_stream_kill (stream, TROUPE_ETOOBIG, false);
        return false;
    }
    size_t left = stream->rest ? stream->rest->size : 0;
    s_stall (stream, left >= stream->read_limit);
    if (stream->stalled) {
        stream->rest_due = true;
        troupe_stream_enlist (stream, TROUPE_STREAMS_EVENTS);
    }
    return !stream->stalled && !stream->ended_in;
}

bool troupe_stream_redeliver (troupe_stream_t *stream)
{
    stream->rest_due = false;
    if (!stream->rest)
        return true;
    size_t shown = stream->rest->size, consumed;
    if (!s_show (stream, stream->rest->data, shown, &consumed))
        return false;
    s_consume_rest (stream, consumed);
    s_judge (stream, shown, consumed);
    return true;
}

//  Nothing is left over from before: the callback looks into the host's buffer.
static bool s_arrived_alone (troupe_stream_t *stream, const uint8_t *data, size_t size)
{
    size_t consumed;
    if (!s_show (stream, data, size, &consumed))
        return false;
    if (stream->dead || !s_keep (stream, data + consumed, size - consumed))
        return false;
    return s_judge (stream, size, consumed);
}

bool troupe_stream_arrived (troupe_stream_t *stream, const uint8_t *data, size_t size)
{
    if (!troupe_streams_alive (stream->cell) || stream->dead || stream->closing)
        return false;
    if (!stream->rest && !stream->paused)
        return s_arrived_alone (stream, data, size);
    if (!s_keep (stream, data, size) || stream->paused)
        return false;
    stream->rest_due = false;
    size_t shown = stream->rest->size, consumed;
    if (!s_show (stream, stream->rest->data, shown, &consumed))
        return false;
    s_consume_rest (stream, consumed);
    return s_judge (stream, shown, consumed);
}

//  --- What the user asks

void troupe_stream_pause (troupe_stream_t *stream)
{
    if (stream->paused || stream->dead)
        return;
    stream->paused = true;
    if (!stream->stalled && !stream->closing && !stream->ended_in)
        stream->cell->host->stream_reads (stream->cell, stream, false);
}

void troupe_stream_resume (troupe_stream_t *stream)
{
    if (!stream->paused || stream->dead)
        return;
    stream->paused = false;
    if (stream->closing)
        return;
    if (stream->rest) {
        stream->stalled = stream->rest->size >= stream->read_limit;
        stream->rest_due = true;
        troupe_stream_enlist (stream, TROUPE_STREAMS_EVENTS);
    }
    if (!stream->stalled && !stream->ended_in)
        stream->cell->host->stream_reads (stream->cell, stream, true);
}
