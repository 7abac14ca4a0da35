/*  =========================================================================
    restart.c - how often to restart, how long to wait before, and whether

    Place: runtime/core. See restart.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>

#include "core/supervision/restart.h"

#define S_FIRST_CAPACITY 4u
#define S_HOUR_MS INT64_C (3600000)
#define S_YEAR_MS (S_HOUR_MS * 24 * 365)     //  Nobody waits longer, and no arithmetic overflows

void troupe_restart_window_init (troupe_restart_window_t *self, unsigned intensity, int64_t period_ms)
{
    *self = (troupe_restart_window_t) { .limit = intensity, .period_ms = period_ms > 0 ? period_ms : 5000 };
    if (intensity == 0)
        self->limit = 1;
    else if (intensity == TROUPE_INTENSITY_NONE)
        self->limit = 0;
}

static void s_forget_oldest (troupe_restart_window_t *self)
{
    self->first = (self->first + 1) % self->capacity;
    self->count--;
}

//  Doubles the ring and lays it out from its oldest entry on.
static bool s_grow (troupe_restart_window_t *self)
{
    size_t capacity = self->capacity ? self->capacity * 2 : S_FIRST_CAPACITY;
    int64_t *times_ms = malloc (capacity * sizeof *times_ms);
    if (!times_ms)
        return false;
    for (size_t index = 0; index < self->count; index++)
        times_ms [index] = self->times_ms [(self->first + index) % self->capacity];
    free (self->times_ms);
    self->times_ms = times_ms;
    self->first = 0;
    self->capacity = capacity;
    return true;
}

bool troupe_restart_window_add (troupe_restart_window_t *self, int64_t now_ms)
{
    while (self->count && now_ms - self->times_ms [self->first] > self->period_ms)
        s_forget_oldest (self);
    if (self->count >= self->limit)
        return false;
    if (self->count == self->capacity && !s_grow (self)) {
        if (!self->capacity)
            return true;
        s_forget_oldest (self);
    }
    self->times_ms [(self->first + self->count++) % self->capacity] = now_ms;
    return true;
}

void troupe_restart_window_clear (troupe_restart_window_t *self)
{
    free (self->times_ms);
    self->times_ms = NULL;
    self->first = self->count = self->capacity = 0;
}

//  min * factor^failures, up to the limit: a short loop, unless factor is hardly above 1.
static double s_grown_ms (const troupe_backoff_t *backoff, unsigned failures, double limit_ms)
{
    double factor = backoff->factor > 0 ? backoff->factor : 2;
    double delay_ms = (double) backoff->min_ms;
    for (unsigned step = 0; step < failures && delay_ms < limit_ms && factor > 1; step++)
        delay_ms *= factor;
    return delay_ms < limit_ms ? delay_ms : limit_ms;
}

int64_t troupe_restart_pace_next_ms (troupe_restart_pace_t *self, const troupe_backoff_t *backoff,
                                     int64_t now_ms, uint64_t random)
{
    if (backoff->min_ms <= 0)
        return 0;
    int64_t limit_ms = backoff->max_ms > 0 ? backoff->max_ms : S_HOUR_MS;
    if (limit_ms > S_YEAR_MS)
        limit_ms = S_YEAR_MS;
    int64_t reset_ms = backoff->reset_ms > 0 ? backoff->reset_ms : limit_ms * 10;
    if (self->failures && now_ms - self->quiet_from_ms >= reset_ms)
        self->failures = 0;
    double jitter = backoff->jitter < 0 ? 0 : backoff->jitter > 1 ? 1 : backoff->jitter;
    double part = (double) (random >> 11) / 9007199254740992.0;     //  53 bits: from 0 to just below 1
    double delay_ms = s_grown_ms (backoff, self->failures, (double) limit_ms) * (1 - jitter * part);
    if (self->failures < 10000)
        self->failures++;
    self->quiet_from_ms = now_ms + (int64_t) delay_ms;
    return (int64_t) delay_ms;
}

bool troupe_restart_wanted (troupe_restart_t type, const troupe_reason_t *reason)
{
    if (type == TROUPE_TRANSIENT)
        return !troupe_reason_is_normal (reason);
    return type == TROUPE_PERMANENT;
}
