/*  =========================================================================
    upstream_test.c - an existing web server behind an actor

    Place: tests/stage, of actors/upstream. The test is the server: it sees
    every byte that is sent to it, and answers what it likes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include <criterion/criterion.h>

#include "upstream_server.h"

#define GET(TARGET) "GET " TARGET " HTTP/1.1\r\nHost: old.example\r\nX-Forwarded-Proto: http\r\nVia: 1.1 troupe\r\n\r\n"
#define OK(BODY, SIZE) "HTTP/1.1 200 OK\r\nContent-Length: " SIZE "\r\n\r\n" BODY

//  The whole way there and back.
Test (upstream, a_request_goes_out_and_its_answer_comes_back)
{
    old_t old = old_open (1, NULL);
    old_ask (&old, "GET", "/legacy/users/7?all=1", NULL);
    troupe_stage_peer_t *peer = old_accept (&old);
    cr_assert_str_eq (old_received (&old, peer), GET ("/users/7?all=1"));
    old_says (&old, peer, "HTTP/1.1 201 Created\r\nContent-Type: text/x\r\nConnection: x-hop\r\nX-Hop: 1\r\n"
              "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: y\r\n\r\n");
    cr_assert_str_eq (old_answer (&old), "201 [Content-Type: text/x] abcde");
    old_close (&old);
}

//  RFC 9110 7.6.1 and 7.6.3: what belongs to one hop ends here, and who passed it on is said.
Test (upstream, fields_of_one_hop_do_not_go_on)
{
    static const troupe_header_t headers [] = {
        FIELD ("Host", "new.example"), FIELD ("Connection", "close, X-Mine"), FIELD ("X-Mine", "1"),
        FIELD ("TE", "trailers"), FIELD ("Upgrade", "h2c"), FIELD ("Keep-Alive", "timeout=1"),
        FIELD ("Expect", "100-continue"), FIELD ("Content-Length", "77"), FIELD ("Transfer-Encoding", "chunked"),
        FIELD ("Accept", "*/*"), FIELD ("X-Forwarded-For", "10.0.0.1"), FIELD ("X-Forwarded-Host", "first.example"),
        FIELD ("X-Forwarded-Proto", "https"), FIELD ("Via", "1.0 fred"), FIELD ("Proxy-Connection", "close"),
    };
    old_t old = old_open (2, NULL);
    old_ask_with (&old, "POST", "/legacy/a", headers, sizeof headers / sizeof *headers, "body");
    troupe_stage_peer_t *peer = old_accept (&old);
    cr_assert_str_eq (old_received (&old, peer),
                      "POST /a HTTP/1.1\r\nHost: old.example\r\nAccept: */*\r\nX-Forwarded-For: 10.0.0.1\r\n"
                      "X-Forwarded-Host: first.example, new.example\r\nX-Forwarded-Proto: https\r\n"
                      "Via: 1.0 fred, 1.1 troupe\r\nContent-Length: 4\r\n\r\nbody");
    old_says (&old, peer, "HTTP/1.1 204 No Content\r\n\r\n");
    cr_assert_str_eq (old_answer (&old), "204 ");
    old_close (&old);
}

//  A prefix is compared as routes are: decoded, and whole segments.
Test (upstream, the_prefix_is_taken_off)
{
    static const struct { const char *path, *line; } cases [] = {
        { "/legacy", "GET / HTTP/1.1" }, { "/legacy/", "GET / HTTP/1.1" }, { "/%6cegacy/a%20b", "GET /a%20b HTTP/1.1" },
        { "/legacyx", NULL }, { "/other", NULL }, { "/legacy%2Fa", NULL },
    };
    old_t old = old_open (3, NULL);
    troupe_stage_peer_t *peer = NULL;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        old_ask (&old, "GET", cases [index].path, NULL);
        if (cases [index].line == NULL) {
            cr_assert_str_eq (old_answer (&old), "404 problem", "%s", cases [index].path);
            continue;
        }
        peer = peer ? peer : old_accept (&old);
        const char *received = old_received (&old, peer);
        cr_assert_eq (strncmp (received, cases [index].line, strlen (cases [index].line)), 0, "%s", received);
        old_says (&old, peer, OK ("", "0"));
        cr_assert_str_eq (old_answer (&old), "200 ");
    }
    old_close (&old);
}

