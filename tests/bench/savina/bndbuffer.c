/*  =========================================================================
    savina/bndbuffer.c - Savina's Bounded Buffer: producers and consumers

    Place: tests/bench. The driver holds the buffer: a producer makes an item
    only when told to, a consumer gets one only when it has asked. Both compute
    for every item, as Savina's do (2,500 logarithms).
    Usage: bndbuffer BUFFER PRODUCERS CONSUMERS ITEMS (each)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <math.h>

#define COST 25

#define PRODUCE 2       //  driver to producer
#define ITEM 3          //  producer to driver to consumer
#define AVAILABLE 4     //  consumer to driver
#define FINISHED 5      //  producer to driver

typedef struct {
    long number;        //  Of the producer, then of the consumer
    double value;
} item_t;

//  Numbers of actors that wait, last in first out: who is served next does not matter here.
typedef struct {
    long count;
    long numbers [BENCH_CROWD_MAX];
} waiting_t;

typedef struct {
    long buffer, producers, consumers;
    long pending;
    double items [BENCH_CROWD_MAX];
    waiting_t idle_producers, idle_consumers;
    long finished;
    int64_t began;
    troupe_caller_t *caller;
    troupe_ref_t *producer_refs [BENCH_CROWD_MAX], *consumer_refs [BENCH_CROWD_MAX];
} driver_t;

typedef struct {
    long left;          //  Of items to make; unused by consumers
    double value;
    uint64_t seed;
    troupe_ref_t *driver;
} worker_t;

static double s_compute (worker_t *worker, double value)
{
    for (long index = 0; index < COST * 100; index++) {
        worker->seed = worker->seed * 6364136223846793005u + 1442695040888963407u;
        value += log ((double) (worker->seed >> 11) / 9007199254740992.0 + 0.01);
    }
    return value;
}

static void s_tell (troupe_actor_t *self, worker_t *worker, uint16_t tag)
{
    const item_t item = { bench_instance (self), worker->value };
    if (worker->driver == NULL)
        worker->driver = troupe_ref (self, "driver");
    bench_cast (worker->driver, tag, &item, sizeof item);
}

static int s_producer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    worker_t *worker = state;
    (void) message;
    if (worker->left-- == 0) {
        s_tell (self, worker, FINISHED);
        return 0;
    }
    worker->value = s_compute (worker, worker->value);
    s_tell (self, worker, ITEM);
    return 0;
}

static int s_consumer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    worker_t *worker = state;
    const item_t *item = troupe_message_data (message);
    worker->value = s_compute (worker, worker->value + item->value);
    s_tell (self, worker, AVAILABLE);
    return 0;
}

static void s_give (troupe_actor_t *self, driver_t *driver, long consumer, double value)
{
    const item_t item = { consumer, value };
    bench_cast (bench_crowd_ref (self, driver->consumer_refs, "consumer", consumer), ITEM, &item, sizeof item);
}

static void s_ask (troupe_actor_t *self, driver_t *driver, long producer)
{
    bench_cast (bench_crowd_ref (self, driver->producer_refs, "producer", producer), PRODUCE, NULL, 0);
}

static void s_item (troupe_actor_t *self, driver_t *driver, const item_t *item)
{
    if (driver->idle_consumers.count > 0)
        s_give (self, driver, driver->idle_consumers.numbers [--driver->idle_consumers.count], item->value);
    else
        driver->items [driver->pending++] = item->value;
    if (driver->pending >= driver->buffer - driver->producers)
        driver->idle_producers.numbers [driver->idle_producers.count++] = item->number;
    else
        s_ask (self, driver, item->number);
}

static void s_available (troupe_actor_t *self, driver_t *driver, long consumer)
{
    if (driver->pending == 0) {
        driver->idle_consumers.numbers [driver->idle_consumers.count++] = consumer;
        return;
    }
    s_give (self, driver, consumer, driver->items [--driver->pending]);
    if (driver->idle_producers.count > 0)
        s_ask (self, driver, driver->idle_producers.numbers [--driver->idle_producers.count]);
}

static int s_begin (troupe_actor_t *self, driver_t *driver, troupe_message_t *message)
{
    driver->caller = troupe_defer (self, message);
    driver->began = bench_now_ns ();
    for (long number = 1; number <= driver->consumers; number++)
        s_available (self, driver, number);
    for (long number = 1; number <= driver->producers; number++)
        s_ask (self, driver, number);
    return 0;
}

static int s_driver (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    const item_t *item = troupe_message_data (message);
    switch (troupe_message_tag (message)) {
        case BENCH_BEGIN:
            return s_begin (self, driver, message);
        case ITEM:
            s_item (self, driver, item);
            break;
        case AVAILABLE:
            s_available (self, driver, item->number);
            break;
        default:
            driver->finished++;
    }
    const bool over = driver->finished == driver->producers && driver->idle_consumers.count == driver->consumers;
    return over? bench_finish (&driver->caller, driver->began): 0;
}

static const troupe_behavior_t producer_behavior = BENCH_BEHAVIOR ("producer", s_producer);
static const troupe_behavior_t consumer_behavior = BENCH_BEHAVIOR ("consumer", s_consumer);
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_driver);

int main (int argc, char **argv)
{
    const driver_t driver = {
        .buffer = bench_number (argc, argv, 1, 50),
        .producers = bench_number (argc, argv, 2, 40),
        .consumers = bench_number (argc, argv, 3, 40),
    };
    const worker_t worker = { .left = bench_count (argc, argv, 4, 1000), .seed = 1 };
    troupe_child_t children [] = {
        BENCH_CHILD ("producer", producer_behavior, worker),
        BENCH_CHILD ("consumer", consumer_behavior, worker),
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    children [0].instances = (unsigned) driver.producers;
    children [1].instances = (unsigned) driver.consumers;
    bench_stand (children);
    return 0;
}
