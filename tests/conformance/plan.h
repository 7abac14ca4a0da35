/*  =========================================================================
    plan.h - who lives in the world of a fact

    Place: tests/conformance. A plan is plain numbers, so that a program can
    tell it to another one on its command line. All worlds have the same tree:
    "family" supervises "subject", and "sibling" if the plan has one; "helper"
    lives with them in the same program as their supervisor; "near" lives in the
    program of the test.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_PLAN_H_INCLUDED
#define TROUPE_TESTS_PLAN_H_INCLUDED

#include <troupe.h>

//  Zeros mean the defaults of child.h and supervisor.h, but for the intensity: 1,000.
typedef struct plan {
    troupe_strategy_t strategy;
    unsigned intensity;
    bool sibling;
    bool log;                           //  Warnings are logged, and kept for world_log
    troupe_restart_t restart;           //  The subject's
    int64_t shutdown_ms;
    int64_t wedged_ms;
    troupe_mailbox_options_t mailbox;
    char args [16];                     //  Text; "bad" makes its start fail
} plan_t;

//  Where the subject runs, and where it and the helper can be reached from other programs; null: as child.h says.
typedef struct plan_places {
    const char *endpoint, *subject_listens, *helper_listens, *near_listens;
} plan_places_t;

//  The children of a root supervisor: static, valid until the next call, as are the plan and places that they refer to.
const troupe_child_t *plan_children (const plan_t *plan, const plan_places_t *places);

//  The plan as a word without blanks, static until the next call; and back. False for what is no plan.
const char *plan_print (const plan_t *plan);
bool plan_read (const char *text, plan_t *plan);

#endif
