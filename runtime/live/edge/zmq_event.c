/*  =========================================================================
    live/edge/zmq_event.c - what libzmq tells of actors' ZeroMQ sockets

    Place: runtime/live; see zmq_socket.h. Its monitor tells of peers that come
    and go, for those who want to know. It also tells when an endpoint that was
    unbound is really free: libzmq's I/O thread does that later, and until then
    the next incarnation would find it taken.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/edge/zmq_socket.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_BEGUN (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CONNECTED)
#define S_WANTED (TROUPE_SOCKET_CLOSED | S_BEGUN | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED)

//  --- Reading

//  An event is two frames: its number (16 bits) and value (32 bits), then the endpoint.
static bool s_receive (void *pair, troupe_zmq_news_t *news)
{
    uint8_t head [6];
    uint16_t event;
    const size_t most = sizeof news->endpoint - 1;
    if (!pair || zmq_recv (pair, head, sizeof head, ZMQ_DONTWAIT) != (int) sizeof head)
        return false;
    int length = zmq_recv (pair, news->endpoint, most, ZMQ_DONTWAIT);
    news->endpoint [length < 0 ? 0 : (size_t) length < most ? (size_t) length : most] = 0;
    memcpy (&event, head, sizeof event);
    memcpy (&news->descriptor, head + sizeof event, sizeof news->descriptor);
    news->event = event;
    return true;
}

//  The guard knows at once.
static bool s_read (troupe_live_zmq_t *self, void *pair, troupe_zmq_news_t *news)
{
    if (!s_receive (pair, news))
        return false;
    if (self->readers && (news->event & (S_BEGUN | ZMQ_EVENT_DISCONNECTED)))
        troupe_zmq_readers_lost (self->readers, news->descriptor);
    if (self->guard && (news->event & S_BEGUN))
        troupe_zmq_guard_begin (self->guard, news->descriptor, news->event == ZMQ_EVENT_ACCEPTED);
    else if (self->guard && news->event == ZMQ_EVENT_DISCONNECTED)
        troupe_zmq_guard_end (self->guard, news->descriptor);
    return true;
}

//  --- Connections that are shaking hands

//  Without memory for it a refusal will be told as DISCONNECTED.
static void s_begin (troupe_live_zmq_t *self, int descriptor)
{
    size_t count = self->beginner_count;
    //  Room for 1, 2, 4, ...
    if (!(count & (count - 1))) {
        int *more = realloc (self->beginners, (count ? count * 2 : 1) * sizeof *more);
        if (!more)
            return;
        self->beginners = more;
    }
    self->beginners [self->beginner_count++] = descriptor;
}

static bool s_forget (troupe_live_zmq_t *self, size_t index)
{
    if (index >= self->beginner_count)
        return false;
    self->beginner_count--;
    memmove (self->beginners + index, self->beginners + index + 1,
             (self->beginner_count - index) * sizeof *self->beginners);
    return true;
}

static size_t s_find (const troupe_live_zmq_t *self, int descriptor)
{
    size_t index = 0;
    while (index < self->beginner_count && self->beginners [index] != descriptor)
        index++;
    return index;
}

//  --- Telling

//  The one endpoint that the socket is connected to; null when there are others, or none.
static const char *s_only_endpoint (const troupe_zmq_t *socket)
{
    const troupe_zmq_place_t *place = socket->places;
    return place && !place->bound && !place->next ? place->actual : NULL;
}

/*  libzmq tells nothing when the handshake with a peer of ZMTP 1 or 2 is over: JeroMQ before 0.4, say. Where there is
    room to send only while somebody is connected, and one connection at most, room tells it.                */
bool troupe_zmq_events_infer (troupe_live_zmq_t *self, bool room)
{
    const char *endpoint = s_only_endpoint (self->socket);
    if (!room || !self->beginner_count || self->inferred || !self->socket->options.immediate || !endpoint)
        return true;
    self->inferred = true;
    return troupe_zmq_happened (self->socket, TROUPE_ZMQ_CONNECTED, endpoint);
}

/*  libzmq does not say which handshake has succeeded: the first that began is taken for it. One that is lost before
    that was refused; libzmq's own events of failed handshakes do not tell of all of those.                  */
