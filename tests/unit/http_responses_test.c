/*  =========================================================================
    http_responses_test.c - what a server sends, and where its responses end

    Place: tests/unit, of actors/http1/parser.c reading responses. Each input
    is fed whole, an octet at a time, and cut in two at every place.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "http_facts.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define LONG_VALUE "0123456789012345678901234567890123456789012345678901234567890123"

static void s_same (const fact_t *fact, char *transcript, const char *how)
{
    cr_assert_str_eq (transcript, fact->transcript, "fed %s: %s\n  said:      %s\n  must say:  %s",
                      how, fact->input, transcript, fact->transcript);
    free (transcript);
}

static void s_check (const troupe_http_limits_t *limits, bool head_only, const fact_t *facts, size_t count)
{
    for (const fact_t *fact = facts; fact < facts + count; fact++) {
        const char *data = fact->input;
        const size_t size = fact->size;
        s_same (fact, http_transcript_responses (limits, head_only, data, size, NULL, 0), "whole");
        s_same (fact, http_transcript_responses_trickle (limits, head_only, data, size), "by octets");
        for (size_t cut = 1; cut < size; cut++)
            s_same (fact, http_transcript_responses (limits, head_only, data, size, &cut, 1), "in two");
    }
}

#define HOLD(LIMITS, HEAD_ONLY, FACTS) s_check ((LIMITS), (HEAD_ONLY), (FACTS), sizeof (FACTS) / sizeof *(FACTS))

//  RFC 9112 6.3, its rules one by one.
Test (http_responses, where_a_body_ends)
{
    static const fact_t facts [] = {
        FACT (OK "Content-Length: 3\r\n\r\nabc", "200 1.1 keep length 3 | body \"abc\" | end"),
        FACT (OK "Content-Length: 0\r\n\r\n" OK "Content-Length: 0\r\n\r\n", "200 1.1 keep | end | 200 1.1 keep | end"),
        FACT (OK "Transfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0\r\nT: u\r\n\r\n",
              "200 1.1 keep chunked | body \"abc\" | end"),
        FACT (OK "X: y\r\n\r\nabc\r\n", "200 1.1 close until close [X=y] | body \"abc\r\n\" | end"),
        FACT ("HTTP/1.0 200 OK\r\n\r\n", "200 1.0 close until close | end"),
        FACT ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
              "200 1.0 keep length 1 | body \"a\" | end"),
        FACT (OK "Connection: close\r\nContent-Length: 1\r\n\r\na", "200 1.1 close length 1 | body \"a\" | end"),
        FACT ("HTTP/1.1 204 No Content\r\n\r\n" OK "Content-Length: 0\r\n\r\n",
              "204 1.1 keep | end | 200 1.1 keep | end"),
        FACT ("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "204 1.1 keep | end"),
        FACT ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 1.1 keep | end"),
        FACT ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" OK "Content-Length: 1\r\n\r\na",
              "100 1.1 keep | end | 103 1.1 keep [Link=a] | end | 200 1.1 keep length 1 | body \"a\" | end"),
        FACT ("HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n", "599 1.1 keep | end"),
    };
    HOLD (&troupe_http_limits_default, false, facts);
}

//  The fields speak of a body that is not there.
Test (http_responses, heads_answer_head)
{
    static const fact_t facts [] = {
        FACT (OK "Content-Length: 300\r\n\r\n", "200 1.1 keep | end"),
        FACT (OK "Transfer-Encoding: chunked\r\n\r\n", "200 1.1 keep | end"),
        FACT (OK "\r\n", "200 1.1 keep | end"),
    };
    HOLD (&troupe_http_limits_default, true, facts);
}

//  A body where there is none to be: what follows cannot be trusted.
Test (http_responses, a_forbidden_body_ends_the_connection)
{
    static const fact_t facts [] = {
        FACT ("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", "204 1.1 close | end"),
        FACT ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "204 1.1 close | end"),
        FACT ("HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\n", "400"),
        FACT ("HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
    };
    HOLD (&troupe_http_limits_default, false, facts);
}

//  RFC 9110 7.6.1: fields of one hop, and those that Connection names.
Test (http_responses, fields_of_one_hop_are_left_out)
{
    static const fact_t facts [] = {
        FACT (OK "Keep-Alive: timeout=5\r\nConnection: X-A, x-b\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\nUpgrade: h2c\r\n"
              "Connection: keep-alive\r\nTrailer: X\r\nTE: y\r\nProxy-Connection: z\r\nContent-Length: 0\r\n\r\n",
              "200 1.1 keep [X-C=3] | end"),
        FACT (OK "Connection: close, Connection\r\nContent-Length: 0\r\n\r\n", "200 1.1 close | end"),
    };
    HOLD (&troupe_http_limits_default, false, facts);
}

//  A response that ends before it is over is none.
Test (http_responses, what_is_cut_short_is_refused)
{
    static const fact_t facts [] = {
        FACT ("", ""),
        FACT ("H", "502"),
        FACT (OK "Content-Length: 3\r\n", "502"),
        FACT (OK "Content-Length: 3\r\n\r\n", "200 1.1 keep length 3 | 502"),
        FACT (OK "Content-Length: 3\r\n\r\nab", "200 1.1 keep length 3 | body \"ab\" | 502"),
        FACT (OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "200 1.1 keep chunked | body \"abc\" | 502"),
        FACT (OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", "200 1.1 keep chunked | 502"),
        FACT (OK "Content-Length: 0\r\n\r\nHTTP", "200 1.1 keep | end | 502"),
    };
    HOLD (&troupe_http_limits_default, false, facts);
}

//  RFC 9112 4: what is no status line.
Test (http_responses, malformed_status_lines)
{
    static const fact_t facts [] = {
        FACT ("HTTP/1.1 200\r\n", "502"), FACT ("HTTP/1.1  200 OK\r\n", "502"), FACT ("HTTP/1.1 20 OK\r\n", "502"),
        FACT ("HTTP/1.1 2000 OK\r\n", "502"), FACT ("HTTP/1.1 099 OK\r\n", "502"), FACT ("HTTP/1.1 600 OK\r\n", "502"),
        FACT ("HTTP/1.1 +20 OK\r\n", "502"), FACT ("HTTP/1.1 2x0 OK\r\n", "502"), FACT ("HTTP/1.1\t200 OK\r\n", "502"),
        FACT ("HTTP/1.1 200\tOK\r\n", "502"), FACT ("HTTP/1.1 200 O\0K\r\n", "502"),
        FACT ("HTTP/1.1 200 O\x01K\r\n", "502"), FACT ("HTTP/1.1 200 O\rK\r\n", "502"), FACT ("\r\n", "502"),
        FACT (" HTTP/1.1 200 OK\r\n", "502"), FACT ("\r\nHTTP/1.1 200 OK\r\n", "502"), FACT ("220 mail\r\n", "502"),
        FACT ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "502"), FACT ("<html>a long page without a head\r\n", "502"),
        FACT ("http/1.1 200 OK\r\n", "400"), FACT ("HTTP/01.1 200 OK\r\n", "502"), FACT ("HTTP/1,1 200 OK\r\n", "400"),
        FACT ("HTTP/0.9 200 OK\r\n", "400"), FACT ("HTTP/2.0 200 OK\r\n", "505"), FACT ("HTTP/1.2 200 OK\r\n", "505"),
        FACT ("HTTP/1.1 200 OK\n", "400"), FACT ("HTTP/1.1 200 OK\r\r\n", "502"), FACT ("ICY 200 OK a b\r\n", "502"),
    };
    HOLD (&troupe_http_limits_default, false, facts);
}

//  Two readers that see different ends can be made to see different responses.
Test (http_responses, doubtful_framing)
{
    static const fact_t facts [] = {
        FACT (OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        FACT ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        FACT (OK "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", "400"),
        FACT (OK "Content-Length: 3, 3\r\n\r\n", "400"), FACT (OK "Content-Length: +3\r\n\r\n", "400"),
        FACT (OK "Content-Length: -3\r\n\r\n", "400"), FACT (OK "Content-Length:\r\n\r\n", "400"),
        FACT (OK "Content-Length: 18446744073709551616\r\n\r\n", "400"),
        FACT (OK "Content_Length: 3\r\n\r\n", "400"), FACT (OK "Transfer_Encoding: chunked\r\n\r\n", "400"),
        FACT (OK "Transfer-Encoding: gzip\r\n\r\n", "400"), FACT (OK "Transfer-Encoding: gzip, chunked\r\n\r\n", "501"),
        FACT (OK "Transfer-Encoding: chunked, chunked\r\n\r\n", "400"),
        FACT (OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        FACT (OK "Transfer-Encoding: \x0b" "chunked\r\n\r\n", "400"),
        FACT (OK "X : y\r\n\r\n", "400"), FACT (OK "X: y\r\n z\r\n\r\n", "400"), FACT (OK " X: y\r\n\r\n", "400"),
        FACT (OK "X\r\n\r\n", "400"), FACT (OK ": y\r\n\r\n", "400"), FACT (OK "X: a\rb\r\n\r\n", "400"),
        FACT (OK "X: a\0b\r\n\r\n", "400"), FACT (OK "X: y\n\r\n", "400"), FACT (OK "X: y\r\n\n", "400"),
    };
    HOLD (&troupe_http_limits_default, false, facts);
}

//  RFC 9112 7.1, as strictly as in requests.
Test (http_responses, doubtful_chunks)
{
#define CHUNKS OK "Transfer-Encoding: chunked\r\n\r\n"
#define HEAD "200 1.1 keep chunked | "
    static const fact_t facts [] = {
        FACT (CHUNKS "0x3\r\n", HEAD "400"), FACT (CHUNKS "+3\r\n", HEAD "400"), FACT (CHUNKS "-1\r\n", HEAD "400"),
        FACT (CHUNKS "3 \r\n", HEAD "400"), FACT (CHUNKS " 3\r\n", HEAD "400"), FACT (CHUNKS "\r\n", HEAD "400"),
        FACT (CHUNKS "3\n", HEAD "400"), FACT (CHUNKS "10000000000000000\r\n", HEAD "400"),
        FACT (CHUNKS "ffffffffffffffff\r\n", HEAD "413"), FACT (CHUNKS "3;\r\n", HEAD "400"),
        FACT (CHUNKS "3;a\rb\r\n", HEAD "400"), FACT (CHUNKS "1\r\naX\r\n", HEAD "body \"a\" | 400"),
        FACT (CHUNKS "1\r\na\n", HEAD "body \"a\" | 400"), FACT (CHUNKS "0\r\nX : y\r\n", HEAD "400"),
        FACT (CHUNKS "0\r\nX: y\n", HEAD "400"), FACT (CHUNKS "0\r\n X: y\r\n", HEAD "400"),
    };
    HOLD (&troupe_http_limits_default, false, facts);
}

//  Everything is bounded, endless bodies too.
Test (http_responses, limits)
{
    static const troupe_http_limits_t small = { 32, 64, 3, 8, 10 };
    static const fact_t facts [] = {
        FACT ("HTTP/1.1 200 0123456789012345678", "502"),
        FACT ("HTTP/1.1 200 01234567890123456789", "502"),
        FACT ("HTTP/1.1 200 012345678901234567890123456789\r\n", "502"),
        FACT (OK "A: " LONG_VALUE, "431"),
        FACT (OK "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", "431"),
        FACT (OK "Content-Length: 11\r\n\r\n", "413"),
        FACT (OK "Transfer-Encoding: chunked\r\n\r\nb\r\n", "200 1.1 keep chunked | 413"),
        FACT (OK "Transfer-Encoding: chunked\r\n\r\n1;a=23456789\r\n", "200 1.1 keep chunked | 413"),
        FACT (OK "Transfer-Encoding: chunked\r\n\r\n0\r\nA: " LONG_VALUE "\r\n", "200 1.1 keep chunked | 431"),
        FACT (OK "\r\n0123456789", "200 1.1 close until close | body \"0123456789\" | end"),
    };
    HOLD (&small, false, facts);
}

//  How much of it is given out before depends on the cuts; that it is refused does not.
Test (http_responses, an_endless_body_is_refused)
{
    static const troupe_http_limits_t small = { 32, 64, 3, 8, 10 };
    static const char input [] = OK "\r\n01234567890";
    char *whole = http_transcript_responses (&small, false, input, sizeof input - 1, NULL, 0);
    char *octets = http_transcript_responses_trickle (&small, false, input, sizeof input - 1);
    cr_assert_str_eq (whole, "200 1.1 close until close | body \"0123456789\" | 413");
    cr_assert_str_eq (octets, whole);
    free (whole);
    free (octets);
}

static uint32_t s_kept_for (const char *text)
{
    troupe_http_scratch_t *scratch = troupe_http_scratch_new (&troupe_http_limits_default);
    troupe_http_parser_t parser;
    troupe_http_event_t event;
    troupe_http_parser_start_responses (&parser, &troupe_http_limits_default, scratch);
    troupe_http_parser_next (&parser, (const uint8_t *) text, strlen (text), &event);
    cr_assert_eq (event.kind, TROUPE_HTTP_HEAD);
    const uint32_t seconds = event.head->keep_alive_s;
    troupe_http_scratch_destroy (&scratch);
    return seconds;
}

//  What cannot be read is as good as not said.
Test (http_responses, keep_alive_says_for_how_long)
{
    cr_assert_eq (s_kept_for (OK "Keep-Alive: timeout=5, max=100\r\n\r\n"), 5);
    cr_assert_eq (s_kept_for (OK "Keep-Alive: max=100,Timeout=15\r\n\r\n"), 15);
    cr_assert_eq (s_kept_for (OK "Keep-Alive: timeout=\r\n\r\n"), 0);
    cr_assert_eq (s_kept_for (OK "Keep-Alive: timeout=5x\r\n\r\n"), 0);
    cr_assert_eq (s_kept_for (OK "Keep-Alive: timeout=99999999999\r\n\r\n"), 0);
    cr_assert_eq (s_kept_for (OK "Keep-Alive: t\r\n\r\n"), 0);
}
