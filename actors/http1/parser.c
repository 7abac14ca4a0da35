/*  =========================================================================
    parser.c - HTTP/1.1 requests or responses: bytes in, events out

    Place: actors/http1/. See parser.h.

    A head is parsed line by line, each line when its LF is there. Limits are
    looked at before contents and a line without its LF has no contents yet:
    so the verdict does not depend on how the bytes were cut. A head that came
    in pieces is parsed once more from its start when it is whole, since views
    of earlier bytes are gone by then; it cannot be refused that time.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "parser.h"
#include "field.h"
#include "framing.h"
#include "request_line.h"
#include "status_line.h"

#include <string.h>

enum {
    START = 0,      //  Before a message
    REQUEST_LINE,   //  Or a status line
    FIELDS,
    LENGTH,         //  In a body with a length
    CHUNKED,
    TRAILERS,
    UNTIL_CLOSE,    //  In a body that the connection ends
    OVER,           //  END is to be told
    DEAD            //  REFUSED has been told
};

static void s_begin_request (troupe_http_parser_t *self)
{
    self->line = self->searched = self->section = self->trailer_bytes = 0;
    self->field_count = self->kept = self->seen = 0;
    self->resumed = self->blank = false;
    self->remaining = 0;
    self->state = START;
}

void troupe_http_parser_start (troupe_http_parser_t *self, const troupe_http_limits_t *limits,
                               troupe_http_scratch_t *scratch)
{
    *self = (troupe_http_parser_t) { .limits = limits, .scratch = scratch };
    s_begin_request (self);
}

void troupe_http_parser_start_responses (troupe_http_parser_t *self, const troupe_http_limits_t *limits,
                                         troupe_http_scratch_t *scratch)
{
    troupe_http_parser_start (self, limits, scratch);
    self->responses = true;
}

void troupe_http_parser_expect (troupe_http_parser_t *self, bool head_only)
{
    self->head_only = head_only;
}

void troupe_http_parser_limit (troupe_http_parser_t *self, const troupe_http_limits_t *limits)
{
    self->limits = limits;
}

bool troupe_http_parser_is_idle (const troupe_http_parser_t *self)
{
    return self->state == START && self->searched == 0;
}

size_t troupe_http_head_bytes (const troupe_http_limits_t *limits)
{
    return (size_t) limits->request_line_bytes + limits->header_bytes + 4;
}

static void s_refuse (troupe_http_parser_t *self, troupe_http_fault_t fault, troupe_http_event_t *event)
{
    self->state = DEAD;
    self->fault = (uint8_t) fault;
    event->kind = TROUPE_HTTP_REFUSED;
    event->fault = fault;
}

//  Whether a line of 'size' octets, its LF included, is within the limits.
static troupe_http_fault_t s_check_size (const troupe_http_parser_t *self, size_t size)
{
    const troupe_http_limits_t *limits = self->limits;
    if (self->state == REQUEST_LINE && size > (size_t) limits->request_line_bytes + 2)
        return self->responses ? TROUPE_HTTP_STATUS_LINE_TOO_LONG : TROUPE_HTTP_REQUEST_LINE_TOO_LONG;
    if (self->state == REQUEST_LINE)
        return TROUPE_HTTP_FINE;
    const size_t before = self->state == TRAILERS ? self->trailer_bytes : self->line - self->section;
    return before + size <= limits->header_bytes ? TROUPE_HTTP_FINE : TROUPE_HTTP_HEADER_TOO_LARGE;
}

/*  Finds the end of the line under way: *end is its CR. False with a fault, or when the LF is not there yet
    (then it will be searched for from here on).                                                           */
static bool s_find_line (troupe_http_parser_t *self, const uint8_t *data, size_t size,
                         const uint8_t **end, troupe_http_fault_t *fault)
{
    const uint8_t *lf = size > self->searched ? memchr (data + self->searched, '\n', size - self->searched) : NULL;
    const size_t line_size = (lf ? (size_t) (lf - data) : size) + 1 - self->line;
    *fault = s_check_size (self, line_size);
    if (*fault != TROUPE_HTTP_FINE)
        return false;
    if (lf == NULL) {
        self->searched = (uint32_t) size;
        return false;
    }
    if (line_size < 2 || lf [-1] != '\r') {
        *fault = TROUPE_HTTP_BAD_LINE_END;
        return false;
    }
    *end = lf - 1;
    self->searched = (uint32_t) (lf + 1 - data);
    return true;
}

static troupe_http_fault_t s_start_line (troupe_http_parser_t *self, const uint8_t *at, const uint8_t *end)
{
    troupe_http_head_t *head = &self->scratch->head;
    memset (head, 0, sizeof *head);
    self->state = FIELDS;
    self->section = self->searched;
    return self->responses ? troupe_http_status_line_parse (head, at, end)
                           : troupe_http_request_line_parse (head, at, end);
}

