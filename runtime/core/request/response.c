/*  =========================================================================
    core/request/response.c - building, encoding and decoding a response

    Place: runtime/core. A handler fills it through these functions, straight
    in the form in which it travels (troupe/response.h), so that nothing is
    copied when it is done.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/request/response.h"
#include "core/request/wire.h"

#include <stdio.h>
#include <stdlib.h>

#define S_FIRST_CAPACITY 512u
#define S_KEPT_CAPACITY ((size_t) 64 * 1024)

troupe_response_t *troupe_response_new (void)
{
    troupe_response_t *response = calloc (1, sizeof *response);
    if (response)
        troupe_response_reset (response);
    return response;
}

void troupe_response_destroy (troupe_response_t **response_p)
{
    if (*response_p) {
        free ((*response_p)->data);
        free (*response_p);
        *response_p = NULL;
    }
}

void troupe_response_reset (troupe_response_t *response)
{
    if (response->capacity > S_KEPT_CAPACITY) {
        free (response->data);
        response->data = NULL;
        response->capacity = 0;
    }
    response->size = TROUPE_WIRE_RESPONSE_HEAD;
    response->fields_size = 0;
    response->field_count = 0;
    response->status = 200;
    response->failed = false;
}

bool troupe_response_reserve (troupe_response_t *response, size_t extra)
{
    if (response->size + extra <= response->capacity && response->data)
        return true;
    size_t capacity = response->capacity ? response->capacity : S_FIRST_CAPACITY;
    while (capacity < response->size + extra && capacity <= SIZE_MAX / 4)
        capacity *= 2;
    bool too_big = extra > SIZE_MAX / 8 || capacity < response->size + extra;
    uint8_t *data = too_big ? NULL : realloc (response->data, capacity);
    if (!data) {
        response->failed = true;
        return false;
    }
    response->data = data;
    response->capacity = capacity;
    return true;
}

troupe_error_t troupe_response_status (troupe_response_t *response, int status)
{
    if (status < 100 || status > 599)
        return TROUPE_EINVAL;
    response->status = status;
    return TROUPE_OK;
}

//  --- Headers

static bool s_name_is_good (troupe_text_t name)
{
    static const char token [] = "!#$%&'*+-.^_`|~0123456789"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return name.size > 0 && name.size <= UINT16_MAX && strspn (name.data, token) == name.size;
}

static bool s_value_is_good (troupe_text_t value)
{
    for (size_t index = 0; index < value.size; index++) {
        unsigned char byte = (unsigned char) value.data [index];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
            return false;
    }
    return value.data && value.size <= UINT16_MAX;
}

//  Adds a field whose name is good, behind the others and before the body.
static troupe_error_t s_add_header (troupe_response_t *response, const troupe_header_t *header)
{
    if (!s_value_is_good (header->value) || response->field_count == UINT16_MAX)
        return TROUPE_EINVAL;
    size_t field = troupe_wire_field_size (header);
    if (!troupe_response_reserve (response, field))
        return TROUPE_ENOMEM;
    uint8_t *place = response->data + TROUPE_WIRE_RESPONSE_HEAD + response->fields_size;
    memmove (place + field, place, response->size - TROUPE_WIRE_RESPONSE_HEAD - response->fields_size);
    troupe_wire_put_field (place, header);
    response->size += field;
    response->fields_size += field;
    response->field_count++;
    return TROUPE_OK;
}

troupe_error_t troupe_response_header (troupe_response_t *response, const char *name, const char *value)
{
    troupe_header_t header = { troupe_text (name), troupe_text (value) };
    return s_name_is_good (header.name) ? s_add_header (response, &header) : TROUPE_EINVAL;
}

//  Takes the fields of that name away.
static void s_remove_header (troupe_response_t *response, troupe_text_t name)
{
    size_t cursor = 0;
    while (cursor < response->fields_size) {
        troupe_headers_t headers = { response->data + TROUPE_WIRE_RESPONSE_HEAD, response->fields_size,
                                     response->field_count };
        size_t next = cursor;
        troupe_header_t header;
        if (!troupe_headers_next (&headers, &next, &header))
            return;
        if (!troupe_text_same (header.name, name)) {
            cursor = next;
            continue;
        }
        uint8_t *place = response->data + TROUPE_WIRE_RESPONSE_HEAD;
        memmove (place + cursor, place + next, response->size - TROUPE_WIRE_RESPONSE_HEAD - next);
        response->size -= next - cursor;
        response->fields_size -= next - cursor;
        response->field_count--;
    }
}

troupe_error_t troupe_response_type (troupe_response_t *response, const char *type)
{
    troupe_header_t header = { troupe_text ("Content-Type"), troupe_text (type) };
    if (!s_value_is_good (header.value))
        return TROUPE_EINVAL;
    s_remove_header (response, header.name);
    return s_add_header (response, &header);
}

//  --- Body

void troupe_response_clear_body (troupe_response_t *response)
{
    response->size = TROUPE_WIRE_RESPONSE_HEAD + response->fields_size;
}

troupe_error_t troupe_response_body (troupe_response_t *response, const void *data, size_t size)
{
    if (!troupe_response_reserve (response, size))
        return TROUPE_ENOMEM;
    if (size)
        memcpy (response->data + response->size, data, size);
    response->size += size;
    return TROUPE_OK;
}

//  Formats into the room there is; returns how long the text is, or -1.
static int s_format (troupe_response_t *response, const char *format, va_list arguments)
    __attribute__ ((__format__ (__printf__, 2, 0)));

static int s_format (troupe_response_t *response, const char *format, va_list arguments)
{
    return vsnprintf ((char *) response->data + response->size, response->capacity - response->size,
                      format, arguments);
}

troupe_error_t troupe_response_bodyf (troupe_response_t *response, const char *format, ...)
{
    if (!troupe_response_reserve (response, 1))
        return TROUPE_ENOMEM;
    va_list arguments;
    va_start (arguments, format);
    int length = s_format (response, format, arguments);
    va_end (arguments);
    if (length < 0)
        return TROUPE_EINVAL;
    if ((size_t) length >= response->capacity - response->size) {
        if (!troupe_response_reserve (response, (size_t) length + 1))
            return TROUPE_ENOMEM;
        va_start (arguments, format);
        s_format (response, format, arguments);
        va_end (arguments);
    }
    response->size += (size_t) length;
    return TROUPE_OK;
}

//  --- The encoding

troupe_bytes_t troupe_response_encoded (troupe_response_t *response)
{
    bool failed = response->failed || response->fields_size > UINT32_MAX || !troupe_response_reserve (response, 0);
    if (failed)
        return (troupe_bytes_t) { NULL, 0 };
    uint8_t *head = response->data;
    head [0] = TROUPE_WIRE_VERSION;
    head [1] = TROUPE_WIRE_RESPONSE;
    troupe_wire_store16 (head + 2, (uint16_t) response->status);
    troupe_wire_store16 (head + 4, (uint16_t) response->field_count);
    troupe_wire_store16 (head + 6, 0);
    troupe_wire_store32 (head + 8, (uint32_t) response->fields_size);
    troupe_wire_store32 (head + 12, 0);
    troupe_wire_store64 (head + 16, response->size - TROUPE_WIRE_RESPONSE_HEAD - response->fields_size);
    return (troupe_bytes_t) { head, response->size };
}

static bool s_head_is_good (const uint8_t *data, size_t size)
{
    return size >= TROUPE_WIRE_RESPONSE_HEAD && data [0] == TROUPE_WIRE_VERSION && data [1] == TROUPE_WIRE_RESPONSE
        && troupe_wire_load16 (data + 6) == 0 && troupe_wire_load32 (data + 12) == 0;
}

troupe_error_t troupe_response_decode (const void *data, size_t size, troupe_response_view_t *view)
{
    const uint8_t *head = data;
    if (!s_head_is_good (head, size))
        return TROUPE_EPROTO;
    const uint8_t *end = head + size;
    const uint8_t *cursor = head + TROUPE_WIRE_RESPONSE_HEAD;
    view->status = troupe_wire_load16 (head + 2);
    view->headers = (troupe_headers_t) { cursor, troupe_wire_load32 (head + 8), troupe_wire_load16 (head + 4) };
    if (view->status < 100 || view->status > 599
        || view->headers.size > (size_t) (end - cursor) || !troupe_wire_check_fields (&view->headers))
        return TROUPE_EPROTO;
    cursor += view->headers.size;
    if (troupe_wire_load64 (head + 16) != (uint64_t) (end - cursor))
        return TROUPE_EPROTO;
    view->body = (troupe_bytes_t) { cursor, (size_t) (end - cursor) };
    return TROUPE_OK;
}
