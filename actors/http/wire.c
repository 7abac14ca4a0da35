/*  =========================================================================
    wire.c - the HTTP of one connection, whatever carries its bytes

    Place: actors/http, beside the ingress, on the same parser and writer. A
    request is encoded once, as a service wants it, when its head is whole; its
    body is appended as it comes. Of the bytes that have come only the lines
    that are not whole yet are kept.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/http_wire.h>

#include "date.h"
#include "http1/parser.h"
#include "writer.h"

#include <stdlib.h>

//  Where an encoded request says how large its body is: see request.h of the public interface.
#define BODY_SIZE_OFFSET 24u

//  A buffer that has become larger than this is not kept for the next request.
#define KEPT_BYTES 16384u

typedef enum {
    TAKING = 0,     //  No request, or a part of one
    ASKING,         //  A whole request, unanswered
    REFUSED,        //  What came is refused, unanswered
    OVER            //  The last answer has been written
} phase_t;

typedef struct buffer {
    uint8_t *data;
    size_t size, room;
} buffer_t;

struct troupe_http_wire {
    troupe_http_limits_t limits;
    troupe_http_parser_t parser;
    troupe_http_scratch_t *scratch;
    buffer_t partial;               //  Lines that are not whole yet
    buffer_t encoded;               //  The request under way
    troupe_request_t request;
    size_t body_at;                 //  Where in 'encoded' the body begins
    phase_t phase;
    uint8_t minor;                  //  Of the request under way
    bool keep_alive, head_only;
};

//  --- Buffers

//  Makes room for 'more' bytes.
static bool s_reserve (buffer_t *self, size_t more)
{
    if (self->size + more <= self->room)
        return true;
    const size_t room = self->size ? 2 * (self->size + more) : more;
    uint8_t *larger = realloc (self->data, room);
    if (larger == NULL)
        return false;
    self->data = larger;
    self->room = room;
    return true;
}

static bool s_append (buffer_t *self, const void *data, size_t size)
{
    if (!s_reserve (self, size))
        return false;
    if (size > 0)
        memcpy (self->data + self->size, data, size);
    self->size += size;
    return true;
}

static void s_empty (buffer_t *self, size_t kept)
{
    self->size = 0;
    if (self->room <= kept)
        return;
    free (self->data);
    *self = (buffer_t) { .data = NULL };
}

//  --- The wire

static uint32_t s_limit (uint32_t wanted, uint32_t fallback)
{
    return wanted ? wanted : fallback;
}

static troupe_http_limits_t s_limits (const troupe_http_wire_limits_t *wanted)
{
    troupe_http_limits_t limits = troupe_http_limits_default;
    if (wanted == NULL)
        return limits;
    limits.request_line_bytes = s_limit (wanted->request_line_bytes, limits.request_line_bytes);
    limits.header_bytes = s_limit (wanted->header_bytes, limits.header_bytes);
    limits.header_fields = s_limit (wanted->header_fields, limits.header_fields);
    limits.chunk_extension_bytes = s_limit (wanted->chunk_extension_bytes, limits.chunk_extension_bytes);
    limits.body_bytes = wanted->body_bytes ? wanted->body_bytes : limits.body_bytes;
    return limits;
}

troupe_http_wire_t *troupe_http_wire_new (const troupe_http_wire_limits_t *limits)
{
    troupe_http_wire_t *self = calloc (1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->limits = s_limits (limits);
    self->scratch = troupe_http_scratch_new (&self->limits);
    if (self->scratch)
        troupe_http_parser_start (&self->parser, &self->limits, self->scratch);
    else
        troupe_http_wire_destroy (&self);
    return self;
}

void troupe_http_wire_destroy (troupe_http_wire_t **wire_p)
{
    if (wire_p == NULL || *wire_p == NULL)
        return;
    s_empty (&(*wire_p)->partial, 0);
    s_empty (&(*wire_p)->encoded, 0);
    troupe_http_scratch_destroy (&(*wire_p)->scratch);
    free (*wire_p);
    *wire_p = NULL;
}

bool troupe_http_wire_is_idle (const troupe_http_wire_t *self)
{
    return self->phase == TAKING && troupe_http_parser_is_idle (&self->parser);
}

bool troupe_http_wire_is_over (const troupe_http_wire_t *self)
{
    return self->phase == OVER;
}

//  --- In: from the parser's events to requests

static void s_refuse (troupe_http_wire_t *self, int status, const char *why, troupe_http_wire_event_t *event)
{
    s_empty (&self->partial, 0);
    s_empty (&self->encoded, 0);
    self->phase = REFUSED;
    event->kind = TROUPE_HTTP_WIRE_REFUSED;
    event->status = status;
    event->why = why;
}

static void s_refuse_for_memory (troupe_http_wire_t *self, troupe_http_wire_event_t *event)
{
    s_refuse (self, 503, "There is no memory for the request.", event);
}

static troupe_text_t s_text (troupe_bytes_t bytes)
{
    const troupe_text_t text = { bytes.data, bytes.size };
    return text;
}

//  All but the body, which follows.
static bool s_encode (troupe_http_wire_t *self, const troupe_http_head_t *head, troupe_http_wire_event_t *event)
{
    const troupe_request_parts_t parts = {
        .method = s_text (head->method),
        .path = s_text (head->path),
        .query = s_text (head->query),
        .headers = head->fields,
        .header_count = head->field_count,
    };
    buffer_t *encoded = &self->encoded;
    const size_t size = troupe_request_size (&parts);
    encoded->size = 0;
    if (size == 0)
        s_refuse (self, 431, "A part of the head is too large.", event);
    else if (!s_reserve (encoded, size + 1)
             || troupe_request_encode (&parts, encoded->data, encoded->room, &encoded->size) != TROUPE_OK)
        s_refuse_for_memory (self, event);
    self->body_at = encoded->size;
    return event->kind != TROUPE_HTTP_WIRE_REFUSED;
}

//  'rest': whether more has come behind it.
static void s_head (troupe_http_wire_t *self, const troupe_http_head_t *head, bool rest,
                    troupe_http_wire_event_t *event)
{
    const bool has_body = head->chunked || head->content_length > 0;
    self->minor = head->minor;
    self->keep_alive = head->keep_alive;
    self->head_only = head->method.size == 4 && memcmp (head->method.data, "HEAD", 4) == 0;
    if (head->expect == TROUPE_HTTP_EXPECT_UNKNOWN)
        s_refuse (self, 417, "Only 100-continue can be expected here.", event);
    else if (s_encode (self, head, event) && head->expect == TROUPE_HTTP_EXPECT_CONTINUE && has_body && !rest)
        event->kind = TROUPE_HTTP_WIRE_CONTINUE;
}

static void s_body (troupe_http_wire_t *self, troupe_bytes_t piece, troupe_http_wire_event_t *event)
{
    if (!s_append (&self->encoded, piece.data, piece.size))
        s_refuse_for_memory (self, event);
}

//  The request is whole: its body's size is known, and a null stands behind it.
static void s_end (troupe_http_wire_t *self, troupe_http_wire_event_t *event)
{
    buffer_t *encoded = &self->encoded;
    const uint64_t body_size = encoded->size - self->body_at;
    for (unsigned index = 0; index < 8; index++)
        encoded->data [BODY_SIZE_OFFSET + index] = (uint8_t) (body_size >> (8 * index));
    if (!s_reserve (encoded, 1)) {
        s_refuse_for_memory (self, event);
        return;
    }
    encoded->data [encoded->size] = 0;
    if (troupe_request_decode (encoded->data, encoded->size, &self->request) != TROUPE_OK) {
        s_refuse (self, 400, "The request is malformed.", event);
        return;
    }
    self->phase = ASKING;
    event->kind = TROUPE_HTTP_WIRE_REQUEST;
    event->request = &self->request;
    event->encoded = (troupe_bytes_t) { encoded->data, encoded->size };
}

//  --- In: from bytes to the parser's events

/*  What the parser is to see: the bytes that have come, or the lines that are not whole with those behind them, so
    many as a head can have. *size_p is how many of those that have come are in it.                          */
