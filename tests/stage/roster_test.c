/*  =========================================================================
    roster_test.c - workers that come to a pool and leave it by themselves

    Place: tests/stage, of actors/pool/roster.c and announcer.c. The workers are
    on the stage under the endpoints that they would have on other machines.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "doer.h"

#define S_SEED 41
#define S_ONE "tcp://10.0.0.1:7000"
#define S_TWO "tcp://10.0.0.2:7000"

static const troupe_pool_t s_spec = { .window = 4, .queue_limit = 2 };
static const troupe_behavior_t s_pool = TROUPE_POOL ("pool", &s_spec);

//  Notes "NAME>TEXT", and answers with its name.
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    doer_note ("%s>%s", troupe_name (self), troupe_message_text (message));
    troupe_replyf (self, message, "%s", troupe_name (self));
    return 0;
}

static const troupe_behavior_t s_worker = { .name = "worker", .receive = s_receive };

static troupe_stage_t *s_open (void)
{
    static const troupe_child_t one = { .id = "one", .behavior = &s_worker, .endpoint = S_ONE };
    static const troupe_child_t two = { .id = "two", .behavior = &s_worker, .endpoint = S_TWO };
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (troupe_stage_spawn_child (stage, &one), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn_child (stage, &two), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn (stage, &s_pool, NULL), TROUPE_OK);
    return stage;
}

//  What the pool says to READY or DISCONNECT: "", or why not.
static const char *s_say_bytes (troupe_stage_t *stage, uint16_t tag, const void *data, size_t size)
{
    static char answer [256];
    troupe_message_t *reply = NULL;
    troupe_stage_call_bytes (stage, "pool", tag, data, size, 1000, &reply);
    snprintf (answer, sizeof answer, "%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    troupe_stage_run (stage);
    return answer;
}

static const char *s_say (troupe_stage_t *stage, uint16_t tag, const char *endpoint)
{
    return s_say_bytes (stage, tag, endpoint, strlen (endpoint));
}

//  Whoever is ready gets work, and nobody else; said twice it is still one worker.
Test (roster, ready_worker_gets_calls)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "a"), "[FAILED] the pool: there is none of that name");
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, S_ONE), "");
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, S_ONE), "");
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "b"), "one");
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, S_TWO), "");
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "c"), "one");
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "d"), "two");
    doer_notes ();
    troupe_stage_destroy (&stage);
}

//  Leaving is orderly: no more work, and what it has it finishes.
Test (roster, disconnected_worker_finishes_what_it_has)
{
    troupe_stage_t *stage = s_open ();
    troupe_ref_t *pool = troupe_ref (troupe_stage_guest (stage), "pool");
    s_say (stage, TROUPE_POOL_READY, S_ONE);
    troupe_stage_hang (stage, "one", true);
    troupe_call (pool, 0, "a", 1, 5000, doer_on_reply, "a=", NULL);
    troupe_stage_run (stage);
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, S_TWO), "");
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_DISCONNECT, S_ONE), "");
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_DISCONNECT, S_ONE), "", "done is done");
    troupe_stage_hang (stage, "one", false);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "b"), "two");
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "c"), "two");
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "a=OK:one"), "%s", notes);
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, S_ONE), "", "and it may come back");
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "d"), "two");
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "e"), "one");
    doer_notes ();
    troupe_stage_destroy (&stage);
}

//  A machine that vanished must not stand in the books for ever.
Test (roster, silent_worker_is_forgotten)
{
    troupe_stage_t *stage = s_open ();
    s_say (stage, TROUPE_POOL_READY, S_ONE);
    troupe_stage_advance (stage, TROUPE_POOL_FORGET_MS - 1000);
    s_say (stage, TROUPE_POOL_READY, S_TWO);
    troupe_stage_advance (stage, 2000);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "a"), "two");
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "b"), "two");
    cr_assert_not_null (strstr (troupe_stage_log (stage), S_ONE " is forgotten"), "%s", troupe_stage_log (stage));
    doer_notes ();
    troupe_stage_destroy (&stage);
}

//  READY said again and again keeps it, in any order of the workers.
Test (roster, repeated_ready_keeps_a_worker)
{
    troupe_stage_t *stage = s_open ();
    for (int beat = 0; beat < 30; beat++) {
        s_say (stage, TROUPE_POOL_READY, beat % 2 ? S_ONE : S_TWO);
        s_say (stage, TROUPE_POOL_READY, beat % 2 ? S_TWO : S_ONE);
        troupe_stage_advance (stage, TROUPE_POOL_ANNOUNCE_MS);
    }
    cr_assert_null (strstr (troupe_stage_log (stage), "forgotten"));
    troupe_stage_destroy (&stage);
}

//  What comes from outside is looked at before it is used.
Test (roster, malformed_endpoint_is_refused)
{
    static const char words [] = "its endpoint is not tcp://HOST:PORT, with one host and one port, or ipc:///PATH";
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, "one"), words);
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, "inproc://one"), words);
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, "tcp://0.0.0.0:7000"), words);
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, ""), words);
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_DISCONNECT, "nonsense"), words);
    cr_assert_str_eq (s_say_bytes (stage, TROUPE_POOL_READY, S_ONE "\0", sizeof S_ONE), words);
    cr_assert_eq (troupe_stage_cast (stage, "pool", TROUPE_POOL_READY, "x", 1), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (troupe_stage_call (stage, "pool", "a"), "[FAILED] the pool: there is none of that name");
    troupe_stage_destroy (&stage);
}

//  Endless endpoints that nobody is at must not fill the memory.
Test (roster, endpoints_are_bounded)
{
    char endpoint [64];
    troupe_stage_t *stage = s_open ();
    for (unsigned number = 0; number < TROUPE_POOL_ENDPOINTS_MAX; number++) {
        snprintf (endpoint, sizeof endpoint, "tcp://10.1.%u.%u:7000", number / 100, number % 100);
        cr_assert_eq (troupe_stage_cast (stage, "pool", TROUPE_POOL_READY, endpoint, strlen (endpoint)), TROUPE_OK);
        if (number % 1000 == 999)
            troupe_stage_run (stage);
        if (number % 1000 == 999)
            troupe_stage_trace_clear (stage);
    }
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, S_ONE), "there are too many workers");
    cr_assert_str_eq (s_say (stage, TROUPE_POOL_READY, "tcp://10.1.0.0:7000"), "", "who is known may come back");
    troupe_stage_destroy (&stage);
}

//  A pool that ends takes nobody on, but lets them go.
Test (roster, ending_pool_refuses_workers)
{
    troupe_stage_t *stage = s_open ();
    troupe_ref_t *pool = troupe_ref (troupe_stage_guest (stage), "pool");
    s_say (stage, TROUPE_POOL_READY, S_ONE);
    troupe_stage_hang (stage, "one", true);
    troupe_call (pool, 0, "a", 1, 500, doer_on_reply, "a=", NULL);
    troupe_stage_run (stage);
    troupe_call (pool, TROUPE_POOL_READY, S_TWO, strlen (S_TWO), 400, doer_on_reply, "ready=", NULL);
    troupe_call (pool, TROUPE_POOL_DISCONNECT, S_ONE, strlen (S_ONE), 400, doer_on_reply, "leave=", NULL);
    troupe_stage_delay (stage, "guest", "pool", 100);
    troupe_stage_stop (stage, "pool");
    cr_assert_str_eq (doer_notes (), "ready=FAILED:the pool is ending leave=OK: a=TIMEOUT:");
    troupe_stage_hang (stage, "one", false);
    troupe_stage_destroy (&stage);
}
