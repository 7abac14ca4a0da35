/*  =========================================================================
    streamed_answer_test.c - answers that go through door and upstream in pieces

    Place: tests/stage, of actors/http, actors/upstream and actors/body. The
    test is the client and the server: it sees every byte at both ends.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "streamed_way.h"

#define GET "GET /legacy/x HTTP/1.1\r\nHost: a\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define MEBIBYTE ((size_t) 1 << 20)

//  A client that asks for /x, and the server that has been asked.
typedef struct both {
    troupe_stage_peer_t *client, *server;
} both_t;

static both_t s_ask (const way_t *way)
{
    both_t both = { .client = way_client (way, GET) };
    both.server = way_server (way);
    cr_assert_not_null (both.server);
    cr_assert_str_eq (way_heard (way, both.server), WAY_GET);
    return both;
}

static char *s_filled (size_t size)
{
    char *bytes = malloc (size);
    cr_assert_not_null (bytes);
    memset (bytes, 'x', size);
    return bytes;
}

//  What a client sees of an answer is there when the server has said it, not when it is over.
Test (streamed_answer, pieces_come_as_they_are_sent)
{
    way_t way = way_open (1, NULL);
    both_t both = s_ask (&way);
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nTransfer-Encoding: chunked\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client),
                      "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nTransfer-Encoding: chunked\r\n\r\n");
    way_says (&way, both.server, "3\r\nabc\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "3\r\nabc");
    way_says (&way, both.server, "2\r\nde\r\n1\r\nf\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "\r\n3\r\ndef");
    way_says (&way, both.server, "0\r\nX-Trailer: 1\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "\r\n0\r\n\r\n");
    way_is_idle (&way);
    way_says (&way, both.client, GET);
    cr_assert_str_eq (way_heard (&way, both.server), WAY_GET, "the connections are not kept");
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz");
    cr_assert_str_eq (way_heard (&way, both.client), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz");
    cr_assert_eq (way_counter (&way, "legacy", "connections_opened"), 1);
    way_close (&way);
}

//  A length that the server tells is the client's too.
Test (streamed_answer, a_known_length_goes_along)
{
    way_t way = way_open (2, NULL);
    both_t both = s_ask (&way);
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    cr_assert_str_eq (way_heard (&way, both.client), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    way_says (&way, both.server, "cde");
    cr_assert_str_eq (way_heard (&way, both.client), "cde");
    way_is_idle (&way);
    way_says (&way, both.client, GET);
    cr_assert_str_eq (way_heard (&way, both.server), WAY_GET);
    way_says (&way, both.server, "HTTP/1.1 204 No Content\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "HTTP/1.1 204 No Content\r\n\r\n");
    way_close (&way);
}

//  HTTP/1.0 knows no chunks: there the end of the connection is the end, if nothing tells it before.
Test (streamed_answer, an_old_client_gets_the_end_with_the_connection)
{
    static const char get [] = "GET /legacy/x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
    way_t way = way_open (3, NULL);
    troupe_stage_peer_t *client = way_client (&way, get);
    troupe_stage_peer_t *server = way_server (&way);
    way_says (&way, server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na");
    cr_assert_str_eq (way_heard (&way, client),
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\na");
    way_says (&way, server, "b");
    cr_assert_str_eq (way_heard (&way, client), "b");
    way_says (&way, client, get);
    way_says (&way, server, CHUNKED "2\r\nab\r\n");
    cr_assert_str_eq (way_heard (&way, client), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab");
    way_says (&way, server, "1\r\nc\r\n0\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, client), "c");
    cr_assert (troupe_stage_peer_ended (client));
    way_close (&way);
}

//  An old server ends its answer with its connection: that is an end, and told as one.
Test (streamed_answer, the_servers_end_is_the_end_where_no_length_is_told)
{
    way_t way = way_open (4, NULL);
    both_t both = s_ask (&way);
    way_says (&way, both.server, "HTTP/1.0 200 OK\r\n\r\nab");
    way_heard (&way, both.client);
    way_says (&way, both.server, "c");
    troupe_stage_peer_end (both.server);
    cr_assert_str_eq (way_heard (&way, both.client), "\r\n1\r\nc\r\n0\r\n\r\n");
    cr_assert (troupe_stage_peer_closed (both.server));
    way_is_idle (&way);
    way_close (&way);
}

//  What is there at once costs one message, as ever.
Test (streamed_answer, small_answers_are_whole)
{
    way_t way = way_open (5, NULL);
    both_t both = s_ask (&way);
    way_says (&way, both.server, CHUNKED "3\r\nabc\r\n0\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    cr_assert_eq (way_counter (&way, "legacy", "streamed"), 0);
    way_says (&way, both.client, "HEAD /legacy/x HTTP/1.1\r\nHost: a\r\n\r\n");
    way_heard (&way, both.server);
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    way_close (&way);
}

//  1xx belong to this hop.
Test (streamed_answer, interim_answers_stay_here)
{
    way_t way = way_open (6, NULL);
    both_t both = s_ask (&way);
    way_says (&way, both.server, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "");
    way_says (&way, both.server, CHUNKED);
    cr_assert_str_eq (way_heard (&way, both.client), CHUNKED);
    way_says (&way, both.server, "0\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), "0\r\n\r\n");
    way_close (&way);
}

//  --- Who reads slowly

//  So much has been read off the connections to servers since the trace was cleared.
static size_t s_taken (const way_t *way)
{
    size_t sum = 0;
    for (const char *at = troupe_stage_trace (way->stage); (at = strstr (at, "legacy#1 <- peer ")) != NULL; at++) {
        const char *size = strchr (at + strlen ("legacy#1 <- "), ':');
        sum += strtoul (size + 1, NULL, 10);
    }
    return sum;
}

//  A client that does not read must not fill the gateway's memory with what it has asked for.
Test (streamed_answer, a_slow_client_makes_the_server_wait)
{
    way_t way = way_open (7, NULL);
    char *bytes = s_filled (4 * MEBIBYTE);
    both_t both = s_ask (&way);
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n");
    way_heard (&way, both.client);
    troupe_stage_peer_block (both.client, true);
    troupe_stage_trace_clear (way.stage);
    way_says_bytes (&way, both.server, bytes, 4 * MEBIBYTE, 16384);
    cr_assert_lt (s_taken (&way), MEBIBYTE / 2);
    troupe_stage_peer_block (both.client, false);
    cr_assert_eq (way_counted (&way, both.client, 'x'), 4 * MEBIBYTE);
    way_is_idle (&way);
    way_close (&way);
    free (bytes);
}

//  One that reads a little every minute is not taken for one that has gone: not by the door, and not behind it.
Test (streamed_answer, a_slow_client_is_waited_for_as_long_as_it_reads)
{
    way_t way = way_open (8, NULL);
    char *bytes = s_filled (MEBIBYTE);
    both_t both = s_ask (&way);
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n");
    way_heard (&way, both.client);
    size_t size = 0;
    troupe_stage_peer_block (both.client, true);
    way_says_bytes (&way, both.server, bytes, MEBIBYTE, 16384);
    for (int minute = 0; minute < 5; minute++) {
        troupe_stage_advance (way.stage, 70000);
        troupe_stage_peer_block (both.client, false);
        troupe_stage_step (way.stage);
        troupe_stage_peer_block (both.client, true);
        cr_assert_not (troupe_stage_peer_closed (both.client), "after %d minutes", minute);
        cr_assert_not (troupe_stage_peer_closed (both.server), "after %d minutes", minute);
    }
    troupe_stage_peer_block (both.client, false);
    size += way_counted (&way, both.client, 'x');
    cr_assert_eq (size, MEBIBYTE);
    way_close (&way);
    free (bytes);
}

//  One that reads nothing any more is left, and so is the server.
Test (streamed_answer, a_client_that_does_not_read_is_left)
{
    way_t way = way_open (9, NULL);
    char *bytes = s_filled (MEBIBYTE);
    both_t both = s_ask (&way);
    troupe_stage_peer_block (both.client, true);
    way_says (&way, both.server, CHUNKED "100000\r\n");
    way_says_bytes (&way, both.server, bytes, MEBIBYTE, 16384);
    troupe_stage_advance (way.stage, 74000);
    cr_assert_not (troupe_stage_peer_closed (both.client));
    troupe_stage_advance (way.stage, 2000);
    cr_assert (troupe_stage_peer_closed (both.client));
    cr_assert (troupe_stage_peer_closed (both.server));
    way_is_idle (&way);
    way_close (&way);
    free (bytes);
}

//  --- Who is gone

//  A server that goes on for nobody wastes its time.
Test (streamed_answer, a_client_that_is_gone_is_told_to_the_server)
{
    static const char *const before [] = { "", "HTTP/1.1 200 OK\r\n", CHUNKED, CHUNKED "3\r\nabc\r\n" };
    for (size_t index = 0; index < sizeof before / sizeof *before; index++) {
        way_t way = way_open (10, NULL);
        both_t both = s_ask (&way);
        way_says (&way, both.server, before [index]);
        troupe_stage_peer_abort (both.client);
        troupe_stage_run (way.stage);
        cr_assert (troupe_stage_peer_closed (both.server), "after '%s'", before [index]);
        cr_assert_eq (way_counter (&way, "legacy", "given_up"), 1);
        way_is_idle (&way);
        way_close (&way);
    }
}

//  Half an answer must never look whole: neither by a last chunk, nor by an orderly end.
Test (streamed_answer, what_ends_too_early_is_aborted)
{
    static const struct { const char *begin, *then; bool aborts; } cases [] = {
        { CHUNKED "3\r\nabc\r\n", "", false }, { CHUNKED "3\r\nabc\r\n", "", true },
        { CHUNKED "3\r\nabc\r\n", "zz\r\n", false }, { CHUNKED "3\r\nabc\r\n", "5\r\nab", false },
        { CHUNKED "3\r\nabc\r\n", "3\r\nabcX", false }, { CHUNKED "3\r\nabc\r\n", "0\r\n\r", false },
        { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na", "bc", false },
        { "HTTP/1.1 200 OK\r\n\r\na", "bc", true },
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        way_t way = way_open (11, NULL);
        both_t both = s_ask (&way);
        way_says (&way, both.server, cases [index].begin);
        cr_assert_eq (strncmp (way_heard (&way, both.client), "HTTP/1.1 200", 12), 0);
        way_says (&way, both.server, cases [index].then);
        if (cases [index].aborts)
            troupe_stage_peer_abort (both.server);
        else
            troupe_stage_peer_end (both.server);
        cr_assert_null (strstr (way_heard (&way, both.client), "0\r\n\r\n"), "case %zu", index);
        cr_assert (troupe_stage_peer_closed (both.client), "case %zu", index);
        cr_assert (troupe_stage_peer_closed (both.server), "case %zu", index);
        way_is_idle (&way);
        way_close (&way);
    }
}

//  As long as nothing has gone out there is a better answer than the end of the connection.
Test (streamed_answer, what_ends_before_it_has_begun_is_502)
{
    static const char *const answers [] = { "", "HTTP/1.1 200 OK\r\nConte", "garbage\r\n\r\n",
                                            "HTTP/1.1 100 Go\r\n\r\n" };
    for (size_t index = 0; index < sizeof answers / sizeof *answers; index++) {
        way_t way = way_open (12, NULL);
        both_t both = s_ask (&way);
        way_says (&way, both.server, answers [index]);
        troupe_stage_peer_end (both.server);
        cr_assert_eq (strncmp (way_heard (&way, both.client), "HTTP/1.1 502 ", 13), 0);
        way_says (&way, both.client, GET);
        cr_assert_not_null (way_server (&way), "the client's connection is not kept");
        way_close (&way);
    }
}

//  --- Times and limits

//  The deadline is for the beginning; a piece has a time of its own.
Test (streamed_answer, a_server_that_falls_silent_is_left)
{
    way_t way = way_open (13, "http/piece_timeout_ms=5000");
    both_t both = s_ask (&way);
    way_says (&way, both.server, CHUNKED);
    way_heard (&way, both.client);
    for (int piece = 0; piece < 10; piece++) {
        troupe_stage_advance (way.stage, 4000);
        way_says (&way, both.server, "1\r\nx\r\n");
        cr_assert_str_eq (way_heard (&way, both.client), piece ? "\r\n1\r\nx" : "1\r\nx");
    }
    troupe_stage_advance (way.stage, 10000);
    cr_assert (troupe_stage_peer_closed (both.client));
    cr_assert (troupe_stage_peer_closed (both.server));
    way_is_idle (&way);
    way_close (&way);
}

Test (streamed_answer, a_server_that_does_not_begin_in_time_is_504)
{
    way_t way = way_open (14, "legacy/response_timeout_ms=1000");
    both_t both = s_ask (&way);
    troupe_stage_advance (way.stage, 999);
    cr_assert_str_eq (way_heard (&way, both.client), "");
    troupe_stage_advance (way.stage, 1);
    cr_assert_eq (strncmp (way_heard (&way, both.client), "HTTP/1.1 504 ", 13), 0);
    cr_assert (troupe_stage_peer_closed (both.server));
    way_is_idle (&way);
    way_close (&way);
}

//  Endless answers are bounded too, though what is whole has a smaller bound, which is not theirs.
Test (streamed_answer, the_limit_is_one_of_its_own)
{
    way_t way = way_open (15, "legacy/streamed_body_limit_bytes=10 legacy/body_limit_bytes=2");
    both_t both = s_ask (&way);
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
    cr_assert_not_null (strstr (way_heard (&way, both.client), "0123456789"));
    way_says (&way, both.client, GET);
    way_says (&way, both.server, CHUNKED "5\r\n01234\r\n");
    way_heard (&way, both.client);
    way_says (&way, both.server, "6\r\n567890\r\n");
    cr_assert (troupe_stage_peer_closed (both.client));
    both = s_ask (&way);
    way_says (&way, both.server, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n");
    cr_assert_eq (strncmp (way_heard (&way, both.client), "HTTP/1.1 502 ", 13), 0);
    way_close (&way);
}

//  --- Ends

//  What is under way is finished, by both, before they end.
Test (streamed_answer, ending_waits_for_the_rest)
{
    way_t way = way_open (16, NULL);
    both_t both = s_ask (&way);
    way_says (&way, both.server, CHUNKED "3\r\nabc\r\n");
    way_heard (&way, both.client);
    troupe_stage_peer_send (both.server, "1\r\nd\r\n0\r\n\r\n", 11, 0);
    troupe_stage_stop (way.stage, "root");
    cr_assert_str_eq (way_heard (&way, both.client), "\r\n1\r\nd\r\n0\r\n\r\n");
    way_close (&way);
}

//  What the next incarnation cannot know is cut off, at both ends.
Test (streamed_answer, a_failure_of_either_cuts_it_off)
{
    static const char *const actors [] = { "legacy", "http" };
    for (size_t index = 0; index < 2; index++) {
        way_t way = way_open (17, NULL);
        both_t both = s_ask (&way);
        way_says (&way, both.server, CHUNKED "3\r\nabc\r\n");
        way_heard (&way, both.client);
        troupe_stage_fail_message (way.stage, actors [index], 1);
        troupe_stage_cast (way.stage, actors [index], 1, NULL, 0);
        cr_assert_str_eq (way_heard (&way, both.client), "", "%s", actors [index]);
        cr_assert (troupe_stage_peer_closed (both.client), "%s", actors [index]);
        cr_assert (troupe_stage_peer_closed (both.server), "%s", actors [index]);
        both = s_ask (&way);
        way_says (&way, both.server, CHUNKED "0\r\n\r\n");
        way_close (&way);
    }
}

//  A next request may have come already: it is answered behind the one that streams, not within it.
Test (streamed_answer, a_pipelined_request_waits)
{
    way_t way = way_open (18, NULL);
    both_t both = s_ask (&way);
    way_says (&way, both.server, CHUNKED "1\r\na\r\n");
    way_says (&way, both.client, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    cr_assert_str_eq (way_heard (&way, both.client), CHUNKED "1\r\na");
    way_says (&way, both.server, "0\r\n\r\n");
    cr_assert_eq (strncmp (way_heard (&way, both.client), "\r\n0\r\n\r\nHTTP/1.1 404 ", 20), 0);
    way_close (&way);
}
