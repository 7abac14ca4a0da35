/*  =========================================================================
    ingress.h - the inside of the HTTP ingress

    Place: actors/http, between ingress.c (the behavior), connection.c (the
    life of connections and their time), intake.c (bytes in), request.c (what
    becomes of a request), calls.c (workers), answer.c (bytes out), exchange.c
    and respond.c (requests and answers in pieces) and options.c. What is the
    same for every door is in actors/door.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  The life of a connection:

        RECEIVING -> CALLING -> RECEIVING ...  -> LINGERING or CLOSING -> freed

    RECEIVING   no request, a part of one, or the rest of one that has been
                answered early; the parser knows which
    CALLING     a worker has the request; nothing is parsed meanwhile, and
                reading pauses as soon as more comes
    LINGERING   the last answer is on its way and our side is ended; what the
                peer still sends is thrown away, so that it reads the answer
                before it is reset
    CLOSING     troupe_stream_close or _abort has been called, CLOSED follows

    A streamed request has an exchange from its head on: the service has been
    called already while the connection is RECEIVING, and may be answering.
    The exchange is left when both ways are over, when something else is
    answered, and when the connection is closed; it outlives the connection
    until its calls have ended.

    A connection is freed behind CLOSED, but not before its call has ended. It
    has one timer. Moving its deadline further away only writes it down; the
    timer looks at it when it fires, and sets itself anew.
*/

#ifndef TROUPE_HTTP_INGRESS_H_INCLUDED
#define TROUPE_HTTP_INGRESS_H_INCLUDED

#include <troupe/http.h>
#include <troupe/stream.h>
#include <troupe/timer.h>

#include "date.h"
#include "door/door.h"
#include "http1/parser.h"
#include "writer.h"

typedef struct troupe_http_ingress troupe_http_ingress_t;
typedef struct troupe_http_connection troupe_http_connection_t;
typedef struct troupe_http_exchange troupe_http_exchange_t;

typedef enum {
    TROUPE_HTTP_RECEIVING = 0,
    TROUPE_HTTP_CALLING,
    TROUPE_HTTP_LINGERING,
    TROUPE_HTTP_CLOSING
} troupe_http_phase_t;

//  What is done with the body of the request under way.
typedef enum {
    TROUPE_HTTP_BODY_DISCARDED = 0,     //  It has been answered
    TROUPE_HTTP_BODY_ENCODED,           //  It was there with its head: all of the request is in the ingress's buffer
    TROUPE_HTTP_BODY_COLLECTED,         //  It is appended to 'request' as it comes
    TROUPE_HTTP_BODY_STREAMED           //  It goes to the service as it comes
} troupe_http_body_t;

//  What of a request is coming in.
typedef enum {
    TROUPE_HTTP_NO_PART = 0,            //  Nothing yet: the connection is idle
    TROUPE_HTTP_HEAD_PART,
    TROUPE_HTTP_BODY_PART
} troupe_http_part_t;

struct troupe_http_connection {
    troupe_http_ingress_t *ingress;
    troupe_stream_t *stream;                //  Null once it is closed
    troupe_http_connection_t *next, *previous;
    troupe_http_parser_t parser;
    uint8_t phase;                          //  A troupe_http_phase_t
    uint8_t body;                           //  A troupe_http_body_t
    uint8_t part;                           //  RECEIVING: a troupe_http_part_t
    uint8_t minor;                          //  Of the request under way
    bool keep_alive : 1;                    //  The peer wants to go on
    bool head_only : 1;                     //  The method is HEAD
    bool answered : 1;                      //  Early: its body may still be coming
    bool complete : 1;                      //  All of the request has come
    bool continue_owed : 1;                 //  The peer waits for 100 and has sent none of the body
    bool leftover : 1;                      //  Bytes are with the stream that have not been consumed
    bool paused : 1;                        //  Reading is
    bool choked : 1;                        //  Until DRAINED: the peer reads too slowly
    bool peer_ended : 1;
    bool calling : 1;                       //  A reply will come; not before that can it be freed
    uint32_t requests;                      //  Answered so far
    const troupe_route_t *route;
    uint8_t *request;                       //  COLLECTED: the encoded request
    size_t request_size, request_room;
    troupe_door_call_t call;
    troupe_http_exchange_t *exchange;       //  Null: the request under way is none that is streamed
    troupe_timer_t timer;                   //  0: none
    int64_t timer_ms;                       //  When it fires
    int64_t deadline_ms;                    //  When something is to happen
    int64_t since_ms;                       //  When the head, the body or the lingering began
    int64_t window_ms;                      //  When the rate of the body was looked at last
    uint64_t window_bytes;                  //  So much has come since then
    size_t queued;                          //  What the peer had not read when that was looked at last
};

