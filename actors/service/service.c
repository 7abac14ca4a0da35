/*  =========================================================================
    service/service.c - answers requests by a table of routes

    Place: actors/, on the public interface. A request is read in place, the
    response is built in one buffer that serves request after request: a
    request that needs nothing unusual allocates nothing here.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/service.h>

#include <stdlib.h>

#define S_ROOM_MIN 256u

typedef struct s_service {
    const troupe_service_t *spec;
    troupe_router_t *router;
    troupe_response_t *response;
    char *room;                 //  For what is decoded of a request
    size_t room_size;
    void *user;                 //  What the spec's own start has set
    bool started;
} s_service_t;

//  --- Begin and end

static int s_prepare (troupe_actor_t *self, s_service_t *service)
{
    char complaint [128];
    troupe_error_t error = troupe_router_new (service->spec->routes, &service->router, complaint, sizeof complaint);
    if (error == TROUPE_EINVAL)
        return troupe_fail (self, TROUPE_EINVAL, "the table of routes: %s", complaint);
    service->response = error ? NULL : troupe_response_new ();
    if (!service->response)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the table of routes");
    return 0;
}

int troupe_service_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    s_service_t *service = calloc (1, sizeof *service);
    if (!service)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the service");
    *state_p = service;
    service->spec = troupe_behavior (self)->constant;
    int result = s_prepare (self, service);
    if (result == 0 && service->spec->start)
        result = service->spec->start (self, &service->user, args, args_size);
    service->started = result == 0;
    return result;
}

void troupe_service_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    s_service_t *service = state;
    if (service->spec->stop && (service->started || service->user))
        service->spec->stop (self, service->user, reason);
    troupe_router_destroy (&service->router);
    troupe_response_destroy (&service->response);
    free (service->room);
    free (service);
}

void *troupe_service_state (void *state)
{
    s_service_t *service = state;
    return service->user;
}

//  --- Answers

troupe_error_t troupe_service_reply (troupe_actor_t *self, troupe_message_t *message, troupe_response_t *response)
{
    troupe_bytes_t bytes = troupe_response_encoded (response);
    if (bytes.data)
        return troupe_reply (self, message, bytes.data, bytes.size);
    troupe_reply_failure (self, message, "out of memory for the response");
    return TROUPE_ENOMEM;
}

troupe_error_t troupe_service_answer (troupe_caller_t **caller_p, troupe_response_t *response)
{
    troupe_bytes_t bytes = troupe_response_encoded (response);
    if (bytes.data)
        return troupe_answer (caller_p, bytes.data, bytes.size);
    troupe_answer_failure (caller_p, "out of memory for the response");
    return TROUPE_ENOMEM;
}

//  --- Requests

static bool s_make_room (s_service_t *service, size_t size)
{
    if (size <= service->room_size)
        return true;
    size_t room_size = size < S_ROOM_MIN ? S_ROOM_MIN : 2 * size;
    char *room = realloc (service->room, room_size);
    if (!room)
        return false;
    service->room = room;
    service->room_size = room_size;
    return true;
}

//  Fills the response with what a table answers by itself. False when a handler is to answer.
static bool s_answer_by_table (troupe_response_t *response, troupe_route_outcome_t outcome,
                               const troupe_route_match_t *match)
{
    switch (outcome) {
        case TROUPE_ROUTE_FOUND:
            if (match->route->handler)
                return false;
            troupe_response_problem (response, 404, NULL);
            break;
        case TROUPE_ROUTE_METHOD_NOT_ALLOWED:
            troupe_response_problem (response, 405, "allowed: %s", match->allow);
            troupe_response_header (response, "Allow", match->allow);
            break;
        case TROUPE_ROUTE_OPTIONS:
            troupe_response_status (response, 204);
            troupe_response_header (response, "Allow", match->allow);
            break;
        case TROUPE_ROUTE_BAD_PATH:
            troupe_response_problem (response, 400, "malformed path");
            break;
        default:
            troupe_response_problem (response, 404, NULL);
    }
    return true;
}

//  Finds the route and calls its handler; returns what that returned.
static int s_handle (troupe_actor_t *self, s_service_t *service, troupe_request_t *request)
{
    troupe_response_t *response = service->response;
    troupe_route_match_t match;
    troupe_route_outcome_t outcome = troupe_router_match (service->router, request->method, request->path, &match);
    if (s_answer_by_table (response, outcome, &match))
        return 0;
    if (!s_make_room (service, troupe_request_bind_size (request)))
        return troupe_fail_error (self, TROUPE_ENOMEM, "a request");
    if (troupe_request_bind (request, &match, service->room, service->room_size)) {
        troupe_response_problem (response, 400, "malformed query");
        return 0;
    }
    return match.route->handler (self, service->user, request, response);
}

static int s_receive_request (troupe_actor_t *self, s_service_t *service, troupe_message_t *message)
{
    troupe_request_t request;
    int result = 0;
    troupe_response_reset (service->response);
    if (troupe_request_from_message (message, &request) == TROUPE_OK)
        result = s_handle (self, service, &request);
    else
        troupe_response_problem (service->response, 400, "malformed request");
    //  A handler may have deferred or delegated the call: the answer is then not this one, and is refused.
    if (result == 0)
        troupe_service_reply (self, message, service->response);
    return result;
}

int troupe_service_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_service_t *service = state;
    if (troupe_message_tag (message) == TROUPE_TAG_REQUEST)
        return s_receive_request (self, service, message);
    if (service->spec->receive)
        return service->spec->receive (self, service->user, message);
    if (troupe_message_is_call (message))
        troupe_reply_failure (self, message, "%s takes requests only", troupe_behavior (self)->name);
    else
        troupe_log (self, TROUPE_LOG_WARNING, "takes requests only: a message with tag %u is lost",
                    (unsigned) troupe_message_tag (message));
    return 0;
}
