/*  =========================================================================
    scarce.h - memory that is out, at the place that the test says

    Place: tests/unit. One allocation fails, all others succeed. A test program
    is linked with it by troupe_scarce_test, in CMakeLists.txt.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_SCARCE_H_INCLUDED
#define TROUPE_TESTS_SCARCE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

//  The nth allocation from here on fails.
void scarce_begin (size_t nth);

//  From here on all succeed.
void scarce_end (void);

//  Whether one has failed since scarce_begin.
bool scarce_failed (void);

//  Runs the scenario with its nth allocation failing, for every n that it gets to.
void scarce_sweep (void (*scenario) (void));

#endif
