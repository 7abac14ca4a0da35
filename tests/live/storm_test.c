/*  =========================================================================
    storm_test.c - many calls while the actor that is called fails, or ends

    Place: tests/live. Each call carries a number of its own, and its answer
    must carry it back: nothing is lost, answered twice, or answered with what
    was meant for another.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "troupe_world.h"

#define CALLERS 3u
#define CALLS 600u
#define IN_FLIGHT 24u

//  --- Who is called: echoes the number, fails at each one that can be divided by what its args say

static int s_server_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    uint64_t *fails = malloc (sizeof *fails);
    if (!fails || args_size != sizeof *fails) {
        free (fails);
        return troupe_fail (self, 1, "no state");
    }
    memcpy (fails, args, sizeof *fails);
    *state_p = fails;
    return 0;
}

static int s_server_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    uint64_t number;
    const uint64_t *fails = state;
    memcpy (&number, troupe_message_data (message), sizeof number);
    if (number % *fails == *fails - 1)
        return troupe_fail (self, 7, "%" PRIu64, number);
    return (int) troupe_reply (self, message, &number, sizeof number);
}

static void s_server_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_server = { .name = "server", .start = s_server_start, .receive = s_server_receive,
                                            .stop = s_server_stop };

//  --- Who calls, so many at a time, and counts the outcomes

typedef struct {
    uint64_t begun, ended, wrong;
    uint64_t outcomes [TROUPE_CALL_CANCELLED + 1];
    uint8_t seen [CALLS];
    troupe_caller_t *asker;
} s_client_t;

static int s_begin (troupe_actor_t *self, s_client_t *client);

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    s_client_t *client = state;
    uint64_t number = (uintptr_t) context, back = number;
    if (outcome == TROUPE_CALL_OK && troupe_message_size (reply) == sizeof back)
        memcpy (&back, troupe_message_data (reply), sizeof back);
    else if (outcome == TROUPE_CALL_OK)
        client->wrong++;
    client->wrong += back != number || client->seen [number]++;
    client->outcomes [outcome]++;
    client->ended++;
    return s_begin (self, client);
}

static int s_begin (troupe_actor_t *self, s_client_t *client)
{
    while (client->begun < CALLS && client->begun - client->ended < IN_FLIGHT) {
        uint64_t number = client->begun++;
        troupe_error_t error = troupe_call (troupe_ref (self, "server"), 0, &number, sizeof number, TROUPE_FOREVER,
                                            s_on_answer, (void *) (uintptr_t) number, NULL);
        if (error)
            return troupe_fail_error (self, error, "call");
    }
    if (client->ended < CALLS || !client->asker)
        return 0;
    const uint64_t *outcomes = client->outcomes;
    uint64_t down = outcomes [TROUPE_CALL_DOWN] + outcomes [TROUPE_CALL_NO_SUCH_ACTOR];
    return (int) troupe_answerf (&client->asker, "ok %" PRIu64 " failed %" PRIu64 " down %" PRIu64 " others %" PRIu64
                                 " wrong %" PRIu64, outcomes [TROUPE_CALL_OK], outcomes [TROUPE_CALL_FAILED], down,
                                 client->ended - outcomes [TROUPE_CALL_OK] - outcomes [TROUPE_CALL_FAILED] - down,
                                 client->wrong);
}

static int s_client_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (s_client_t));
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "state");
}

static int s_client_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_client_t *client = state;
    client->asker = troupe_defer (self, message);
    return s_begin (self, client);
}

static const troupe_behavior_t s_client = { .name = "client", .start = s_client_start, .receive = s_client_receive,
                                            .stop = s_server_stop };

//  --- Facts

static int s_on_report (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) self;
    (void) state;
    (void) context;
    cr_assert_eq (outcome, TROUPE_CALL_OK);
    world_note ("%s.", troupe_message_text (reply));
    return 0;
}

static troupe_t *s_storm (const uint64_t *fails, troupe_restart_t restart)
{
    const troupe_child_t children [] = {
        { .id = "server", .behavior = &s_server, .args = fails, .args_size = sizeof *fails, .restart = restart },
        { .id = "client", .behavior = &s_client, .instances = CALLERS }, { .id = NULL } };
    troupe_t *troupe = world_with (children);
    for (unsigned client = 1; client <= CALLERS; client++) {
        char name [16];
        snprintf (name, sizeof name, "client-%u", client);
        troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), name);
        cr_assert_eq (troupe_call (ref, 0, "", 0, TROUPE_FOREVER, s_on_report, NULL, NULL), TROUPE_OK);
    }
    return troupe;
}

//  Every call that made it fail is FAILED, and every other one is answered by this life or a later one.
Test (live_storm, calls_across_restarts_have_their_own_answers)
{
    static const uint64_t fails = 20;
    troupe_t *troupe = s_storm (&fails, TROUPE_PERMANENT);
    cr_assert_str_eq (world_notes (troupe, CALLERS), "ok 570 failed 30 down 0 others 0 wrong 0. "
                      "ok 570 failed 30 down 0 others 0 wrong 0. ok 570 failed 30 down 0 others 0 wrong 0.");
    world_end (troupe);
}

//  When it ends for good, each call still ends: answered before, failed with it, or DOWN.
Test (live_storm, calls_to_one_that_ends_all_end)
{
    static const uint64_t fails = 300;
    troupe_t *troupe = s_storm (&fails, TROUPE_TEMPORARY);
    const char *notes = world_notes (troupe, CALLERS);
    unsigned ok, failed, down, others, wrong, failures = 0;
    int size = 0;
    for (unsigned client = 0; client < CALLERS; client++, notes += size) {
        cr_assert_eq (sscanf (notes, "ok %u failed %u down %u others %u wrong %u. %n", &ok, &failed, &down, &others,
                              &wrong, &size), 5, "%s", notes);
        cr_assert_eq (ok + failed + down, CALLS, "%s", notes);
        cr_assert_eq (others + wrong, 0, "%s", notes);
        failures += failed;
    }
    cr_assert_eq (failures, 1, "only the call that it failed at");
    world_end (troupe);
}
