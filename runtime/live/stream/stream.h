/*  =========================================================================
    live/stream/stream.h - byte streams on sockets

    Place: runtime/live: the system's half of core/stream/stream.h. Everything runs on
    the cell's thread, out of its poller's wait.

    - Connections are edge-triggered for both directions, registered once. A
      read that does not fill the buffer has emptied the socket, unless the peer
      has ended. One that is not emptied within a few reads is posted to the
      poller, so that others get their turn and the thread does not sleep.
    - Listeners are level-triggered, and not waited for while they are paused,
      their incarnation is ending, or descriptors have run out. In the last case
      they are 'starved': tried again when one of the cell's connections has
      been closed, and every 100 ms.
    - A connection's half is freed by troupe_live_stream_close alone, which the
      core may call from within any of its functions: see what they return.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_STREAM_H_INCLUDED
#define TROUPE_LIVE_STREAM_H_INCLUDED

#include "core/stream/stream.h"
#include "core/stream/watch.h"
#include "live/actor/live.h"
#include "live/stream/resolve.h"

#define TROUPE_LIVE_BUFFER 65536u

//  --- What a host is asked for; see core/cell/host.h.

troupe_error_t troupe_live_listen (troupe_actor_t *cell, troupe_listener_t *listener,
                                   const troupe_stream_address_t *address);
void troupe_live_listener_accepts (troupe_actor_t *cell, troupe_listener_t *listener, bool accepts);
void troupe_live_listener_close (troupe_actor_t *cell, troupe_listener_t *listener);
troupe_error_t troupe_live_connect (troupe_actor_t *cell, troupe_stream_t *stream,
                                    const troupe_stream_address_t *address, int64_t timeout_ms);
ptrdiff_t troupe_live_stream_send (troupe_actor_t *cell, troupe_stream_t *stream, const troupe_bytes_t *parts,
                                   size_t count, troupe_error_t *error_p);
void troupe_live_stream_peer (troupe_actor_t *cell, troupe_stream_t *stream, char *text, size_t size);
void troupe_live_stream_reads (troupe_actor_t *cell, troupe_stream_t *stream, bool reads);
void troupe_live_stream_end (troupe_actor_t *cell, troupe_stream_t *stream);
void troupe_live_stream_close (troupe_actor_t *cell, troupe_stream_t *stream, bool abort);
troupe_error_t troupe_live_watch (troupe_actor_t *cell, troupe_watch_t *watch);
void troupe_live_unwatch (troupe_actor_t *cell, troupe_watch_t *watch);

//  Frees what troupe_live_streams holds: when the cell is final, after troupe_listeners_close.
void troupe_live_streams_clear (troupe_actor_t *cell);

//  --- What its files share

typedef struct troupe_live_stream troupe_live_stream_t;
typedef struct troupe_live_listener troupe_live_listener_t;
typedef struct troupe_live_attempt troupe_live_attempt_t;

struct troupe_live_stream {
    troupe_source_t source;
    troupe_stream_t *stream;
    troupe_live_attempt_t *attempt;     //  While it is connecting
    bool reads;
    bool hung;                          //  The peer has ended, or the connection has an error: read up to it
};

struct troupe_live_streams {
    troupe_live_listener_t *starved;    //  A list
    uint64_t retry;                     //  The timer
    int64_t warned_us;                  //  When it was last logged; 0: never
    uint8_t buffer [TROUPE_LIVE_BUFFER];    //  What is read lies here during the callback
};

//  The cell's, made when there is none yet; null when memory is out.
troupe_live_streams_t *troupe_live_streams_ensure (troupe_actor_t *cell);

//  A connection without a stream, which owns 'fd' and is waited for; null when it cannot be, and then 'fd' is closed.
troupe_live_stream_t *troupe_live_stream_new (troupe_actor_t *cell, int fd, troupe_error_t *error_p);

//  Ends the waiting, closes and frees; 'abort' resets the connection.
void troupe_live_stream_free (troupe_actor_t *cell, troupe_live_stream_t *live, bool abort);

//  Something has happened while connecting. False: there is nothing to read yet, or the stream is gone.
bool troupe_live_attempt_ready (troupe_live_stream_t *live, unsigned events);

void troupe_live_attempt_free (troupe_actor_t *cell, troupe_live_attempt_t **attempt_p);

//  A descriptor has been closed: starved listeners try again.
void troupe_live_listeners_feed (troupe_actor_t *cell);

//  A non-blocking stream socket; -1 with errno.
int troupe_live_socket (int family);

#endif
