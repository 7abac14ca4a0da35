/*  =========================================================================
    http_bodies_test.c - bodies end where their framing says, and nowhere else

    Place: tests/unit, of actors/http1/parser.c, framing.c and chunked.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "http_facts.h"

#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define HEAD "POST / 1.1 keep chunked @a"

//  What follows a body is the next request, to the octet.
Test (http_bodies, a_length_is_kept_to_the_octet)
{
    static const fact_t facts [] = {
        FACT (POST "Content-Length: 5\r\n\r\nhello", "POST / 1.1 keep length 5 @a | body \"hello\" | end"),
        FACT (POST "Content-Length: 005\r\n\r\nhelloX / HTTP/1.0\r\n\r\n",
              "POST / 1.1 keep length 5 @a | body \"hello\" | end | X / 1.0 close | end"),
        FACT (POST "Content-Length: 5\r\n\r\nhell", "POST / 1.1 keep length 5 @a | body \"hell\" | more"),
        FACT (POST "Content-Length: 0\r\n\r\n", "POST / 1.1 keep @a | end"),
        FACT (POST "Content-Length: 4\r\n\r\n\r\n\0\n", "POST / 1.1 keep length 4 @a | body \"\r\n"),
    };
    //  The last one has a null in its body, where a transcript ends for strcmp.
    HTTP_FACTS_HOLD (facts);
}

//  Chunks of any size, with extensions of every shape, are one body.
Test (http_bodies, chunks_are_joined)
{
    static const fact_t facts [] = {
        FACT (CHUNKED "5\r\nhello\r\n0\r\n\r\n", HEAD " | body \"hello\" | end"),
        FACT (CHUNKED "0\r\n\r\n", HEAD " | end"),
        FACT (CHUNKED "0000000000000003\r\nabc\r\nA\r\n0123456789\r\n00\r\n\r\n",
              HEAD " | body \"abc0123456789\" | end"),
        FACT (CHUNKED "1;a\r\nx\r\n1;a=b;c=\"d \\\" \t;\"\r\ny\r\n0;z\r\n\r\n", HEAD " | body \"xy\" | end"),
        FACT (CHUNKED "1\r\nx\r\n0\r\n\r\nGET / HTTP/1.0\r\n\r\n", HEAD " | body \"x\" | end | GET / 1.0 close | end"),
        FACT (POST "tRANSFER-eNCODING:\t CHUNKED \r\n\r\n0\r\n\r\n", HEAD " | end"),
        FACT (CHUNKED "5\r\nhel", HEAD " | body \"hel\" | more"),
        FACT (CHUNKED "1\r\nx\r\n0\r\n", HEAD " | body \"x\" | more"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  A trailer that became a field could change the length, the host or the user after the checks.
Test (http_bodies, trailers_are_checked_and_never_merged)
{
    static const fact_t facts [] = {
        FACT (CHUNKED "0\r\nX: y\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\nHost: b\r\nHost: c\r\n"
              "Authorization: d\r\n\r\n"
              "GET / HTTP/1.0\r\n\r\n", HEAD " | end | GET / 1.0 close | end"),
        FACT (CHUNKED "0\r\n X: y\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "0\r\nX : y\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "0\r\nX: \x01\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "0\r\nX: y\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "0\r\nX: y\r\n\n", HEAD " | 400"),
        FACT (CHUNKED "0\r\n\n", HEAD " | 400"),
        FACT (CHUNKED "0\r\nGET / HTTP/1.1\r\n\r\n", HEAD " | 400"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  Each of these is a second opinion on where a chunk ends, which is where smuggling begins.
Test (http_bodies, doubtful_chunks_are_refused)
{
    static const fact_t facts [] = {
        FACT (CHUNKED "0x5\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "+5\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "-1\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5_0\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED " 5\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5 \r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5 ;a\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED ";a\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "g\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", HEAD " | 413"),
        FACT (CHUNKED "1\r\nx\r\nffffffffffffffff\r\nhello", HEAD " | body \"x\" | 413"),
        FACT (CHUNKED "5\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5\rhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5\r\nhelloo\r\n0\r\n\r\n", HEAD " | body \"hello\" | 400"),
        FACT (CHUNKED "5\r\nhello\n0\r\n\r\n", HEAD " | body \"hello\" | 400"),
        FACT (CHUNKED "5\r\nhello\r0\r\n\r\n", HEAD " | body \"hello\" | 400"),
        FACT (CHUNKED "5\r\nhello0\r\n\r\n", HEAD " | body \"hello\" | 400"),
        FACT (CHUNKED "5\r\nhell\r\n0\r\n\r\n", HEAD " | body \"hell\r\" | 400"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  Extensions are thrown away, but not before they are looked at.
Test (http_bodies, doubtful_chunk_extensions_are_refused)
{
    static const fact_t facts [] = {
        FACT (CHUNKED "5;\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a;\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5; a\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a=\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a=b=c\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a=\"b\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a\0\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a\rX\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a=\"\r\"\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
        FACT (CHUNKED "5;a=\"\\\n\"\r\nhello\r\n0\r\n\r\n", HEAD " | 400"),
    };
    HTTP_FACTS_HOLD (facts);
}
