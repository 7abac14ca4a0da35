/*  =========================================================================
    monkeys.h - actors that do anything at any time

    Place: tests/stage. Each seed is another story of calls, casts,
    delegations, monitors, children, failures and ends, under faults. Whatever
    happens: a call ends at most once, and exactly once if its caller lives; a
    monitor fires at most once; nobody hears what was meant for an earlier
    incarnation; nothing leaks, or the stage aborts.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_MONKEYS_H_INCLUDED
#define TROUPE_TESTS_MONKEYS_H_INCLUDED

#include <troupe.h>

//  Tells one story of so many rounds of 10 virtual ms, and asserts what must hold.
void monkeys_run (uint64_t seed, int rounds);

#endif
