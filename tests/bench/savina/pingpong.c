/*  =========================================================================
    savina/pingpong.c - Savina's PingPong: two actors, one message between them

    Place: tests/bench. Usage: pingpong PINGS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#define PING 2
#define PONG 3

typedef struct {
    long left;
    int64_t began;
    troupe_ref_t *pong;
    troupe_caller_t *caller;
} ping_t;

typedef struct {
    troupe_ref_t *ping;
} pong_t;

static int s_ping (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    ping_t *ping = state;
    if (troupe_message_tag (message) == BENCH_BEGIN) {
        ping->caller = troupe_defer (self, message);
        ping->pong = troupe_ref (self, "pong");
        ping->began = bench_now_ns ();
    }
    else
    if (--ping->left == 0)
        return bench_finish (&ping->caller, ping->began);
    bench_cast (ping->pong, PING, NULL, 0);
    return 0;
}

static int s_pong (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    pong_t *pong = state;
    (void) message;
    if (pong->ping == NULL)
        pong->ping = troupe_ref (self, "driver");
    bench_cast (pong->ping, PONG, NULL, 0);
    return 0;
}

static const troupe_behavior_t ping_behavior = BENCH_BEHAVIOR ("ping", s_ping);
static const troupe_behavior_t pong_behavior = BENCH_BEHAVIOR ("pong", s_pong);

int main (int argc, char **argv)
{
    const ping_t ping = { .left = bench_count (argc, argv, 1, 40000) };
    const pong_t pong = { 0 };
    const troupe_child_t children [] = {
        BENCH_CHILD ("pong", pong_behavior, pong),
        BENCH_CHILD ("driver", ping_behavior, ping),
        { 0 }
    };
    bench_stand (children);
    return 0;
}
