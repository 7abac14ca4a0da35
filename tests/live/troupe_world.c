/*  =========================================================================
    troupe_world.c - a troupe for one test, and actors that do what it says

    Place: tests/live; see troupe_world.h. Criterion runs each test in a process of
    its own, so what is static here is the test's alone.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <dirent.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/actor/wait.h"
#include "troupe_world.h"

static char s_notes [4096], s_taken [4096], s_answer [512];
static size_t s_note_count;
static int s_within [2], s_release [2];

//  --- Doers

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    world_word_t word;
    if (troupe_message_size (message) != sizeof word)
        return troupe_fail (self, 99, "%zu bytes are not a word", troupe_message_size (message));
    memcpy (&word, troupe_message_data (message), sizeof word);
    return word.fn (self, state, message, &word);
}

const troupe_behavior_t world_doer = { .name = "doer", .receive = s_receive };

static world_word_t s_word (world_fn *fn, uint64_t number, const char *text)
{
    world_word_t word = { .fn = fn, .number = number };
    snprintf (word.text, sizeof word.text, "%s", text ? text : "");
    return word;
}

const troupe_child_t *world_doers (const char *first, const char *second, const char *third)
{
    static troupe_child_t children [4];
    children [0] = (troupe_child_t) { .id = first, .behavior = &world_doer };
    children [1] = (troupe_child_t) { .id = second, .behavior = &world_doer };
    children [2] = (troupe_child_t) { .id = second ? third : NULL, .behavior = &world_doer };
    children [3] = (troupe_child_t) { .id = NULL };
    return children;
}

//  --- Troupes

static void s_no_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

troupe_t *world_new (void)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_no_log };
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    return troupe;
}

troupe_t *world_with (const troupe_child_t *children)
{
    troupe_supervisor_t root = { .children = children, .intensity = 100000 };
    troupe_t *troupe = world_new ();
    cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_OK);
    return troupe;
}

void world_end (troupe_t *troupe)
{
    cr_assert_eq (troupe_stop (troupe, WORLD_MS), TROUPE_OK);
    troupe_destroy (&troupe);
}

//  --- Asking

const char *world_ask_for (troupe_t *troupe, const char *name, world_fn *fn, uint64_t number, const char *text,
                           int64_t timeout_ms)
{
    troupe_message_t *reply = NULL;
    world_word_t word = s_word (fn, number, text);
    troupe_outcome_t outcome = troupe_call_wait (troupe, name, 0, &word, sizeof word, timeout_ms, &reply);
    snprintf (s_answer, sizeof s_answer, "%s%s%s", troupe_outcome_name (outcome), reply ? " " : "",
              troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return s_answer;
}

const char *world_ask (troupe_t *troupe, const char *name, world_fn *fn, uint64_t number, const char *text)
{
    return world_ask_for (troupe, name, fn, number, text, WORLD_MS);
}

void world_tell (troupe_t *troupe, const char *name, world_fn *fn, uint64_t number, const char *text)
{
    world_word_t word = s_word (fn, number, text);
    cr_assert_eq (troupe_cast_now (troupe, name, 0, &word, sizeof word), TROUPE_OK);
}

troupe_call_t world_call (troupe_t *troupe, const char *name, world_fn *fn, uint64_t number, const char *text,
                          int64_t timeout_ms)
{
    troupe_call_t call = 0;
    world_word_t word = s_word (fn, number, text);
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), name);
    cr_assert_eq (troupe_call (ref, 0, &word, sizeof word, timeout_ms, world_on_reply, NULL, &call), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
    return call;
}

//  --- Notes

void world_note (const char *format, ...)
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

const char *world_notes (troupe_t *troupe, size_t count)
{
    while (s_note_count < count)
        cr_assert_neq (troupe_run (troupe, WORLD_MS), TROUPE_ETIMEOUT, "so far: %s", s_notes);
    memcpy (s_taken, s_notes, sizeof s_taken);
    size_t size = strlen (s_taken);
    if (size)
        s_taken [size - 1] = 0;
    s_notes [0] = 0;
    s_note_count = 0;
    return s_taken;
}

int world_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    world_note ("%s:%s", troupe_outcome_name (outcome), troupe_message_text (reply));
    return 0;
}

int world_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason, void *context)
{
    (void) self;
    (void) state;
    (void) ref;
    (void) context;
    world_note ("down:%s", troupe_reason_kind_name (reason->kind));
    return 0;
}

static int s_on_letter (troupe_actor_t *self, void *state, const troupe_dead_letter_t *letter, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    for (uint64_t one = 0; one < letter->count; one++)
        world_note ("dead:%s:%s>%s", troupe_dead_reason_name (letter->reason), letter->from, letter->to);
    return 0;
}

//  The directory answers in order: once it has said that nobody has that name, it knows of the subscription.
void world_hear_dead_letters (troupe_t *troupe)
{
    cr_assert_eq (troupe_dead_letters (troupe_guest (troupe), s_on_letter, NULL), TROUPE_OK);
    cr_assert_eq (troupe_call_wait (troupe, "nobody-at-all", 0, "", 0, WORLD_MS, NULL), TROUPE_CALL_NO_SUCH_ACTOR);
    world_notes (troupe, 0);
}

//  --- The gate

void world_gate_make (void)
{
    cr_assert_eq (pipe (s_within), 0);
    cr_assert_eq (pipe (s_release), 0);
}

int world_hang (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) word;
    char byte = 'x';
    if (write (s_within [1], &byte, 1) != 1 || read (s_release [0], &byte, 1) != 1)
        return troupe_fail (self, 98, "the gate is broken");
    return (int) troupe_replyf (self, message, "life %u", (unsigned) troupe_incarnation (self));
}

void world_gate_await (void)
{
    char byte;
    cr_assert_eq (read (s_within [0], &byte, 1), 1);
}

void world_gate_open (void)
{
    cr_assert_eq (write (s_release [1], "x", 1), 1);
}

void world_hold (troupe_t *troupe, const char *name)
{
    world_tell (troupe, name, world_hang, 0, NULL);
    world_gate_await ();
}

//  --- Handlers

int world_echo (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    return (int) troupe_replyf (self, message, "%s %" PRIu64, word->text, word->number);
}

int world_fail (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 5, "%s", *word->text ? word->text : "told to");
}

int world_exit (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) message;
    (void) word;
    troupe_exit (self);
    return 0;
}

int world_forget (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) self;
    (void) state;
    (void) message;
    (void) word;
    return 0;
}

int world_defer (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) word;
    return troupe_defer (self, message) ? 0 : troupe_fail (self, 97, "there is nobody to put off");
}

//  --- What the process has

size_t world_count (const char *folder)
{
    char path [64];
    size_t count = 0;
    snprintf (path, sizeof path, "/proc/self/%s", folder);
    DIR *directory = opendir (path);
    cr_assert_not_null (directory);
    while (readdir (directory))
        count++;
    closedir (directory);
    return count;
}

void world_await_at_most (const char *folder, size_t count)
{
    int64_t until_us = troupe_clock_us () + (int64_t) WORLD_MS * 1000;
    while (world_count (folder) > count) {
        cr_assert_lt (troupe_clock_us (), until_us, "%zu in /proc/self/%s, and there were %zu", world_count (folder),
                      folder, count);
        sched_yield ();
    }
}
