/*  =========================================================================
    savina/philosopher.c - Savina's Dining Philosophers, with an arbiter

    Place: tests/bench. The driver is the arbiter and knows the forks. Who is
    denied asks again at once. Usage: philosopher ACTORS ROUNDS (each)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#define SIT 2           //  arbiter to philosopher: begin
#define HUNGRY 3        //  philosopher to arbiter
#define DENIED 4        //  arbiter to philosopher
#define EAT 5           //  arbiter to philosopher
#define DONE 6          //  philosopher to arbiter: forks back
#define LEAVE 7         //  philosopher to arbiter

typedef struct {
    long rounds;
    long number;        //  From 1
    troupe_ref_t *arbiter;
} philosopher_t;

typedef struct {
    long actors;
    long left;
    bool taken [BENCH_CROWD_MAX];
    int64_t began;
    troupe_caller_t *caller;
    troupe_ref_t *crowd [BENCH_CROWD_MAX];
} arbiter_t;

static int s_philosopher (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    philosopher_t *philosopher = state;
    uint16_t next = HUNGRY;
    if (troupe_message_tag (message) == SIT) {
        philosopher->arbiter = troupe_ref (self, "driver");
        philosopher->number = bench_instance (self);
    }
    if (troupe_message_tag (message) == EAT) {
        bench_cast (philosopher->arbiter, DONE, &philosopher->number, sizeof philosopher->number);
        next = --philosopher->rounds > 0? HUNGRY: LEAVE;
    }
    bench_cast (philosopher->arbiter, next, &philosopher->number, sizeof philosopher->number);
    return 0;
}

static void s_hungry (troupe_actor_t *self, arbiter_t *arbiter, long number)
{
    bool *left = &arbiter->taken [number - 1];
    bool *right = &arbiter->taken [number % arbiter->actors];
    const bool denied = *left || *right;
    if (!denied)
        *left = *right = true;
    bench_cast (bench_crowd_ref (self, arbiter->crowd, "philosopher", number), denied? DENIED: EAT, NULL, 0);
}

static int s_begin (troupe_actor_t *self, arbiter_t *arbiter, troupe_message_t *message)
{
    arbiter->caller = troupe_defer (self, message);
    arbiter->began = bench_now_ns ();
    for (long number = 1; number <= arbiter->actors; number++)
        bench_cast (bench_crowd_ref (self, arbiter->crowd, "philosopher", number), SIT, NULL, 0);
    return 0;
}

static int s_arbiter (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    arbiter_t *arbiter = state;
    if (troupe_message_tag (message) == BENCH_BEGIN)
        return s_begin (self, arbiter, message);
    const long number = *(const long *) troupe_message_data (message);
    if (troupe_message_tag (message) == HUNGRY)
        s_hungry (self, arbiter, number);
    else
    if (troupe_message_tag (message) == DONE)
        arbiter->taken [number - 1] = arbiter->taken [number % arbiter->actors] = false;
    else
    if (++arbiter->left == arbiter->actors)
        return bench_finish (&arbiter->caller, arbiter->began);
    return 0;
}

static const troupe_behavior_t philosopher_behavior = BENCH_BEHAVIOR ("philosopher", s_philosopher);
static const troupe_behavior_t arbiter_behavior = BENCH_BEHAVIOR ("arbiter", s_arbiter);

int main (int argc, char **argv)
{
    const arbiter_t arbiter = { .actors = bench_number (argc, argv, 1, 20) };
    const philosopher_t philosopher = { .rounds = bench_count (argc, argv, 2, 10000) };
    troupe_child_t children [] = {
        BENCH_CHILD ("philosopher", philosopher_behavior, philosopher),
        BENCH_CHILD ("driver", arbiter_behavior, arbiter),
        { 0 }
    };
    children [0].instances = (unsigned) arbiter.actors;
    bench_stand (children);
    return 0;
}