//  Those that go beyond this hop, and Connection where it may name some that do not.
static bool s_is_kept (const troupe_http_parser_t *self, const troupe_http_field_t *field)
{
    if (field->kind == TROUPE_HTTP_FIELD_CONNECTION)
        return troupe_http_framing_has_named (self->seen);
    return field->kind == TROUPE_HTTP_FIELD_PLAIN || field->kind == TROUPE_HTTP_FIELD_HOST;
}

static troupe_http_fault_t s_field (troupe_http_parser_t *self, const uint8_t *at, const uint8_t *end)
{
    if (self->field_count == self->limits->header_fields)
        return TROUPE_HTTP_TOO_MANY_FIELDS;
    self->field_count++;
    troupe_http_field_t field;
    const troupe_http_fault_t fault = troupe_http_field_parse (&field, at, end);
    if (fault != TROUPE_HTTP_FINE || self->state == TRAILERS)
        return fault;
    const troupe_http_fault_t noted = troupe_http_framing_note (&self->scratch->head, &self->seen, &field);
    if (s_is_kept (self, &field)) {
        troupe_header_t *kept = &self->scratch->fields [self->kept++];
        kept->name = (troupe_text_t) { field.name.data, field.name.size };
        kept->value = (troupe_text_t) { field.value.data, field.value.size };
    }
    return noted;
}

static troupe_http_fault_t s_decide (troupe_http_parser_t *self)
{
    troupe_http_head_t *head = &self->scratch->head;
    return self->responses ? troupe_http_framing_decide_response (head, self->seen, self->head_only, self->limits)
                           : troupe_http_framing_decide (head, self->seen, self->limits);
}

//  What follows the head.
static void s_begin_body (troupe_http_parser_t *self, const troupe_http_head_t *head)
{
    self->remaining = head->until_close ? self->limits->body_bytes : head->content_length;
    if (head->chunked)
        troupe_http_chunked_start (&self->chunked);
    self->state = head->chunked ? CHUNKED : head->until_close ? UNTIL_CLOSE : self->remaining ? LENGTH : OVER;
}

//  The empty line: the head is over, and the body's framing known.
static troupe_http_fault_t s_head_over (troupe_http_parser_t *self, troupe_http_event_t *event)
{
    troupe_http_head_t *head = &self->scratch->head;
    const troupe_http_fault_t fault = s_decide (self);
    if (fault != TROUPE_HTTP_FINE)
        return fault;
    if (troupe_http_framing_has_named (self->seen))
        self->kept = (uint16_t) troupe_http_fields_of_hop_remove (self->scratch->fields, self->kept);
    head->fields = self->scratch->fields;
    head->field_count = self->kept;
    s_begin_body (self, head);
    event->kind = TROUPE_HTTP_HEAD;
    event->head = head;
    event->consumed += self->searched;
    self->line = self->searched = self->field_count = 0;
    return TROUPE_HTTP_FINE;
}

//  Before all lines of a head that came in pieces are parsed once more.
static void s_restart_head (troupe_http_parser_t *self)
{
    self->state = REQUEST_LINE;
    self->searched = 0;
    self->field_count = self->kept = self->seen = 0;
    self->resumed = false;
}

//  The lines of a head, from the one under way on.
static void s_head (troupe_http_parser_t *self, const uint8_t *data, size_t size, troupe_http_event_t *event)
{
    troupe_http_fault_t fault;
    const uint8_t *end = NULL;
    while (s_find_line (self, data, size, &end, &fault)) {
        const uint8_t *at = data + self->line;
        const bool empty = at == end && self->state == FIELDS;
        if (empty && !self->resumed)
            fault = s_head_over (self, event);
        else if (empty)
            s_restart_head (self);
        else
            fault = self->state == REQUEST_LINE ? s_start_line (self, at, end) : s_field (self, at, end);
        if (fault != TROUPE_HTTP_FINE || event->kind == TROUPE_HTTP_HEAD)
            break;
        self->line = self->searched;
    }
    self->resumed = true;
    if (fault != TROUPE_HTTP_FINE)
        s_refuse (self, fault, event);
}

//  One empty line before a request is skipped: RFC 9112 2.2.
static void s_start (troupe_http_parser_t *self, const uint8_t *data, size_t size, troupe_http_event_t *event)
{
    if (!self->responses && !self->blank && data [0] == '\r') {
        if (size == 1)
            return;
        self->blank = data [1] == '\n';
        event->consumed = self->blank ? 2 : 0;
    }
    if (size == event->consumed)
        return;
    self->state = REQUEST_LINE;
    s_head (self, data + event->consumed, size - event->consumed, event);
}

