/*  =========================================================================
    core/base/hash.h - a number for a name

    Place: runtime/core, the ground: for tables that are found by a text.
    FNV-1a, 64 bits (Fowler, Noll, Vo).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_HASH_H_INCLUDED
#define TROUPE_CORE_HASH_H_INCLUDED

#include <stdint.h>

static inline uint64_t troupe_hash_text (const char *text)
{
    uint64_t hash = UINT64_C (0xCBF29CE484222325);
    for (; *text; text++)
        hash = (hash ^ (uint8_t) *text) * UINT64_C (0x100000001B3);
    return hash;
}

#endif
