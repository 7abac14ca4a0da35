/*  =========================================================================
    writer.c - the head of a response, and the framing of its body

    Place: actors/http/. See writer.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "writer.h"
#include "date.h"
#include "http1/field.h"
#include "http1/put.h"
#include "http1/scan.h"

#include <string.h>

bool troupe_http_is_bodiless (int status)
{
    return status == 204 || status == 304;
}

size_t troupe_http_answer_room (const troupe_http_answer_t *answer)
{
    return TROUPE_HTTP_ANSWER_ROOM + (answer->headers ? answer->headers->size : 0);
}

static char *s_put_status_line (char *at, int status)
{
    if (status == 200)
        return troupe_http_put (at, "HTTP/1.1 200 OK\r\n", 17);
    at = troupe_http_put (at, "HTTP/1.1 ", 9);
    at = troupe_http_put_number (at, (uint64_t) status);
    *at++ = ' ';
    at = troupe_http_put_text (at, troupe_status_text (status));
    return troupe_http_put (at, "\r\n", 2);
}

//  What the door says by itself: framing, connection and date.
static bool s_is_ours (troupe_bytes_t name)
{
    const troupe_http_field_kind_t kind = troupe_http_field_kind (name);
    if (name.size == 4)
        return troupe_http_same_text (name, "date");
    return kind != TROUPE_HTTP_FIELD_PLAIN && kind != TROUPE_HTTP_FIELD_EXPECT;
}

static bool s_is_field (const troupe_header_t *header)
{
    const uint8_t *name = (const uint8_t *) header->name.data;
    const uint8_t *value = (const uint8_t *) header->value.data;
    const uint8_t *name_end = name + header->name.size;
    const uint8_t *value_end = value + header->value.size;
    return header->name.size > 0 && troupe_http_skip (name, name_end, TROUPE_HTTP_TOKEN) == name_end
        && troupe_http_skip_value (value, value_end) == value_end;
}

//  Null when one of them is no field.
static char *s_put_headers (char *at, const troupe_headers_t *headers)
{
    size_t cursor = 0;
    troupe_header_t header;
    while (headers && troupe_headers_next (headers, &cursor, &header)) {
        if (!s_is_field (&header))
            return NULL;
        const troupe_bytes_t name = { header.name.data, header.name.size };
        if (s_is_ours (name))
            continue;
        at = troupe_http_put (at, header.name.data, header.name.size);
        at = troupe_http_put (at, ": ", 2);
        at = troupe_http_put (at, header.value.data, header.value.size);
        at = troupe_http_put (at, "\r\n", 2);
    }
    return at;
}

static char *s_put_framing (char *at, const troupe_http_answer_t *answer)
{
    if (answer->unframed || (troupe_http_is_bodiless (answer->status) && !answer->told))
        return at;
    if (answer->chunked)
        return troupe_http_put_text (at, "Transfer-Encoding: chunked\r\n");
    at = troupe_http_put (at, "Content-Length: ", 16);
    at = troupe_http_put_number (at, answer->length);
    return troupe_http_put (at, "\r\n", 2);
}

size_t troupe_http_answer_write (const troupe_http_answer_t *answer, char *buffer)
{
    if (answer->status < 200 || answer->status > 599)
        return 0;
    char *at = s_put_status_line (buffer, answer->status);
    at = troupe_http_put (at, "Date: ", 6);
    at = troupe_http_put (at, answer->date, TROUPE_HTTP_DATE_SIZE);
    at = troupe_http_put (at, "\r\n", 2);
    at = s_put_headers (at, answer->headers);
    if (at == NULL)
        return 0;
    at = s_put_framing (at, answer);
    if (!answer->keep_alive)
        at = troupe_http_put_text (at, "Connection: close\r\n");
    else if (answer->minor == 0)
        at = troupe_http_put_text (at, "Connection: keep-alive\r\n");
    at = troupe_http_put (at, "\r\n", 2);
    return (size_t) (at - buffer);
}

size_t troupe_http_chunk_write (uint64_t size, bool first, char buffer [TROUPE_HTTP_CHUNK_ROOM])
{
    char digits [16];
    char *digit = digits + sizeof digits;
    for (uint64_t rest = size; rest || digit == digits + sizeof digits; rest >>= 4)
        *--digit = "0123456789abcdef" [rest & 15];
    char *at = first ? buffer : troupe_http_put (buffer, "\r\n", 2);
    at = troupe_http_put (at, digit, (size_t) (digits + sizeof digits - digit));
    at = troupe_http_put (at, "\r\n", 2);
    if (size == 0)
        at = troupe_http_put (at, "\r\n", 2);
    return (size_t) (at - buffer);
}
