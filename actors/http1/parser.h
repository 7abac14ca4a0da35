/*  =========================================================================
    parser.h - HTTP/1.1 requests or responses: bytes in, events out

    Place: actors/http1/. Strict and free of I/O, memory and time: one small
    object a connection. The caller hands over what it has, takes one event,
    and calls again with what the event has not consumed, until MORE. A head
    is consumed as a whole: until all of it is there, it stays with the caller,
    and comes again with more behind it. Every event is the same however the
    bytes were cut.

    Sources: RFC 9112, RFC 9110; where they leave a choice, the strict one.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_PARSER_H_INCLUDED
#define TROUPE_HTTP_PARSER_H_INCLUDED

#include "chunked.h"

typedef struct troupe_http_parser {
    const troupe_http_limits_t *limits;
    troupe_http_scratch_t *scratch;
    uint32_t line;                  //  Where the line under way begins, from the first octet not consumed
    uint32_t searched;              //  Before here is no line end
    uint32_t section;               //  Where the header section begins
    uint32_t trailer_bytes;         //  Of all trailer lines so far
    uint16_t field_count;           //  Fields so far
    uint16_t kept;                  //  Of these, so many go beyond this hop
    uint16_t seen;                  //  See framing.h
    uint8_t state;
    uint8_t fault;                  //  A troupe_http_fault_t once it is refused
    bool resumed;                   //  The head came in pieces: it is parsed once more when it is whole
    bool blank;                     //  The one empty line before a request has been skipped
    bool responses;                 //  It is responses that come
    bool head_only;                 //  The one under way answers HEAD
    uint64_t remaining;             //  Of a body with a length; of what a body without one may still be
    troupe_http_chunked_t chunked;
} troupe_http_parser_t;

typedef enum {
    TROUPE_HTTP_MORE = 0,   //  Nothing more to say about these bytes
    TROUPE_HTTP_HEAD,       //  'head' is whole; its views hold as long as the bytes that were given
    TROUPE_HTTP_BODY,       //  'body' is a piece of the body, a view too
    TROUPE_HTTP_END,        //  The message is over; the next one begins behind
    TROUPE_HTTP_REFUSED     //  'fault' says why; the parser takes no more, the connection must end
} troupe_http_event_kind_t;

typedef struct troupe_http_event {
    troupe_http_event_kind_t kind;
    size_t consumed;                    //  So many bytes are done with
    const troupe_http_head_t *head;     //  HEAD: valid until the next event of any parser with that scratch
    troupe_bytes_t body;                //  BODY
    troupe_http_fault_t fault;          //  REFUSED
} troupe_http_event_t;

//  Begins a connection. 'limits' and 'scratch' stay the caller's and must live as long; scratch may be shared.
void troupe_http_parser_start (troupe_http_parser_t *self, const troupe_http_limits_t *limits,
                               troupe_http_scratch_t *scratch);

//  The same for responses. 1xx are told like others: HEAD, and END.
void troupe_http_parser_start_responses (troupe_http_parser_t *self, const troupe_http_limits_t *limits,
                                         troupe_http_scratch_t *scratch);

//  Says, before a response, whether the request was HEAD: then it has no body.
void troupe_http_parser_expect (troupe_http_parser_t *self, bool head_only);

//  Changes the limits: those of the body that is to come, or of the next head.
void troupe_http_parser_limit (troupe_http_parser_t *self, const troupe_http_limits_t *limits);

//  The connection has ended behind all that has been given. END: that was the end of a body. REFUSED: half a response
//  has come. MORE: nothing of one.
troupe_http_event_kind_t troupe_http_parser_over (troupe_http_parser_t *self, troupe_http_event_t *event);

//  The next event in these bytes.
troupe_http_event_kind_t troupe_http_parser_next (troupe_http_parser_t *self, const uint8_t *data, size_t size,
                                                  troupe_http_event_t *event);

//  Whether nothing of a request has come yet (a skipped empty line is nothing): it may be closed as idle.
bool troupe_http_parser_is_idle (const troupe_http_parser_t *self);

//  How many unconsumed bytes a caller must be able to hold for a head, with these limits.
size_t troupe_http_head_bytes (const troupe_http_limits_t *limits);

#endif
