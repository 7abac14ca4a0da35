/*  =========================================================================
    relay.c - bodies in pieces, between a caller and a server

    Place: actors/upstream; see parts.h. Nothing is queued here. The request's
    pieces are taken while the connection has room, else they stay with who
    sends them (troupe/body.h); the answer is read while pieces of it are
    asked for, else it stays with the server. What comes in one turn is one
    piece.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  A server that has so much of a request to read yet gets no further piece.
#define ROOM_BYTES ((size_t) 128 * 1024)

//  --- The request

//  All of it, or none; a chunk is a piece.
static troupe_error_t s_write (troupe_upstream_connection_t *self, const troupe_body_event_t *event)
{
    const troupe_bytes_t plain = { event->data, event->size };
    char line [32];
    if (!self->exchange->chunked)
        return troupe_stream_write (self->stream, plain.data, plain.size);
    const int size = event->size ? snprintf (line, sizeof line, "%zx\r\n", event->size) : 0;
    const char *end = event->last ? event->size ? "\r\n0\r\n\r\n" : "0\r\n\r\n" : event->size ? "\r\n" : "";
    const troupe_bytes_t parts [3] = { { line, (size_t) size }, plain, { end, strlen (end) } };
    return troupe_stream_writev (self->stream, parts, 3);
}

static void s_take_piece (troupe_upstream_exchange_t *exchange, troupe_body_event_t *event)
{
    troupe_upstream_connection_t *self = exchange->connection;
    event->taken = self && self->phase == TROUPE_UPSTREAM_BUSY && self->stream;
    if (!event->taken)
        return;
    if (troupe_stream_queued (self->stream) >= ROOM_BYTES) {
        event->taken = false;
        troupe_stream_notify_drained (self->stream);
        return;
    }
    //  One that cannot be written to is about to be closed: what it has answered is told then.
    if (s_write (self, event) == TROUPE_ENOMEM) {
        troupe_upstream_drop (self);
        troupe_upstream_answer_problem (exchange, 503, "There is no memory for the request.");
        return;
    }
    exchange->sent = true;
    if (event->last)
        troupe_upstream_request_over (exchange);
}

void troupe_upstream_relay_request (troupe_upstream_exchange_t *self)
{
    if (self->body && !self->complete)
        troupe_body_resume (self->body, self->upstream);
}

//  --- The answer

bool troupe_upstream_relay_may_take (const troupe_upstream_connection_t *self)
{
    const troupe_upstream_exchange_t *exchange = self->exchange;
    return exchange->body == NULL || !exchange->begun || troupe_body_wanted (exchange->body) > 0;
}

troupe_error_t troupe_upstream_relay_add (troupe_upstream_actor_t *self, troupe_bytes_t bytes)
{
    const size_t size = self->piece_size + bytes.size;
    if (size > self->piece_room) {
        uint8_t *larger = realloc (self->piece, 2 * size);
        if (larger == NULL)
            return TROUPE_ENOMEM;
        self->piece = larger;
        self->piece_room = 2 * size;
    }
    memcpy (self->piece + self->piece_size, bytes.data, bytes.size);
    self->piece_size = size;
    return TROUPE_OK;
}

//  The head, with what has come behind it.
static troupe_error_t s_begin (troupe_upstream_connection_t *self)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    troupe_upstream_exchange_t *exchange = self->exchange;
    troupe_error_t error = troupe_response_body (self->response, upstream->piece, upstream->piece_size);
    if (error == TROUPE_OK)
        error = troupe_body_begin (exchange->body, self->response, self->length);
    if (error)
        return error;
    exchange->begun = true;
    troupe_cancel (upstream->self, exchange->timer);
    exchange->timer = 0;
    upstream->counters.streamed++;
    troupe_response_reset (self->response);
    return TROUPE_OK;
}

troupe_error_t troupe_upstream_relay_flush (troupe_upstream_connection_t *self)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    troupe_upstream_exchange_t *exchange = self->exchange;
    troupe_error_t error = TROUPE_OK;
    if (exchange->body && !exchange->begun && self->headed)
        error = s_begin (self);
    else if (exchange->body && upstream->piece_size > 0)
        error = troupe_body_write (exchange->body, upstream->piece, upstream->piece_size);
    upstream->piece_size = 0;
    return error;
}

troupe_error_t troupe_upstream_relay_end (troupe_upstream_connection_t *self)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    troupe_upstream_exchange_t *exchange = self->exchange;
    const troupe_bytes_t piece = { upstream->piece, upstream->piece_size };
    upstream->piece_size = 0;
    if (exchange->body == NULL)
        return TROUPE_OK;
    if (exchange->begun)
        return troupe_body_end (&exchange->body, piece.data, piece.size);
    return troupe_response_body (self->response, piece.data, piece.size);
}

//  --- Events

int troupe_upstream_on_body (troupe_actor_t *actor, void *state, troupe_body_t *body, troupe_body_event_t *event,
                             void *context)
{
    (void) actor;
    (void) body;
    troupe_upstream_exchange_t *self = context;
    switch (event->kind) {
    case TROUPE_BODY_BYTES:
        s_take_piece (self, event);
        break;
    case TROUPE_BODY_WANTED:
        if (self->connection && self->connection->stream)
            troupe_stream_resume (self->connection->stream);
        break;
    case TROUPE_BODY_GONE:
        self->body = NULL;
        troupe_upstream_forget (self);
        break;
    }
    troupe_upstream_dispatch (state);
    return 0;
}
