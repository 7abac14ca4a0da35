/*  =========================================================================
    core/base/hash.h - a number for a name

    Place: runtime/core, the ground: for tables that are found by a text.
    FNV-1a, 64 bits (Fowler, Noll, Vo).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_HASH_H_INCLUDED
#define TROUPE_CORE_HASH_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

#define TROUPE_HASH_NOTHING UINT64_C (0xCBF29CE484222325)

//  'hash' with one more byte, or with more of them, behind what it stands for.
static inline uint64_t troupe_hash_byte (uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * UINT64_C (0x100000001B3);
}

static inline uint64_t troupe_hash_bytes (uint64_t hash, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t index = 0; index < size; index++)
        hash = troupe_hash_byte (hash, bytes [index]);
    return hash;
}

static inline uint64_t troupe_hash_text (const char *text)
{
    uint64_t hash = TROUPE_HASH_NOTHING;
    for (; *text; text++)
        hash = troupe_hash_byte (hash, (uint8_t) *text);
    return hash;
}

#endif