//  A streamed request.
struct troupe_http_exchange {
    troupe_http_ingress_t *ingress;
    troupe_http_exchange_t *next, *previous;
    troupe_http_connection_t *connection;   //  Null once it is left
    troupe_ref_t *service;
    uint64_t id;
    uint64_t left;                          //  Of the answer's body, or TROUPE_BODY_UNKNOWN
    troupe_door_call_t call;                //  For the head of the answer
    uint8_t pieces, asks;                   //  Calls in flight: with pieces of the request, for pieces of the answer
    bool calling;                           //  The head of the answer will come
    bool begun;                             //  It has, and has been sent
    bool keep_alive;                        //  As that says
    bool chunked;                           //  As that says
    bool pieced;                            //  Something of the body has been sent
    bool waits;                             //  Nothing is asked for until DRAINED: the peer reads slowly
};

typedef struct troupe_http_counters {
    uint64_t connections, requests, answers_2xx, answers_3xx, answers_4xx, answers_5xx, refused_connections;
} troupe_http_counters_t;

struct troupe_http_ingress {
    troupe_actor_t *self;
    const troupe_http_t *spec;
    troupe_http_options_t options;
    troupe_http_limits_t limits;
    troupe_http_limits_t streamed_limits;   //  The same but for the body
    troupe_door_t door;
    troupe_http_scratch_t *scratch;
    troupe_listener_t *listener;
    troupe_http_connection_t *first;
    size_t connections;
    uint64_t body_memory;                   //  In bodies being collected
    uint8_t *encoded;                       //  The request under way, when all of it came at once
    size_t encoded_size, encoded_room;
    uint64_t body_length;                   //  Of the request under way, when it is streamed
    uint8_t *piece;                         //  Of the body under way: its id, and what has come of it in this turn
    size_t piece_size, piece_room;
    troupe_http_exchange_t *exchanges;
    char *forwarded;                        //  X-Forwarded-For of the request under way; null before the first
    char *head;                             //  The head of the answer under way
    size_t head_room;
    int64_t date_turn_ms, date_second;
    char date [TROUPE_HTTP_DATE_SIZE + 1];
    troupe_http_counters_t counters;
};

//  --- options.c

//  Reads the options; the spec's, then the defaults, where there are none.
void troupe_http_options_read (troupe_actor_t *self, const troupe_http_t *spec, troupe_http_options_t *options);

//  The parser's limits out of them.
troupe_http_limits_t troupe_http_options_limits (const troupe_http_options_t *options);

//  And the door's.
troupe_door_spec_t troupe_http_options_door (const troupe_http_t *spec, const troupe_http_options_t *options);

//  --- connection.c

//  What the listener and its streams report.
int troupe_http_on_stream (troupe_actor_t *self, void *state, troupe_stream_t *stream,
                           troupe_stream_event_t *event, void *context);

//  Says when something is to happen to the connection; TROUPE_FOREVER: never by time.
void troupe_http_set_deadline (troupe_http_connection_t *self, int64_t deadline_ms);

//  Ends it: at once; or when its output has gone; or when the peer has read that, too.
void troupe_http_abort (troupe_http_connection_t *self);
void troupe_http_close (troupe_http_connection_t *self);
void troupe_http_linger (troupe_http_connection_t *self);

//  The request has been answered and has come whole: the next one, or the end.
void troupe_http_go_on (troupe_http_connection_t *self);

//  Its call has ended: frees it if it is closed already, and says so.
bool troupe_http_free_when_done (troupe_http_connection_t *self);

//  Stops reading for now.
void troupe_http_pause (troupe_http_connection_t *self);

//  Reads on, if it may; closes when there is nothing to read any more.
void troupe_http_read_on (troupe_http_connection_t *self);

//  Whether the peer has read something of our output since this was asked last.
bool troupe_http_peer_reads (troupe_http_connection_t *self);

//  Closes what is idle, when the ingress is to end.
void troupe_http_close_idle (troupe_http_ingress_t *ingress);

//  Ends the actor when it is to end and nothing is left.
void troupe_http_exit_when_done (troupe_http_ingress_t *ingress);

//  Frees all connections, at the end of the incarnation.
void troupe_http_free_all (troupe_http_ingress_t *ingress);

