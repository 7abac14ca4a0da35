/*  =========================================================================
    other_program.h - the program that the subject runs in at the level "remote"

    Place: tests/conformance; see world_live.c. It is started by hand, as
    somebody else would start it, listens on the loopback, and is told its
    plan on the command line.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_OTHER_PROGRAM_H_INCLUDED
#define TROUPE_TESTS_OTHER_PROGRAM_H_INCLUDED

#include <sys/types.h>

#include "plan.h"

//  Starts it and waits until it listens. Returns the children by which the test's own program knows those in it,
//  static.
const troupe_child_t *other_program_start (const plan_t *plan, const char *const *settings);

//  Waits until it has ended by itself, and starts it once more at the same addresses.
void other_program_again (void);

//  Its number.
pid_t other_program_process (void);

//  Ends it and expects that it ends with 0.
void other_program_end (void);

#endif
