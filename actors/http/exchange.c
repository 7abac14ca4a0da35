/*  =========================================================================
    exchange.c - a request that is given to its service in pieces

    Place: actors/http; see ingress.h, and troupe/body.h for what is said. This
    is the request's way there, and the beginning and end of both ways; the
    answer's way back is in respond.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include "body/message.h"

#include <stdlib.h>
#include <string.h>

//  --- Birth and death

static troupe_http_exchange_t *s_new (troupe_http_connection_t *connection)
{
    troupe_http_ingress_t *ingress = connection->ingress;
    troupe_http_exchange_t *self = calloc (1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->ingress = ingress;
    self->connection = connection;
    self->id = troupe_random (ingress->self);
    self->next = ingress->exchanges;
    if (self->next)
        self->next->previous = self;
    ingress->exchanges = self;
    return self;
}

static void s_free (troupe_http_exchange_t *self)
{
    if (self->next)
        self->next->previous = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        self->ingress->exchanges = self->next;
    free (self);
}

void troupe_http_exchange_free_when_done (troupe_http_exchange_t *self)
{
    if (self->connection == NULL && !self->calling && self->pieces == 0 && self->asks == 0)
        s_free (self);
}

void troupe_http_exchange_free_all (troupe_http_ingress_t *ingress)
{
    while (ingress->exchanges)
        //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list, which clang does not follow
        s_free (ingress->exchanges);
}

void troupe_http_exchange_say (troupe_http_exchange_t *self, uint16_t tag)
{
    uint8_t id [TROUPE_BODY_ID_SIZE];
    troupe_body_store (id, self->id);
    //  One that does not arrive is made up for by the service's own time.
    if (troupe_cast (self->service, tag, id, sizeof id) != TROUPE_OK)
        troupe_log (self->ingress->self, TROUPE_LOG_DEBUG, "cannot tell %s how a body goes on",
                    troupe_ref_address (self->service));
}

void troupe_http_exchange_leave (troupe_http_connection_t *connection, bool drop)
{
    troupe_http_exchange_t *self = connection->exchange;
    if (self == NULL)
        return;
    connection->exchange = NULL;
    self->connection = NULL;
    troupe_door_ended (&self->ingress->door);
    //  The call first: who has been told that it is given up does not answer it.
    if (self->calling)
        troupe_door_cancel (&self->ingress->door, &self->call);
    if (drop)
        troupe_http_exchange_say (self, TROUPE_TAG_BODY_DROP);
    troupe_http_exchange_free_when_done (self);
}

//  --- The beginning

//  Before the encoded request: see troupe/body.h.
static void s_put_head (troupe_http_exchange_t *self, uint64_t length)
{
    uint8_t *head = self->ingress->encoded;
    troupe_body_store (head, self->id);
    troupe_body_store (head + 8, length);
}

troupe_error_t troupe_http_exchange_begin (troupe_http_connection_t *connection, bool whole)
{
    troupe_http_ingress_t *ingress = connection->ingress;
    troupe_http_exchange_t *self = s_new (connection);
    if (self == NULL)
        return TROUPE_ENOMEM;
    const int64_t timeout_ms = troupe_door_timeout_ms (&ingress->door, connection->route);
    const troupe_bytes_t encoded = { ingress->encoded, ingress->encoded_size };
    s_put_head (self, ingress->body_length);
    const troupe_error_t error = troupe_door_call_stream (&ingress->door, connection->route, encoded, whole,
                                                          whole ? timeout_ms : TROUPE_FOREVER,
                                                          troupe_http_on_response, self, &self->call, &self->service);
    if (error) {
        s_free (self);
        return error;
    }
    self->calling = true;
    connection->exchange = self;
    return TROUPE_OK;
}

//  --- Pieces of the request

int64_t troupe_http_exchange_timeout_ms (const troupe_http_exchange_t *self, unsigned before)
{
    return self->ingress->options.piece_timeout_ms * (1 + (int64_t) before);
}

bool troupe_http_exchange_is_full (const troupe_http_connection_t *connection)
{
    return connection->body == TROUPE_HTTP_BODY_STREAMED && connection->exchange
        && connection->exchange->pieces == TROUPE_BODY_PIECES;
}

//  False when memory is out.
static bool s_has_room (troupe_http_ingress_t *ingress, size_t size)
{
    if (size <= ingress->piece_room)
        return true;
    uint8_t *larger = realloc (ingress->piece, 2 * size);
    if (larger == NULL)
        return false;
    ingress->piece = larger;
    ingress->piece_room = 2 * size;
    return true;
}

static void s_fail (troupe_http_connection_t *connection, troupe_outcome_t outcome)
{
    connection->keep_alive = false;
    troupe_door_outcome (&connection->ingress->door, outcome);
    troupe_http_answer_response (connection);
}

void troupe_http_exchange_add (troupe_http_connection_t *connection, troupe_bytes_t bytes)
{
    troupe_http_ingress_t *ingress = connection->ingress;
    const size_t size = ingress->piece_size ? ingress->piece_size : TROUPE_BODY_ID_SIZE;
    if (!s_has_room (ingress, size + bytes.size)) {
        s_fail (connection, TROUPE_CALL_FULL);
        return;
    }
    memcpy (ingress->piece + size, bytes.data, bytes.size);
    ingress->piece_size = size + bytes.size;
}

//  All of the request is with the service: from now on it has the route's time to begin the answer.
static void s_await_response (troupe_http_connection_t *connection)
{
    troupe_http_ingress_t *ingress = connection->ingress;
    const int64_t timeout_ms = troupe_door_timeout_ms (&ingress->door, connection->route);
    troupe_http_set_deadline (connection, troupe_now_ms (ingress->self) + timeout_ms);
}

static int s_on_taken (troupe_actor_t *actor, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) actor;
    (void) state;
    (void) reply;
    troupe_http_exchange_t *self = context;
    troupe_http_connection_t *connection = self->connection;
    self->pieces--;
    if (connection == NULL)
        troupe_http_exchange_free_when_done (self);
    else if (outcome != TROUPE_CALL_OK)
        s_fail (connection, outcome);
    else if (connection->phase == TROUPE_HTTP_RECEIVING)
        troupe_http_await_body (connection);
    else if (self->pieces == 0 && !self->begun && connection->phase == TROUPE_HTTP_CALLING)
        s_await_response (connection);
    return 0;
}

void troupe_http_exchange_flush (troupe_http_connection_t *connection, bool last)
{
    troupe_http_ingress_t *ingress = connection->ingress;
    troupe_http_exchange_t *self = connection->exchange;
    const uint16_t tag = last ? TROUPE_TAG_BODY_LAST : TROUPE_TAG_BODY_PIECE;
    const size_t size = ingress->piece_size ? ingress->piece_size : TROUPE_BODY_ID_SIZE;
    if (!last && ingress->piece_size == 0)
        return;
    ingress->piece_size = 0;
    troupe_error_t error = s_has_room (ingress, size) ? TROUPE_OK : TROUPE_ENOMEM;
    if (error == TROUPE_OK) {
        troupe_body_store (ingress->piece, self->id);
        error = troupe_call (self->service, tag, ingress->piece, size,
                             troupe_http_exchange_timeout_ms (self, self->pieces), s_on_taken, self, NULL);
    }
    if (error)
        s_fail (connection, TROUPE_CALL_FULL);
    else
        self->pieces++;
}
