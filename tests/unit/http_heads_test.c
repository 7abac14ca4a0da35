/*  =========================================================================
    http_heads_test.c - what a good request's head means

    Place: tests/unit, of actors/http1/parser.c and what it calls.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "http_facts.h"

//  What browsers and curl send.
Test (http_heads, ordinary_requests)
{
    static const fact_t facts [] = {
        FACT ("", ""),
        FACT ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 keep @a | end"),
        FACT ("GET /users/1?x=%20y&z HTTP/1.1\r\nHost: a:8080\r\nAccept: */*\r\n\r\n",
              "GET /users/1?x=%20y&z 1.1 keep @a:8080 [Accept=*/*] | end"),
        FACT ("HEAD /? HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "HEAD /? 1.1 keep @[::1]:80 | end"),
        FACT ("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", "BREW /pot 1.1 keep @a | end"),
        FACT ("get / HTTP/1.1\r\nHost: a\r\n\r\n", "get / 1.1 keep @a | end"),
        FACT ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 keep @a | end"),
        FACT ("\r\n", ""),
        FACT ("GET / HTTP/1.1\r\nHost: a\r\n", "more"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  A value ends where its whitespace begins, and may hold tabs, Latin-1 and nothing at all.
Test (http_heads, values_lose_the_whitespace_around_them)
{
    static const fact_t facts [] = {
        FACT ("GET / HTTP/1.1\r\nHost:a\r\nX: \t b\tc  d \t\r\nY:\r\nZ:  \r\nL: caf\xe9\r\n\r\n",
              "GET / 1.1 keep @a [X=b\tc  d] [Y=] [Z=] [L=caf\xe9] | end"),
        FACT ("GET / HTTP/1.1\r\nhOsT: a\r\n!#$%&'*+-.^_`|~09azAZ: long enough to be scanned by words\r\n\r\n",
              "GET / 1.1 keep @a [!#$%&'*+-.^_`|~09azAZ=long enough to be scanned by words] | end"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  The fields of this hop are the door's business: a handler never sees them.
Test (http_heads, fields_of_this_hop_are_not_handed_on)
{
    static const fact_t facts [] = {
        FACT ("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
              "Trailer: X\r\nProxy-Connection: close\r\nContent-Length: 0\r\nX: y\r\n\r\n",
              "GET / 1.1 keep @a [X=y] | end"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9112 9.3: by version and Connection; close wins over keep-alive.
Test (http_heads, connection_decides_what_follows)
{
    static const fact_t facts [] = {
        FACT ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / 1.1 close @a | end"),
        FACT ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, ClOsE ,y\r\n\r\n", "GET / 1.1 close @a | end"),
        FACT ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n",
              "GET / 1.1 close @a | end"),
        FACT ("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", "GET / 1.1 keep @a | end"),
        FACT ("GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close | end"),
        FACT ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / 1.0 keep | end"),
        FACT ("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "GET / 1.0 close | end"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  Proxies send absolute-form: the target's authority counts, and Host must say the same.
Test (http_heads, absolute_form_is_taken)
{
    static const fact_t facts [] = {
        FACT ("GET http://a/b?c HTTP/1.1\r\nHost: A\r\n\r\n", "GET /b?c 1.1 keep @A | end"),
        FACT ("GET HTTPS://a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "GET / 1.1 keep @a:1 | end"),
        FACT ("GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?b 1.1 keep @a | end"),
        FACT ("GET http://a/ HTTP/1.0\r\n\r\n", "GET / 1.0 close @a | end"),
        FACT ("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS all * 1.1 keep @a | end"),
        FACT ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS all * 1.1 keep @a | end"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9110 10.1.1: only from HTTP/1.1, and only one expectation is known.
Test (http_heads, expectations_are_told_apart)
{
    static const fact_t facts [] = {
        FACT ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nab",
              "PUT / 1.1 keep length 2 continue @a | body \"ab\" | end"),
        FACT ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "PUT / 1.1 keep expect? @a | end"),
        FACT ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nExpect: 100-continue\r\n\r\n",
              "PUT / 1.1 keep expect? @a | end"),
        FACT ("PUT / HTTP/1.0\r\nExpect: tea\r\n\r\n", "PUT / 1.0 close | end"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  Browsers leave these unescaped; to refuse them would refuse users, not attackers.
Test (http_heads, targets_of_browsers_are_taken)
{
    static const fact_t facts [] = {
        FACT ("GET /a|b^[c];d=e,f:g@h?{i}|`j`\\[k]^/? HTTP/1.1\r\nHost: a\r\n\r\n",
              "GET /a|b^[c];d=e,f:g@h?{i}|`j`\\[k]^/? 1.1 keep @a | end"),
        FACT ("GET /caf%C3%A9/%e2%82%ac/%f0%9f%98%80?%ff HTTP/1.1\r\nHost: a\r\n\r\n",
              "GET /caf%C3%A9/%e2%82%ac/%f0%9f%98%80?%ff 1.1 keep @a | end"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  Pipelined requests come out in order, and what is wrong with one does not hide those before it.
Test (http_heads, a_good_request_before_a_bad_one_is_told_first)
{
    static const fact_t facts [] = {
        FACT ("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
              "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
              "GET /1 1.1 keep @a | end | POST /2 1.1 keep length 1 @a | body \"x\" | end | GET /3 1.1 keep @a | end"),
        FACT ("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET\r\n\r\n", "GET /1 1.1 keep @a | end | 400"),
        FACT ("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
              "GET /1 1.1 keep @a | end | GET /2 1.1 keep @a | end"),
    };
    HTTP_FACTS_HOLD (facts);
}

//  RFC 9110 7.6.1: what Connection names ends here too, but for Host, without which the request would mean another.
Test (http_heads, what_connection_names_is_not_handed_on)
{
    static const fact_t facts [] = {
        FACT ("GET / HTTP/1.1\r\nX-A: 1\r\nHost: a\r\nConnection: x-a, close\r\nX-B: 2\r\nConnection: host,x-b\r\n"
              "X-C: 3\r\nX-A: 4\r\n\r\n", "GET / 1.1 close @a [X-C=3] | end"),
        FACT ("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nX-A: 1\r\nConnection: ,\r\nConnection: connection"
              "\r\n\r\n", "GET / 1.1 keep @a [X-A=1] | end"),
    };
    HTTP_FACTS_HOLD (facts);
}
