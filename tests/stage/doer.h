/*  =========================================================================
    doer.h - an actor that does what the test says

    Place: tests/stage. A message to a doer names a function of the test, which
    runs as its handler: so a test shows in one place what is done and what
    is expected. Notes are what such functions leave for the test to read.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_DOER_H_INCLUDED
#define TROUPE_TESTS_DOER_H_INCLUDED

#include <troupe.h>

typedef int (doer_fn) (troupe_actor_t *self, void *state, troupe_message_t *message);

extern const troupe_behavior_t doer;

//  Spawns a doer of that name, alone.
void doer_new (troupe_stage_t *stage, const char *name);

//  Lets a doer do it, now: casts, and runs until nobody has anything to do.
void doer_do (troupe_stage_t *stage, const char *name, doer_fn *fn);

//  The same, without running.
void doer_later (troupe_stage_t *stage, const char *name, doer_fn *fn);

//  The same as a call; "OK text", "FAILED text" or the outcome alone. Lives until the next.
const char *doer_ask (troupe_stage_t *stage, const char *name, doer_fn *fn, int64_t timeout_ms);

//  Adds to the notes of the test, each with a blank behind it.
void doer_note (const char *format, ...) __attribute__ ((__format__ (__printf__, 1, 2)));

//  The notes so far, without the last blank; takes them.
const char *doer_notes (void);

//  Notes the outcome of a call with its text, as "OK:text"; 'context' is a name for it, or null.
int doer_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply, void *context);

#endif
