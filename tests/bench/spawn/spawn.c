/*  =========================================================================
    spawn/spawn.c - starting and stopping actors

    Place: tests/bench. The driver spawns all of them at once ("start": until
    the last one has started), stops them ("stop": until the last one is
    gone), and then takes one after the other ("cycle": start, wait for it,
    stop, wait for it). Microseconds an actor. Unnamed actors can be reached
    through their link only, as Erlang's and CAF's through their address.
    Usage: spawn ACTORS named|unnamed

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CYCLES 500

typedef char name_t [32];

typedef struct {
    long actors;
    bool named;
    long started, gone;
    int64_t began;
    troupe_caller_t *caller;
    name_t *ids;
    troupe_link_t **links;
} driver_t;

static const troupe_behavior_t idle_behavior = { .name = "idle" };

static void s_print (driver_t *driver, const char *metric, long count)
{
    bench_print (metric, (double) (bench_now_ns () - driver->began) / 1e3 / (double) count, "us");
    driver->began = bench_now_ns ();
}

static void s_spawn (troupe_actor_t *self, driver_t *driver, long number, troupe_child_fn *on_event)
{
    const troupe_child_t spec = {
        .id = driver->ids [number],
        .behavior = &idle_behavior,
        .endpoint = driver->named? NULL: "",
    };
    const troupe_error_t error = troupe_spawn (self, &spec, on_event, NULL, &driver->links [number]);
    bench_check (error == TROUPE_OK, troupe_error_name (error));
}

//  One after the other.
static int s_cycle (troupe_actor_t *self, void *state, troupe_link_t *link,
                    const troupe_child_event_t *event, void *context)
{
    driver_t *driver = state;
    (void) context;
    if (event->kind == TROUPE_CHILD_STARTED)
        troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    if (event->kind != TROUPE_CHILD_GONE)
        return 0;
    if (++driver->gone < CYCLES) {
        s_spawn (self, driver, 0, s_cycle);
        return 0;
    }
    s_print (driver, "cycle", CYCLES);
    free (driver->ids);
    free (driver->links);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static void s_started (driver_t *driver)
{
    if (++driver->started < driver->actors)
        return;
    s_print (driver, "start", driver->actors);
    for (long number = 0; number < driver->actors; number++)
        troupe_link_stop (driver->links [number], TROUPE_SHUTDOWN_DEFAULT);
}

static void s_gone (troupe_actor_t *self, driver_t *driver)
{
    if (++driver->gone < driver->actors)
        return;
    s_print (driver, "stop", driver->actors);
    driver->gone = 0;
    s_spawn (self, driver, 0, s_cycle);
}

//  All at once.
static int s_event (troupe_actor_t *self, void *state, troupe_link_t *link,
                    const troupe_child_event_t *event, void *context)
{
    (void) link;
    (void) context;
    if (event->kind == TROUPE_CHILD_STARTED)
        s_started (state);
    else
    if (event->kind == TROUPE_CHILD_GONE)
        s_gone (self, state);
    return 0;
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->ids = bench_allocate ((size_t) driver->actors, sizeof *driver->ids);
    driver->links = bench_allocate ((size_t) driver->actors, sizeof (troupe_link_t *));
    for (long number = 0; number < driver->actors; number++)
        snprintf (driver->ids [number], sizeof driver->ids [number], "idle-%ld", number);
    driver->began = bench_now_ns ();
    for (long number = 0; number < driver->actors; number++)
        s_spawn (self, driver, number, s_event);
    return 0;
}

static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);

int main (int argc, char **argv)
{
    const driver_t driver = {
        .actors = bench_count (argc, argv, 1, 1000),
        .named = strcmp (bench_word (argc, argv, 2, "named"), "named") == 0,
    };
    const troupe_child_t children [] = { BENCH_CHILD ("driver", driver_behavior, driver), { 0 } };
    bench_stand (children);
    return 0;
}
