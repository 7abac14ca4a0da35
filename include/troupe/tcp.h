/*  =========================================================================
    troupe/tcp.h - a server of somebody else's protocol over TCP, as an actor

    Place: include/. A ready behavior for servers that speak a simple protocol,
    in which one request gets one answer: what a call brings is written, what
    comes back is its reply, with the call's tag. So whoever asks does not know
    that it is a server, nor where, nor over how many connections.

        static const troupe_tcp_t redis = { .servers = "127.0.0.1:6379", .framing = "line", .pipeline = 16 };
        static const troupe_behavior_t store = TROUPE_TCP ("store", &redis);

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  Where messages end, the same both ways:
      line      at a \n, which is put behind what is sent, and taken off what
                comes, with a \r in front of it
      crlf      the same, with \r\n behind what is sent
      length2   after as many bytes as the two in front say, big-endian
      length4   the same with four
      close     where the side ends: each call has a connection of its own

    A call gets a connection that is idle, else a new one, else, with
    'pipeline', one where others wait already; else it queues. Answers come in
    the order of the requests. New connections go to the servers in turn; one
    that cannot be reached is the last choice for 'server_pause_ms'.

    A call that is marked as one that may be done twice (troupe_call_idempotent)
    is sent once more, on a fresh connection, when one that had answered before
    ended before any byte of its answer: servers close what was idle. No other
    call is ever sent twice.

    What the actor says itself is FAILED, with why in words:
      the call is no message of the protocol      it has a \n, or is too long
      too many calls wait for the server          the queue is full
      no server can be reached                    each has been tried, and there is no connection to any of them
      the server has ended the connection         it may have done the work; with a part of an answer too
      the server's answer is too large            the connection is dropped with it
      the server has not answered in time         'answer_timeout_ms'
      the actor is ending                         it takes no more; what it has taken it finishes
    What was in flight behind an answer that cannot be read is lost with its
    connection. The caller's own deadline ends a call with TIMEOUT as ever.
    DOWN speaks of this actor, and never of a server. Given up by its caller
    (troupe_call_cancel), or too late, a call leaves the queue; its connection
    is dropped, unless somebody behind it still waits there: then its answer
    is thrown away. Bytes that nobody has asked for close a connection. Casts are
    dead letters: their answers would be nobody's.                          */

#ifndef TROUPE_TCP_H_INCLUDED
#define TROUPE_TCP_H_INCLUDED

#include "behavior.h"

TROUPE_BEGIN_DECLS

//  So many servers one actor may have in front of it.
#define TROUPE_TCP_SERVERS_MAX 32

//  Limits and times. Zeros mean the defaults.
typedef struct troupe_tcp_options {
    uint32_t connections;           //  To all servers together: 8
    uint32_t pipeline;              //  Calls in flight on one connection: 1
    uint32_t queue_limit;           //  Calls that wait for a connection: 1,024
    uint32_t answer_limit_bytes;    //  Of one answer, without its frame: 1 MiB
    int64_t connect_timeout_ms;     //  3,000; then the next server
    int64_t answer_timeout_ms;      //  From a call's arrival to the end of its answer: 15,000; or what the caller
                                    //  gives, if that is less
    int64_t idle_timeout_ms;        //  How long a connection is kept without calls: 60,000
    int64_t server_pause_ms;        //  1,000
} troupe_tcp_options_t;

//  The 'constant' of the behavior. "servers" and "framing" are options of the actor too, as is every member of
//  troupe_tcp_options_t (children/NAME/pipeline); options come before the spec. A start without servers, with an
//  address or a framing that is none, fails.
typedef struct troupe_tcp {
    const char *servers;            //  "10.0.0.1:6379 unix:///run/store.sock": addresses (stream.h) with blanks between
    const char *framing;            //  "line", "crlf", "length2", "length4" or "close"; null: line
    troupe_tcp_options_t options;
} troupe_tcp_t;

enum {
    //  A call: answers its counters, a line each: "calls 12". Calls with other reserved tags (message.h), as requests
    //  of doors are, end with FAILED.
    TROUPE_TCP_STATS = TROUPE_TAG_RESERVED + 0x78
};

//  Callbacks of the behavior, for the macro below.
TROUPE_API int troupe_tcp_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_tcp_receive (troupe_actor_t *self, void *state, troupe_message_t *message);
TROUPE_API int troupe_tcp_drain (troupe_actor_t *self, void *state);
TROUPE_API void troupe_tcp_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_TCP(NAME, SPEC) { .name = (NAME), .start = troupe_tcp_start, .receive = troupe_tcp_receive, \
    .drain = troupe_tcp_drain, .stop = troupe_tcp_stop, .constant = (SPEC) }

TROUPE_END_DECLS

#endif
