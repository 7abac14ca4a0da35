/*  =========================================================================
    timers.c - the timers of one actor, in the order in which they are due

    Place: runtime/core. An id is a slot and a generation: it finds its timer at
    once, and an old one finds nothing though its slot is used again. A slot is
    in one of a few lanes, lists in which every timer is due no earlier than the
    one before it: most timers are deadlines, set with the same delay again and
    again and taken back soon. What fits into no lane is in a 4-ary heap, whose
    entries hold what is compared and point to slots that know their place.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>

#include "core/base/timers.h"

#define S_FIRST_CAPACITY 8u
#define S_CAPACITY_MAX (UINT32_C (1) << 28)

struct troupe_timers_entry {
    int64_t due_us;
    uint64_t order;             //  Decides between those due together
    uint32_t slot;
};

struct troupe_timers_slot {
    troupe_timer_fn *fn;
    void *context;
    int64_t interval_us;
    uint32_t generation;        //  0: free
    uint32_t place;             //  In the heap; of a free one the next free slot, plus 1
    uint32_t lane;              //  Which, plus 1; 0: it is in the heap
    uint32_t next, previous;    //  In the lane: slots, plus 1
    int64_t due_us;             //  In a lane
    uint64_t order;
};

//  Where the earliest one is, when it is in no lane.
#define S_HEAP TROUPE_TIMERS_LANES

static bool s_before (const troupe_timers_entry_t *one, const troupe_timers_entry_t *other)
{
    return one->due_us != other->due_us ? one->due_us < other->due_us : one->order < other->order;
}

static void s_place (troupe_timers_t *self, uint32_t place, troupe_timers_entry_t entry)
{
    self->heap [place] = entry;
    self->slots [entry.slot].place = place;
}

static void s_sift_up (troupe_timers_t *self, uint32_t place, troupe_timers_entry_t entry)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / 4;
        if (!s_before (&entry, &self->heap [parent]))
            break;
        s_place (self, place, self->heap [parent]);
        place = parent;
    }
    s_place (self, place, entry);
}

//  The earliest child of 'place', or 'count' when it has none.
static uint32_t s_earliest_child (const troupe_timers_t *self, uint32_t place)
{
    uint32_t first = place * 4 + 1;
    if (first >= self->heap_count)
        return self->heap_count;
    uint32_t earliest = first;
    for (uint32_t child = first + 1; child < first + 4 && child < self->heap_count; child++)
        if (s_before (&self->heap [child], &self->heap [earliest]))
            earliest = child;
    return earliest;
}

static void s_sift_down (troupe_timers_t *self, uint32_t place, troupe_timers_entry_t entry)
{
    uint32_t child;
    while ((child = s_earliest_child (self, place)) < self->heap_count && s_before (&self->heap [child], &entry)) {
        s_place (self, place, self->heap [child]);
        place = child;
    }
    s_place (self, place, entry);
}

static bool s_grow (troupe_timers_t *self)
{
    if (self->capacity >= S_CAPACITY_MAX)
        return false;
    uint32_t capacity = self->capacity ? self->capacity * 2 : S_FIRST_CAPACITY;
    troupe_timers_entry_t *heap = realloc (self->heap, capacity * sizeof *heap);
    if (!heap)
        return false;
    self->heap = heap;
    troupe_timers_slot_t *slots = realloc (self->slots, capacity * sizeof *slots);
    if (!slots)
        return false;
    self->slots = slots;
    for (uint32_t slot = capacity; slot-- > self->capacity; ) {
        slots [slot].generation = 0;
        slots [slot].place = self->free_slot;
        self->free_slot = slot + 1;
    }
    self->capacity = capacity;
    return true;
}

static void s_release (troupe_timers_t *self, uint32_t slot)
{
    self->slots [slot].generation = 0;
    self->slots [slot].place = self->free_slot;
    self->free_slot = slot + 1;
    self->count--;
}

//  Closes the gap at 'place' with the last entry.
static void s_remove (troupe_timers_t *self, uint32_t place)
{
    troupe_timers_entry_t last = self->heap [--self->heap_count];
    if (place == self->heap_count)
        return;
    if (place > 0 && s_before (&last, &self->heap [(place - 1) / 4]))
        s_sift_up (self, place, last);
    else
        s_sift_down (self, place, last);
}

//  --- Lanes

//  The first lane whose last timer is due no later, or that is empty; else S_HEAP.
static inline uint32_t s_lane_for (const troupe_timers_t *self, int64_t due_us)
{
    for (uint32_t lane = 0; lane < TROUPE_TIMERS_LANES; lane++) {
        uint32_t last = self->lanes [lane].last;
        if (!last || self->slots [last - 1].due_us <= due_us)
            return lane;
    }
    return S_HEAP;
}

static void s_append (troupe_timers_t *self, uint32_t lane, uint32_t slot, int64_t due_us)
{
    troupe_timers_slot_t *timer = &self->slots [slot];
    troupe_timers_lane_t *list = &self->lanes [lane];
    timer->lane = lane + 1;
    timer->due_us = due_us;
    timer->order = ++self->order;
    timer->next = 0;
    timer->previous = list->last;
    if (list->last)
        self->slots [list->last - 1].next = slot + 1;
    else
        list->first = slot + 1;
    list->last = slot + 1;
}

static void s_unlink (troupe_timers_t *self, const troupe_timers_slot_t *timer)
{
    troupe_timers_lane_t *list = &self->lanes [timer->lane - 1];
    if (timer->previous)
        self->slots [timer->previous - 1].next = timer->next;
    else
        list->first = timer->next;
    if (timer->next)
        self->slots [timer->next - 1].previous = timer->previous;
    else
        list->last = timer->previous;
}

//  The earliest one of the heap and all lanes, and where it is; there is one.
static uint32_t s_earliest (const troupe_timers_t *self, troupe_timers_entry_t *earliest)
{
    uint32_t where = S_HEAP;
    *earliest = (troupe_timers_entry_t) { .due_us = TROUPE_FOREVER, .order = UINT64_MAX };
    if (self->heap_count)
        *earliest = self->heap [0];
    for (uint32_t lane = 0; lane < TROUPE_TIMERS_LANES; lane++) {
        uint32_t first = self->lanes [lane].first;
        if (!first)
            continue;
        const troupe_timers_slot_t *timer = &self->slots [first - 1];
        const troupe_timers_entry_t entry = { timer->due_us, timer->order, first - 1 };
        if (s_before (&entry, earliest)) {
            *earliest = entry;
            where = lane;
        }
    }
    return where;
}

//  Whether the next one in its lane is due together with it, as the calls of one turn are.
static bool s_has_twin (const troupe_timers_t *self, const troupe_timers_slot_t *timer)
{
    return timer->lane && timer->next && self->slots [timer->next - 1].due_us == timer->due_us;
}

//  The earliest one may have gone.
static void s_look_for_next (troupe_timers_t *self)
{
    troupe_timers_entry_t earliest;
    s_earliest (self, &earliest);
    self->next_us = earliest.due_us;
}

//  --- The interface

uint64_t troupe_timers_add (troupe_timers_t *self, int64_t due_us, int64_t interval_us,
                            troupe_timer_fn *fn, void *context)
{
    if (!self->free_slot && !s_grow (self))
        return 0;
    uint32_t slot = self->free_slot - 1;
    troupe_timers_slot_t *timer = &self->slots [slot];
    self->free_slot = timer->place;
    self->generation += self->generation == UINT32_MAX ? 2 : 1;     //  0 means free
    timer->fn = fn;
    timer->context = context;
    timer->interval_us = interval_us;
    timer->generation = self->generation;
    timer->lane = 0;
    if (self->count++ == 0 || due_us < self->next_us)
        self->next_us = due_us;
    uint32_t lane = interval_us > 0 ? S_HEAP : s_lane_for (self, due_us);
    if (lane != S_HEAP)
        s_append (self, lane, slot, due_us);
    else {
        troupe_timers_entry_t entry = { .due_us = due_us, .order = ++self->order, .slot = slot };
        s_sift_up (self, self->heap_count++, entry);
    }
    return (uint64_t) self->generation << 32 | slot;
}

bool troupe_timers_cancel (troupe_timers_t *self, uint64_t id)
{
    uint32_t slot = (uint32_t) id;
    uint32_t generation = (uint32_t) (id >> 32);
    if (generation == 0 || slot >= self->capacity || self->slots [slot].generation != generation)
        return false;
    const troupe_timers_slot_t *timer = &self->slots [slot];
    int64_t due_us = timer->lane ? timer->due_us : self->heap [timer->place].due_us;
    bool next = due_us == self->next_us && !s_has_twin (self, timer);
    if (timer->lane)
        s_unlink (self, timer);
    else
        s_remove (self, timer->place);
    s_release (self, slot);
    if (next && self->count)
        s_look_for_next (self);
    return true;
}

int64_t troupe_timers_next_us (const troupe_timers_t *self)
{
    return self->count ? self->next_us : TROUPE_FOREVER;
}

//  The first beat after 'now'; a beat past the end of time is never due.
static int64_t s_next_beat (int64_t due_us, int64_t interval_us, int64_t now_us)
{
    int64_t beat;
    uint64_t late = (uint64_t) now_us - (uint64_t) due_us;
    uint64_t missed = late / (uint64_t) interval_us;
    if (__builtin_mul_overflow (missed + 1, interval_us, &beat) || __builtin_add_overflow (due_us, beat, &beat))
        return TROUPE_FOREVER;
    return beat;
}

bool troupe_timers_take (troupe_timers_t *self, int64_t now_us, troupe_timer_fn **fn, void **context)
{
    troupe_timers_entry_t entry;
    if (self->count == 0 || self->next_us > now_us)
        return false;
    uint32_t where = s_earliest (self, &entry);
    const troupe_timers_slot_t *timer = &self->slots [entry.slot];
    *fn = timer->fn;
    *context = timer->context;
    if (where != S_HEAP) {
        s_unlink (self, timer);
        s_release (self, entry.slot);
    }
    else if (timer->interval_us > 0) {
        entry.due_us = s_next_beat (entry.due_us, timer->interval_us, now_us);
        entry.order = ++self->order;
        s_sift_down (self, 0, entry);
    }
    else {
        s_remove (self, 0);
        s_release (self, entry.slot);
    }
    if (self->count)
        s_look_for_next (self);
    return true;
}

void troupe_timers_clear (troupe_timers_t *self)
{
    free (self->heap);
    free (self->slots);
    *self = (troupe_timers_t) { .generation = self->generation, .order = self->order };
}

size_t troupe_timers_count (const troupe_timers_t *self)
{
    return self->count;
}
