/*  =========================================================================
    wrapped.h - functions that allocate, put in place of the C library's

    Place: tests/lib, for the scarce.c of each kind of test, which says when one
    fails: s_fails. It defines what the linker calls instead (--wrap=malloc and
    so on), so it is for one source of a program.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_WRAPPED_H_INCLUDED
#define TROUPE_TESTS_WRAPPED_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

static bool s_fails (void);

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
S_WRAPPED (char *, strdup, (const char *text), text)

#endif
