/*  =========================================================================
    scarce.c - memory that is out, at the place that the test says

    Place: tests/stage; see scarce.h. The linker puts the functions below in
    place of those that allocate. The stage's own memory is spared, as it ends
    the test when it is out.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdarg.h>
#include <stdlib.h>

#include "scarce.h"
#include "../lib/wrapped.h"

#include "stage/world.h"

static bool s_armed;
static unsigned s_spared;           //  How deep in the stage's own functions
static size_t s_until_failure;      //  Allocations; 0: it has failed

static bool s_fails (void)
{
    return s_armed && !s_spared && s_until_failure && --s_until_failure == 0;
}

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

//  It makes the actor anew.
void __real_troupe_stage_crash (troupe_stage_t *stage, const char *name, int signal_number);
void __wrap_troupe_stage_crash (troupe_stage_t *stage, const char *name, int signal_number);
void __wrap_troupe_stage_crash (troupe_stage_t *stage, const char *name, int signal_number)
{
    s_spared++;
    __real_troupe_stage_crash (stage, name, signal_number);
    s_spared--;
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

void scarce_begin (size_t nth)
{
    s_until_failure = nth;
}

bool scarce_end (void)
{
    s_armed = false;
    return s_until_failure == 0;
}
