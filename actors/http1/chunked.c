/*  =========================================================================
    chunked.c - the framing of a chunked body, up to its trailers

    Place: actors/http1/. See chunked.h.

    States: SIZE -> (EXTENSION ...) -> SIZE_LF -> DATA -> DATA_CR -> DATA_LF ->
    SIZE; a size of 0 leads from SIZE_LF to LAST.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "chunked.h"
#include "scan.h"

enum {
    SIZE = 0,
    NAME,               //  After ';'
    NAME_MORE,
    VALUE,              //  After '='
    VALUE_MORE,
    QUOTED,
    QUOTED_PAIR,        //  After a backslash
    QUOTED_END,         //  After the closing quote
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    LAST
};

//  A size of more digits than this has leading zeros that nobody honest sends, or does not fit.
#define MOST_DIGITS 16

void troupe_http_chunked_start (troupe_http_chunked_t *self)
{
    *self = (troupe_http_chunked_t) { .state = SIZE };
}

//  What may end the size, an extension's name or its value: CR, ';' and, after a name, '='.
static troupe_http_fault_t s_end_of_part (troupe_http_chunked_t *self, uint8_t octet, bool after_name,
                                          troupe_http_fault_t fault)
{
    if (octet == '\r')
        self->state = SIZE_LF;
    else if (octet == ';')
        self->state = NAME;
    else if (octet == '=' && after_name)
        self->state = VALUE;
    else
        return fault;
    return TROUPE_HTTP_FINE;
}

static troupe_http_fault_t s_size (troupe_http_chunked_t *self, uint8_t octet)
{
    const int digit = troupe_http_hex_value (octet);
    if (digit < 0 && self->digits > 0)
        return s_end_of_part (self, octet, false, TROUPE_HTTP_BAD_CHUNK_SIZE);
    if (digit < 0 || self->digits == MOST_DIGITS)
        return TROUPE_HTTP_BAD_CHUNK_SIZE;
    self->digits++;
    self->remaining = self->remaining << 4 | (uint64_t) digit;
    return TROUPE_HTTP_FINE;
}

//  Inside a quoted string: RFC 9110 5.6.4.
static troupe_http_fault_t s_quoted (troupe_http_chunked_t *self, uint8_t octet)
{
    if (!troupe_http_is (octet, TROUPE_HTTP_VALUE))
        return TROUPE_HTTP_BAD_CHUNK_EXTENSION;
    if (self->state == QUOTED_PAIR)
        self->state = QUOTED;
    else if (octet == '\\')
        self->state = QUOTED_PAIR;
    else if (octet == '"')
        self->state = QUOTED_END;
    return TROUPE_HTTP_FINE;
}

static troupe_http_fault_t s_extension (troupe_http_chunked_t *self, uint8_t octet)
{
    const bool token = troupe_http_is (octet, TROUPE_HTTP_TOKEN);
    switch (self->state) {
    case QUOTED:
    case QUOTED_PAIR:
        return s_quoted (self, octet);
    case NAME:
    case VALUE:
        if (self->state == VALUE && octet == '"')
            self->state = QUOTED;
        else if (token)
            self->state++;      //  NAME_MORE or VALUE_MORE
        else
            return TROUPE_HTTP_BAD_CHUNK_EXTENSION;
        return TROUPE_HTTP_FINE;
    default:
        if (token && self->state != QUOTED_END)
            return TROUPE_HTTP_FINE;
        return s_end_of_part (self, octet, self->state == NAME_MORE, TROUPE_HTTP_BAD_CHUNK_EXTENSION);
    }
}

//  The LF behind a size line: now the size counts.
static troupe_http_fault_t s_size_line_end (troupe_http_chunked_t *self, const troupe_http_limits_t *limits,
                                            uint8_t octet)
{
    if (octet != '\n')
        return TROUPE_HTTP_BAD_LINE_END;
    if (self->remaining > limits->body_bytes - self->total)
        return TROUPE_HTTP_BODY_TOO_LARGE;
    self->total += self->remaining;
    self->digits = 0;
    self->state = self->remaining ? DATA : LAST;
    return TROUPE_HTTP_FINE;
}

static troupe_http_fault_t s_octet (troupe_http_chunked_t *self, const troupe_http_limits_t *limits, uint8_t octet)
{
    switch (self->state) {
    case SIZE:
        self->extension_bytes += octet == ';';
        return s_size (self, octet);
    case SIZE_LF:
        return s_size_line_end (self, limits, octet);
    case DATA_CR:
        self->state = DATA_LF;
        return octet == '\r' ? TROUPE_HTTP_FINE : TROUPE_HTTP_BAD_CHUNK_END;
    case DATA_LF:
        self->state = SIZE;
        return octet == '\n' ? TROUPE_HTTP_FINE : TROUPE_HTTP_BAD_CHUNK_END;
    default:
        if (octet != '\r' && ++self->extension_bytes > limits->chunk_extension_bytes)
            return TROUPE_HTTP_CHUNK_EXTENSIONS_TOO_LARGE;
        return s_extension (self, octet);
    }
}

static void s_take_data (troupe_http_chunked_t *self, const uint8_t **at_p, const uint8_t *end, troupe_bytes_t *data)
{
    const size_t there = (size_t) (end - *at_p);
    const size_t size = self->remaining < there ? (size_t) self->remaining : there;
    *data = (troupe_bytes_t) { *at_p, size };
    *at_p += size;
    self->remaining -= size;
    if (self->remaining == 0)
        self->state = DATA_CR;
}

troupe_http_chunked_step_t troupe_http_chunked_next (troupe_http_chunked_t *self, const troupe_http_limits_t *limits,
                                                     const uint8_t **at_p, const uint8_t *end,
                                                     troupe_bytes_t *data, troupe_http_fault_t *fault)
{
    while (*at_p < end) {
        if (self->state == DATA) {
            s_take_data (self, at_p, end, data);
            return TROUPE_HTTP_CHUNKED_DATA;
        }
        *fault = s_octet (self, limits, *(*at_p)++);
        if (*fault != TROUPE_HTTP_FINE)
            return TROUPE_HTTP_CHUNKED_FAULT;
        if (self->state == LAST)
            return TROUPE_HTTP_CHUNKED_LAST;
    }
    return TROUPE_HTTP_CHUNKED_MORE;
}
