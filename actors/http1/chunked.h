/*  =========================================================================
    chunked.h - the framing of a chunked body, up to its trailers

    Place: actors/http1/. Pure. An octet at a time but for the data, so that a
    line may be cut anywhere. Source: RFC 9112 7.1, strictly: no whitespace,
    no bare CR or LF, every chunk ends where it says.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_CHUNKED_H_INCLUDED
#define TROUPE_HTTP_CHUNKED_H_INCLUDED

#include "head.h"

typedef struct troupe_http_chunked {
    uint64_t remaining;             //  Of the chunk under way
    uint64_t total;                 //  Of the body so far, the chunk under way included
    uint32_t extension_bytes;       //  Of all extensions so far
    uint8_t state;
    uint8_t digits;                 //  Of the size under way
} troupe_http_chunked_t;

typedef enum {
    TROUPE_HTTP_CHUNKED_MORE = 0,   //  All bytes are taken; more are needed
    TROUPE_HTTP_CHUNKED_DATA,       //  'data' is a piece of the body
    TROUPE_HTTP_CHUNKED_LAST,       //  The last chunk's line is over: trailers follow
    TROUPE_HTTP_CHUNKED_FAULT       //  'fault' says which
} troupe_http_chunked_step_t;

//  Begins a body.
void troupe_http_chunked_start (troupe_http_chunked_t *self);

//  Takes bytes from *at_p on, and moves it on, until one of the above.
troupe_http_chunked_step_t troupe_http_chunked_next (troupe_http_chunked_t *self, const troupe_http_limits_t *limits,
                                                     const uint8_t **at_p, const uint8_t *end,
                                                     troupe_bytes_t *data, troupe_http_fault_t *fault);

#endif
