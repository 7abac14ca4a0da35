/*  =========================================================================
    plan.c - who lives in the world of a fact

    Place: tests/conformance; see plan.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "subject.h"

#define S_INTENSITY 1000

static troupe_child_t s_family [3], s_children [4];
static troupe_supervisor_t s_supervisor;

static troupe_child_t s_subject (const plan_t *plan, const plan_places_t *places)
{
    return (troupe_child_t) {
        .id = "subject", .behavior = &subject_behavior, .endpoint = places->endpoint,
        .listen = places->subject_listens, .args = plan->args, .args_size = strlen (plan->args),
        .restart = plan->restart, .shutdown_ms = plan->shutdown_ms, .wedged_ms = plan->wedged_ms,
        .mailbox = plan->mailbox,
    };
}

const troupe_child_t *plan_children (const plan_t *plan, const plan_places_t *places)
{
    s_family [0] = s_subject (plan, places);
    s_family [1] = (troupe_child_t) { .id = plan->sibling ? "sibling" : NULL, .behavior = &subject_behavior };
    s_family [2] = (troupe_child_t) { .id = NULL };
    s_supervisor = (troupe_supervisor_t) { .strategy = plan->strategy, .children = s_family,
                                           .intensity = plan->intensity ? plan->intensity : S_INTENSITY };
    s_children [0] = (troupe_child_t) { .id = "near", .behavior = &subject_behavior, .listen = places->near_listens };
    s_children [1] = (troupe_child_t) { .id = "helper", .behavior = &subject_behavior,
                                        .listen = places->helper_listens };
    s_children [2] = (troupe_child_t) { .id = "family", .supervisor = &s_supervisor, .restart = TROUPE_TEMPORARY };
    s_children [3] = (troupe_child_t) { .id = NULL };
    return s_children;
}

const char *plan_print (const plan_t *plan)
{
    static char text [2 * sizeof *plan + 1];
    const unsigned char *bytes = (const unsigned char *) plan;
    for (size_t index = 0; index < sizeof *plan; index++)
        snprintf (text + 2 * index, 3, "%02x", bytes [index]);
    return text;
}

bool plan_read (const char *text, plan_t *plan)
{
    unsigned char *bytes = (unsigned char *) plan;
    if (strlen (text) != 2 * sizeof *plan)
        return false;
    for (size_t index = 0; index < sizeof *plan; index++) {
        unsigned byte;
        if (sscanf (text + 2 * index, "%2x", &byte) != 1)
            return false;
        bytes [index] = (unsigned char) byte;
    }
    return true;
}
