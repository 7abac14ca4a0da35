/*  =========================================================================
    doer.c - an actor that does what the test says

    Place: tests/stage; see doer.h. Criterion runs each test in a process of its
    own, so the notes are the test's alone.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

static char s_notes [4096];
static char s_taken [4096];
static char s_answer [512];

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    doer_fn *fn;
    cr_assert_eq (troupe_message_size (message), sizeof fn);
    memcpy (&fn, troupe_message_data (message), sizeof fn);
    return fn (self, state, message);
}

const troupe_behavior_t doer = { .name = "doer", .receive = s_receive };

void doer_new (troupe_stage_t *stage, const char *name)
{
    troupe_child_t spec = { .id = name, .behavior = &doer };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
}

void doer_later (troupe_stage_t *stage, const char *name, doer_fn *fn)
{
    cr_assert_eq (troupe_stage_cast (stage, name, 0, &fn, sizeof fn), TROUPE_OK);
}

void doer_do (troupe_stage_t *stage, const char *name, doer_fn *fn)
{
    doer_later (stage, name, fn);
    troupe_stage_run (stage);
}

const char *doer_ask (troupe_stage_t *stage, const char *name, doer_fn *fn, int64_t timeout_ms)
{
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_stage_call_bytes (stage, name, 0, &fn, sizeof fn, timeout_ms, &reply);
    snprintf (s_answer, sizeof s_answer, "%s%s%s", troupe_outcome_name (outcome), reply ? " " : "",
              troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return s_answer;
}

void doer_note (const char *format, ...)
{
    size_t size = strlen (s_notes);
    cr_assert_lt (size, sizeof s_notes / 2, "too many notes: %.200s...", s_notes);
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (s_notes + size, sizeof s_notes - size - 1, format, arguments);
    va_end (arguments);
    strcat (s_notes, " ");
}

const char *doer_notes (void)
{
    memcpy (s_taken, s_notes, sizeof s_taken);
    size_t size = strlen (s_taken);
    if (size)
        s_taken [size - 1] = 0;
    s_notes [0] = 0;
    return s_taken;
}

int doer_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply, void *context)
{
    (void) self;
    (void) state;
    doer_note ("%s%s:%s", context ? (const char *) context : "", troupe_outcome_name (outcome),
               troupe_message_text (reply));
    return 0;
}
