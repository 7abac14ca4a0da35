/*  =========================================================================
    http_wire_test.c - a connection's HTTP, carried by the test

    Place: tests/unit, of actors/http/wire.c, by the public header alone. Every
    input is fed whole, in two pieces cut at every place, and an octet at a
    time; what is made of it must be the same.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe.h>

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define DATE_MS (INT64_C (784111777) * 1000)

//  --- What a wire makes of bytes

typedef struct transcript {
    char text [4096];
    size_t size;
} transcript_t;

static void s_note (transcript_t *self, const char *format, ...) TROUPE_PRINTF (2, 3);
static void s_note (transcript_t *self, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    self->size += (size_t) vsnprintf (self->text + self->size, sizeof self->text - self->size, format, arguments);
    va_end (arguments);
}

static void s_note_request (transcript_t *self, const troupe_request_t *request)
{
    size_t cursor = 0;
    troupe_header_t header;
    s_note (self, "%s %s%s%s", request->method.data, request->path.data, request->query.size ? "?" : "",
            request->query.data);
    while (troupe_headers_next (&request->headers, &cursor, &header))
        s_note (self, " [%s=%s]", header.name.data, header.value.data);
    if (request->body.size)
        s_note (self, " \"%s\"", (const char *) request->body.data);
    s_note (self, " | ");
}

//  Writes an answer, which must fit; returns it.
static const char *s_answer (troupe_http_wire_t *wire, int status, const char *body, bool last)
{
    static char text [1024];
    size_t size = 0;
    const troupe_response_view_t response = { .status = status, .body = { body, strlen (body) } };
    cr_assert_leq (troupe_http_wire_room (&response), sizeof text - 1);
    cr_assert_eq (troupe_http_wire_answer (wire, &response, last, DATE_MS, text, sizeof text - 1, &size), TROUPE_OK);
    text [size] = 0;
    return text;
}

//  Takes a piece; answers what is whole.
static void s_feed (troupe_http_wire_t *wire, const char *data, size_t size, transcript_t *transcript)
{
    troupe_http_wire_event_t event;
    //  Memory of exactly that size, so that nothing behind it is read
    char *piece = malloc (size ? size : 1);
    memcpy (piece, data, size);
    for (size_t at = 0; troupe_http_wire_take (wire, piece + at, size - at, &event) != TROUPE_HTTP_WIRE_MORE;) {
        at += event.consumed;
        if (event.kind == TROUPE_HTTP_WIRE_REQUEST)
            s_note_request (transcript, event.request);
        else if (event.kind == TROUPE_HTTP_WIRE_REFUSED)
            s_note (transcript, "%d", event.status);
        if (event.kind != TROUPE_HTTP_WIRE_CONTINUE)
            s_answer (wire, event.kind == TROUPE_HTTP_WIRE_REQUEST ? 200 : event.status, "", false);
    }
    free (piece);
}

//  Cut at that place, and from there on at every one; at 'size': not at all.
static transcript_t s_transcript (const troupe_http_wire_limits_t *limits, const char *input, size_t cut, size_t step)
{
    transcript_t transcript = { .size = 0 };
    const size_t size = strlen (input);
    troupe_http_wire_t *wire = troupe_http_wire_new (limits);
    s_feed (wire, input, cut, &transcript);
    for (size_t at = cut; at < size; at += step)
        s_feed (wire, input + at, size - at < step ? size - at : step, &transcript);
    if (!troupe_http_wire_is_idle (wire) && !troupe_http_wire_is_over (wire))
        s_note (&transcript, "more");
    troupe_http_wire_destroy (&wire);
    cr_assert_null (wire);
    return transcript;
}

static void s_check (const troupe_http_wire_limits_t *limits, const char *input, const char *wanted)
{
    const size_t size = strlen (input);
    for (size_t cut = 0; cut <= size; cut++) {
        cr_assert_str_eq (s_transcript (limits, input, cut, size).text, wanted, "%s cut at %zu: %s", input, cut,
                          s_transcript (limits, input, cut, size).text);
    }
    cr_assert_str_eq (s_transcript (limits, input, 0, 1).text, wanted, "%s in octets: %s", input,
                      s_transcript (limits, input, 0, 1).text);
}

//  --- In

//  What a service reads; fields that end at this hop do not reach it.
Test (http_wire, a_request_is_handed_out_when_it_is_whole)
{
    s_check (NULL, "GET /a?b=c HTTP/1.1\r\nHost: a\r\nX: y\r\nConnection: z\r\nZ: 1\r\n\r\n",
             "GET /a?b=c [Host=a] [X=y] | ");
    s_check (NULL, "\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST / [Host=a] \"hello\" | ");
    s_check (NULL, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n"
                   "Trailer: t\r\n\r\n", "POST / [Host=a] \"hello\" | ");
    s_check (NULL, "GET / HTTP/1.1\r\nHost:", "more");
    s_check (NULL, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell", "more");
    s_check (NULL, "", "");
}

//  Browsers send ahead; each answer belongs to its request.
Test (http_wire, pipelined_requests_come_one_by_one)
{
    s_check (NULL, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2"
                   "GET /3 HTTP/1.1\r\nHost: a\r\n\r\nGET /4",
             "GET /1 [Host=a] | PUT /2 [Host=a] \"2\" | GET /3 [Host=a] | more");
}

//  Behind what is no request nothing can be trusted.
Test (http_wire, what_is_no_request_is_refused_and_what_follows_thrown_away)
{
    s_check (NULL, "hello\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400");
    s_check (NULL, "GET / HTTP/1.1\r\n\r\n", "400");
    s_check (NULL, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET\r\n\r\n", "GET / [Host=a] | 400");
    s_check (NULL, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505");
    s_check (NULL, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "400");
    s_check (NULL, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501");
    s_check (NULL, "POST / HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\nContent-Length: 1\r\n\r\na", "417");
}

//  Octets that a peer can make us keep.
Test (http_wire, what_is_too_large_is_refused)
{
    static const troupe_http_wire_limits_t limits = {
        .request_line_bytes = 20, .header_bytes = 40, .header_fields = 2, .chunk_extension_bytes = 4, .body_bytes = 5,
    };
    s_check (&limits, "GET /aaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", "GET /aaaaaa [Host=a] | ");
    s_check (&limits, "GET /aaaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", "414");
    s_check (&limits, "GET / HTTP/1.1\r\nHost: a\r\nX: 2345678901234567890123456\r\n\r\n", "431");
    s_check (&limits, "GET / HTTP/1.1\r\nHost: a\r\nb:\r\nc:\r\n\r\n", "431");
    s_check (&limits, "PUT / HTTP/1.0\r\nContent-Length: 5\r\n\r\n12345", "PUT / \"12345\" | ");
    s_check (&limits, "PUT / HTTP/1.0\r\nContent-Length: 6\r\n\r\n123456", "413");
    s_check (&limits, "PUT / HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n", "413");
}

//  What travels to a service is what it will read.
Test (http_wire, a_request_is_encoded_as_a_service_wants_it)
{
    troupe_http_wire_event_t event;
    troupe_request_t request;
    troupe_http_wire_t *wire = troupe_http_wire_new (NULL);
    const char *input = "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    cr_assert_eq (troupe_http_wire_take (wire, input, strlen (input), &event), TROUPE_HTTP_WIRE_REQUEST);
    cr_assert_eq (troupe_request_decode (event.encoded.data, event.encoded.size, &request), TROUPE_OK);
    cr_assert_str_eq (troupe_request_header (&request, "host").data, "a");
    cr_assert_str_eq (request.body.data, "hi");
    cr_assert_eq (troupe_http_wire_take (wire, "GET", 3, &event), TROUPE_HTTP_WIRE_MORE);
    cr_assert_eq (event.consumed, 0, "nothing is taken before the answer");
    troupe_http_wire_destroy (&wire);
}

//  Who waits for a word must be told, or it sends its body only after a while.
Test (http_wire, a_peer_that_expects_100_is_told_of)
{
    const char *head = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    for (int round = 0; round < 3; round++) {
        troupe_http_wire_event_t event;
        char input [128];
        troupe_http_wire_t *wire = troupe_http_wire_new (NULL);
        snprintf (input, sizeof input, "%s%s", head, round == 2 ? "h" : "");
        troupe_http_wire_take (wire, input, strlen (input), &event);
        cr_assert_eq (event.consumed, strlen (input));
        cr_assert_eq (event.kind, round == 2 ? TROUPE_HTTP_WIRE_MORE : TROUPE_HTTP_WIRE_CONTINUE);
        cr_assert_not (troupe_http_wire_is_idle (wire));
        if (round == 0) {
            cr_assert_eq (troupe_http_wire_take (wire, "hi", 2, &event), TROUPE_HTTP_WIRE_REQUEST);
            cr_assert_str_eq (event.request->body.data, "hi");
        }
        else
            cr_assert_not_null (strstr (s_answer (wire, 413, "", false), "Connection: close\r\n"), "no body will come");
        troupe_http_wire_destroy (&wire);
    }
}

//  --- Out

static troupe_http_wire_t *s_asked (const char *input)
{
    troupe_http_wire_event_t event;
    troupe_http_wire_t *wire = troupe_http_wire_new (NULL);
    troupe_http_wire_take (wire, input, strlen (input), &event);
    return wire;
}

static void s_check_answer (const char *input, int status, bool last, const char *wanted)
{
    troupe_http_wire_t *wire = s_asked (input);
    char text [512];
    snprintf (text, sizeof text, "HTTP/1.1 %s", wanted);
    cr_assert_str_eq (s_answer (wire, status, "hi", last), text);
    cr_assert_eq (troupe_http_wire_is_over (wire), strstr (wanted, "Connection: close") != NULL);
    troupe_http_wire_destroy (&wire);
}

//  Framing, and whether the connection goes on, follow from the request.
Test (http_wire, an_answer_fits_its_request)
{
    s_check_answer ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, false,
                    "200 OK\r\nDate: " DATE "\r\nContent-Length: 2\r\n\r\nhi");
    s_check_answer ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 503, true,
                    "503 Service Unavailable\r\nDate: " DATE "\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    s_check_answer ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200, false,
                    "200 OK\r\nDate: " DATE "\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    s_check_answer ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, false,
                    "200 OK\r\nDate: " DATE "\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
    s_check_answer ("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 200, false,
                    "200 OK\r\nDate: " DATE "\r\nContent-Length: 2\r\n\r\n");
    s_check_answer ("HEAD / HTTP/1.1\r\nHost: a\r\nExpect: b\r\n\r\n", 417, false,
                    "417 Expectation Failed\r\nDate: " DATE "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
    s_check_answer ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 204, false, "204 No Content\r\nDate: " DATE "\r\n\r\n");
    s_check_answer ("bad\r\n", 400, false,
                    "400 Bad Request\r\nDate: " DATE "\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    s_check_answer ("GET / HT", 408, false,
                    "408 Request Timeout\r\nDate: " DATE "\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    s_check_answer ("", 503, false,
                    "503 Service Unavailable\r\nDate: " DATE "\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
}

//  All or nothing: whoever gets an error can still answer something else.
Test (http_wire, an_answer_that_cannot_be_sent_changes_nothing)
{
    char text [512];
    size_t size = 77;
    troupe_http_wire_t *wire = s_asked ("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const troupe_response_view_t good = { .status = 200, .body = { "hi", 2 } }, none = { .status = 101 };
    cr_assert_eq (troupe_http_wire_answer (wire, &good, false, 0, text, troupe_http_wire_room (&good) - 1, &size),
                  TROUPE_ETOOBIG);
    cr_assert_eq (troupe_http_wire_answer (wire, &none, false, 0, text, sizeof text, &size), TROUPE_EPROTO);
    cr_assert_eq (size, 77);
    cr_assert_eq (troupe_http_wire_answer (wire, &good, true, 0, text, troupe_http_wire_room (&good), &size),
                  TROUPE_OK);
    cr_assert_eq (troupe_http_wire_answer (wire, &good, true, 0, text, sizeof text, &size), TROUPE_ESTATE);
    troupe_http_wire_destroy (&wire);
    troupe_http_wire_destroy (&wire);
    troupe_http_wire_destroy (NULL);
}

//  A response of a service, fields and all.
Test (http_wire, a_service_s_response_is_written_as_it_is)
{
    char text [512];
    size_t size;
    troupe_response_view_t view;
    troupe_response_t *response = troupe_response_new ();
    troupe_http_wire_t *wire = s_asked ("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    troupe_response_text (response, 404, "no");
    const troupe_bytes_t encoded = troupe_response_encoded (response);
    cr_assert_eq (troupe_response_decode (encoded.data, encoded.size, &view), TROUPE_OK);
    cr_assert_eq (troupe_http_wire_answer (wire, &view, false, DATE_MS, text, sizeof text - 1, &size), TROUPE_OK);
    text [size] = 0;
    cr_assert_str_eq (text, "HTTP/1.1 404 Not Found\r\nDate: " DATE "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                            "Content-Length: 2\r\n\r\nno");
    troupe_response_destroy (&response);
    troupe_http_wire_destroy (&wire);
}
