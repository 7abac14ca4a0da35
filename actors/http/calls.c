/*  =========================================================================
    calls.c - from a whole request to a worker's answer

    Place: actors/http; see ingress.h. One hop: the balancer is embedded here.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

static void s_free_request (void *data, void *hint)
{
    (void) hint;
    free (data);
}

static void s_answer_outcome (troupe_http_connection_t *self, troupe_outcome_t outcome)
{
    switch (outcome) {
    case TROUPE_CALL_FAILED:
        troupe_http_answer_problem (self, 500, "The handler failed.");
        break;
    case TROUPE_CALL_TIMEOUT:
        troupe_http_answer_problem (self, 504, "The handler did not answer in time.");
        break;
    case TROUPE_CALL_FULL:
        troupe_http_answer_unavailable (self, "There is too much to do.");
        break;
    default:
        troupe_http_answer_unavailable (self, "Nobody is there to handle it.");
    }
}

static int s_on_reply (troupe_actor_t *actor, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) actor;
    troupe_http_ingress_t *ingress = state;
    troupe_http_connection_t *self = context;
    self->calling = false;
    ingress->in_flight--;
    if (troupe_http_free_when_done (self) || self->phase != TROUPE_HTTP_CALLING)
        return 0;
    troupe_response_view_t view;
    if (outcome != TROUPE_CALL_OK)
        s_answer_outcome (self, outcome);
    else if (troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply), &view) == TROUPE_OK)
        troupe_http_answer (self, &view, reply);
    else
        troupe_http_answer_problem (self, 502, "The handler's answer is malformed.");
    troupe_http_read_on (self);
    return 0;
}

//  A copy of it travels.
static troupe_error_t s_call_bytes (troupe_http_connection_t *self, troupe_ref_t *ref, const void *data, size_t size,
                                    int64_t timeout_ms)
{
    troupe_balancer_t *balancer = self->ingress->balancer;
    const uint16_t tag = TROUPE_TAG_REQUEST;
    if (self->route->idempotent)
        return ref ? troupe_call_idempotent (ref, tag, data, size, timeout_ms, s_on_reply, self, &self->call)
                   : troupe_balancer_call_idempotent (balancer, tag, data, size, timeout_ms, s_on_reply, self,
                                                      &self->call);
    return ref ? troupe_call (ref, tag, data, size, timeout_ms, s_on_reply, self, &self->call)
               : troupe_balancer_call (balancer, tag, data, size, timeout_ms, s_on_reply, self, &self->call);
}

//  The collected request becomes the message's on TROUPE_OK.
static troupe_error_t s_hand_over (troupe_http_connection_t *self, troupe_ref_t *ref, int64_t timeout_ms)
{
    troupe_http_ingress_t *ingress = self->ingress;
    troupe_message_t *message = troupe_message_wrap (TROUPE_TAG_REQUEST, self->request, self->request_size,
                                                     s_free_request, NULL);
    if (message == NULL)
        return TROUPE_ENOMEM;
    self->request = NULL;       //  Freed with the message now, whatever follows
    troupe_http_drop_request (self);
    const troupe_error_t error = ref
        ? troupe_call_message (ref, &message, timeout_ms, s_on_reply, self, &self->call)
        : troupe_balancer_call_message (ingress->balancer, &message, timeout_ms, s_on_reply, self, &self->call);
    troupe_message_destroy (&message);
    return error;
}

//  What may have to be sent twice cannot be handed over.
static troupe_error_t s_call_collected (troupe_http_connection_t *self, troupe_ref_t *ref, int64_t timeout_ms)
{
    if (!self->route->idempotent)
        return s_hand_over (self, ref, timeout_ms);
    const troupe_error_t error = s_call_bytes (self, ref, self->request, self->request_size, timeout_ms);
    troupe_http_drop_request (self);
    return error;
}

static troupe_error_t s_call_encoded (troupe_http_connection_t *self, troupe_ref_t *ref, int64_t timeout_ms)
{
    return s_call_bytes (self, ref, self->ingress->encoded, self->ingress->encoded_size, timeout_ms);
}

static troupe_error_t s_send (troupe_http_connection_t *self)
{
    troupe_http_ingress_t *ingress = self->ingress;
    const troupe_route_t *route = self->route;
    const int64_t timeout_ms = route->deadline_ms ? route->deadline_ms : ingress->options.route_deadline_ms;
    troupe_ref_t *ref = route->service ? troupe_ref (ingress->self, route->service) : NULL;
    self->balanced = route->service == NULL;
    if (ref == NULL && (route->service || ingress->balancer == NULL))
        return TROUPE_ENOENT;
    return self->body == TROUPE_HTTP_BODY_COLLECTED ? s_call_collected (self, ref, timeout_ms)
                                                    : s_call_encoded (self, ref, timeout_ms);
}

void troupe_http_call (troupe_http_connection_t *self)
{
    troupe_http_ingress_t *ingress = self->ingress;
    const bool full = ingress->in_flight >= ingress->options.in_flight_limit;
    const troupe_error_t error = full ? TROUPE_EFULL : s_send (self);
    if (error) {
        s_answer_outcome (self, error == TROUPE_EFULL ? TROUPE_CALL_FULL : TROUPE_CALL_NO_SUCH_ACTOR);
        return;
    }
    self->phase = TROUPE_HTTP_CALLING;
    self->calling = true;
    ingress->in_flight++;
    troupe_http_set_deadline (self, TROUPE_FOREVER);
}

void troupe_http_cancel_call (troupe_http_connection_t *self)
{
    if (self->balanced)
        troupe_balancer_cancel (self->ingress->balancer, self->call);
    else
        troupe_call_cancel (self->ingress->self, self->call);
}
