/*  =========================================================================
    http_wire_fuzz.c - any bytes, cut anywhere, are the same requests

    Place: tests/fuzz, of actors/http/wire.c. The first octet chooses the
    limits, the second the size of the pieces. What is made of the whole, of
    pieces and of single octets must agree, and every answer must fit.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe/http_wire.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

//  Requests with their bytes, added up (FNV-1a), and how it ended.
typedef struct verdict {
    uint64_t sum;
    size_t requests;
    int status;
    bool idle;
} verdict_t;

static void s_require (bool holds, const char *what)
{
    if (holds)
        return;
    fprintf (stderr, "%s\n", what);
    abort ();
}

static void s_add (verdict_t *verdict, troupe_bytes_t bytes)
{
    const uint8_t *octets = bytes.data;
    for (size_t index = 0; index < bytes.size; index++)
        verdict->sum = (verdict->sum ^ octets [index]) * UINT64_C (1099511628211);
    verdict->requests++;
}

static void s_answer (troupe_http_wire_t *wire, int status)
{
    char text [512];
    size_t size = 0;
    const troupe_response_view_t response = { .status = status, .body = { "hi", 2 } };
    s_require (troupe_http_wire_answer (wire, &response, false, 0, text, sizeof text, &size) == TROUPE_OK && size > 0,
               "an answer cannot be written");
}

static void s_feed (troupe_http_wire_t *wire, const uint8_t *data, size_t size, verdict_t *verdict)
{
    troupe_http_wire_event_t event;
    size_t at = 0;
    //  Memory of exactly that size, so that nothing behind it is read
    uint8_t *piece = malloc (size ? size : 1);
    memcpy (piece, data, size);
    while (troupe_http_wire_take (wire, piece + at, size - at, &event) != TROUPE_HTTP_WIRE_MORE) {
        at += event.consumed;
        if (event.kind == TROUPE_HTTP_WIRE_REQUEST)
            s_add (verdict, event.encoded);
        else if (event.kind == TROUPE_HTTP_WIRE_REFUSED)
            verdict->status = event.status;
        if (event.kind != TROUPE_HTTP_WIRE_CONTINUE)
            s_answer (wire, event.kind == TROUPE_HTTP_WIRE_REQUEST ? 200 : event.status);
    }
    s_require (at + event.consumed == size, "something was left");
    free (piece);
}

static verdict_t s_verdict (const troupe_http_wire_limits_t *limits, const uint8_t *data, size_t size, size_t step)
{
    verdict_t verdict = { .sum = UINT64_C (14695981039346656037) };
    troupe_http_wire_t *wire = troupe_http_wire_new (limits);
    for (size_t at = 0; at < size; at += step)
        s_feed (wire, data + at, size - at < step ? size - at : step, &verdict);
    verdict.idle = troupe_http_wire_is_idle (wire);
    troupe_http_wire_destroy (&wire);
    return verdict;
}

static void s_same (verdict_t one, verdict_t other)
{
    s_require (one.sum == other.sum && one.requests == other.requests && one.status == other.status
               && one.idle == other.idle, "in pieces it is something else");
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const troupe_http_wire_limits_t small = { 64, 256, 8, 16, 64 };
    if (size < 3)
        return 0;
    const troupe_http_wire_limits_t *limits = data [0] & 1 ? &small : NULL;
    const verdict_t whole = s_verdict (limits, data + 2, size - 2, size);
    s_same (whole, s_verdict (limits, data + 2, size - 2, data [1] + 1u));
    if (size < 512)
        s_same (whole, s_verdict (limits, data + 2, size - 2, 1));
    return 0;
}
