/*  =========================================================================
    upstream_forward_fuzz.c - whatever is asked for, one request goes out

    Place: tests/fuzz. The bytes are an encoded request. What is written for
    the server must fit its room, and our own parser must see exactly one
    request in it: with the server's Host and the body that was given, or, when
    that is to follow, its length or that it comes in chunks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include "http1/parser.h"
#include "upstream/forward.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_must (bool holds)
{
    if (!holds)
        abort ();
}

//  The length of the body, which must be what is left, and the end behind it.
static void s_check_body (troupe_http_parser_t *parser, const char *bytes, size_t size, troupe_bytes_t body)
{
    troupe_http_event_t event;
    s_must (size == body.size);
    if (size > 0) {
        s_must (troupe_http_parser_next (parser, (const uint8_t *) bytes, size, &event) == TROUPE_HTTP_BODY);
        s_must (event.body.size == size && memcmp (event.body.data, body.data, size) == 0);
    }
    s_must (troupe_http_parser_next (parser, NULL, 0, &event) == TROUPE_HTTP_END);
}

//  A head alone, whose body follows.
static void s_check_head (const troupe_http_head_t *head, size_t rest, uint64_t length)
{
    s_must (rest == 0 && head->chunked == (length == TROUPE_BODY_UNKNOWN));
    s_must (head->chunked || head->content_length == length);
}

static void s_check (const troupe_upstream_way_t *way, const char *bytes, size_t size, troupe_bytes_t body,
                     uint64_t length)
{
    const troupe_http_limits_t limits = { 1 << 20, 1 << 20, 1000, 0, 1 << 20 };
    troupe_http_scratch_t *scratch = troupe_http_scratch_new (&limits);
    troupe_http_parser_t parser;
    troupe_http_event_t event;
    s_must (scratch != NULL);
    troupe_http_parser_start (&parser, &limits, scratch);
    const troupe_http_event_kind_t kind = troupe_http_parser_next (&parser, (const uint8_t *) bytes, size, &event);
    //  The parser is stricter with what a path may be when decoded, and has its limits.
    s_must (kind == TROUPE_HTTP_HEAD || (kind == TROUPE_HTTP_REFUSED
            && (event.fault == TROUPE_HTTP_BAD_TARGET || event.fault == TROUPE_HTTP_TOO_MANY_FIELDS)));
    if (kind == TROUPE_HTTP_HEAD) {
        s_must (event.head->host.size == way->host.size && event.head->keep_alive);
        if (length != body.size)
            s_check_head (event.head, size - event.consumed, length);
        else
            s_check_body (&parser, bytes + event.consumed, size - event.consumed, body);
    }
    troupe_http_scratch_destroy (&scratch);
}

static void s_forward (const troupe_upstream_way_t *way, const troupe_request_t *request, uint64_t length)
{
    const size_t room = troupe_upstream_forward_room (way, request);
    char *bytes = malloc (room);
    size_t written = 0;
    s_must (bytes != NULL);
    if (troupe_upstream_forward_write (way, request, length, bytes, &written) == 0) {
        s_must (written <= room);
        s_check (way, bytes, written, request->body, length);
    }
    free (bytes);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const troupe_upstream_way_t way = {
        .host = { "old.example", 11 }, .base = { "/app", 4 }, .prefix = { "/legacy", 7 },
    };
    troupe_request_t request;
    if (troupe_request_decode (data, size, &request) != TROUPE_OK)
        return 0;
    s_forward (&way, &request, request.body.size);
    if (request.body.size == 0) {
        s_forward (&way, &request, 77);
        s_forward (&way, &request, TROUPE_BODY_UNKNOWN);
    }
    return 0;
}
