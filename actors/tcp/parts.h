/*  =========================================================================
    parts.h - the inside of a TCP egress: exchanges and connections

    Place: actors/tcp, between tcp.c (the behavior), exchange.c (calls, from
    their arrival to their answer) and connection.c (streams).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  An exchange is a call with its caller. It waits in the queue, or is on a
    connection. Its caller is answered exactly once, by troupe_tcp_answer or
    troupe_tcp_answer_failure. Then it is freed, but for one on a connection
    where others wait behind it: that one stays, without a caller, until its
    answer has come and been thrown away.

    The life of a connection:

        CONNECTING -> OPEN -> CLOSING -> freed

    CONNECTING  for the one exchange on it, which goes to another server if
                this fails
    OPEN        its exchanges are in flight, in the order of their answers;
                without any it is idle, for as long as it is kept
    CLOSING     it has no exchanges; CLOSED follows, and makes room for another
*/

#ifndef TROUPE_TCP_PARTS_H_INCLUDED
#define TROUPE_TCP_PARTS_H_INCLUDED

#include <troupe/ref.h>
#include <troupe/stream.h>
#include <troupe/tcp.h>
#include <troupe/timer.h>

#include "frame.h"

typedef struct troupe_tcp_actor troupe_tcp_actor_t;
typedef struct troupe_tcp_exchange troupe_tcp_exchange_t;
typedef struct troupe_tcp_connection troupe_tcp_connection_t;

//  Exchanges in their order: the queue, or those on a connection.
typedef struct troupe_tcp_row {
    troupe_tcp_exchange_t *first, *last;
    size_t count;
} troupe_tcp_row_t;

struct troupe_tcp_exchange {
    troupe_tcp_actor_t *actor;
    troupe_tcp_row_t *row;                  //  It is always in one
    troupe_tcp_exchange_t *behind, *ahead;  //  In it
    troupe_tcp_connection_t *connection;    //  Null: the row is the queue
    troupe_caller_t *caller;                //  Null: nobody waits any more
    troupe_message_t *request;
    troupe_timer_t timer;
    uint32_t tried;                         //  The servers that could not be reached, a bit each
    uint64_t newer_than;                    //  Sent the second time: only on a connection that is newer than this one
    bool idempotent;
    bool kept;                              //  It was sent on a connection that had answered before
};

typedef enum {
    TROUPE_TCP_CONNECTING = 0,
    TROUPE_TCP_OPEN,
    TROUPE_TCP_CLOSING
} troupe_tcp_phase_t;

struct troupe_tcp_connection {
    troupe_tcp_actor_t *actor;
    troupe_tcp_connection_t *next, *previous;
    troupe_stream_t *stream;                //  Null once it is closed
    troupe_tcp_row_t row;
    troupe_tcp_phase_t phase;
    unsigned server;
    uint64_t number;                        //  They are counted, from 1
    size_t seen;                            //  Of the answer that is coming: see troupe_tcp_frame_read
    bool heard;                             //  There are bytes of it
    bool kept;                              //  It has answered before
    uint8_t *answer;                        //  Framing "close": what has come
    size_t answer_size, answer_capacity;
    troupe_timer_t timer;                   //  0: none. Looks whether it has been idle for too long
    int64_t idle_until_ms;
};

typedef struct troupe_tcp_server {
    char *address;
    int64_t paused_until_ms;                //  Until then it is the last choice
} troupe_tcp_server_t;

typedef struct troupe_tcp_counters {
    uint64_t calls, answered, refused, late, given_up, unreachable, lost, too_large, resent, opened;
} troupe_tcp_counters_t;

struct troupe_tcp_actor {
    troupe_actor_t *self;
    troupe_tcp_options_t options;
    troupe_tcp_framing_t framing;
    troupe_tcp_connection_t *connections;   //  Those that became idle last come first
    size_t connection_count;
    troupe_tcp_row_t queue;
    size_t wanted;                          //  Exchanges with a caller, all of them
    bool draining;
    unsigned server_count, next_server;
    troupe_tcp_server_t servers [TROUPE_TCP_SERVERS_MAX];
    troupe_tcp_counters_t counters;
};

//  --- exchange.c

//  A call has come.
void troupe_tcp_accept (troupe_tcp_actor_t *self, troupe_message_t *message);

//  Gives connections to those that wait, as long as there are any; ends the actor when it is to end and nobody waits.
void troupe_tcp_dispatch (troupe_tcp_actor_t *self);

//  Puts it at the end of a connection's row.
void troupe_tcp_join (troupe_tcp_exchange_t *self, troupe_tcp_connection_t *connection);

//  Answer it, if anybody waits, and free it.
void troupe_tcp_answer (troupe_tcp_exchange_t *self, troupe_bytes_t answer);
void troupe_tcp_answer_failure (troupe_tcp_exchange_t *self, const char *why);

//  Its connection could not be made: another server, or none.
void troupe_tcp_unreachable (troupe_tcp_exchange_t *self, unsigned server);

//  Its connection has ended; 'heard': with a part of its answer.
void troupe_tcp_lost (troupe_tcp_exchange_t *self, bool heard);

//  Frees all that are in a row: nobody waits for them, or the incarnation is over.
void troupe_tcp_free_row (troupe_tcp_row_t *row);

//  --- connection.c

//  One that can take the exchange at once: idle, or with 'in_line' with room behind others. Null when there is none.
troupe_tcp_connection_t *troupe_tcp_find (troupe_tcp_actor_t *self, const troupe_tcp_exchange_t *exchange,
                                          bool in_line);

//  Closes one that is idle, if none is being closed already, so that there will be room for another.
void troupe_tcp_make_room (troupe_tcp_actor_t *self);

//  Makes one to a server for an exchange.
troupe_error_t troupe_tcp_open (troupe_tcp_actor_t *self, unsigned server, troupe_tcp_exchange_t *exchange);

//  Sends the request of an exchange; without memory for that it is answered.
void troupe_tcp_send (troupe_tcp_connection_t *self, troupe_tcp_exchange_t *exchange);

//  Somebody does not wait any more: drops it with all that is on it, unless somebody else does.
void troupe_tcp_drop_unwanted (troupe_tcp_connection_t *self);

//  Closes those that are idle, when the actor is to end.
void troupe_tcp_close_idle (troupe_tcp_actor_t *self);

//  Frees all of them, at the end of the incarnation.
void troupe_tcp_free_connections (troupe_tcp_actor_t *self);

#endif
