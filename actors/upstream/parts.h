/*  =========================================================================
    parts.h - the inside of an upstream: exchanges and connections

    Place: actors/upstream, between upstream.c (the behavior), exchange.c
    (requests, from their arrival to their answer), connection.c (streams) and
    relay.c (bodies in pieces).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  An exchange is a request with its caller. It waits in the queue, or has a
    connection. It ends exactly once, by troupe_upstream_answer, or when its
    caller is gone, by troupe_upstream_forget. One whose body comes in pieces
    may be on its connection, and even be answered, before it is complete.

    The life of a connection:

        CONNECTING -> BUSY -> IDLE -> BUSY ...  -> CLOSING -> freed

    CONNECTING  for an exchange, which goes to another server if this fails
    BUSY        its exchange's request is on its way, or the answer to it
    IDLE        kept; whatever comes now is not asked for, and closes it
    CLOSING     troupe_stream_close or _abort has been called, CLOSED follows
                and makes room for another one

    CONNECTING and BUSY have an exchange, the others have none.
*/

#ifndef TROUPE_UPSTREAM_PARTS_H_INCLUDED
#define TROUPE_UPSTREAM_PARTS_H_INCLUDED

#include <troupe/body.h>
#include <troupe/rpc_call.h>
#include <troupe/service.h>
#include <troupe/stream.h>
#include <troupe/timer.h>
#include <troupe/upstream.h>

#include "backward.h"
#include "http1/parser.h"
#include "place.h"

typedef struct troupe_upstream_actor troupe_upstream_actor_t;
typedef struct troupe_upstream_exchange troupe_upstream_exchange_t;
typedef struct troupe_upstream_connection troupe_upstream_connection_t;

typedef enum {
    TROUPE_UPSTREAM_CONNECTING = 0,
    TROUPE_UPSTREAM_BUSY,
    TROUPE_UPSTREAM_IDLE,
    TROUPE_UPSTREAM_CLOSING
} troupe_upstream_phase_t;

struct troupe_upstream_connection {
    troupe_upstream_actor_t *upstream;
    troupe_upstream_connection_t *next, *previous;
    troupe_stream_t *stream;
    troupe_upstream_exchange_t *exchange;
    troupe_response_t *response;            //  The answer so far
    troupe_http_parser_t parser;
    uint8_t phase;                          //  A troupe_upstream_phase_t
    uint8_t server;                         //  Which
    bool reused : 1;                        //  The request under way is not its first
    bool heard : 1;                         //  Something of the answer has come
    bool interim : 1;                       //  What comes is a 1xx
    bool headed : 1;                        //  The head of the answer has come
    bool leftover : 1;                      //  Bytes are with the stream that nobody has asked for yet
    bool ended : 1;                         //  The server has ended its side, behind these
    bool keep_alive : 1;                    //  It may be kept when the answer is over
    uint32_t interims;                      //  So many 1xx for this request
    uint32_t keep_alive_s;                  //  How long the server keeps it; 0: it does not say
    troupe_timer_t timer;                   //  0: none. Looks whether it has been idle for too long
    int64_t idle_until_ms;
    uint64_t length;                        //  Of the answer's body, or TROUPE_BODY_UNKNOWN
};

struct troupe_upstream_exchange {
    troupe_upstream_actor_t *upstream;
    troupe_upstream_exchange_t *next, *previous;    //  All of them
    troupe_upstream_exchange_t *behind, *ahead;     //  In the queue
    troupe_upstream_connection_t *connection;       //  Null: it waits in the queue
    troupe_caller_t *caller;                //  One of a whole request; else
    troupe_body_t *body;                    //  of one in pieces
    char *bytes;                            //  The request as it is written, or its head
    size_t size;
    int64_t deadline_us;                    //  When the caller stops waiting
    troupe_timer_t timer;
    uint32_t tried;                         //  The servers that could not be reached, a bit each
    bool head_only : 1;                     //  The method is HEAD
    bool idempotent : 1;
    bool chunked : 1;                       //  The pieces of its body are written as chunks
    bool sent : 1;                          //  Of these, some
    bool complete : 1;                      //  All of it has been written, or is in 'bytes'
    bool begun : 1;                         //  Its answer is, with the head
    bool fresh : 1;                         //  It is sent the second time, and needs a connection of its own
};

typedef struct troupe_upstream_server {
    troupe_upstream_address_t address;
    int64_t paused_until_ms;                //  Until then it is the last choice
    bool old;                               //  Its last answer was HTTP/1.0: it takes no chunks
} troupe_upstream_server_t;

