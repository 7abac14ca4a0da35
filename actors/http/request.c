/*  =========================================================================
    request.c - what becomes of a request whose head has come

    Place: actors/http; see ingress.h. What needs no worker is answered here
    and now, and its body thrown away. Everything else is encoded for a worker
    once: whole, when its body is there already, into the buffer of the
    ingress; else into memory of its own, which the body is appended to.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include "body/message.h"

#include <stdlib.h>
#include <string.h>

//  Where an encoded request says how large its body is: see request.h of the public interface.
#define BODY_SIZE_OFFSET 24u

#define ROOM_MIN 4096u

static troupe_text_t s_text (troupe_bytes_t bytes)
{
    const troupe_text_t text = { bytes.data, bytes.size };
    return text;
}

void troupe_http_drop_request (troupe_http_connection_t *self)
{
    troupe_http_exchange_leave (self, true);
    if (self->request_room == 0)
        return;
    self->ingress->body_memory -= self->request_room;
    free (self->request);
    self->request = NULL;
    self->request_size = self->request_room = 0;
}

//  --- Encoding

static bool s_has_room (troupe_http_ingress_t *ingress, size_t size)
{
    if (size <= ingress->encoded_room)
        return true;
    uint8_t *larger = realloc (ingress->encoded, 2 * size);
    if (larger == NULL)
        return false;
    ingress->encoded = larger;
    ingress->encoded_room = 2 * size;
    return true;
}

//  The whole request at once.
static bool s_encode (troupe_http_connection_t *self, const troupe_request_parts_t *parts, size_t size)
{
    troupe_http_ingress_t *ingress = self->ingress;
    const size_t before = self->route->streamed ? TROUPE_BODY_REQUEST_HEAD : 0;
    self->body = TROUPE_HTTP_BODY_ENCODED;
    if (!s_has_room (ingress, before + size))
        return false;
    const troupe_error_t error = troupe_request_encode (parts, ingress->encoded + before, size, &ingress->encoded_size);
    ingress->encoded_size += before;
    return error == TROUPE_OK;
}

//  The head, which is given away at once; the body follows.
static bool s_begin_streaming (troupe_http_connection_t *self, const troupe_request_parts_t *parts, size_t size)
{
    if (!s_encode (self, parts, size) || troupe_http_exchange_begin (self, false) != TROUPE_OK)
        return false;
    self->body = TROUPE_HTTP_BODY_STREAMED;
    return true;
}

//  Makes room for 'more' bytes, within what all bodies together may take.
static bool s_grow (troupe_http_connection_t *self, size_t more)
{
    troupe_http_ingress_t *ingress = self->ingress;
    const size_t needed = self->request_size + more;
    if (needed <= self->request_room)
        return true;
    const size_t room = needed < ROOM_MIN ? ROOM_MIN : 2 * needed;
    if (ingress->body_memory + (room - self->request_room) > ingress->options.body_memory_limit_bytes)
        return false;
    uint8_t *larger = realloc (self->request, room);
    if (larger == NULL)
        return false;
    ingress->body_memory += room - self->request_room;
    self->request = larger;
    self->request_room = room;
    return true;
}

//  All but the body, which follows.
static bool s_begin_collecting (troupe_http_connection_t *self, const troupe_request_parts_t *parts, size_t size)
{
    self->body = TROUPE_HTTP_BODY_COLLECTED;
    return s_grow (self, size)
        && troupe_request_encode (parts, self->request, self->request_room, &self->request_size) == TROUPE_OK;
}

static void s_write_body_size (uint8_t *at, uint64_t size)
{
    for (unsigned index = 0; index < 8; index++)
        at [index] = (uint8_t) (size >> (8 * index));
}

static uint64_t s_body_size (const uint8_t *at)
{
    uint64_t size = 0;
    for (unsigned index = 8; index > 0; index--)
        size = size << 8 | at [index - 1];
    return size;
}

void troupe_http_add_body (troupe_http_connection_t *self, troupe_bytes_t piece)
{
    if (self->body != TROUPE_HTTP_BODY_COLLECTED)
        return;
    if (!s_grow (self, piece.size)) {
        self->keep_alive = false;
        troupe_http_answer_unavailable (self, "There is no memory for the body.");
        return;
    }
    uint8_t *size_at = self->request + BODY_SIZE_OFFSET;
    memcpy (self->request + self->request_size, piece.data, piece.size);
    self->request_size += piece.size;
    s_write_body_size (size_at, s_body_size (size_at) + piece.size);
}

static bool s_begin (troupe_http_connection_t *self, const troupe_request_parts_t *parts, size_t size, bool whole)
{
    if (whole)
        return s_encode (self, parts, size);
    return self->route->streamed ? s_begin_streaming (self, parts, size) : s_begin_collecting (self, parts, size);
}

static void s_prepare (troupe_http_connection_t *self, const troupe_http_head_t *head, troupe_bytes_t rest)
{
    troupe_http_ingress_t *ingress = self->ingress;
    const size_t field_count = self->route->forwarded
        ? troupe_http_add_forwarded (self, ingress->scratch->fields, head->field_count) : head->field_count;
    const bool whole = !head->chunked && head->content_length <= rest.size;
    const troupe_request_parts_t parts = {
        .method = s_text (head->method),
        .path = s_text (head->path),
        .query = s_text (head->query),
        .headers = head->fields,
        .header_count = field_count,
        .body = { rest.data, whole ? (size_t) head->content_length : 0 },
    };
    const size_t size = troupe_request_size (&parts);
    ingress->body_length = head->chunked ? TROUPE_BODY_UNKNOWN : head->content_length;
    if (size == 0)
        troupe_http_answer_problem (self, 431, "A part of the head is too large.");
    else if (field_count == 0 && head->field_count > 0)
        troupe_http_answer_unavailable (self, "There is no memory for the request.");
    else if (!s_begin (self, &parts, size, whole))
        troupe_http_answer_unavailable (self, "There is no memory for the request.");
    else if (self->continue_owed)
        troupe_http_answer_continue (self);
}

//  --- Deciding

//  The value of the Authorization field; without data when there is none.
static troupe_text_t s_authorization (const troupe_http_head_t *head)
{
    for (size_t index = 0; index < head->field_count; index++)
        if (troupe_text_same (head->fields [index].name, troupe_text ("Authorization")))
            return head->fields [index].value;
    return troupe_text (NULL);
}

static void s_route (troupe_http_connection_t *self, const troupe_http_head_t *head, troupe_bytes_t rest)
{
    troupe_door_t *door = &self->ingress->door;
    const troupe_text_t method = s_text (head->method);
    const troupe_route_t *route = troupe_door_find (door, method, s_text (head->path));
    if (route == NULL && !troupe_door_knows (door, method))
        troupe_door_problem (door, 501, "The method is not offered here.");
    const bool open = route && route->token == NULL && !route->authenticated;
    if (!open && (route == NULL || !troupe_door_admits (door, route, s_authorization (head), troupe_text ("")))) {
        troupe_http_answer_response (self);
        return;
    }
    self->route = route;
    if (route->streamed)
        troupe_http_parser_limit (&self->parser, &self->ingress->streamed_limits);
    s_prepare (self, head, rest);
}

//  Whether the body is larger than the route takes, which the parser has not looked at. No route takes none.
static bool s_is_too_large (troupe_http_connection_t *self, const troupe_http_head_t *head)
{
    if (head->content_length <= self->ingress->limits.body_bytes)
        return false;
    const troupe_route_t *route = troupe_door_find (&self->ingress->door, s_text (head->method), s_text (head->path));
    return route == NULL || !route->streamed;
}

void troupe_http_begin_request (troupe_http_connection_t *self, const troupe_http_head_t *head, troupe_bytes_t rest)
{
    const bool has_body = head->chunked || head->content_length > 0;
    self->minor = head->minor;
    self->keep_alive = head->keep_alive;
    self->head_only = head->method.size == 4 && memcmp (head->method.data, "HEAD", 4) == 0;
    self->answered = self->complete = false;
    self->continue_owed = head->expect == TROUPE_HTTP_EXPECT_CONTINUE && has_body && rest.size == 0;
    self->body = TROUPE_HTTP_BODY_DISCARDED;
    troupe_http_parser_limit (&self->parser, &self->ingress->limits);
    self->ingress->counters.requests++;
    if (s_is_too_large (self, head)) {
        self->keep_alive = false;
        troupe_http_answer_problem (self, 413, troupe_http_fault_text (TROUPE_HTTP_BODY_TOO_LARGE));
    }
    else if (head->expect == TROUPE_HTTP_EXPECT_UNKNOWN)
        troupe_http_answer_problem (self, 417, "Only 100-continue can be expected here.");
    else if (troupe_door_health (&self->ingress->door, s_text (head->method), s_text (head->path)))
        troupe_http_answer_response (self);
    else
        s_route (self, head, rest);
}