Test (upstream, the_prefix_is_kept_and_the_urls_path_put_before_it_on_demand)
{
    old_t old = old_open (4, "keep_prefix=1 upstream=http://127.0.0.1:9000/app/");
    old_ask (&old, "GET", "/legacy/a", NULL);
    troupe_stage_peer_t *peer = old_accept (&old);
    cr_assert_eq (strncmp (old_received (&old, peer), "GET /app/legacy/a HTTP/1.1\r\nHost: old.example\r\n", 46), 0);
    old_says (&old, peer, OK ("", "0"));
    cr_assert_str_eq (old_answer (&old), "200 ");
    old_close (&old);
}

//  A caller that is no door may send anything: none of it reaches the server.
Test (upstream, a_request_that_is_no_http_is_refused)
{
    static const troupe_header_t smuggle [] = { FIELD ("X", "a\r\nY: b") };
    static const troupe_header_t name [] = { FIELD ("X Y", "a") };
    static const troupe_header_t disguised [] = { FIELD ("Content_Length", "5") };
    old_t old = old_open (5, NULL);
    old_ask (&old, "GET /x HTTP/1.1\r\n", "/legacy", NULL);
    cr_assert_str_eq (old_answer (&old), "400 problem");
    old_ask (&old, "GET", "/legacy/a b", NULL);
    cr_assert_str_eq (old_answer (&old), "400 problem");
    old_ask (&old, "GET", "/legacy\r\n\r\n", NULL);
    cr_assert_str_eq (old_answer (&old), "400 problem");
    old_ask (&old, "CONNECT", "/legacy", NULL);
    cr_assert_str_eq (old_answer (&old), "501 problem");
    old_ask_with (&old, "GET", "/legacy", smuggle, 1, NULL);
    cr_assert_str_eq (old_answer (&old), "400 problem");
    old_ask_with (&old, "GET", "/legacy", name, 1, NULL);
    cr_assert_str_eq (old_answer (&old), "400 problem");
    old_ask_with (&old, "GET", "/legacy", disguised, 1, NULL);
    cr_assert_str_eq (old_answer (&old), "400 problem");
    cr_assert_eq (old_counter (&old, "connections_opened"), 0);
    old_close (&old);
}

//  A gateway can have the route before it has the server.
Test (upstream, without_an_upstream_it_answers_404)
{
    old_t old = old_open (6, "upstream=");
    old_ask (&old, "GET", "/legacy", NULL);
    cr_assert_str_eq (old_answer (&old), "404 problem");
    old_close (&old);
}

