/*  =========================================================================
    http_trouble_test.c - failing workers, full queues, lost connections

    Place: tests/stage, of actors/http. Trouble has one caller, who is told;
    nobody else notices.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http_door.h"

#define END " HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST_PROBE "POST /probe HTTP/1.1\r\nHost: a\r\n\r\n"

//  A handler that fails is its caller's trouble: the connection goes on, and so does the worker's next life.
Test (http_trouble, a_failing_handler_is_500_for_its_caller_only)
{
    door_t door = door_open (1, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    troupe_stage_peer_t *other = door_connect (&door);
    for (int round = 0; round < 20; round++) {
        cr_assert_str_eq (door_ask (&door, peer, "GET /fail" END), "500 problem");
        cr_assert_str_eq (door_ask (&door, other, "GET /" END), "200 \"Hello World!!\"");
        cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    }
    cr_assert_eq (troupe_stage_incarnation (door.stage, "worker"), 21);
    cr_assert_eq (door_counter (&door, "in_flight"), 0);
    door_close (&door);
}

//  RFC 9457: clients read what went wrong in one form; the words of the failure stay in the log.
Test (http_trouble, errors_are_problems)
{
    door_t door = door_open (2, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    static const char request [] = "GET /fail HTTP/1.1\r\nHost: a\r\n\r\n";
    troupe_stage_peer_send (peer, request, sizeof request - 1, 0);
    const char *answer = door_heard_raw (&door, peer);
    cr_assert_not_null (strstr (answer, "\r\nContent-Type: application/problem+json\r\n"), "%s", answer);
    cr_assert_not_null (strstr (answer, "\"status\":500"), "%s", answer);
    cr_assert_not_null (strstr (answer, "\"title\":\"Internal Server Error\""), "%s", answer);
    cr_assert_null (strstr (answer, "on purpose"), "%s", answer);
    door_close (&door);
}

//  The route says how long an answer may take; one that comes later is thrown away.
Test (http_trouble, a_late_answer_is_504)
{
    door_t door = door_open (3, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /slow" END), "");
    troupe_stage_advance (door.stage, 9999);
    cr_assert_str_eq (door_heard (&door, peer), "");
    troupe_stage_advance (door.stage, 1);
    cr_assert_str_eq (door_heard (&door, peer), "504 problem");
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    door_close (&door);
}

//  The default deadline is an option.
Test (http_trouble, routes_without_a_deadline_have_the_default)
{
    door_t door = door_open (4, "route_deadline_ms=300");
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, POST_PROBE), "");
    troupe_stage_advance (door.stage, 300);
    cr_assert_str_eq (door_heard (&door, peer), "504 problem");
    door_close (&door);
}

//  What cannot be served now says when to try again.
Test (http_trouble, nobody_there_is_503)
{
    door_t door = door_open (5, "retry_after_s=7");
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /nobody" END), "503 {Retry-After: 7} problem");
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    door_close (&door);
}

//  An actor that is no service, or one of another version, must not reach the client as it is.
Test (http_trouble, an_answer_that_is_none_is_502)
{
    door_t door = door_open (6, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, POST_PROBE), "");
    cr_assert_not_null (troupe_probe_next (door.probe));
    troupe_probe_reply (door.probe, "what?", 5);
    cr_assert_str_eq (door_heard (&door, peer), "502 problem");
    cr_assert_str_eq (door_ask (&door, peer, POST_PROBE), "");
    cr_assert_not_null (troupe_probe_next (door.probe));
    static const char switching [24] = { 1, 'A', 101, 0 };
    troupe_probe_reply (door.probe, switching, sizeof switching);
    cr_assert_str_eq (door_heard (&door, peer), "502 problem");
    door_close (&door);
}

//  A full mailbox and a failing service of a route's own.
Test (http_trouble, a_services_own_trouble_is_told)
{
    door_t door = door_open (7, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, POST_PROBE), "");
    door_probe_fails (&door);
    cr_assert_str_eq (door_heard (&door, peer), "500 problem");
    troupe_stage_fill_mailbox (door.stage, "probe", true);
    cr_assert_str_eq (door_ask (&door, peer, POST_PROBE), "503 {Retry-After: 1} problem");
    troupe_stage_fill_mailbox (door.stage, "probe", false);
    door_close (&door);
}

//  Requests that wait are bounded, in all and for a worker: the rest is told at once.
Test (http_trouble, too_much_to_do_is_503)
{
    door_t door = door_open (8, "in_flight_limit=4 queue_limit=1 window=2");
    troupe_stage_peer_t *peers [6];
    troupe_stage_hang (door.stage, "worker", true);
    for (int index = 0; index < 4; index++) {
        peers [index] = door_connect (&door);
        cr_assert_str_eq (door_ask (&door, peers [index], "GET /" END),
                          index < 3 ? "" : "503 {Retry-After: 1} problem", "request %d", index);
    }
    cr_assert_str_eq (door_ask (&door, peers [3], POST_PROBE), "");
    peers [4] = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peers [4], POST_PROBE), "503 {Retry-After: 1} problem");
    troupe_stage_hang (door.stage, "worker", false);
    for (int index = 0; index < 3; index++)
        cr_assert_str_eq (door_heard (&door, peers [index]), "200 \"Hello World!!\"");
    door_probe_answers (&door, "late");
    cr_assert_str_eq (door_heard (&door, peers [3]), "200 \"late\"");
    cr_assert_eq (door_counter (&door, "in_flight"), 0);
    door_close (&door);
}

//  Connections over the limit are told why, and there is room again when others have gone.
Test (http_trouble, too_many_connections_are_told)
{
    door_t door = door_open (9, "connection_limit=2");
    troupe_stage_peer_t *first = door_connect (&door);
    troupe_stage_peer_t *second = door_connect (&door);
    troupe_stage_peer_t *third = door_connect (&door);
    cr_assert_str_eq (door_heard (&door, third), "503 {Retry-After: 1} problem close");
    cr_assert (troupe_stage_peer_ended (third));
    cr_assert_str_eq (door_ask (&door, second, "GET /" END), "200 \"Hello World!!\"");
    troupe_stage_peer_end (third);
    troupe_stage_peer_end (first);
    troupe_stage_run (door.stage);
    third = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, third, "GET /" END), "200 \"Hello World!!\"");
    cr_assert_eq (door_counter (&door, "connections_refused"), 1);
    door_close (&door);
}

//  A flood of them is not even told: that would take as much as serving it.
Test (http_trouble, a_flood_of_connections_is_dropped)
{
    door_t door = door_open (13, "connection_limit=1");
    troupe_stage_peer_t *peers [100];
    for (size_t index = 0; index < 100; index++)
        peers [index] = door_connect (&door);
    cr_assert_str_eq (door_heard (&door, peers [64]), "503 {Retry-After: 1} problem close");
    cr_assert_str_eq (door_heard (&door, peers [65]), "");
    cr_assert (troupe_stage_peer_closed (peers [65]));
    cr_assert_str_eq (door_ask (&door, peers [0], "GET /" END), "200 \"Hello World!!\"");
    cr_assert_eq (door_counter (&door, "connections_refused"), 99);
    door_close (&door);
}

//  A client that goes away frees what it had asked for, at every moment of its request.
Test (http_trouble, a_lost_connection_leaves_nothing_behind)
{
    static const char request [] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" POST_PROBE;
    door_t door = door_open (10, NULL);
    for (size_t size = 0; size < sizeof request; size++) {
        troupe_stage_peer_t *peer = door_connect (&door);
        troupe_stage_peer_send (peer, request, size, 0);
        troupe_stage_run (door.stage);
        troupe_stage_peer_abort (peer);
        troupe_stage_run (door.stage);
        cr_assert_eq (door_counter (&door, "connections"), 0, "after %zu octets", size);
        cr_assert_eq (door_counter (&door, "in_flight"), 0, "after %zu octets", size);
    }
    door_close (&door);
}

//  Bodies that come in pieces are bounded in all, however many connections bring them.
Test (http_trouble, memory_for_bodies_is_bounded)
{
    door_t door = door_open (11, "body_memory_limit_bytes=10000");
    troupe_stage_peer_t *first = door_connect (&door);
    troupe_stage_peer_t *second = door_connect (&door);
    static const char head [] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n";
    static char body [3001];
    memset (body, 'x', 3000);
    cr_assert_str_eq (door_ask (&door, first, head), "");
    cr_assert_str_eq (door_ask (&door, second, head), "");
    cr_assert_str_eq (door_ask (&door, first, body), "200 <3000>");
    cr_assert_str_eq (door_ask (&door, first, head), "");
    troupe_stage_peer_t *third = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, third, head), "503 {Retry-After: 1} problem");
    cr_assert_str_eq (door_ask (&door, third, body), "");
    cr_assert_str_eq (door_ask (&door, third, "GET /" END), "200 \"Hello World!!\"");
    static const char chunk [] = "800\r\n";
    static const char chunked [] = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    cr_assert_str_eq (door_ask (&door, third, chunked), "503 {Retry-After: 1} problem");
    troupe_stage_peer_abort (first);
    troupe_stage_peer_t *fourth = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, fourth, chunked), "");
    for (int index = 0; index < 2; index++) {
        cr_assert_str_eq (door_ask (&door, fourth, chunk), "");
        cr_assert_str_eq (door_ask_bytes (&door, fourth, body, 2048, 0),
                          index ? "503 {Retry-After: 1} problem close" : "");
        cr_assert_str_eq (door_ask (&door, fourth, "\r\n"), "");
    }
    door_close (&door);
}

//  Pings of a load balancer find out, without waiting for a worker.
Test (http_trouble, readiness_follows_the_workers)
{
    door_t door = door_open (12, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /health/live" END), "200 \"live\"");
    cr_assert_str_eq (door_ask (&door, peer, "GET /health/ready" END), "200 \"ready\"");
    cr_assert_str_eq (door_ask (&door, peer, "POST /health/ready" END), "405 {Allow: GET, HEAD, OPTIONS} problem");
    cr_assert_str_eq (door_ask (&door, peer, "OPTIONS /health/live" END), "204 {Allow: GET, HEAD, OPTIONS}");
    troupe_stage_stop (door.stage, "workers");
    troupe_stage_run (door.stage);
    cr_assert_str_eq (door_ask (&door, peer, "GET /health/live" END), "200 \"live\"");
    cr_assert_str_eq (door_ask (&door, peer, "GET /health/ready" END), "503 {Retry-After: 1} problem");
    door_close (&door);
}
