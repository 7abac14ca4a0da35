/*  =========================================================================
    troupe/service.h - an actor that answers requests by a table of routes

    Place: include/. A ready behavior: it takes TROUPE_TAG_REQUEST calls,
    finds the route, calls its handler and sends the response. 400, 404 and
    405 it answers by itself, as problems (RFC 9457). It may run alone, or as
    several instances behind a balancer.

        static const troupe_service_t users = { .routes = routes };
        static const troupe_behavior_t users_behavior = TROUPE_SERVICE ("users", &users);

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_SERVICE_H_INCLUDED
#define TROUPE_SERVICE_H_INCLUDED

#include "ref.h"
#include "route.h"

TROUPE_BEGIN_DECLS

//  The 'constant' of the behavior; callbacks may be null. Their 'state', and that of the handlers, is your own:
//  what your 'start' has set.
typedef struct troupe_service {
    const troupe_route_t *routes;   //  Ends with one whose method is null
    troupe_start_fn *start;
    troupe_receive_fn *receive;     //  Every other message
    troupe_stop_fn *stop;
} troupe_service_t;

//  Callbacks of the behavior, for the macro below.
TROUPE_API int troupe_service_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_service_receive (troupe_actor_t *self, void *state, troupe_message_t *message);
TROUPE_API void troupe_service_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_SERVICE(NAME, SPEC) { .name = (NAME), .start = troupe_service_start, \
    .receive = troupe_service_receive, .stop = troupe_service_stop, .constant = (SPEC) }

//  Your own state out of the actor's: timers, replies and streams of a service get the service's state, not yours.
TROUPE_API void *troupe_service_state (void *state);

/*  Answers a request whose caller was deferred; destroys the caller and nulls the pointer, regardless of success. The
    response stays yours. Errors as for troupe_answer; TROUPE_ENOMEM too when the response is incomplete: the caller
    then gets FAILED. Only for the actor's own callbacks; does not block.                                         */
TROUPE_API troupe_error_t troupe_service_answer (troupe_caller_t **caller_p, troupe_response_t *response);

//  Answers the request in 'message' at once, as a handler would, for behaviors that take requests by themselves. Errors
//  as for troupe_reply. Only for the actor's own callbacks; does not block.
TROUPE_API troupe_error_t troupe_service_reply (troupe_actor_t *self, troupe_message_t *message,
                                                troupe_response_t *response);

TROUPE_END_DECLS

#endif
