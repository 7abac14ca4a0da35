/*  =========================================================================
    core/request/request.c - a request, encoded and decoded

    Place: runtime/core. A door encodes, a service decodes in place; the form
    is in troupe/request.h. Both ends trust nothing of what they decode.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/request/percent.h"
#include "core/request/wire.h"

#include <troupe/route.h>

//  With its null; nobody takes no room.
static size_t s_user_size (troupe_text_t user)
{
    return user.size ? user.size + 1 : 0;
}

size_t troupe_request_size (const troupe_request_parts_t *parts)
{
    if (parts->method.size > UINT16_MAX || parts->path.size > UINT32_MAX || parts->query.size > UINT32_MAX
        || parts->user.size > UINT16_MAX || parts->header_count > UINT16_MAX)
        return 0;
    size_t fields = 0;
    for (size_t index = 0; index < parts->header_count; index++) {
        const troupe_header_t *header = &parts->headers [index];
        if (header->name.size > UINT16_MAX || header->value.size > UINT32_MAX)
            return 0;
        fields += troupe_wire_field_size (header);
    }
    if (fields > UINT32_MAX || parts->body.size > SIZE_MAX / 2)
        return 0;
    return TROUPE_WIRE_REQUEST_HEAD + parts->method.size + parts->path.size + parts->query.size + 3 + fields
        + parts->body.size + s_user_size (parts->user);
}

//  Writes the head; returns what is behind it.
static uint8_t *s_put_head (uint8_t *data, const troupe_request_parts_t *parts)
{
    data [0] = TROUPE_WIRE_VERSION;
    data [1] = TROUPE_WIRE_REQUEST;
    troupe_wire_store16 (data + 2, (uint16_t) parts->header_count);
    troupe_wire_store16 (data + 4, (uint16_t) parts->method.size);
    troupe_wire_store16 (data + 6, (uint16_t) parts->user.size);
    troupe_wire_store32 (data + 8, (uint32_t) parts->path.size);
    troupe_wire_store32 (data + 12, (uint32_t) parts->query.size);
    troupe_wire_store32 (data + 20, 0);
    troupe_wire_store64 (data + 24, parts->body.size);
    return data + TROUPE_WIRE_REQUEST_HEAD;
}

troupe_error_t troupe_request_encode (const troupe_request_parts_t *parts, void *buffer, size_t room, size_t *size_p)
{
    size_t size = troupe_request_size (parts);
    if (size == 0 || size > room)
        return TROUPE_ETOOBIG;
    uint8_t *head = buffer;
    uint8_t *data = s_put_head (head, parts);
    data = troupe_wire_put (data, parts->method);
    data = troupe_wire_put (data, parts->path);
    data = troupe_wire_put (data, parts->query);
    if (parts->user.size)
        data = troupe_wire_put (data, parts->user);
    const uint8_t *fields = data;
    for (size_t index = 0; index < parts->header_count; index++)
        data = troupe_wire_put_field (data, &parts->headers [index]);
    troupe_wire_store32 (head + 16, (uint32_t) (data - fields));
    if (parts->body.size)
        memcpy (data, parts->body.data, parts->body.size);
    *size_p = size;
    return TROUPE_OK;
}

static bool s_head_is_good (const uint8_t *data, size_t size)
{
    return size >= TROUPE_WIRE_REQUEST_HEAD && data [0] == TROUPE_WIRE_VERSION && data [1] == TROUPE_WIRE_REQUEST
        && troupe_wire_load32 (data + 20) == 0;
}

static bool s_take_user (const uint8_t **cursor_p, const uint8_t *end, size_t size, troupe_text_t *user)
{
    *user = (troupe_text_t) { "", 0 };
    return size == 0 || troupe_wire_take (cursor_p, end, size, user);
}

troupe_error_t troupe_request_decode (const void *data, size_t size, troupe_request_t *request)
{
    const uint8_t *head = data;
    if (!s_head_is_good (head, size))
        return TROUPE_EPROTO;
    const uint8_t *end = head + size;
    const uint8_t *cursor = head + TROUPE_WIRE_REQUEST_HEAD;
    if (!troupe_wire_take (&cursor, end, troupe_wire_load16 (head + 4), &request->method)
        || !troupe_wire_take (&cursor, end, troupe_wire_load32 (head + 8), &request->path)
        || !troupe_wire_take (&cursor, end, troupe_wire_load32 (head + 12), &request->query)
        || !s_take_user (&cursor, end, troupe_wire_load16 (head + 6), &request->user))
        return TROUPE_EPROTO;
    request->headers = (troupe_headers_t) { cursor, troupe_wire_load32 (head + 16), troupe_wire_load16 (head + 2) };
    if (request->headers.size > (size_t) (end - cursor) || !troupe_wire_check_fields (&request->headers))
        return TROUPE_EPROTO;
    cursor += request->headers.size;
    if (troupe_wire_load64 (head + 24) != (uint64_t) (end - cursor))
        return TROUPE_EPROTO;
    request->body = (troupe_bytes_t) { cursor, (size_t) (end - cursor) };
    request->deadline_us = TROUPE_FOREVER;
    request->route = NULL;
    request->message = NULL;
    request->param_count = 0;
    request->decoded_size = 0;
    request->decoded = NULL;
    return TROUPE_OK;
}

troupe_error_t troupe_request_copy_for (const void *data, size_t size, troupe_text_t user, void *buffer, size_t room,
                                        size_t *size_p)
{
    troupe_request_t request;
    if (troupe_request_decode (data, size, &request))
        return TROUPE_EPROTO;
    const size_t behind = (size_t) (request.headers.data - (const uint8_t *) data);
    const size_t front = behind - s_user_size (request.user);
    const size_t whole = front + s_user_size (user) + (size - behind);
    if (user.size > UINT16_MAX || whole > room)
        return TROUPE_ETOOBIG;
    uint8_t *copy = buffer;
    memcpy (copy, data, front);
    troupe_wire_store16 (copy + 6, (uint16_t) user.size);
    uint8_t *rest = user.size ? troupe_wire_put (copy + front, user) : copy + front;
    memcpy (rest, request.headers.data, size - behind);
    *size_p = whole;
    return TROUPE_OK;
}

troupe_error_t troupe_request_from_message (troupe_message_t *message, troupe_request_t *request)
{
    troupe_error_t error = troupe_request_decode (troupe_message_data (message), troupe_message_size (message),
                                                  request);
    if (!error) {
        request->message = message;
        request->deadline_us = troupe_message_deadline_us (message);
    }
    return error;
}

troupe_text_t troupe_request_header (const troupe_request_t *request, const char *name)
{
    return troupe_headers_find (&request->headers, name);
}

troupe_text_t troupe_request_param (const troupe_request_t *request, const char *name)
{
    for (size_t index = 0; index < request->param_count; index++)
        if (troupe_text_is (request->params [index].name, name))
            return request->params [index].value;
    return troupe_text (NULL);
}

bool troupe_request_query_next (const troupe_request_t *request, size_t *cursor_p, troupe_param_t *param)
{
    if (*cursor_p >= request->decoded_size)
        return false;
    param->name = troupe_text (request->decoded + *cursor_p);
    *cursor_p += param->name.size + 1;
    param->value = troupe_text (request->decoded + *cursor_p);
    *cursor_p += param->value.size + 1;
    return true;
}

troupe_text_t troupe_request_query (const troupe_request_t *request, const char *name)
{
    troupe_param_t param;
    for (size_t cursor = 0; troupe_request_query_next (request, &cursor, &param); )
        if (troupe_text_is (param.name, name))
            return param.value;
    return troupe_text (NULL);
}

//  Decoding never lengthens. Each parameter of the query takes a null for its '=' and one for its '&', and there may be
//  neither: "a&b" is six bytes.
size_t troupe_request_bind_size (const troupe_request_t *request)
{
    return request->path.size + TROUPE_PARAMS_MAX + 2 * request->query.size + 2;
}

//  Decodes "name=value" at 'out'; returns what is behind both, or null for a bad escape.
static char *s_decode_pair (troupe_text_t pair, char *out)
{
    const char *equals = memchr (pair.data, '=', pair.size);
    size_t name_size = equals ? (size_t) (equals - pair.data) : pair.size;
    out = troupe_percent_decode ((troupe_text_t) { pair.data, name_size }, true, out);
    if (!out)
        return NULL;
    if (equals)
        return troupe_percent_decode ((troupe_text_t) { equals + 1, pair.size - name_size - 1 }, true, out);
    *out = 0;
    return out + 1;
}

static char *s_decode_query (troupe_text_t query, char *out)
{
    const char *end = query.data + query.size;
    for (const char *cursor = query.data; out && cursor < end; ) {
        const char *next = memchr (cursor, '&', (size_t) (end - cursor));
        size_t size = (size_t) ((next ? next : end) - cursor);
        if (size)
            out = s_decode_pair ((troupe_text_t) { cursor, size }, out);
        cursor = next ? next + 1 : end;
    }
    return out;
}

static char *s_decode_params (troupe_request_t *request, const troupe_route_match_t *match, char *out)
{
    for (size_t index = 0; out && index < match->param_count; index++) {
        const troupe_param_t *found = &match->params [index];
        char *end = troupe_percent_decode (found->value, false, out);
        if (end)
            request->params [index] = (troupe_param_t) { found->name, { out, (size_t) (end - out) - 1 } };
        out = end;
    }
    return out;
}

troupe_error_t troupe_request_bind (troupe_request_t *request, const troupe_route_match_t *match,
                                    void *buffer, size_t room)
{
    if (room < troupe_request_bind_size (request))
        return TROUPE_ETOOBIG;
    char *query = match ? s_decode_params (request, match, buffer) : buffer;
    char *end = query && request->query.size ? s_decode_query (request->query, query) : query;
    if (!end)
        return TROUPE_EPROTO;
    request->route = match ? match->route : NULL;
    request->param_count = match ? match->param_count : 0;
    request->decoded = query;
    request->decoded_size = (size_t) (end - query);
    return TROUPE_OK;
}
