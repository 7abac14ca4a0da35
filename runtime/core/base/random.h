/*  =========================================================================
    random.h - a small, seeded random generator

    Place: runtime/core. Every actor has one of its own, and the stage seeds
    them so that a run can be replayed. Not for keys.
    Source: xoshiro256** 1.0 and splitmix64, Blackman and Vigna 2018.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_RANDOM_H_INCLUDED
#define TROUPE_CORE_RANDOM_H_INCLUDED

#include <stdint.h>

typedef struct troupe_random_state {
    uint64_t words [4];         //  Never all zero once seeded
} troupe_random_state_t;

//  Begins the sequence that belongs to 'seed'; any seed will do, 0 too.
void troupe_random_seed (troupe_random_state_t *self, uint64_t seed);

//  The next 64 random bits.
uint64_t troupe_random_next (troupe_random_state_t *self);

//  A number from 0 to limit - 1, each equally likely; 0 when limit is 0.
uint64_t troupe_random_limit (troupe_random_state_t *self, uint64_t limit);

#endif
