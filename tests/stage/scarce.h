/*  =========================================================================
    scarce.h - memory that is out, at the place that the test says

    Place: tests/stage. One allocation of those that actors make fails, from the
    making of the stage on; all others succeed. A test program is linked with
    it by troupe_scarce_test, in CMakeLists.txt.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_SCARCE_H_INCLUDED
#define TROUPE_TESTS_SCARCE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

//  The nth allocation fails, counted from the next troupe_stage_new on.
void scarce_begin (size_t nth);

//  From here on all succeed. True when one has failed.
bool scarce_end (void);

#endif
