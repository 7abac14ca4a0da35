/*  =========================================================================
    exchange.c - calls, from their arrival to their answer

    Place: actors/tcp; see parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "parts.h"

#include <stdlib.h>

//  --- Rows

static void s_leave_row (troupe_tcp_exchange_t *self)
{
    troupe_tcp_row_t *row = self->row;
    *(self->ahead ? &self->ahead->behind : &row->first) = self->behind;
    *(self->behind ? &self->behind->ahead : &row->last) = self->ahead;
    row->count--;
}

static void s_enter_row (troupe_tcp_exchange_t *self, troupe_tcp_row_t *row, bool in_front)
{
    self->row = row;
    self->ahead = in_front ? NULL : row->last;
    self->behind = in_front ? row->first : NULL;
    *(self->ahead ? &self->ahead->behind : &row->first) = self;
    *(self->behind ? &self->behind->ahead : &row->last) = self;
    row->count++;
}

void troupe_tcp_join (troupe_tcp_exchange_t *self, troupe_tcp_connection_t *connection)
{
    s_leave_row (self);
    s_enter_row (self, &connection->row, false);
    self->connection = connection;
}

//  It has waited before those that wait now.
static void s_queue_again (troupe_tcp_exchange_t *self)
{
    s_leave_row (self);
    s_enter_row (self, &self->actor->queue, true);
    self->connection = NULL;
}

//  --- The end

//  From here on nobody waits for it. Null when nobody did.
static troupe_caller_t *s_take_caller (troupe_tcp_exchange_t *self)
{
    troupe_caller_t *caller = self->caller;
    troupe_cancel (self->actor->self, self->timer);
    self->timer = 0;
    self->actor->wanted -= caller != NULL;
    self->caller = NULL;
    return caller;
}

static void s_free (troupe_tcp_exchange_t *self)
{
    s_take_caller (self);
    s_leave_row (self);
    troupe_message_destroy (&self->request);
    free (self);
}

void troupe_tcp_free_row (troupe_tcp_row_t *row)
{
    while (row->first)
        s_free (row->first);    //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the row
}

void troupe_tcp_answer (troupe_tcp_exchange_t *self, troupe_bytes_t answer)
{
    troupe_caller_t *caller = s_take_caller (self);
    if (caller) {
        self->actor->counters.answered++;
        troupe_answer (&caller, answer.data, answer.size);
    }
    s_free (self);
}

void troupe_tcp_answer_failure (troupe_tcp_exchange_t *self, const char *why)
{
    troupe_caller_t *caller = s_take_caller (self);
    if (caller)
        troupe_answer_failure (&caller, "%s", why);
    s_free (self);
}

//  Nobody waits any more. On a connection where others do it stays, since its answer will come.
static void s_unwanted (troupe_tcp_exchange_t *self)
{
    troupe_tcp_actor_t *actor = self->actor;
    if (self->connection)
        troupe_tcp_drop_unwanted (self->connection);
    else
        s_free (self);
    troupe_tcp_dispatch (actor);
}

static int s_on_deadline (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    troupe_tcp_exchange_t *exchange = context;
    exchange->timer = 0;
    exchange->actor->counters.late++;
    troupe_caller_t *caller = s_take_caller (exchange);
    troupe_answer_failure (&caller, "the server has not answered in time");
    s_unwanted (exchange);
    return 0;
}

static int s_on_cancelled (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context)
{
    (void) self;
    (void) state;
    troupe_tcp_exchange_t *exchange = context;
    exchange->actor->counters.given_up++;
    s_take_caller (exchange);
    troupe_answer (&caller, NULL, 0);
    s_unwanted (exchange);
    return 0;
}

//  --- A connection for each

//  The next server that has not been tried for it, one that is not paused if there is any; 'server_count' when all have
//  been.
static unsigned s_choose (troupe_tcp_actor_t *self, uint32_t tried)
{
    int64_t now_ms = troupe_now_ms (self->self);
    unsigned paused = self->server_count;
    for (unsigned step = 0; step < self->server_count; step++) {
        unsigned server = (self->next_server + step) % self->server_count;
        if (tried >> server & 1)
            continue;
        if (now_ms >= self->servers [server].paused_until_ms) {
            self->next_server = server + 1;
            return server;
        }
        if (paused == self->server_count)
            paused = server;
    }
    return paused;
}

//  False when it has to wait: all have been tried, but there are connections; with the end of each all are tried anew.
static bool s_connect (troupe_tcp_exchange_t *self)
{
    troupe_tcp_actor_t *actor = self->actor;
    unsigned server = s_choose (actor, self->tried);
    if (server < actor->server_count) {
        if (troupe_tcp_open (actor, server, self))
            troupe_tcp_unreachable (self, server);
        return true;
    }
    if (actor->connection_count > 0)
        return false;
    actor->counters.unreachable++;
    troupe_tcp_answer_failure (self, "no server can be reached");
    return true;
}

//  False when it has to wait.
static bool s_place (troupe_tcp_exchange_t *self)
{
    troupe_tcp_actor_t *actor = self->actor;
    troupe_tcp_connection_t *connection = troupe_tcp_find (actor, self, false);
    bool room = actor->connection_count < actor->options.connections;
    if (!connection && !room)
        connection = troupe_tcp_find (actor, self, true);
    if (!connection && room)
        return s_connect (self);
    if (connection)
        troupe_tcp_send (connection, self);
    else
        troupe_tcp_make_room (actor);
    return connection != NULL;
}

void troupe_tcp_dispatch (troupe_tcp_actor_t *self)
{
    while (self->queue.first && s_place (self->queue.first))
        ;
    if (self->draining && self->wanted == 0)
        troupe_exit (self->self);
}

void troupe_tcp_unreachable (troupe_tcp_exchange_t *self, unsigned server)
{
    troupe_tcp_actor_t *actor = self->actor;
    int64_t now_ms = troupe_now_ms (actor->self);
    if (now_ms >= actor->servers [server].paused_until_ms)
        troupe_log (actor->self, TROUPE_LOG_WARNING, "cannot reach %s", actor->servers [server].address);
    actor->servers [server].paused_until_ms = now_ms + actor->options.server_pause_ms;
    self->tried |= UINT32_C (1) << server;
    s_queue_again (self);
}

void troupe_tcp_lost (troupe_tcp_exchange_t *self, bool heard)
{
    troupe_tcp_actor_t *actor = self->actor;
    actor->counters.lost += self->caller != NULL;
    if (!self->caller || heard || !self->kept || !self->idempotent || self->newer_than) {
        troupe_tcp_answer_failure (self, "the server has ended the connection");
        return;
    }
    actor->counters.resent++;
    self->newer_than = self->connection->number;
    self->tried = 0;
    s_queue_again (self);
}

//  --- The beginning

static int64_t s_timeout_ms (const troupe_tcp_actor_t *self, troupe_message_t *message)
{
    int64_t deadline_us = troupe_message_deadline_us (message);
    if (deadline_us == TROUPE_FOREVER)
        return self->options.answer_timeout_ms;
    int64_t left_ms = (deadline_us - troupe_now_us (self->self) + 999) / 1000;
    return left_ms < self->options.answer_timeout_ms ? left_ms : self->options.answer_timeout_ms;
}

//  From here on it has a caller and a time; it is not yet in a row.
static bool s_begin (troupe_tcp_exchange_t *self, troupe_message_t *message)
{
    troupe_actor_t *actor = self->actor->self;
    self->idempotent = troupe_message_is_idempotent (message);
    self->request = troupe_message_keep (message);
    self->timer = self->request ? troupe_after (actor, s_timeout_ms (self->actor, message), s_on_deadline, self) : 0;
    self->caller = self->timer ? troupe_defer (actor, message) : NULL;
    if (!self->caller || troupe_caller_on_cancel (self->caller, s_on_cancelled, self)) {
        troupe_cancel (actor, self->timer);
        troupe_message_destroy (&self->request);
        return false;
    }
    return true;
}

static void s_refuse (troupe_tcp_actor_t *self, troupe_message_t *message, const char *why)
{
    self->counters.refused++;
    troupe_reply_failure (self->self, message, "%s", why);
}

static void s_take (troupe_tcp_actor_t *self, troupe_message_t *message)
{
    troupe_tcp_exchange_t *exchange = calloc (1, sizeof *exchange);
    if (exchange)
        exchange->actor = self;
    if (!exchange || !s_begin (exchange, message)) {
        if (exchange && exchange->caller)
            troupe_answer_failure (&exchange->caller, "out of memory for the call");
        else
            s_refuse (self, message, "out of memory for the call");
        free (exchange);
        return;
    }
    self->wanted++;
    s_enter_row (exchange, &self->queue, false);
    troupe_tcp_dispatch (self);
}

void troupe_tcp_accept (troupe_tcp_actor_t *self, troupe_message_t *message)
{
    troupe_tcp_frame_t frame;
    self->counters.calls++;
    if (self->draining)
        s_refuse (self, message, "the actor is ending");
    else if (!troupe_tcp_frame_write (self->framing, troupe_message_data (message), troupe_message_size (message),
                                      &frame))
        s_refuse (self, message, "the call is no message of the protocol");
    else if (self->queue.count >= self->options.queue_limit)
        s_refuse (self, message, "too many calls wait for the server");
    else
        s_take (self, message);
}
