/*  =========================================================================
    http_limits_test.c - what is too large is refused, and nothing smaller is

    Place: tests/unit, of actors/http1/parser.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http_facts.h"

//  Small limits, so that every cut of every input can be tried.
static const troupe_http_limits_t s_limits = {
    .request_line_bytes = 20, .header_bytes = 40, .header_fields = 4, .chunk_extension_bytes = 6, .body_bytes = 10,
};

static void s_check (const char *input, const char *transcript)
{
    const fact_t fact = { input, strlen (input), transcript };
    http_facts_check (&s_limits, &fact, 1);
}

//  "GET /aaaaaa HTTP/1.1" has 20 octets.
Test (http_limits, request_line)
{
    s_check ("GET /aaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", "GET /aaaaaa 1.1 keep @a | end");
    s_check ("GET /aaaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", "414");
    s_check ("GET /aaaaaaaaaaaaaaaaaaaaaaaaaaa", "414");
    s_check ("\r\nGET /aaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", "GET /aaaaaa 1.1 keep @a | end");
}

//  Field lines of 9 and 29 octets, and the empty one of 2, are 40.
Test (http_limits, header_section)
{
    s_check ("GET / HTTP/1.1\r\nHost: a\r\nX: 234567890123456789012345\r\n\r\n",
             "GET / 1.1 keep @a [X=234567890123456789012345] | end");
    s_check ("GET / HTTP/1.1\r\nHost: a\r\nX: 2345678901234567890123456\r\n\r\n", "431");
    s_check ("GET / HTTP/1.1\r\nHost: a\r\nX: 23456789012345678901234567890", "431");
}

//  Each field costs work in every handler that looks for one.
Test (http_limits, header_fields)
{
    s_check ("GET / HTTP/1.1\r\nHost: a\r\nb:\r\nc:\r\nd:\r\n\r\n", "GET / 1.1 keep @a [b=] [c=] [d=] | end");
    s_check ("GET / HTTP/1.1\r\nHost: a\r\nb:\r\nc:\r\nd:\r\ne:\r\n\r\n", "431");
    s_check ("GET / HTTP/1.1\r\nHost: a\r\nTE:\r\nTE:\r\nTE:\r\nTE:\r\n\r\n", "431");
}

//  Both kinds of framing, at the limit and one octet past it.
Test (http_limits, body)
{
    s_check ("PUT / HTTP/1.0\r\nContent-Length: 10\r\n\r\n0123456789",
             "PUT / 1.0 close length 10 | body \"0123456789\" | end");
    s_check ("PUT / HTTP/1.0\r\nContent-Length: 11\r\n\r\n0123456789a", "413");
    const char *head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:chunked\r\n\r\n";
    char input [200];
    snprintf (input, sizeof input, "%s5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", head);
    s_check (input, "POST / 1.1 keep chunked @a | body \"0123456789\" | end");
    snprintf (input, sizeof input, "%s5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n", head);
    s_check (input, "POST / 1.1 keep chunked @a | body \"01234\" | 413");
}

//  In all of a body: a peer could otherwise send extensions for ever.
Test (http_limits, chunk_extensions)
{
    const char *head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:chunked\r\n\r\n";
    char input [200];
    snprintf (input, sizeof input, "%s1;ab\r\nx\r\n1;cd\r\ny\r\n0\r\n\r\n", head);
    s_check (input, "POST / 1.1 keep chunked @a | body \"xy\" | end");
    snprintf (input, sizeof input, "%s1;ab\r\nx\r\n1;cde\r\ny\r\n0\r\n\r\n", head);
    s_check (input, "POST / 1.1 keep chunked @a | body \"x\" | 413");
}

//  Trailers are bounded as headers are, in octets and in fields.
Test (http_limits, trailers)
{
    const char *head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:chunked\r\n\r\n0\r\n";
    char input [200];
    snprintf (input, sizeof input, "%sX: 34567890123456789012345678901234\r\n\r\n", head);
    s_check (input, "POST / 1.1 keep chunked @a | end");
    snprintf (input, sizeof input, "%sX: 3456789012345678901234567890123456\r\n\r\n", head);
    s_check (input, "POST / 1.1 keep chunked @a | 431");
    snprintf (input, sizeof input, "%sa:\r\nb:\r\nc:\r\nd:\r\ne:\r\n\r\n", head);
    s_check (input, "POST / 1.1 keep chunked @a | 431");
}

//  A head of the default size that comes an octet at a time costs no more than it must: it ends, and is the same.
Test (http_limits, a_full_head_by_octets)
{
    static char input [30000], expected [30000];
    char *at = input + sprintf (input, "GET /");
    memset (at, 'a', 8178);
    at += 8178;
    at += sprintf (at, " HTTP/1.1\r\nHost: h\r\n");
    for (int field = 0; field < 99; field++)
        at += sprintf (at, "X-%03d: %0150d\r\n", field, field);
    memcpy (at, "\r\n", 3);
    char *whole = http_transcript (&troupe_http_limits_default, input, strlen (input), NULL, 0);
    char *trickled = http_transcript_trickle (&troupe_http_limits_default, input, strlen (input));
    snprintf (expected, sizeof expected, "%s", whole);
    cr_assert_str_eq (trickled, expected);
    cr_assert_str_eq (whole + strlen (whole) - 5, "| end");
    free (whole);
    free (trickled);
}
