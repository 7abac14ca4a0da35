/*  =========================================================================
    operation.c - what a supervisor does to many children, one after another

    Place: runtime/core. An operation is no queue of actions but a cursor:
    what is next follows from the state of the child under it. So nothing is
    allocated, and whatever happens to a child meanwhile is taken into account.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <assert.h>

#include "core/supervision/operation.h"

//  --------------------------------------------------------------------------
//  One child

static void s_do (troupe_supervision_t *self, troupe_supervision_action_t action)
{
    assert (self->pending_count < TROUPE_SUPERVISION_PENDING);
    self->pending [(self->pending_first + self->pending_count++) % TROUPE_SUPERVISION_PENDING] = action;
}

static void s_do_child (troupe_supervision_t *self, troupe_supervision_action_kind_t kind, size_t child)
{
    s_do (self, (troupe_supervision_action_t) { .kind = kind, .child = child });
}

void troupe_supervision_do_later (troupe_supervision_t *self, size_t child, int64_t delay_ms)
{
    s_do (self, (troupe_supervision_action_t) {
        .kind = TROUPE_SUPERVISION_ARM, .child = child, .delay_ms = delay_ms });
}

void troupe_supervision_want (troupe_supervision_t *self, size_t child, bool wanted)
{
    troupe_supervised_t *supervised = &self->children [child];
    if (supervised->wanted != wanted && supervised->spec->significant) {
        if (wanted)
            self->significant++;
        else
            self->significant--;
    }
    supervised->wanted = wanted;
}

void troupe_supervision_start (troupe_supervision_t *self, size_t child)
{
    troupe_supervised_t *started = &self->children [child];
    started->state = TROUPE_SUPERVISED_STARTING;
    if (started->linked)
        s_do_child (self, TROUPE_SUPERVISION_RESTART, child);
    else {
        started->linked = true;
        self->linked++;
        s_do_child (self, TROUPE_SUPERVISION_SPAWN, child);
    }
}

void troupe_supervision_let_go (troupe_supervision_t *self, size_t child)
{
    troupe_supervised_t *left = &self->children [child];
    if (left->state == TROUPE_SUPERVISED_WAITING)
        s_do_child (self, TROUPE_SUPERVISION_DISARM, child);
    if (left->linked) {
        left->state = TROUPE_SUPERVISED_STOPPING;
        s_do_child (self, TROUPE_SUPERVISION_STOP, child);
        return;
    }
    left->state = TROUPE_SUPERVISED_STOPPED;
    if (self->strategy == TROUPE_SIMPLE_ONE_FOR_ONE && !left->wanted) {
        left->next_free = self->free_child;
        self->free_child = child + 1;
        s_do_child (self, TROUPE_SUPERVISION_FORGET, child);
    }
}

//  --------------------------------------------------------------------------
//  Halting a range, in reverse order

//  OTP deletes a temporary child that goes down with its siblings: it is not started with them again, unless its first
//  start is still to come.
static bool s_starts_again (const troupe_supervised_t *child)
{
    return child->spec->restart != TROUPE_TEMPORARY
        || (child->wanted && child->state == TROUPE_SUPERVISED_STOPPED);
}

void troupe_supervision_halt_from (troupe_supervision_t *self, size_t trigger)
{
    size_t from = self->strategy == TROUPE_ONE_FOR_ALL ? 0 : trigger;
    if (self->operation == TROUPE_SUPERVISION_STARTING && self->cursor < from)
        from = self->cursor;
    self->operation = TROUPE_SUPERVISION_HALTING;
    self->from = from;
    self->cursor = self->count;
    self->trigger = trigger;
    for (size_t child = from; child < self->count; child++)
        troupe_supervision_want (self, child, s_starts_again (&self->children [child]));
}

//  True when the child needs nothing more to be as halted as it can be. Else something was done, or 'wait' is set.
static bool s_halt (troupe_supervision_t *self, size_t child, bool *wait)
{
    troupe_supervised_t *halted = &self->children [child];
    switch (halted->state) {
        case TROUPE_SUPERVISED_STARTING:
        case TROUPE_SUPERVISED_RUNNING:
            halted->requested = false;
            if (!halted->wanted)
                troupe_supervision_let_go (self, child);
            else {
                halted->state = TROUPE_SUPERVISED_HALTING;
                s_do_child (self, TROUPE_SUPERVISION_HALT, child);
            }
            return false;
        case TROUPE_SUPERVISED_HALTING:
        case TROUPE_SUPERVISED_STOPPING:
            *wait = true;
            return false;
        case TROUPE_SUPERVISED_WAITING:
            if (child == self->trigger)
                return true;
            halted->state = TROUPE_SUPERVISED_HELD;
            s_do_child (self, TROUPE_SUPERVISION_DISARM, child);
            return false;
        case TROUPE_SUPERVISED_HELD:
            if (halted->wanted)
                return true;
            troupe_supervision_let_go (self, child);
            return false;
        default:
            return true;
    }
}

static bool s_advance_halting (troupe_supervision_t *self)
{
    bool wait = false;
    if (self->cursor > self->from) {
        if (s_halt (self, self->cursor - 1, &wait))
            self->cursor--;
        return !wait;
    }
    if (self->children [self->trigger].state == TROUPE_SUPERVISED_WAITING)
        return false;
    self->operation = TROUPE_SUPERVISION_STARTING;
    self->cursor = self->from;
    return true;
}

//  --------------------------------------------------------------------------
//  Starting a range, in order

static bool s_advance_starting (troupe_supervision_t *self)
{
    if (self->cursor == self->count) {
        self->operation = TROUPE_SUPERVISION_IDLE;
        if (self->initial)
            s_do (self, (troupe_supervision_action_t) { .kind = TROUPE_SUPERVISION_STARTED });
        self->initial = false;
        return true;
    }
    const troupe_supervised_t *child = &self->children [self->cursor];
    if (child->wanted && child->state == TROUPE_SUPERVISED_STARTING)
        return false;
    if (child->wanted && (child->state == TROUPE_SUPERVISED_STOPPED || child->state == TROUPE_SUPERVISED_HELD))
        troupe_supervision_start (self, self->cursor);
    else
        self->cursor++;
    return true;
}

//  --------------------------------------------------------------------------
//  The end

void troupe_supervision_end (troupe_supervision_t *self, troupe_reason_kind_t kind, const troupe_reason_t *cause)
{
    if (self->operation >= TROUPE_SUPERVISION_ENDING)
        return;
    self->operation = TROUPE_SUPERVISION_ENDING;
    self->cursor = self->count;
    self->fails = kind != TROUPE_REASON_NORMAL && kind != TROUPE_REASON_SHUTDOWN;
    self->reason_kind = kind;
    self->cause = cause ? troupe_reason_copy (cause) : NULL;
}

//  Stops one more child. Dynamic children have no order: they are not waited for, one by one, but all together.
static bool s_advance_ending (troupe_supervision_t *self)
{
    if (self->cursor == 0) {
        if (self->linked)
            return false;
        self->operation = TROUPE_SUPERVISION_ENDED;
        s_do (self, (troupe_supervision_action_t) {
            .kind = self->fails ? TROUPE_SUPERVISION_FAIL : TROUPE_SUPERVISION_EXIT,
            .reason_kind = self->reason_kind, .cause = self->cause });
        return true;
    }
    size_t child = self->cursor - 1;
    troupe_supervised_state_t state = self->children [child].state;
    bool at_once = self->strategy == TROUPE_SIMPLE_ONE_FOR_ONE;
    if (state == TROUPE_SUPERVISED_STOPPED || (state == TROUPE_SUPERVISED_STOPPING && at_once))
        self->cursor--;
    else if (state == TROUPE_SUPERVISED_STOPPING)
        return false;
    else {
        troupe_supervision_want (self, child, false);
        troupe_supervision_let_go (self, child);
    }
    return true;
}

//  --------------------------------------------------------------------------
//  What is next

//  One step of the operation that is under way; false when it waits for an event.
static bool s_advance (troupe_supervision_t *self)
{
    switch (self->operation) {
        case TROUPE_SUPERVISION_HALTING:
            return s_advance_halting (self);
        case TROUPE_SUPERVISION_STARTING:
            return s_advance_starting (self);
        case TROUPE_SUPERVISION_ENDING:
            return s_advance_ending (self);
        default:
            return false;
    }
}

bool troupe_supervision_next (troupe_supervision_t *self, troupe_supervision_action_t *action)
{
    while (self->pending_count == 0)
        if (!s_advance (self))
            return false;
    *action = self->pending [self->pending_first];
    self->pending_first = (self->pending_first + 1) % TROUPE_SUPERVISION_PENDING;
    self->pending_count--;
    return true;
}
