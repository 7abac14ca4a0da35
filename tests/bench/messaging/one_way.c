/*  =========================================================================
    messaging/one_way.c - casts from one actor to another, as fast as they go

    Place: tests/bench. The sender casts PACK messages a turn, a turn being
    one timer callback ("turns"), or flushes after each PACK within one long
    handler ("flush"). The receiver counts; the rate is taken when it says
    that it has seen all. The mailbox makes the sender wait: nothing is lost.
    Usage: one_way SIZE COUNT PACK turns|flush

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <stdlib.h>
#include <string.h>

#define HOW_MANY 2

typedef struct {
    long size, count, pack;
    bool turns;
    long sent;
    int64_t began;
    char *body;
    troupe_ref_t *receiver;
    troupe_caller_t *caller;
} sender_t;

typedef struct {
    long received;
} receiver_t;

static int s_count (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    receiver_t *receiver = state;
    if (troupe_message_tag (message) == HOW_MANY)
        return (int) troupe_reply (self, message, &receiver->received, sizeof receiver->received);
    receiver->received++;
    return 0;
}

static int s_counted (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                      troupe_message_t *reply, void *context)
{
    sender_t *sender = state;
    (void) self;
    (void) context;
    bench_check (outcome == TROUPE_CALL_OK, troupe_outcome_name (outcome));
    bench_check (*(const long *) troupe_message_data (reply) == sender->count, "messages were lost");
    bench_print_rate ("rate", sender->count, sender->began);
    free (sender->body);
    return (int) troupe_answer (&sender->caller, NULL, 0);
}

static int s_finish (sender_t *sender)
{
    return (int) troupe_call (sender->receiver, HOW_MANY, NULL, 0, 60000, s_counted, NULL, NULL);
}

static void s_send_pack (sender_t *sender)
{
    const long left = sender->count - sender->sent;
    const long pack = left < sender->pack? left: sender->pack;
    for (long index = 0; index < pack; index++)
        bench_cast (sender->receiver, 0, sender->body, (size_t) sender->size);
    sender->sent += pack;
}

static int s_turn (troupe_actor_t *self, void *state, void *context)
{
    sender_t *sender = state;
    (void) context;
    s_send_pack (sender);
    if (sender->sent == sender->count)
        return s_finish (sender);
    return troupe_after (self, 0, s_turn, NULL) == 0? TROUPE_ENOMEM: 0;
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    sender_t *sender = state;
    sender->caller = troupe_defer (self, message);
    sender->receiver = troupe_ref (self, "receiver");
    sender->body = bench_allocate (1, (size_t) sender->size);
    sender->began = bench_now_ns ();
    if (sender->turns)
        return s_turn (self, state, NULL);
    while (sender->sent < sender->count) {
        s_send_pack (sender);
        troupe_flush (self);
    }
    return s_finish (sender);
}

static const troupe_behavior_t receiver_behavior = BENCH_BEHAVIOR ("receiver", s_count);
static const troupe_behavior_t sender_behavior = BENCH_BEHAVIOR ("sender", s_begin);

int main (int argc, char **argv)
{
    const receiver_t receiver = { 0 };
    const sender_t sender = {
        .size = bench_number (argc, argv, 1, 16),
        .count = bench_count (argc, argv, 2, 10000000),
        .pack = bench_number (argc, argv, 3, 100),
        .turns = strcmp (bench_word (argc, argv, 4, "turns"), "turns") == 0,
    };
    const troupe_child_t children [] = {
        BENCH_CHILD ("receiver", receiver_behavior, receiver),
        BENCH_CHILD ("driver", sender_behavior, sender),
        { 0 }
    };
    bench_stand (children);
    return 0;
}
