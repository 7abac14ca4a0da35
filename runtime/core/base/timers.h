/*  =========================================================================
    timers.h - the timers of one actor, in the order in which they are due

    Place: runtime/core. It knows no clock: times come in as numbers. Timers that
    are due together come out in the order in which they were set. Adding,
    cancelling and taking cost O(log n), and O(1) for timers that are due one
    behind the other as they are set, as the deadlines of calls are; reading the
    next due time costs O(1).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_TIMERS_H_INCLUDED
#define TROUPE_CORE_TIMERS_H_INCLUDED

#include <troupe/timer.h>

typedef struct troupe_timers_entry troupe_timers_entry_t;
typedef struct troupe_timers_slot troupe_timers_slot_t;

//  Timers with due times that only grow, as a list. So many lanes there are; what fits into none is in the heap.
#define TROUPE_TIMERS_LANES 3u

typedef struct troupe_timers_lane {
    uint32_t first, last;           //  Slots, plus 1; 0: it is empty
} troupe_timers_lane_t;

//  All zero is an empty set. It holds no memory before its first timer and after troupe_timers_clear.
typedef struct troupe_timers {
    troupe_timers_entry_t *heap;    //  The first 'heap_count' are in use
    troupe_timers_slot_t *slots;    //  What an id points to
    troupe_timers_lane_t lanes [TROUPE_TIMERS_LANES];
    uint32_t heap_count;
    uint32_t count;                 //  Of all
    int64_t next_us;                //  When the earliest is due, if there is any
    uint32_t capacity;              //  Of both
    uint32_t free_slot;             //  The first one of the free list, plus 1; 0: none is free
    uint32_t generation;            //  Of the last timer added; goes on after a clear, so that old ids stay dead
    uint64_t order;                 //  Of the last one armed
} troupe_timers_t;

//  Arms a timer for 'due_us', and with an interval above 0 again on every beat after it. Returns its id, never 0 but
//  when memory is out.
uint64_t troupe_timers_add (troupe_timers_t *self, int64_t due_us, int64_t interval_us,
                            troupe_timer_fn *fn, void *context);

//  Takes a timer back. False when it is not armed any more; any number may be asked.
bool troupe_timers_cancel (troupe_timers_t *self, uint64_t id);

//  When the earliest one is due; TROUPE_FOREVER when there is none.
int64_t troupe_timers_next_us (const troupe_timers_t *self);

/*  Takes the earliest timer that is due at or before 'now_us'; false when there is none. One with an interval stays,
    armed for its first beat after 'now_us'; beats in between are skipped. Timers that a callback adds for 'now_us' come
    out of the same loop: take no more than troupe_timers_count before it to end a turn.                  */
bool troupe_timers_take (troupe_timers_t *self, int64_t now_us, troupe_timer_fn **fn, void **context);

//  Forgets all timers and frees the memory. May be repeated.
void troupe_timers_clear (troupe_timers_t *self);

size_t troupe_timers_count (const troupe_timers_t *self);

#endif
