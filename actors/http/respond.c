/*  =========================================================================
    respond.c - the answer of a service that gives it in pieces

    Place: actors/http; see ingress.h, exchange.c and troupe/body.h. Pieces are
    asked for while the peer reads: one that reads slowly makes the service
    slow, not this actor large. What ends before its time is aborted, so that
    the peer sees it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include "body/message.h"

//  A peer that has so much of our output to read yet gets no further piece asked for.
#define ROOM_BYTES (128u * 1024u)

//  How often the service is told that somebody is still there, who reads slowly.
#define HOLD_MS 20000

//  --- Asking

void troupe_http_exchange_watch (troupe_http_connection_t *connection)
{
    const troupe_http_exchange_t *self = connection->exchange;
    const int64_t last_ms = connection->since_ms + connection->ingress->options.idle_timeout_ms;
    const int64_t hold_ms = troupe_now_ms (connection->ingress->self) + HOLD_MS;
    if (self && self->waits && connection->phase == TROUPE_HTTP_CALLING)
        troupe_http_set_deadline (connection, hold_ms < last_ms ? hold_ms : last_ms);
}

//  The peer has too much to read yet.
static void s_wait (troupe_http_exchange_t *self)
{
    troupe_http_connection_t *connection = self->connection;
    if (self->waits)
        return;
    self->waits = true;
    connection->since_ms = troupe_now_ms (self->ingress->self);
    connection->queued = troupe_stream_queued (connection->stream);
    troupe_stream_notify_drained (connection->stream);
    troupe_http_exchange_watch (connection);
}

static int s_on_piece (troupe_actor_t *actor, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context);

static void s_ask (troupe_http_exchange_t *self)
{
    troupe_http_connection_t *connection = self->connection;
    uint8_t id [TROUPE_BODY_ID_SIZE];
    troupe_body_store (id, self->id);
    while (self->asks < TROUPE_BODY_PIECES && troupe_stream_queued (connection->stream) < ROOM_BYTES) {
        const int64_t timeout_ms = troupe_http_exchange_timeout_ms (self, self->asks);
        if (troupe_call (self->service, TROUPE_TAG_BODY_NEXT, id, sizeof id, timeout_ms, s_on_piece, self, NULL)) {
            troupe_http_abort (connection);
            return;
        }
        self->asks++;
    }
    if (self->asks == 0)
        s_wait (self);
}

void troupe_http_exchange_drained (troupe_http_connection_t *connection)
{
    troupe_http_exchange_t *self = connection->exchange;
    if (self == NULL || !self->waits || connection->phase >= TROUPE_HTTP_LINGERING)
        return;
    self->waits = false;
    if (connection->phase == TROUPE_HTTP_CALLING)
        troupe_http_set_deadline (connection, TROUPE_FOREVER);
    s_ask (self);
}

//  The peer reads too slowly, or the service has not begun in time.
void troupe_http_exchange_timeout (troupe_http_connection_t *connection)
{
    troupe_http_exchange_t *self = connection->exchange;
    const int64_t now_ms = troupe_now_ms (connection->ingress->self);
    if (self == NULL)
        return;
    if (!self->begun) {
        troupe_door_outcome (&self->ingress->door, TROUPE_CALL_TIMEOUT);
        troupe_http_answer_response (connection);
        troupe_http_read_on (connection);
        return;
    }
    if (troupe_http_peer_reads (connection))
        connection->since_ms = now_ms;
    if (now_ms >= connection->since_ms + self->ingress->options.idle_timeout_ms)
        troupe_http_abort (connection);
    else {
        troupe_http_exchange_say (self, TROUPE_TAG_BODY_HOLD);
        troupe_http_exchange_watch (connection);
    }
}

//  --- Pieces

static troupe_error_t s_write (troupe_http_exchange_t *self, troupe_message_t *message, troupe_bytes_t bytes)
{
    troupe_stream_t *stream = self->connection->stream;
    char line [TROUPE_HTTP_CHUNK_ROOM];
    if (bytes.size == 0)
        return TROUPE_OK;
    if (self->chunked) {
        const size_t size = troupe_http_chunk_write (bytes.size, !self->pieced, line);
        const troupe_error_t error = troupe_stream_write (stream, line, size);
        if (error)
            return error;
    }
    self->pieced = true;
    return troupe_http_send_part (stream, message, bytes.data, bytes.size);
}

//  Whether it keeps to the length that was told.
static bool s_count (troupe_http_exchange_t *self, uint64_t size, bool last)
{
    if (self->left == TROUPE_BODY_UNKNOWN)
        return true;
    if (size > self->left || (last && size < self->left))
        return false;
    self->left -= size;
    return true;
}

//  All of it is on its way.
static void s_finish (troupe_http_exchange_t *self)
{
    troupe_http_connection_t *connection = self->connection;
    const bool keep_alive = self->keep_alive;
    char line [TROUPE_HTTP_CHUNK_ROOM];
    const size_t size = self->chunked ? troupe_http_chunk_write (0, !self->pieced, line) : 0;
    if (size && troupe_stream_write (connection->stream, line, size) != TROUPE_OK) {
        troupe_http_abort (connection);
        return;
    }
    troupe_http_exchange_leave (connection, !connection->complete);
    troupe_http_follow (connection, keep_alive);
    troupe_http_read_on (connection);
}

static int s_on_piece (troupe_actor_t *actor, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) actor;
    (void) state;
    troupe_http_exchange_t *self = context;
    troupe_http_connection_t *connection = self->connection;
    const bool last = troupe_message_tag (reply) == TROUPE_TAG_BODY_LAST;
    const troupe_bytes_t bytes = { troupe_message_data (reply), troupe_message_size (reply) };
    self->asks--;
    if (connection == NULL) {
        troupe_http_exchange_free_when_done (self);
        return 0;
    }
    if (connection->phase >= TROUPE_HTTP_LINGERING)
        return 0;
    if (outcome != TROUPE_CALL_OK || !s_count (self, bytes.size, last) || s_write (self, reply, bytes) != TROUPE_OK)
        troupe_http_abort (connection);
    else if (last)
        s_finish (self);
    else
        s_ask (self);
    return 0;
}

//  --- The head

//  False when it is no answer, or memory is out.
static bool s_send_head (troupe_http_exchange_t *self, const troupe_response_view_t *view)
{
    troupe_http_connection_t *connection = self->connection;
    const bool known = self->left != TROUPE_BODY_UNKNOWN;
    self->chunked = !known && connection->minor == 1;
    self->keep_alive = troupe_http_may_go_on (connection) && (known || self->chunked);
    const troupe_http_answer_t answer = {
        .status = view->status, .headers = &view->headers, .length = self->left, .chunked = self->chunked,
        .unframed = !known && !self->chunked, .minor = connection->minor, .keep_alive = self->keep_alive,
    };
    return troupe_http_send_head (connection, &answer);
}

static void s_begin (troupe_http_exchange_t *self, const troupe_response_view_t *view, troupe_message_t *message)
{
    troupe_http_connection_t *connection = self->connection;
    if (!s_send_head (self, view)) {
        troupe_http_answer_problem (connection, 502, "The handler's answer is no HTTP.");
        return;
    }
    self->begun = true;
    if (connection->phase == TROUPE_HTTP_CALLING)
        troupe_http_set_deadline (connection, TROUPE_FOREVER);
    if (!s_count (self, view->body.size, false) || s_write (self, message, view->body) != TROUPE_OK)
        troupe_http_abort (connection);
    else
        s_ask (self);
}

//  The head of a response in pieces, or a whole one.
static void s_respond (troupe_http_exchange_t *self, troupe_message_t *message)
{
    troupe_http_connection_t *connection = self->connection;
    const bool streamed = troupe_message_tag (message) == TROUPE_TAG_RESPONSE_STREAM;
    const size_t head = streamed ? TROUPE_BODY_RESPONSE_HEAD : 0;
    const uint8_t *data = troupe_message_data (message);
    const size_t size = troupe_message_size (message);
    troupe_response_view_t view;
    if (size < head || troupe_response_decode (data + head, size - head, &view) != TROUPE_OK)
        troupe_http_answer_problem (connection, 502, "The handler's answer is malformed.");
    else if (streamed && !connection->head_only && !troupe_http_is_bodiless (view.status)) {
        self->left = troupe_body_load (data);
        s_begin (self, &view, message);
    }
    else {
        troupe_http_exchange_leave (connection, streamed || !connection->complete);
        troupe_http_answer (connection, &view, message);
    }
}

int troupe_http_on_response (troupe_actor_t *actor, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                             void *context)
{
    (void) actor;
    troupe_http_ingress_t *ingress = state;
    troupe_http_exchange_t *self = context;
    troupe_http_connection_t *connection = self->connection;
    self->calling = false;
    if (connection == NULL) {
        troupe_http_exchange_free_when_done (self);
        return 0;
    }
    if (connection->phase >= TROUPE_HTTP_LINGERING)
        return 0;
    if (outcome == TROUPE_CALL_OK)
        s_respond (self, reply);
    else {
        troupe_door_outcome (&ingress->door, outcome);
        troupe_http_answer_response (connection);
    }
    troupe_http_read_on (connection);
    return 0;
}
