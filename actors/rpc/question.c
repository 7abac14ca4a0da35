/*  =========================================================================
    question.c - what becomes of a question

    Place: actors/rpc; see ingress.h. What needs no worker is answered here and
    now; everything else is given away, and its reply is the answer.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

#define USER_SIZE_OFFSET 6u

//  --- Answers

//  Who waits for the same is answered too. 'view' is the response decoded, or null.
static void s_finish (troupe_rpc_inquiry_t *self, troupe_bytes_t response, const troupe_response_view_t *view,
                      bool keep)
{
    troupe_rpc_ingress_t *ingress = self->ingress;
    if (!self->unwanted && view)
        troupe_rpc_send_view (self, response, view);
    else if (!self->unwanted)
        troupe_rpc_send_response (self, response);
    troupe_rpc_cache_answered (self, response, keep);
    troupe_rpc_inquiry_free (self);
    troupe_rpc_exit_when_done (ingress);
}

void troupe_rpc_answer_response (troupe_rpc_inquiry_t *self)
{
    s_finish (self, troupe_response_encoded (self->ingress->door.response), NULL, false);
}

void troupe_rpc_answer_problem (troupe_rpc_inquiry_t *self, int status, const char *detail)
{
    troupe_door_problem (&self->ingress->door, status, detail);
    troupe_rpc_answer_response (self);
}

void troupe_rpc_answer_unavailable (troupe_rpc_inquiry_t *self, const char *detail)
{
    troupe_door_unavailable (&self->ingress->door, detail);
    troupe_rpc_answer_response (self);
}

void troupe_rpc_exit_when_done (troupe_rpc_ingress_t *ingress)
{
    if (ingress->door.draining && ingress->door.in_flight == 0 && ingress->dirty == NULL)
        troupe_exit (ingress->self);
}

//  What may have been done must not be done again, unless doing it twice is as doing it once.
static bool s_is_to_be_kept (const troupe_rpc_inquiry_t *self, troupe_outcome_t outcome)
{
    switch (outcome) {
    case TROUPE_CALL_OK:
    case TROUPE_CALL_FAILED:
        return true;
    case TROUPE_CALL_TIMEOUT:
    case TROUPE_CALL_DOWN:
        return !self->route->idempotent;
    default:
        return false;
    }
}

static int s_on_reply (troupe_actor_t *actor, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) actor;
    troupe_rpc_ingress_t *ingress = state;
    troupe_rpc_inquiry_t *self = context;
    troupe_response_view_t view;
    troupe_bytes_t response = { troupe_message_data (reply), troupe_message_size (reply) };
    const bool keep = s_is_to_be_kept (self, outcome);
    troupe_door_ended (&ingress->door);
    if (outcome != TROUPE_CALL_OK)
        troupe_door_outcome (&ingress->door, outcome);
    else if (troupe_response_decode (response.data, response.size, &view) != TROUPE_OK)
        troupe_door_problem (&ingress->door, 502, "The handler's answer is malformed.");
    else {
        s_finish (self, response, &view, keep);
        return 0;
    }
    s_finish (self, troupe_response_encoded (ingress->door.response), NULL, keep);
    return 0;
}

//  --- Questions

static int64_t s_timeout_ms (const troupe_rpc_inquiry_t *self)
{
    const int64_t most_ms = troupe_door_timeout_ms (&self->ingress->door, self->route);
    const int64_t left_ms = self->left_us / 1000 + (self->left_us % 1000 > 0);
    return left_ms < most_ms ? left_ms : most_ms;
}

static bool s_is_full (const troupe_rpc_inquiry_t *self)
{
    const troupe_rpc_ingress_t *ingress = self->ingress;
    return self->asker->connection->in_flight > ingress->options.peer_in_flight_limit
        || ingress->door.in_flight >= ingress->options.in_flight_limit;
}

//  False when it has been answered, or waits.
static bool s_prepare (troupe_rpc_inquiry_t *self, const void *data, size_t size)
{
    troupe_door_t *door = &self->ingress->door;
    troupe_request_t request;
    self->ingress->counters.questions++;
    if (troupe_request_decode (data, size, &request) != TROUPE_OK)
        troupe_door_problem (door, 400, "The request is malformed.");
    else if (request.body.size > self->ingress->options.body_limit_bytes)
        troupe_door_problem (door, 413, NULL);
    else {
        self->head_only = troupe_text_is (request.method, "HEAD");
        const bool health = troupe_door_health (door, request.method, request.path);
        self->route = health ? NULL : troupe_door_find (door, request.method, request.path);
        if (self->route && troupe_door_admits (door, self->route, troupe_request_header (&request, "Authorization"),
                                               request.user)) {
            if (!door->draining && !s_is_full (self) && self->left_us > 0)
                return troupe_rpc_cache_look (self, &request) == TROUPE_RPC_NEW;
            troupe_door_outcome (door, self->left_us <= 0 ? TROUPE_CALL_TIMEOUT
                                     : door->draining ? TROUPE_CALL_DOWN : TROUPE_CALL_FULL);
        }
    }
    troupe_rpc_answer_response (self);
    return false;
}

static void s_after_call (troupe_rpc_inquiry_t *self, troupe_error_t error)
{
    self->called = error == TROUPE_OK;
    if (self->called)
        return;
    troupe_door_refused (&self->ingress->door, error);
    troupe_rpc_answer_response (self);
}

static void s_ask (troupe_rpc_inquiry_t *self, const void *request, size_t size)
{
    const troupe_bytes_t bytes = { request, size };
    if (s_prepare (self, request, size))
        s_after_call (self, troupe_door_call (&self->ingress->door, self->route, bytes, s_timeout_ms (self),
                                              s_on_reply, self, &self->call));
}

static void s_free_request (void *data, void *hint)
{
    (void) hint;
    free (data);
}

void troupe_rpc_ask_owned (troupe_rpc_inquiry_t *self, void *request, size_t size)
{
    if (!s_prepare (self, request, size)) {
        free (request);
        return;
    }
    troupe_message_t *message = troupe_message_wrap (TROUPE_TAG_REQUEST, request, size, s_free_request, NULL);
    if (message == NULL) {
        free (request);
        s_after_call (self, TROUPE_ENOMEM);
        return;
    }
    s_after_call (self, troupe_door_call_message (&self->ingress->door, self->route, message, s_timeout_ms (self),
                                                  s_on_reply, self, &self->call));
}

//  Whoever it names is not for the client to say: 'size' is that of a request which is right.
static void s_ask_for (troupe_rpc_inquiry_t *self, const void *request, size_t size, troupe_text_t user)
{
    const size_t room = size + user.size + 1;
    size_t copied = 0;
    void *copy = malloc (room);
    if (copy == NULL) {
        self->ingress->counters.questions++;
        troupe_rpc_answer_unavailable (self, "There is no memory for the request.");
        return;
    }
    troupe_request_copy_for (request, size, user, copy, room, &copied);
    troupe_rpc_ask_owned (self, copy, copied);
}

//  In what may be an encoded request (troupe/request.h).
static bool s_names_nobody (const uint8_t *request, size_t size)
{
    return size < USER_SIZE_OFFSET + 2 || (request [USER_SIZE_OFFSET] == 0 && request [USER_SIZE_OFFSET + 1] == 0);
}

void troupe_rpc_ask (troupe_rpc_inquiry_t *self, const void *request, size_t size)
{
    const troupe_text_t user = troupe_text (self->asker->user);
    troupe_request_t read;
    if ((user.size || !s_names_nobody (request, size)) && troupe_request_decode (request, size, &read) == TROUPE_OK)
        s_ask_for (self, request, size, user);
    else
        s_ask (self, request, size);
}
