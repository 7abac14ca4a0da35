/*  =========================================================================
    http_transcript.c - what the HTTP parser says of some bytes, as text

    Place: tests/unit. See http_transcript.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "http_transcript.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { REQUESTS = 0, RESPONSES, RESPONSES_TO_HEAD } kind_t;

typedef struct transcript {
    char *text;
    size_t size;
    size_t room;
    bool in_body;
    bool refused;
} transcript_t;

static void s_add (transcript_t *self, const void *data, size_t size)
{
    if (self->room < self->size + size + 1) {
        self->room = (self->size + size + 1) * 2;
        self->text = realloc (self->text, self->room);
        if (self->text == NULL)
            abort ();
    }
    memcpy (self->text + self->size, data, size);
    self->size += size;
    self->text [self->size] = 0;
}

static void s_printf (transcript_t *self, const char *format, ...) TROUPE_PRINTF (2, 3);
static void s_printf (transcript_t *self, const char *format, ...)
{
    char line [64];
    va_list arguments;
    va_start (arguments, format);
    const int size = vsnprintf (line, sizeof line, format, arguments);
    va_end (arguments);
    s_add (self, line, (size_t) size);
}

static void s_separate (transcript_t *self)
{
    if (self->in_body)
        s_printf (self, "\"");
    self->in_body = false;
    if (self->size)
        s_printf (self, " | ");
}

static void s_add_bytes (transcript_t *self, const char *before, troupe_bytes_t bytes)
{
    s_printf (self, "%s", before);
    s_add (self, bytes.data, bytes.size);
}

static void s_add_start (transcript_t *self, const troupe_http_head_t *head)
{
    s_add_bytes (self, "", head->method);
    s_add_bytes (self, head->asterisk ? " all " : " ", head->path);
    if (head->query.data)
        s_add_bytes (self, "?", head->query);
}

static void s_add_head (transcript_t *self, const troupe_http_head_t *head)
{
    s_separate (self);
    if (head->status)
        s_printf (self, "%u", head->status);
    else
        s_add_start (self, head);
    s_printf (self, " 1.%u %s", head->minor, head->keep_alive ? "keep" : "close");
    if (head->content_length)
        s_printf (self, " length %llu", (unsigned long long) head->content_length);
    s_printf (self, "%s", head->chunked ? " chunked" : head->until_close ? " until close" : "");
    s_printf (self, "%s", head->expect == TROUPE_HTTP_EXPECT_CONTINUE ? " continue" : head->expect ? " expect?" : "");
    if (head->authority.data)
        s_add_bytes (self, " @", head->authority);
    for (size_t index = 0; index < head->field_count; index++) {
        const troupe_header_t *field = &head->fields [index];
        if (field->name.size == 4 && strncasecmp (field->name.data, "host", 4) == 0)
            continue;
        s_add_bytes (self, " [", (troupe_bytes_t) { field->name.data, field->name.size });
        s_add_bytes (self, "=", (troupe_bytes_t) { field->value.data, field->value.size });
        s_printf (self, "]");
    }
}

static void s_add_event (transcript_t *self, const troupe_http_event_t *event)
{
    switch (event->kind) {
    case TROUPE_HTTP_MORE:
        break;
    case TROUPE_HTTP_HEAD:
        s_add_head (self, event->head);
        break;
    case TROUPE_HTTP_BODY:
        if (!self->in_body) {
            s_separate (self);
            s_printf (self, "body \"");
        }
        self->in_body = true;
        s_add (self, event->body.data, event->body.size);
        break;
    case TROUPE_HTTP_END:
        s_separate (self);
        s_printf (self, "end");
        break;
    case TROUPE_HTTP_REFUSED:
        s_separate (self);
        s_printf (self, "%u", troupe_http_fault_status (event->fault));
        self->refused = true;
        break;
    }
}

//  Hands the parser the bytes from 'from' to 'to', in a block of their own; returns where the unconsumed ones begin.
static size_t s_feed (transcript_t *self, troupe_http_parser_t *parser, const uint8_t *data, size_t from, size_t to)
{
    uint8_t *piece = malloc (to - from ? to - from : 1);
    if (piece == NULL)
        abort ();
    memcpy (piece, data + from, to - from);
    size_t at = 0;
    troupe_http_event_t event;
    do {
        troupe_http_parser_next (parser, piece + at, to - from - at, &event);
        if (event.consumed > to - from - at)
            abort ();
        s_add_event (self, &event);
        at += event.consumed;
    } while (event.kind != TROUPE_HTTP_MORE && event.kind != TROUPE_HTTP_REFUSED);
    free (piece);
    return from + at;
}

static void s_spoil (troupe_http_scratch_t *scratch, const troupe_http_limits_t *limits)
{
    memset (&scratch->head, 0xa5, sizeof scratch->head);
    memset (scratch->fields, 0xa5, limits->header_fields * sizeof *scratch->fields);
}

static void s_begin (troupe_http_parser_t *parser, const troupe_http_limits_t *limits, kind_t kind,
                     troupe_http_scratch_t *scratch)
{
    if (scratch == NULL)
        abort ();
    if (kind == REQUESTS)
        troupe_http_parser_start (parser, limits, scratch);
    else
        troupe_http_parser_start_responses (parser, limits, scratch);
    troupe_http_parser_expect (parser, kind == RESPONSES_TO_HEAD);
}

//  What is there to say when nothing more comes.
static void s_finish (transcript_t *self, troupe_http_parser_t *parser, kind_t kind)
{
    troupe_http_event_t event;
    if (self->refused)
        return;
    if (kind != REQUESTS) {
        troupe_http_parser_over (parser, &event);
        s_add_event (self, &event);
    }
    else if (!troupe_http_parser_is_idle (parser)) {
        s_separate (self);
        s_printf (self, "more");
    }
}

static char *s_transcript (const troupe_http_limits_t *limits, kind_t kind, const void *data, size_t size,
                           const size_t *cuts, size_t cut_count)
{
    transcript_t transcript = { 0 };
    troupe_http_scratch_t *scratch = troupe_http_scratch_new (limits);
    troupe_http_parser_t parser;
    s_add (&transcript, "", 0);
    s_begin (&parser, limits, kind, scratch);
    size_t at = 0;
    for (size_t index = 0; index <= cut_count && !transcript.refused; index++) {
        at = s_feed (&transcript, &parser, data, at, index < cut_count ? cuts [index] : size);
        s_spoil (scratch, limits);
    }
    s_finish (&transcript, &parser, kind);
    troupe_http_scratch_destroy (&scratch);
    return transcript.text;
}

static char *s_trickle (const troupe_http_limits_t *limits, kind_t kind, const void *data, size_t size)
{
    size_t *cuts = calloc (size + 1, sizeof *cuts);
    if (cuts == NULL)
        abort ();
    for (size_t index = 0; index < size; index++)
        cuts [index] = index;
    char *text = s_transcript (limits, kind, data, size, cuts, size);
    free (cuts);
    return text;
}

char *http_transcript (const troupe_http_limits_t *limits, const void *data, size_t size,
                       const size_t *cuts, size_t cut_count)
{
    return s_transcript (limits, REQUESTS, data, size, cuts, cut_count);
}

char *http_transcript_trickle (const troupe_http_limits_t *limits, const void *data, size_t size)
{
    return s_trickle (limits, REQUESTS, data, size);
}

char *http_transcript_responses (const troupe_http_limits_t *limits, bool head_only, const void *data, size_t size,
                                 const size_t *cuts, size_t cut_count)
{
    return s_transcript (limits, head_only ? RESPONSES_TO_HEAD : RESPONSES, data, size, cuts, cut_count);
}

char *http_transcript_responses_trickle (const troupe_http_limits_t *limits, bool head_only, const void *data,
                                         size_t size)
{
    return s_trickle (limits, head_only ? RESPONSES_TO_HEAD : RESPONSES, data, size);
}
