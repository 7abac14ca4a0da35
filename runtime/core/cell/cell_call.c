/*  =========================================================================
    core/cell/cell_call.c - calls in flight

    Place: runtime/core, part of the cell; implements the calling half of
    troupe/ref.h. What a cell waits for (answers, and news of monitored
    actors) stands in one table of slots; an id is a slot and its generation,
    so that a late answer finds nobody. Each entry ends exactly once: by its
    answer, its deadline, its actor's end, or its owner, and always in a turn
    after the one in which it began.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdlib.h>

#define S_FIRST_CAPACITY 16u
#define S_SPARE_SIZE 256u
#define S_SPARE_COPIES 128u

//  --- The table

static bool s_grow (troupe_actor_t *cell)
{
    uint32_t capacity = cell->pending_capacity ? cell->pending_capacity * 2 : S_FIRST_CAPACITY;
    troupe_pending_t *pending = realloc (cell->pending, capacity * sizeof *pending);
    if (!pending)
        return false;
    memset (pending + cell->pending_capacity, 0, (capacity - cell->pending_capacity) * sizeof *pending);
    cell->pending = pending;
    for (uint32_t slot = capacity; slot > cell->pending_capacity; slot--) {
        pending [slot - 1].next = cell->pending_free;
        cell->pending_free = slot;
    }
    cell->pending_capacity = capacity;
    return true;
}

//  Returns slot + 1, or 0 when memory is out.
uint32_t troupe_pending_new (troupe_ref_t *ref)
{
    troupe_actor_t *cell = ref->cell;
    if (!cell->pending_free && !s_grow (cell))
        return 0;
    uint32_t place = cell->pending_free;
    troupe_pending_t *pending = &cell->pending [place - 1];
    cell->pending_free = pending->next;
    uint32_t generation = pending->generation + 1;
    *pending = (troupe_pending_t) { .ref = ref, .generation = generation, .next = ref->first_call, .used = true,
                                    .deadline_us = TROUPE_FOREVER };
    if (ref->first_call)
        cell->pending [ref->first_call - 1].previous = place;
    ref->first_call = place;
    cell->pending_used++;
    return place;
}

static uint32_t s_place (const troupe_actor_t *cell, const troupe_pending_t *pending)
{
    return (uint32_t) (pending - cell->pending) + 1;
}

uint64_t troupe_pending_id (const troupe_actor_t *cell, const troupe_pending_t *pending)
{
    return (uint64_t) pending->generation << 32 | s_place (cell, pending);
}

troupe_pending_t *troupe_pending_find (troupe_actor_t *cell, uint64_t id)
{
    uint32_t place = (uint32_t) id;
    if (place == 0 || place > cell->pending_capacity)
        return NULL;
    troupe_pending_t *pending = &cell->pending [place - 1];
    return pending->used && pending->generation == (uint32_t) (id >> 32) ? pending : NULL;
}

//  What a call begins with, or null. The memory of small ones goes from call to call.
static troupe_copy_t *s_copy (troupe_actor_t *cell, uint16_t tag, const void *data, size_t size)
{
    troupe_copy_t *copy = size <= S_SPARE_SIZE ? cell->spare_copies : NULL;
    if (copy) {
        cell->spare_copies = copy->next;
        cell->spare_copy_count--;
    }
    else
        copy = malloc (sizeof *copy + (size <= S_SPARE_SIZE ? S_SPARE_SIZE : size));
    if (!copy)
        return NULL;
    copy->spare = size <= S_SPARE_SIZE;
    copy->tag = tag;
    copy->size = size;
    if (size)
        memcpy (copy->data, data, size);
    return copy;
}

static void s_copy_drop (troupe_actor_t *cell, troupe_copy_t *copy)
{
    if (!copy)
        return;
    if (!copy->spare || cell->spare_copy_count == S_SPARE_COPIES) {
        free (copy);
        return;
    }
    copy->next = cell->spare_copies;
    cell->spare_copies = copy;
    cell->spare_copy_count++;
}

void troupe_pending_free (troupe_actor_t *cell, troupe_pending_t *pending)
{
    uint32_t place = s_place (cell, pending);
    if (pending->ref->held && !pending->sent)
        pending->ref->stale++;
    s_copy_drop (cell, pending->copy);
    pending->copy = NULL;
    if (pending->timer)
        troupe_timers_cancel (&cell->system_timers, pending->timer);
    if (pending->previous)
        cell->pending [pending->previous - 1].next = pending->next;
    else
        pending->ref->first_call = pending->next;
    if (pending->next)
        cell->pending [pending->next - 1].previous = pending->previous;
    pending->used = false;
    pending->next = cell->pending_free;
    cell->pending_free = place;
    cell->pending_used--;
}

//  --- Ends

//  Runs the callback of a call that is over; the slot is free by then.
static bool s_finish (troupe_actor_t *cell, troupe_pending_t *pending, troupe_outcome_t outcome,
                      troupe_message_t *reply)
{
    troupe_reply_fn *on_reply = pending->on_reply;
    void *context = pending->context;
    cell->on_response = pending->on_response;
    troupe_pending_free (cell, pending);
    troupe_cell_enter (cell);
    cell->doing = TROUPE_DOING_REPLY;
    return troupe_cell_leave (cell, on_reply (cell, cell->state, outcome, reply, context));
}

//  'why' is TIMEOUT when it has not been given up before its time.
static void s_tell_cancelled (troupe_actor_t *cell, troupe_pending_t *pending, troupe_outcome_t why)
{
    troupe_record_t record = { .kind = TROUPE_RECORD_CANCEL, .flags = (uint8_t) why,
                               .words = { troupe_pending_id (cell, pending) } };
    if (pending->ref->held) {
        if (pending->sent)
            troupe_remote_tell (pending->ref, &record, NULL);
        return;
    }
    if (pending->ref->open)
        troupe_refs_flush (cell);
    troupe_ref_tell (pending->ref, &record, NULL);
}

//  Its deadline has passed, or it has another end. A mailbox here sees for itself that a deadline has passed; one far
//  away may have taken the work, and is told.
static void s_end_in_time (troupe_actor_t *cell, troupe_pending_t *pending, troupe_outcome_t outcome)
{
    bool late = outcome == TROUPE_CALL_OK;
    if (late && pending->sent)
        s_tell_cancelled (cell, pending, TROUPE_CALL_TIMEOUT);
    s_finish (cell, pending, late ? TROUPE_CALL_TIMEOUT : outcome, NULL);
}

//  The deadline has passed, or the end that was known already is due.
static int s_on_timer (troupe_actor_t *cell, void *state, void *context)
{
    (void) state;
    troupe_pending_t *pending = &cell->pending [(uintptr_t) context - 1];
    troupe_outcome_t outcome = (troupe_outcome_t) pending->outcome;
    pending->timer = 0;
    if (pending->monitor) {
        troupe_reason_t reason;
        troupe_reason_set (&reason, TROUPE_REASON_NO_SUCH_ACTOR, 0, pending->ref->address, 0, NULL, NULL);
        troupe_monitor_fire (cell, pending, &reason);
    }
    else
        s_end_in_time (cell, pending, outcome);
    return 0;
}

static bool s_set_timer (troupe_actor_t *cell, troupe_pending_t *pending, int64_t due_us)
{
    void *context = (void *) (uintptr_t) s_place (cell, pending);
    uint64_t timer = troupe_timers_add (&cell->system_timers, due_us, 0, s_on_timer, context);
    if (!timer)
        return false;
    if (pending->timer)
        troupe_timers_cancel (&cell->system_timers, pending->timer);
    pending->timer = timer;
    return true;
}

bool troupe_pending_settle (troupe_actor_t *cell, troupe_pending_t *pending, troupe_outcome_t outcome)
{
    if (!s_set_timer (cell, pending, cell->now_us))
        return false;
    pending->outcome = (uint8_t) outcome;
    return true;
}

//  --- Beginning

static troupe_outcome_t s_outcome_of (troupe_error_t error)
{
    if (error == TROUPE_ENOENT)
        return TROUPE_CALL_NO_SUCH_ACTOR;
    return error == TROUPE_EDOWN ? TROUPE_CALL_DOWN : TROUPE_CALL_FULL;
}

static bool s_is_outcome (troupe_error_t error)
{
    return error == TROUPE_ENOENT || error == TROUPE_EDOWN || error == TROUPE_EFULL;
}

troupe_error_t troupe_call_begin (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size,
                                  const troupe_frame_t *frame, int64_t deadline_us, bool idempotent,
                                  troupe_reply_fn *on_reply, void *context, troupe_call_t *call_p)
{
    troupe_actor_t *cell = ref->cell;
    uint32_t place = troupe_pending_new (ref);
    if (!place)
        return TROUPE_ENOMEM;
    troupe_pending_t *pending = &cell->pending [place - 1];
    pending->on_reply = on_reply;
    pending->context = context;
    pending->deadline_us = deadline_us;
    uint64_t id = troupe_pending_id (cell, pending);
    troupe_record_t record = { .kind = TROUPE_RECORD_CALL, .flags = idempotent ? TROUPE_RECORD_IDEMPOTENT : 0,
                               .tag = tag, .size = (uint32_t) size, .words = { id, (uint64_t) deadline_us } };
    bool dropped = false;
    troupe_error_t error = TROUPE_OK;
    if (deadline_us != TROUPE_FOREVER && !s_set_timer (cell, pending, deadline_us))
        error = TROUPE_ENOMEM;
    else
        error = troupe_ref_submit (ref, &record, data, frame, &dropped);
    pending->serial = ref->serial;
    if ((s_is_outcome (error) || dropped)
        && troupe_pending_settle (cell, pending, dropped ? TROUPE_CALL_FULL : s_outcome_of (error))) {
        if (frame && !dropped)
            troupe_frame_drop (frame);
        error = TROUPE_OK;
    }
    if (error)
        troupe_pending_free (cell, pending);
    else if (call_p)
        *call_p = id;
    return error;
}

troupe_error_t troupe_call (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size, int64_t timeout_ms,
                            troupe_reply_fn *on_reply, void *context, troupe_call_t *call_p)
{
    if (!ref || !on_reply || size > TROUPE_PAYLOAD_MAX)
        return TROUPE_EINVAL;
    return troupe_call_begin (ref, tag, data, size, NULL, troupe_cell_due_us (ref->cell, timeout_ms), false, on_reply,
                              context, call_p);
}

troupe_error_t troupe_call_marked (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size, int64_t timeout_ms,
                                   troupe_reply_fn *on_reply, void *context, troupe_call_t *call_p)
{
    if (!ref || !on_reply || size > TROUPE_PAYLOAD_MAX)
        return TROUPE_EINVAL;
    return troupe_call_begin (ref, tag, data, size, NULL, troupe_cell_due_us (ref->cell, timeout_ms), true, on_reply,
                              context, call_p);
}

troupe_error_t troupe_call_idempotent (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size,
                                       int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                       troupe_call_t *call_p)
{
    if (!ref || !on_reply || size > TROUPE_PAYLOAD_MAX)
        return TROUPE_EINVAL;
    troupe_copy_t *copy = s_copy (ref->cell, tag, data, size);
    if (!copy)
        return TROUPE_ENOMEM;
    troupe_call_t call = 0;
    troupe_error_t error = troupe_call_begin (ref, tag, data, size, NULL, troupe_cell_due_us (ref->cell, timeout_ms),
                                              true, on_reply, context, &call);
    if (error)
        s_copy_drop (ref->cell, copy);
    else
        troupe_pending_find (ref->cell, call)->copy = copy;
    if (!error && call_p)
        *call_p = call;
    return error;
}

troupe_error_t troupe_call_message (troupe_ref_t *ref, troupe_message_t **message_p, int64_t timeout_ms,
                                    troupe_reply_fn *on_reply, void *context, troupe_call_t *call_p)
{
    troupe_message_t *message = message_p ? *message_p : NULL;
    if (!ref || !on_reply || !message || !message->owned)
        return TROUPE_EINVAL;
    troupe_frame_t frame;
    bool framed = troupe_message_to_frame (message, &frame);
    troupe_error_t error = troupe_call_begin (ref, message->tag, message->data, message->size, framed ? &frame : NULL,
                                              troupe_cell_due_us (ref->cell, timeout_ms), false, on_reply, context,
                                              call_p);
    if (!error && framed)
        troupe_message_spent (message_p);
    else if (!error)
        troupe_message_destroy (message_p);
    return error;
}

bool troupe_call_cancel (troupe_actor_t *self, troupe_call_t call)
{
    troupe_pending_t *pending = troupe_pending_find (self, call);
    if (!pending || pending->monitor || pending->outcome != TROUPE_CALL_OK)
        return false;
    if (!troupe_pending_settle (self, pending, TROUPE_CALL_CANCELLED))
        return false;
    s_tell_cancelled (self, pending, TROUPE_CALL_CANCELLED);
    return true;
}

//  --- Answers, and the end of the actor that was asked

bool troupe_call_answered (troupe_ref_t *ref, const troupe_record_t *record, troupe_message_t *reply)
{
    troupe_actor_t *cell = ref->cell;
    troupe_pending_t *pending = troupe_pending_find (cell, record->words [0]);
    if (!pending || pending->outcome != TROUPE_CALL_OK || pending->deadline_us <= cell->now_us) {
        //  Whoever pings and ends meanwhile has lost nothing.
        if (record->tag != TROUPE_TAG_PING)
            troupe_cell_bury (cell, TROUPE_DEAD_LATE_REPLY, record->tag, record->size, 1, ref->address, cell->name);
        return true;
    }
    troupe_outcome_t outcome = (troupe_outcome_t) (record->flags & TROUPE_RECORD_OUTCOME);
    //  Its actor ends, and says so with its last word: then it is made once more.
    if (outcome == TROUPE_CALL_DOWN && troupe_pending_may_repeat (cell, pending))
        return true;
    bool worded = outcome == TROUPE_CALL_OK || outcome == TROUPE_CALL_FAILED;
    return s_finish (cell, pending, outcome, worded ? reply : NULL);
}

//  Some have ended otherwise and only wait for their turn; some were begun by a callback of the loop that asks; some
//  have not been sent.
static bool s_is_hit (const troupe_pending_t *pending, uint64_t serial, bool sent_only)
{
    return pending->outcome == TROUPE_CALL_OK && pending->serial <= serial
           && (!sent_only || pending->sent || pending->monitor);
}

static bool s_down (troupe_ref_t *ref, uint64_t serial, bool sent_only, const troupe_reason_t *reason)
{
    troupe_actor_t *cell = ref->cell;
    uint32_t place = ref->first_call;
    while (place && !s_is_hit (&cell->pending [place - 1], serial, sent_only))
        place = cell->pending [place - 1].next;
    if (!place)
        return false;
    troupe_pending_t *pending = &cell->pending [place - 1];
    return pending->monitor ? troupe_monitor_fire (cell, pending, reason)
                            : s_finish (cell, pending, TROUPE_CALL_DOWN, NULL);
}

bool troupe_pending_down (troupe_ref_t *ref, uint64_t serial, const troupe_reason_t *reason)
{
    return s_down (ref, serial, false, reason);
}

bool troupe_pending_broken (troupe_ref_t *ref, uint64_t serial, const troupe_reason_t *reason)
{
    return s_down (ref, serial, true, reason);
}

//  --- Once more

bool troupe_pending_may_repeat (const troupe_actor_t *cell, const troupe_pending_t *pending)
{
    return pending->copy && !pending->repeated && pending->outcome == TROUPE_CALL_OK
           && pending->deadline_us > cell->now_us;
}

static void s_repeat (troupe_ref_t *ref, troupe_pending_t *pending)
{
    const troupe_copy_t *copy = pending->copy;
    troupe_record_t record = { .kind = TROUPE_RECORD_CALL, .flags = TROUPE_RECORD_IDEMPOTENT, .tag = copy->tag,
                               .size = (uint32_t) copy->size,
                               .words = { troupe_pending_id (ref->cell, pending), (uint64_t) pending->deadline_us } };
    bool dropped = false;
    pending->sent = false;
    if (troupe_ref_submit (ref, &record, copy->data, NULL, &dropped) || dropped)
        return;
    pending->repeated = true;
    pending->serial = ref->serial;
}

void troupe_calls_repeat (troupe_ref_t *ref, uint64_t serial)
{
    troupe_actor_t *cell = ref->cell;
    uint32_t place = ref->first_call;
    while (place && cell->pending [place - 1].next)
        place = cell->pending [place - 1].next;
    for (; place; place = cell->pending [place - 1].previous) {
        troupe_pending_t *pending = &cell->pending [place - 1];
        if (troupe_pending_may_repeat (cell, pending) && pending->serial <= serial)
            s_repeat (ref, pending);
    }
}

void troupe_pending_forget (troupe_actor_t *cell)
{
    for (uint32_t slot = 0; slot < cell->pending_capacity; slot++) {
        troupe_pending_t *pending = &cell->pending [slot];
        if (!pending->used)
            continue;
        if (pending->monitor)
            troupe_demonitor (cell, troupe_pending_id (cell, pending));
        else {
            if (pending->outcome == TROUPE_CALL_OK)
                s_tell_cancelled (cell, pending, TROUPE_CALL_CANCELLED);
            troupe_pending_free (cell, pending);
        }
    }
}

void troupe_pending_clear (troupe_actor_t *cell)
{
    for (uint32_t slot = 0; slot < cell->pending_capacity; slot++)
        free (cell->pending [slot].copy);
    while (cell->spare_copies) {
        troupe_copy_t *copy = cell->spare_copies;
        cell->spare_copies = copy->next;
        free (copy);
    }
    cell->spare_copy_count = 0;
    free (cell->pending);
    cell->pending = NULL;
    cell->pending_capacity = cell->pending_free = cell->pending_used = 0;
}
