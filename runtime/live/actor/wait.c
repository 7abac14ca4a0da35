/*  =========================================================================
    live/actor/wait.c - how an actor's thread waits

    Place: runtime/live; see wait.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/wait.h"

#include <sched.h>
#include <time.h>

//  What counts as a short sleep: it includes waking up, which alone may take the half of it on an idle machine.
#define S_SHORT_US 150
#define S_FEW_SHORT_SLEEPS 4u
#define S_MANY_SHORT_SLEEPS 4096u
//  A yield that takes longer has let somebody else run. It happens now and then on an idle machine, and at nearly every
//  look on a busy one: a few in a row are needed to stop the looking.
#define S_YIELD_US 8
#define S_YIELD_FACTOR 4u
//  So many looks that paid off make up for one that did not.
#define S_FORGIVING_WINS 32u

int64_t troupe_clock_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint32_t s_needed (const troupe_wait_t *self)
{
    return self->needed ? self->needed : S_FEW_SHORT_SLEEPS;
}

//  Looking first was a mistake: be slower to do it again.
static void s_regret (troupe_wait_t *self, uint32_t needed)
{
    self->needed = needed < S_MANY_SHORT_SLEEPS ? needed : S_MANY_SHORT_SLEEPS;
    self->short_sleeps = 0;
}

static int s_win (troupe_wait_t *self, int ran)
{
    if (++self->wins % S_FORGIVING_WINS == 0 && s_needed (self) > S_FEW_SHORT_SLEEPS)
        self->needed = s_needed (self) / 2;
    return ran;
}

static int s_look (troupe_wait_t *self, troupe_poller_t *poller, int64_t timeout_us)
{
    int64_t begin_us = troupe_clock_us (), now_us = begin_us;
    int64_t limit_us = timeout_us >= 0 && timeout_us < TROUPE_WAIT_POLL_US ? timeout_us : TROUPE_WAIT_POLL_US;
    while (now_us - begin_us < limit_us) {
        int ran = troupe_poller_wait (poller, 0);
        if (ran)
            return s_win (self, ran);
        int64_t before_us = troupe_clock_us ();
        sched_yield ();
        now_us = troupe_clock_us ();
        if (now_us - before_us > S_YIELD_US) {
            s_regret (self, s_needed (self) * S_YIELD_FACTOR);
            return troupe_poller_wait (poller, 0);
        }
    }
    s_regret (self, s_needed (self) * 2);
    return 0;
}

static int s_sleep (troupe_wait_t *self, troupe_poller_t *poller, int64_t timeout_us)
{
    int64_t begin_us = troupe_clock_us ();
    int ran = troupe_poller_wait (poller, timeout_us);
    bool brief = ran && troupe_clock_us () - begin_us < S_SHORT_US;
    self->short_sleeps = brief ? self->short_sleeps + 1 : 0;
    return ran;
}

int troupe_wait_for (troupe_wait_t *self, troupe_poller_t *poller, int64_t timeout_us)
{
    if (timeout_us == 0 || self->never)
        return troupe_poller_wait (poller, timeout_us);
    if (self->short_sleeps >= s_needed (self)) {
        int64_t begin_us = troupe_clock_us ();
        int ran = s_look (self, poller, timeout_us);
        if (ran)
            return ran;
        int64_t looked_us = troupe_clock_us () - begin_us;
        if (timeout_us > 0 && timeout_us != TROUPE_FOREVER)
            timeout_us = timeout_us > looked_us ? timeout_us - looked_us : 0;
    }
    return s_sleep (self, poller, timeout_us);
}
