/*  =========================================================================
    supervision_script.c - golden traces for a supervisor's decisions

    Place: tests/unit. See supervision_script.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/base/reason.h"
#include "supervision_script.h"

static void s_append (char *trace, size_t size, const char *text)
{
    size_t used = strlen (trace);
    snprintf (trace + used, size - used, "%s", text);
}

static void s_print (const troupe_supervision_action_t *action, char *text, size_t size)
{
    static const char *const names [] = {
        "spawn", "restart", "halt", "stop", "arm", "disarm", "forget", "started", "fail", "exit" };
    const char *name = names [action->kind];
    char letter = (char) ('a' + (int) action->child);
    if (action->kind == TROUPE_SUPERVISION_FAIL)
        snprintf (text, size, "%s %s because %s", name, troupe_reason_kind_name (action->reason_kind),
                  action->cause ? action->cause->actor : "nobody");
    else if (action->kind == TROUPE_SUPERVISION_ARM)
        snprintf (text, size, "%s %c %ld", name, letter, (long) action->delay_ms);
    else if (action->kind <= TROUPE_SUPERVISION_FORGET)
        snprintf (text, size, "%s %c", name, letter);
    else
        snprintf (text, size, "%s", name);
}

typedef struct {
    const char *word;
    troupe_supervision_event_kind_t kind;
    troupe_reason_kind_t reason;
} s_word_t;

static const s_word_t s_words [] = {
    { "begin", TROUPE_SUPERVISION_BEGIN, TROUPE_REASON_NORMAL },
    { "end", TROUPE_SUPERVISION_END, TROUPE_REASON_NORMAL },
    { "started", TROUPE_SUPERVISION_CHILD_STARTED, TROUPE_REASON_NORMAL },
    { "failed", TROUPE_SUPERVISION_CHILD_ENDED, TROUPE_REASON_FAILED },
    { "ended", TROUPE_SUPERVISION_CHILD_ENDED, TROUPE_REASON_NORMAL },
    { "refused", TROUPE_SUPERVISION_CHILD_ENDED, TROUPE_REASON_START_FAILED },
    { "gone", TROUPE_SUPERVISION_CHILD_GONE, TROUPE_REASON_KILLED },
    { "over", TROUPE_SUPERVISION_BACKOFF_OVER, TROUPE_REASON_NORMAL },
    { "start", TROUPE_SUPERVISION_START_CHILD, TROUPE_REASON_NORMAL },
    { "stop", TROUPE_SUPERVISION_STOP_CHILD, TROUPE_REASON_NORMAL },
};

static bool s_handle (troupe_supervision_t *self, int64_t now_ms, const char *word, const char *argument)
{
    for (size_t index = 0; index < sizeof s_words / sizeof s_words [0]; index++)
        if (strcmp (s_words [index].word, word) == 0) {
            troupe_reason_t reason;
            troupe_reason_set (&reason, s_words [index].reason, 0, argument, 1, "", NULL);
            troupe_supervision_event_t event = { .kind = s_words [index].kind, .now_ms = now_ms, .reason = &reason };
            event.child = argument [0] ? (size_t) (argument [0] - 'a') : 0;
            return troupe_supervision_handle (self, &event);
        }
    cr_assert_fail ("no such event: %s", word);
    return false;
}

static const troupe_child_t s_dynamic = { .id = "dynamic" };

//  A new dynamic child, and the request to start it.
static void s_new (troupe_supervision_t *self)
{
    troupe_supervision_event_t event = { .kind = TROUPE_SUPERVISION_START_CHILD };
    event.child = troupe_supervision_add (self, &s_dynamic);
    cr_assert (troupe_supervision_handle (self, &event));
}

void script_step (troupe_supervision_t *self, int64_t *now_ms, const char *event, char *trace, size_t size)
{
    char word [16] = "", argument [16] = "", text [64];
    sscanf (event, "%15s %15s", word, argument);
    s_append (trace, size, event);
    s_append (trace, size, " -> ");
    if (strcmp (word, "wait") == 0)
        *now_ms += atol (argument);
    else if (strcmp (word, "new") == 0)
        s_new (self);
    else if (!s_handle (self, *now_ms, word, argument))
        s_append (trace, size, "no");
    troupe_supervision_action_t action;
    const char *separator = "";
    while (troupe_supervision_next (self, &action)) {
        s_print (&action, text, sizeof text);
        s_append (trace, size, separator);
        s_append (trace, size, text);
        separator = ", ";
    }
    s_append (trace, size, "\n");
}

void script_begin (troupe_supervision_t *self, const troupe_supervisor_t *spec)
{
    troupe_supervision_init (self, spec);
    for (const troupe_child_t *child = spec->children; child && child->id; child++)
        if (spec->strategy != TROUPE_SIMPLE_ONE_FOR_ONE)
            cr_assert_neq (troupe_supervision_add (self, child), TROUPE_SUPERVISION_NO_CHILD);
}

void script_check (const troupe_supervisor_t *spec, const s_step_t *steps)
{
    char expected [4096] = "", trace [4096] = "";
    troupe_supervision_t supervision;
    int64_t now_ms = 0;
    script_begin (&supervision, spec);
    for (; steps->event; steps++) {
        s_append (expected, sizeof expected, steps->event);
        s_append (expected, sizeof expected, " -> ");
        s_append (expected, sizeof expected, steps->actions);
        s_append (expected, sizeof expected, "\n");
        script_step (&supervision, &now_ms, steps->event, trace, sizeof trace);
    }
    troupe_supervision_clear (&supervision);
    cr_assert_str_eq (trace, expected, "expected:\n%s\nhappened:\n%s", expected, trace);
}
