/*  =========================================================================
    live/actor/watchdog.h - who notices that a thread hangs

    Place: runtime/live. A parent looks at its children that are threads, a few
    times within the time that a callback may take: the same one that runs now
    has run since it was seen first, and did not wait for anybody? Then the
    child is wedged, which is said once. Looking is done through the system, as
    in describe.c; one timer of the parent's is all that it costs, and while
    no child can hang there is none.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_WATCHDOG_H_INCLUDED
#define TROUPE_LIVE_WATCHDOG_H_INCLUDED

#include "core/cell/cell.h"

//  What a program ends with that does not go on with a thread that hangs: EX_SOFTWARE of sysexits.h.
#define TROUPE_WEDGED_STATUS 70

//  One parent's. All zero is a good beginning.
typedef struct troupe_watchdog {
    uint64_t timer;         //  Of its next look; 0: nobody is to be looked at
    int64_t period_us;
    bool blind;             //  The system does not let it look, which has been logged
} troupe_watchdog_t;

//  The child behind 'link', a thread, has been made: it will be looked at, unless its spec says that it may take for
//  ever.
void troupe_watchdog_add (troupe_actor_t *cell, troupe_link_t *link);

/*  For how many milliseconds a child that is a thread has been seen in one callback, now and at every look before: 0
    when it is in none, or waits there. Then 'text' says which: "users has been in a timer callback for 5012 ms". For a
    parent that looks by itself, as often as it likes, at a child whose spec has TROUPE_FOREVER.           */
int64_t troupe_watchdog_look (troupe_actor_t *cell, troupe_link_t *link, char *text, size_t size);

#endif
