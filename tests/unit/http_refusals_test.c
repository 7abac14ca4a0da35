/*  =========================================================================
    http_refusals_test.c - what an attacker sends, and the answer

    Place: tests/unit, of actors/http1/parser.c and what it calls.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "http_facts.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED "\r\n\r\n0\r\n\r\n"

//  Two peers that see different lengths can be made to see different requests.
Test (http_refusals, length_and_encoding_exclude_each_other)
{
    static const fact_t facts [] = {
        FACT (POST "Content-Length: 5\r\nTransfer-Encoding: chunked" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked\r\nContent-Length: 5" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked\r\nContent-Length: 0" CHUNKED, "400"),
        FACT ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked" CHUNKED, "400"),
        FACT (POST "Content_Length: 5\r\n\r\nhello", "400"),
        FACT (POST "Transfer_Encoding: chunked" CHUNKED, "400"),
        FACT (POST "transfer_ENCODING: chunked" CHUNKED, "400"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9112 6.1 and 6.3: one chunked, last, and alone.
Test (http_refusals, doubtful_transfer_encodings)
{
    static const fact_t facts [] = {
        FACT (POST "Transfer-Encoding: gzip" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: identity" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked, gzip" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked, tea" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked, chunked" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: ,chunked" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked," CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked;x=1" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: \"chunked\"" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding:" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: \vchunked" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked\f" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: \0chunked" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked\0" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: \xa0" "chunked" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: chunked\xa0" CHUNKED, "400"),
        FACT (POST "Transfer-Encoding: xchunked" CHUNKED, "501"),
        FACT (POST "Transfer-Encoding: tea" CHUNKED, "501"),
        FACT (POST "Transfer-Encoding: gzip, chunked" CHUNKED, "501"),
        FACT (POST "Transfer-Encoding: tea, chunked" CHUNKED, "501"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9112 6.3: a length is 1*DIGIT, once.
Test (http_refusals, doubtful_lengths)
{
    static const fact_t facts [] = {
        FACT (POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 5, 5\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 5, 10\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: +5\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: -1\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: -0\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 0x5\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 1_0\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 1 0\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 5.0\r\n\r\nhello", "400"),
        FACT (POST "Content-Length:\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: \v5\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 18446744073709551616\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 99999999999999999999999\r\n\r\nhello", "400"),
        FACT (POST "Content-Length: 18446744073709551615\r\n\r\nhello", "413"),
        FACT (POST "Content-Length: 1048577\r\n\r\nhello", "413"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9112 5: what is not a field, or is only for some readers.
Test (http_refusals, malformed_fields)
{
    static const fact_t facts [] = {
        FACT (GET "X : y\r\n\r\n", "400"),
        FACT (GET "X\t: y\r\n\r\n", "400"),
        FACT (GET "X: y\r\n z\r\n\r\n", "400"),
        FACT (GET "X: y\r\n\tz\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\n\r\n", "400"),
        FACT (GET ": y\r\n\r\n", "400"),
        FACT (GET "X\r\n\r\n", "400"),
        FACT (GET "X y\r\n\r\n", "400"),
        FACT (GET "X\x01: y\r\n\r\n", "400"),
        FACT (GET "X\0: y\r\n\r\n", "400"),
        FACT (GET "X\xe9: y\r\n\r\n", "400"),
        FACT (GET "X(: y\r\n\r\n", "400"),
        FACT (GET "X: y\0z\r\n\r\n", "400"),
        FACT (GET "X: y\x01z\r\n\r\n", "400"),
        FACT (GET "X: y\x7f\r\n\r\n", "400"),
        FACT (GET "X: a value of some length with an ESC \x1b inside\r\n\r\n", "400"),
        FACT (GET "X: y\rZ: w\r\n\r\n", "400"),
        FACT (GET "X: y\r\r\n\r\n", "400"),
        FACT (GET "X: y\nZ: w\r\n\r\n", "400"),
        FACT (GET "X: y\r\n\n", "400"),
        FACT (GET "X: y\r\n\r\r\n", "400"),
        FACT (GET "X: y\n\n", "400"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9112 3.2: exactly one host, which is a host.
Test (http_refusals, doubtful_hosts)
{
    static const fact_t facts [] = {
        FACT ("GET / HTTP/1.1\r\nX: y\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a?b\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a#b\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: [1]\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", "400"),
        FACT ("GET / HTTP/1.1\r\nHost: caf\xe9\r\n\r\n", "400"),
        FACT ("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", "400"),
        FACT ("GET http://a/ HTTP/1.1\r\nHost: a:80\r\n\r\n", "400"),
        FACT ("GET http://a/ HTTP/1.1\r\n\r\n", "400"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9112 3.2: a target in one of its forms, in clean ASCII.
Test (http_refusals, malformed_targets)
{
    static const fact_t facts [] = {
        FACT ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("OPTIONS ** HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET a/b HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET ?a HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /\xc0\xaf HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /?\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /?a=%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%e0%80%af HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%f0%80%80%af HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%ed%a0%80 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%c3 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%c3a HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /?%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /% HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /?%4g HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /<a> HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /\"a\" HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET http:/a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        FACT ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9112 2.3 and 3: one space each, a version in capitals, of one digit each.
Test (http_refusals, malformed_request_lines)
{
    static const fact_t facts [] = {
        FACT ("GET /\r\n", "400"),
        FACT ("GET / \r\n", "400"),
        FACT ("GET\r\n", "400"),
        FACT ("\r\n\r\nGET / HTTP/1.1\r\n", "400"),
        FACT ("\nGET / HTTP/1.1\r\n", "400"),
        FACT ("\r\n\nGET / HTTP/1.1\r\n", "400"),
        FACT ("\rGET / HTTP/1.1\r\n", "400"),
        FACT (" GET / HTTP/1.1\r\n", "400"),
        FACT ("GET  / HTTP/1.1\r\n", "400"),
        FACT ("GET /  HTTP/1.1\r\n", "400"),
        FACT ("GET / HTTP/1.1 \r\n", "400"),
        FACT ("GET\t/ HTTP/1.1\r\n", "400"),
        FACT ("GET / HTTP/1.1\n", "400"),
        FACT ("GET / HTTP/1.1\r\r\n", "400"),
        FACT ("G\xe9T / HTTP/1.1\r\n", "400"),
        FACT ("G@T / HTTP/1.1\r\n", "400"),
        FACT ("GET / HTTP/01.1\r\n", "400"),
        FACT ("GET / HTTP/1.01\r\n", "400"),
        FACT ("GET / http/1.1\r\n", "400"),
        FACT ("GET / HTTP/1,1\r\n", "400"),
        FACT ("GET / HTTP/1.\r\n", "400"),
        FACT ("GET / HTTP/0.9\r\n", "400"),
        FACT ("GET / HTTQ/1.1\r\n", "400"),
        FACT ("GET / HTTP/9.9\r\n", "505"),
        FACT ("GET / HTTP/1.2\r\n", "505"),
        FACT ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
        FACT ("CONNECT a:443 HTTP/1.1\r\n", "501"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  A refused connection takes nothing more, however often it is asked.
Test (http_refusals, a_refusal_is_final)
{
    troupe_http_scratch_t *scratch = troupe_http_scratch_new (&troupe_http_limits_default);
    troupe_http_parser_t parser;
    troupe_http_event_t event;
    troupe_http_parser_start (&parser, &troupe_http_limits_default, scratch);
    cr_assert_eq (troupe_http_parser_next (&parser, (const uint8_t *) "GET\r\n", 5, &event), TROUPE_HTTP_REFUSED);
    cr_assert_eq (event.fault, TROUPE_HTTP_BAD_METHOD);
    const char *good = "GET / HTTP/1.0\r\n\r\n";
    cr_assert_eq (troupe_http_parser_next (&parser, (const uint8_t *) good, 18, &event), TROUPE_HTTP_REFUSED);
    cr_assert_eq (event.fault, TROUPE_HTTP_BAD_METHOD);
    troupe_http_scratch_destroy (&scratch);
}