//  RFC 9110 8.6: what has no body may say how large it would be. What has one says nothing here: its door does.
Test (upstream, the_length_of_a_body_that_is_left_out_is_told)
{
    old_t old = old_open (23, NULL);
    troupe_stage_peer_t *peer = old_warm (&old);
    old_ask (&old, "HEAD", "/legacy/1", NULL);
    old_says (&old, peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    cr_assert_str_eq (old_answer (&old), "200 ");
    old_ask (&old, "GET", "/legacy/2", NULL);
    old_says (&old, peer, "HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n");
    cr_assert_str_eq (old_answer (&old), "304 [Content-Length: 12] ");
    old_close (&old);
}

//  A server that knows nothing of the prefix would send its clients past it.
Test (upstream, a_location_at_the_server_is_put_below_the_prefix)
{
    static const struct { const char *sent, *told; } cases [] = {
        { "http://old.example/app/a?b#c", "/legacy/a?b#c" }, { "HTTP://OLD.EXAMPLE:80/app/a", "/legacy/a" },
        { "http://127.0.0.1:9000/app", "/legacy" }, { "/app/a", "/legacy/a" }, { "/app", "/legacy" },
        { "/app?x", "/legacy/?x" }, { "/application", "/application" }, { "http://old.example/", "http://old.example/" },
        { "https://old.example/app/", "https://old.example/app/" }, { "http://other/app/", "http://other/app/" },
        { "http://old.example:81/app/", "http://old.example:81/app/" }, { "//old.example/app/", "//old.example/app/" },
        { "a", "a" }, { "", "" },
    };
    old_t old = old_open (24, "upstream=http://127.0.0.1:9000/app");
    troupe_stage_peer_t *peer = old_warm (&old);
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char text [256];
        old_ask (&old, "GET", "/legacy", NULL);
        snprintf (text, sizeof text, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                  cases [index].sent);
        old_says (&old, peer, text);
        snprintf (text, sizeof text, "302 [Location: %s] ", cases [index].told);
        cr_assert_str_eq (old_answer (&old), text);
    }
    old_close (&old);
}

//  Without a path of its own the server's root is the prefix; two slashes would name another host.
Test (upstream, a_location_stays_a_path)
{
    static const struct { const char *settings, *sent, *told; } cases [] = {
        { NULL, "http://old.example", "/legacy/" }, { NULL, "/a", "/legacy/a" }, { NULL, "/", "/legacy/" },
        { "keep_prefix=1", "http://old.example/legacy/a", "/legacy/a" }, { "keep_prefix=1", "/a", "/a" },
        { "keep_prefix=1", "http://old.example//evil/", "http://old.example//evil/" },
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char text [256];
        old_t old = old_open (25, cases [index].settings);
        old_ask (&old, "GET", "/legacy", NULL);
        snprintf (text, sizeof text, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                  cases [index].sent);
        old_says (&old, old_accept (&old), text);
        snprintf (text, sizeof text, "302 [Location: %s] ", cases [index].told);
        cr_assert_str_eq (old_answer (&old), text);
        old_close (&old);
    }
}

//  So a program can name its services in one place: --set routes/legacy=http://...
Test (upstream, the_url_may_be_anywhere_in_the_configuration)
{
    old_t old = old_open (26, "upstream=http://127.0.0.1:9000");
    static const troupe_upstream_t spec = { .upstream = "http://127.0.0.1:1", .path = "routes/other" };
    static const troupe_behavior_t other = TROUPE_UPSTREAM ("other", &spec);
    troupe_stage_config (old.stage, "routes/other", "http://127.0.0.1:9000/there");
    cr_assert_eq (troupe_stage_spawn (old.stage, &other, NULL), TROUPE_OK);
    old_ask_whom (&old, "other", "GET", "/a");
    troupe_stage_peer_t *peer = old_accept (&old);
    cr_assert_eq (strncmp (old_received (&old, peer), "GET /there/a HTTP/1.1\r\n", 23), 0);
    old_says (&old, peer, OK ("", "0"));
    cr_assert_str_eq (old_answer (&old), "200 ");
    old_close (&old);
}

//  --- Connections

//  Connections cost a round trip and a descriptor each.
Test (upstream, a_connection_is_kept_and_used_again)
{
    old_t old = old_open (7, NULL);
    old_ask (&old, "GET", "/legacy/1", NULL);
    troupe_stage_peer_t *peer = old_accept (&old);
    old_says (&old, peer, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK ("one", "3"));
    cr_assert_str_eq (old_answer (&old), "200 one");
    old_ask (&old, "HEAD", "/legacy/2", NULL);
    cr_assert_not_null (strstr (old_received (&old, peer), "HEAD /2 HTTP/1.1\r\n"));
    old_says (&old, peer, "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n");
    cr_assert_str_eq (old_answer (&old), "200 [Content-Length: 400] ");
    old_ask (&old, "GET", "/legacy/3", NULL);
    old_says (&old, peer, OK ("three", "5"));
    cr_assert_str_eq (old_answer (&old), "200 three");
    cr_assert_eq (old_counter (&old, "connections_opened"), 1);
    old_close (&old);
}

