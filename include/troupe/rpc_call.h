/*  =========================================================================
    troupe/rpc_call.h - asking a service, wherever it is

    Place: include/. The other half of service.h: a request to the actor of
    that name, and its response. Whether it is an actor here, a pool, an actor
    that was moved to another process or machine, or an egress (egress.h) in
    front of somebody else's servers, is in the configuration and not in the
    code. Only for the actor's own callbacks; nothing here blocks.

        troupe_rpc_call (self, "users", "GET", "/users/7", body, 1000, s_on_user, NULL, NULL);

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_RPC_CALL_H_INCLUDED
#define TROUPE_RPC_CALL_H_INCLUDED

#include "ref.h"
#include "response.h"

TROUPE_BEGIN_DECLS

/*  Ends a call of a service. 'response' is never null, and valid for the callback: what the service has answered with
    TROUPE_CALL_OK, and otherwise a problem (RFC 9457) that says how the call ended, with the status that a door would
    give it (troupe_status_of_outcome): 500, 503, 504. An answer that is no response is TROUPE_CALL_FAILED, 502. (When
    memory is out a problem has a status only.) Return as from receive.                                      */
typedef int (troupe_response_fn) (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                                  const troupe_response_view_t *response, void *context);

/*  Sends a request to 'service', a name or an address as for troupe_ref, and waits for the response in the background,
    for at most 'timeout_ms'. Everything is copied. 'path' may have a query behind a "?". 'on_response' is called
    exactly once, never from within this function, unless this incarnation ends first. *call_p, if not null, is a handle
    for troupe_call_cancel. Methods that may be done twice (troupe_method_is_idempotent) are, once, when who had taken
    the request is lost.
      TROUPE_EINVAL    the address is malformed, or an argument is null
      TROUPE_ETOOBIG   larger than a request, or a message to this service, can be
      TROUPE_ENOMEM, TROUPE_EFILES
    On an error no call was begun.                                                                           */
TROUPE_API troupe_error_t troupe_rpc_call (troupe_actor_t *self, const char *service, const char *method,
                                           const char *path, troupe_bytes_t body, int64_t timeout_ms,
                                           troupe_response_fn *on_response, void *context, troupe_call_t *call_p);

//  The same for a request with headers, and without taking the path apart.
TROUPE_API troupe_error_t troupe_rpc_call_parts (troupe_actor_t *self, const char *service,
                                                 const troupe_request_parts_t *parts, int64_t timeout_ms,
                                                 troupe_response_fn *on_response, void *context,
                                                 troupe_call_t *call_p);

//  True for GET, HEAD, PUT, DELETE, OPTIONS and TRACE: doing them twice is meant to be as doing them once (RFC 9110,
//  9.2.2). Any thread.
TROUPE_API bool troupe_method_is_idempotent (troupe_text_t method);

TROUPE_END_DECLS

#endif