//  --- intake.c

//  Takes in what has come; returns how much is consumed.
size_t troupe_http_take_in (troupe_http_connection_t *self, const uint8_t *data, size_t size);

//  The deadline has passed while a request was coming in, or none was.
void troupe_http_receive_timeout (troupe_http_connection_t *self);

//  The service has taken a piece of the body: more may come.
void troupe_http_await_body (troupe_http_connection_t *self);

//  --- request.c

//  A head has come: answers it, or prepares it for a worker. 'rest' is what has come behind it.
void troupe_http_begin_request (troupe_http_connection_t *self, const troupe_http_head_t *head, troupe_bytes_t rest);

//  Adds the peer to X-Forwarded-For, among fields that have room for one more; returns how many there are. 0: memory is
//  out.
size_t troupe_http_add_forwarded (troupe_http_connection_t *self, troupe_header_t *fields, size_t count);

//  A piece of its body.
void troupe_http_add_body (troupe_http_connection_t *self, troupe_bytes_t piece);

//  Frees what has been collected of a request.
void troupe_http_drop_request (troupe_http_connection_t *self);

//  --- calls.c

//  The request is whole: gives it to a worker.
void troupe_http_call (troupe_http_connection_t *self);

//  Gives the call up: nobody waits for it any more.
void troupe_http_cancel_call (troupe_http_connection_t *self);

//  --- exchange.c

//  Gives the request that is encoded to its service, all of it or its head.
troupe_error_t troupe_http_exchange_begin (troupe_http_connection_t *self, bool whole);

//  How long a piece may take that so many others are before.
int64_t troupe_http_exchange_timeout_ms (const troupe_http_exchange_t *self, unsigned before);

//  Whether the service has to take pieces before there are more.
bool troupe_http_exchange_is_full (const troupe_http_connection_t *self);

//  Some of the body; what has come in this turn goes to the service.
void troupe_http_exchange_add (troupe_http_connection_t *self, troupe_bytes_t bytes);
void troupe_http_exchange_flush (troupe_http_connection_t *self, bool last);

//  Tells the service something that has no answer.
void troupe_http_exchange_say (troupe_http_exchange_t *self, uint16_t tag);

//  Leaves the exchange, if there is one; 'drop': the service is told.
void troupe_http_exchange_leave (troupe_http_connection_t *self, bool drop);

//  Frees it when it is left and none of its calls is in flight; or all, at the end of the incarnation.
void troupe_http_exchange_free_when_done (troupe_http_exchange_t *self);
void troupe_http_exchange_free_all (troupe_http_ingress_t *ingress);

//  --- respond.c

//  The head of the answer, or the end of the call for it.
troupe_reply_fn troupe_http_on_response;

//  The peer has read what there was.
void troupe_http_exchange_drained (troupe_http_connection_t *self);

//  Sees to it that the service hears of a peer that reads slowly, and that one that does not read at all is left.
void troupe_http_exchange_watch (troupe_http_connection_t *self);

//  The deadline has passed while the answer was awaited, or the peer.
void troupe_http_exchange_timeout (troupe_http_connection_t *self);

//  --- answer.c

//  Whether the connection can go on behind the answer under way.
bool troupe_http_may_go_on (const troupe_http_connection_t *self);

//  Sends a head, and counts it; its date is filled in here. False when it is no good answer, or memory is out.
bool troupe_http_send_head (troupe_http_connection_t *self, const troupe_http_answer_t *answer);

//  Sends a part of a body that lies in 'message'.
troupe_error_t troupe_http_send_part (troupe_stream_t *stream, troupe_message_t *message, const void *data,
                                      size_t size);

//  The answer is on its way: what becomes of the connection.
void troupe_http_follow (troupe_http_connection_t *self, bool keep_alive);

//  Sends a response. 'message' is what the body lies in, and may be null. Decides whether the connection goes on.
void troupe_http_answer (troupe_http_connection_t *self, const troupe_response_view_t *view,
                         troupe_message_t *message);

//  Sends what the door answers by itself: its response.
void troupe_http_answer_response (troupe_http_connection_t *self);

//  Sends a problem.
void troupe_http_answer_problem (troupe_http_connection_t *self, int status, const char *detail);

//  Sends a problem that tells the peer to try again later: 503.
void troupe_http_answer_unavailable (troupe_http_connection_t *self, const char *detail);

//  Sends 100.
void troupe_http_answer_continue (troupe_http_connection_t *self);

#endif
