/*  =========================================================================
    restart.h - how often to restart, how long to wait before, and whether

    Place: runtime/core. The arithmetic under supervision.h: no clock and no
    chance of its own, times and random bits come in as numbers.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_RESTART_H_INCLUDED
#define TROUPE_CORE_RESTART_H_INCLUDED

#include <troupe/supervisor.h>

//  The restarts of the last period: a sliding window.
typedef struct troupe_restart_window {
    int64_t *times_ms;          //  A ring; null before the first restart
    size_t first, count, capacity;
    size_t limit;               //  So many are borne
    int64_t period_ms;
} troupe_restart_window_t;

//  Sets the bounds, with the meanings and defaults of supervisor.h. Holds no memory yet.
void troupe_restart_window_init (troupe_restart_window_t *self, unsigned intensity, int64_t period_ms);

/*  Counts a restart at 'now_ms'; false when it is one more than is borne within the period: it is not counted then.
    Two restarts are within one period when no more than 'period_ms' lies between them. When memory for the window
    is out the oldest restart in it is forgotten.
    Source: OTP's supervisor:add_restart.                                                                  */
bool troupe_restart_window_add (troupe_restart_window_t *self, int64_t now_ms);

//  Frees the memory. May be repeated.
void troupe_restart_window_clear (troupe_restart_window_t *self);

//  How far a child's backoff has come. All zero is a child that never failed.
typedef struct troupe_restart_pace {
    unsigned failures;          //  Without a quiet time between them
    int64_t quiet_from_ms;      //  When it was to be started again last
} troupe_restart_pace_t;

//  How long to wait before the restart for a failure at 'now_ms': min * factor^n up to max, shortened by a random
//  part of up to 'jitter'; n begins at 0 again after reset_ms without a failure. 'random' is 64 random bits.
int64_t troupe_restart_pace_next_ms (troupe_restart_pace_t *self, const troupe_backoff_t *backoff,
                                     int64_t now_ms, uint64_t random);

//  Whether a child that ended by itself, for that reason, is to be started again.
bool troupe_restart_wanted (troupe_restart_t type, const troupe_reason_t *reason);

#endif
