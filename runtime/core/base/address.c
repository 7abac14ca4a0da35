/*  =========================================================================
    core/base/address.c - "HOST:PORT", taken apart

    Place: runtime/core, the ground: text only. See troupe/address.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/address.h>

#define S_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define S_NAME S_LETTERS "-."
#define S_IPV6 "0123456789abcdefABCDEF:."
#define S_PORT_DIGITS 5

//  How many of the bytes from 'at' on are of that set.
static size_t s_span (const char *at, const char *end, const char *set)
{
    const char *start = at;
    while (at < end && *at && strchr (set, *at))
        at++;
    return (size_t) (at - start);
}

//  "*" or a name; returns what is behind it.
static const char *s_name (const char *at, const char *end, troupe_address_t *address)
{
    size_t size = at < end && *at == '*' ? 1 : s_span (at, end, S_LETTERS) ? s_span (at, end, S_NAME) : 0;
    address->host = (troupe_text_t) { at, size };
    address->wildcard = size && (*at == '*' || s_span (at, end, "0.") == size);
    return at + size;
}

//  What stands in brackets, from behind the first one; returns what is behind the second, or null.
static const char *s_ipv6 (const char *at, const char *end, troupe_address_t *address)
{
    size_t size = s_span (at, end, S_IPV6);
    address->ipv6 = true;
    address->wildcard = s_span (at, end, "0:.") == size;
    address->zoned = at + size < end && at [size] == '%';
    if (size < 2 || !memchr (at, ':', size))
        return NULL;
    if (address->zoned) {
        size_t zone = s_span (at + size + 1, end, S_NAME);
        size += zone + 1;
        if (!zone)
            return NULL;
    }
    address->host = (troupe_text_t) { at, size };
    return at + size < end && at [size] == ']' ? at + size + 1 : NULL;
}

//  ":PORT", or nothing.
static bool s_port (const char *at, const char *end, int *port)
{
    *port = TROUPE_PORT_NONE;
    if (at == end)
        return true;
    if (*at++ != ':' || at == end || end - at > S_PORT_DIGITS)
        return false;
    if (end - at == 1 && *at == '*') {
        *port = TROUPE_PORT_ANY;
        return true;
    }
    for (*port = 0; at < end && *at >= '0' && *at <= '9'; at++)
        *port = *port * 10 + *at - '0';
    return at == end && *port <= UINT16_MAX;
}

bool troupe_address_read (troupe_text_t text, troupe_address_t *address)
{
    troupe_address_t read = { .port = TROUPE_PORT_NONE };
    const char *at = text.data, *end = at + text.size;
    if (!text.size)
        return false;
    at = *at == '[' ? s_ipv6 (at + 1, end, &read) : s_name (at, end, &read);
    if (!at || !read.host.size || read.host.size > TROUPE_HOST_MAX || !s_port (at, end, &read.port))
        return false;
    *address = read;
    return true;
}

bool troupe_address_of_endpoint (const char *endpoint, troupe_address_t *address)
{
    static const char scheme [] = "tcp://";
    troupe_address_t read;
    if (strncmp (endpoint, scheme, sizeof scheme - 1) != 0
        || !troupe_address_read (troupe_text (endpoint + sizeof scheme - 1), &read) || read.port == TROUPE_PORT_NONE)
        return false;
    *address = read;
    return true;
}
