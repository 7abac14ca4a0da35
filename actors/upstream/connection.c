/*  =========================================================================
    connection.c - connections to servers, and what comes over them

    Place: actors/upstream; see parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "parts.h"

#include <stdlib.h>

//  Requests are whole messages, which the mailbox has bounded already, or come in pieces while there is room.
#define WRITE_LIMIT_BYTES ((size_t) 1 << 40)

static int s_on_stream (troupe_actor_t *actor, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                        void *context);

//  --- Birth and death

static void s_link (troupe_upstream_connection_t *self)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    self->previous = NULL;
    self->next = upstream->connections;
    if (self->next)
        self->next->previous = self;
    upstream->connections = self;
}

static void s_unlink (troupe_upstream_connection_t *self)
{
    if (self->next)
        self->next->previous = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        self->upstream->connections = self->next;
}

static void s_free (troupe_upstream_connection_t *self)
{
    s_unlink (self);
    self->upstream->connection_count--;
    troupe_cancel (self->upstream->self, self->timer);
    troupe_response_destroy (&self->response);
    free (self);
}

static troupe_upstream_connection_t *s_new (troupe_upstream_actor_t *upstream, unsigned server)
{
    troupe_upstream_connection_t *self = calloc (1, sizeof *self);
    troupe_response_t *response = self ? troupe_response_new () : NULL;
    if (response == NULL) {
        free (self);
        return NULL;
    }
    self->upstream = upstream;
    self->response = response;
    self->server = (uint8_t) server;
    troupe_http_parser_start_responses (&self->parser, &upstream->limits, upstream->scratch);
    upstream->connection_count++;
    s_link (self);
    return self;
}

troupe_error_t troupe_upstream_open (troupe_upstream_actor_t *upstream, unsigned server,
                                     troupe_upstream_exchange_t *exchange)
{
    const size_t head_bytes = 2 * troupe_http_head_bytes (&upstream->limits);
    const troupe_stream_options_t options = {
        .write_limit_bytes = WRITE_LIMIT_BYTES,
        .read_limit_bytes = head_bytes < 65536 ? 65536 : head_bytes,
        .connect_timeout_ms = upstream->options.connect_timeout_ms,
    };
    troupe_upstream_connection_t *self = s_new (upstream, server);
    if (self == NULL)
        return TROUPE_ENOMEM;
    const troupe_error_t error = troupe_connect (upstream->self, upstream->servers [server].address.text, &options,
                                                 s_on_stream, self, &self->stream);
    if (error) {
        s_free (self);
        return error;
    }
    upstream->counters.opened++;
    self->exchange = exchange;
    exchange->connection = self;
    return TROUPE_OK;
}

//  Takes its exchange away, which has to go on somewhere else.
static troupe_upstream_exchange_t *s_detach (troupe_upstream_connection_t *self)
{
    troupe_upstream_exchange_t *exchange = self->exchange;
    if (exchange)
        exchange->connection = NULL;
    self->exchange = NULL;
    return exchange;
}

void troupe_upstream_drop (troupe_upstream_connection_t *self)
{
    s_detach (self);
    if (self->phase == TROUPE_UPSTREAM_CLOSING)
        return;
    self->phase = TROUPE_UPSTREAM_CLOSING;
    if (self->stream)
        troupe_stream_abort (self->stream);
}

static void s_close (troupe_upstream_connection_t *self)
{
    if (self->stream && troupe_stream_queued (self->stream) > 0) {
        troupe_upstream_drop (self);        //  Who has answered already may never read the rest
        return;
    }
    self->phase = TROUPE_UPSTREAM_CLOSING;
    if (self->stream)
        troupe_stream_close (self->stream);
}

void troupe_upstream_close_idle (troupe_upstream_actor_t *upstream)
{
    for (troupe_upstream_connection_t *self = upstream->connections; self; self = self->next)
        if (self->phase == TROUPE_UPSTREAM_IDLE)
            s_close (self);
}

void troupe_upstream_free_connections (troupe_upstream_actor_t *upstream)
{
    while (upstream->connections)
        //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list, which clang does not follow
        s_free (upstream->connections);
}

//  --- Being kept

static int s_on_idle_timer (troupe_actor_t *actor, void *state, void *context);

static bool s_set_timer (troupe_upstream_connection_t *self)
{
    troupe_actor_t *actor = self->upstream->self;
    const int64_t left_ms = self->idle_until_ms - troupe_now_ms (actor);
    self->timer = troupe_after (actor, left_ms > 0 ? left_ms : 0, s_on_idle_timer, self);
    return self->timer != 0;
}

//  It is not moved with every request: it looks when it fires.
static int s_on_idle_timer (troupe_actor_t *actor, void *state, void *context)
{
    (void) state;
    troupe_upstream_connection_t *self = context;
    self->timer = 0;
    if (self->phase != TROUPE_UPSTREAM_IDLE)
        return 0;
    if (troupe_now_ms (actor) >= self->idle_until_ms || !s_set_timer (self))
        s_close (self);
    return 0;
}

//  A second less than the server says, so that it does not end while a request is on its way.
static int64_t s_idle_ms (const troupe_upstream_connection_t *self)
{
    const int64_t ours_ms = self->upstream->options.idle_timeout_ms;
    const int64_t theirs_ms = (int64_t) self->keep_alive_s * 1000;
    const int64_t usable_ms = theirs_ms > 2000 ? theirs_ms - 1000 : theirs_ms / 2;
    return self->keep_alive_s && usable_ms < ours_ms ? usable_ms : ours_ms;
}

static void s_keep (troupe_upstream_connection_t *self)
{
    self->phase = TROUPE_UPSTREAM_IDLE;
    self->idle_until_ms = troupe_now_ms (self->upstream->self) + s_idle_ms (self);
    s_unlink (self);
    s_link (self);
    if (self->timer == 0 && !s_set_timer (self))
        s_close (self);         //  Out of memory: without a timer it could stay for ever
}

troupe_upstream_connection_t *troupe_upstream_idle (troupe_upstream_actor_t *upstream)
{
    const int64_t now_ms = troupe_now_ms (upstream->self);
    for (troupe_upstream_connection_t *self = upstream->connections; self; self = self->next) {
        if (self->phase != TROUPE_UPSTREAM_IDLE)
            continue;
        if (now_ms < self->idle_until_ms)
            return self;
        s_close (self);
    }
    return NULL;
}

//  --- Requests

static void s_send (troupe_upstream_connection_t *self, troupe_upstream_exchange_t *exchange)
{
    self->reused = self->phase == TROUPE_UPSTREAM_IDLE;
    self->phase = TROUPE_UPSTREAM_BUSY;
    self->exchange = exchange;
    self->heard = self->interim = self->headed = self->keep_alive = false;
    self->interims = 0;
    exchange->connection = self;
    troupe_http_parser_expect (&self->parser, exchange->head_only);
    troupe_http_parser_limit (&self->parser, exchange->body ? &self->upstream->streamed_limits
                                                            : &self->upstream->limits);
    troupe_response_reset (self->response);
    if (troupe_stream_write (self->stream, exchange->bytes, exchange->size) == TROUPE_OK) {
        troupe_upstream_relay_request (exchange);
        return;
    }
    troupe_upstream_drop (self);
    troupe_upstream_answer_problem (exchange, 503, "There is no memory for the request.");
}

void troupe_upstream_send (troupe_upstream_connection_t *self, troupe_upstream_exchange_t *exchange)
{
    if (exchange->chunked && self->upstream->servers [self->server].old) {
        s_detach (self);
        s_keep (self);
        troupe_upstream_answer_problem (exchange, 411, "The server takes no body whose length is not told.");
    }
    else
        s_send (self, exchange);
}

//  --- Answers

void troupe_upstream_fail (troupe_upstream_connection_t *self, const char *fault, const char *detail)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    troupe_upstream_exchange_t *exchange = s_detach (self);
    if (troupe_log_enabled (upstream->self, TROUPE_LOG_DEBUG))
        troupe_log (upstream->self, TROUPE_LOG_DEBUG, "refuses an answer of %s: %s",
                    upstream->servers [self->server].address.text, fault);
    troupe_upstream_drop (self);
    if (exchange)
        troupe_upstream_answer_problem (exchange, 502, detail);
}

static void s_refused (troupe_upstream_connection_t *self, troupe_http_fault_t fault)
{
    troupe_upstream_counters_t *counters = &self->upstream->counters;
    const bool cut = fault == TROUPE_HTTP_CUT_SHORT;
    counters->cut_short += cut;
    counters->malformed += !cut;
    troupe_upstream_fail (self, troupe_http_fault_text (fault), cut ? "The server's answer ended too early."
            : fault == TROUPE_HTTP_BODY_TOO_LARGE ? "The server's answer is too large."
            : "The server's answer is malformed.");
}

static void s_head (troupe_upstream_connection_t *self, const troupe_http_head_t *head)
{
    self->interim = head->status < 200;
    if (self->interim) {
        if (++self->interims > self->upstream->options.interim_limit)
            s_refused (self, TROUPE_HTTP_BAD_STATUS_LINE);
        return;
    }
    troupe_upstream_actor_t *upstream = self->upstream;
    const char *server = upstream->servers [self->server].address.text;
    const troupe_error_t error = troupe_upstream_backward_take (&upstream->way, server, head, self->exchange->head_only,
                                                                &upstream->text, self->response);
    self->headed = true;
    self->length = head->chunked || head->until_close ? TROUPE_BODY_UNKNOWN : head->content_length;
    upstream->servers [self->server].old = head->minor == 0;
    self->keep_alive = head->keep_alive;
    self->keep_alive_s = head->keep_alive_s;
    if (error)
        troupe_upstream_fail (self, troupe_error_text (error), "The server's answer cannot be taken.");
}

//  The answer is whole. 'behind' it nothing may have come yet, and the request must have left.
static void s_over (troupe_upstream_connection_t *self, bool behind)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    const bool keeps = self->keep_alive && !behind && !upstream->draining && self->exchange->complete
        && troupe_stream_queued (self->stream) == 0;
    const troupe_error_t error = troupe_upstream_relay_end (self);
    if (error) {
        troupe_upstream_fail (self, troupe_error_text (error), "The server's answer cannot be taken.");
        return;
    }
    troupe_upstream_exchange_t *exchange = s_detach (self);
    upstream->counters.answered++;
    if (exchange->begun)
        troupe_upstream_finish (exchange);
    else
        troupe_upstream_answer (exchange, self->response);
    if (keeps)
        s_keep (self);
    else if (behind)
        troupe_upstream_drop (self);
    else
        s_close (self);
}

static void s_body (troupe_upstream_connection_t *self, troupe_bytes_t bytes)
{
    const troupe_error_t error = self->exchange->body ? troupe_upstream_relay_add (self->upstream, bytes)
                                                      : troupe_response_body (self->response, bytes.data, bytes.size);
    if (error)
        troupe_upstream_fail (self, troupe_error_text (error), "The server's answer cannot be taken.");
}

static void s_take (troupe_upstream_connection_t *self, const troupe_http_event_t *event, bool behind)
{
    switch (event->kind) {
    case TROUPE_HTTP_HEAD:
        s_head (self, event->head);
        break;
    case TROUPE_HTTP_BODY:
        s_body (self, event->body);
        break;
    case TROUPE_HTTP_END:
        if (!self->interim)
            s_over (self, behind);
        break;
    case TROUPE_HTTP_REFUSED:
        s_refused (self, event->fault);
        break;
    case TROUPE_HTTP_MORE:
        break;
    }
}

//  What has come of an answer in pieces goes on; nothing more is read before the next piece is asked for.
static void s_pass_on (troupe_upstream_connection_t *self)
{
    const troupe_error_t error = troupe_upstream_relay_flush (self);
    if (error)
        troupe_upstream_fail (self, troupe_error_text (error), "The server's answer cannot be taken.");
    else if (!troupe_upstream_relay_may_take (self))
        troupe_stream_pause (self->stream);
}

static size_t s_take_in (troupe_upstream_connection_t *self, const uint8_t *data, size_t size)
{
    size_t at = 0;
    troupe_http_event_t event = { .kind = TROUPE_HTTP_HEAD };
    self->heard = true;
    self->upstream->piece_size = 0;
    while (self->phase == TROUPE_UPSTREAM_BUSY && event.kind != TROUPE_HTTP_MORE) {
        const size_t shown = troupe_upstream_relay_may_take (self) ? size - at : 0;
        troupe_http_parser_next (&self->parser, data + at, shown, &event);
        at += event.consumed;
        s_take (self, &event, at < size);
    }
    if (self->phase == TROUPE_UPSTREAM_BUSY)
        s_pass_on (self);
    return self->phase == TROUPE_UPSTREAM_BUSY ? at : size;
}

//  --- Events

//  The server has ended its side, or all of it.
static void s_ended (troupe_upstream_connection_t *self, bool orderly)
{
    troupe_http_event_t event;
    if (self->heard && orderly)
        troupe_http_parser_over (&self->parser, &event);
    else
        event = (troupe_http_event_t) { .kind = TROUPE_HTTP_REFUSED, .fault = TROUPE_HTTP_CUT_SHORT };
    if (self->heard && event.kind != TROUPE_HTTP_MORE && !(event.kind == TROUPE_HTTP_END && self->interim)) {
        self->keep_alive = false;
        s_take (self, &event, false);
    }
    else if (self->heard)
        s_refused (self, TROUPE_HTTP_CUT_SHORT);        //  1xx has come, and nothing behind it
    else {
        troupe_upstream_exchange_t *exchange = s_detach (self);
        troupe_upstream_drop (self);
        troupe_upstream_unheard (exchange, self->reused);
    }
}

//  What it has sent before may still wait to be asked for.
static void s_end (troupe_upstream_connection_t *self)
{
    self->ended = true;
    if (self->phase == TROUPE_UPSTREAM_BUSY && !self->leftover)
        s_ended (self, true);
    else if (self->phase == TROUPE_UPSTREAM_IDLE)
        s_close (self);
}

static void s_closed (troupe_upstream_connection_t *self, troupe_error_t error)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    const unsigned server = self->server;
    self->stream = NULL;
    troupe_upstream_exchange_t *connecting = self->phase == TROUPE_UPSTREAM_CONNECTING ? s_detach (self) : NULL;
    if (self->phase == TROUPE_UPSTREAM_BUSY)
        s_ended (self, error == TROUPE_OK && !self->leftover);
    s_free (self);
    if (connecting)
        troupe_upstream_unreachable (connecting, server);
    troupe_upstream_dispatch (upstream);
    troupe_upstream_exit_when_done (upstream);
}

static void s_busy_bytes (troupe_upstream_connection_t *self, troupe_stream_event_t *event)
{
    event->consumed = s_take_in (self, event->data, event->size);
    self->leftover = self->phase == TROUPE_UPSTREAM_BUSY && event->consumed < event->size
        && !troupe_upstream_relay_may_take (self);
    if (self->phase == TROUPE_UPSTREAM_BUSY && self->ended && !self->leftover)
        s_ended (self, true);
}

static void s_bytes (troupe_upstream_connection_t *self, troupe_stream_event_t *event)
{
    event->consumed = event->size;
    if (self->phase == TROUPE_UPSTREAM_BUSY)
        s_busy_bytes (self, event);
    else if (self->phase == TROUPE_UPSTREAM_IDLE)
        troupe_upstream_drop (self);        //  Nobody has asked
}

static int s_on_stream (troupe_actor_t *actor, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                        void *context)
{
    (void) actor;
    (void) stream;
    troupe_upstream_connection_t *self = context;
    switch (event->kind) {
    case TROUPE_STREAM_CONNECTED:
        if (self->phase == TROUPE_UPSTREAM_CONNECTING)
            troupe_upstream_send (self, self->exchange);
        break;
    case TROUPE_STREAM_BYTES:
        s_bytes (self, event);
        break;
    case TROUPE_STREAM_END:
        s_end (self);
        break;
    case TROUPE_STREAM_CLOSED:
        s_closed (self, event->error);
        return 0;
    case TROUPE_STREAM_DRAINED:
        if (self->phase == TROUPE_UPSTREAM_BUSY)
            troupe_upstream_relay_request (self->exchange);
        break;
    case TROUPE_STREAM_ACCEPTED:
    case TROUPE_STREAM_WRITABLE:
        return 0;
    }
    troupe_upstream_dispatch (state);
    return 0;
}
