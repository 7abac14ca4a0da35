/*  =========================================================================
    common/stand.h - what every benchmark of the project itself needs

    Place: tests/bench. A benchmark is a list of children, one of them called
    "driver". The stand starts a troupe with them, tells the driver to begin,
    and stops the troupe when the driver answers. The driver prints.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef BENCH_STAND_H_INCLUDED
#define BENCH_STAND_H_INCLUDED

#include "report.h"

#include <troupe.h>

//  The tag of the one call that the stand makes. Benchmarks number their own tags from 2.
#define BENCH_BEGIN 1

//  Runs the benchmark. BENCH_NO_POLLING in the environment forbids the poll before sleeping.
void bench_stand (const troupe_child_t *children);

//  The same in pieces, for benchmarks of starting and stopping: a troupe with one driver and 'children', not begun.
troupe_t *bench_stand_new (const troupe_child_t *children);
void bench_stand_begin (troupe_t *troupe);

//  The other process of a benchmark (other.h): a troupe with 'children' whose child 'id' listens, until it is killed.
//  'settings' are as in troupe_options_t; may be null.
void bench_stand_serve (const troupe_child_t *children, const char *id, const char *const *settings);

//  The same for a child that says where it listens when it is called with that tag.
void bench_stand_serve_at (const troupe_child_t *children, const char *id, uint16_t tag, const char *const *settings);

//  A start callback whose state is a copy of its args, and the stop callback that frees it.
int bench_state_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
void bench_state_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

//  Casts, or ends the program: mailboxes of benchmarks wait for room, so that nothing is lost.
void bench_cast (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size);

//  The number at the end of the actor's name: 17 for "worker-17".
long bench_instance (const troupe_actor_t *self);

//  A ref to instance 'number' of 'id'.
troupe_ref_t *bench_instance_ref (troupe_actor_t *self, const char *id, long number);

//  The same, from a table of BENCH_CROWD_MAX refs that is null at first and remembers each.
#define BENCH_CROWD_MAX 128
troupe_ref_t *bench_crowd_ref (troupe_actor_t *self, troupe_ref_t **table, const char *id, long number);

//  Prints "time", the milliseconds since 'began_ns', and answers the stand.
int bench_finish (troupe_caller_t **caller_p, int64_t began_ns);

//  A mailbox that makes its senders wait.
#define BENCH_MAILBOX { .overflow = TROUPE_OVERFLOW_BLOCK, .block_ms = 60000 }

//  A child spec with a state of its own.
#define BENCH_CHILD(ID, BEHAVIOR, STATE) { .id = (ID), .behavior = &(BEHAVIOR), .args = &(STATE), \
    .args_size = sizeof (STATE), .mailbox = BENCH_MAILBOX }

//  A behavior with a state of its own.
#define BENCH_BEHAVIOR(NAME, RECEIVE) { .name = (NAME), .start = bench_state_start, .receive = (RECEIVE), \
    .stop = bench_state_stop }

#endif
