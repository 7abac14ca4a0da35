/*  =========================================================================
    live/app/explain.h - an error, and why, in one line

    Place: runtime/live, the ground: for what is read from files and settings,
    where the code alone does not tell the user what to put right.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_EXPLAIN_H_INCLUDED
#define TROUPE_LIVE_EXPLAIN_H_INCLUDED

#include <troupe/error.h>

//  Where complaints go.
typedef struct troupe_why {
    char *text;
    size_t size;
} troupe_why_t;

//  Writes the line, cut to fit, and returns 'error'.
troupe_error_t troupe_explain (const troupe_why_t *why, troupe_error_t error, const char *format, ...)
    TROUPE_PRINTF (3, 4);

#endif
