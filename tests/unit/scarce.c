/*  =========================================================================
    scarce.c - memory that is out, at the place that the test says

    Place: tests/unit; see scarce.h. The linker puts the functions below in
    place of those that allocate.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "scarce.h"

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

#define S_WRAPPED(type, name, parameters, ...) \
    type __real_##name parameters; \
    type __wrap_##name parameters; \
    type __wrap_##name parameters \
    { \
        return s_fails () ? NULL : __real_##name (__VA_ARGS__); \
    }

S_WRAPPED (void *, malloc, (size_t size), size)
S_WRAPPED (void *, calloc, (size_t count, size_t size), count, size)
S_WRAPPED (void *, realloc, (void *data, size_t size), data, size)
S_WRAPPED (void *, reallocarray, (void *data, size_t count, size_t size), data, count, size)
S_WRAPPED (char *, strdup, (const char *text), text)

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