static void s_over (troupe_http_parser_t *self, troupe_http_event_t *event)
{
    s_begin_request (self);
    event->kind = TROUPE_HTTP_END;
}

//  Trailers are checked like fields, then forgotten: none of them can do harm as a field.
static void s_trailers (troupe_http_parser_t *self, const uint8_t *data, size_t size, troupe_http_event_t *event)
{
    troupe_http_fault_t fault;
    const uint8_t *end = NULL;
    const uint8_t *at = data;
    const uint8_t *stop = data + size;
    while (s_find_line (self, at, (size_t) (stop - at), &end, &fault)) {
        self->trailer_bytes += self->searched;
        self->searched = 0;
        event->consumed += (size_t) (end + 2 - at);
        if (end == at) {
            s_over (self, event);
            return;
        }
        fault = s_field (self, at, end);
        if (fault != TROUPE_HTTP_FINE)
            break;
        at = end + 2;
    }
    if (fault != TROUPE_HTTP_FINE)
        s_refuse (self, fault, event);
}

static void s_chunked (troupe_http_parser_t *self, const uint8_t *data, size_t size, troupe_http_event_t *event)
{
    const uint8_t *at = data;
    switch (troupe_http_chunked_next (&self->chunked, self->limits, &at, data + size, &event->body, &event->fault)) {
    case TROUPE_HTTP_CHUNKED_DATA:
        event->kind = TROUPE_HTTP_BODY;
        break;
    case TROUPE_HTTP_CHUNKED_FAULT:
        s_refuse (self, event->fault, event);
        break;
    case TROUPE_HTTP_CHUNKED_LAST:
        self->state = TRAILERS;
        break;
    case TROUPE_HTTP_CHUNKED_MORE:
        break;
    }
    event->consumed = (size_t) (at - data);
    if (self->state == TRAILERS)
        s_trailers (self, at, size - event->consumed, event);
}

//  What is there of a body, up to what may be.
static void s_take_body (troupe_http_parser_t *self, const uint8_t *data, size_t size, troupe_http_event_t *event)
{
    const size_t taken = self->remaining < size ? (size_t) self->remaining : size;
    event->kind = TROUPE_HTTP_BODY;
    event->body = (troupe_bytes_t) { data, taken };
    event->consumed = taken;
    self->remaining -= taken;
}

static void s_length (troupe_http_parser_t *self, const uint8_t *data, size_t size, troupe_http_event_t *event)
{
    s_take_body (self, data, size, event);
    if (self->remaining == 0)
        self->state = OVER;
}

static void s_until_close (troupe_http_parser_t *self, const uint8_t *data, size_t size, troupe_http_event_t *event)
{
    if (self->remaining == 0) {
        s_refuse (self, TROUPE_HTTP_BODY_TOO_LARGE, event);
        return;
    }
    s_take_body (self, data, size, event);
}

static void s_next (troupe_http_parser_t *self, const uint8_t *data, size_t size, troupe_http_event_t *event)
{
    switch (self->state) {
    case START:
        s_start (self, data, size, event);
        break;
    case REQUEST_LINE:
    case FIELDS:
        s_head (self, data, size, event);
        break;
    case LENGTH:
        s_length (self, data, size, event);
        break;
    case CHUNKED:
        s_chunked (self, data, size, event);
        break;
    case UNTIL_CLOSE:
        s_until_close (self, data, size, event);
        break;
    default:
        s_trailers (self, data, size, event);
        break;
    }
}

troupe_http_event_kind_t troupe_http_parser_next (troupe_http_parser_t *self, const uint8_t *data, size_t size,
                                                  troupe_http_event_t *event)
{
    *event = (troupe_http_event_t) { .kind = TROUPE_HTTP_MORE };
    if (self->state == DEAD)
        s_refuse (self, (troupe_http_fault_t) self->fault, event);
    else if (self->state == OVER)
        s_over (self, event);
    else if (size > 0)
        s_next (self, data, size, event);
    return event->kind;
}

troupe_http_event_kind_t troupe_http_parser_over (troupe_http_parser_t *self, troupe_http_event_t *event)
{
    *event = (troupe_http_event_t) { .kind = TROUPE_HTTP_MORE };
    if (self->state == DEAD)
        s_refuse (self, (troupe_http_fault_t) self->fault, event);
    else if (self->state == OVER || self->state == UNTIL_CLOSE)
        s_over (self, event);
    else if (!troupe_http_parser_is_idle (self))
        s_refuse (self, TROUPE_HTTP_CUT_SHORT, event);
    return event->kind;
}
