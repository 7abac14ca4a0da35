/*  =========================================================================
    live/children/elsewhere.c - a child that somebody else runs

    Place: runtime/live, under offspring.c. It is not started, and not stopped
    either: it has started as soon as it is spawned, its name leads to its
    endpoint, and it is gone as soon as it is asked to end. Whether it can be
    reached shows to those who use it; an endpoint that can never be is a start
    that fails.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/base/reason.h"
#include "live/children/offspring.h"
#include "live/port/port.h"

#include <string.h>

static troupe_error_t s_open (troupe_offspring_t *self)
{
    strcpy (self->endpoint, self->link->spec.endpoint);
    self->limits = troupe_cell_limits (self->link->spec.mailbox);
    return TROUPE_OK;
}

//  --- What is said for it, in a turn of its own

//  Whether its endpoint can be used at all: a host that means something, and that may be talked to as it is configured.
static troupe_error_t s_check (const troupe_offspring_t *self, char *why, size_t why_size)
{
    char resolved [TROUPE_ENDPOINT_MAX + 1];
    bool ipv6;
    troupe_error_t error = troupe_endpoint_resolve (self->endpoint, false, resolved, sizeof resolved, &ipv6, why,
                                                    why_size);
    return error ? error : troupe_security_allows (self->parent->shared->security, self->endpoint, why, why_size);
}

//  A host that was known once is not asked for again: siblings are restarted while its name means nothing.
static int s_say_started (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    char why [TROUPE_REASON_TEXT_MAX + 1] = "";
    troupe_reason_t reason;
    troupe_offspring_t *self = context;
    self->timer = 0;
    troupe_error_t error = self->usable ? TROUPE_OK : s_check (self, why, sizeof why);
    self->usable = !error;
    if (error)
        troupe_reason_set (&reason, TROUPE_REASON_START_FAILED, error, self->link->spec.id, self->link->incarnation,
                           *why ? why : troupe_error_text (error), NULL);
    troupe_offspring_speak (self, error ? TROUPE_CONTROL_ENDED : TROUPE_CONTROL_STARTED, error ? &reason : NULL);
    return 0;
}

static void s_reason (const troupe_offspring_t *self, troupe_reason_t *reason)
{
    troupe_reason_set (reason, TROUPE_REASON_SHUTDOWN, 0, self->link->spec.id, self->link->incarnation, NULL, NULL);
}

static int s_say_ended (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    troupe_offspring_t *self = context;
    troupe_reason_t reason;
    self->timer = 0;
    s_reason (self, &reason);
    troupe_offspring_speak (self, TROUPE_CONTROL_ENDED, &reason);
    return 0;
}

static int s_say_gone (troupe_actor_t *cell, void *state, void *context)
{
    troupe_offspring_t *self = context;
    troupe_reason_t reason;
    if (!self->link->ended)
        s_say_ended (cell, state, context);
    self->timer = 0;
    s_reason (self, &reason);
    const troupe_reason_t *last = self->link->reason;
    troupe_offspring_speak (self, TROUPE_CONTROL_GONE, last ? last : &reason);
    return 0;
}

static bool s_say (troupe_offspring_t *self, troupe_timer_fn *fn)
{
    troupe_actor_t *cell = &self->parent->cell;
    if (self->timer)
        troupe_timers_cancel (&cell->system_timers, self->timer);
    self->timer = troupe_timers_add (&cell->system_timers, cell->now_us, 0, fn, self);
    return self->timer != 0;
}

static troupe_error_t s_start (troupe_offspring_t *self)
{
    return s_say (self, s_say_started) ? TROUPE_OK : TROUPE_ENOMEM;
}

static void s_tell (troupe_offspring_t *self, const void *data, size_t size)
{
    troupe_control_t control;
    if (!troupe_control_read (data, size, &control))
        return;
    if (control.kind == TROUPE_CONTROL_RESTART)
        s_say (self, s_say_started);
    else if (control.kind == TROUPE_CONTROL_STOP)
        s_say (self, control.flag & TROUPE_CONTROL_HALT ? s_say_ended : s_say_gone);
}

static void s_abandon (troupe_offspring_t *self)
{
    self->gone = true;
}

static void s_close (troupe_offspring_t *self)
{
    if (self->timer)
        troupe_timers_cancel (&self->parent->cell.system_timers, self->timer);
    self->timer = 0;
}

const troupe_offspring_kind_t troupe_offspring_elsewhere = {
    .open = s_open, .start = s_start, .tell = s_tell, .abandon = s_abandon, .close = s_close,
};
