/*  =========================================================================
    differences.h - what may differ between the places where an actor runs

    Place: tests/conformance. One table (differences.c) has all of it, each with
    its reason. A fact is left out at a level, or expects something else
    there, only if the table says so.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_DIFFERENCES_H_INCLUDED
#define TROUPE_TESTS_DIFFERENCES_H_INCLUDED

#include <stddef.h>

//  Where the subject runs.
typedef enum {
    LEVEL_STAGE = 1,        //  On the stage
    LEVEL_THREAD = 2,       //  inproc: a thread of the test's program
    LEVEL_PROCESS = 4,      //  ipc: a child process
    LEVEL_REMOTE = 8        //  tcp: a program that is not this one's child, as on another machine
} level_t;

typedef struct difference {
    const char *fact;       //  "monitor/crash_is_told_with_its_signal"
    unsigned levels;        //  Where
    const char *instead;    //  What is expected there instead; null: the fact has no meaning there
    const char *reason;
} difference_t;

//  Ends with one whose fact is null.
extern const difference_t differences [];

//  The row for that fact at that level, or null.
const difference_t *difference_for (const char *fact, level_t level);

//  "process"; a static string.
const char *level_name (level_t level);

#endif
