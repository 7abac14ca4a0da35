/*  =========================================================================
    streamed_request_test.c - requests that go through door and upstream in pieces

    Place: tests/stage, of actors/http, actors/upstream and actors/body. The
    test is the client and the server: it sees every byte at both ends.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "streamed_way.h"

#define POST(FIELDS) "POST /legacy/x HTTP/1.1\r\nHost: a\r\n" FIELDS "\r\n"
#define CHUNKED POST ("Transfer-Encoding: chunked\r\n")
#define SENT(FIELDS) "POST /x HTTP/1.1\r\n" WAY_FIELDS FIELDS "\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define MEBIBYTE ((size_t) 1 << 20)

typedef struct both {
    troupe_stage_peer_t *client, *server;
} both_t;

//  A client that has begun a request, and the server that sees it coming.
static both_t s_begin (const way_t *way, const char *request)
{
    both_t both = { .client = way_client (way, request) };
    both.server = way_server (way);
    cr_assert_not_null (both.server);
    return both;
}

//  What the client sees of the answer begins so.
static void s_is_answered (const way_t *way, troupe_stage_peer_t *client, const char *with)
{
    const char *heard = way_heard (way, client);
    cr_assert_eq (strncmp (heard, with, strlen (with)), 0, "not '%s' but '%s'", with, heard);
}

//  The server sees the request when the client sends it, not when it is whole.
Test (streamed_request, pieces_go_as_they_come)
{
    way_t way = way_open (1, NULL);
    both_t both = s_begin (&way, POST ("Content-Length: 5\r\n"));
    cr_assert_str_eq (way_heard (&way, both.server), SENT ("Content-Length: 5\r\n"));
    way_says (&way, both.client, "ab");
    cr_assert_str_eq (way_heard (&way, both.server), "ab");
    way_says (&way, both.client, "cde");
    cr_assert_str_eq (way_heard (&way, both.server), "cde");
    way_says (&way, both.server, OK);
    cr_assert_str_eq (way_heard (&way, both.client), OK);
    way_is_idle (&way);
    way_says (&way, both.client, POST ("Content-Length: 1\r\n") "z");
    cr_assert_str_eq (way_heard (&way, both.server), SENT ("Content-Length: 1\r\n") "z", "it is not kept");
    way_says (&way, both.server, OK);
    way_close (&way);
}

//  A length that nobody knows is told by chunks, which are ours: of the client's own nothing but the bytes goes on.
Test (streamed_request, an_unknown_length_goes_in_chunks)
{
    way_t way = way_open (2, NULL);
    both_t both = s_begin (&way, CHUNKED "3;x=y\r\nabc\r\n");
    cr_assert_str_eq (way_heard (&way, both.server), SENT ("Transfer-Encoding: chunked\r\n") "3\r\nabc\r\n");
    way_says (&way, both.client, "1\r\nd\r\n2\r\nef\r\n");
    cr_assert_str_eq (way_heard (&way, both.server), "3\r\ndef\r\n");
    way_says (&way, both.client, "1\r\ng\r\n0\r\nX-Trailer: 1\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.server), "1\r\ng\r\n0\r\n\r\n");
    way_says (&way, both.server, OK);
    cr_assert_str_eq (way_heard (&way, both.client), OK);
    way_says (&way, both.client, CHUNKED "0\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.server), SENT ("Transfer-Encoding: chunked\r\n") "0\r\n\r\n");
    way_says (&way, both.server, OK);
    way_close (&way);
}

//  Who waits for 100 gets it from the door: the body can be taken from then on.
Test (streamed_request, an_expectation_is_met_here)
{
    way_t way = way_open (3, NULL);
    both_t both = s_begin (&way, POST ("Expect: 100-continue\r\nContent-Length: 2\r\n"));
    cr_assert_str_eq (way_heard (&way, both.client), "HTTP/1.1 100 Continue\r\n\r\n");
    way_says (&way, both.client, "ab");
    cr_assert_str_eq (way_heard (&way, both.server), SENT ("Content-Length: 2\r\n") "ab");
    way_says (&way, both.server, OK);
    cr_assert_str_eq (way_heard (&way, both.client), OK);
    way_close (&way);
}

//  Both ways at once: a server may begin its answer before it has all of the request.
Test (streamed_request, an_answer_may_come_while_the_request_does)
{
    way_t way = way_open (4, NULL);
    both_t both = s_begin (&way, POST ("Content-Length: 4\r\n") "ab");
    way_heard (&way, both.server);
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nAB\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nAB");
    way_says (&way, both.client, "cd");
    cr_assert_str_eq (way_heard (&way, both.server), "cd");
    way_says (&way, both.server, "2\r\nCD\r\n0\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "\r\n2\r\nCD\r\n0\r\n\r\n");
    way_is_idle (&way);
    cr_assert_eq (way_counter (&way, "legacy", "connections"), 1, "it is not kept");
    way_close (&way);
}

//  One that has answered may never read the rest: its connection ends, while the client's goes on behind its body.
Test (streamed_request, an_early_answer_ends_it)
{
    static const char *const answers [] = {
        "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 413 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nn\r\n|1\r\no\r\n0\r\n\r\n",
    };
    for (size_t index = 0; index < 2; index++) {
        way_t way = way_open (5, NULL);
        both_t both = s_begin (&way, POST ("Content-Length: 4\r\n") "ab");
        char first [128];
        snprintf (first, sizeof first, "%s", answers [index]);
        char *second = strchr (first, '|');
        if (second)
            *second++ = 0;
        way_says (&way, both.server, first);
        s_is_answered (&way, both.client, "HTTP/1.1 413 ");
        if (second)
            way_says (&way, both.server, second);
        cr_assert (troupe_stage_peer_closed (both.server));
        way_is_idle (&way);
        way_heard (&way, both.client);
        way_says (&way, both.client, "cdGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
        s_is_answered (&way, both.client, "HTTP/1.1 404 ");
        way_close (&way);
    }
}

//  --- Who reads slowly

//  A server that does not read must not fill the gateway's memory with what clients send it.
Test (streamed_request, a_slow_server_makes_the_client_wait)
{
    way_t way = way_open (6, "http/piece_timeout_ms=1000000");
    char *bytes = malloc (4 * MEBIBYTE);
    memset (bytes, 'x', 4 * MEBIBYTE);
    both_t both = s_begin (&way, POST ("Content-Length: 4194304\r\n"));
    way_heard (&way, both.server);
    troupe_stage_peer_block (both.server, true);
    troupe_stage_trace_clear (way.stage);
    way_says_bytes (&way, both.client, bytes, 4 * MEBIBYTE, 16384);
    size_t taken = 0;
    for (const char *at = troupe_stage_trace (way.stage); (at = strstr (at, "http#1 <- peer ")) != NULL; at++)
        taken += strtoul (strchr (at + strlen ("http#1 <- "), ':') + 1, NULL, 10);
    cr_assert_lt (taken, MEBIBYTE / 2);
    troupe_stage_advance (way.stage, 300000);
    cr_assert_not (troupe_stage_peer_closed (both.client), "it is not the client that is slow");
    troupe_stage_peer_block (both.server, false);
    cr_assert_eq (way_counted (&way, both.server, 'x'), 4 * MEBIBYTE);
    way_says (&way, both.server, OK);
    cr_assert_str_eq (way_heard (&way, both.client), OK);
    way_is_idle (&way);
    way_close (&way);
    free (bytes);
}

//  One that never reads is left; so is a client that never sends.
Test (streamed_request, who_does_not_go_on_is_left)
{
    way_t way = way_open (7, "http/piece_timeout_ms=5000");
    char *bytes = calloc (1, MEBIBYTE);
    both_t both = s_begin (&way, POST ("Content-Length: 1048576\r\n"));
    troupe_stage_peer_block (both.server, true);
    way_says_bytes (&way, both.client, bytes, MEBIBYTE, 16384);
    troupe_stage_advance (way.stage, 10000);
    s_is_answered (&way, both.client, "HTTP/1.1 504 ");
    cr_assert (troupe_stage_peer_closed (both.server));
    both = s_begin (&way, POST ("Content-Length: 10\r\n") "ab");
    troupe_stage_advance (way.stage, 5000);
    s_is_answered (&way, both.client, "HTTP/1.1 408 ");
    cr_assert (troupe_stage_peer_closed (both.server));
    way_is_idle (&way);
    way_close (&way);
    free (bytes);
}

//  However long a body takes, as long as it comes; the server's time begins behind it.
Test (streamed_request, a_long_request_has_its_time)
{
    way_t way = way_open (8, "legacy/response_timeout_ms=3000 http/body_timeout_ms=2000 http/route_deadline_ms=9000");
    char bytes [2000];
    memset (bytes, 'x', sizeof bytes);
    both_t both = s_begin (&way, POST ("Content-Length: 40000\r\n"));
    for (int piece = 0; piece < 20; piece++) {
        cr_assert_str_eq (way_heard (&way, both.client), "");
        way_says_bytes (&way, both.client, bytes, sizeof bytes, 0);
        troupe_stage_advance (way.stage, piece < 19 ? 4000 : 2900);
    }
    cr_assert_str_eq (way_heard (&way, both.client), "");
    troupe_stage_advance (way.stage, 200);
    s_is_answered (&way, both.client, "HTTP/1.1 504 ");
    way_is_idle (&way);
    way_close (&way);
}

//  The door does not wait for ever either, should the service do so.
Test (streamed_request, the_routes_time_begins_behind_the_request)
{
    way_t way = way_open (9, "http/route_deadline_ms=2000");
    troupe_probe_t *probe = troupe_stage_probe (way.stage, "probe");
    troupe_stage_peer_t *client = way_client (&way, "POST /probe HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n");
    cr_assert_not_null (troupe_probe_next (probe));
    troupe_stage_advance (way.stage, 3000);
    way_says (&way, client, "ab");
    cr_assert_eq (troupe_message_tag (troupe_probe_next (probe)), TROUPE_TAG_BODY_LAST);
    troupe_probe_reply (probe, NULL, 0);
    troupe_stage_advance (way.stage, 1999);
    cr_assert_str_eq (way_heard (&way, client), "");
    troupe_stage_advance (way.stage, 1);
    s_is_answered (&way, client, "HTTP/1.1 504 ");
    cr_assert_eq (troupe_message_tag (troupe_probe_next (probe)), TROUPE_TAG_BODY_DROP);
    way_close (&way);
}

//  --- Who is gone

//  Half a request must not look whole to the server.
Test (streamed_request, a_client_that_is_gone_is_told_to_the_server)
{
    static const char *const requests [] = { POST ("Content-Length: 4\r\n"), POST ("Content-Length: 4\r\n") "ab",
                                             CHUNKED "2\r\nab\r\n" };
    for (size_t index = 0; index < 2 * sizeof requests / sizeof *requests; index++) {
        way_t way = way_open (10, NULL);
        both_t both = s_begin (&way, requests [index / 2]);
        if (index % 2)
            troupe_stage_peer_abort (both.client);
        else
            troupe_stage_peer_end (both.client);
        cr_assert_null (strstr (way_heard (&way, both.server), "0\r\n\r\n"), "case %zu", index);
        cr_assert (troupe_stage_peer_closed (both.server), "case %zu", index);
        way_is_idle (&way);
        way_close (&way);
    }
}

//  So does what is no body any more.
Test (streamed_request, a_client_that_sends_garbage_is_400)
{
    way_t way = way_open (19, NULL);
    both_t both = s_begin (&way, CHUNKED "2\r\nab\r\n");
    way_says (&way, both.client, "1\r\nc\r\nzz\r\n");
    s_is_answered (&way, both.client, "HTTP/1.1 400 ");
    cr_assert_null (strstr (way_heard (&way, both.server), "0\r\n\r\n"));
    cr_assert (troupe_stage_peer_closed (both.server));
    way_is_idle (&way);
    way_close (&way);
}

Test (streamed_request, a_server_that_is_gone_is_502)
{
    for (int aborts = 0; aborts < 2; aborts++) {
        way_t way = way_open (11, NULL);
        both_t both = s_begin (&way, POST ("Content-Length: 4\r\n") "ab");
        if (aborts)
            troupe_stage_peer_abort (both.server);
        else
            troupe_stage_peer_end (both.server);
        s_is_answered (&way, both.client, "HTTP/1.1 502 ");
        way_is_idle (&way);
        way_says (&way, both.client, "cdGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
        s_is_answered (&way, both.client, "HTTP/1.1 404 ");
        way_close (&way);
    }
}

//  Nobody is there, and the body still comes.
Test (streamed_request, a_server_that_cannot_be_reached_is_503)
{
    way_t way = way_open (12, "legacy/upstream=http://127.0.0.1:9");
    troupe_stage_peer_t *client = way_client (&way, POST ("Content-Length: 4\r\n") "ab");
    s_is_answered (&way, client, "HTTP/1.1 503 ");
    way_says (&way, client, "cdGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    s_is_answered (&way, client, "HTTP/1.1 404 ");
    way_is_idle (&way);
    way_close (&way);
}

//  A kept connection may end when it is used: what has not been sent yet can go over another.
Test (streamed_request, it_is_sent_again_only_while_nothing_of_its_body_is)
{
    static const char put [] = "PUT /legacy/x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
    for (int sent = 0; sent < 2; sent++) {
        way_t way = way_open (13, NULL);
        both_t both = s_begin (&way, "GET /legacy/x HTTP/1.1\r\nHost: a\r\n\r\n");
        way_says (&way, both.server, OK);
        way_heard (&way, both.client);
        way_says (&way, both.client, put);
        if (sent)
            way_says (&way, both.client, "a");
        troupe_stage_peer_end (both.server);
        troupe_stage_peer_t *other = way_server (&way);
        cr_assert_eq (other != NULL, !sent);
        if (other) {
            way_says (&way, both.client, "ab");
            cr_assert_not_null (strstr (way_heard (&way, other), "\r\n\r\nab"));
            way_says (&way, other, OK);
        }
        s_is_answered (&way, both.client, sent ? "HTTP/1.1 502 " : "HTTP/1.1 200 ");
        way_close (&way);
    }
}

//  An old server would read the chunks as the body.
Test (streamed_request, an_old_server_gets_no_chunks)
{
    way_t way = way_open (14, NULL);
    both_t both = s_begin (&way, "GET /legacy/x HTTP/1.1\r\nHost: a\r\n\r\n");
    way_says (&way, both.server, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok");
    way_heard (&way, both.client);
    way_says (&way, both.client, CHUNKED "2\r\nab\r\n0\r\n\r\n");
    s_is_answered (&way, both.client, "HTTP/1.1 411 ");
    way_says (&way, both.client, POST ("Content-Length: 2\r\n") "ab");
    cr_assert_not_null (strstr (way_heard (&way, both.server), "\r\n\r\nab"));
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    s_is_answered (&way, both.client, "HTTP/1.1 200 ");
    way_says (&way, both.client, CHUNKED "2\r\nab\r\n0\r\n\r\n");
    cr_assert_not_null (strstr (way_heard (&way, both.server), "2\r\nab\r\n0\r\n\r\n"), "it is new now");
    way_says (&way, both.server, OK);
    s_is_answered (&way, both.client, "HTTP/1.1 200 ");
    way_is_idle (&way);
    way_close (&way);
}

//  --- Limits and ends

//  Streamed bodies have a limit of their own, and the others keep theirs.
Test (streamed_request, the_limit_is_one_of_its_own)
{
    way_t way = way_open (15, "http/body_limit_bytes=2 http/streamed_body_limit_bytes=6");
    both_t both = s_begin (&way, POST ("Content-Length: 6\r\n") "abcdef");
    way_says (&way, both.server, OK);
    s_is_answered (&way, both.client, "HTTP/1.1 200 ");
    troupe_stage_peer_t *client = way_client (&way, POST ("Content-Length: 7\r\n"));
    s_is_answered (&way, client, "HTTP/1.1 413 ");
    client = way_client (&way, "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
    s_is_answered (&way, client, "HTTP/1.1 413 ");
    client = way_client (&way, "POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n");
    s_is_answered (&way, client, "HTTP/1.1 404 ");
    troupe_stage_run (way.stage);
    cr_assert (troupe_stage_peer_ended (client), "it may go on for ever");
    way_says (&way, both.client, CHUNKED "4\r\nabcd\r\n");
    way_heard (&way, both.server);
    way_says (&way, both.client, "3\r\n");
    s_is_answered (&way, both.client, "HTTP/1.1 413 ");
    cr_assert (troupe_stage_peer_closed (both.server));
    way_is_idle (&way);
    way_close (&way);
}

//  What is under way is finished, by both, before they end.
Test (streamed_request, ending_waits_for_the_rest)
{
    way_t way = way_open (16, NULL);
    both_t both = s_begin (&way, POST ("Content-Length: 4\r\n") "ab");
    troupe_stage_peer_send (both.client, "cd", 2, 0);
    troupe_stage_peer_send (both.server, OK, sizeof OK - 1, 0);
    troupe_stage_stop (way.stage, "root");
    s_is_answered (&way, both.client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
    cr_assert (troupe_stage_peer_ended (both.client));
    way_close (&way);
}

Test (streamed_request, a_failure_of_either_ends_it)
{
    static const struct { const char *actor, *answer; } cases [] = { { "legacy", "HTTP/1.1 500 " }, { "http", "" } };
    for (size_t index = 0; index < 2; index++) {
        way_t way = way_open (17, NULL);
        both_t both = s_begin (&way, POST ("Content-Length: 4\r\n") "ab");
        troupe_stage_fail_message (way.stage, cases [index].actor, 1);
        troupe_stage_cast (way.stage, cases [index].actor, 1, NULL, 0);
        s_is_answered (&way, both.client, cases [index].answer);
        cr_assert (troupe_stage_peer_closed (both.server), "%s", cases [index].actor);
        way_close (&way);
    }
}

//  A route that would need a worker for its pieces is a mistake that shows at the start.
Test (streamed_request, a_streamed_route_names_its_service)
{
    static const troupe_route_t routes [] = { { .method = "GET", .pattern = "/a", .streamed = true }, { 0 } };
    static const troupe_http_t spec = { .routes = routes, .workers = "worker" };
    static const troupe_behavior_t door = TROUPE_HTTP ("http", &spec);
    troupe_stage_t *stage = troupe_stage_new (18);
    cr_assert_neq (troupe_stage_spawn (stage, &door, NULL), TROUPE_OK);
    troupe_stage_destroy (&stage);
}
