/*  =========================================================================
    call.c - from a whole request to whoever answers it

    Place: actors/door; see door.h. One hop: the balancer is embedded here.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "door.h"

int64_t troupe_door_timeout_ms (const troupe_door_t *self, const troupe_route_t *route)
{
    return route->deadline_ms ? route->deadline_ms : self->spec.route_deadline_ms;
}

//  Whom to ask: a service of the route's own, or null for the balancer.
static troupe_error_t s_choose (troupe_door_t *self, const troupe_route_t *route, troupe_ref_t **ref_p,
                                troupe_door_call_t *call)
{
    *ref_p = route->service ? troupe_ref (self->self, route->service) : NULL;
    call->balanced = route->service == NULL;
    if (self->in_flight >= self->spec.in_flight_limit)
        return TROUPE_EFULL;
    return *ref_p == NULL && (route->service || self->balancer == NULL) ? TROUPE_ENOENT : TROUPE_OK;
}

//  A copy of it travels.
static troupe_error_t s_send_bytes (troupe_door_t *self, const troupe_route_t *route, troupe_ref_t *ref,
                                    troupe_bytes_t request, int64_t timeout_ms, troupe_reply_fn *on_reply,
                                    void *context, troupe_call_t *call)
{
    troupe_balancer_t *balancer = self->balancer;
    const uint16_t tag = TROUPE_TAG_REQUEST;
    const void *data = request.data;
    const size_t size = request.size;
    if (route->idempotent)
        return ref ? troupe_call_idempotent (ref, tag, data, size, timeout_ms, on_reply, context, call)
                   : troupe_balancer_call_idempotent (balancer, tag, data, size, timeout_ms, on_reply, context, call);
    return ref ? troupe_call (ref, tag, data, size, timeout_ms, on_reply, context, call)
               : troupe_balancer_call (balancer, tag, data, size, timeout_ms, on_reply, context, call);
}

troupe_error_t troupe_door_call (troupe_door_t *self, const troupe_route_t *route, troupe_bytes_t request,
                                 int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                 troupe_door_call_t *call)
{
    troupe_ref_t *ref;
    troupe_error_t error = s_choose (self, route, &ref, call);
    if (error == TROUPE_OK)
        error = s_send_bytes (self, route, ref, request, timeout_ms, on_reply, context, &call->call);
    self->in_flight += error == TROUPE_OK;
    return error;
}

troupe_error_t troupe_door_call_stream (troupe_door_t *self, const troupe_route_t *route, troupe_bytes_t request,
                                        bool whole, int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                        troupe_door_call_t *call, troupe_ref_t **ref_p)
{
    const uint16_t tag = TROUPE_TAG_REQUEST_STREAM;
    troupe_error_t error = s_choose (self, route, ref_p, call);
    if (error)
        return error;
    error = route->idempotent && whole
        ? troupe_call_idempotent (*ref_p, tag, request.data, request.size, timeout_ms, on_reply, context, &call->call)
        : troupe_call (*ref_p, tag, request.data, request.size, timeout_ms, on_reply, context, &call->call);
    self->in_flight += error == TROUPE_OK;
    return error;
}

static troupe_error_t s_hand_over (troupe_door_t *self, const troupe_route_t *route, troupe_message_t **request_p,
                                   int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                   troupe_door_call_t *call)
{
    troupe_ref_t *ref;
    troupe_error_t error = s_choose (self, route, &ref, call);
    if (error == TROUPE_OK)
        error = ref ? troupe_call_message (ref, request_p, timeout_ms, on_reply, context, &call->call)
                    : troupe_balancer_call_message (self->balancer, request_p, timeout_ms, on_reply, context,
                                                    &call->call);
    self->in_flight += error == TROUPE_OK;
    return error;
}

troupe_error_t troupe_door_call_message (troupe_door_t *self, const troupe_route_t *route, troupe_message_t *request,
                                         int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                         troupe_door_call_t *call)
{
    const troupe_bytes_t bytes = { troupe_message_data (request), troupe_message_size (request) };
    const troupe_error_t error = route->idempotent
        ? troupe_door_call (self, route, bytes, timeout_ms, on_reply, context, call)
        : s_hand_over (self, route, &request, timeout_ms, on_reply, context, call);
    troupe_message_destroy (&request);
    return error;
}

void troupe_door_ended (troupe_door_t *self)
{
    self->in_flight--;
}

void troupe_door_cancel (troupe_door_t *self, const troupe_door_call_t *call)
{
    if (call->balanced)
        troupe_balancer_cancel (self->balancer, call->call);
    else
        troupe_call_cancel (self->self, call->call);
}
