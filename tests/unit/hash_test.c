/*  =========================================================================
    hash_test.c - numbers for texts: of our own, and of peers

    Place: tests/unit, of runtime/core/base/hash.h and actors/base/hash.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "base/hash.h"
#include "core/base/hash.h"

//  The algorithm's own test vectors (Fowler, Noll, Vo): two builds find the same name at the same place.
Test (hash, of_a_text_is_fnv_1a)
{
    cr_expect_eq (troupe_hash_text (""), TROUPE_HASH_NOTHING);
    cr_expect_eq (troupe_hash_text ("a"), UINT64_C (0xaf63dc4c8601ec8c));
    cr_expect_eq (troupe_hash_text ("foobar"), UINT64_C (0x85944171f73967e8));
    cr_expect_eq (troupe_hash_bytes (troupe_hash_text ("foo"), "bar", 3), troupe_hash_text ("foobar"));
}

//  Who chooses what is put into a table must not be able to choose where it lies.
Test (hash, keyed_differs_by_key_bytes_and_length)
{
    static const uint64_t one [2] = { 1, 2 }, other [2] = { 1, 3 };
    const uint64_t hash = troupe_keyed_hash (one, "12345678", 8);
    cr_expect_eq (troupe_keyed_hash (one, "12345678", 8), hash);
    cr_expect_neq (troupe_keyed_hash (other, "12345678", 8), hash);
    cr_expect_neq (troupe_keyed_hash (one, "12345679", 8), hash);
    cr_expect_neq (troupe_keyed_hash (one, "12345678", 9), hash);
    cr_expect_neq (troupe_keyed_hash (one, "", 0), troupe_keyed_hash (one, "", 1));
}

//  It stands for the bytes themselves, so both halves depend on all of them.
Test (hash, digest_has_two_numbers_of_its_own)
{
    static const uint64_t key [2] = { 1, 2 };
    const troupe_keyed_digest_t one = troupe_keyed_digest (key, "12345678", 8);
    const troupe_keyed_digest_t other = troupe_keyed_digest (key, "12345679", 8);
    cr_expect (one.one != other.one && one.other != other.other);
    cr_expect (one.one != one.other && one.one != troupe_keyed_hash (key, "12345678", 8));
}
