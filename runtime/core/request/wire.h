/*  =========================================================================
    core/request/wire.h - loads, stores and header fields of the wire encodings

    Place: runtime/core, below request.c and response.c, which share the form
    of header fields. The encodings are written down in troupe/request.h and
    troupe/response.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_WIRE_H_INCLUDED
#define TROUPE_CORE_WIRE_H_INCLUDED

#include <troupe/request.h>

#define TROUPE_WIRE_VERSION 1u
#define TROUPE_WIRE_REQUEST ((uint8_t) 'Q')
#define TROUPE_WIRE_RESPONSE ((uint8_t) 'A')
#define TROUPE_WIRE_REQUEST_HEAD 32u
#define TROUPE_WIRE_RESPONSE_HEAD 24u
#define TROUPE_WIRE_FIELD_HEAD 6u

//  Little-endian loads and stores of 16, 32 and 64 bits, free of alignment.
static inline uint16_t troupe_wire_load16 (const uint8_t *data)
{
    return (uint16_t) (data [0] | (unsigned) data [1] << 8);
}

static inline uint32_t troupe_wire_load32 (const uint8_t *data)
{
    return troupe_wire_load16 (data) | (uint32_t) troupe_wire_load16 (data + 2) << 16;
}

static inline uint64_t troupe_wire_load64 (const uint8_t *data)
{
    return troupe_wire_load32 (data) | (uint64_t) troupe_wire_load32 (data + 4) << 32;
}

static inline void troupe_wire_store16 (uint8_t *data, uint16_t value)
{
    data [0] = (uint8_t) value;
    data [1] = (uint8_t) (value >> 8);
}

static inline void troupe_wire_store32 (uint8_t *data, uint32_t value)
{
    troupe_wire_store16 (data, (uint16_t) value);
    troupe_wire_store16 (data + 2, (uint16_t) (value >> 16));
}

static inline void troupe_wire_store64 (uint8_t *data, uint64_t value)
{
    troupe_wire_store32 (data, (uint32_t) value);
    troupe_wire_store32 (data + 4, (uint32_t) (value >> 32));
}

//  Writes the text with its null; returns what is behind it.
static inline uint8_t *troupe_wire_put (uint8_t *data, troupe_text_t text)
{
    if (text.size)
        memcpy (data, text.data, text.size);
    data [text.size] = 0;
    return data + text.size + 1;
}

//  The bytes that a field takes up.
static inline size_t troupe_wire_field_size (const troupe_header_t *header)
{
    return TROUPE_WIRE_FIELD_HEAD + header->name.size + 1 + header->value.size + 1;
}

//  Writes a field, whose sizes fit; returns what is behind it.
static inline uint8_t *troupe_wire_put_field (uint8_t *data, const troupe_header_t *header)
{
    troupe_wire_store32 (data, (uint32_t) header->value.size);
    troupe_wire_store16 (data + 4, (uint16_t) header->name.size);
    return troupe_wire_put (troupe_wire_put (data + TROUPE_WIRE_FIELD_HEAD, header->name), header->value);
}

//  Takes a text of that size with its null from *data_p and moves on. False when there is less, or a null elsewhere.
bool troupe_wire_take (const uint8_t **data_p, const uint8_t *end, size_t size, troupe_text_t *text);

//  True when the bytes are exactly so many well-formed fields.
bool troupe_wire_check_fields (const troupe_headers_t *headers);

#endif