static bool s_look (troupe_http_wire_t *self, const uint8_t *data, size_t *size_p, troupe_bytes_t *view)
{
    const size_t most = troupe_http_head_bytes (&self->limits);
    *view = (troupe_bytes_t) { data, *size_p };
    if (self->partial.size == 0)
        return true;
    *size_p = *size_p < most ? *size_p : most;
    if (!s_append (&self->partial, data, *size_p))
        return false;
    *view = (troupe_bytes_t) { self->partial.data, self->partial.size };
    return true;
}

//  Keeps what the parser wants to see again, with more behind it.
static bool s_keep (troupe_http_wire_t *self, troupe_bytes_t view, size_t consumed)
{
    const uint8_t *at = view.data;
    const size_t left = view.size - consumed;
    if (left == 0)
        s_empty (&self->partial, 0);
    else if (self->partial.size == 0)
        return s_append (&self->partial, at + consumed, left);
    else {
        memmove (self->partial.data, at + consumed, left);
        self->partial.size = left;
    }
    return true;
}

static void s_tell (troupe_http_wire_t *self, const troupe_http_event_t *step, bool rest,
                    troupe_http_wire_event_t *event)
{
    switch (step->kind) {
    case TROUPE_HTTP_HEAD:
        s_head (self, step->head, rest, event);
        break;
    case TROUPE_HTTP_BODY:
        s_body (self, step->body, event);
        break;
    case TROUPE_HTTP_END:
        s_end (self, event);
        break;
    case TROUPE_HTTP_REFUSED:
        s_refuse (self, (int) troupe_http_fault_status (step->fault), troupe_http_fault_text (step->fault), event);
        break;
    case TROUPE_HTTP_MORE:
        break;
    }
}

