/*  =========================================================================
    calls.c - from a whole request to a worker's answer

    Place: actors/http; see ingress.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

static void s_free_request (void *data, void *hint)
{
    (void) hint;
    free (data);
}

static int s_on_reply (troupe_actor_t *actor, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) actor;
    troupe_http_ingress_t *ingress = state;
    troupe_http_connection_t *self = context;
    self->calling = false;
    troupe_door_ended (&ingress->door);
    if (troupe_http_free_when_done (self) || self->phase != TROUPE_HTTP_CALLING)
        return 0;
    troupe_response_view_t view;
    if (outcome != TROUPE_CALL_OK) {
        troupe_door_outcome (&ingress->door, outcome);
        troupe_http_answer_response (self);
    }
    else if (troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply), &view) == TROUPE_OK)
        troupe_http_answer (self, &view, reply);
    else
        troupe_http_answer_problem (self, 502, "The handler's answer is malformed.");
    troupe_http_read_on (self);
    return 0;
}

//  The collected request becomes the message's.
static troupe_error_t s_hand_over (troupe_http_connection_t *self, int64_t timeout_ms)
{
    troupe_message_t *message = troupe_message_wrap (TROUPE_TAG_REQUEST, self->request, self->request_size,
                                                     s_free_request, NULL);
    if (message == NULL)
        return TROUPE_ENOMEM;
    self->request = NULL;       //  Freed with the message now, whatever follows
    troupe_http_drop_request (self);
    return troupe_door_call_message (&self->ingress->door, self->route, message, timeout_ms, s_on_reply, self,
                                     &self->call);
}

static troupe_error_t s_send (troupe_http_connection_t *self)
{
    troupe_http_ingress_t *ingress = self->ingress;
    const int64_t timeout_ms = troupe_door_timeout_ms (&ingress->door, self->route);
    const troupe_bytes_t encoded = { ingress->encoded, ingress->encoded_size };
    if (self->route->streamed)
        return troupe_http_exchange_begin (self, true);
    if (self->body == TROUPE_HTTP_BODY_COLLECTED)
        return s_hand_over (self, timeout_ms);
    return troupe_door_call (&ingress->door, self->route, encoded, timeout_ms, s_on_reply, self, &self->call);
}

void troupe_http_call (troupe_http_connection_t *self)
{
    const troupe_error_t error = s_send (self);
    if (error) {
        troupe_door_refused (&self->ingress->door, error);
        troupe_http_answer_response (self);
        return;
    }
    self->phase = TROUPE_HTTP_CALLING;
    self->calling = self->exchange == NULL;
    troupe_http_set_deadline (self, TROUPE_FOREVER);
}

void troupe_http_cancel_call (troupe_http_connection_t *self)
{
    troupe_door_cancel (&self->ingress->door, &self->call);
}
