/*  =========================================================================
    messaging/fan_in.c - casts from many actors to one

    Place: tests/bench. Every sender casts 16 bytes, 100 a turn; the driver
    receives and counts. Usage: fan_in SENDERS COUNT (in all)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#define GO 2
#define ITEM 3
#define PACK 100

typedef struct {
    long senders;
    long expected;
    long received;
    int64_t began;
    troupe_caller_t *caller;
} driver_t;

typedef struct {
    long left;
    troupe_ref_t *driver;
} sender_t;

static int s_turn (troupe_actor_t *self, void *state, void *context)
{
    sender_t *sender = state;
    const char body [16] = { 0 };
    (void) context;
    for (long index = 0; index < PACK && sender->left > 0; index++, sender->left--)
        bench_cast (sender->driver, ITEM, body, sizeof body);
    return sender->left > 0 && troupe_after (self, 0, s_turn, NULL) == 0? TROUPE_ENOMEM: 0;
}

static int s_go (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    sender_t *sender = state;
    (void) message;
    sender->driver = troupe_ref (self, "driver");
    return s_turn (self, state, NULL);
}

static int s_begin (troupe_actor_t *self, driver_t *driver, troupe_message_t *message)
{
    driver->caller = troupe_defer (self, message);
    driver->began = bench_now_ns ();
    for (long number = 1; number <= driver->senders; number++)
        bench_cast (bench_instance_ref (self, "sender", number), GO, NULL, 0);
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    if (troupe_message_tag (message) == BENCH_BEGIN)
        return s_begin (self, driver, message);
    if (++driver->received < driver->expected)
        return 0;
    bench_print_rate ("rate", driver->received, driver->began);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static const troupe_behavior_t sender_behavior = BENCH_BEHAVIOR ("sender", s_go);
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_receive);

int main (int argc, char **argv)
{
    const long senders = bench_number (argc, argv, 1, 4);
    const sender_t sender = { .left = bench_count (argc, argv, 2, 4000000) / senders };
    const driver_t driver = { .senders = senders, .expected = sender.left * senders };
    troupe_child_t children [] = {
        BENCH_CHILD ("driver", driver_behavior, driver),
        BENCH_CHILD (senders > 1? "sender": "sender-1", sender_behavior, sender),
        { 0 }
    };
    children [1].instances = (unsigned) senders;
    bench_stand (children);
    return 0;
}
