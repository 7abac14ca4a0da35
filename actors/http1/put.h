/*  =========================================================================
    put.h - writes the parts of a head, one behind the other

    Place: actors/http1/, for those who write heads. Pure. The room has been
    counted before; each returns what is behind what it has written.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_PUT_H_INCLUDED
#define TROUPE_HTTP_PUT_H_INCLUDED

#include <troupe/api.h>

#include <string.h>

static inline char *troupe_http_put (char *at, const void *data, size_t size)
{
    if (size)
        memcpy (at, data, size);
    return at + size;
}

static inline char *troupe_http_put_text (char *at, const char *text)
{
    return troupe_http_put (at, text, strlen (text));
}

//  In decimal digits.
static inline char *troupe_http_put_number (char *at, uint64_t number)
{
    char digits [20];
    char *first = digits + sizeof digits;
    do {
        *--first = (char) ('0' + number % 10);
        number /= 10;
    } while (number);
    return troupe_http_put (at, first, (size_t) (digits + sizeof digits - first));
}

#endif