/*  One event of the parser. Whatever it says but MORE, it says of a line that ends in 'data', if lines were kept: so
    these are done with, and how much of 'data' is follows from that. A head may lie in what was kept: that is let go
    only when it has been told.                                                                              */
static bool s_step (troupe_http_wire_t *self, const uint8_t *data, size_t size, troupe_http_wire_event_t *event)
{
    const size_t before = self->partial.size;
    size_t seen = size;
    troupe_bytes_t view;
    troupe_http_event_t step;
    if (!s_look (self, data, &seen, &view)) {
        s_refuse_for_memory (self, event);
        return false;
    }
    if (troupe_http_parser_next (&self->parser, view.data, view.size, &step) == TROUPE_HTTP_MORE) {
        event->consumed += seen;
        if (!s_keep (self, view, step.consumed))
            s_refuse_for_memory (self, event);
        return seen < size && event->kind == TROUPE_HTTP_WIRE_MORE;
    }
    s_tell (self, &step, step.consumed < view.size, event);
    s_empty (&self->partial, 0);
    event->consumed += step.consumed > before ? step.consumed - before : 0;
    return event->kind == TROUPE_HTTP_WIRE_MORE;
}

troupe_http_wire_kind_t troupe_http_wire_take (troupe_http_wire_t *self, const void *data, size_t size,
                                               troupe_http_wire_event_t *event)
{
    const uint8_t *bytes = size ? data : (const void *) "";
    *event = (troupe_http_wire_event_t) { .kind = TROUPE_HTTP_WIRE_MORE };
    if (self->phase == TAKING)
        while (s_step (self, bytes + event->consumed, size - event->consumed, event))
            continue;
    if (self->phase == REFUSED || self->phase == OVER)
        event->consumed = size;
    return event->kind;
}

//  --- Out

//  Its head; the body follows if it may.
static troupe_http_answer_t s_answer (const troupe_http_wire_t *self, const troupe_response_view_t *response,
                                      bool last)
{
    const troupe_http_answer_t answer = {
        .status = response->status,
        .headers = &response->headers,
        .length = response->body.size,
        .minor = self->minor,
        .keep_alive = !last && self->phase == ASKING && self->keep_alive,
    };
    return answer;
}

//  What was asked is answered; of its memory only a little is kept.
static void s_next (troupe_http_wire_t *self, bool more)
{
    s_empty (&self->encoded, more ? KEPT_BYTES : 0);
    s_empty (&self->partial, 0);
    self->head_only = false;
    self->phase = more ? TAKING : OVER;
}

size_t troupe_http_wire_room (const troupe_response_view_t *response)
{
    const troupe_http_answer_t answer = { .headers = &response->headers };
    return troupe_http_answer_room (&answer) + response->body.size;
}

troupe_error_t troupe_http_wire_answer (troupe_http_wire_t *self, const troupe_response_view_t *response, bool last,
                                        int64_t wall_clock_ms, void *buffer, size_t room, size_t *size_p)
{
    if (self->phase == OVER)
        return TROUPE_ESTATE;
    if (troupe_http_wire_room (response) > room)
        return TROUPE_ETOOBIG;
    char date [TROUPE_HTTP_DATE_SIZE + 1];
    troupe_http_date_print (wall_clock_ms / 1000, date);
    troupe_http_answer_t answer = s_answer (self, response, last);
    answer.date = date;
    const size_t head_size = troupe_http_answer_write (&answer, buffer);
    if (head_size == 0)
        return TROUPE_EPROTO;
    const bool bodiless = self->head_only || troupe_http_is_bodiless (response->status);
    const size_t body_size = bodiless ? 0 : response->body.size;
    if (body_size > 0)
        memcpy ((char *) buffer + head_size, response->body.data, body_size);
    *size_p = head_size + body_size;
    s_next (self, answer.keep_alive);
    return TROUPE_OK;
}
