/*  =========================================================================
    connection.c - connections to servers, and what comes over them

    Place: actors/tcp; see parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "parts.h"

#include <stdlib.h>
#include <string.h>

//  Requests are messages, which the mailbox has bounded already.
#define S_WRITE_LIMIT ((size_t) 1 << 40)
//  So much more may be read than the largest answer has: what is too large must be seen here.
#define S_READ_EXTRA 65536u

static int s_on_stream (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                        void *context);

//  --- Birth and death

static void s_link (troupe_tcp_connection_t *self)
{
    self->previous = NULL;
    self->next = self->actor->connections;
    if (self->next)
        self->next->previous = self;
    self->actor->connections = self;
}

static void s_unlink (troupe_tcp_connection_t *self)
{
    if (self->next)
        self->next->previous = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        self->actor->connections = self->next;
}

static void s_free (troupe_tcp_connection_t *self)
{
    s_unlink (self);
    self->actor->connection_count--;
    troupe_tcp_free_row (&self->row);
    troupe_cancel (self->actor->self, self->timer);
    free (self->answer);
    free (self);
}

troupe_error_t troupe_tcp_open (troupe_tcp_actor_t *actor, unsigned server, troupe_tcp_exchange_t *exchange)
{
    troupe_stream_options_t options = { .write_limit_bytes = S_WRITE_LIMIT,
                                        .read_limit_bytes = actor->options.answer_limit_bytes + S_READ_EXTRA,
                                        .connect_timeout_ms = actor->options.connect_timeout_ms };
    troupe_tcp_connection_t *self = calloc (1, sizeof *self);
    if (!self)
        return TROUPE_ENOMEM;
    self->actor = actor;
    self->server = server;
    actor->connection_count++;
    s_link (self);
    troupe_error_t error = troupe_connect (actor->self, actor->servers [server].address, &options, s_on_stream, self,
                                           &self->stream);
    if (error) {
        s_free (self);
        return error;
    }
    self->number = ++actor->counters.opened;
    troupe_tcp_join (exchange, self);
    return TROUPE_OK;
}

static void s_drop (troupe_tcp_connection_t *self)
{
    if (self->phase == TROUPE_TCP_CLOSING)
        return;
    self->phase = TROUPE_TCP_CLOSING;
    if (self->stream)
        troupe_stream_abort (self->stream);
}

//  What has not been sent yet may never be read.
static void s_close (troupe_tcp_connection_t *self)
{
    if (self->stream && troupe_stream_queued (self->stream) > 0) {
        s_drop (self);
        return;
    }
    self->phase = TROUPE_TCP_CLOSING;
    if (self->stream)
        troupe_stream_close (self->stream);
}

static bool s_is_idle (const troupe_tcp_connection_t *self)
{
    return self->phase == TROUPE_TCP_OPEN && self->row.count == 0;
}

void troupe_tcp_close_idle (troupe_tcp_actor_t *actor)
{
    for (troupe_tcp_connection_t *self = actor->connections; self; self = self->next)
        if (s_is_idle (self))
            s_close (self);
}

void troupe_tcp_make_room (troupe_tcp_actor_t *actor)
{
    troupe_tcp_connection_t *idle = NULL;
    for (troupe_tcp_connection_t *self = actor->connections; self; self = self->next) {
        if (self->phase == TROUPE_TCP_CLOSING)
            return;
        if (s_is_idle (self))
            idle = self;
    }
    if (idle)
        s_drop (idle);
}

void troupe_tcp_free_connections (troupe_tcp_actor_t *actor)
{
    while (actor->connections)
        s_free (actor->connections);    //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list
}

//  --- Being kept

static int s_on_idle_timer (troupe_actor_t *self, void *state, void *context);

static bool s_set_timer (troupe_tcp_connection_t *self)
{
    troupe_actor_t *actor = self->actor->self;
    int64_t left_ms = self->idle_until_ms - troupe_now_ms (actor);
    self->timer = troupe_after (actor, left_ms > 0 ? left_ms : 0, s_on_idle_timer, self);
    return self->timer != 0;
}

//  It is not moved with every call: it looks when it fires.
static int s_on_idle_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    troupe_tcp_connection_t *connection = context;
    connection->timer = 0;
    if (s_is_idle (connection)
        && (troupe_now_ms (self) >= connection->idle_until_ms || !s_set_timer (connection)))
        s_close (connection);
    return 0;
}

//  All has been answered. Without memory for a timer it could stay for ever.
static void s_rest (troupe_tcp_connection_t *self)
{
    troupe_tcp_actor_t *actor = self->actor;
    self->idle_until_ms = troupe_now_ms (actor->self) + actor->options.idle_timeout_ms;
    s_unlink (self);
    s_link (self);
    if (actor->draining || actor->framing == TROUPE_TCP_CLOSE || (!self->timer && !s_set_timer (self)))
        s_close (self);
}

troupe_tcp_connection_t *troupe_tcp_find (troupe_tcp_actor_t *actor, const troupe_tcp_exchange_t *exchange,
                                          bool in_line)
{
    troupe_tcp_connection_t *found = NULL;
    size_t room = in_line ? actor->options.pipeline : 1;
    for (troupe_tcp_connection_t *self = actor->connections; self && actor->framing != TROUPE_TCP_CLOSE;
         self = self->next)
        if (self->phase == TROUPE_TCP_OPEN && self->row.count < room && self->number > exchange->newer_than
            && (!found || self->row.count < found->row.count))
            found = self;
    return found;
}

//  --- Requests

static troupe_error_t s_write (troupe_tcp_connection_t *self, const troupe_tcp_exchange_t *exchange)
{
    troupe_tcp_framing_t framing = self->actor->framing;
    troupe_bytes_t request = { troupe_message_data (exchange->request), troupe_message_size (exchange->request) };
    troupe_tcp_frame_t frame;
    troupe_tcp_frame_write (framing, request.data, request.size, &frame);
    troupe_bytes_t parts [] = { frame.before, request, frame.behind };
    troupe_error_t error = troupe_stream_writev (self->stream, parts, 3);
    if (!error && framing == TROUPE_TCP_CLOSE)
        troupe_stream_end (self->stream);
    return error;
}

void troupe_tcp_send (troupe_tcp_connection_t *self, troupe_tcp_exchange_t *exchange)
{
    exchange->kept = self->kept;
    troupe_tcp_join (exchange, self);
    troupe_error_t error = s_write (self, exchange);
    if (error)
        troupe_tcp_answer_failure (exchange, troupe_error_text (error));
}

//  The server is there: who wanted that comes first.
static void s_connected (troupe_tcp_connection_t *self)
{
    if (self->phase != TROUPE_TCP_CONNECTING)
        return;
    self->phase = TROUPE_TCP_OPEN;
    troupe_error_t error = s_write (self, self->row.first);
    if (!error)
        return;
    troupe_tcp_answer_failure (self->row.first, troupe_error_text (error));
    s_rest (self);
}

//  --- Its end

//  The last one comes first, so that those that are sent once more keep their order.
static void s_lose_all (troupe_tcp_connection_t *self)
{
    while (self->row.last)
        troupe_tcp_lost (self->row.last, self->heard && self->row.count == 1);
}

static void s_fail (troupe_tcp_connection_t *self)
{
    s_drop (self);
    s_lose_all (self);
}

static void s_too_large (troupe_tcp_connection_t *self)
{
    troupe_tcp_actor_t *actor = self->actor;
    actor->counters.too_large++;
    troupe_log (actor->self, TROUPE_LOG_DEBUG, "an answer of %s is too large", actor->servers [self->server].address);
    s_drop (self);
    troupe_tcp_answer_failure (self->row.first, "the server's answer is too large");
    self->heard = false;
    s_lose_all (self);
}

void troupe_tcp_drop_unwanted (troupe_tcp_connection_t *self)
{
    for (const troupe_tcp_exchange_t *exchange = self->row.first; exchange; exchange = exchange->behind)
        if (exchange->caller)
            return;
    s_drop (self);
    troupe_tcp_free_row (&self->row);
}

//  --- Answers

static void s_answered (troupe_tcp_connection_t *self, troupe_bytes_t answer)
{
    self->seen = 0;
    self->heard = false;
    self->kept = true;
    troupe_tcp_answer (self->row.first, answer);
}

//  Framing "close": what comes is gathered.
static void s_gather (troupe_tcp_connection_t *self, const uint8_t *data, size_t size)
{
    if (size > self->actor->options.answer_limit_bytes - self->answer_size) {
        s_too_large (self);
        return;
    }
    if (size > self->answer_capacity - self->answer_size) {
        size_t capacity = 2 * (self->answer_size + size);
        uint8_t *answer = realloc (self->answer, capacity);
        if (!answer) {
            s_fail (self);
            return;
        }
        self->answer = answer;
        self->answer_capacity = capacity;
    }
    memcpy (self->answer + self->answer_size, data, size);
    self->answer_size += size;
}

//  Takes the next answer; false when there is none. *at_p moves behind it.
static bool s_take_next (troupe_tcp_connection_t *self, const uint8_t *data, size_t size, size_t *at_p)
{
    const troupe_tcp_actor_t *actor = self->actor;
    troupe_bytes_t answer = { NULL, 0 };
    size_t used = 0;
    self->heard = true;
    troupe_tcp_found_t found = troupe_tcp_frame_read (actor->framing, data + *at_p, size - *at_p,
                                                      actor->options.answer_limit_bytes, &self->seen, &answer, &used);
    if (found == TROUPE_TCP_TOO_LARGE)
        s_too_large (self);
    if (found != TROUPE_TCP_WHOLE)
        return false;
    *at_p += used;
    s_answered (self, answer);
    return true;
}

//  How many of the bytes have been taken.
static size_t s_take (troupe_tcp_connection_t *self, const uint8_t *data, size_t size)
{
    size_t at = 0;
    if (self->actor->framing == TROUPE_TCP_CLOSE && self->row.count) {
        self->heard = true;
        s_gather (self, data, size);
        return size;
    }
    while (self->row.count && at < size && s_take_next (self, data, size, &at))
        ;
    if (!s_is_idle (self))
        return self->phase == TROUPE_TCP_OPEN ? at : size;
    if (at < size)
        s_drop (self);      //  Nobody has asked
    else
        s_rest (self);
    return size;
}

//  --- Events

//  The server sends no more.
static void s_ended (troupe_tcp_connection_t *self)
{
    if (self->phase != TROUPE_TCP_OPEN)
        return;
    if (self->actor->framing == TROUPE_TCP_CLOSE && self->row.count)
        s_answered (self, (troupe_bytes_t) { self->answer_size ? (const void *) self->answer : "", self->answer_size });
    if (self->row.count)
        s_fail (self);
    else
        s_close (self);
}

static void s_closed (troupe_tcp_connection_t *self)
{
    troupe_tcp_actor_t *actor = self->actor;
    bool connected = self->phase != TROUPE_TCP_CONNECTING;
    self->stream = NULL;
    if (connected)
        s_lose_all (self);
    else
        troupe_tcp_unreachable (self->row.first, self->server);
    s_free (self);
    if (connected && actor->queue.first)
        actor->queue.first->tried = 0;      //  Who has had no room for it may have now
}

static int s_on_stream (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                        void *context)
{
    (void) self;
    (void) stream;
    troupe_tcp_connection_t *connection = context;
    if (event->kind == TROUPE_STREAM_CONNECTED)
        s_connected (connection);
    else if (event->kind == TROUPE_STREAM_BYTES)
        event->consumed = connection->phase == TROUPE_TCP_OPEN ? s_take (connection, event->data, event->size)
                                                               : event->size;
    else if (event->kind == TROUPE_STREAM_END)
        s_ended (connection);
    else if (event->kind == TROUPE_STREAM_CLOSED)
        s_closed (connection);
    troupe_tcp_dispatch (state);
    return 0;
}
