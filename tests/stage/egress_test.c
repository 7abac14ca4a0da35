/*  =========================================================================
    egress_test.c - an egress in front of doors, and of a peer that is the test

    Place: tests/stage, of actors/egress. Three doors (troupe/rpc.h) with a
    worker each stand for three machines. The guest asks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <troupe.h>

#include "rpc/record.h"

#define S_SEED 59
#define S_CALLS 120
#define S_SEEDS 12
#define S_DEADLINE_MS 8000

typedef struct s_call {
    bool idempotent;
    unsigned ended;
    int status;
} s_call_t;

static s_call_t s_calls [S_CALLS];

static int s_on_response (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                          const troupe_response_view_t *response, void *context)
{
    (void) self;
    (void) state;
    (void) outcome;
    s_call_t *call = context;
    call->ended++;
    call->status = response->status;
    return 0;
}

//  --- Three machines

static int s_hello (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    (void) request;
    return troupe_response_text (response, 200, "hello");
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/", .handler = s_hello, .idempotent = true },
    { .method = "POST", .pattern = "/", .handler = s_hello },
    { 0 }
};
static const troupe_service_t s_service = { .routes = s_routes };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);

#define S_DOOR(NUMBER) { .bind = "tcp://127.0.0.1:700" #NUMBER, .routes = s_routes, .workers = "worker-" #NUMBER }
static const troupe_rpc_t s_doors [] = { S_DOOR (1), S_DOOR (2), S_DOOR (3) };
static const troupe_behavior_t s_rpc [] = {
    TROUPE_RPC ("rpc-1", &s_doors [0]), TROUPE_RPC ("rpc-2", &s_doors [1]), TROUPE_RPC ("rpc-3", &s_doors [2]),
};
static const troupe_child_t s_children [] = {
    { .id = "worker-1", .behavior = &s_worker }, { .id = "worker-2", .behavior = &s_worker },
    { .id = "worker-3", .behavior = &s_worker },
    { .id = "rpc-1", .behavior = &s_rpc [0], .backoff = { .min_ms = 40 } },
    { .id = "rpc-2", .behavior = &s_rpc [1], .backoff = { .min_ms = 40 } },
    { .id = "rpc-3", .behavior = &s_rpc [2] }, { 0 }
};
static const troupe_supervisor_t s_root = { .intensity = 100000, .children = s_children };
static const troupe_child_t s_machines = { .id = "machines", .supervisor = &s_root };

static const troupe_egress_t s_three = {
    .servers = "tcp://127.0.0.1:7001 tcp://127.0.0.1:7002 tcp://127.0.0.1:7003",
};
static const troupe_behavior_t s_users = TROUPE_EGRESS ("users", &s_three);

static const troupe_egress_t s_one = { .servers = "tcp://127.0.0.1:7001" };
static const troupe_behavior_t s_single = TROUPE_EGRESS ("users", &s_one);

static troupe_stage_t *s_open (uint64_t seed)
{
    troupe_stage_t *stage = troupe_stage_new (seed);
    cr_assert_eq (troupe_stage_spawn_child (stage, &s_machines), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn (stage, &s_users, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    return stage;
}

static void s_ask (troupe_stage_t *stage, size_t number, const char *method)
{
    troupe_bytes_t none = { NULL, 0 };
    s_calls [number] = (s_call_t) { .idempotent = strcmp (method, "GET") == 0 };
    cr_assert_eq (troupe_rpc_call (troupe_stage_guest (stage), "users", method, "/", none, S_DEADLINE_MS,
                                   s_on_response, &s_calls [number], NULL), TROUPE_OK);
}

//  The whole way: egress, door, worker, and back.
Test (egress, door_answers_an_egress)
{
    troupe_stage_t *stage = s_open (S_SEED);
    for (size_t number = 0; number < 30; number++)
        s_ask (stage, number, number % 2 ? "GET" : "POST");
    troupe_stage_run (stage);
    for (size_t number = 0; number < 30; number++)
        cr_assert_eq (s_calls [number].status, 200, "%d", s_calls [number].status);
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  What a program sends that is not a request, and what it asks of an egress, is answered.
Test (egress, what_is_no_request_is_answered_too)
{
    troupe_stage_t *stage = s_open (S_SEED);
    troupe_response_view_t view;
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_stage_call_bytes (stage, "users", TROUPE_TAG_REQUEST, "what", 4, 1000, &reply),
                  TROUPE_CALL_OK);
    cr_assert_eq (troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply), &view), TROUPE_OK);
    cr_assert_eq (view.status, 400);
    troupe_message_destroy (&reply);
    cr_assert_str_eq (troupe_stage_call (stage, "users", "hello"), "[FAILED] users takes requests only");
    cr_assert_eq (troupe_stage_call_bytes (stage, "users", TROUPE_EGRESS_STATS, NULL, 0, 1000, &reply),
                  TROUPE_CALL_OK);
    cr_assert_not_null (strstr (troupe_message_text (reply), "tcp://127.0.0.1:7003 up closed outstanding 0"), "%s",
                        troupe_message_text (reply));
    troupe_message_destroy (&reply);
    troupe_stage_destroy (&stage);
}

//  How many records of a kind the server has been sent.
static size_t s_count (troupe_stage_zmq_peer_t *peer, troupe_rpc_kind_t kind)
{
    size_t records = 0, count = 0;
    troupe_rpc_record_t record;
    for (const troupe_bytes_t *frames; (frames = troupe_stage_zmq_taken_frames (peer, &count)) != NULL;)
        for (size_t offset = 0; troupe_rpc_read (frames [count - 1].data, frames [count - 1].size, &offset, &record)
             == TROUPE_OK;)
            records += record.kind == kind;
    return records;
}

//  A server whose connection takes no more gets the rest when it does; nothing is lost or sent twice.
Test (egress, what_does_not_fit_into_the_connection_waits)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://127.0.0.1:7001", NULL);
    cr_assert_eq (troupe_stage_spawn (stage, &s_single, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    troupe_stage_zmq_fill (peer, true);
    for (size_t number = 0; number < 3; number++) {
        s_ask (stage, number, "POST");
        troupe_stage_run (stage);
    }
    cr_assert_null (troupe_stage_zmq_taken (peer));
    troupe_stage_zmq_fill (peer, false);
    troupe_stage_run (stage);
    cr_assert_eq (s_count (peer, TROUPE_RPC_ASK), 3);
    troupe_stage_zmq_connected (peer, false);
    troupe_stage_run (stage);
    for (size_t number = 0; number < 3; number++)
        cr_assert_eq (s_calls [number].status, 503, "at once, not at the deadline");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  Whoever asked has given up at the same time: an answer of the egress would only be one that nobody takes.
Test (egress, call_that_nobody_answers_ends_once)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (troupe_stage_spawn (stage, &s_single, NULL), TROUPE_OK);
    s_ask (stage, 0, "GET");
    troupe_stage_advance (stage, S_DEADLINE_MS + 100);
    cr_assert_eq (s_calls [0].ended, 1);
    cr_assert_eq (s_calls [0].status, 504);
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_LATE_REPLY), 0);
    troupe_stage_destroy (&stage);
}

//  Work that nobody waits for is not begun, or stopped: a server is told at once, and not at the deadline.
Test (egress, call_that_is_given_up_is_cancelled_at_the_server)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_actor_t *guest = troupe_stage_guest (stage);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://127.0.0.1:7001", NULL);
    cr_assert_eq (troupe_stage_spawn (stage, &s_single, NULL), TROUPE_OK);
    troupe_call_t call;
    cr_assert_eq (troupe_rpc_call (guest, "users", "POST", "/", (troupe_bytes_t) { NULL, 0 }, S_DEADLINE_MS,
                                   s_on_response, &s_calls [0], &call), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_eq (s_count (peer, TROUPE_RPC_ASK), 1);
    cr_assert (troupe_call_cancel (guest, call));
    troupe_stage_run (stage);
    cr_assert_eq (s_count (peer, TROUPE_RPC_CANCEL), 1);
    troupe_message_t *reply = NULL;
    troupe_stage_call_bytes (stage, "users", TROUPE_EGRESS_STATS, NULL, 0, 1000, &reply);
    cr_assert_not_null (strstr (troupe_message_text (reply), "given_up 1\nretries 0"));
    cr_assert_not_null (strstr (troupe_message_text (reply), "outstanding 0"));
    troupe_message_destroy (&reply);
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  The same while it waits for a server: it is never sent.
Test (egress, call_that_is_given_up_leaves_the_queue)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_actor_t *guest = troupe_stage_guest (stage);
    cr_assert_eq (troupe_stage_spawn (stage, &s_single, NULL), TROUPE_OK);
    troupe_call_t call;
    cr_assert_eq (troupe_rpc_call (guest, "users", "GET", "/", (troupe_bytes_t) { NULL, 0 }, S_DEADLINE_MS,
                                   s_on_response, &s_calls [0], &call), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert (troupe_call_cancel (guest, call));
    troupe_stage_run (stage);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://127.0.0.1:7001", NULL);
    troupe_stage_advance (stage, 5000);
    cr_assert_eq (s_count (peer, TROUPE_RPC_ASK), 0);
    troupe_stage_destroy (&stage);
}

//  Asked to end, it finishes what it has taken.
Test (egress, drains_before_it_ends)
{
    troupe_stage_t *stage = s_open (S_SEED);
    for (size_t number = 0; number < 10; number++)
        s_ask (stage, number, "POST");
    troupe_stage_step (stage);
    cr_assert_eq (troupe_stage_stop (stage, "users"), TROUPE_OK);
    troupe_stage_run (stage);
    for (size_t number = 0; number < 10; number++)
        cr_assert_eq (s_calls [number].ended, 1);
    troupe_stage_destroy (&stage);
}

//  An end does not wait for servers that are not there: its own limit is below that of whoever stops it.
Test (egress, drains_for_a_while_only)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (troupe_stage_spawn (stage, &s_single, NULL), TROUPE_OK);
    s_ask (stage, 0, "POST");
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_stop (stage, "users"), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_eq (s_calls [0].ended, 1);
    cr_assert_eq (troupe_stage_now_ms (stage), 4000);
    troupe_stage_destroy (&stage);
}

static int s_on_raw (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                     void *context)
{
    (void) self;
    (void) state;
    (void) reply;
    *(troupe_outcome_t *) context = outcome;
    return 0;
}

//  Who asks here is nobody there: a server sees for itself who this program is.
Test (egress, who_asks_is_not_passed_on)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://127.0.0.1:7001", NULL);
    cr_assert_eq (troupe_stage_spawn (stage, &s_single, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    uint8_t room [128];
    size_t size = 0, count = 0, offset = 0;
    troupe_outcome_t outcome = TROUPE_CALL_OK;
    const troupe_request_parts_t parts = { .method = troupe_text ("POST"), .path = troupe_text ("/"),
                                           .user = troupe_text ("ada") };
    cr_assert_eq (troupe_request_encode (&parts, room, sizeof room, &size), TROUPE_OK);
    cr_assert_eq (troupe_call (troupe_ref (troupe_stage_guest (stage), "users"), TROUPE_TAG_REQUEST, room, size, 1000,
                               s_on_raw, &outcome, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    const troupe_bytes_t *frames = troupe_stage_zmq_taken_frames (peer, &count);
    cr_assert_not_null (frames);
    troupe_rpc_record_t record;
    troupe_request_t request;
    cr_assert_eq (troupe_rpc_read (frames [count - 1].data, frames [count - 1].size, &offset, &record), TROUPE_OK);
    cr_assert_eq (troupe_request_decode (record.payload.data, record.payload.size, &request), TROUPE_OK);
    cr_assert_eq (request.user.size, 0);
    cr_assert_str_eq (request.path.data, "/");
    troupe_stage_advance (stage, 2000);
    troupe_stage_destroy (&stage);
}

//  --- Who is there

typedef struct s_view {
    unsigned answers;
    char servers [256];             //  The last answer
} s_view_t;

static int s_on_servers (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                         void *context)
{
    (void) self;
    (void) state;
    s_view_t *view = context;
    view->answers++;
    snprintf (view->servers, sizeof view->servers, "%s%s", outcome ? troupe_outcome_name (outcome) : "",
              troupe_message_text (reply));
    return 0;
}

//  Asks with what it knows, for so long.
static void s_watch (troupe_stage_t *stage, s_view_t *view, int64_t timeout_ms)
{
    cr_assert_eq (troupe_call (troupe_ref (troupe_stage_guest (stage), "users"), TROUPE_EGRESS_SERVERS, view->servers,
                               strlen (view->servers), timeout_ms, s_on_servers, view, NULL), TROUPE_OK);
    troupe_stage_run (stage);
}

//  A program that says who is gone, and who is back, asks nobody every second.
Test (egress, tells_when_a_server_comes_or_goes)
{
    troupe_stage_t *stage = s_open (S_SEED);
    s_view_t view = { 0, "" };
    s_watch (stage, &view, TROUPE_FOREVER);
    cr_assert_str_eq (view.servers, "tcp://127.0.0.1:7001 up\ntcp://127.0.0.1:7002 up\ntcp://127.0.0.1:7003 up\n");
    s_watch (stage, &view, TROUPE_FOREVER);
    cr_assert_eq (view.answers, 1, "nothing has changed");
    troupe_stage_crash (stage, "rpc-2", SIGKILL);
    troupe_stage_run (stage);
    cr_assert_str_eq (view.servers, "tcp://127.0.0.1:7001 up\ntcp://127.0.0.1:7002 down\ntcp://127.0.0.1:7003 up\n");
    s_watch (stage, &view, TROUPE_FOREVER);
    cr_assert_eq (view.answers, 2);
    troupe_stage_advance (stage, 5000);
    cr_assert_str_eq (view.servers, "tcp://127.0.0.1:7001 up\ntcp://127.0.0.1:7002 up\ntcp://127.0.0.1:7003 up\n");
    cr_assert_eq (view.answers, 3);
    troupe_stage_destroy (&stage);
}

//  Watchers that never come back must not add up, and an egress that has to end does not wait for a change.
Test (egress, those_who_watch_are_bounded_and_let_go)
{
    troupe_stage_t *stage = s_open (S_SEED);
    s_view_t views [65] = { { 0, "" } };
    for (size_t index = 0; index < 65; index++)
        s_watch (stage, &views [index], TROUPE_FOREVER);
    for (size_t index = 0; index < 64; index++)
        s_watch (stage, &views [index], 1000);
    s_watch (stage, &views [64], TROUPE_FOREVER);
    cr_assert_str_eq (views [64].servers, "FAILED64 wait already");
    troupe_stage_advance (stage, 1000);
    cr_assert_str_eq (views [0].servers, "TIMEOUT");
    s_view_t late = { 0, "" };
    s_watch (stage, &late, TROUPE_FOREVER);
    s_watch (stage, &late, TROUPE_FOREVER);
    cr_assert_eq (late.answers, 1, "there is room again");
    cr_assert_eq (troupe_stage_stop (stage, "users"), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_eq (late.answers, 2);
    troupe_stage_destroy (&stage);
}

//  --- Chaos

static size_t s_below (uint64_t *chance, size_t limit)
{
    *chance = *chance * UINT64_C (6364136223846793005) + 1442695040888963407u;
    return (size_t) (*chance >> 33) % limit;
}

//  Trouble comes to the first two machines.
static void s_trouble (troupe_stage_t *stage, uint64_t *chance, bool *hung)
{
    size_t index = s_below (chance, 2);
    const char *door = index ? "rpc-2" : "rpc-1";
    switch (s_below (chance, 3)) {
        case 0:
            troupe_stage_fail_message (stage, index ? "worker-2" : "worker-1", 1);
            break;
        case 1:
            hung [index] = !hung [index];
            troupe_stage_hang (stage, door, hung [index]);
            break;
        default:
            if (!hung [index])
                troupe_stage_crash (stage, door, SIGKILL);
    }
}

//  Every call ends exactly once, and what may be done twice is answered as long as a machine is well. (A worker that
//  fails has answered: 500.)
Test (egress, chaos)
{
    for (uint64_t seed = 1; seed <= S_SEEDS; seed++) {
        troupe_stage_t *stage = s_open (seed);
        uint64_t chance = seed;
        bool hung [2] = { false, false };
        for (size_t number = 0; number < S_CALLS; number++) {
            s_ask (stage, number, s_below (&chance, 2) ? "GET" : "POST");
            if (s_below (&chance, 6) == 0)
                s_trouble (stage, &chance, hung);
            for (size_t steps = s_below (&chance, 10); steps; steps--)
                troupe_stage_step (stage);
            troupe_stage_advance (stage, (int64_t) s_below (&chance, 20));
        }
        troupe_stage_advance (stage, S_DEADLINE_MS + 100);
        for (size_t number = 0; number < S_CALLS; number++) {
            const s_call_t *call = &s_calls [number];
            cr_assert_eq (call->ended, 1, "seed %u: call %zu ended %u times", (unsigned) seed, number, call->ended);
            cr_assert (!call->idempotent || call->status == 200 || call->status == 500,
                       "seed %u: call %zu: %d", (unsigned) seed, number, call->status);
        }
        troupe_stage_destroy (&stage);
    }
}
