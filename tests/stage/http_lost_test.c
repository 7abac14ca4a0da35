/*  =========================================================================
    http_lost_test.c - what a client sees when a handler's process is lost

    Place: tests/stage, of actors/http/calls.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "http_door.h"

#define END " HTTP/1.1\r\nHost: a\r\n\r\n"
#define UNAVAILABLE "503 {Retry-After: 1} problem"
#define PUT_PROBE "PUT /probe HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nwork"

//  A crash is not the handler's answer: the client is told to come again.
Test (http_lost, crash_is_503_and_not_500)
{
    door_t door = door_open (21, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /crash" END), UNAVAILABLE);
    cr_assert_eq (door_crashes (), 1);
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"", "the next incarnation answers");
    door_close (&door);
}

//  A request that crashes every process would crash them for ever if it were tried until it succeeds.
Test (http_lost, idempotent_crash_is_tried_twice)
{
    door_t door = door_open (22, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "PUT /crash" END), UNAVAILABLE);
    cr_assert_eq (door_crashes (), 2);
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    door_close (&door);
}

//  Who asks for what may be done twice does not notice that a process was lost.
Test (http_lost, idempotent_request_survives_its_worker)
{
    door_t door = door_open (23, NULL);
    troupe_stage_peer_t *plain = door_connect (&door), *safe = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, plain, "GET /later" END), "");
    cr_assert_str_eq (door_ask (&door, safe, "PUT /later" END), "");
    troupe_stage_crash (door.stage, "worker", SIGKILL);
    cr_assert_str_eq (door_heard (&door, plain), UNAVAILABLE);
    cr_assert_str_eq (door_heard (&door, safe), "");
    troupe_stage_advance (door.stage, 5000);
    cr_assert_str_eq (door_heard (&door, safe), "200 \"later\"");
    cr_assert_str_eq (door_heard (&door, plain), "", "once is enough");
    cr_assert_eq (door_counter (&door, "in_flight"), 0);
    door_close (&door);
}

//  The same with a body that came in pieces, and a service of the route's own.
Test (http_lost, collected_body_is_sent_again)
{
    door_t door = door_open (24, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    troupe_stage_hang (door.stage, "worker", true);
    cr_assert_str_eq (door_ask (&door, peer, "PUT /later HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nfirst"), "");
    cr_assert_str_eq (door_ask (&door, peer, "end"), "");
    troupe_stage_crash (door.stage, "worker", SIGKILL);
    troupe_stage_advance (door.stage, 5000);
    cr_assert_str_eq (door_heard (&door, peer), "200 \"later\"");
    door_close (&door);
}

//  A service of the route's own is called the same way: it waits for who is cut off, and goes once more.
Test (http_lost, routes_own_service_is_called_again)
{
    door_t door = door_open (25, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, PUT_PROBE), "");
    troupe_stage_cut_off (door.stage, "probe", true);
    cr_assert_str_eq (door_heard (&door, peer), "");
    cr_assert_not_null (troupe_probe_next (door.probe), "it has come once");
    troupe_stage_cut_off (door.stage, "probe", false);
    troupe_stage_advance (door.stage, 3000);
    door_probe_answers (&door, "again");
    cr_assert_str_eq (door_heard (&door, peer), "200 \"again\"");
    door_close (&door);
}

//  Nobody within the deadline is 504; the place in the books is free again.
Test (http_lost, nobody_in_time_is_504)
{
    door_t door = door_open (26, "route_deadline_ms=2000");
    troupe_stage_peer_t *peer = door_connect (&door);
    troupe_stage_cut_off (door.stage, "worker", true);
    troupe_stage_run (door.stage);
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "");
    troupe_stage_advance (door.stage, 1999);
    cr_assert_str_eq (door_heard (&door, peer), "");
    troupe_stage_advance (door.stage, 1);
    cr_assert_str_eq (door_heard (&door, peer), "504 problem");
    cr_assert_str_eq (door_ask (&door, peer, "GET /health/ready" END), UNAVAILABLE);
    troupe_stage_cut_off (door.stage, "worker", false);
    troupe_stage_advance (door.stage, 3000);
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    cr_assert_eq (door_counter (&door, "in_flight"), 0);
    door_close (&door);
}
