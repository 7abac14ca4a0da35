/*  =========================================================================
    chaos_test.c - what must hold whatever actors do

    Place: tests/stage, of the whole cell; see monkeys.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "monkeys.h"

//  No story that a seed can tell breaks what is promised.
Test (chaos, promises_hold_whatever_happens)
{
    for (uint64_t seed = 1; seed <= 100; seed++)
        monkeys_run (seed, 20);
}
