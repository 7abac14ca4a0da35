/*  =========================================================================
    troupe/rpc.h - the RPC door: an actor that answers over ZeroMQ

    Place: include/. A ready behavior, beside the HTTP ingress (http.h): the
    same routes, workers and problems (RFC 9457). It binds a ROUTER; REQ, DEALER
    and ROUTER clients of any language ask it, also through queues (RFC 28).

        static const troupe_rpc_t door = { .routes = routes, .workers = "worker" };
        static const troupe_behavior_t rpc = TROUPE_RPC ("rpc", &door);

    Every member of troupe_rpc_options_t is an option of the actor too, under
    its own name, as are "bind", "workers", "instances", "live_path" and
    "ready_path"; options come before the spec.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  A message is an envelope (addresses, and an empty frame; who leaves that out is answered without), and one frame of
    body: a map {method, path, body, headers} in SMILE, JSON or MessagePack, which is told by its first bytes. The
    answer is a map {status, body} in the same. Body and headers may be left out. What is in none of these formats is
    answered 400 in JSON. Troupe's own clients ask in a framing of their own, in which one message carries many calls.

    Where the program has certificates (security/cert, security/allowed) and the door is at tcp, only who is allowed
    gets in, and handlers are told who it is: request->user, by the connection and never by the question. Clients
    choose their routing ids themselves; what one user has begun under one, another does not go on with, but who takes
    over the id of a connection that is lost gets the answers on their way to it.

    Every question gets exactly one answer, also when the door ends or fails: 503. (Not one in a message larger than
    'message_limit_bytes': its sender is disconnected.) A question with a header Request-Id is done once: when it comes
    again, all of it the same, it is answered as before for a while.                                         */

#ifndef TROUPE_RPC_H_INCLUDED
#define TROUPE_RPC_H_INCLUDED

#include "route.h"

TROUPE_BEGIN_DECLS

//  Limits and times. Zeros mean the defaults.
typedef struct troupe_rpc_options {
    uint64_t body_limit_bytes;          //  Of a request: 1 MiB; more is 413
    uint64_t message_limit_bytes;       //  Of a message: 4 MiB; who sends a larger one is disconnected
    uint32_t frame_limit;               //  Of a message: 32, at most 63; one of more is 400
    uint64_t unfinished_limit_bytes;    //  Of messages that have not come whole, over tcp, of all connections: 64 MiB;
                                        //  who has sent most of it is disconnected
    uint32_t send_limit;                //  Messages that may wait for one peer to read them: 1,000; more are lost
    uint64_t send_limit_bytes;          //  And bytes, over tcp: 64 MiB. What is lost is a dead letter
    int64_t unread_timeout_ms;          //  How long a peer may read nothing of what waits for it, over tcp, before it
                                        //  is disconnected: 30,000
    uint32_t in_flight_limit;           //  Questions being answered: 4,096; the next ones get 503
    uint32_t peer_in_flight_limit;      //  Of these, of one connection: 1,024; the next ones get 503
    uint32_t queue_limit;               //  So many may wait for a worker: 1,024; the next ones get 503
    uint32_t window;                    //  So many one worker may have: 64
    uint64_t pieces_limit_bytes;        //  Of one connection, for questions that come in pieces: 4 MiB; more is 503
    uint64_t pieces_memory_limit_bytes; //  Of all connections: 64 MiB; more is 503
    int64_t pieces_timeout_ms;          //  From the first piece to the last: 60,000; else 408
    uint64_t cache_limit_bytes;         //  Answers kept for questions with a Request-Id: 8 MiB; the oldest make room
    int64_t cache_time_ms;              //  and for so long: 60,000
    int64_t route_deadline_ms;          //  For routes that have none: 15,000; later is 504
    uint32_t retry_after_s;             //  What a 503 tells the peer to wait: 1
    int64_t drain_timeout_ms;           //  For what is in flight when it is asked to end: 5,000
} troupe_rpc_options_t;

//  The 'constant' of the behavior.
typedef struct troupe_rpc {
    const char *bind;               //  tcp://, ipc:// or inproc://, port 0 or * for a free one; null:
                                    //  "tcp://127.0.0.1:5555"
    const troupe_route_t *routes;   //  Ends with one whose method is null. Handlers are not called here and may be null
    const char *workers;            //  Who serves routes without a 'service': the id of a child, all instances of it,
                                    //  or an address; null: every route has its own
    unsigned instances;             //  How many; 0: as children/WORKERS/instances says, or 1
    const char *live_path;          //  As for the HTTP ingress
    const char *ready_path;
    troupe_rpc_options_t options;
} troupe_rpc_t;

enum {
    //  A call: answers where it is bound, with the real port, as text: "tcp://127.0.0.1:5555".
    TROUPE_RPC_ADDRESS = TROUPE_TAG_RESERVED + 0x48,
    //  A call: answers its counters, a line each: "questions 12".
    TROUPE_RPC_STATS
};

//  Callbacks of the behavior, for the macro below.
TROUPE_API int troupe_rpc_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_rpc_receive (troupe_actor_t *self, void *state, troupe_message_t *message);
TROUPE_API int troupe_rpc_drain (troupe_actor_t *self, void *state);
TROUPE_API void troupe_rpc_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_RPC(NAME, SPEC) { .name = (NAME), .start = troupe_rpc_start, .receive = troupe_rpc_receive, \
    .drain = troupe_rpc_drain, .stop = troupe_rpc_stop, .constant = (SPEC) }

TROUPE_END_DECLS

#endif
