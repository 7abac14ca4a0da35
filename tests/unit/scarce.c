/*  =========================================================================
    scarce.c - memory that is out, at the place that the test says

    Place: tests/unit; see scarce.h. The linker puts the functions below in
    place of those that allocate.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "scarce.h"
#include "../lib/wrapped.h"

#include <criterion/criterion.h>

static size_t s_fails_in;           //  The allocation that fails; 0: none
static bool s_failed;

static bool s_fails (void)
{
    if (s_fails_in == 0 || --s_fails_in > 0)
        return false;
    s_failed = true;
    return true;
}

S_WRAPPED (void *, reallocarray, (void *data, size_t count, size_t size), data, count, size)

void scarce_begin (size_t nth)
{
    s_failed = false;
    s_fails_in = nth;
}

void scarce_end (void)
{
    s_fails_in = 0;
}

bool scarce_failed (void)
{
    return s_failed;
}

void scarce_sweep (void (*scenario) (void))
{
    size_t nth = 0;
    do {
        scarce_begin (++nth);
        scenario ();
        scarce_end ();
    } while (s_failed);
    cr_assert_gt (nth, 1, "the scenario allocates nothing");
}
