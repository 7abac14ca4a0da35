/*  =========================================================================
    family_world.h - a troupe with actors here and in processes, for one test

    Place: tests/live. The actors do what errand.h lists. What is asked without
    waiting becomes a note (troupe_world.h), "OUTCOME:answer".

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_FAMILY_WORLD_H_INCLUDED
#define TROUPE_TESTS_FAMILY_WORLD_H_INCLUDED

#include "errand.h"
#include "troupe_world.h"

//  Starts a troupe with those children. Nothing is logged.
troupe_t *family_with (const troupe_child_t *children, const char *const *settings);
//  "here", "one" and "two".
troupe_t *family_new (void);
//  Ends it; no process is left.
void family_end (troupe_t *troupe);

//  Calls 'name' and waits: "OUTCOME answer", until the next call of this function.
const char *family_ask (troupe_t *troupe, const char *name, const char *format, ...)
    __attribute__ ((__format__ (__printf__, 3, 4)));
//  The same without waiting.
void family_ask_later (troupe_t *troupe, const char *name, const char *format, ...)
    __attribute__ ((__format__ (__printf__, 3, 4)));
//  The number that 'life' begins with: of its process.
long family_process (troupe_t *troupe, const char *name);

//  --- A folder whose FIFOs hold an actor within "hold"

void family_gate_make (char folder [64]);
void family_gate_await (const char *folder);
void family_gate_open (const char *folder);
void family_gate_remove (const char *folder);

#endif
