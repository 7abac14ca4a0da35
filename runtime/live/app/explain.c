/*  =========================================================================
    live/app/explain.c - an error, and why, in one line

    Place: runtime/live; see explain.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/app/explain.h"

#include <stdio.h>

troupe_error_t troupe_explain (const troupe_why_t *why, troupe_error_t error, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (why->text, why->size, format, arguments);
    va_end (arguments);
    return error;
}
