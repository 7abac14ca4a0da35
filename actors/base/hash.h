/*  =========================================================================
    hash.h - a number for what peers have chosen

    Place: actors/base, for the tables of all actors. Who does not know the key
    cannot make things meet in one place.

    Two numbers, of the same pass, stand for the bytes themselves: nobody finds
    others that have the same (as in the form of SipHash that has 128 bits).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_ACTORS_HASH_H_INCLUDED
#define TROUPE_ACTORS_HASH_H_INCLUDED

#include <troupe/actor.h>

//  Draws a key for the tables of one incarnation.
static inline void troupe_hash_key (troupe_actor_t *self, uint64_t key [2])
{
    key [0] = troupe_random (self);
    key [1] = troupe_random (self);
}

typedef struct troupe_keyed_digest {
    uint64_t one, other;
} troupe_keyed_digest_t;

//  The same for the same key and bytes, on every machine.
uint64_t troupe_keyed_hash (const uint64_t key [2], const void *data, size_t size);
troupe_keyed_digest_t troupe_keyed_digest (const uint64_t key [2], const void *data, size_t size);

#endif
