/*  =========================================================================
    operation.h - what a supervisor does to many children, one after another

    Place: runtime/core, inside of supervision.h: only supervision.c and
    operation.c look at this.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_OPERATION_H_INCLUDED
#define TROUPE_CORE_OPERATION_H_INCLUDED

#include "core/supervision/supervision.h"

struct troupe_supervised {
    const troupe_child_t *spec;
    troupe_supervised_state_t state;
    bool wanted;                    //  Meant to run, when everything under way is done
    bool linked;                    //  Between SPAWN and GONE
    bool requested;                 //  It is being started by request
    troupe_restart_pace_t pace;
    size_t next_free;               //  In the list of forgotten ones: number plus 1
};

//  Notes whether a child is meant to run, and counts the significant ones.
void troupe_supervision_want (troupe_supervision_t *self, size_t child, bool wanted);

//  The child is to be started now: SPAWN or, when it is still there and waits, RESTART.
void troupe_supervision_start (troupe_supervision_t *self, size_t child);

//  The child is to end for good, in whatever state it is; once nothing is left of it, it is STOPPED, or forgotten.
void troupe_supervision_let_go (troupe_supervision_t *self, size_t child);

//  BACKOFF_OVER is wanted in so long.
void troupe_supervision_do_later (troupe_supervision_t *self, size_t child, int64_t delay_ms);

//  Begins to halt the children that go down with this one, as the strategy says, and to start all of them again. Joins
//  with what is under way.
void troupe_supervision_halt_from (troupe_supervision_t *self, size_t trigger);

//  Begins to stop everything, if that is not under way: then to exit after NORMAL and SHUTDOWN, else to fail. The
//  cause is copied.
void troupe_supervision_end (troupe_supervision_t *self, troupe_reason_kind_t kind, const troupe_reason_t *cause);

#endif
