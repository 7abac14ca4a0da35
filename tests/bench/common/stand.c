/*  =========================================================================
    common/stand.c - what every benchmark of the project itself needs

    Place: tests/bench. See stand.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "other.h"
#include "stand.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 60000
#define STOP_MS 60000

//  Children that are processes run this program again.
static troupe_t *s_stand_new (const troupe_child_t *children, const char *const *settings)
{
    const troupe_options_t options = {
        .log_level = TROUPE_LOG_ERROR,
        .no_polling = getenv ("BENCH_NO_POLLING") != NULL,
        .settings = settings,
        .program = "/proc/self/exe",
    };
    const troupe_supervisor_t root = { .children = children };
    troupe_error_t error = TROUPE_OK;
    troupe_t *troupe = troupe_new (&options, &error);
    bench_check (troupe != NULL, troupe_error_name (error));
    error = troupe_start (troupe, &root, START_MS);
    bench_check (error == TROUPE_OK, troupe_error_name (error));
    return troupe;
}

troupe_t *bench_stand_new (const troupe_child_t *children)
{
    return s_stand_new (children, NULL);
}

void bench_stand_serve (const troupe_child_t *children, const char *id, const char *const *settings)
{
    bench_stand_serve_at (children, id, TROUPE_TAG_ENDPOINT, settings);
}

void bench_stand_serve_at (const troupe_child_t *children, const char *id, uint16_t tag, const char *const *settings)
{
    troupe_t *troupe = s_stand_new (children, settings);
    troupe_message_t *endpoint = NULL;
    const troupe_outcome_t outcome = troupe_call_wait (troupe, id, tag, NULL, 0, START_MS, &endpoint);
    bench_check (outcome == TROUPE_CALL_OK, troupe_outcome_name (outcome));
    bench_other_ready (troupe_message_text (endpoint));
    for (;;)
        poll (NULL, 0, -1);
}

void bench_stand_begin (troupe_t *troupe)
{
    troupe_message_t *answer = NULL;
    const troupe_outcome_t outcome =
        troupe_call_wait (troupe, "driver", BENCH_BEGIN, NULL, 0, TROUPE_FOREVER, &answer);
    if (outcome != TROUPE_CALL_OK)
        fprintf (stderr, "driver: %s\n", troupe_message_text (answer));
    bench_check (outcome == TROUPE_CALL_OK, troupe_outcome_name (outcome));
    troupe_message_destroy (&answer);
}

void bench_stand (const troupe_child_t *children)
{
    troupe_t *troupe = bench_stand_new (children);
    bench_stand_begin (troupe);
    const troupe_error_t error = troupe_stop (troupe, STOP_MS);
    bench_check (error == TROUPE_OK, troupe_error_name (error));
    troupe_destroy (&troupe);
}

int bench_state_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) self;
    *state_p = bench_allocate (1, args_size);
    memcpy (*state_p, args, args_size);
    return 0;
}

void bench_state_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

void bench_cast (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size)
{
    const troupe_error_t error = troupe_cast (ref, tag, data, size);
    if (error != TROUPE_OK)
        bench_check (0, troupe_error_name (error));
}

long bench_instance (const troupe_actor_t *self)
{
    const char *dash = strrchr (troupe_name (self), '-');
    bench_check (dash != NULL, "the actor's name has no number");
    return strtol (dash + 1, NULL, 10);
}

troupe_ref_t *bench_instance_ref (troupe_actor_t *self, const char *id, long number)
{
    char name [64];
    snprintf (name, sizeof name, "%s-%ld", id, number);
    troupe_ref_t *ref = troupe_ref (self, name);
    bench_check (ref != NULL, name);
    return ref;
}

troupe_ref_t *bench_crowd_ref (troupe_actor_t *self, troupe_ref_t **table, const char *id, long number)
{
    bench_check (number >= 0 && number < BENCH_CROWD_MAX, "too large a crowd");
    if (table [number] == NULL)
        table [number] = bench_instance_ref (self, id, number);
    return table [number];
}

int bench_finish (troupe_caller_t **caller_p, int64_t began_ns)
{
    bench_print ("time", (double) (bench_now_ns () - began_ns) / 1e6, "ms");
    return (int) troupe_answer (caller_p, NULL, 0);
}
