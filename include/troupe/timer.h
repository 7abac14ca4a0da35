/*  =========================================================================
    troupe/timer.h - after, every, cancel

    Place: include/. Timers belong to the incarnation and end with it. On the
    stage their time is virtual. Only for the actor's own callbacks; nothing
    blocks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TIMER_H_INCLUDED
#define TROUPE_TIMER_H_INCLUDED

#include "actor.h"

TROUPE_BEGIN_DECLS

//  Return as from receive.
typedef int (troupe_timer_fn) (troupe_actor_t *self, void *state, void *context);

//  Calls 'on_timer' once, 'delay_ms' from now; with 0 in the next turn, after the mail that is waiting has
//  been looked at. Timers of one actor that are due together run in the order in which they were set.
//  Returns 0 when memory is out.
TROUPE_API troupe_timer_t troupe_after (troupe_actor_t *self, int64_t delay_ms,
                                        troupe_timer_fn *on_timer, void *context);

//  Calls 'on_timer' every 'interval_ms' (at least 1), first after one interval. The beat does not drift; beats that
//  were missed, because a handler took longer, are skipped. Returns 0 when memory is out.
TROUPE_API troupe_timer_t troupe_every (troupe_actor_t *self, int64_t interval_ms,
                                        troupe_timer_fn *on_timer, void *context);

//  Takes a timer back. False when it has run (or was cancelled) already; 0 is no timer.
TROUPE_API bool troupe_cancel (troupe_actor_t *self, troupe_timer_t timer);

TROUPE_END_DECLS

#endif
