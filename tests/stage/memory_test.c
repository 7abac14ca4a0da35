/*  =========================================================================
    memory_test.c - memory that is out, at every place where it can be

    Place: tests/stage, of the whole cell. The linker puts the functions below
    in place of those that allocate: the nth allocation fails, for n from 1 until a
    whole story of monkeys.h needs no more. The stage's own memory is spared, as
    it ends the test when it is out.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "monkeys.h"

#include "stage/world.h"

static bool s_armed;
static unsigned s_spared;           //  How deep in the stage's own functions
static size_t s_until_failure;      //  Allocations; 0: it has failed

static bool s_fails (void)
{
    return s_armed && !s_spared && s_until_failure && --s_until_failure == 0;
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
S_WRAPPED (char *, strdup, (const char *text), text)

int __real_vasprintf (char **text_p, const char *format, va_list arguments);
int __wrap_vasprintf (char **text_p, const char *format, va_list arguments);
int __wrap_vasprintf (char **text_p, const char *format, va_list arguments)
{
    return s_fails () ? -1 : __real_vasprintf (text_p, format, arguments);
}

#define S_SPARED(type, name, parameters, ...) \
    type __real_##name parameters; \
    type __wrap_##name parameters; \
    type __wrap_##name parameters \
    { \
        s_spared++; \
        type result = __real_##name (__VA_ARGS__); \
        s_spared--; \
        return result; \
    }

S_SPARED (void *, troupe_stage_memory, (size_t size), size)
S_SPARED (char *, troupe_stage_string, (const char *text), text)

void __real_troupe_stage_text_bytes (troupe_stage_text_t *text, const void *data, size_t size);
void __wrap_troupe_stage_text_bytes (troupe_stage_text_t *text, const void *data, size_t size);
void __wrap_troupe_stage_text_bytes (troupe_stage_text_t *text, const void *data, size_t size)
{
    s_spared++;
    __real_troupe_stage_text_bytes (text, data, size);
    s_spared--;
}

void __real_troupe_stage_text_addv (troupe_stage_text_t *text, const char *format, va_list arguments);
void __wrap_troupe_stage_text_addv (troupe_stage_text_t *text, const char *format, va_list arguments);
void __wrap_troupe_stage_text_addv (troupe_stage_text_t *text, const char *format, va_list arguments)
{
    s_spared++;
    __real_troupe_stage_text_addv (text, format, arguments);
    s_spared--;
}

void __wrap_troupe_stage_text_add (troupe_stage_text_t *text, const char *format, ...)
    __attribute__ ((__format__ (__printf__, 2, 3)));
void __wrap_troupe_stage_text_add (troupe_stage_text_t *text, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    __wrap_troupe_stage_text_addv (text, format, arguments);
    va_end (arguments);
}

troupe_stage_t *__real_troupe_stage_new (uint64_t seed);
troupe_stage_t *__wrap_troupe_stage_new (uint64_t seed);
troupe_stage_t *__wrap_troupe_stage_new (uint64_t seed)
{
    s_armed = false;
    troupe_stage_t *stage = __real_troupe_stage_new (seed);
    s_armed = true;
    return stage;
}

//  Allocations that a story needs are so many that each seed takes its turn at a part of them.
static void s_sweep (uint64_t seed, size_t first, size_t step)
{
    bool failed = true;
    for (size_t nth = first; failed; nth += step) {
        s_until_failure = nth;
        monkeys_run (seed, 3);
        s_armed = false;
        failed = s_until_failure == 0;
    }
}

//  What cannot be had is an error, a failed call, or a failed actor: never a crash, a leak or a call without an end.
Test (memory, every_allocation_may_fail)
{
    for (uint64_t seed = 1; seed <= 10; seed++)
        s_sweep (seed, seed, 10);
}