typedef struct troupe_upstream_counters {
    uint64_t requests, answered, refused, malformed, cut_short, late, unreachable, resent, opened, streamed, given_up;
} troupe_upstream_counters_t;

struct troupe_upstream_actor {
    troupe_actor_t *self;
    troupe_upstream_options_t options;
    troupe_upstream_way_t way;
    troupe_http_limits_t limits;
    troupe_http_limits_t streamed_limits;   //  The same but for the body
    troupe_http_scratch_t *scratch;
    troupe_response_t *response;            //  What is answered without a server
    troupe_upstream_connection_t *connections;      //  Those that became idle last come first
    troupe_upstream_exchange_t *exchanges;
    troupe_upstream_exchange_t *queue_first, *queue_last;
    size_t connection_count, exchange_count, queue_size;
    troupe_upstream_text_t text;
    troupe_bodies_t *bodies;
    uint8_t *piece;                         //  Of the answer under way, what has come in this turn
    size_t piece_size, piece_room;
    bool draining;
    unsigned server_count;                  //  0: there is no upstream
    unsigned next_server;
    troupe_upstream_server_t servers [TROUPE_UPSTREAM_SERVERS_MAX];
    troupe_upstream_counters_t counters;
};

//  --- exchange.c

//  A request has come.
void troupe_upstream_accept (troupe_upstream_actor_t *self, troupe_message_t *message);

//  Gives connections to those that wait, as long as there are any.
void troupe_upstream_dispatch (troupe_upstream_actor_t *self);

//  Ends an exchange with a response, or with a problem; its connection, if it has one, is on its own then.
void troupe_upstream_answer (troupe_upstream_exchange_t *self, troupe_response_t *response);
void troupe_upstream_answer_problem (troupe_upstream_exchange_t *self, int status, const char *detail);

//  Ends an exchange that nobody waits for, with its connection.
void troupe_upstream_forget (troupe_upstream_exchange_t *self);

//  Ends one whose answer has been given in pieces.
void troupe_upstream_finish (troupe_upstream_exchange_t *self);

//  All of the request is with the server: from now on it has its time to answer.
void troupe_upstream_request_over (troupe_upstream_exchange_t *self);

//  Its connection could not be made: another server, or none.
void troupe_upstream_unreachable (troupe_upstream_exchange_t *self, unsigned server);

//  Its connection has ended before any byte of the answer.
void troupe_upstream_unheard (troupe_upstream_exchange_t *self, bool reused);

//  Frees all of them, at the end of the incarnation.
void troupe_upstream_free_exchanges (troupe_upstream_actor_t *self);

//  Ends the actor when it is to end and nothing is left.
void troupe_upstream_exit_when_done (troupe_upstream_actor_t *self);

//  --- connection.c

//  One that is idle and good; null when there is none.
troupe_upstream_connection_t *troupe_upstream_idle (troupe_upstream_actor_t *self);

//  Makes one to a server for an exchange.
troupe_error_t troupe_upstream_open (troupe_upstream_actor_t *self, unsigned server,
                                     troupe_upstream_exchange_t *exchange);

//  Sends the request of an exchange.
void troupe_upstream_send (troupe_upstream_connection_t *self, troupe_upstream_exchange_t *exchange);

//  Drops it, with what is on it.
void troupe_upstream_drop (troupe_upstream_connection_t *self);

//  The answer cannot be used: the connection neither. 'fault' is for the log, 'detail' for the caller.
void troupe_upstream_fail (troupe_upstream_connection_t *self, const char *fault, const char *detail);

//  Closes those that are idle, when the actor is to end.
void troupe_upstream_close_idle (troupe_upstream_actor_t *self);

//  Frees all of them, at the end of the incarnation.
void troupe_upstream_free_connections (troupe_upstream_actor_t *self);

//  --- relay.c

//  What is told of a body in pieces.
troupe_body_fn troupe_upstream_on_body;

//  The connection has room for pieces of the request.
void troupe_upstream_relay_request (troupe_upstream_exchange_t *self);

//  Whether more of the answer may be taken in now: without pieces always.
bool troupe_upstream_relay_may_take (const troupe_upstream_connection_t *self);

//  What has come of its body goes on at the end of the turn, or with the end of the answer.
troupe_error_t troupe_upstream_relay_add (troupe_upstream_actor_t *self, troupe_bytes_t bytes);
troupe_error_t troupe_upstream_relay_flush (troupe_upstream_connection_t *self);
troupe_error_t troupe_upstream_relay_end (troupe_upstream_connection_t *self);

#endif
