/*  =========================================================================
    process_world.h - a troupe whose children are processes, for one test

    Place: tests/live. Every event of a child is a note (troupe_world.h), such
    as "STARTED#1" or "ENDED#1:CRASHED:11:SIGSEGV".

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_PROCESS_WORLD_H_INCLUDED
#define TROUPE_TESTS_PROCESS_WORLD_H_INCLUDED

#include <troupe.h>

#include "troupe_world.h"

troupe_t *process_new (const char *program);

//  Spawns "puppet" from the guest, which restarts it so many times when it has ended.
troupe_link_t *process_spawn (troupe_t *troupe, const char *args, int restarts);
troupe_link_t *process_spawn_wedged (troupe_t *troupe, const char *args, int64_t wedged_ms);

troupe_link_t *process_spawn_behavior (troupe_t *troupe, const char *name);
troupe_link_t *process_spawn_at (troupe_t *troupe, const char *endpoint);

//  What spawn says when it fails.
troupe_error_t process_try (troupe_t *troupe);

//  Stops the child that was spawned last, and takes so many notes.
void process_stop_all (troupe_t *troupe, size_t notes);

//  Calls puppet: "OUTCOME TEXT".
const char *process_ask (troupe_t *troupe, const char *what);
const char *process_ask_for (troupe_t *troupe, const char *what, int64_t timeout_ms);

//  Waits until it has started, and lets it crash, so many times; it has started again then.
void process_crash_often (troupe_t *troupe, int times);

//  Ends the troupe; no process is left.
void process_end (troupe_t *troupe);

//  How many processes this one has started and not waited for.
int process_children (void);
long process_memory_kib (void);

#endif
