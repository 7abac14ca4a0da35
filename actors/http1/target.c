/*  =========================================================================
    target.c - request targets and hosts

    Place: actors/http1/. See target.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "target.h"
#include "scan.h"

#include <troupe/utf8.h>

#include <string.h>

//  The octet at 'at', decoded when it is a percent escape; -1 when that is malformed. Moves 'at' on.
static int s_decoded (const uint8_t **at_p, const uint8_t *end)
{
    const uint8_t *at = *at_p;
    if (*at != '%') {
        *at_p = at + 1;
        return *at;
    }
    if (end - at < 3)
        return -1;
    const int high = troupe_http_hex_value (at [1]);
    const int low = troupe_http_hex_value (at [2]);
    *at_p = at + 3;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

//  Checks a part of a target that holds at least one '%'.
static bool s_check_escaped (const uint8_t *at, const uint8_t *end, uint8_t classes, bool must_be_utf8)
{
    troupe_utf8_t utf8 = { 0, 0, 0 };
    while (at < end) {
        if (*at != '%' && !troupe_http_is (*at, classes))
            return false;
        const int octet = s_decoded (&at, end);
        if (octet <= 0)
            return false;
        const troupe_utf8_verdict_t verdict = troupe_utf8_take (&utf8, (uint8_t) octet);
        if (verdict == TROUPE_UTF8_OVERLONG || (verdict == TROUPE_UTF8_BAD && must_be_utf8))
            return false;
    }
    return utf8.left == 0 || !must_be_utf8;
}

//  Takes path and query off origin-form, or off what follows an authority.
static troupe_http_fault_t s_path_and_query (troupe_http_head_t *head, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *stop = troupe_http_skip (at, end, TROUPE_HTTP_PATH);
    if (stop < end && *stop == '%') {
        const uint8_t *mark = memchr (stop, '?', (size_t) (end - stop));
        stop = mark ? mark : end;
        if (!s_check_escaped (at, stop, TROUPE_HTTP_PATH, true))
            return TROUPE_HTTP_BAD_TARGET;
    }
    head->path = (troupe_bytes_t) { at, (size_t) (stop - at) };
    if (stop == end)
        return TROUPE_HTTP_FINE;
    if (*stop != '?')
        return TROUPE_HTTP_BAD_TARGET;
    const uint8_t *query = stop + 1;
    head->query = (troupe_bytes_t) { query, (size_t) (end - query) };
    stop = troupe_http_skip (query, end, TROUPE_HTTP_QUERY);
    if (stop == end || (*stop == '%' && s_check_escaped (query, end, TROUPE_HTTP_QUERY, false)))
        return TROUPE_HTTP_FINE;
    return TROUPE_HTTP_BAD_TARGET;
}

//  Takes "http://" or "https://" off; null when neither is there.
static const uint8_t *s_after_scheme (const uint8_t *at, const uint8_t *end)
{
    const uint8_t *colon = troupe_http_skip (at, end, TROUPE_HTTP_SCHEME);
    const troupe_bytes_t scheme = { at, (size_t) (colon - at) };
    if (!troupe_http_same_text (scheme, "http") && !troupe_http_same_text (scheme, "https"))
        return NULL;
    return end - colon > 3 && memcmp (colon, "://", 3) == 0 ? colon + 3 : NULL;
}

static bool s_is_options (const troupe_http_head_t *head)
{
    return head->method.size == 7 && memcmp (head->method.data, "OPTIONS", 7) == 0;
}

static troupe_http_fault_t s_absolute (troupe_http_head_t *head, const uint8_t *at, const uint8_t *end)
{
    at = s_after_scheme (at, end);
    if (at == NULL)
        return TROUPE_HTTP_BAD_TARGET;
    const uint8_t *stop = at;
    while (stop < end && *stop != '/' && *stop != '?')
        stop++;
    head->authority = (troupe_bytes_t) { at, (size_t) (stop - at) };
    if (troupe_http_authority_check (head->authority) != TROUPE_HTTP_FINE)
        return TROUPE_HTTP_BAD_TARGET;
    const troupe_http_fault_t fault = s_path_and_query (head, stop, end);
    if (head->path.size == 0)   //  RFC 9112 3.2.1: an empty path is sent as "/"; 3.2.4: with OPTIONS it means '*'
        head->path = (troupe_bytes_t) { "/", 1 };
    if (stop == end && s_is_options (head)) {
        head->asterisk = true;
        head->path = (troupe_bytes_t) { "*", 1 };
    }
    return fault;
}

troupe_http_fault_t troupe_http_target_parse (troupe_http_head_t *head)
{
    const uint8_t *at = head->target.data;
    const uint8_t *end = at + head->target.size;
    if (at == end)
        return TROUPE_HTTP_BAD_TARGET;
    if (*at == '/')
        return s_path_and_query (head, at, end);
    if (*at != '*')
        return s_absolute (head, at, end);
    head->asterisk = true;
    head->path = head->target;
    return s_is_options (head) && head->target.size == 1 ? TROUPE_HTTP_FINE : TROUPE_HTTP_BAD_TARGET;
}

//  ":" and digits that make a port, or nothing.
static bool s_is_port (const uint8_t *at, const uint8_t *end)
{
    if (at == end)
        return true;
    if (*at++ != ':')
        return false;
    unsigned port = 0;
    for (; at < end; at++) {
        if (!troupe_http_is (*at, TROUPE_HTTP_DIGIT) || port > 6553)
            return false;
        port = port * 10 + (unsigned) (*at - '0');
    }
    return port <= 65535;
}

//  The end of a bracketed IPv6 address, past the bracket; null when it is malformed. '.' is for its IPv4 tail.
static const uint8_t *s_after_bracket (const uint8_t *at, const uint8_t *end)
{
    const uint8_t *start = at;
    bool colon = false;
    while (at < end && (*at == ':' || *at == '.' || troupe_http_is (*at, TROUPE_HTTP_HEX)))
        colon |= *at++ == ':';
    const bool plausible = colon && at - start >= 2 && at - start <= 45;
    return plausible && at < end && *at == ']' ? at + 1 : NULL;
}

troupe_http_fault_t troupe_http_authority_check (troupe_bytes_t authority)
{
    const uint8_t *at = authority.data;
    const uint8_t *end = at + authority.size;
    if (authority.size == 0)
        return TROUPE_HTTP_BAD_HOST;
    const uint8_t *stop = *at == '[' ? s_after_bracket (at + 1, end) : troupe_http_skip (at, end, TROUPE_HTTP_HOST);
    return stop != NULL && stop != at && s_is_port (stop, end) ? TROUPE_HTTP_FINE : TROUPE_HTTP_BAD_HOST;
}
