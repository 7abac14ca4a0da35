/*  =========================================================================
    forward.c - a request, written for the next server

    Place: actors/upstream. See forward.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "forward.h"

#include "http1/field.h"
#include "http1/framing.h"
#include "http1/put.h"
#include "http1/scan.h"

#include <string.h>

//  What is written besides what the request brings: names, line ends, a length, Via.
#define ROOM_BESIDES 512u

#define VIA "1.1 troupe"

static troupe_bytes_t s_bytes (troupe_text_t text)
{
    const troupe_bytes_t bytes = { text.data, text.size };
    return bytes;
}

//  --- Checks

static bool s_is_all (troupe_text_t text, uint8_t classes)
{
    const uint8_t *at = (const uint8_t *) text.data;
    const uint8_t *end = at + text.size;
    while ((at = troupe_http_skip (at, end, classes)) != end)
        if (*at++ != '%')
            return false;
    return true;
}

static bool s_is_target (const troupe_request_t *request)
{
    return request->path.size > 0 && request->path.data [0] == '/' && s_is_all (request->path, TROUPE_HTTP_PATH)
        && s_is_all (request->query, TROUPE_HTTP_QUERY);
}

static bool s_is_token (troupe_text_t text)
{
    const uint8_t *at = (const uint8_t *) text.data;
    return text.size > 0 && troupe_http_skip (at, at + text.size, TROUPE_HTTP_TOKEN) == at + text.size;
}

static bool s_are_fields (const troupe_headers_t *headers)
{
    size_t cursor = 0;
    troupe_header_t field;
    while (troupe_headers_next (headers, &cursor, &field)) {
        const uint8_t *value = (const uint8_t *) field.value.data;
        if (!s_is_token (field.name) || troupe_http_field_is_disguised (s_bytes (field.name))
            || troupe_http_skip_value (value, value + field.value.size) != value + field.value.size)
            return false;
    }
    return true;
}

//  --- The path

//  One octet of a path, decoded; moves *at_p on.
static int s_octet (const char **at_p, const char *end)
{
    const char *at = *at_p;
    *at_p = at + 1;
    if (*at != '%' || end - at < 3)
        return (uint8_t) *at;
    const int high = troupe_http_hex_value ((uint8_t) at [1]);
    const int low = troupe_http_hex_value ((uint8_t) at [2]);
    if (high < 0 || low < 0)
        return '%';
    *at_p = at + 3;
    return high << 4 | low;
}

//  What is behind the prefix, with which it begins as routes see it: decoded, whole segments. Without data: it is not.
static troupe_text_t s_behind (troupe_text_t path, troupe_text_t prefix)
{
    const char *at = path.data;
    const char *end = at + path.size;
    const troupe_text_t none = { NULL, 0 };
    for (size_t index = 0; index < prefix.size; index++)
        if (at == end || s_octet (&at, end) != (uint8_t) prefix.data [index])
            return none;
    if (at < end && *at != '/')
        return none;
    const troupe_text_t rest = { at, (size_t) (end - at) };
    return rest;
}

static char *s_put_target (char *at, const troupe_upstream_way_t *way, troupe_text_t path, troupe_text_t query)
{
    at = troupe_http_put (at, way->base.data, way->base.size);
    at = path.size ? troupe_http_put (at, path.data, path.size) : troupe_http_put_text (at, "/");
    if (query.size == 0)
        return at;
    at = troupe_http_put_text (at, "?");
    return troupe_http_put (at, query.data, query.size);
}

//  --- The fields

//  Those that are written anew.
static bool s_is_ours (troupe_text_t name)
{
    static const char *const names [] = { "via", "x-forwarded-host", "x-forwarded-proto" };
    if (troupe_http_field_kind (s_bytes (name)) != TROUPE_HTTP_FIELD_PLAIN)
        return true;
    for (size_t index = 0; index < sizeof names / sizeof *names; index++)
        if (troupe_http_same_text (s_bytes (name), names [index]))
            return true;
    return false;
}

//  Those that a Connection field of the request names: a door has removed them already, other callers may not have.
static bool s_is_named (const troupe_headers_t *headers, troupe_text_t name)
{
    size_t cursor = 0;
    troupe_header_t field;
    while (troupe_headers_next (headers, &cursor, &field))
        if (troupe_http_field_kind (s_bytes (field.name)) == TROUPE_HTTP_FIELD_CONNECTION
            && troupe_http_framing_names (s_bytes (field.value), s_bytes (name)))
            return true;
    return false;
}

static char *s_put_fields (char *at, const troupe_headers_t *headers)
{
    const bool names = troupe_headers_find (headers, "Connection").data != NULL;
    size_t cursor = 0;
    troupe_header_t field;
    while (troupe_headers_next (headers, &cursor, &field)) {
        if (s_is_ours (field.name) || (names && s_is_named (headers, field.name)))
            continue;
        at = troupe_http_put (at, field.name.data, field.name.size);
        at = troupe_http_put_text (at, ": ");
        at = troupe_http_put (at, field.value.data, field.value.size);
        at = troupe_http_put_text (at, "\r\n");
    }
    return at;
}

//  All fields of one name as one list, with another element behind it.
static char *s_put_list (char *at, const troupe_headers_t *headers, const char *name, troupe_text_t last)
{
    const char *begin = at = troupe_http_put_text (troupe_http_put_text (at, name), ": ");
    size_t cursor = 0;
    troupe_header_t field;
    while (troupe_headers_next (headers, &cursor, &field)) {
        if (!troupe_http_same_text (s_bytes (field.name), name) || field.value.size == 0)
            continue;
        at = at == begin ? at : troupe_http_put_text (at, ", ");
        at = troupe_http_put (at, field.value.data, field.value.size);
    }
    if (last.size && at != begin)
        at = troupe_http_put_text (at, ", ");
    at = troupe_http_put (at, last.data, last.size);
    return troupe_http_put_text (at, "\r\n");
}

//  What was the Host to whoever asked, and how it came: over HTTP, unless somebody before us says otherwise.
static char *s_put_forwarded (char *at, const troupe_headers_t *headers)
{
    const troupe_text_t host = troupe_headers_find (headers, "Host");
    const troupe_text_t protocol = troupe_headers_find (headers, "X-Forwarded-Proto");
    if (host.size || troupe_headers_find (headers, "X-Forwarded-Host").size)
        at = s_put_list (at, headers, "X-Forwarded-Host", host);
    at = s_put_list (at, headers, "X-Forwarded-Proto", troupe_text (protocol.size ? NULL : "http"));
    return s_put_list (at, headers, "Via", troupe_text (VIA));
}

static bool s_has_length (const troupe_request_t *request, uint64_t length)
{
    static const char *const names [] = { "POST", "PUT", "PATCH" };
    bool expects = false;       //  RFC 9110 8.6: a length of 0 is said where a body has a meaning
    for (size_t index = 0; index < sizeof names / sizeof *names; index++)
        expects = expects || troupe_text_is (request->method, names [index]);
    return expects || length > 0;
}

static char *s_put_head (char *at, const troupe_upstream_way_t *way, const troupe_request_t *request,
                         troupe_text_t path, uint64_t length)
{
    at = troupe_http_put (at, request->method.data, request->method.size);
    at = s_put_target (troupe_http_put_text (at, " "), way, path, request->query);
    at = troupe_http_put_text (at, " HTTP/1.1\r\nHost: ");
    at = troupe_http_put (at, way->host.data, way->host.size);
    at = troupe_http_put_text (at, "\r\n");
    at = s_put_fields (at, &request->headers);
    at = s_put_forwarded (at, &request->headers);
    if (length == TROUPE_BODY_UNKNOWN)
        at = troupe_http_put_text (at, "Transfer-Encoding: chunked\r\n");
    else if (s_has_length (request, length)) {
        at = troupe_http_put_number (troupe_http_put_text (at, "Content-Length: "), length);
        at = troupe_http_put_text (at, "\r\n");
    }
    return troupe_http_put_text (at, "\r\n");
}

//  --- The whole

size_t troupe_upstream_forward_room (const troupe_upstream_way_t *way, const troupe_request_t *request)
{
    //  An encoded field takes more than its name, ": ", its value and CR LF. Host may be written twice.
    return ROOM_BESIDES + way->host.size + way->base.size + request->method.size + request->path.size
        + request->query.size + 2 * request->headers.size + request->body.size;
}

int troupe_upstream_forward_write (const troupe_upstream_way_t *way, const troupe_request_t *request, uint64_t length,
                                   char *buffer, size_t *size_p)
{
    if (!s_is_token (request->method) || !s_is_target (request) || !s_are_fields (&request->headers))
        return 400;
    if (troupe_text_is (request->method, "CONNECT"))
        return 501;
    const troupe_text_t rest = s_behind (request->path, way->prefix);
    if (rest.data == NULL)
        return 404;
    char *at = s_put_head (buffer, way, request, way->keep_prefix ? request->path : rest, length);
    at = troupe_http_put (at, request->body.data, request->body.size);
    *size_p = (size_t) (at - buffer);
    return 0;
}