//  What ends by itself, or says so, is not kept; a body may end with its connection.
Test (upstream, a_connection_that_is_to_end_is_not_used_again)
{
    static const char *const answers [] = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nasurplus",
        "HTTP/1.1 200 OK\r\n\r\na",
    };
    old_t old = old_open (8, NULL);
    for (size_t index = 0; index < sizeof answers / sizeof *answers; index++) {
        old_ask (&old, "GET", "/legacy", NULL);
        troupe_stage_peer_t *peer = old_accept (&old);
        old_says (&old, peer, answers [index]);
        if (index == 3)
            troupe_stage_peer_end (peer);
        cr_assert_str_eq (old_answer (&old), "200 a");
        cr_assert (troupe_stage_peer_closed (peer));
    }
    old_close (&old);
}

//  Servers end what has been idle: nobody is to hear of it.
Test (upstream, a_connection_that_ends_while_idle_is_no_error)
{
    old_t old = old_open (9, NULL);
    for (int round = 0; round < 3; round++) {
        old_ask (&old, "GET", "/legacy", NULL);
        troupe_stage_peer_t *peer = old_accept (&old);
        old_says (&old, peer, OK ("a", "1"));
        cr_assert_str_eq (old_answer (&old), "200 a");
        if (round == 0)
            troupe_stage_peer_end (peer);
        else if (round == 1)
            troupe_stage_peer_abort (peer);
        else
            old_says (&old, peer, "HTTP/1.1 408 Request Timeout\r\n\r\n");
        troupe_stage_run (old.stage);
        cr_assert (troupe_stage_peer_closed (peer));
    }
    cr_assert_eq (old_counter (&old, "connections"), 0);
    old_close (&old);
}

//  The server's own time counts, a second before it is over.
Test (upstream, an_idle_connection_is_closed_in_time)
{
    old_t old = old_open (10, "idle_timeout_ms=10000");
    old_ask (&old, "GET", "/legacy", NULL);
    troupe_stage_peer_t *peer = old_accept (&old);
    old_says (&old, peer, OK ("a", "1"));
    cr_assert_str_eq (old_answer (&old), "200 a");
    troupe_stage_advance (old.stage, 9999);
    cr_assert_not (troupe_stage_peer_closed (peer));
    troupe_stage_advance (old.stage, 1);
    cr_assert (troupe_stage_peer_closed (peer));
    old_ask (&old, "GET", "/legacy", NULL);
    peer = old_accept (&old);
    old_says (&old, peer, "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=9\r\nContent-Length: 0\r\n\r\n");
    cr_assert_str_eq (old_answer (&old), "200 ");
    troupe_stage_advance (old.stage, 3999);
    cr_assert_not (troupe_stage_peer_closed (peer));
    troupe_stage_advance (old.stage, 1);
    cr_assert (troupe_stage_peer_closed (peer));
    old_close (&old);
}

//  A request may meet the end of the connection that it is sent on: it is sent again, if it may be.
Test (upstream, what_dies_on_a_kept_connection_is_sent_once_more)
{
    old_t old = old_open (11, NULL);
    troupe_stage_peer_t *peer = old_warm (&old);
    old_ask (&old, "GET", "/legacy/again", NULL);
    troupe_stage_peer_end (peer);
    peer = old_accept (&old);
    cr_assert_str_eq (old_received (&old, peer), GET ("/again"));
    troupe_stage_peer_end (peer);
    cr_assert_str_eq (old_answer (&old), "502 problem");
    cr_assert_eq (old_counter (&old, "resent"), 1);
    peer = old_warm (&old);
    old_ask (&old, "PUT", "/legacy/again", "x");
    troupe_stage_peer_abort (peer);
    peer = old_accept (&old);
    old_says (&old, peer, OK ("yes", "3"));
    cr_assert_str_eq (old_answer (&old), "200 yes");
    old_close (&old);
}

