/*  =========================================================================
    hash.c - a number for what peers have chosen

    Place: actors/base; see hash.h. SipHash-1-3 (Aumasson and Bernstein, 2012),
    in 64 bits, and as in its form of 128 bits.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "hash.h"

typedef struct s_sip {
    uint64_t a, b, c, d;
} s_sip_t;

static inline uint64_t s_rotate (uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static inline void s_round (s_sip_t *sip)
{
    sip->a += sip->b;
    sip->c += sip->d;
    sip->b = s_rotate (sip->b, 13) ^ sip->a;
    sip->d = s_rotate (sip->d, 16) ^ sip->c;
    sip->a = s_rotate (sip->a, 32) + sip->d;
    sip->c += sip->b;
    sip->d = s_rotate (sip->d, 21) ^ sip->a;
    sip->b = s_rotate (sip->b, 17) ^ sip->c;
    sip->c = s_rotate (sip->c, 32);
}

static inline void s_take (s_sip_t *sip, uint64_t word)
{
    sip->d ^= word;
    s_round (sip);
    sip->a ^= word;
}

static inline uint64_t s_word (const uint8_t *bytes)
{
    return (uint64_t) bytes [0] | (uint64_t) bytes [1] << 8 | (uint64_t) bytes [2] << 16 | (uint64_t) bytes [3] << 24
         | (uint64_t) bytes [4] << 32 | (uint64_t) bytes [5] << 40 | (uint64_t) bytes [6] << 48
         | (uint64_t) bytes [7] << 56;
}

static uint64_t s_finish (s_sip_t *sip, uint64_t word)
{
    sip->c ^= word;
    s_round (sip);
    s_round (sip);
    s_round (sip);
    return sip->a ^ sip->b ^ sip->c ^ sip->d;
}

static s_sip_t s_read (const uint64_t key [2], const uint8_t *bytes, size_t size)
{
    uint64_t last = (uint64_t) size << 56;
    s_sip_t sip = { key [0] ^ UINT64_C (0x736f6d6570736575), key [1] ^ UINT64_C (0x646f72616e646f6d),
                    key [0] ^ UINT64_C (0x6c7967656e657261), key [1] ^ UINT64_C (0x7465646279746573) };
    size_t at = 0;
    for (; size - at >= 8; at += 8)
        s_take (&sip, s_word (bytes + at));
    for (unsigned shift = 0; at < size; at++, shift += 8)
        last |= (uint64_t) bytes [at] << shift;
    s_take (&sip, last);
    return sip;
}

uint64_t troupe_keyed_hash (const uint64_t key [2], const void *data, size_t size)
{
    s_sip_t sip = s_read (key, data, size);
    return s_finish (&sip, 0xff);
}

troupe_keyed_digest_t troupe_keyed_digest (const uint64_t key [2], const void *data, size_t size)
{
    s_sip_t sip = s_read (key, data, size);
    troupe_keyed_digest_t digest;
    digest.one = s_finish (&sip, 0xee);
    sip.b ^= 0xdd;
    digest.other = s_finish (&sip, 0);
    return digest;
}
