/*  =========================================================================
    core/request/headers.c - header fields as they lie in a request or response

    Place: runtime/core, below request.c and response.c. Decoding checks all
    fields once; reading them afterwards finds them one by one, in place.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/request/wire.h"

bool troupe_text_same (troupe_text_t one, troupe_text_t other)
{
    if (one.size != other.size)
        return false;
    for (size_t index = 0; index < one.size; index++) {
        const unsigned difference = (unsigned char) (one.data [index] ^ other.data [index]);
        if (difference == 0)
            continue;
        //  The two cases of a letter differ in one bit.
        if (difference != 0x20 || (one.data [index] | 0x20) < 'a' || (one.data [index] | 0x20) > 'z')
            return false;
    }
    return true;
}

bool troupe_wire_take (const uint8_t **data_p, const uint8_t *end, size_t size, troupe_text_t *text)
{
    const uint8_t *data = *data_p;
    if (size >= (size_t) (end - data) || memchr (data, 0, size + 1) != data + size)
        return false;
    text->data = (const char *) data;
    text->size = size;
    *data_p = data + size + 1;
    return true;
}

//  Takes the field at *data_p and moves on; false when it is malformed.
static bool s_take_field (const uint8_t **data_p, const uint8_t *end, troupe_header_t *header)
{
    const uint8_t *data = *data_p;
    if ((size_t) (end - data) < TROUPE_WIRE_FIELD_HEAD)
        return false;
    *data_p = data + TROUPE_WIRE_FIELD_HEAD;
    return troupe_wire_take (data_p, end, troupe_wire_load16 (data + 4), &header->name)
        && troupe_wire_take (data_p, end, troupe_wire_load32 (data), &header->value);
}

bool troupe_wire_check_fields (const troupe_headers_t *headers)
{
    const uint8_t *data = headers->data;
    const uint8_t *end = data + headers->size;
    troupe_header_t header;
    for (size_t index = 0; index < headers->count; index++)
        if (!s_take_field (&data, end, &header))
            return false;
    return data == end;
}

//  The field at *cursor_p of fields that were checked, so that only their sizes are looked at; moves on.
static inline bool s_next_field (const troupe_headers_t *headers, size_t *cursor_p, troupe_header_t *header)
{
    if (*cursor_p >= headers->size || headers->size - *cursor_p < TROUPE_WIRE_FIELD_HEAD)
        return false;
    const uint8_t *data = headers->data + *cursor_p;
    size_t left = headers->size - *cursor_p - TROUPE_WIRE_FIELD_HEAD;
    size_t value_size = troupe_wire_load32 (data), name_size = troupe_wire_load16 (data + 4);
    if (name_size + value_size + 2 > left)
        return false;
    header->name = (troupe_text_t) { (const char *) data + TROUPE_WIRE_FIELD_HEAD, name_size };
    header->value = (troupe_text_t) { header->name.data + name_size + 1, value_size };
    *cursor_p += TROUPE_WIRE_FIELD_HEAD + name_size + value_size + 2;
    return true;
}

bool troupe_headers_next (const troupe_headers_t *headers, size_t *cursor_p, troupe_header_t *header)
{
    troupe_header_t found;
    if (!s_next_field (headers, cursor_p, &found))
        return false;
    *header = found;
    return true;
}

troupe_text_t troupe_headers_find (const troupe_headers_t *headers, const char *name)
{
    troupe_text_t wanted = troupe_text (name);
    troupe_header_t header;
    for (size_t cursor = 0; s_next_field (headers, &cursor, &header); )
        if (header.name.size == wanted.size && troupe_text_same (header.name, wanted))
            return header.value;
    return troupe_text (NULL);
}
