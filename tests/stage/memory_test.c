/*  =========================================================================
    memory_test.c - memory that is out, at every place where it can be

    Place: tests/stage, of the whole cell. The nth allocation fails (scarce.h), for
    n from 1 until a whole story of monkeys.h needs no more.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "monkeys.h"
#include "scarce.h"

//  Allocations that a story needs are so many that each seed takes its turn at a part of them.
static void s_sweep (uint64_t seed, size_t first, size_t step)
{
    bool failed = true;
    for (size_t nth = first; failed; nth += step) {
        scarce_begin (nth);
        monkeys_run (seed, 3);
        failed = scarce_end ();
    }
}

//  What cannot be had is an error, a failed call, or a failed actor: never a crash, a leak or a call without an end.
Test (memory, every_allocation_may_fail)
{
    for (uint64_t seed = 1; seed <= 10; seed++)
        s_sweep (seed, seed, 10);
}
