/*  =========================================================================
    budget.h - how many calls may be made once more, and how late is late

    Place: actors/egress, the arithmetic under fleet.h: numbers only, no clock
    and no chance of its own.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_EGRESS_BUDGET_H_INCLUDED
#define TROUPE_EGRESS_BUDGET_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

#define TROUPE_BUDGET_SECONDS 10

//  Calls and retries of the last ten seconds. All zero, but for the limits, is one that has seen nothing.
typedef struct troupe_budget {
    uint32_t percent, least;            //  Retries: so many of a hundred calls, and in any case so many
    int64_t second;                     //  The newest slot is for this one
    uint32_t calls [TROUPE_BUDGET_SECONDS], retries [TROUPE_BUDGET_SECONDS];
} troupe_budget_t;

//  Counts a call.
void troupe_budget_earn (troupe_budget_t *self, int64_t now_us);

//  Whether there is a retry left.
bool troupe_budget_has (troupe_budget_t *self, int64_t now_us);

//  Takes one, if it is there: false otherwise.
bool troupe_budget_spend (troupe_budget_t *self, int64_t now_us);

#define TROUPE_LATENESS_BUCKETS 128

//  How long answers took: counts by size, four steps to a doubling; what is old fades.
typedef struct troupe_lateness {
    uint32_t counts [TROUPE_LATENESS_BUCKETS];
    uint32_t total;
} troupe_lateness_t;

//  Notes how long an answer took.
void troupe_lateness_add (troupe_lateness_t *self, int64_t latency_us);

//  What 95 of a hundred answers stay below, a quarter too much at most; 0 as long as fewer than 20 are known.
int64_t troupe_lateness_p95_us (const troupe_lateness_t *self);

#endif
