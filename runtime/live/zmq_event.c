/*  =========================================================================
    live/zmq_event.c - what libzmq tells of actors' ZeroMQ sockets

    Place: runtime/live; see zmq_socket.h. Its monitor tells of peers that come
    and go, for those who want to know. It also tells when an endpoint that was
    unbound is really free: libzmq's I/O thread does that later, and at a path
    would remove the socket of whoever was bound there in between.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/zmq_socket.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_GONE (ZMQ_EVENT_CLOSED | ZMQ_EVENT_CLOSE_FAILED)
#define S_FAILED (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL \
                  | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
//  A STREAM has no handshakes.
#define S_STREAM (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CONNECTED)
//  The I/O thread needs microseconds.
#define S_WAIT_MS 500

//  --- Reading

//  An event is two frames: its number (16 bits) and value (32 bits), then the endpoint.
static bool s_read (void *pair, unsigned *event_p, char *endpoint, size_t size)
{
    uint8_t head [6];
    uint16_t event;
    if (zmq_recv (pair, head, sizeof head, ZMQ_DONTWAIT) != (int) sizeof head)
        return false;
    int length = zmq_recv (pair, endpoint, size - 1, ZMQ_DONTWAIT);
    size_t end = length < 0 ? 0 : (size_t) length < size ? (size_t) length : size - 1;
    endpoint [end] = 0;
    memcpy (&event, head, sizeof event);
    *event_p = event;
    return true;
}

//  --- Telling

static bool s_tell (troupe_live_zmq_t *self, unsigned event, const char *endpoint)
{
    bool stream = self->socket->type == TROUPE_ZMQ_STREAM;
    if (event & (stream ? S_STREAM : ZMQ_EVENT_HANDSHAKE_SUCCEEDED))
        return troupe_zmq_happened (self->socket, TROUPE_ZMQ_CONNECTED, endpoint);
    bool refused = self->refusing;
    if ((event & S_FAILED) && !stream) {
        self->refusing = true;
        return refused || troupe_zmq_happened (self->socket, TROUPE_ZMQ_REFUSED, endpoint);
    }
    if (event != ZMQ_EVENT_DISCONNECTED)
        return true;
    self->refusing = false;
    return refused || troupe_zmq_happened (self->socket, TROUPE_ZMQ_DISCONNECTED, endpoint);
}

//  Those that were read while an endpoint was waited for.
static bool s_tell_kept (troupe_live_zmq_t *self)
{
    bool open = true;
    while (open && self->first_news) {
        troupe_zmq_news_t *news = self->first_news;
        self->first_news = news->next;
        open = s_tell (self, news->event, news->endpoint);
        free (news);
    }
    return open;
}

static void s_on_events (troupe_socket_monitor_t *monitor)
{
    troupe_live_zmq_t *self = (troupe_live_zmq_t *) ((char *) monitor - offsetof (troupe_live_zmq_t, monitor));
    char endpoint [TROUPE_ZMQ_ENDPOINT_MAX + 1];
    unsigned event;
    //  A connection's first message must not come before it: the socket is looked at after this.
    troupe_zmq_suspect (self);
    if (!s_tell_kept (self))
        return;
    while (s_read (self->monitor.pair, &event, endpoint, sizeof endpoint))
        if (!s_tell (self, event, endpoint))
            return;
}

static int s_wanted (const troupe_live_zmq_t *self)
{
    if (self->socket->type == TROUPE_ZMQ_STREAM)
        return S_STREAM | S_GONE | ZMQ_EVENT_DISCONNECTED;
    return ZMQ_EVENT_HANDSHAKE_SUCCEEDED | S_FAILED | S_GONE | ZMQ_EVENT_DISCONNECTED;
}

troupe_error_t troupe_zmq_events_open (troupe_live_zmq_t *self)
{
    if (!self->socket->options.on_event)
        return TROUPE_OK;
    return troupe_socket_monitor_open (&self->monitor, self->live, self->raw, s_wanted (self), s_on_events);
}

void troupe_zmq_events_close (troupe_live_zmq_t *self)
{
    troupe_socket_monitor_close (&self->monitor);
    while (self->first_news) {
        troupe_zmq_news_t *news = self->first_news;
        self->first_news = news->next;
        free (news);
    }
}

//  --- Letting an endpoint go

//  Without memory for it an event is lost.
static void s_keep (troupe_live_zmq_t *self, unsigned event, const char *endpoint)
{
    if (!self->monitor.pair || (event & S_GONE))
        return;
    troupe_zmq_news_t *news = calloc (1, sizeof *news);
    if (!news)
        return;
    news->event = event;
    strcpy (news->endpoint, endpoint);
    if (self->first_news)
        self->last_news->next = news;
    else
        self->first_news = news;
    self->last_news = news;
}

//  True when there is more to wait for.
static bool s_read_until_gone (troupe_live_zmq_t *self, void *pair, const char *endpoint)
{
    char which [TROUPE_ZMQ_ENDPOINT_MAX + 1];
    unsigned event;
    while (s_read (pair, &event, which, sizeof which)) {
        s_keep (self, event, which);
        if ((event & S_GONE) && strcmp (which, endpoint) == 0)
            return false;
    }
    return true;
}

static void s_await (troupe_live_zmq_t *self, void *pair, const char *endpoint)
{
    int64_t until_us = troupe_clock_us () + S_WAIT_MS * 1000;
    zmq_pollitem_t item = { .socket = pair, .events = ZMQ_POLLIN };
    while (s_read_until_gone (self, pair, endpoint)) {
        int64_t left_us = until_us - troupe_clock_us ();
        if (left_us <= 0)
            break;
        zmq_poll (&item, 1, (long) (left_us / 1000 + 1));
    }
    //  Reading here may have eaten the monitor's signal.
    if (self->monitor.pair)
        troupe_poller_post (&self->live->poller, &self->monitor.source, TROUPE_POLL_READ);
}

//  A monitor for as long as this takes.
static void *s_watch (troupe_live_zmq_t *self)
{
    troupe_live_t *live = self->live;
    char endpoint [sizeof live->path + 32];
    troupe_error_t error;
    snprintf (endpoint, sizeof endpoint, "%s/monitor-%llu", live->path, (unsigned long long) ++live->monitors);
    if (zmq_socket_monitor (self->raw, endpoint, S_GONE))
        return NULL;
    return troupe_socket_new (live->shared, ZMQ_PAIR, endpoint, false, &error);
}

void troupe_zmq_let_go (troupe_live_zmq_t *self, const char *endpoint)
{
    void *own = self->monitor.pair || !troupe_endpoint_is_outside (endpoint) ? NULL : s_watch (self);
    void *pair = self->monitor.pair ? self->monitor.pair : own;
    bool unbound = zmq_unbind (self->raw, endpoint) == 0;
    if (unbound && pair && troupe_endpoint_is_outside (endpoint))
        s_await (self, pair, endpoint);
    if (!self->monitor.pair && troupe_endpoint_is_outside (endpoint))
        zmq_socket_monitor (self->raw, NULL, 0);
    if (own)
        zmq_close (own);
}
