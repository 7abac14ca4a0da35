/*  =========================================================================
    live/edge/zmq_socket.c - ZeroMQ sockets of actors: opening, closing, looking

    Place: runtime/live; see zmq_socket.h. A socket is read in bounded pieces,
    so that one with much to say leaves the mailbox and the control lane theirs.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/edge/zmq_socket.h"

#include <stdlib.h>
#include <string.h>

#define S_BATCH 64u
#define S_BATCH_LONG_US 1000
#define S_ALIVE_S 10
#define S_ALIVE_AGAIN_S 5
#define S_ALIVE_SOON_S 1
#define S_ALIVE_TIMES 3
#define S_CONNECT_MS 3000
#define S_RETRY_MS 50
#define S_RETRY_MAX_MS 2000
#define S_BACKLOG 1024
#define S_LOST_BEATS 3

static const int s_types [] = {
    [TROUPE_ZMQ_PAIR] = ZMQ_PAIR, [TROUPE_ZMQ_REQ] = ZMQ_REQ, [TROUPE_ZMQ_REP] = ZMQ_REP,
    [TROUPE_ZMQ_DEALER] = ZMQ_DEALER, [TROUPE_ZMQ_ROUTER] = ZMQ_ROUTER, [TROUPE_ZMQ_PUB] = ZMQ_PUB,
    [TROUPE_ZMQ_SUB] = ZMQ_SUB, [TROUPE_ZMQ_XPUB] = ZMQ_XPUB, [TROUPE_ZMQ_XSUB] = ZMQ_XSUB,
    [TROUPE_ZMQ_PUSH] = ZMQ_PUSH, [TROUPE_ZMQ_PULL] = ZMQ_PULL, [TROUPE_ZMQ_STREAM] = ZMQ_STREAM,
};

//  --- Options

static bool s_set (void *raw, int option, int64_t value)
{
    int number = (int) value;
    return zmq_setsockopt (raw, option, &number, sizeof number) == 0;
}

static bool s_set_if (void *raw, bool wanted, int option, int64_t value)
{
    return !wanted || s_set (raw, option, value);
}

static bool s_set_bounds (void *raw, const troupe_zmq_options_t *options)
{
    const uint32_t receive_limit = options->receive_limit == TROUPE_ZMQ_NO_LIMIT ? 0 : options->receive_limit;
    return s_set (raw, ZMQ_SNDHWM, options->send_limit) && s_set (raw, ZMQ_RCVHWM, receive_limit)
           && zmq_setsockopt (raw, ZMQ_MAXMSGSIZE, &options->message_bytes, sizeof options->message_bytes) == 0
           && s_set_if (raw, options->unread_ms, ZMQ_TCP_MAXRT, options->unread_ms)
           && s_set (raw, ZMQ_LINGER, options->linger_ms > 0 ? options->linger_ms : 0);
}

static bool s_set_heartbeats (void *raw, const troupe_zmq_options_t *options)
{
    int64_t beat_ms = options->heartbeat_ms;
    if (beat_ms <= 0)
        return true;
    return s_set (raw, ZMQ_HEARTBEAT_IVL, beat_ms) && s_set (raw, ZMQ_HEARTBEAT_TIMEOUT, S_LOST_BEATS * beat_ms)
           && s_set (raw, ZMQ_HEARTBEAT_TTL, S_LOST_BEATS * beat_ms);
}

//  The system's own: soon where there are no heartbeats; else for peers of ZMTP 2, and those that do not shake hands.
static bool s_set_alive (void *raw, bool soon)
{
    return s_set (raw, ZMQ_TCP_KEEPALIVE, 1) && s_set (raw, ZMQ_TCP_KEEPALIVE_IDLE, soon ? S_ALIVE_SOON_S : S_ALIVE_S)
           && s_set (raw, ZMQ_TCP_KEEPALIVE_INTVL, soon ? S_ALIVE_SOON_S : S_ALIVE_AGAIN_S)
           && s_set (raw, ZMQ_TCP_KEEPALIVE_CNT, S_ALIVE_TIMES);
}

static bool s_set_connections (void *raw)
{
    return s_set (raw, ZMQ_CONNECT_TIMEOUT, S_CONNECT_MS)
           && s_set (raw, ZMQ_RECONNECT_IVL, S_RETRY_MS) && s_set (raw, ZMQ_RECONNECT_IVL_MAX, S_RETRY_MAX_MS)
           && s_set (raw, ZMQ_BACKLOG, S_BACKLOG);
}

static bool s_set_type (void *raw, troupe_zmq_type_t type, const troupe_zmq_options_t *options)
{
    const char *id = options->routing_id;
    return s_set_if (raw, type == TROUPE_ZMQ_ROUTER, ZMQ_ROUTER_MANDATORY, 1)
           && s_set_if (raw, options->handover, ZMQ_ROUTER_HANDOVER, 1)
           && s_set_if (raw, options->relaxed, ZMQ_REQ_RELAXED, 1)
           && s_set_if (raw, options->relaxed, ZMQ_REQ_CORRELATE, 1)
           && s_set_if (raw, options->verbose, ZMQ_XPUB_VERBOSE, 1)
           && s_set_if (raw, options->conflate, ZMQ_CONFLATE, 1)
           && s_set_if (raw, options->immediate, ZMQ_IMMEDIATE, 1)
           && (!id || zmq_setsockopt (raw, ZMQ_ROUTING_ID, id, strlen (id)) == 0);
}

static bool s_set_up (void *raw, const troupe_zmq_t *socket)
{
    const troupe_zmq_options_t *options = &socket->options;
    return s_set_bounds (raw, options) && s_set_connections (raw) && s_set_alive (raw, options->heartbeat_ms <= 0)
           && s_set_heartbeats (raw, options) && s_set_type (raw, socket->type, options);
}

//  --- Looking

static int s_events (const troupe_live_zmq_t *self)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt (self->raw, ZMQ_EVENTS, &events, &size) ? 0 : events;
}

//  The message is the callback's, who may close the socket: it is kept apart from it meanwhile. False: it is gone.
static bool s_hand_over (troupe_live_zmq_t *self)
{
    troupe_live_t *live = self->live;
    troupe_zmq_inbox_t *inbox = self->inbox;
    self->inbox = NULL;
    live->zmq_in_hand = inbox;
    bool open = troupe_zmq_arrived (self->socket, inbox->views, inbox->count);
    live->zmq_in_hand = NULL;
    troupe_zmq_inbox_empty (inbox);
    if (open)
        self->inbox = inbox;
    else
        troupe_zmq_inbox_free (inbox);
    return open;
}

static bool s_wants_messages (const troupe_live_zmq_t *self)
{
    return !self->socket->paused && troupe_zmq_listens (self->socket);
}

//  Reads up to a batch. False: the socket is gone.
static bool s_take (troupe_live_zmq_t *self)
{
    int64_t begin_us = troupe_clock_us ();
    for (unsigned count = 0; s_wants_messages (self); count++) {
        size_t size;
        if (count == S_BATCH || troupe_cell_refresh (&self->live->cell) - begin_us > S_BATCH_LONG_US) {
            troupe_zmq_suspect (self);
            return true;
        }
        troupe_zmq_taken_t taken = troupe_zmq_take (self, &size);
        if (taken == TROUPE_ZMQ_DRY)
            return true;
        if (taken == TROUPE_ZMQ_DROPPED)
            troupe_zmq_malformed (self->socket, size);
        else if (!s_hand_over (self))
            return false;
    }
    return true;
}

//  Reading eats the signal of room as well: it is asked for afterwards.
static void s_look (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_live_zmq_t *self = (troupe_live_zmq_t *) source;
    if (self->beginner_count && !troupe_zmq_events_infer (self, s_events (self) & ZMQ_POLLOUT))
        return;
    if ((s_events (self) & ZMQ_POLLIN) && s_wants_messages (self) && !s_take (self))
        return;
    if (self->socket->refused && !self->timer && troupe_zmq_listens (self->socket) && (s_events (self) & ZMQ_POLLOUT))
        troupe_zmq_can_send (self->socket);
}

//  --- Opening and closing

//  Closes what there is of it, and frees it.
static void s_destroy (troupe_live_zmq_t *self)
{
    troupe_zmq_guard_close (self);
    troupe_zmq_events_close (self);
    troupe_poller_remove (&self->live->poller, &self->source);
    if (self->timer)
        troupe_timers_cancel (&self->live->cell.system_timers, self->timer);
    if (self->raw)
        zmq_close (self->raw);
    troupe_zmq_inbox_free (self->inbox);
    free (self);
}

static troupe_error_t s_open (troupe_live_zmq_t *self)
{
    const troupe_zmq_t *socket = self->socket;
    self->inbox = troupe_zmq_inbox_new (socket->options.frame_limit);
    if (!self->inbox)
        return TROUPE_ENOMEM;
    self->raw = zmq_socket (self->live->shared->context, s_types [socket->type]);
    if (!self->raw)
        return troupe_socket_error (zmq_errno ());
    if (!s_set_up (self->raw, socket))
        return zmq_errno () == EINVAL ? TROUPE_EINVAL : troupe_socket_error (zmq_errno ());
    self->source = (troupe_source_t) { .fd = troupe_socket_descriptor (self->raw), .ready = s_look };
    troupe_error_t error = troupe_poller_add (&self->live->poller, &self->source, TROUPE_POLL_READ, false);
    return error || !socket->options.on_event ? error : troupe_zmq_events_open (self);
}

troupe_error_t troupe_live_zmq_open (troupe_actor_t *cell, troupe_zmq_t *socket)
{
    troupe_live_zmq_t *self = calloc (1, sizeof *self);
    if (!self)
        return TROUPE_ENOMEM;
    self->live = troupe_live (cell);
    self->socket = socket;
    troupe_error_t error = s_open (self);
    if (error)
        s_destroy (self);
    else
        socket->host = self;
    return error;
}

void troupe_live_zmq_close (troupe_actor_t *cell, troupe_zmq_t *socket)
{
    (void) cell;
    troupe_live_zmq_t *self = socket->host;
    for (const troupe_zmq_place_t *place = socket->places; place; place = place->next)
        if (place->bound)
            troupe_zmq_let_go (self, place->actual);
    s_destroy (self);
    socket->host = NULL;
}

//  --- The rest

troupe_error_t troupe_live_zmq_subscribe (troupe_actor_t *cell, troupe_zmq_t *socket, const void *prefix, size_t size,
                                          bool wanted)
{
    (void) cell;
    troupe_live_zmq_t *self = socket->host;
    int option = wanted ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE;
    int failed = zmq_setsockopt (self->raw, option, size ? prefix : "", size);
    troupe_zmq_suspect (self);
    return failed ? troupe_socket_error (zmq_errno ()) : TROUPE_OK;
}

void troupe_live_zmq_resume (troupe_actor_t *cell, troupe_zmq_t *socket)
{
    (void) cell;
    troupe_zmq_suspect (socket->host);
}
