/*  =========================================================================
    answer.c - bytes out: a response on its way, and what follows it

    Place: actors/http; see ingress.h. A small body is copied behind its head;
    a large one stays in the message that brought it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

//  Smaller bodies are copied: that is cheaper than keeping their message.
#define KEPT_FROM_BYTES 8192u

//  --- The head

static const char *s_date (troupe_http_ingress_t *ingress)
{
    const int64_t now_ms = troupe_now_ms (ingress->self);
    if (now_ms == ingress->date_turn_ms)
        return ingress->date;
    ingress->date_turn_ms = now_ms;
    const int64_t second = troupe_wall_clock_ms (ingress->self) / 1000;
    if (second != ingress->date_second)
        troupe_http_date_print (second, ingress->date);
    ingress->date_second = second;
    return ingress->date;
}

static bool s_has_room (troupe_http_ingress_t *ingress, size_t size)
{
    if (size <= ingress->head_room)
        return true;
    char *larger = realloc (ingress->head, 2 * size);
    if (larger == NULL)
        return false;
    ingress->head = larger;
    ingress->head_room = 2 * size;
    return true;
}

//  Into ingress->head; 0 when it is no good answer.
static size_t s_write_head (troupe_http_ingress_t *ingress, const troupe_http_answer_t *answer)
{
    if (!s_has_room (ingress, troupe_http_answer_room (answer)))
        return 0;
    return troupe_http_answer_write (answer, ingress->head);
}

//  --- The body

troupe_error_t troupe_http_send_part (troupe_stream_t *stream, troupe_message_t *message, const void *data,
                                      size_t size)
{
    if (message && size >= KEPT_FROM_BYTES)
        return troupe_stream_write_from (stream, message, data, size);
    return troupe_stream_write (stream, data, size);
}

static troupe_error_t s_send_chunks (troupe_stream_t *stream, troupe_message_t *message, troupe_bytes_t body,
                                     uint64_t chunk_bytes)
{
    const uint8_t *at = body.data;
    const uint8_t *end = at + body.size;
    char line [TROUPE_HTTP_CHUNK_ROOM];
    troupe_error_t error = TROUPE_OK;
    while (at < end && error == TROUPE_OK) {
        const size_t left = (size_t) (end - at);
        const size_t size = left < chunk_bytes ? left : (size_t) chunk_bytes;
        error = troupe_stream_write (stream, line, troupe_http_chunk_write (size, at == body.data, line));
        if (error == TROUPE_OK)
            error = troupe_http_send_part (stream, message, at, size);
        at += size;
    }
    return error ? error : troupe_stream_write (stream, line, troupe_http_chunk_write (0, false, line));
}

static troupe_error_t s_send (troupe_http_connection_t *self, size_t head_size, troupe_bytes_t body, bool chunked,
                              troupe_message_t *message)
{
    const troupe_bytes_t parts [2] = { { self->ingress->head, head_size }, body };
    if (!chunked && (message == NULL || body.size < KEPT_FROM_BYTES))
        return troupe_stream_writev (self->stream, parts, body.size ? 2 : 1);
    const troupe_error_t error = troupe_stream_write (self->stream, self->ingress->head, head_size);
    if (error)
        return error;
    if (chunked)
        return s_send_chunks (self->stream, message, body, self->ingress->options.response_chunk_bytes);
    return troupe_http_send_part (self->stream, message, body.data, body.size);
}

//  --- The whole

//  The length that a handler has told of a body that is left out: RFC 9110 8.6. False when it has told none.
static bool s_told_length (const troupe_response_view_t *view, uint64_t *length_p)
{
    const troupe_text_t text = troupe_headers_find (&view->headers, "Content-Length");
    uint64_t length = 0;
    if (text.size == 0 || text.size > 18)
        return false;
    for (size_t index = 0; index < text.size; index++) {
        if (text.data [index] < '0' || text.data [index] > '9')
            return false;
        length = length * 10 + (uint64_t) (text.data [index] - '0');
    }
    *length_p = length;
    return true;
}

bool troupe_http_may_go_on (const troupe_http_connection_t *self)
{
    const troupe_http_ingress_t *ingress = self->ingress;
    return self->keep_alive && !self->continue_owed && !ingress->door.draining
        && self->requests + 1 < ingress->options.connection_limit_requests;
}

static void s_count (troupe_http_counters_t *counters, int status)
{
    counters->answers_2xx += status < 300;
    counters->answers_3xx += status >= 300 && status < 400;
    counters->answers_4xx += status >= 400 && status < 500;
    counters->answers_5xx += status >= 500;
}

void troupe_http_follow (troupe_http_connection_t *self, bool keep_alive)
{
    self->answered = true;
    self->requests++;
    troupe_http_drop_request (self);
    if (keep_alive && self->complete)
        troupe_http_go_on (self);
    else if (!keep_alive && self->complete && !self->keep_alive)
        troupe_http_close (self);       //  The peer has said that it sends no more
    else if (!keep_alive)
        troupe_http_linger (self);
    else
        self->body = TROUPE_HTTP_BODY_DISCARDED;
}

bool troupe_http_send_head (troupe_http_connection_t *self, const troupe_http_answer_t *answer)
{
    troupe_http_ingress_t *ingress = self->ingress;
    troupe_http_answer_t dated = *answer;
    dated.date = s_date (ingress);
    const size_t size = s_write_head (ingress, &dated);
    if (size == 0 || troupe_stream_write (self->stream, ingress->head, size) != TROUPE_OK)
        return false;
    s_count (&ingress->counters, answer->status);
    return true;
}

//  Half an answer cannot be taken back.
static bool s_is_too_late (troupe_http_connection_t *self)
{
    if (self->exchange && self->exchange->begun)
        troupe_http_abort (self);
    return self->phase >= TROUPE_HTTP_LINGERING;
}

void troupe_http_answer (troupe_http_connection_t *self, const troupe_response_view_t *view,
                         troupe_message_t *message)
{
    troupe_http_ingress_t *ingress = self->ingress;
    const bool silent = self->head_only || troupe_http_is_bodiless (view->status);
    const bool keep_alive = troupe_http_may_go_on (self);
    const uint64_t chunk_bytes = ingress->options.response_chunk_bytes;
    uint64_t length = view->body.size;
    if (s_is_too_late (self))
        return;
    const bool told = (self->head_only || view->status == 304) && s_told_length (view, &length);
    const troupe_http_answer_t answer = {
        .status = view->status,
        .headers = &view->headers,
        .length = length,
        .told = told && view->status == 304,
        .unframed = self->head_only && !told && length == 0,
        .chunked = chunk_bytes && view->body.size > chunk_bytes && self->minor == 1 && !silent,
        .minor = self->minor,
        .keep_alive = keep_alive,
        .date = s_date (ingress),
    };
    const size_t head_size = s_write_head (ingress, &answer);
    const troupe_bytes_t body = silent ? (troupe_bytes_t) { NULL, 0 } : view->body;
    if (head_size == 0 && message)
        troupe_http_answer_problem (self, 502, "The handler's answer is no HTTP.");
    else if (head_size == 0 || s_send (self, head_size, body, answer.chunked, message) != TROUPE_OK)
        troupe_http_abort (self);       //  Out of memory: better no answer than half of one
    else {
        s_count (&ingress->counters, view->status);
        troupe_http_follow (self, keep_alive);
    }
}

void troupe_http_answer_response (troupe_http_connection_t *self)
{
    const troupe_bytes_t encoded = troupe_response_encoded (self->ingress->door.response);
    troupe_response_view_t view;
    if (encoded.data && troupe_response_decode (encoded.data, encoded.size, &view) == TROUPE_OK)
        troupe_http_answer (self, &view, NULL);
    else
        troupe_http_abort (self);       //  Out of memory
}

void troupe_http_answer_problem (troupe_http_connection_t *self, int status, const char *detail)
{
    troupe_door_problem (&self->ingress->door, status, detail);
    troupe_http_answer_response (self);
}

void troupe_http_answer_unavailable (troupe_http_connection_t *self, const char *detail)
{
    troupe_door_unavailable (&self->ingress->door, detail);
    troupe_http_answer_response (self);
}

void troupe_http_answer_continue (troupe_http_connection_t *self)
{
    static const char text [] = "HTTP/1.1 100 Continue\r\n\r\n";
    self->continue_owed = false;
    if (troupe_stream_write (self->stream, text, sizeof text - 1) != TROUPE_OK)
        troupe_http_abort (self);
}