Test (upstream, what_may_not_be_done_twice_is_not)
{
    old_t old = old_open (12, NULL);
    troupe_stage_peer_t *peer = old_warm (&old);
    old_ask (&old, "POST", "/legacy/once", "x");
    troupe_stage_peer_abort (peer);
    cr_assert_str_eq (old_answer (&old), "502 problem");
    peer = old_warm (&old);
    old_ask (&old, "GET", "/legacy/half", NULL);
    old_says (&old, peer, "HTTP/1.1 2");
    troupe_stage_peer_end (peer);
    cr_assert_str_eq (old_answer (&old), "502 problem");
    cr_assert_eq (old_counter (&old, "resent"), 0);
    old_close (&old);
}

//  With one connection allowed, the second request is answered by it after the first; never before.
Test (upstream, requests_wait_for_a_connection_and_are_not_pipelined)
{
    old_t old = old_open (13, "connection_limit=1 queue_limit=1");
    old_begin (&old, "GET", "/legacy/1");
    old_begin (&old, "GET", "/legacy/2");
    old_ask (&old, "GET", "/legacy/3", NULL);
    cr_assert_str_eq (old_answer (&old), "503 [Retry-After: 1] problem");
    troupe_stage_peer_t *peer = old_accept (&old);
    cr_assert_str_eq (old_received (&old, peer), GET ("/1"));
    old_says (&old, peer, OK ("one", "3"));
    cr_assert_str_eq (old_answer (&old), "200 one");
    cr_assert_str_eq (old_received (&old, peer), GET ("/2"));
    old_says (&old, peer, OK ("two", "3"));
    cr_assert_str_eq (old_answer (&old), "200 two");
    old_close (&old);
}

//  The one fresh connection must not wait for those that are kept, which may be dead too.
Test (upstream, a_second_sending_finds_room)
{
    old_t old = old_open (14, "connection_limit=1");
    troupe_stage_peer_t *peer = old_warm (&old);
    old_ask (&old, "GET", "/legacy/again", NULL);
    troupe_stage_peer_abort (peer);
    peer = old_accept (&old);
    old_says (&old, peer, OK ("yes", "3"));
    cr_assert_str_eq (old_answer (&old), "200 yes");
    old_close (&old);
}

//  --- Servers that fail

Test (upstream, a_server_that_cannot_be_reached_is_503)
{
    old_t old = old_open (15, "upstream=http://127.0.0.1:9");
    old_ask (&old, "GET", "/legacy", NULL);
    cr_assert_str_eq (old_answer (&old), "503 [Retry-After: 1] problem");
    cr_assert_eq (old_counter (&old, "unreachable"), 1);
    old_close (&old);
}

