/*  =========================================================================
    http_time_test.c - slow peers, and the end, in virtual time

    Place: tests/stage, of actors/http.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http_door.h"

#define END " HTTP/1.1\r\nHost: a\r\n\r\n"

//  Lets time pass, and gives what has come.
static const char *s_later (const door_t *door, troupe_stage_peer_t *peer, int64_t ms)
{
    troupe_stage_advance (door->stage, ms);
    return door_heard (door, peer);
}

//  --- A request that does not come in

//  Slow Loris: an octet now and then does not buy more time. It counts from the first octet of this head.
Test (http_time, a_slow_head_is_408)
{
    door_t door = door_open (1, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    cr_assert_str_eq (s_later (&door, peer, 60000), "");
    cr_assert_str_eq (door_ask (&door, peer, "G"), "");
    for (int second = 0; second < 9; second++) {
        cr_assert_str_eq (s_later (&door, peer, 1000), "");
        cr_assert_str_eq (door_ask (&door, peer, "E"), "");
    }
    cr_assert_str_eq (s_later (&door, peer, 999), "");
    cr_assert_str_eq (s_later (&door, peer, 1), "408 problem close");
    cr_assert (troupe_stage_peer_ended (peer));
    door_close (&door);
}

//  A head that comes within its time leaves no trace of it.
Test (http_time, a_head_in_time_is_served)
{
    door_t door = door_open (2, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET / HTTP/1.1\r\n"), "");
    cr_assert_str_eq (s_later (&door, peer, 9999), "");
    cr_assert_str_eq (door_ask (&door, peer, "Host: a\r\n\r\n"), "200 \"Hello World!!\"");
    cr_assert_str_eq (s_later (&door, peer, 74000), "");
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    door_close (&door);
}

//  300 bytes a second, looked at every five: what is slower is 408, what keeps pace may take its minute.
Test (http_time, a_slow_body_is_408)
{
    door_t door = door_open (3, NULL);
    troupe_stage_peer_t *slow = door_connect (&door);
    troupe_stage_peer_t *steady = door_connect (&door);
    static const char head [] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    static char piece [1501];
    memset (piece, 'x', 1500);
    cr_assert_str_eq (door_ask (&door, slow, head), "");
    cr_assert_str_eq (door_ask (&door, steady, head), "");
    cr_assert_str_eq (door_ask_bytes (&door, slow, piece, 1499, 0), "");
    for (int second = 5; second < 60; second += 5) {
        cr_assert_str_eq (door_ask (&door, steady, piece), "");
        cr_assert_str_eq (s_later (&door, steady, 5000), "", "%d", second);
        if (second == 5)
            cr_assert_str_eq (door_heard (&door, slow), "408 problem close");
    }
    cr_assert_str_eq (door_ask (&door, steady, piece), "");
    cr_assert_str_eq (s_later (&door, steady, 5000), "408 problem close");
    door_close (&door);
}

//  The same for a body that is only read over.
Test (http_time, a_slow_body_that_nobody_wants_ends_the_connection)
{
    door_t door = door_open (4, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"),
                      "404 problem");
    cr_assert_str_eq (s_later (&door, peer, 5000), "");
    cr_assert (troupe_stage_peer_ended (peer));
    door_close (&door);
}

//  --- Between requests and after the last

//  A connection that nobody uses is a descriptor that somebody else may need.
Test (http_time, an_idle_connection_is_closed)
{
    door_t door = door_open (5, NULL);
    troupe_stage_peer_t *silent = door_connect (&door);
    troupe_stage_peer_t *peer = door_connect (&door);
    troupe_stage_advance (door.stage, 40000);
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    troupe_stage_advance (door.stage, 34999);
    cr_assert_not (troupe_stage_peer_closed (silent));
    troupe_stage_advance (door.stage, 1);
    cr_assert (troupe_stage_peer_closed (silent));
    troupe_stage_advance (door.stage, 39999);
    cr_assert_not (troupe_stage_peer_closed (peer));
    troupe_stage_advance (door.stage, 1);
    cr_assert (troupe_stage_peer_closed (peer));
    door_close (&door);
}

//  An answer is not cut off while the peer is reading it, however long that takes; nor kept for one that does not.
Test (http_time, a_peer_that_does_not_read_is_given_up)
{
    door_t door = door_open (6, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    troupe_stage_peer_block (peer, true);
    cr_assert_str_eq (door_ask (&door, peer, "GET /large" END "GET /" END), "");
    troupe_stage_advance (door.stage, 74999);
    cr_assert_not (troupe_stage_peer_closed (peer));
    troupe_stage_peer_block (peer, false);
    cr_assert_str_eq (door_heard (&door, peer), "200 <307200> | 200 \"Hello World!!\"");
    troupe_stage_peer_block (peer, true);
    cr_assert_str_eq (door_ask (&door, peer, "GET /large" END), "");
    troupe_stage_advance (door.stage, 160000);
    cr_assert (troupe_stage_peer_closed (peer));
    door_close (&door);
}

//  RFC 9112 9.6: a reset that overtakes the answer would destroy it, so we wait, but not for ever.
Test (http_time, after_the_last_answer_the_peer_is_listened_to_for_a_while)
{
    door_t door = door_open (7, NULL);
    troupe_stage_peer_t *polite = door_connect (&door);
    troupe_stage_peer_t *silent = door_connect (&door);
    troupe_stage_peer_t *chatty = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, polite, "BAD" END), "400 problem close");
    troupe_stage_peer_end (polite);
    troupe_stage_run (door.stage);
    cr_assert (troupe_stage_peer_closed (polite));
    cr_assert_str_eq (door_ask (&door, silent, "BAD" END), "400 problem close");
    cr_assert_str_eq (door_ask (&door, chatty, "BAD" END), "400 problem close");
    for (int second = 4; second < 30; second += 4) {
        cr_assert_str_eq (s_later (&door, chatty, 4000), "");
        cr_assert_not (troupe_stage_peer_closed (chatty));
        cr_assert_str_eq (door_ask (&door, chatty, "more"), "");
    }
    cr_assert (troupe_stage_peer_closed (silent));
    cr_assert_str_eq (s_later (&door, chatty, 2000), "");
    cr_assert (troupe_stage_peer_closed (chatty));
    cr_assert_eq (door_counter (&door, "connections"), 0);
    door_close (&door);
}

//  --- The end

//  Finish what is in flight, take on nothing new, say so, be gone.
Test (http_time, what_is_in_flight_is_finished)
{
    door_t door = door_open (8, NULL);
    troupe_stage_peer_t *idle = door_connect (&door);
    troupe_stage_peer_t *busy = door_connect (&door);
    troupe_stage_peer_t *begun = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, idle, "GET /" END), "200 \"Hello World!!\"");
    cr_assert_str_eq (door_ask (&door, busy, "GET /later" END "GET /" END), "");
    cr_assert_str_eq (door_ask (&door, begun, "GET / HTTP/1.1\r\nConnection: close\r\n"), "");
    const int64_t before_ms = troupe_stage_now_ms (door.stage);
    troupe_stage_peer_send (begun, "Host: a\r\n\r\n", 11, 0);
    troupe_stage_peer_end (busy);
    cr_assert_eq (troupe_stage_stop (door.stage, "http"), TROUPE_OK);
    cr_assert_eq (troupe_stage_now_ms (door.stage) - before_ms, 1000);
    cr_assert_str_eq (door_heard (&door, busy), "200 \"later\" close");
    cr_assert_str_eq (door_heard (&door, begun), "200 \"Hello World!!\" close");
    cr_assert_str_eq (door_heard (&door, idle), "");
    cr_assert (troupe_stage_peer_closed (idle) && troupe_stage_peer_closed (busy) && troupe_stage_peer_closed (begun));
    cr_assert_null (troupe_stage_connect (door.stage, DOOR_ADDRESS));
    cr_assert_eq (troupe_stage_reason (door.stage, "http")->kind, TROUPE_REASON_SHUTDOWN);
    door_close (&door);
}

//  A load balancer that asks while it ends is told to look elsewhere.
Test (http_time, it_is_not_ready_while_it_ends)
{
    door_t door = door_open (11, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /health/ready HTTP/1.1\r\n"), "");
    troupe_stage_peer_send (peer, "Host: a\r\n\r\n", 11, 1);
    cr_assert_eq (troupe_stage_stop (door.stage, "http"), TROUPE_OK);
    cr_assert_str_eq (door_heard (&door, peer), "503 {Retry-After: 1} problem close");
    door_close (&door);
}

//  What cannot be finished does not hold the end up for ever.
Test (http_time, the_end_has_its_time)
{
    door_t door = door_open (9, "drain_timeout_ms=700");
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /later" END), "");
    const int64_t before_ms = troupe_stage_now_ms (door.stage);
    cr_assert_eq (troupe_stage_stop (door.stage, "http"), TROUPE_OK);
    cr_assert_eq (troupe_stage_now_ms (door.stage) - before_ms, 700);
    cr_assert_str_eq (door_heard (&door, peer), "");
    cr_assert (troupe_stage_peer_closed (peer));
    troupe_stage_advance (door.stage, 2000);
    door_close (&door);
}

//  With nobody connected there is nothing to wait for.
Test (http_time, an_idle_ingress_ends_at_once)
{
    door_t door = door_open (10, NULL);
    door_connect (&door);
    const int64_t before_ms = troupe_stage_now_ms (door.stage);
    cr_assert_eq (troupe_stage_stop (door.stage, "http"), TROUPE_OK);
    cr_assert_eq (troupe_stage_now_ms (door.stage), before_ms);
    door_close (&door);
}
