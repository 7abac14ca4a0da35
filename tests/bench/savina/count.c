/*  =========================================================================
    savina/count.c - Savina's Counting Actor: one sends, one counts

    Place: tests/bench. The producer casts all messages within one handler,
    then asks for the count. Usage: count MESSAGES

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#define INCREMENT 2
#define RETRIEVE 3

typedef struct {
    long count;
    int64_t began;
    troupe_caller_t *caller;
} producer_t;

typedef struct {
    long count;
} counter_t;

static int s_counter (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    counter_t *counter = state;
    if (troupe_message_tag (message) == RETRIEVE)
        return (int) troupe_reply (self, message, &counter->count, sizeof counter->count);
    counter->count++;
    return 0;
}

static int s_retrieved (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                        troupe_message_t *reply, void *context)
{
    producer_t *producer = state;
    (void) self;
    (void) context;
    bench_check (outcome == TROUPE_CALL_OK, troupe_outcome_name (outcome));
    bench_check (*(const long *) troupe_message_data (reply) == producer->count, "messages were lost");
    return bench_finish (&producer->caller, producer->began);
}

static int s_producer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    producer_t *producer = state;
    troupe_ref_t *counter = troupe_ref (self, "counter");
    producer->caller = troupe_defer (self, message);
    producer->began = bench_now_ns ();
    for (long index = 0; index < producer->count; index++)
        bench_cast (counter, INCREMENT, NULL, 0);
    return (int) troupe_call (counter, RETRIEVE, NULL, 0, 60000, s_retrieved, NULL, NULL);
}

static const troupe_behavior_t counter_behavior = BENCH_BEHAVIOR ("counter", s_counter);
static const troupe_behavior_t producer_behavior = BENCH_BEHAVIOR ("producer", s_producer);

int main (int argc, char **argv)
{
    const producer_t producer = { .count = bench_count (argc, argv, 1, 1000000) };
    const counter_t counter = { 0 };
    const troupe_child_t children [] = {
        BENCH_CHILD ("counter", counter_behavior, counter),
        BENCH_CHILD ("driver", producer_behavior, producer),
        { 0 }
    };
    bench_stand (children);
    return 0;
}