static bool s_tell (troupe_live_zmq_t *self, const troupe_zmq_news_t *news)
{
    troupe_zmq_t *socket = self->socket;
    bool stream = socket->type == TROUPE_ZMQ_STREAM;
    if (!socket->options.on_event)
        return true;
    bool inferred = self->inferred;
    self->inferred = false;
    if (news->event & S_BEGUN && !stream)
        s_begin (self, news->descriptor);
    else if (news->event & (S_BEGUN | ZMQ_EVENT_HANDSHAKE_SUCCEEDED)) {
        s_forget (self, 0);
        return inferred || troupe_zmq_happened (socket, TROUPE_ZMQ_CONNECTED, news->endpoint);
    }
    else if (news->event == ZMQ_EVENT_DISCONNECTED) {
        bool refused = s_forget (self, s_find (self, news->descriptor)) && !inferred;
        return troupe_zmq_happened (socket, refused ? TROUPE_ZMQ_REFUSED : TROUPE_ZMQ_DISCONNECTED, news->endpoint);
    }
    return true;
}

//  Those that were read while an endpoint was waited for.
static bool s_tell_kept (troupe_live_zmq_t *self)
{
    bool open = true;
    while (open && self->first_news) {
        troupe_zmq_news_t *news = self->first_news;
        self->first_news = news->next;
        open = s_tell (self, news);
        free (news);
    }
    return open;
}

static void s_on_events (troupe_socket_monitor_t *monitor)
{
    troupe_live_zmq_t *self = (troupe_live_zmq_t *) ((char *) monitor - offsetof (troupe_live_zmq_t, monitor));
    troupe_zmq_news_t news = { 0 };
    //  What was made ready by a connection is seen only when the socket is looked at.
    troupe_zmq_suspect (self);
    bool open = s_tell_kept (self);
    while (open && s_read (self, self->monitor.pair, &news))
        open = s_tell (self, &news);
}

troupe_error_t troupe_zmq_events_open (troupe_live_zmq_t *self)
{
    if (self->monitor.pair)
        return TROUPE_OK;
    return troupe_socket_monitor_open (&self->monitor, self->live, self->raw, S_WANTED, s_on_events);
}

void troupe_zmq_events_close (troupe_live_zmq_t *self)
{
    troupe_socket_monitor_close (&self->monitor);
    while (self->first_news) {
        troupe_zmq_news_t *news = self->first_news;
        self->first_news = news->next;
        free (news);
    }
    free (self->beginners);
    self->beginners = NULL;
    self->beginner_count = 0;
}

//  --- Letting an endpoint go

//  Without memory for it an event is lost.
static void s_keep (troupe_live_zmq_t *self, const troupe_zmq_news_t *seen)
{
    if (!self->monitor.pair || !self->socket->options.on_event || (seen->event & TROUPE_SOCKET_CLOSED))
        return;
    troupe_zmq_news_t *news = malloc (sizeof *news);
    if (!news)
        return;
    *news = *seen;
    news->next = NULL;
    if (self->first_news)
        self->last_news->next = news;
    else
        self->first_news = news;
    self->last_news = news;
}

void troupe_zmq_events_hear (troupe_live_zmq_t *self)
{
    troupe_zmq_news_t news = { 0 };
    while (s_read (self, self->monitor.pair, &news))
        s_keep (self, &news);
    troupe_poller_post (&self->live->poller, &self->monitor.source, TROUPE_POLL_READ);
}

typedef struct s_departure {
    troupe_live_zmq_t *self;
    const char *endpoint;
} s_departure_t;

//  What else the monitor has said is kept.
static bool s_has_gone (void *pair, void *context)
{
    const s_departure_t *departure = context;
    troupe_zmq_news_t news = { 0 };
    while (s_read (departure->self, pair, &news)) {
        s_keep (departure->self, &news);
        if ((news.event & TROUPE_SOCKET_CLOSED) && strcmp (news.endpoint, departure->endpoint) == 0)
            return true;
    }
    return false;
}

static void s_let_go_watched (troupe_live_zmq_t *self, const char *endpoint)
{
    s_departure_t departure = { .self = self, .endpoint = endpoint };
    if (zmq_unbind (self->raw, endpoint) == 0)
        troupe_socket_await_closed (self->monitor.pair, s_has_gone, &departure);
    //  Reading here may have eaten the monitor's signal.
    troupe_poller_post (&self->live->poller, &self->monitor.source, TROUPE_POLL_READ);
}

void troupe_zmq_let_go (troupe_live_zmq_t *self, const char *endpoint)
{
    if (!troupe_endpoint_is_outside (endpoint))
        zmq_unbind (self->raw, endpoint);
    else if (self->monitor.pair)
        s_let_go_watched (self, endpoint);
    else
        troupe_socket_let_go (self->live, self->raw, endpoint);
}
