/*  =========================================================================
    supervision.c - what a supervisor decides: the events

    Place: runtime/core. See supervision.h; operations on ranges of children
    are in operation.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <assert.h>
#include <stdlib.h>

#include "core/supervision/operation.h"

void troupe_supervision_init (troupe_supervision_t *self, const troupe_supervisor_t *spec)
{
    *self = (troupe_supervision_t) { .strategy = spec->strategy, .auto_shutdown = spec->auto_shutdown };
    troupe_restart_window_init (&self->window, spec->intensity, spec->period_ms);
}

void troupe_supervision_clear (troupe_supervision_t *self)
{
    troupe_restart_window_clear (&self->window);
    troupe_reason_destroy (&self->cause);
    free (self->children);
    self->children = NULL;
    self->count = self->capacity = self->free_child = 0;
}

//  --------------------------------------------------------------------------
//  Children

static bool s_grow (troupe_supervision_t *self)
{
    size_t capacity = self->capacity ? self->capacity * 2 : 8;
    troupe_supervised_t *children = realloc (self->children, capacity * sizeof *children);
    if (!children)
        return false;
    self->children = children;
    self->capacity = capacity;
    return true;
}

size_t troupe_supervision_add (troupe_supervision_t *self, const troupe_child_t *spec)
{
    size_t child = self->count;
    if (self->free_child) {
        child = self->free_child - 1;
        self->free_child = self->children [child].next_free;
    }
    else if (self->count < self->capacity || s_grow (self))
        self->count++;
    else
        return TROUPE_SUPERVISION_NO_CHILD;
    self->children [child] = (troupe_supervised_t) { .spec = spec };
    return child;
}

troupe_supervised_state_t troupe_supervision_state (const troupe_supervision_t *self, size_t child)
{
    assert (child < self->count);
    return self->children [child].state;
}

bool troupe_supervision_is_ending (const troupe_supervision_t *self)
{
    return self->operation >= TROUPE_SUPERVISION_ENDING;
}

//  --------------------------------------------------------------------------
//  A child that ended by itself

//  Lets a child go that is not to be started again.
static void s_drop (troupe_supervision_t *self, size_t child)
{
    troupe_supervised_t *dropped = &self->children [child];
    bool by_request = dropped->requested;
    troupe_supervision_want (self, child, false);
    dropped->requested = false;
    troupe_supervision_let_go (self, child);
    if (!dropped->spec->significant || by_request)
        return;
    if (self->auto_shutdown == TROUPE_AUTO_SHUTDOWN_ANY
    ||  (self->auto_shutdown == TROUPE_AUTO_SHUTDOWN_ALL && self->significant == 0))
        troupe_supervision_end (self, TROUPE_REASON_NORMAL, NULL);
}

static void s_start_again (troupe_supervision_t *self, const troupe_supervision_event_t *event)
{
    troupe_supervised_t *child = &self->children [event->child];
    if (!troupe_restart_window_add (&self->window, event->now_ms)) {
        child->state = TROUPE_SUPERVISED_HELD;
        troupe_supervision_end (self, TROUPE_REASON_INTENSITY, event->reason);
        return;
    }
    int64_t delay_ms = troupe_restart_pace_next_ms (&child->pace, &child->spec->backoff, event->now_ms, event->random);
    child->state = delay_ms > 0 ? TROUPE_SUPERVISED_WAITING : TROUPE_SUPERVISED_HELD;
    if (delay_ms > 0)
        troupe_supervision_do_later (self, event->child, delay_ms);
    if (self->strategy == TROUPE_ONE_FOR_ALL || self->strategy == TROUPE_REST_FOR_ONE)
        troupe_supervision_halt_from (self, event->child);
    else if (delay_ms == 0)
        troupe_supervision_start (self, event->child);
}

//  A start that fails is tried again whatever the type, but for the first one of all and those by request.
static void s_start_failed (troupe_supervision_t *self, const troupe_supervision_event_t *event)
{
    if (self->children [event->child].requested)
        s_drop (self, event->child);
    else if (self->initial && self->operation == TROUPE_SUPERVISION_STARTING && event->child == self->cursor) {
        self->children [event->child].state = TROUPE_SUPERVISED_HELD;
        troupe_supervision_end (self, TROUPE_REASON_START_FAILED, event->reason);
    }
    else
        s_start_again (self, event);
}

//  While others of its range are being halted a child's own end is what was wanted, and counts for nothing.
static bool s_is_being_halted (const troupe_supervision_t *self, size_t child)
{
    return self->operation == TROUPE_SUPERVISION_HALTING && child >= self->from;
}

static void s_ended (troupe_supervision_t *self, const troupe_supervision_event_t *event)
{
    troupe_supervised_t *child = &self->children [event->child];
    switch (child->state) {
        case TROUPE_SUPERVISED_HALTING:
            child->state = TROUPE_SUPERVISED_HELD;
            return;
        case TROUPE_SUPERVISED_STARTING:
        case TROUPE_SUPERVISED_RUNNING:
            break;
        default:
            return;
    }
    if (troupe_supervision_is_ending (self) || s_is_being_halted (self, event->child))
        child->state = TROUPE_SUPERVISED_HELD;
    else if (child->state == TROUPE_SUPERVISED_STARTING)
        s_start_failed (self, event);
    else if (troupe_restart_wanted (child->spec->restart, event->reason))
        s_start_again (self, event);
    else
        s_drop (self, event->child);
}

//  --------------------------------------------------------------------------
//  The other events

static void s_started (troupe_supervision_t *self, size_t child)
{
    if (self->children [child].state != TROUPE_SUPERVISED_STARTING)
        return;
    self->children [child].state = TROUPE_SUPERVISED_RUNNING;
    self->children [child].requested = false;
}

static void s_gone (troupe_supervision_t *self, const troupe_supervision_event_t *event)
{
    troupe_supervised_t *child = &self->children [event->child];
    if (!child->linked)
        return;
    child->linked = false;
    self->linked--;
    if (child->state == TROUPE_SUPERVISED_STARTING || child->state == TROUPE_SUPERVISED_RUNNING)
        s_ended (self, event);
    else if (child->state == TROUPE_SUPERVISED_STOPPING)
        troupe_supervision_let_go (self, event->child);
    else if (child->state == TROUPE_SUPERVISED_HALTING)
        child->state = TROUPE_SUPERVISED_HELD;
}

static void s_backoff_over (troupe_supervision_t *self, size_t child)
{
    if (self->children [child].state != TROUPE_SUPERVISED_WAITING)
        return;
    self->children [child].state = TROUPE_SUPERVISED_HELD;
    if (self->strategy == TROUPE_ONE_FOR_ONE || self->strategy == TROUPE_SIMPLE_ONE_FOR_ONE)
        if (!troupe_supervision_is_ending (self))
            troupe_supervision_start (self, child);
}

static bool s_start_child (troupe_supervision_t *self, size_t child)
{
    troupe_supervised_t *started = &self->children [child];
    if (started->state != TROUPE_SUPERVISED_STOPPED || troupe_supervision_is_ending (self))
        return false;
    started->requested = true;
    started->pace = (troupe_restart_pace_t) { 0 };
    troupe_supervision_want (self, child, true);
    troupe_supervision_start (self, child);
    return true;
}

static bool s_stop_child (troupe_supervision_t *self, size_t child)
{
    troupe_supervised_t *stopped = &self->children [child];
    if (stopped->state == TROUPE_SUPERVISED_STOPPED || stopped->state == TROUPE_SUPERVISED_STOPPING)
        return false;
    troupe_supervision_want (self, child, false);
    stopped->requested = false;
    troupe_supervision_let_go (self, child);
    return true;
}

static void s_begin (troupe_supervision_t *self)
{
    self->initial = true;
    self->operation = TROUPE_SUPERVISION_STARTING;
    self->from = self->cursor = 0;
    for (size_t child = 0; child < self->count; child++)
        troupe_supervision_want (self, child, true);
}

bool troupe_supervision_handle (troupe_supervision_t *self, const troupe_supervision_event_t *event)
{
    switch (event->kind) {
        case TROUPE_SUPERVISION_BEGIN:
            s_begin (self);
            return true;
        case TROUPE_SUPERVISION_END:
            troupe_supervision_end (self, TROUPE_REASON_SHUTDOWN, NULL);
            return true;
        default:
            assert (event->child < self->count);
            break;
    }
    switch (event->kind) {
        case TROUPE_SUPERVISION_CHILD_STARTED:
            s_started (self, event->child);
            return true;
        case TROUPE_SUPERVISION_CHILD_ENDED:
            s_ended (self, event);
            return true;
        case TROUPE_SUPERVISION_CHILD_GONE:
            s_gone (self, event);
            return true;
        case TROUPE_SUPERVISION_BACKOFF_OVER:
            s_backoff_over (self, event->child);
            return true;
        case TROUPE_SUPERVISION_START_CHILD:
            return s_start_child (self, event->child);
        case TROUPE_SUPERVISION_STOP_CHILD:
            return s_stop_child (self, event->child);
        default:
            return false;
    }
}