//  The address that nobody listens at is passed over, at once and while it is paused.
Test (upstream, the_next_server_is_tried)
{
    old_t old = old_open (16, "upstream=http://127.0.0.1:9 servers=127.0.0.1:9000");
    for (int round = 0; round < 4; round++) {
        old_ask (&old, "GET", "/legacy", NULL);
        troupe_stage_peer_t *peer = old_accept (&old);
        old_says (&old, peer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na");
        cr_assert_str_eq (old_answer (&old), "200 a");
    }
    cr_assert_eq (old_counter (&old, "connections_opened"), 4 + 1);
    old_close (&old);
}

Test (upstream, garbage_and_half_answers_are_502)
{
    static const char *const answers [] = {
        "garbage\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 100 Go\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    };
    old_t old = old_open (17, NULL);
    for (size_t index = 0; index < sizeof answers / sizeof *answers; index++) {
        old_ask (&old, "GET", "/legacy", NULL);
        troupe_stage_peer_t *peer = old_accept (&old);
        old_says (&old, peer, answers [index]);
        if (index >= 8)
            troupe_stage_peer_end (peer);
        cr_assert_str_eq (old_answer (&old), "502 problem", "%s", answers [index]);
        cr_assert (troupe_stage_peer_closed (peer));
    }
    old_close (&old);
}

//  Endless things end.
Test (upstream, an_answer_is_bounded)
{
    old_t old = old_open (18, "body_limit_bytes=10 interim_limit=2");
    static const char *const answers [] = {
        "HTTP/1.1 200 OK\r\n\r\n01234567890", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n",
        "HTTP/1.1 102 P\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 102 P\r\n\r\n",
    };
    for (size_t index = 0; index < sizeof answers / sizeof *answers; index++) {
        old_ask (&old, "GET", "/legacy", NULL);
        troupe_stage_peer_t *peer = old_accept (&old);
        old_says (&old, peer, answers [index]);
        cr_assert_str_eq (old_answer (&old), "502 problem", "%s", answers [index]);
    }
    old_close (&old);
}

//  A server that trickles is not waited for beyond the time there is, and what it still sends reaches nobody.
Test (upstream, a_slow_server_is_504_and_its_connection_dropped)
{
    old_t old = old_open (19, "response_timeout_ms=1000");
    old_ask (&old, "GET", "/legacy", NULL);
    troupe_stage_peer_t *peer = old_accept (&old);
    old_says (&old, peer, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na");
    troupe_stage_advance (old.stage, 999);
    old_says (&old, peer, "b");
    cr_assert_str_eq (old_answer (&old), "");
    troupe_stage_advance (old.stage, 1);
    cr_assert_str_eq (old_answer (&old), "504 problem");
    cr_assert (troupe_stage_peer_closed (peer));
    old_ask (&old, "GET", "/legacy", NULL);
    peer = old_accept (&old);
    old_says (&old, peer, OK ("new", "3"));
    cr_assert_str_eq (old_answer (&old), "200 new");
    old_close (&old);
}

//  One that waits in the queue ends in time too.
Test (upstream, waiting_ends_at_the_deadline)
{
    old_t old = old_open (20, "connection_limit=1 response_timeout_ms=1000");
    old_begin (&old, "GET", "/legacy/1");
    troupe_stage_advance (old.stage, 500);
    old_begin (&old, "GET", "/legacy/2");
    troupe_stage_advance (old.stage, 500);
    cr_assert_str_eq (old_answer (&old), "504 problem");
    troupe_stage_advance (old.stage, 500);
    cr_assert_str_eq (old_answer (&old), "504 problem");
    cr_assert_eq (old_counter (&old, "in_flight"), 0);
    old_close (&old);
}

//  However the bytes are cut, an answer is the same.
Test (upstream, answers_may_come_an_octet_at_a_time)
{
    old_t old = old_open (21, NULL);
    old_ask (&old, "GET", "/legacy", NULL);
    troupe_stage_peer_t *peer = old_accept (&old);
    static const char text [] = "HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    troupe_stage_peer_send (peer, text, sizeof text - 1, 1);
    cr_assert_str_eq (old_answer (&old), "200 [X: y] abc");
    old_close (&old);
}

//  What is under way is finished, nothing new is taken.
Test (upstream, ending_waits_for_what_is_under_way)
{
    old_t old = old_open (22, NULL);
    troupe_stage_peer_t *idle = old_warm (&old);
    old_begin (&old, "GET", "/legacy/1");
    old_begin (&old, "GET", "/legacy/2");
    troupe_stage_peer_t *peer = old_accept (&old);
    old_says (&old, idle, OK ("one", "3"));
    cr_assert_str_eq (old_answer (&old), "200 one");
    old_says (&old, peer, OK ("two", "3"));
    cr_assert_str_eq (old_answer (&old), "200 two");
    cr_assert_eq (troupe_stage_stop (old.stage, "legacy"), TROUPE_OK);
    cr_assert (troupe_stage_peer_closed (idle));
    old_close (&old);
}
