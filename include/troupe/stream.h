/*  =========================================================================
    troupe/stream.h - byte streams: listen, connect, read, write, close

    Place: include/. How an actor talks to the world that speaks bytes. The
    runtime does the I/O on the actor's thread; writes of one turn leave
    together, when the turn ends. Streams belong to the incarnation and are
    aborted at its end; listening sockets outlive it: listening again at the
    same address takes over what has queued up there meanwhile. Only for the
    actor's own callbacks; nothing blocks.

    Addresses: "tcp://HOST:PORT", "HOST:PORT", "[::1]:PORT", "unix:///PATH".
    Port 0 picks a free one; host "*" is every IPv4 interface. A UNIX socket's
    file is removed when the listener is closed. A host name that is neither
    numeric nor "localhost" is asked of the system's resolver, and that does
    block.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_STREAM_H_INCLUDED
#define TROUPE_STREAM_H_INCLUDED

#include "actor.h"

TROUPE_BEGIN_DECLS

typedef enum {
    TROUPE_STREAM_ACCEPTED,     //  A new stream, from a listener
    TROUPE_STREAM_CONNECTED,    //  The stream that was being connected is
    TROUPE_STREAM_BYTES,        //  'data' and 'size' have arrived; set 'consumed'
    TROUPE_STREAM_WRITABLE,     //  After TROUPE_EFULL: what was queued has gone below half of the limit
    TROUPE_STREAM_DRAINED,      //  Asked for with troupe_stream_notify_drained: all has been handed to the system
    TROUPE_STREAM_END,          //  The peer sends no more; it may still read
    TROUPE_STREAM_CLOSED        //  The last event of every stream; afterwards the pointer is dead
} troupe_stream_event_kind_t;

typedef struct troupe_stream_event {
    troupe_stream_event_kind_t kind;
    const uint8_t *data;        //  BYTES: a view, valid for the callback
    size_t size;                //  BYTES: how many; never 0
    size_t consumed;            //  BYTES: set by the callback (0 at first): how many it has taken. The rest is
                                //  kept and comes again with more behind it; see 'read_limit_bytes'
    troupe_error_t error;       //  CLOSED: TROUPE_OK after an orderly close, else why
} troupe_stream_event_t;

//  Return as from receive. Streams may be written, paused and closed from within.
typedef int (troupe_stream_fn) (troupe_actor_t *self, void *state, troupe_stream_t *stream,
                                troupe_stream_event_t *event, void *context);

//  Zeros mean the defaults.
typedef struct troupe_stream_options {
    size_t write_limit_bytes;   //  What may be queued for writing: 1 MiB
    size_t read_limit_bytes;    //  What may be left unconsumed before reading pauses by itself: 64 KiB. A callback
                                //  that is at the limit and consumes nothing gets the stream closed (TROUPE_ETOOBIG)
    int backlog;                //  Listeners: connections the system may hold: 511
    int64_t connect_timeout_ms; //  10,000
} troupe_stream_options_t;

/*  Listens at 'address'. 'on_event' gets ACCEPTED, and then every other event of the accepted streams, with
    the stream's own context, which is 'context' until troupe_stream_set_context. 'options', copied, may be
    null. Errors: TROUPE_EADDRINUSE, TROUPE_EACCES, TROUPE_EADDR, TROUPE_EINVAL (the address), TROUPE_EFILES,
    TROUPE_ENOMEM; nothing is left behind, and all but EINVAL is said in words: by troupe_fail_error (actor.h) if
    the actor fails because of it, else in the log. When descriptors run out later, accepting pauses and resumes
    by itself.                                                                                             */
TROUPE_API troupe_error_t troupe_listen (troupe_actor_t *self, const char *address,
                                         const troupe_stream_options_t *options,
                                         troupe_stream_fn *on_event, void *context,
                                         troupe_listener_t **listener_p);

//  Where it listens, with the real port: "127.0.0.1:8080".
TROUPE_API const char *troupe_listener_address (const troupe_listener_t *listener);

//  Stops and resumes accepting; connections wait in the system's backlog.
TROUPE_API void troupe_listener_pause (troupe_listener_t *listener);
TROUPE_API void troupe_listener_resume (troupe_listener_t *listener);

//  Closes the listening socket, not the streams that came of it, and nulls the pointer.
TROUPE_API void troupe_listener_close (troupe_listener_t **listener_p);

//  Connects to 'address': CONNECTED follows, or CLOSED with the error. Errors as for troupe_listen.
TROUPE_API troupe_error_t troupe_connect (troupe_actor_t *self, const char *address,
                                          const troupe_stream_options_t *options,
                                          troupe_stream_fn *on_event, void *context,
                                          troupe_stream_t **stream_p);

//  The context that the stream's events bring.
TROUPE_API void troupe_stream_set_context (troupe_stream_t *stream, void *context);
TROUPE_API void *troupe_stream_context (const troupe_stream_t *stream);

//  The peer: "127.0.0.1:40112", or "" when it has no address.
TROUPE_API const char *troupe_stream_peer (const troupe_stream_t *stream);

/*  Queues a copy of the bytes; they leave when the turn ends. All or nothing.
      TROUPE_EFULL    the write limit is reached: go on at WRITABLE. A single write larger than the limit is taken
                      when nothing else is queued
      TROUPE_ECLOSED  closing, closed or aborted
      TROUPE_ENOMEM   nothing was queued                                                                   */
TROUPE_API troupe_error_t troupe_stream_write (troupe_stream_t *stream, const void *data, size_t size);

//  The same for several parts, all or nothing.
TROUPE_API troupe_error_t troupe_stream_writev (troupe_stream_t *stream, const troupe_bytes_t *parts, size_t count);

//  The same without a copy, for bytes inside a message: the runtime keeps the message until they are written.
TROUPE_API troupe_error_t troupe_stream_write_from (troupe_stream_t *stream, troupe_message_t *message,
                                                    const void *data, size_t size);

//  How many bytes are queued and not yet with the system.
TROUPE_API size_t troupe_stream_queued (const troupe_stream_t *stream);

//  Asks for one DRAINED event: in a later turn, even when nothing is queued now.
TROUPE_API void troupe_stream_notify_drained (troupe_stream_t *stream);

//  Stops reading from the peer, and resumes; what has been read but not consumed comes again on resuming.
TROUPE_API void troupe_stream_pause (troupe_stream_t *stream);
TROUPE_API void troupe_stream_resume (troupe_stream_t *stream);

//  Says that nothing more will be written: what is queued leaves, then the peer sees the end. Reading goes on.
TROUPE_API void troupe_stream_end (troupe_stream_t *stream);

//  Writes what is queued, then closes; CLOSED follows.
TROUPE_API void troupe_stream_close (troupe_stream_t *stream);

//  Throws away what is queued and resets the connection; CLOSED follows, in a later turn, with TROUPE_ECANCELLED.
TROUPE_API void troupe_stream_abort (troupe_stream_t *stream);

TROUPE_END_DECLS

#endif
