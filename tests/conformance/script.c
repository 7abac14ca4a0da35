/*  =========================================================================
    script.c - the words that facts are written with

    Place: tests/conformance; see world.h. Nothing here knows the level.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include "world.h"

static char s_notes [4096], s_taken [4096], s_answer [512];
static size_t s_note_count;
static bool s_answered;
static const fact_t *s_fact;

//  --- Facts

void fact_run (const fact_t *fact, const plan_t *plan)
{
    const difference_t *difference = difference_for (fact->name, world_level);
    s_fact = fact;
    if (difference && !difference->instead)
        cr_skip_test ("%s: %s", level_name (world_level), difference->reason);
    world_make (plan);
    fact->check ();
    world_unmake ();
}

const char *usually (const char *usual)
{
    const difference_t *difference = difference_for (s_fact->name, world_level);
    return difference ? difference->instead : usual;
}

//  --- Notes

void note (const char *format, ...)
{
    size_t size = strlen (s_notes);
    cr_assert_lt (size, sizeof s_notes / 2, "too many notes: %.200s...", s_notes);
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (s_notes + size, sizeof s_notes - size - 1, format, arguments);
    va_end (arguments);
    strcat (s_notes, " ");
    s_note_count++;
}

const char *told (size_t count)
{
    while (s_note_count < count)
        cr_assert (world_turn (), "%zu notes are awaited; so far: %s", count, s_notes);
    memcpy (s_taken, s_notes, sizeof s_taken);
    size_t size = strlen (s_taken);
    if (size)
        s_taken [size - 1] = 0;
    s_notes [0] = 0;
    s_note_count = 0;
    return s_taken;
}

void await (bool (*is_so) (void))
{
    while (!is_so ())
        cr_assert (world_turn (), "it does not come about; so far: %s", s_notes);
}

//  --- Asking

static troupe_ref_t *s_ref (const char *address)
{
    troupe_ref_t *ref = troupe_ref (world_guest (), address);
    cr_assert_not_null (ref, "no ref to %s", address);
    return ref;
}

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) self;
    (void) state;
    (void) context;
    const char *text = troupe_message_text (reply);
    snprintf (s_answer, sizeof s_answer, "%s%s%s", troupe_outcome_name (outcome), *text ? " " : "", text);
    s_answered = true;
    return 0;
}

const char *ask_for (const char *address, uint16_t tag, const char *text, int64_t timeout_ms)
{
    s_answered = false;
    troupe_error_t error = troupe_call (s_ref (address), tag, text, text ? strlen (text) : 0, timeout_ms, s_on_answer,
                                        NULL, NULL);
    cr_assert_eq (error, TROUPE_OK, "%s", troupe_error_name (error));
    send_now ();
    while (!s_answered)
        cr_assert (world_turn (), "%s does not answer; so far: %s", address, s_notes);
    return s_answer;
}

const char *ask (const char *address, uint16_t tag, const char *text)
{
    return ask_for (address, tag, text, WORLD_MS);
}

//  "OK OK text", which the helper's answer is, without the first.
const char *ask_there (const char *address, unsigned tag, const char *text)
{
    char question [256];
    snprintf (question, sizeof question, "%s %u %d %s", address, tag, WORLD_MS, text ? text : "");
    const char *answer = ask ("helper", SUBJECT_CALL, question);
    cr_assert (strncmp (answer, "OK ", 3) == 0, "the helper does not help: %s", answer);
    return answer + 3;
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    note ("%s:%s", troupe_outcome_name (outcome), troupe_message_text (reply));
    return 0;
}

troupe_call_t call (const char *address, uint16_t tag, const char *text, int64_t timeout_ms)
{
    troupe_call_t handle = 0;
    troupe_error_t error = troupe_call (s_ref (address), tag, text, text ? strlen (text) : 0, timeout_ms, s_on_reply,
                                        NULL, &handle);
    cr_assert_eq (error, TROUPE_OK, "%s", troupe_error_name (error));
    return handle;
}

void call_idempotent (const char *address, uint16_t tag, const char *text, int64_t timeout_ms)
{
    troupe_error_t error = troupe_call_idempotent (s_ref (address), tag, text, strlen (text), timeout_ms, s_on_reply,
                                                   NULL, NULL);
    cr_assert_eq (error, TROUPE_OK, "%s", troupe_error_name (error));
}

void tell (const char *address, uint16_t tag, const char *text)
{
    troupe_error_t error = troupe_cast (s_ref (address), tag, text, text ? strlen (text) : 0);
    cr_assert_eq (error, TROUPE_OK, "%s", troupe_error_name (error));
}

void tell_numbers (uint32_t first, uint32_t last, size_t size)
{
    static char payload [65536];
    cr_assert_leq (size, sizeof payload);
    for (uint32_t number = first; number <= last; number++) {
        troupe_error_t error = TROUPE_EFULL;
        memcpy (payload, &number, sizeof number);
        for (int tries = 0; tries < 100000; tries++) {
            error = troupe_cast (s_ref ("subject"), SUBJECT_NUMBER, payload, size);
            if (error != TROUPE_EFULL)
                break;
            expect ("OK x", ask ("near", SUBJECT_ECHO, "x"));
        }
        cr_assert_eq (error, TROUPE_OK, "%s", troupe_error_name (error));
    }
}

void send_now (void)
{
    troupe_flush (world_guest ());
}

void await_answer (const char *address, uint16_t tag, const char *text, const char *answer)
{
    const char *got;
    for (int tries = 0; strcmp (got = ask (address, tag, text), answer) != 0; tries++) {
        cr_assert_lt (tries, 10000, "%s, and not %s", got, answer);
        ask ("near", SUBJECT_ECHO, "a turn for everybody");
    }
}

void settle (void)
{
    expect ("OK later", ask ("near", SUBJECT_LATER, "150"));
}

//  --- Monitors

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self;
    (void) state;
    (void) ref;
    (void) context;
    bool told_by_code = reason->kind == TROUPE_REASON_CRASHED || reason->kind == TROUPE_REASON_FAILED;
    if (told_by_code)
        note ("down:%s:%d", troupe_reason_kind_name (reason->kind), reason->code);
    else
        note ("down:%s", troupe_reason_kind_name (reason->kind));
    return 0;
}

troupe_monitor_t watch (const char *address)
{
    troupe_monitor_t monitor = 0;
    cr_assert_eq (troupe_monitor (s_ref (address), s_on_down, NULL, &monitor), TROUPE_OK);
    send_now ();
    return monitor;
}

//  --- The table of differences is kept honest

extern const fact_t __start_conformance [], __stop_conformance [];

//  A row about a fact that is not there would hide that somebody renamed it.
Test (conformance, every_difference_is_about_a_fact)
{
    for (const difference_t *row = differences; row->fact; row++) {
        bool found = false;
        for (const fact_t *fact = __start_conformance; fact < __stop_conformance && !found; fact++)
            found = strcmp (fact->name, row->fact) == 0;
        cr_assert (found, "there is no fact %s", row->fact);
        cr_assert (row->levels && row->reason && *row->reason, "%s: where, and why?", row->fact);
        cr_assert_neq (row->levels, LEVEL_STAGE | LEVEL_THREAD | LEVEL_PROCESS | LEVEL_REMOTE,
                       "%s: so it would be a fact nowhere", row->fact);
    }
}
