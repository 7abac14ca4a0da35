/*  =========================================================================
    writer.h - the head of a response, and the framing of its body

    Place: actors/http/. Pure: into a buffer of the caller's. A sender is not
    trusted: what would break the framing of the connection is refused.
    Source: RFC 9112 4 to 7.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_WRITER_H_INCLUDED
#define TROUPE_HTTP_WRITER_H_INCLUDED

#include <troupe/response.h>

#include "http1/head.h"

//  A head beyond its fields takes no more than this.
#define TROUPE_HTTP_ANSWER_ROOM 256u

//  The first line of a chunk, or the end of a chunked body, takes no more than this.
#define TROUPE_HTTP_CHUNK_ROOM 24u

typedef struct troupe_http_answer {
    int status;                         //  200 to 599
    const troupe_headers_t *headers;    //  Those of framing, connection and date are left out; may be null
    uint64_t length;                    //  Of the body: not sent with 204 and, unless it is 'told', 304: they have none
    bool told;                          //  The length is that of the body that 304 leaves out
    bool unframed;                      //  No length is said: that of an answer to HEAD is not known
    bool chunked;                       //  Its length is not told; only for HTTP/1.1 peers
    uint8_t minor;                      //  Of the request
    bool keep_alive;                    //  Whether the connection goes on
    const char *date;                   //  As troupe_http_date_print writes it
} troupe_http_answer_t;

//  Whether a status never has a body.
bool troupe_http_is_bodiless (int status);

//  How much room its head may need.
size_t troupe_http_answer_room (const troupe_http_answer_t *answer);

//  Writes the head, empty line and all, into a buffer with that room; returns its size. 0: the status is none for an
//  answer, or a field is no field (a bad name, a control character).
size_t troupe_http_answer_write (const troupe_http_answer_t *answer, char *buffer);

//  Writes the line before a chunk of so many bytes (with the end of the chunk before it, unless it is the first);
//  with 0 the end of the body. Returns its size.
size_t troupe_http_chunk_write (uint64_t size, bool first, char buffer [TROUPE_HTTP_CHUNK_ROOM]);

#endif
