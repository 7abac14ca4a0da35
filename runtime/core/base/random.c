/*  =========================================================================
    random.c - a small, seeded random generator

    Place: runtime/core. See random.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/base/random.h"

static uint64_t s_splitmix (uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C (0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C (0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C (0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

static uint64_t s_rotate (uint64_t word, int bits)
{
    return (word << bits) | (word >> (64 - bits));
}

//  splitmix64 is a bijection of four different inputs, so at most one word can come out as 0.
void troupe_random_seed (troupe_random_state_t *self, uint64_t seed)
{
    for (int index = 0; index < 4; index++)
        self->words [index] = s_splitmix (&seed);
}

uint64_t troupe_random_next (troupe_random_state_t *self)
{
    uint64_t *words = self->words;
    uint64_t result = s_rotate (words [1] * 5, 7) * 9;
    uint64_t shifted = words [1] << 17;
    words [2] ^= words [0];
    words [3] ^= words [1];
    words [1] ^= words [2];
    words [0] ^= words [3];
    words [2] ^= shifted;
    words [3] = s_rotate (words [3], 45);
    return result;
}

//  Throws away the low end of the range that 'limit' does not divide evenly; on average less than one retry.
uint64_t troupe_random_limit (troupe_random_state_t *self, uint64_t limit)
{
    if (limit == 0)
        return 0;
    uint64_t uneven = (0 - limit) % limit;
    uint64_t bits = troupe_random_next (self);
    while (bits < uneven)
        bits = troupe_random_next (self);
    return bits % limit;
}
