/*  =========================================================================
    core/stream/stream.c - byte streams: their life, and the events they owe

    Place: runtime/core; see stream.h. Output is in stream_write.c, input in
    stream_read.c, listeners and connecting in listener.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/stream/stream.h"

#include <stdlib.h>
#include <string.h>

//  --- Lists

static troupe_stream_t **s_head (troupe_actor_t *cell, troupe_streams_list_t list)
{
    if (list == TROUPE_STREAMS_ALL)
        return &cell->streams;
    return list == TROUPE_STREAMS_DIRTY ? &cell->dirty_streams : &cell->stream_events;
}

void troupe_stream_enlist (troupe_stream_t *stream, troupe_streams_list_t list)
{
    if (stream->links [list].next)
        return;
    troupe_stream_t **head = s_head (stream->cell, list);
    troupe_stream_t *first = *head ? *head : stream;
    troupe_stream_t *last = *head ? first->links [list].previous : stream;
    stream->links [list].next = first;
    stream->links [list].previous = last;
    last->links [list].next = stream;
    first->links [list].previous = stream;
    *head = first;
    if (list == TROUPE_STREAMS_EVENTS)
        stream->cell->stream_event_count++;
}

void troupe_stream_delist (troupe_stream_t *stream, troupe_streams_list_t list)
{
    troupe_stream_t *next = stream->links [list].next;
    troupe_stream_t *previous = stream->links [list].previous;
    if (!next)
        return;
    troupe_stream_t **head = s_head (stream->cell, list);
    next->links [list].previous = previous;
    previous->links [list].next = next;
    if (*head == stream)
        *head = next == stream ? NULL : next;
    stream->links [list].next = stream->links [list].previous = NULL;
    if (list == TROUPE_STREAMS_EVENTS)
        stream->cell->stream_event_count--;
}

//  --- Life

troupe_stream_t *troupe_stream_new (troupe_actor_t *cell, const troupe_stream_options_t *options,
                                    troupe_stream_fn *on_event, void *context)
{
    troupe_stream_t *stream = calloc (1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->cell = cell;
    stream->on_event = on_event;
    stream->context = context;
    stream->write_limit = options->write_limit_bytes;
    stream->read_limit = options->read_limit_bytes;
    troupe_stream_enlist (stream, TROUPE_STREAMS_ALL);
    return stream;
}

void troupe_stream_free (troupe_stream_t *stream)
{
    for (unsigned list = 0; list < TROUPE_STREAMS_LISTS; list++)
        troupe_stream_delist (stream, (troupe_streams_list_t) list);
    troupe_stream_discard (stream);
    troupe_chunk_drop (stream->cell, &stream->rest);
    free (stream->peer);
    free (stream);
}

//  A callback may be looking into the rest: that goes when the stream is freed.
void troupe_stream_kill (troupe_stream_t *stream, troupe_error_t error, bool abort)
{
    if (stream->dead)
        return;
    stream->dead = true;
    stream->error = error;
    if (stream->host)
        stream->cell->host->stream_close (stream->cell, stream, abort);
    stream->host = NULL;
    troupe_stream_discard (stream);
    troupe_stream_delist (stream, TROUPE_STREAMS_DIRTY);
    troupe_stream_enlist (stream, TROUPE_STREAMS_EVENTS);
}

bool troupe_stream_emit (troupe_stream_t *stream, troupe_stream_event_t *event)
{
    troupe_actor_t *cell = stream->cell;
    troupe_cell_enter (cell);
    cell->doing = TROUPE_DOING_STREAM;
    int result = stream->on_event (cell, cell->state, stream, event, stream->context);
    return troupe_cell_leave (cell, result);
}

//  --- Events that are due

static bool s_deliver_closed (troupe_stream_t *stream)
{
    troupe_stream_event_t event = { .kind = TROUPE_STREAM_CLOSED, .error = stream->error };
    troupe_stream_delist (stream, TROUPE_STREAMS_ALL);      //  From now on the end of the incarnation does not find it
    bool alive = troupe_stream_emit (stream, &event);
    troupe_stream_free (stream);
    return alive;
}

static bool s_deliver_plain (troupe_stream_t *stream, troupe_stream_event_kind_t kind)
{
    troupe_stream_event_t event = { .kind = kind };
    return troupe_stream_emit (stream, &event);
}

//  One event of a stream, which stays in the list when there are more.
static bool s_deliver_one (troupe_stream_t *stream)
{
    troupe_stream_delist (stream, TROUPE_STREAMS_EVENTS);
    if (stream->dead)
        return s_deliver_closed (stream);
    bool rest = stream->rest_due && !stream->paused && !stream->closing;
    bool writable = stream->writable_due && !stream->closing;
    bool drained = stream->drained_due && !stream->closing;
    if (rest + writable + drained > 1)
        troupe_stream_enlist (stream, TROUPE_STREAMS_EVENTS);
    if (rest)
        return troupe_stream_redeliver (stream);
    if (writable) {
        stream->writable_due = false;
        return s_deliver_plain (stream, TROUPE_STREAM_WRITABLE);
    }
    if (drained) {
        stream->drained_due = false;
        return s_deliver_plain (stream, TROUPE_STREAM_DRAINED);
    }
    return true;
}

//  What is made due meanwhile waits for the next turn.
void troupe_streams_turn (troupe_actor_t *cell)
{
    for (size_t count = cell->stream_event_count; count > 0 && cell->stream_events; count--)
        //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list, which clang does not follow
        if (!troupe_streams_alive (cell) || !s_deliver_one (cell->stream_events))
            return;
}

void troupe_streams_flush (troupe_actor_t *cell)
{
    while (cell->dirty_streams) {
        troupe_stream_t *stream = cell->dirty_streams;
        troupe_stream_delist (stream, TROUPE_STREAMS_DIRTY);
        troupe_stream_push (stream);
    }
}

static void s_end (troupe_stream_t *stream)
{
    bool orderly = stream->queued == 0 && troupe_reason_is_normal (&stream->cell->reason);
    troupe_stream_kill (stream, TROUPE_ECANCELLED, !orderly);
    troupe_stream_free (stream);
}

//  What was written last may still go; what the system does not take at once is lost, and the peer is shown that.
void troupe_streams_end (troupe_actor_t *cell)
{
    troupe_streams_flush (cell);
    while (cell->streams)
        s_end (cell->streams);      //  NOLINT(clang-analyzer-unix.Malloc): the same
    while (cell->listeners) {
        troupe_listener_t *listener = cell->listeners;
        troupe_listener_keep (listener);
    }
    troupe_chunks_clear (cell);
}

//  --- What the user asks

void troupe_stream_set_context (troupe_stream_t *stream, void *context)
{
    stream->context = context;
}

void *troupe_stream_context (const troupe_stream_t *stream)
{
    return stream->context;
}

//  The cache is not part of what 'const' promises, so it is found through the list.
static troupe_stream_t *s_mutable (const troupe_stream_t *stream)
{
    return stream->links [TROUPE_STREAMS_ALL].next
        ? stream->links [TROUPE_STREAMS_ALL].next->links [TROUPE_STREAMS_ALL].previous : NULL;
}

const char *troupe_stream_peer (const troupe_stream_t *stream)
{
    char text [TROUPE_ADDRESS_TEXT_MAX + 1] = "";
    troupe_stream_t *self = s_mutable (stream);
    if (stream->peer || !stream->host || !self)
        return stream->peer ? stream->peer : "";
    self->cell->host->stream_peer (self->cell, self, text, sizeof text);
    self->peer = strdup (text);
    return self->peer ? self->peer : "";
}

void troupe_stream_abort (troupe_stream_t *stream)
{
    troupe_stream_kill (stream, TROUPE_ECANCELLED, true);
}

//  --- What the host reports

bool troupe_stream_connected (troupe_stream_t *stream)
{
    stream->connecting = false;
    if (!troupe_streams_alive (stream->cell))
        return false;
    if (stream->queued || stream->ending || stream->closing)
        troupe_stream_enlist (stream, TROUPE_STREAMS_DIRTY);
    if (stream->closing)
        return false;
    return s_deliver_plain (stream, TROUPE_STREAM_CONNECTED) && !stream->dead && !stream->closing && !stream->paused;
}

bool troupe_stream_ended (troupe_stream_t *stream)
{
    if (!troupe_streams_alive (stream->cell) || stream->dead || stream->closing || stream->ended_in)
        return false;
    stream->ended_in = true;
    if (!s_deliver_plain (stream, TROUPE_STREAM_END))
        return false;
    if (!stream->dead && stream->ended_out)
        troupe_stream_kill (stream, TROUPE_OK, false);
    return false;
}

void troupe_stream_lost (troupe_stream_t *stream, troupe_error_t error)
{
    troupe_stream_kill (stream, error, false);
}
