/*  =========================================================================
    http_request_test.c - requests come in, answers go out, in order

    Place: tests/stage, of actors/http.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http_door.h"

#define END " HTTP/1.1\r\nHost: a\r\n\r\n"

//  The reason for all of this.
Test (http_request, a_browser_is_greeted)
{
    door_t door = door_open (1, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    cr_assert_str_eq (door_ask (&door, peer, "GET /users/7%2f8?x=y" END), "200 \"7/8\"");
    cr_assert_str_eq (door_ask (&door, peer, "GET /none" END), "204");
    cr_assert_not (troupe_stage_peer_closed (peer));
    door_close (&door);
}

//  Both framings, whole and in pieces, end up as the same body.
Test (http_request, bodies_arrive_whole)
{
    door_t door = door_open (2, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    static const char *const requests [] = {
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: x/y\r\nContent-Length: 5\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: x/y\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\nh\r\n4;a\r\nello\r\n0\r\nX: y\r\n\r\n",
    };
    for (size_t index = 0; index < 2; index++)
        for (size_t chunk = 0; chunk < 40; chunk++)
            cr_assert_str_eq (door_ask_bytes (&door, peer, requests [index], strlen (requests [index]), chunk),
                              "200 \"hello\"", "request %zu in pieces of %zu", index, chunk);
    door_close (&door);
}

//  A body that outgrows every buffer on its way, up to the limit; one octet more is refused before it is read.
Test (http_request, a_body_of_the_limit_is_taken)
{
    enum { LIMIT = 1048576 };
    static char request [LIMIT + 200];
    door_t door = door_open (3, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    int head = sprintf (request, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", LIMIT);
    memset (request + head, 'x', LIMIT);
    cr_assert_str_eq (door_ask_bytes (&door, peer, request, (size_t) head + LIMIT, 16384), "200 <1048576>");
    cr_assert_str_eq (door_ask (&door, peer, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"),
                      "413 problem close");
    door_close (&door);
}

//  Answers come in the order of the requests, those of the ingress itself among those of workers.
Test (http_request, pipelined_requests_are_answered_in_order)
{
    door_t door = door_open (4, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    static const char requests [] =
        "GET /users/1" END "GET /nothing" END "GET /users/2" END
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET /health/live" END "GET /users/3" END;
    for (size_t chunk = 0; chunk < 100; chunk += 7)
        cr_assert_str_eq (door_ask_bytes (&door, peer, requests, sizeof requests - 1, chunk),
                          "200 \"1\" | 404 problem | 200 \"2\" | 200 \"ab\" | 200 \"live\" | 200 \"3\"");
    door_close (&door);
}

//  RFC 9112 9.3.2: what came before the mistake is answered; what follows it is not even looked at.
Test (http_request, a_good_request_before_a_bad_one_is_answered_first)
{
    door_t door = door_open (5, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /users/1" END "GET  /" END "GET /users/2" END),
                      "200 \"1\" | 400 problem close");
    cr_assert (troupe_stage_peer_ended (peer));
    peer = door_connect (&door);
    door_close (&door);
}

//  RFC 9110 9.3.2: the fields of GET, and never a body.
Test (http_request, head_is_get_without_its_body)
{
    door_t door = door_open (6, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    static const char *const paths [] = { "/", "/health/live", "/nothing" };
    for (size_t index = 0; index < 3; index++) {
        char request [128];
        snprintf (request, sizeof request, "HEAD %s" END, paths [index]);
        troupe_stage_peer_send (peer, request, strlen (request), 0);
        const char *answer = door_heard_raw (&door, peer);
        cr_assert_not_null (strstr (answer, "\r\nContent-Length: "), "%s", answer);
        cr_assert_str_eq (strstr (answer, "\r\n\r\n"), "\r\n\r\n");
    }
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    door_close (&door);
}

//  RFC 9110 8.6: a handler may know the length without having the body. Where there is a body it is counted.
Test (http_request, a_length_may_be_told_without_a_body)
{
    static const struct { const char *request, *length; } cases [] = {
        { "HEAD /told/200" END, "400" }, { "GET /told/304" END, "400" }, { "GET /told/200" END, "0" },
        { "HEAD /none" END, NULL }, { "GET /told/204" END, NULL },
    };
    door_t door = door_open (29, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char field [64] = "Content-Length";
        if (cases [index].length)
            snprintf (field, sizeof field, "Content-Length: %s\r\n", cases [index].length);
        troupe_stage_peer_send (peer, cases [index].request, strlen (cases [index].request), 0);
        const char *answer = door_heard_raw (&door, peer);
        cr_assert_eq (strstr (answer, field) != NULL, cases [index].length != NULL, "%s", answer);
    }
    cr_assert_str_eq (door_ask (&door, peer, "GET /" END), "200 \"Hello World!!\"");
    door_close (&door);
}

//  Wrong paths and methods are answered from the table, without troubling a worker.
Test (http_request, the_table_answers_what_no_worker_need_see)
{
    door_t door = door_open (7, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    troupe_stage_hang (door.stage, "worker", true);
    cr_assert_str_eq (door_ask (&door, peer, "GET /nothing" END), "404 problem");
    cr_assert_str_eq (door_ask (&door, peer, "DELETE /users/1" END), "405 {Allow: GET, HEAD, OPTIONS} problem");
    cr_assert_str_eq (door_ask (&door, peer, "GET /echo" END), "405 {Allow: POST, OPTIONS} problem");
    cr_assert_str_eq (door_ask (&door, peer, "OPTIONS /echo" END), "204 {Allow: POST, OPTIONS}");
    cr_assert_str_eq (door_ask (&door, peer, "OPTIONS *" END), "204 {Allow: GET, HEAD, POST, PUT, OPTIONS}");
    cr_assert_str_eq (door_ask (&door, peer, "BREW /" END), "501 problem");
    cr_assert_str_eq (door_ask (&door, peer, "BREW /nothing" END), "501 problem");
    cr_assert_str_eq (door_ask (&door, peer, "GET /users/.." END), "400 problem");
    cr_assert_str_eq (door_ask (&door, peer, "CONNECT a:1" END), "501 problem close");
    door_close (&door);
}

//  The body of a request that is refused is read over, so that the next request is found behind it.
Test (http_request, the_body_of_a_refused_request_is_read_over)
{
    door_t door = door_open (8, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    static const char requests [] = "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 23\r\n\r\n"
                                    "GET /users/9 HTTP/1.1\r\n"
                                    "GET /users/1" END;
    for (size_t chunk = 0; chunk < 30; chunk++)
        cr_assert_str_eq (door_ask_bytes (&door, peer, requests, sizeof requests - 1, chunk),
                          "404 problem | 200 \"1\"");
    door_close (&door);
}

//  RFC 9110 10.1.1: 100 only when the body is wanted and not there yet.
Test (http_request, a_body_is_asked_for_when_it_is_wanted)
{
    door_t door = door_open (9, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    static const char head [] = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    cr_assert_str_eq (door_ask (&door, peer, head), "100");
    cr_assert_str_eq (door_ask (&door, peer, "ab"), "200 \"ab\"");
    cr_assert_str_eq (door_ask (&door, peer, "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"),
                      "200 \"Hello World!!\"");
    cr_assert_str_eq (door_ask (&door, peer, "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"), "417 problem");
    cr_assert_str_eq (door_ask (&door, peer, "POST /nothing HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                                             "Content-Length: 2\r\n\r\n"), "404 problem close");
    cr_assert (troupe_stage_peer_ended (peer));
    door_close (&door);
}

//  RFC 9112 9.3: who closes, and who has been told.
Test (http_request, a_connection_goes_on_when_both_want_it)
{
    door_t door = door_open (10, "connection_limit_requests=2");
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                      "200 \"Hello World!!\" close");
    cr_assert (troupe_stage_peer_closed (peer));
    peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET / HTTP/1.0\r\n\r\n"), "200 \"Hello World!!\" close");
    cr_assert (troupe_stage_peer_closed (peer));
    peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
                      "200 \"Hello World!!\" keep-alive");
    cr_assert_str_eq (door_ask (&door, peer, "GET /nothing" END), "404 problem close");
    cr_assert (troupe_stage_peer_ended (peer));
    door_close (&door);
}

//  A peer that has said all it wants to say may still wait for answers.
Test (http_request, a_peer_that_has_ended_still_gets_its_answers)
{
    door_t door = door_open (11, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    static const char requests [] = "GET /users/1" END "GET /users/2" END;
    troupe_stage_peer_send (peer, requests, sizeof requests - 1, 0);
    troupe_stage_peer_end (peer);
    cr_assert_str_eq (door_heard (&door, peer), "200 \"1\" | 200 \"2\"");
    cr_assert (troupe_stage_peer_closed (peer));
    peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /later" END), "");
    troupe_stage_peer_end (peer);
    cr_assert_str_eq (door_heard (&door, peer), "");
    troupe_stage_advance (door.stage, 1000);
    cr_assert_str_eq (door_heard (&door, peer), "200 \"later\"");
    cr_assert (troupe_stage_peer_closed (peer));
    peer = door_connect (&door);
    troupe_stage_peer_send (peer, "GET /use", 8, 0);
    troupe_stage_peer_end (peer);
    cr_assert_str_eq (door_heard (&door, peer), "");
    cr_assert (troupe_stage_peer_closed (peer));
    door_close (&door);
}

//  A large answer goes out without being copied, and whole; chunked when that is asked for.
Test (http_request, a_large_answer_is_whole)
{
    door_t door = door_open (12, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "GET /large" END "GET /" END), "200 <307200> | 200 \"Hello World!!\"");
    door_close (&door);
    door = door_open (12, "response_chunk_bytes=102400");
    peer = door_connect (&door);
    troupe_stage_peer_send (peer, "GET /large" END, sizeof "GET /large" END - 1, 0);
    const char *answer = door_heard_raw (&door, peer);
    cr_assert_not_null (strstr (answer, "\r\nTransfer-Encoding: chunked\r\n\r\n19000\r\n0123456789"));
    cr_assert_not_null (strstr (answer, "6789\r\n19000\r\n0123"));
    cr_assert_str_eq (answer + strlen (answer) - 11, "6789\r\n0\r\n\r\n");
    door_close (&door);
}

//  The program's own routes may name who serves them.
Test (http_request, a_route_may_have_a_service_of_its_own)
{
    door_t door = door_open (13, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
    cr_assert_str_eq (door_ask (&door, peer, "POST /probe HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"), "");
    door_probe_answers (&door, "from the probe");
    cr_assert_str_eq (door_heard (&door, peer), "200 \"from the probe\"");
    door_close (&door);
}

//  The gateway prints where it really listens.
Test (http_request, the_address_can_be_asked_for)
{
    door_t door = door_open (14, NULL);
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_stage_call_bytes (door.stage, "http", TROUPE_HTTP_ADDRESS, NULL, 0, 1000, &reply),
                  TROUPE_CALL_OK);
    cr_assert_str_eq (troupe_message_text (reply), DOOR_ADDRESS);
    troupe_message_destroy (&reply);
    door_close (&door);
}

//  Whoever has no token learns which kind is asked for; whoever has a wrong one learns nothing but that.
Test (http_request, a_route_with_a_token_is_for_those_who_know_it)
{
    door_t door = door_open (15, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
#define WITH(PATH, VALUE) "GET " PATH " HTTP/1.1\r\nHost: a\r\nAuthorization: " VALUE "\r\n\r\n"
    static const char *const none = "401 {WWW-Authenticate: Bearer} problem";
    cr_assert_str_eq (door_ask (&door, peer, "GET /secret" END), none);
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/secret", "Basic s3cret")), none);
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/secret", "Bearer")), none);
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/secret", "Bearer s3crets")), "403 problem");
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/secret", "Bearer s3cre")), "403 problem");
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/secret", "Bearer S3cret")), "403 problem");
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/secret", "Bearer s3cret")), "200 \"Hello World!!\"");
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/secret", "bearer  s3cret")), "200 \"Hello World!!\"");
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/closed", "Bearer s3cret")), "403 problem");
    cr_assert_str_eq (door_ask (&door, peer, "GET /closed" END), "403 problem");
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/", "Bearer wrong")), "200 \"Hello World!!\"");
    cr_assert_str_eq (door_ask (&door, peer, WITH ("/members", "Bearer s3cret")), "403 problem", "none here");
    door_close (&door);
}

//  What a client says of itself stays in front of what is known of it.
Test (http_request, a_route_may_have_the_peer_told)
{
    door_t door = door_open (18, NULL);
    troupe_stage_peer_t *peer = door_connect (&door);
#define FROM(FIELDS) "GET /from HTTP/1.1\r\nHost: a\r\n" FIELDS "\r\n"
    char known [64], expected [128];
    snprintf (known, sizeof known, "%s", door_ask (&door, peer, FROM ("")));
    cr_assert_null (strchr (known, ','), "%s", known);
    snprintf (expected, sizeof expected, "200 \"10.0.0.1, 10.0.0.2, %s", known + strlen ("200 \""));
#define SAID "X-Forwarded-For: 10.0.0.1\r\n"
    cr_assert_str_eq (door_ask (&door, peer, FROM (SAID "A: b\r\nx-forwarded-for: 10.0.0.2\r\n")), expected);
    cr_assert_str_eq (door_ask (&door, peer, FROM ("Connection: X-Forwarded-For\r\n" SAID)), known);
    door_close (&door);
}
