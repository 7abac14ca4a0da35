/*  =========================================================================
    core/stream/stream_write.c - what a stream sends

    Place: runtime/core; see stream.h. Writes append to a queue of chunks; the
    end of the turn hands it to the host in one vectored call. What the system
    does not take stays until the host says that it takes more.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/stream/stream.h"

#define S_PARTS 64u                 //  In one call of the host's: far more than a turn usually writes
#define S_COPIED_BELOW 512u         //  Copying that much is cheaper than keeping its message

//  --- The queue

void troupe_stream_discard (troupe_stream_t *stream)
{
    while (stream->out) {
        troupe_chunk_t *chunk = stream->out;
        stream->out = chunk->next;
        troupe_chunk_drop (stream->cell, &chunk);
    }
    stream->last_out = NULL;
    stream->queued = 0;
}

static void s_append (troupe_stream_t *stream, troupe_chunk_t *chunk)
{
    if (stream->last_out)
        stream->last_out->next = chunk;
    else
        stream->out = chunk;
    stream->last_out = chunk;
}

//  The system has taken that many bytes off the front.
static void s_advance (troupe_stream_t *stream, size_t size)
{
    stream->queued -= size;
    while (stream->out && size >= stream->out->size) {
        troupe_chunk_t *chunk = stream->out;
        size -= chunk->size;
        stream->out = chunk->next;
        troupe_chunk_drop (stream->cell, &chunk);
    }
    if (!stream->out) {
        stream->last_out = NULL;
        return;
    }
    stream->out->data += size;
    stream->out->size -= size;
}

//  --- Sending

//  False when the connection is lost.
static bool s_send_some (troupe_stream_t *stream)
{
    troupe_bytes_t parts [S_PARTS];
    size_t count = 0, offered = 0;
    for (troupe_chunk_t *chunk = stream->out; chunk && count < S_PARTS; chunk = chunk->next) {
        parts [count++] = (troupe_bytes_t) { chunk->data, chunk->size };
        offered += chunk->size;
    }
    troupe_error_t error = TROUPE_ECLOSED;
    ptrdiff_t sent = stream->cell->host->stream_send (stream->cell, stream, parts, count, &error);
    if (sent < 0) {
        troupe_stream_kill (stream, error, false);
        return false;
    }
    s_advance (stream, (size_t) sent);
    stream->blocked = (size_t) sent < offered;
    return true;
}

static void s_owe_events (troupe_stream_t *stream)
{
    if (stream->was_full && (stream->queued == 0 || stream->queued < stream->write_limit / 2)) {
        stream->was_full = false;
        stream->writable_due = true;
        troupe_stream_enlist (stream, TROUPE_STREAMS_EVENTS);
    }
    if (stream->drained_asked && stream->queued == 0) {
        stream->drained_asked = false;
        stream->drained_due = true;
        troupe_stream_enlist (stream, TROUPE_STREAMS_EVENTS);
    }
}

void troupe_stream_push (troupe_stream_t *stream)
{
    if (stream->dead || stream->connecting)
        return;
    while (stream->out && !stream->blocked)
        if (!s_send_some (stream))
            return;
    s_owe_events (stream);
    if (stream->queued)
        return;
    if (stream->closing)
        troupe_stream_kill (stream, TROUPE_OK, false);
    else if (stream->ending && !stream->ended_out) {
        stream->ended_out = true;
        stream->cell->host->stream_end (stream->cell, stream);
        if (stream->ended_in)
            troupe_stream_kill (stream, TROUPE_OK, false);
    }
}

void troupe_stream_can_write (troupe_stream_t *stream)
{
    if (!stream->blocked || stream->dead)
        return;
    stream->blocked = false;
    troupe_stream_push (stream);
}

//  --- What the user asks

//  Whether 'size' more bytes may be queued.
static troupe_error_t s_admit (troupe_stream_t *stream, size_t size)
{
    if (stream->dead || stream->closing || stream->ending)
        return TROUPE_ECLOSED;
    if (stream->queued && (size > stream->write_limit || stream->queued > stream->write_limit - size)) {
        stream->was_full = true;
        return TROUPE_EFULL;
    }
    return TROUPE_OK;
}

//  Copies a part in: first where there is room, then into 'more', which has room for the remainder.
static void s_copy (troupe_chunk_t *room, troupe_chunk_t *more, const uint8_t *data, size_t size)
{
    size_t first = room ? troupe_chunk_room (room) : 0;
    if (first > size)
        first = size;
    if (first)
        troupe_chunk_append (room, data, first);
    if (size > first)
        troupe_chunk_append (more, data + first, size - first);
}

static void s_queued (troupe_stream_t *stream, size_t size)
{
    stream->queued += size;
    troupe_stream_enlist (stream, TROUPE_STREAMS_DIRTY);
}

troupe_error_t troupe_stream_writev (troupe_stream_t *stream, const troupe_bytes_t *parts, size_t count)
{
    size_t size = 0;
    for (size_t index = 0; index < count; index++)
        if (__builtin_add_overflow (size, parts [index].size, &size))
            return TROUPE_ENOMEM;
    troupe_error_t error = s_admit (stream, size);
    if (error || size == 0)
        return error;
    troupe_chunk_t *last = stream->last_out;
    size_t room = last ? troupe_chunk_room (last) : 0;
    troupe_chunk_t *more = NULL;
    if (size > room && !(more = troupe_chunk_new (stream->cell, size - room)))
        return TROUPE_ENOMEM;
    for (size_t index = 0; index < count; index++)
        s_copy (last, more, parts [index].data, parts [index].size);
    if (more)
        s_append (stream, more);
    s_queued (stream, size);
    return TROUPE_OK;
}

troupe_error_t troupe_stream_write (troupe_stream_t *stream, const void *data, size_t size)
{
    troupe_bytes_t part = { data, size };
    return troupe_stream_writev (stream, &part, 1);
}

//  The message kept may have its bytes elsewhere: what counts is where in the message they are.
static troupe_error_t s_write_kept (troupe_stream_t *stream, troupe_message_t *message, size_t offset, size_t size)
{
    troupe_message_t *kept = troupe_message_keep (message);
    const uint8_t *data = troupe_message_data (kept);
    troupe_chunk_t *chunk = kept ? troupe_chunk_new_from (kept, data + offset, size) : NULL;
    if (!chunk) {
        troupe_message_destroy (&kept);
        return TROUPE_ENOMEM;
    }
    s_append (stream, chunk);
    s_queued (stream, size);
    return TROUPE_OK;
}

troupe_error_t troupe_stream_write_from (troupe_stream_t *stream, troupe_message_t *message,
                                         const void *data, size_t size)
{
    uintptr_t offset = (uintptr_t) data - (uintptr_t) troupe_message_data (message);
    size_t whole = troupe_message_size (message);
    if (size && (offset > whole || size > whole - offset))
        return TROUPE_EINVAL;
    if (size < S_COPIED_BELOW)
        return troupe_stream_write (stream, data, size);
    troupe_error_t error = s_admit (stream, size);
    return error ? error : s_write_kept (stream, message, offset, size);
}

size_t troupe_stream_queued (const troupe_stream_t *stream)
{
    return stream->queued;
}

void troupe_stream_notify_drained (troupe_stream_t *stream)
{
    stream->drained_asked = true;
    if (!stream->dead)
        troupe_stream_enlist (stream, TROUPE_STREAMS_DIRTY);
}

void troupe_stream_end (troupe_stream_t *stream)
{
    if (stream->dead || stream->closing || stream->ending)
        return;
    stream->ending = true;
    troupe_stream_enlist (stream, TROUPE_STREAMS_DIRTY);
}

void troupe_stream_close (troupe_stream_t *stream)
{
    if (stream->dead || stream->closing)
        return;
    stream->closing = true;
    if (stream->connecting && stream->queued == 0) {
        troupe_stream_kill (stream, TROUPE_OK, false);
        return;
    }
    stream->cell->host->stream_reads (stream->cell, stream, false);
    troupe_stream_enlist (stream, TROUPE_STREAMS_DIRTY);
}
