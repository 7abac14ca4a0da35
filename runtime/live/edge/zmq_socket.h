/*  =========================================================================
    live/edge/zmq_socket.h - ZeroMQ sockets of actors: libzmq's half

    Place: runtime/live; the live implementation of core/edge/zmq_socket.h. One
    raw socket each, waited for by its descriptor on the actor's poller. That
    descriptor only says that libzmq has something to tell, and any call may
    eat it: whoever has called posts the source, so that the socket is looked
    at before the thread sleeps.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_ZMQ_SOCKET_H_INCLUDED
#define TROUPE_LIVE_ZMQ_SOCKET_H_INCLUDED

#include "core/edge/zmq_socket.h"
#include "live/port/port.h"

//  Room for one message of as many frames as the socket may get.
typedef struct troupe_zmq_inbox {
    size_t capacity, count;
    zmq_msg_t *parts;
    troupe_bytes_t *views;
} troupe_zmq_inbox_t;

//  An event of libzmq's monitor.
typedef struct troupe_zmq_news {
    struct troupe_zmq_news *next;
    unsigned event;
    int descriptor;                     //  Of the connection
    char endpoint [TROUPE_ZMQ_ENDPOINT_MAX + 1];
} troupe_zmq_news_t;

typedef struct troupe_zmq_guard troupe_zmq_guard_t;
typedef struct troupe_zmq_readers troupe_zmq_readers_t;

typedef struct troupe_live_zmq {
    troupe_source_t source;             //  First
    troupe_socket_monitor_t monitor;    //  Open with an on_event, or a guard
    troupe_zmq_guard_t *guard;          //  Null: it has never been bound or connected over tcp, or needs none
    troupe_zmq_readers_t *readers;      //  With a guard, of a ROUTER
    troupe_live_t *live;
    troupe_zmq_t *socket;
    void *raw;
    troupe_zmq_inbox_t *inbox;          //  Null while its message is in hand
    troupe_zmq_news_t *first_news, *last_news;  //  Read and not told yet
    int *beginners;                     //  Descriptors of connections that are shaking hands, in order
    size_t beginner_count;
    bool inferred;                      //  The one of them has been told as connected: events_infer
    uint64_t timer;                     //  Of WRITABLE, where libzmq does not say when
} troupe_live_zmq_t;

//  --- zmq_message.c

troupe_zmq_inbox_t *troupe_zmq_inbox_new (size_t capacity);
void troupe_zmq_inbox_free (troupe_zmq_inbox_t *inbox);
void troupe_zmq_inbox_empty (troupe_zmq_inbox_t *inbox);

typedef enum {
    TROUPE_ZMQ_DRY = 0,
    TROUPE_ZMQ_TAKEN,                   //  In the inbox
    TROUPE_ZMQ_DROPPED                  //  There was one, with too many frames
} troupe_zmq_taken_t;

//  Receives one message into the inbox; *size_p: how many bytes it had.
troupe_zmq_taken_t troupe_zmq_take (troupe_live_zmq_t *self, size_t *size_p);
//  The host's zmq_send.
troupe_error_t troupe_live_zmq_send (troupe_actor_t *cell, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                                     size_t count);

//  The host's zmq_user.
const char *troupe_live_zmq_user (troupe_actor_t *cell, const troupe_zmq_t *socket);

//  --- zmq_guard.c

//  Begins to watch over what comes over tcp, before it is bound or connected there. Does nothing a second time.
troupe_error_t troupe_zmq_guard_open (troupe_live_zmq_t *self);
void troupe_zmq_guard_close (troupe_live_zmq_t *self);
//  A connection has begun, which somebody else has made or this socket; or is lost.
void troupe_zmq_guard_begin (troupe_zmq_guard_t *guard, int descriptor, bool accepted);
void troupe_zmq_guard_end (troupe_zmq_guard_t *guard, int descriptor);
//  A frame has been taken, and with it its message; and there is none just now.
void troupe_zmq_guard_frame (troupe_zmq_guard_t *guard, size_t size);
void troupe_zmq_guard_taken (troupe_zmq_guard_t *guard, zmq_msg_t *part);
void troupe_zmq_guard_dry (troupe_zmq_guard_t *guard);

//  --- zmq_reader.c

troupe_zmq_readers_t *troupe_zmq_readers_new (void);
void troupe_zmq_readers_free (troupe_zmq_readers_t *readers);
//  A message has come from the peer of that routing id; a connection has begun or is lost.
void troupe_zmq_readers_meet (troupe_zmq_readers_t *readers, const troupe_bytes_t *id, zmq_msg_t *part);
void troupe_zmq_readers_lost (troupe_zmq_readers_t *readers, int descriptor);
//  Whether the peer that the first frame names may have so many bytes to read; it has been sent these.
bool troupe_zmq_readers_have_room (troupe_zmq_readers_t *readers, int64_t most, const troupe_bytes_t *frames,
                                   size_t count);
void troupe_zmq_readers_sent (troupe_zmq_readers_t *readers, const troupe_bytes_t *frames, size_t count);

//  --- zmq_event.c

//  Begins to listen to libzmq's monitor. Does nothing a second time.
troupe_error_t troupe_zmq_events_open (troupe_live_zmq_t *self);
//  Reads what libzmq tells: the guard knows it from then on, the actor is told later.
void troupe_zmq_events_hear (troupe_live_zmq_t *self);
void troupe_zmq_events_close (troupe_live_zmq_t *self);
//  Tells of a peer that libzmq does not tell of; 'room': something could be sent. False: the socket is gone.
bool troupe_zmq_events_infer (troupe_live_zmq_t *self, bool room);
//  Unbinds, and waits until that endpoint is free.
void troupe_zmq_let_go (troupe_live_zmq_t *self, const char *endpoint);

//  --- zmq_place.c: the host's zmq_bind, zmq_connect, zmq_leave

troupe_error_t troupe_live_zmq_bind (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place, char *why,
                                     size_t why_size);
troupe_error_t troupe_live_zmq_connect (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place,
                                        const troupe_bytes_t *routing_id, char *why, size_t why_size);
void troupe_live_zmq_leave (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place);

//  --- zmq_socket.c: the rest of them

troupe_error_t troupe_live_zmq_open (troupe_actor_t *cell, troupe_zmq_t *socket);
void troupe_live_zmq_close (troupe_actor_t *cell, troupe_zmq_t *socket);
troupe_error_t troupe_live_zmq_subscribe (troupe_actor_t *cell, troupe_zmq_t *socket, const void *prefix, size_t size,
                                          bool wanted);
void troupe_live_zmq_resume (troupe_actor_t *cell, troupe_zmq_t *socket);

//  Something was called that may have eaten the signal.
static inline void troupe_zmq_suspect (troupe_live_zmq_t *self)
{
    troupe_poller_post (&self->live->poller, &self->source, TROUPE_POLL_READ);
}

#endif
