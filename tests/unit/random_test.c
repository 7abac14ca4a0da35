/*  =========================================================================
    random_test.c - the random generator against its published sequence

    Place: tests/unit, of runtime/core/base/random.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "core/base/random.h"

//  The reference outputs for the state 1, 2, 3, 4 (Blackman and Vigna).
Test (random, is_xoshiro256_starstar)
{
    troupe_random_state_t random = { .words = { 1, 2, 3, 4 } };
    static const uint64_t expected [] = { 11520, 0, 1509978240, UINT64_C (1215971899390074240) };
    for (int index = 0; index < 4; index++)
        cr_assert_eq (troupe_random_next (&random), expected [index], "output %d", index);
}

//  The reference outputs of splitmix64 for the seed 1234567.
Test (random, is_seeded_by_splitmix64)
{
    troupe_random_state_t random;
    troupe_random_seed (&random, 1234567);
    cr_assert_eq (random.words [0], UINT64_C (6457827717110365317));
    cr_assert_eq (random.words [1], UINT64_C (3203168211198807973));
    cr_assert_eq (random.words [2], UINT64_C (9817491932198370423));
    cr_assert_eq (random.words [3], UINT64_C (4593380528125082431));
}

//  A replay is nothing but this.
Test (random, same_seed_same_sequence)
{
    troupe_random_state_t one, other;
    troupe_random_seed (&one, 0);
    troupe_random_seed (&other, 0);
    for (int index = 0; index < 100; index++)
        cr_assert_eq (troupe_random_next (&one), troupe_random_next (&other));
}

//  Bounds first, then evenness: 60,000 throws of a die, each face within five standard deviations of 10,000.
Test (random, limit_is_even_and_exclusive)
{
    troupe_random_state_t random;
    troupe_random_seed (&random, 7);
    int faces [6] = { 0 };
    for (int index = 0; index < 60000; index++)
        faces [troupe_random_limit (&random, 6)]++;
    for (int face = 0; face < 6; face++)
        cr_assert (faces [face] > 10000 - 457 && faces [face] < 10000 + 457, "face %d: %d", face, faces [face]);
    cr_assert_eq (troupe_random_limit (&random, 0), 0);
    cr_assert_eq (troupe_random_limit (&random, 1), 0);
    for (int index = 0; index < 100; index++)
        cr_assert_lt (troupe_random_limit (&random, UINT64_C (0xC000000000000000)), UINT64_C (0xC000000000000000));
}
