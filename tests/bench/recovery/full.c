/*  =========================================================================
    recovery/full.c - stopping an actor whose mailbox is full

    Place: tests/bench. A worker that computes for 1 ms a message is sent
    messages until its mailbox takes no more, and is then stopped: it may
    finish the message in hand, no other. Usage: full

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

typedef struct {
    int64_t began;
    troupe_caller_t *caller;
} driver_t;

static int s_worker (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const int64_t end = bench_now_ns () + 1000000;
    (void) self;
    (void) state;
    (void) message;
    while (bench_now_ns () < end) {
    }
    return 0;
}

static const troupe_behavior_t worker_behavior = { .name = "worker", .receive = s_worker };
static const troupe_child_t worker = { .id = "worker", .behavior = &worker_behavior };

static int s_event (troupe_actor_t *self, void *state, troupe_link_t *link,
                    const troupe_child_event_t *event, void *context)
{
    driver_t *driver = state;
    (void) context;
    if (event->kind == TROUPE_CHILD_GONE) {
        bench_print ("stop_full", (double) (bench_now_ns () - driver->began) / 1e6, "ms");
        return (int) troupe_answer (&driver->caller, NULL, 0);
    }
    if (event->kind != TROUPE_CHILD_STARTED)
        return 0;
    troupe_error_t error = TROUPE_OK;
    while (error == TROUPE_OK) {
        error = troupe_cast (troupe_link_ref (link), 0, NULL, 0);
        troupe_flush (self);
    }
    bench_check (error == TROUPE_EFULL, troupe_error_name (error));
    driver->began = bench_now_ns ();
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    return 0;
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    troupe_link_t *link = NULL;
    driver->caller = troupe_defer (self, message);
    return (int) troupe_spawn (self, &worker, s_event, NULL, &link);
}

static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);

int main (void)
{
    const driver_t driver = { 0 };
    const troupe_child_t children [] = { BENCH_CHILD ("driver", driver_behavior, driver), { 0 } };
    bench_stand (children);
    return 0;
}
