/*  =========================================================================
    live/actor/wait.h - how an actor's thread waits: asleep, or first awake

    Place: runtime/live, above poller. Waking a sleeping thread costs more than
    anything else in a short exchange of messages. So a thread whose last
    sleeps were short looks a few times, for at most TROUPE_WAIT_POLL_US,
    before it sleeps. On a machine with nothing to spare that takes time from
    whoever should answer: between two looks it yields, and when it does not get
    the processor back at once it stops looking for a long while.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_WAIT_H_INCLUDED
#define TROUPE_LIVE_WAIT_H_INCLUDED

#include "live/stream/poller.h"

#define TROUPE_WAIT_POLL_US 50

//  One thread's experience. All zero is a good beginning.
typedef struct troupe_wait {
    bool never;             //  Always sleep
    uint32_t short_sleeps;  //  In a row
    uint32_t wins;          //  Looks that found something
    uint32_t needed;        //  So many short sleeps make it look first; grows each time that was a mistake
} troupe_wait_t;

//  As troupe_poller_wait.
int troupe_wait_for (troupe_wait_t *self, troupe_poller_t *poller, int64_t timeout_us);

//  CLOCK_MONOTONIC in microseconds.
int64_t troupe_clock_us (void);

#endif
