/*  =========================================================================
    rpc/beat.h - calls at times that were fixed before

    Place: tests/bench. An open loop: calls are due at even intervals, whether
    the earlier ones have been answered or not, and each is timed from when it
    was due. A timer of the system beats every 100 microseconds; what has
    become due since is then sent. So the timing has nothing to gain from a
    server that makes its callers wait (coordinated omission).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef BENCH_BEAT_H_INCLUDED
#define BENCH_BEAT_H_INCLUDED

#include "servers.h"

//  More calls than this are not open at once: later ones wait, and their time runs.
#define BENCH_BEAT_OPEN 1000

typedef struct bench_beat bench_beat_t;

//  Called once, when the last call has been answered. Return as from receive.
typedef int (bench_beat_fn) (troupe_actor_t *self, void *state, bench_beat_t *beat);

typedef struct {
    int64_t due_ns;
    bench_beat_t *beat;
    const bench_user_t *user;
    bool slow;
    size_t next;                    //  Among those that are free
} bench_beat_call_t;

struct bench_beat {
    const char *address;
    const bench_user_t *users;
    double rate;                    //  Calls a second
    long count;                     //  of them in all
    long skipped;                   //  of which the first are not timed
    long every_slow;                //  Every so many is slow, and not timed; 0: none is
    bench_beat_fn *on_done;
    long sent, answered;
    size_t timed;
    int64_t began_ns;
    int64_t *samples;               //  'timed' of them; freed by whoever gave it
    int timer;
    size_t first_free;
    troupe_watch_t *watch;
    bench_beat_call_t calls [BENCH_BEAT_OPEN];
};

//  Begins. What is above 'on_done' is set, and 'samples'.
void bench_beat_begin (troupe_actor_t *self, bench_beat_t *beat);

#endif
