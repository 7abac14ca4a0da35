/*  =========================================================================
    supervision_script.h - golden traces for a supervisor's decisions

    Place: tests/unit. A script is a table of events, each with the actions
    that must follow. Children are named a, b, c ... in the order of their
    specs. Events:

        begin           end             wait MS         (time passes)
        started a       gone a          over a          (its backoff)
        failed a        ended a         refused a       (its start failed)
        start a         stop a          new             (by request)

    Actions, in one line: "spawn a", "restart a", "halt a", "stop a",
    "arm a 100", "disarm a", "forget a", "started", "exit",
    "fail INTENSITY because a"; "no" is a request that was not accepted.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_SUPERVISION_SCRIPT_H_INCLUDED
#define TROUPE_SUPERVISION_SCRIPT_H_INCLUDED

#include "core/supervision/supervision.h"

typedef struct s_step {
    const char *event;
    const char *actions;
} s_step_t;

//  Runs the steps (the last one has a null event) and compares the trace; a failure prints both.
void script_check (const troupe_supervisor_t *spec, const s_step_t *steps);

//  Feeds one event, as in a script, and appends "event -> actions" and a line end to 'trace'.
void script_step (troupe_supervision_t *self, int64_t *now_ms, const char *event, char *trace, size_t size);

//  Adds the children of the spec, but for simple_one_for_one.
void script_begin (troupe_supervision_t *self, const troupe_supervisor_t *spec);

#endif
