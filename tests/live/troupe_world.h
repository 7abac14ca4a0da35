/*  =========================================================================
    troupe_world.h - a troupe for one test, and actors that do what it says

    Place: tests/live. A message to a doer names a function of the test, which
    runs as its handler on the doer's thread; what it has to tell comes back as
    an answer. The test's own thread is the guest: notes are taken there only.
    A gate lets a test hold an actor within a handler without measuring time.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_TROUPE_WORLD_H_INCLUDED
#define TROUPE_TESTS_TROUPE_WORLD_H_INCLUDED

#include <troupe.h>

//  No test waits longer for anything.
#define WORLD_MS 20000

//  What a doer is told.
typedef struct world_word world_word_t;
typedef int (world_fn) (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word);
struct world_word {
    world_fn *fn;
    uint64_t number;
    char text [48];
};

extern const troupe_behavior_t world_doer;

//  A troupe that logs nothing, and one with a root supervisor that bears 100,000 restarts, started.
troupe_t *world_new (void);
troupe_t *world_with (const troupe_child_t *children);

//  Stops, which must succeed, and destroys.
void world_end (troupe_t *troupe);

//  A spec's list of one to three doers: static, valid until the next call.
const troupe_child_t *world_doers (const char *first, const char *second, const char *third);

//  Lets an actor do it and waits for its answer: "OK text", "FAILED text" or the outcome alone. Lives until the next.
const char *world_ask (troupe_t *troupe, const char *name, world_fn *fn, uint64_t number, const char *text);
const char *world_ask_for (troupe_t *troupe, const char *name, world_fn *fn, uint64_t number, const char *text,
                           int64_t timeout_ms);

//  The same without an answer, and as a call of the guest's whose end is noted.
void world_tell (troupe_t *troupe, const char *name, world_fn *fn, uint64_t number, const char *text);
troupe_call_t world_call (troupe_t *troupe, const char *name, world_fn *fn, uint64_t number, const char *text,
                          int64_t timeout_ms);

//  Notes of the guest's, each with a blank behind it; world_notes waits until there are so many and takes them.
void world_note (const char *format, ...) __attribute__ ((__format__ (__printf__, 1, 2)));
const char *world_notes (troupe_t *troupe, size_t count);

//  Notes "OUTCOME:text".
int world_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                    void *context);
//  Notes "down:KIND".
int world_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason, void *context);
//  Notes "dead:REASON:from>to", for each that a letter stands for; subscribed, once the directory knows of it.
void world_hear_dead_letters (troupe_t *troupe);

//  --- The gate

//  Makes it; once, before there are threads.
void world_gate_make (void);
//  A handler: says that it is within, waits to be let go, answers with its incarnation.
int world_hang (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word);
//  Waits until somebody is within; lets one go.
void world_gate_await (void);
void world_gate_open (void);

//  Lets 'name' hang, and returns once it does.
void world_hold (troupe_t *troupe, const char *name);

//  --- Other handlers

//  Answers "text number", fails, ends normally, answers nothing, and defers for ever.
int world_echo (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word);
int world_fail (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word);
int world_exit (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word);
int world_forget (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word);
int world_defer (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word);

//  --- What the process has

//  Entries of a folder under /proc/self: "fd", "task".
size_t world_count (const char *folder);
//  Waits until there are no more than so many: libzmq closes what it has on threads of its own.
void world_await_at_most (const char *folder, size_t count);

#endif
