/*  =========================================================================
    troupe/zmq_socket.h - ZeroMQ sockets at the edge: other people's protocols

    Place: include/. Actors talk to each other by refs. To talk to programs
    that know nothing of troupe, an actor can own any ZeroMQ socket; its
    messages come like mail, in the actor's turns. On the stage there is no
    ZeroMQ: the test is the peer (stage.h, troupe_stage_zmq_...). Sockets of
    other libraries that give a descriptor go by watch.h. A socket belongs to
    the incarnation that opened it and is closed with it at the latest; the
    next one may bind the same endpoint at once. Only for the actor's own
    callbacks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_ZMQ_SOCKET_H_INCLUDED
#define TROUPE_ZMQ_SOCKET_H_INCLUDED

#include "actor.h"

TROUPE_BEGIN_DECLS

//  A ZeroMQ socket, seen by the actor that owns it.
typedef struct troupe_zmq troupe_zmq_t;

//  ZeroMQ's types (RFC 28, 29, 30, 31; STREAM: zmq_socket(3)).
typedef enum {
    TROUPE_ZMQ_PAIR = 0,
    TROUPE_ZMQ_REQ,
    TROUPE_ZMQ_REP,
    TROUPE_ZMQ_DEALER,
    TROUPE_ZMQ_ROUTER,
    TROUPE_ZMQ_PUB,
    TROUPE_ZMQ_SUB,
    TROUPE_ZMQ_XPUB,
    TROUPE_ZMQ_XSUB,
    TROUPE_ZMQ_PUSH,
    TROUPE_ZMQ_PULL,
    TROUPE_ZMQ_STREAM
} troupe_zmq_type_t;

/*  A message has arrived: its frames, as zmq_recv(3) would give them, one or more. They are valid for the callback, and
    can be sent on to other sockets as they are: what is large is then shared, not copied. Close sockets in it as you
    like, this one too. Return as from receive.                                                              */
typedef int (troupe_zmq_fn) (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                             size_t count, void *context);

typedef enum {
    TROUPE_ZMQ_WRITABLE = 0,    //  There may be room again after a send was refused with TROUPE_EFULL: told once for it
    TROUPE_ZMQ_CONNECTED,       //  A peer is there (its handshake is over)
    TROUPE_ZMQ_DISCONNECTED,    //  A peer is gone; a connection that was made from here is tried again
    TROUPE_ZMQ_REFUSED          //  A handshake failed: another protocol, a type that does not fit, a key not allowed
} troupe_zmq_event_t;

/*  Something has happened to the socket. 'endpoint' is the one of ours, bound or connected, by which the peer came; ""
    for WRITABLE. Nothing is told of peers at inproc://. Return as from receive.                             */
typedef int (troupe_zmq_event_fn) (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                                   const char *endpoint, void *context);

//  For times that are -1 below: not at all. (Not libzmq's -1, which is for ever: no actor's end waits that long.)
#define TROUPE_ZMQ_NONE (-1)

//  For 'receive_limit': none.
#define TROUPE_ZMQ_NO_LIMIT UINT32_MAX

/*  Heartbeats and receive limits exclude each other. Where a receive limit is reached libzmq stops reading a
    connection, so that the peer waits; if that connection then breaks, and a heartbeat is to be sent on it, libzmq
    4.3.4 ends the whole program: "Assertion failed: !_io_error (src/stream_engine_base.cpp:331)" (its issues 3937,
    4767). Besides, a peer whose heartbeats are not read is taken for gone. So by default
      REQ, REP, DEALER, ROUTER          have heartbeats, and no receive limit: what is not taken waits in memory, up to
                                        'untaken_bytes'. They may face strangers
      PAIR, and ROUTER with 'handover'  have neither: libzmq puts a connection aside that it has no place for, and reads
                                        it no more. They may face strangers
      PUB, XPUB, PUSH                   the same; their peers have limits. They may face strangers
      PULL, SUB, XSUB                   have a receive limit, so that a fast sender waits (a PUB drops), and no
                                        heartbeats. They must not face strangers, nor peers that send heartbeats of
                                        their own: one that does, is not read, and breaks off ends this program as
                                        well, since an answer to it is to be sent. Where such may come:
                                        TROUPE_ZMQ_NO_LIMIT
      STREAM                            has a receive limit, and its peers know no heartbeats. It may face strangers
    Without heartbeats tcp itself notices within 4 seconds that a silent host is gone or cannot be reached (when there
    is something on the way to it, as late as the system gives up), but not that a process has been stopped. For that
    the receiving end of a flow needs heartbeats, and TROUPE_ZMQ_NO_LIMIT: then both ends notice.             */

