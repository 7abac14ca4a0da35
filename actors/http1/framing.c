/*  =========================================================================
    framing.c - where a message ends, and what becomes of its connection

    Place: actors/http1/. See framing.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "framing.h"
#include "scan.h"
#include "target.h"

enum {
    SEEN_HOST = 0x01,
    SEEN_LENGTH = 0x02,
    SEEN_ENCODING = 0x04,
    SEEN_CLOSE = 0x08,
    SEEN_KEEP_ALIVE = 0x10,
    SEEN_NAMES = 0x20               //  Connection has named something else
};

static troupe_http_fault_t s_note_host (troupe_http_head_t *head, uint16_t *seen, troupe_bytes_t value)
{
    if (*seen & SEEN_HOST)
        return TROUPE_HTTP_SECOND_HOST;
    *seen |= SEEN_HOST;
    head->host = value;
    return troupe_http_authority_check (value);
}

//  1*DIGIT and nothing else; a number that 64 bits cannot hold is a fault, one above the limit is found later.
static troupe_http_fault_t s_note_length (troupe_http_head_t *head, uint16_t *seen, troupe_bytes_t value)
{
    if (*seen & SEEN_LENGTH)
        return TROUPE_HTTP_SECOND_CONTENT_LENGTH;
    *seen |= SEEN_LENGTH;
    const uint8_t *at = value.data;
    const uint8_t *end = at + value.size;
    uint64_t length = 0;
    for (; at < end && troupe_http_is (*at, TROUPE_HTTP_DIGIT); at++) {
        const uint64_t digit = (uint64_t) (*at - '0');
        if (length > (UINT64_MAX - digit) / 10)
            return TROUPE_HTTP_BAD_CONTENT_LENGTH;
        length = length * 10 + digit;
    }
    head->content_length = length;
    return value.size != 0 && at == end ? TROUPE_HTTP_FINE : TROUPE_HTTP_BAD_CONTENT_LENGTH;
}

//  The codings that are registered, and so "known" although only chunked is offered.
static bool s_is_registered (troupe_bytes_t coding)
{
    static const char *const names [] = { "gzip", "x-gzip", "deflate", "compress", "x-compress", "identity" };
    for (size_t index = 0; index < sizeof names / sizeof *names; index++)
        if (troupe_http_same_text (coding, names [index]))
            return true;
    return false;
}

//  One chunked, at the end. Others before it, and one that nobody knows, are not offered; all else is malformed.
static troupe_http_fault_t s_note_encoding (troupe_http_head_t *head, uint16_t *seen, troupe_bytes_t value)
{
    if (*seen & SEEN_ENCODING)
        return TROUPE_HTTP_SECOND_TRANSFER_ENCODING;
    *seen |= SEEN_ENCODING;
    troupe_bytes_t coding;
    unsigned before = 0, unknown = 0;
    bool chunked = false;
    while (troupe_http_list_next (&value, &coding)) {
        const uint8_t *at = coding.data;
        const uint8_t *end = at + coding.size;
        if (chunked || at == end || troupe_http_skip (at, end, TROUPE_HTTP_TOKEN) != end)
            return TROUPE_HTTP_BAD_TRANSFER_ENCODING;
        chunked = troupe_http_same_text (coding, "chunked");
        before += !chunked;
        unknown += !chunked && !s_is_registered (coding);
    }
    head->chunked = chunked;
    if (chunked)
        return before ? TROUPE_HTTP_UNKNOWN_TRANSFER_ENCODING : TROUPE_HTTP_FINE;
    return unknown ? TROUPE_HTTP_UNKNOWN_TRANSFER_ENCODING : TROUPE_HTTP_BAD_TRANSFER_ENCODING;
}

static void s_note_connection (uint16_t *seen, troupe_bytes_t value)
{
    troupe_bytes_t option;
    while (troupe_http_list_next (&value, &option))
        if (troupe_http_same_text (option, "close"))
            *seen |= SEEN_CLOSE;
        else if (troupe_http_same_text (option, "keep-alive"))
            *seen |= SEEN_KEEP_ALIVE;
        else
            *seen |= SEEN_NAMES;
}

//  "timeout=5, max=100": what cannot be read is as good as not said.
static void s_note_keep_alive (troupe_http_head_t *head, troupe_bytes_t value)
{
    troupe_bytes_t part;
    while (troupe_http_list_next (&value, &part)) {
        if (part.size < 9 || part.size > 14 || !troupe_http_same_text ((troupe_bytes_t) { part.data, 8 }, "timeout="))
            continue;
        const uint8_t *at = (const uint8_t *) part.data + 8;
        const uint8_t *end = (const uint8_t *) part.data + part.size;
        uint32_t seconds = 0;
        for (; at < end && troupe_http_is (*at, TROUPE_HTTP_DIGIT); at++)
            seconds = seconds * 10 + (uint32_t) (*at - '0');
        head->keep_alive_s = at == end ? seconds : 0;
    }
}

static void s_note_expect (troupe_http_head_t *head, troupe_bytes_t value)
{
    if (!troupe_http_same_text (value, "100-continue"))
        head->expect = TROUPE_HTTP_EXPECT_UNKNOWN;
    else if (head->expect == TROUPE_HTTP_EXPECT_NOTHING)
        head->expect = TROUPE_HTTP_EXPECT_CONTINUE;
}

troupe_http_fault_t troupe_http_framing_note (troupe_http_head_t *head, uint16_t *seen,
                                              const troupe_http_field_t *field)
{
    switch (field->kind) {
    case TROUPE_HTTP_FIELD_HOST:
        return s_note_host (head, seen, field->value);
    case TROUPE_HTTP_FIELD_CONTENT_LENGTH:
        return s_note_length (head, seen, field->value);
    case TROUPE_HTTP_FIELD_TRANSFER_ENCODING:
        return s_note_encoding (head, seen, field->value);
    case TROUPE_HTTP_FIELD_CONNECTION:
        s_note_connection (seen, field->value);
        return TROUPE_HTTP_FINE;
    case TROUPE_HTTP_FIELD_EXPECT:
        s_note_expect (head, field->value);
        return TROUPE_HTTP_FINE;
    case TROUPE_HTTP_FIELD_KEEP_ALIVE:
        s_note_keep_alive (head, field->value);
        return TROUPE_HTTP_FINE;
    case TROUPE_HTTP_FIELD_PLAIN:
    case TROUPE_HTTP_FIELD_HOP:
        break;
    }
    return TROUPE_HTTP_FINE;
}

//  The target's authority counts; Host must say the same.
static troupe_http_fault_t s_decide_authority (troupe_http_head_t *head, uint16_t seen)
{
    if (!(seen & SEEN_HOST))
        return head->minor == 1 ? TROUPE_HTTP_NO_HOST : TROUPE_HTTP_FINE;
    if (head->authority.data != NULL && !troupe_http_same (head->authority, head->host))
        return TROUPE_HTTP_HOST_MISMATCH;
    head->authority = head->host;
    return TROUPE_HTTP_FINE;
}

troupe_http_fault_t troupe_http_framing_decide (troupe_http_head_t *head, uint16_t seen,
                                                const troupe_http_limits_t *limits)
{
    if (head->minor == 0 && (seen & SEEN_ENCODING))
        return TROUPE_HTTP_ENCODING_IN_1_0;
    if ((seen & SEEN_LENGTH) && (seen & SEEN_ENCODING))
        return TROUPE_HTTP_LENGTH_AND_ENCODING;
    const troupe_http_fault_t fault = s_decide_authority (head, seen);
    if (fault != TROUPE_HTTP_FINE)
        return fault;
    if (head->content_length > limits->body_bytes)
        return TROUPE_HTTP_BODY_TOO_LARGE;
    head->keep_alive = (head->minor == 1 || (seen & SEEN_KEEP_ALIVE)) && !(seen & SEEN_CLOSE);
    if (head->minor == 0)
        head->expect = TROUPE_HTTP_EXPECT_NOTHING;      //  RFC 9110 10.1.1: ignored from HTTP/1.0
    return TROUPE_HTTP_FINE;
}

//  --- Responses: RFC 9112 6.3

//  A body that the status forbids is a doubt too: what is behind the head cannot be trusted, so the connection ends.
static void s_decide_bodiless (troupe_http_head_t *head, bool head_only)
{
    if (!head_only && (head->chunked || head->content_length > 0))
        head->keep_alive = false;
    head->chunked = false;
    head->content_length = 0;
}

troupe_http_fault_t troupe_http_framing_decide_response (troupe_http_head_t *head, uint16_t seen, bool head_only,
                                                         const troupe_http_limits_t *limits)
{
    const bool bodiless = head_only || head->status < 200 || head->status == 204 || head->status == 304;
    if (head->minor == 0 && (seen & SEEN_ENCODING))
        return TROUPE_HTTP_ENCODING_IN_1_0;
    if ((seen & SEEN_LENGTH) && (seen & SEEN_ENCODING))
        return TROUPE_HTTP_LENGTH_AND_ENCODING;
    if (head->status == 101)
        return TROUPE_HTTP_UPGRADE_UNASKED;
    if (head->status < 200 && (head->chunked || head->content_length > 0))
        return TROUPE_HTTP_BAD_CONTENT_LENGTH;      //  Nothing tells where the next head begins
    head->keep_alive = (head->minor == 1 || (seen & SEEN_KEEP_ALIVE)) && !(seen & SEEN_CLOSE);
    head->length_told = (seen & SEEN_LENGTH) != 0;
    head->told_length = head->content_length;
    head->until_close = !bodiless && !(seen & (SEEN_LENGTH | SEEN_ENCODING));
    if (bodiless)
        s_decide_bodiless (head, head_only || head->status == 304);
    if (head->until_close)
        head->keep_alive = false;
    return head->content_length > limits->body_bytes ? TROUPE_HTTP_BODY_TOO_LARGE : TROUPE_HTTP_FINE;
}

//  --- Fields of this hop

bool troupe_http_framing_has_named (uint16_t seen)
{
    return (seen & SEEN_NAMES) != 0;
}

bool troupe_http_framing_names (troupe_bytes_t connection, troupe_bytes_t name)
{
    troupe_bytes_t option;
    while (troupe_http_list_next (&connection, &option))
        if (troupe_http_same (option, name))
            return true;
    return false;
}

static bool s_is_connection (const troupe_header_t *field)
{
    return troupe_http_same_text ((troupe_bytes_t) { field->name.data, field->name.size }, "connection");
}

//  Host is nobody's to remove: what the request is for would change.
static bool s_is_of_hop (const troupe_header_t *fields, size_t count, const troupe_header_t *field)
{
    const troupe_bytes_t name = { field->name.data, field->name.size };
    if (troupe_http_same_text (name, "host"))
        return false;
    for (size_t index = 0; index < count; index++) {
        const troupe_bytes_t value = { fields [index].value.data, fields [index].value.size };
        if (s_is_connection (&fields [index]) && troupe_http_framing_names (value, name))
            return true;
    }
    return s_is_connection (field);
}

size_t troupe_http_fields_of_hop_remove (troupe_header_t *fields, size_t count)
{
    size_t ends = 0;
    //  Those that end here are marked first, since each is compared with every Connection.
    for (size_t index = 0; index < count; index++)
        if (!s_is_connection (&fields [index]) && s_is_of_hop (fields, count, &fields [index]))
            fields [index].name = (troupe_text_t) { NULL, 0 };
    for (size_t index = 0; index < count; index++)
        if (fields [index].name.data != NULL && !s_is_connection (&fields [index]))
            fields [ends++] = fields [index];
    return ends;
}
