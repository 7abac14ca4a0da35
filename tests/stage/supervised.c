/*  =========================================================================
    supervised.c - children to be supervised, and the story of their lives

    Place: tests/stage. See supervised.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe/timer.h>

#include "supervised.h"

static char s_story [65536], s_told [65536];
static unsigned s_notes;

static void s_add (char sign, const char *name)
{
    size_t used = strlen (s_story);
    snprintf (s_story + used, sizeof s_story - used, "%s%c%s", used ? " " : "", sign, name);
}

const char *supervised_story (void)
{
    snprintf (s_told, sizeof s_told, "%s", s_story);
    s_story [0] = 0;
    return s_told;
}

unsigned supervised_notes (void)
{
    unsigned notes = s_notes;
    s_notes = 0;
    return notes;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    static char nobody [] = "";
    static char kept [64];
    s_add ('+', troupe_name (self));
    *state_p = nobody;
    if (args_size && args_size < sizeof kept) {
        memcpy (kept, args, args_size);
        kept [args_size] = 0;
        *state_p = kept;
    }
    if (args_size && memcmp (args, "bad", 3) == 0)
        return troupe_fail (self, 9, "bad args");
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const char *text = troupe_message_text (message);
    if (strcmp (text, "fail") == 0)
        return troupe_fail (self, 5, "told to");
    if (strcmp (text, "exit") == 0)
        troupe_exit (self);
    if (strcmp (text, "note") == 0)
        s_notes++;
    if (strcmp (text, "args") == 0)
        return (int) troupe_replyf (self, message, "%s", (const char *) state);
    return (int) troupe_replyf (self, message, "%s", troupe_name (self));
}

static int s_leave (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    troupe_exit (self);
    return 0;
}

static int s_linger (troupe_actor_t *self, void *state)
{
    (void) state;
    return troupe_after (self, 500, s_leave, NULL) ? 0 : -1;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) state;
    (void) reason;
    s_add ('-', troupe_name (self));
}

const troupe_behavior_t supervised_worker = {
    .name = "worker", .start = s_start, .receive = s_receive, .stop = s_stop };

const troupe_behavior_t supervised_lingerer = {
    .name = "lingerer", .start = s_start, .receive = s_receive, .drain = s_linger, .stop = s_stop };

troupe_stage_t *supervised_stage (uint64_t seed, const troupe_supervisor_t *spec)
{
    troupe_stage_t *stage = troupe_stage_new (seed);
    troupe_child_t root = { .id = "root", .supervisor = spec };
    supervised_story ();
    supervised_notes ();
    cr_assert_eq (troupe_stage_spawn_child (stage, &root), TROUPE_OK, "%s", troupe_stage_trace (stage));
    return stage;
}

void supervised_tell (troupe_stage_t *stage, const char *name, const char *text)
{
    cr_assert_eq (troupe_stage_cast (stage, name, 0, text, strlen (text)), TROUPE_OK);
    troupe_stage_run (stage);
}

const char *supervised_ask (troupe_stage_t *stage, uint16_t tag, const char *text)
{
    static char answer [4096];
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_stage_call_bytes (stage, "root", tag, text, strlen (text), 5000, &reply);
    if (outcome == TROUPE_CALL_OK)
        snprintf (answer, sizeof answer, "%s", troupe_message_text (reply));
    else
        snprintf (answer, sizeof answer, "[%s] %s", troupe_outcome_name (outcome), troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return answer;
}