//  Zeros mean the defaults. Strings are copied.
typedef struct troupe_zmq_options {
    uint32_t send_limit;            //  Messages that may wait to be sent, for each peer: 1,000 (ZMQ_SNDHWM)
    uint32_t receive_limit;         //  And to be received: PULL, SUB, XSUB, STREAM 1,000, others TROUPE_ZMQ_NO_LIMIT
                                    //  (ZMQ_RCVHWM)
    int64_t message_bytes;          //  The largest frame that is taken in: 1 MiB (ZMQ_MAXMSGSIZE). A peer that sends a
                                    //  larger one is disconnected
    uint32_t frame_limit;           //  Frames of one message: 64. One of more is a dead letter, MALFORMED;
    bool cut;                       //  or, with this, handed over as its first frames
    int64_t whole_bytes;            //  All frames of a message: 16 MiB, or what one frame may have and 1 MiB. One of
                                    //  more is treated likewise; over tcp, whoever sends more without an end is
                                    //  disconnected. For a PUB it is what subscriptions may take, of one connection
    int64_t unfinished_bytes;       //  What may have come over tcp of messages without their ends, of all peers: 64
                                    //  MiB, or what one may have; whoever has sent most of it is disconnected
    int64_t untaken_bytes;          //  What may have come over tcp, whole, and wait for the actor to take it (a pause,
                                    //  too many at once), of all peers: 64 MiB where there is no receive limit, else
                                    //  any number; whoever has sent most of it is disconnected, and that is logged.
                                    //  What has come by then is still taken. It is looked at in the actor's turns, ten
                                    //  times a second while much comes: not while a callback runs. What is not whole
                                    //  counts with it, up to 'unfinished_bytes' more
    int64_t unread_bytes;           //  ROUTER, over tcp: what may wait for one peer to read it: 64 MiB; more is
                                    //  TROUPE_EFULL, as with 'send_limit'
    int64_t unread_ms;              //  Over tcp: how long a peer may read nothing of what waits for it before it is
                                    //  disconnected; 0: for ever, since it may be busy (ZMQ_TCP_MAXRT)
    int64_t linger_ms;              //  How long what is queued may take to leave after the close, which the end of the
                                    //  program waits for: 500 (ZMQ_LINGER)
    int64_t heartbeat_ms;           //  A peer that is silent for three of them is gone (ZMQ_HEARTBEAT_IVL): 1,000 for
                                    //  REQ, REP, DEALER and ROUTER without a receive limit, without 'handover'; others
                                    //  TROUPE_ZMQ_NONE. PULL, SUB, XSUB, PUB, XPUB, PUSH may have them, without a
                                    //  receive limit; PAIR, STREAM and 'handover' may not
    const char *routing_id;         //  What a ROUTER on the other side sees, 1 to 255 bytes; null: libzmq's choice
    bool relaxed;                   //  REQ: may ask again without an answer; late ones are dropped (ZMQ_REQ_RELAXED and
                                    //  _CORRELATE)
    bool handover;                  //  ROUTER: who comes with another's routing id takes its place; else it is refused
    bool verbose;                   //  XPUB: every subscription is told, not only the first of its kind
    bool conflate;                  //  Keeps only the newest message each way, of one frame (ZMQ_CONFLATE)
    bool immediate;                 //  Queue only to peers that are connected (ZMQ_IMMEDIATE)
    bool plain;                     //  No CURVE for this socket, though the program has a certificate
    troupe_zmq_event_fn *on_event;  //  May be null
} troupe_zmq_options_t;

/*  Opens a socket that is neither bound nor connected. 'on_message' may be null for PUB and PUSH. Both callbacks get
    'context'. The caller owns *socket_p until troupe_zmq_close or the end of the incarnation. 'options' may be null.
      TROUPE_EINVAL    an option that the type does not have, or out of its range; no 'on_message'; heartbeats where
                       there is a receive limit, or that cannot be: this is said in words (troupe_fail_error, actor.h)
      TROUPE_ESTATE    the incarnation is ending
      TROUPE_ENOMEM; TROUPE_EFILES: no descriptor or socket left                                             */
TROUPE_API troupe_error_t troupe_zmq_open (troupe_actor_t *self, troupe_zmq_type_t type,
                                           const troupe_zmq_options_t *options, troupe_zmq_fn *on_message,
                                           void *context, troupe_zmq_t **socket_p);

