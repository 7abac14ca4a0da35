/*  =========================================================================
    rpc/beat.c - calls at times that were fixed before

    Place: tests/bench. See beat.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "beat.h"

#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define BEAT_NS 100000
#define NONE BENCH_BEAT_OPEN

static int64_t s_due_ns (const bench_beat_t *beat)
{
    return beat->began_ns + (int64_t) ((double) beat->sent * 1e9 / beat->rate);
}

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       const troupe_response_view_t *response, void *context)
{
    bench_beat_call_t *call = context;
    bench_beat_t *beat = call->beat;
    bench_servers_check (call->user, outcome, response);
    if (!call->slow && beat->answered >= beat->skipped)
        beat->samples [beat->timed++] = bench_now_ns () - call->due_ns;
    call->next = beat->first_free;
    beat->first_free = (size_t) (call - beat->calls);
    if (++beat->answered < beat->count)
        return 0;
    troupe_unwatch (&beat->watch);
    close (beat->timer);
    return beat->on_done (self, state, beat);
}

static void s_ask (troupe_actor_t *self, bench_beat_t *beat)
{
    char path [64];
    bench_beat_call_t *call = &beat->calls [beat->first_free];
    beat->first_free = call->next;
    call->due_ns = s_due_ns (beat);
    call->beat = beat;
    call->user = &beat->users [beat->sent % BENCH_USERS];
    call->slow = beat->every_slow > 0 && beat->sent % beat->every_slow == beat->every_slow - 1;
    beat->sent++;
    if (call->slow)
        snprintf (path, sizeof path, BENCH_SLOW_FOLDER "%s", call->user->path + strlen (BENCH_USERS_FOLDER));
    bench_servers_ask (self, beat->address, call->slow? path: call->user->path, s_answered, call);
}

static int s_on_beat (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    bench_beat_t *beat = context;
    uint64_t beats = 0;
    const int64_t now = bench_now_ns ();
    (void) state;
    (void) events;
    if (read (descriptor, &beats, sizeof beats) != sizeof beats)
        return 0;
    while (beat->sent < beat->count && beat->first_free != NONE && s_due_ns (beat) <= now)
        s_ask (self, beat);
    return 0;
}

void bench_beat_begin (troupe_actor_t *self, bench_beat_t *beat)
{
    const struct itimerspec beats = { .it_interval = { .tv_nsec = BEAT_NS }, .it_value = { .tv_nsec = BEAT_NS } };
    beat->sent = beat->answered = 0;
    beat->timed = beat->first_free = 0;
    for (size_t index = 0; index < BENCH_BEAT_OPEN; index++)
        beat->calls [index].next = index + 1 < BENCH_BEAT_OPEN? index + 1: NONE;
    beat->timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    bench_check (beat->timer >= 0 && timerfd_settime (beat->timer, 0, &beats, NULL) == 0, "timer");
    bench_check (troupe_watch (self, beat->timer, TROUPE_WATCH_READABLE, s_on_beat, beat, &beat->watch) == TROUPE_OK,
                 "watch");
    beat->began_ns = bench_now_ns ();
}
