/*  =========================================================================
    head.h - the head of a request or a response, as the parser hands it out

    Place: actors/http1/. Everything in it is a view of the bytes that the
    parser was given: valid as long as they are. The limits that a head and
    its body must keep are here too.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_HEAD_H_INCLUDED
#define TROUPE_HTTP_HEAD_H_INCLUDED

#include <troupe/request.h>

#include "fault.h"

//  What a request, or a response, may measure. Every member must be set; troupe_http_limits_default does.
typedef struct troupe_http_limits {
    uint32_t request_line_bytes;        //  Or status line. Without its CR LF: 8,192; longer is 414
    uint32_t header_bytes;              //  All field lines with their line ends, the empty one too: 16,384; more is 431
    uint32_t header_fields;             //  100; more is 431
    uint32_t chunk_extension_bytes;     //  In one body: 4,096; more is 413
    uint64_t body_bytes;                //  1 MiB; more is 413
} troupe_http_limits_t;

//  The limits above.
extern const troupe_http_limits_t troupe_http_limits_default;

//  What a field means to the connection.
typedef enum {
    TROUPE_HTTP_FIELD_PLAIN = 0,        //  Nothing: it is the handler's
    TROUPE_HTTP_FIELD_HOST,
    TROUPE_HTTP_FIELD_CONTENT_LENGTH,
    TROUPE_HTTP_FIELD_TRANSFER_ENCODING,
    TROUPE_HTTP_FIELD_CONNECTION,
    TROUPE_HTTP_FIELD_EXPECT,
    TROUPE_HTTP_FIELD_KEEP_ALIVE,
    TROUPE_HTTP_FIELD_HOP               //  Others that end here: TE, Trailer, Upgrade, ...
} troupe_http_field_kind_t;

typedef struct troupe_http_field {
    troupe_bytes_t name;                //  As it was written
    troupe_bytes_t value;               //  Without whitespace around it
    troupe_http_field_kind_t kind;
} troupe_http_field_t;

typedef enum {
    TROUPE_HTTP_EXPECT_NOTHING = 0,
    TROUPE_HTTP_EXPECT_CONTINUE,        //  The peer waits for 100 before it sends the body
    TROUPE_HTTP_EXPECT_UNKNOWN          //  To be answered with 417
} troupe_http_expect_t;

typedef struct troupe_http_head {
    troupe_bytes_t method;              //  A token; perhaps unknown
    troupe_bytes_t target;              //  As it was written
    troupe_bytes_t path;                //  Begins with '/', still percent-encoded, valid; "*" when 'asterisk'
    troupe_bytes_t query;               //  What follows '?', still percent-encoded; data is null when there is no '?'
    troupe_bytes_t authority;           //  The target's, else that of Host; data is null when there is neither (1.0)
    troupe_bytes_t host;                //  That of Host
    bool asterisk;                      //  OPTIONS *
    uint8_t minor;                      //  HTTP/1.minor: 0 or 1
    bool keep_alive;                    //  What the peer asks for, by its version and Connection
    bool chunked;                       //  The body is chunked
    uint64_t content_length;            //  Of a body that is not chunked; 0 when there is none
    troupe_http_expect_t expect;
    uint16_t status;                    //  Of a response: 100 to 599. Target and its parts are then not set
    bool until_close;                   //  The body of a response ends with the connection
    bool length_told;                   //  A response has told 'told_length', even if it has no body (HEAD, 304)
    uint64_t told_length;
    uint32_t keep_alive_s;              //  How long the peer says it keeps an idle connection; 0: it does not say
    const troupe_header_t *fields;      //  Those that go beyond this hop, in their order
    size_t field_count;
} troupe_http_head_t;

//  Where parsers put heads: one for all parsers of an actor, since a head is used before the next one is parsed.
typedef struct troupe_http_scratch {
    troupe_http_head_t head;
    troupe_header_t fields [];          //  As many as limits.header_fields, and one that a door may add
} troupe_http_scratch_t;

//  The caller owns it; null when memory is out.
troupe_http_scratch_t *troupe_http_scratch_new (const troupe_http_limits_t *limits);
//  Destroys it and nulls the pointer; does nothing with a null one.
void troupe_http_scratch_destroy (troupe_http_scratch_t **self_p);

#endif