/*  Binds, connects, and takes that back; a socket may do each several times. tcp://, ipc://, pgm:// and epgm:// (where
    libzmq has them), and inproc://, for sockets of other libraries in this process that share its context, and between
    actors. Bound ports may be "*" for any that is free. Whoever is connected to need not be there yet. tcp is secured
    as security/... in the configuration says. What went wrong is said in words: by
    troupe_fail_error (actor.h) if the actor fails because of it, else in the log. A host's name is looked up, which
    blocks as long as the system's resolver takes; addresses and inproc, ipc never block. Unbinding (and closing what
    is bound) waits for libzmq's I/O thread to let the address go, microseconds usually, 500 ms at most, so that it is
    free on return.
      TROUPE_EADDRINUSE, TROUPE_EADDR
      TROUPE_EACCES    no permission; also tcp without CURVE beyond this machine, see 'security/plain'
      TROUPE_EINVAL    malformed, or of a kind that libzmq does not offer here, or 'conflate' and frames do not fit
      TROUPE_ENOENT    unbind, disconnect: it is not bound or connected there. It goes by the endpoint that was given,
                       or by troupe_zmq_endpoint
      TROUPE_ESTATE    the incarnation has ended
      TROUPE_ENOMEM, TROUPE_EFILES                                                                           */
TROUPE_API troupe_error_t troupe_zmq_bind (troupe_zmq_t *socket, const char *endpoint);
TROUPE_API troupe_error_t troupe_zmq_connect (troupe_zmq_t *socket, const char *endpoint);
TROUPE_API troupe_error_t troupe_zmq_unbind (troupe_zmq_t *socket, const char *endpoint);
TROUPE_API troupe_error_t troupe_zmq_disconnect (troupe_zmq_t *socket, const char *endpoint);

/*  ROUTER, STREAM: the same as troupe_zmq_connect, and whoever is there will be known here by that routing id, 1 to 255
    bytes that do not begin with a zero byte: so that it can be sent to first (ZMQ_CONNECT_ROUTING_ID).
      TROUPE_ENOTSUP   another type                                                                          */
TROUPE_API troupe_error_t troupe_zmq_connect_as (troupe_zmq_t *socket, const char *endpoint, const void *routing_id,
                                                 size_t size);

//  Where it was bound last, with the port filled in; "" while it is bound nowhere. Valid until the next bind or unbind.
TROUPE_API const char *troupe_zmq_endpoint (const troupe_zmq_t *socket);

/*  Who has sent the message in hand, by the certificate that it was let in with: the name of that certificate's file in
    security/allowed, which is chosen by whoever put it there, and not by the peer. "" when nobody was asked: without
    CURVE, at ipc and inproc, from a server that was connected to, and outside of an on_message of this socket. Valid
    for the callback.                                                                                        */
TROUPE_API const char *troupe_zmq_user (const troupe_zmq_t *socket);

//  Its type.
TROUPE_API troupe_zmq_type_t troupe_zmq_type (const troupe_zmq_t *socket);

//  SUB: takes what begins with these bytes (none: everything), or no more. Each subscription needs its own end.
//  TROUPE_ENOTSUP: another type (an XSUB sends a frame: 1 or 0, then the prefix). TROUPE_EINVAL, TROUPE_ENOMEM.
TROUPE_API troupe_error_t troupe_zmq_subscribe (troupe_zmq_t *socket, const void *prefix, size_t size);
TROUPE_API troupe_error_t troupe_zmq_unsubscribe (troupe_zmq_t *socket, const void *prefix, size_t size);

/*  Sends the frames as one message, and does not wait; they stay the caller's. All of it or nothing:
      TROUPE_EFULL     no peer has room, or there is none: try after WRITABLE, or drop it
      TROUPE_EDOWN     ROUTER, STREAM: the peer that the first frame names is not there
      TROUPE_ESTATE    not now: REQ before the answer, REP before a question; the incarnation has ended
      TROUPE_ENOTSUP   a type that does not send: SUB, PULL
      TROUPE_EINVAL    no frame, or not as many as the type takes: ROUTER 2 or more, STREAM 2 (the peer, and bytes; none
                       closes the connection), with 'conflate' 1
      TROUPE_ENOMEM
    PUB and XPUB never refuse: subscribers that do not keep up miss messages. A message keeps its place behind those
    that went to the same peer before it.                                                                    */
TROUPE_API troupe_error_t troupe_zmq_send (troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count);

//  The same for one frame of text, without its null.
TROUPE_API troupe_error_t troupe_zmq_send_text (troupe_zmq_t *socket, const char *text);

//  Stops taking messages in, and begins again: meanwhile they wait in the socket up to its limit, and then at the peers
//  (PUB there drops them); without a limit, up to 'untaken_bytes'. Events are told all the same.
TROUPE_API void troupe_zmq_pause (troupe_zmq_t *socket);
TROUPE_API void troupe_zmq_resume (troupe_zmq_t *socket);

//  Closes it and nulls the pointer; no callback is called any more, and where it was bound is free. Does nothing with a
//  null one. Waits as unbinding does.
TROUPE_API void troupe_zmq_close (troupe_zmq_t **socket_p);

TROUPE_END_DECLS

#endif
