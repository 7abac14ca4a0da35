/*  =========================================================================
    memory/memory.c - what an idle actor costs

    Place: tests/bench. Resident memory and descriptors of the process, before
    the actors are spawned and when all have started, divided by their number;
    and the CPU time that the whole program uses in one idle second.
    Usage: memory ACTORS named|unnamed

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <stdio.h>
#include <string.h>

typedef char name_t [32];

typedef struct {
    long actors;
    bool named;
    long started;
    name_t *ids;
    troupe_caller_t *caller;
} driver_t;

static const troupe_behavior_t idle_behavior = { .name = "idle" };

static int s_event (troupe_actor_t *self, void *state, troupe_link_t *link,
                    const troupe_child_event_t *event, void *context)
{
    driver_t *driver = state;
    (void) self;
    (void) link;
    (void) context;
    if (event->kind != TROUPE_CHILD_STARTED || ++driver->started < driver->actors)
        return 0;
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    for (long number = 0; number < driver->actors; number++) {
        snprintf (driver->ids [number], sizeof driver->ids [number], "idle-%ld", number);
        const troupe_child_t spec = {
            .id = driver->ids [number],
            .behavior = &idle_behavior,
            .endpoint = driver->named? NULL: "",
        };
        troupe_link_t *link = NULL;
        const troupe_error_t error = troupe_spawn (self, &spec, s_event, NULL, &link);
        bench_check (error == TROUPE_OK, troupe_error_name (error));
    }
    return 0;
}

static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);

int main (int argc, char **argv)
{
    const long actors = bench_count (argc, argv, 1, 4000);
    const driver_t driver = {
        .actors = actors,
        .named = strcmp (bench_word (argc, argv, 2, "named"), "named") == 0,
        .ids = bench_allocate ((size_t) actors, sizeof (name_t)),
    };
    const troupe_child_t children [] = { BENCH_CHILD ("driver", driver_behavior, driver), { 0 } };
    troupe_t *troupe = bench_stand_new (children);
    const long resident = bench_resident_bytes ();
    const long descriptors = bench_descriptors ();
    bench_stand_begin (troupe);
    bench_print_idle (resident, descriptors, actors);
    troupe_destroy (&troupe);
    return 0;
}
