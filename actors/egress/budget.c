/*  =========================================================================
    budget.c - how many calls may be made once more, and how late is late

    Place: actors/egress; see budget.h. A budget keeps retries from making
    an overload worse: when every call fails there is a fifth more load, not
    three times as much.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "budget.h"

#include <string.h>

#define S_ENOUGH 20u
#define S_FADE_AT 2048u

//  --- Budget

//  Forgets what is older than the window.
static void s_move_on (troupe_budget_t *self, int64_t now_us)
{
    int64_t second = now_us / 1000000;
    if (second - self->second >= TROUPE_BUDGET_SECONDS) {
        memset (self->calls, 0, sizeof self->calls);
        memset (self->retries, 0, sizeof self->retries);
        self->second = second;
    }
    while (self->second < second) {
        self->second++;
        self->calls [self->second % TROUPE_BUDGET_SECONDS] = 0;
        self->retries [self->second % TROUPE_BUDGET_SECONDS] = 0;
    }
}

void troupe_budget_earn (troupe_budget_t *self, int64_t now_us)
{
    s_move_on (self, now_us);
    self->calls [self->second % TROUPE_BUDGET_SECONDS]++;
}

bool troupe_budget_has (troupe_budget_t *self, int64_t now_us)
{
    uint64_t calls = 0, retries = 0;
    s_move_on (self, now_us);
    for (size_t slot = 0; slot < TROUPE_BUDGET_SECONDS; slot++) {
        calls += self->calls [slot];
        retries += self->retries [slot];
    }
    return retries < self->least || retries < calls * self->percent / 100;
}

bool troupe_budget_spend (troupe_budget_t *self, int64_t now_us)
{
    if (!troupe_budget_has (self, now_us))
        return false;
    self->retries [self->second % TROUPE_BUDGET_SECONDS]++;
    return true;
}

//  --- Lateness

//  Four buckets to a doubling: the highest bit, and the two below it.
static unsigned s_bucket (int64_t latency_us)
{
    uint64_t value = latency_us > 4 ? (uint64_t) latency_us : 4;
    unsigned exponent = 0;
    while (value >> exponent >= 8)
        exponent++;
    unsigned bucket = 4 * exponent + (unsigned) (value >> exponent) - 4;
    return bucket < TROUPE_LATENESS_BUCKETS ? bucket : TROUPE_LATENESS_BUCKETS - 1;
}

//  The first number that is in the next bucket.
static int64_t s_end_us (unsigned bucket)
{
    return (int64_t) (5 + bucket % 4) << (bucket / 4);
}

void troupe_lateness_add (troupe_lateness_t *self, int64_t latency_us)
{
    self->counts [s_bucket (latency_us)]++;
    if (++self->total < S_FADE_AT)
        return;
    self->total = 0;
    for (unsigned bucket = 0; bucket < TROUPE_LATENESS_BUCKETS; bucket++)
        self->total += self->counts [bucket] /= 2;
}

int64_t troupe_lateness_p95_us (const troupe_lateness_t *self)
{
    if (self->total < S_ENOUGH)
        return 0;
    uint64_t below = 0;
    for (unsigned bucket = 0; bucket < TROUPE_LATENESS_BUCKETS; bucket++) {
        below += self->counts [bucket];
        if (below * 100 >= (uint64_t) self->total * 95)
            return s_end_us (bucket);
    }
    return s_end_us (TROUPE_LATENESS_BUCKETS - 1);
}
