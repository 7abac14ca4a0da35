/*  =========================================================================
    memory/links.c - what a way to another process costs, at both ends

    Place: tests/bench. LINKS actors, which have talked to one of this process
    before, make a ref each to one actor of another program, and call it: growth
    of this process for a ref, and of the other, whose mailbox listens, for a
    connection. An actor's answer is how large its process is.
    Usage: links ipc|tcp LINKS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/other.h"
#include "../common/stand.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    long resident, descriptors;
} usage_t;

typedef enum { WARM_UP = 0, HERE_BEFORE, THERE_BEFORE, LINK, HERE_AFTER, THERE_AFTER, MEASURED } step_t;

typedef struct {
    char endpoint [BENCH_ENDPOINT_MAX + 1];
    long links, answered;
    step_t step;
    usage_t usages [MEASURED];
    troupe_caller_t *caller;
} driver_t;

static int s_answer_usage (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const usage_t usage = { .resident = bench_resident_bytes (), .descriptors = bench_descriptors () };
    (void) state;
    return (int) troupe_reply (self, message, &usage, sizeof usage);
}

//  Hands the call on to the address in it.
static int s_hand_on (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    troupe_ref_t *ref = troupe_ref (self, troupe_message_text (message));
    bench_check (ref != NULL, "ref");
    return (int) troupe_delegate (self, message, ref);
}

static int s_take_step (troupe_actor_t *self, driver_t *driver);

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       troupe_message_t *reply, void *context)
{
    driver_t *driver = state;
    const bool everybody = driver->step == WARM_UP || driver->step == LINK;
    (void) context;
    bench_check (outcome == TROUPE_CALL_OK, troupe_outcome_name (outcome));
    bench_check (troupe_message_size (reply) == sizeof (usage_t), "the answer");
    memcpy (&driver->usages [driver->step], troupe_message_data (reply), sizeof (usage_t));
    if (everybody && ++driver->answered < driver->links)
        return 0;
    driver->answered = 0;
    driver->step++;
    return s_take_step (self, driver);
}

static int s_call (troupe_ref_t *ref, const char *text)
{
    return (int) troupe_call (ref, 0, text, strlen (text), 60000, s_answered, NULL, NULL);
}

static int s_call_everybody (troupe_actor_t *self, driver_t *driver, const char *address)
{
    int result = 0;
    for (long number = 1; number <= driver->links && result == 0; number++)
        result = s_call (bench_instance_ref (self, "member", number), address);
    return result;
}

static void s_print (const driver_t *driver, const char *what, step_t before, step_t after)
{
    char metric [64];
    const usage_t *first = &driver->usages [before], *last = &driver->usages [after];
    snprintf (metric, sizeof metric, "%s_resident", what);
    bench_print (metric, (double) (last->resident - first->resident) / 1024 / (double) driver->links, "KiB");
    snprintf (metric, sizeof metric, "%s_descriptors", what);
    bench_print (metric, (double) (last->descriptors - first->descriptors) / (double) driver->links, "1");
}

static int s_take_step (troupe_actor_t *self, driver_t *driver)
{
    switch (driver->step) {
        case WARM_UP:
            return s_call_everybody (self, driver, "local");
        case LINK:
            return s_call_everybody (self, driver, driver->endpoint);
        case HERE_BEFORE:
        case HERE_AFTER:
            return s_call (troupe_ref (self, "local"), "");
        case THERE_BEFORE:
        case THERE_AFTER:
            return s_call (troupe_ref (self, driver->endpoint), "");
        case MEASURED:
        default:
            s_print (driver, "ref", HERE_BEFORE, HERE_AFTER);
            s_print (driver, "connection", THERE_BEFORE, THERE_AFTER);
            return (int) troupe_answer (&driver->caller, NULL, 0);
    }
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    return s_take_step (self, driver);
}

static const troupe_behavior_t usage_behavior = { .name = "usage", .receive = s_answer_usage };
static const troupe_behavior_t member_behavior = { .name = "member", .receive = s_hand_on };
static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);

static void s_serve (const char *wish, void *context)
{
    const troupe_child_t children [] = {
        { .id = "usage", .behavior = &usage_behavior, .listen = wish },
        { 0 }
    };
    (void) context;
    bench_stand_serve (children, "usage", NULL);
}

int main (int argc, char **argv)
{
    bench_other_t other;
    bench_other_start (&other, bench_word (argc, argv, 1, "tcp"), s_serve, NULL);
    driver_t driver = { .links = bench_count (argc, argv, 2, 500) };
    strcpy (driver.endpoint, other.endpoint);
    const troupe_child_t children [] = {
        { .id = "local", .behavior = &usage_behavior },
        { .id = "member", .behavior = &member_behavior, .instances = (unsigned) driver.links },
        BENCH_CHILD ("driver", driver_behavior, driver),
        { 0 }
    };
    bench_stand (children);
    bench_other_end (&other);
    return 0;
}
