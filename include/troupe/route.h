/*  =========================================================================
    troupe/route.h - one table of routes, for every door

    Place: include/. A table says which handler answers which method and
    path. A service (service.h) calls the handlers; a door uses the same table
    to know deadlines, to refuse what nobody answers, and to find the service.

    Patterns: "/users/:id" takes one segment as the parameter 'id', never an
    empty one; "/files/" and a star with a name at the end take the rest of the
    path, which may be empty. Everything else is literal. Segment by segment a literal
    beats a parameter, and that beats the rest. "/users/" is not "/users".
    A path is compared decoded (RFC 3986, 6.2.2.2); an encoded slash stays in
    its segment. Bad escapes, an encoded null, what is not UTF-8, "." and ".."
    as segments, and an encoded slash within the rest are bad paths.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_ROUTE_H_INCLUDED
#define TROUPE_ROUTE_H_INCLUDED

#include "behavior.h"
#include "response.h"

TROUPE_BEGIN_DECLS

/*  Answers one request by filling 'response'. Return 0; anything else ends the incarnation as from receive, and the
    caller gets FAILED (500). To answer later, take the caller out with troupe_defer (self, request->message), return
    0, and use troupe_service_answer then; to pass it on, troupe_delegate (self, request->message, ref). 'response' is
    then ignored.                                                                                                */
typedef int (troupe_handler_fn) (troupe_actor_t *self, void *state, const troupe_request_t *request,
                                 troupe_response_t *response);

//  Constant data; a table of them ends with one whose method is null.
typedef struct troupe_route {
    const char *method;         //  "GET", in capitals, which answers HEAD too; at most 16 different ones in a table
    const char *pattern;        //  "/users/:id"
    troupe_handler_fn *handler; //  May be null in the table of a door that has it served elsewhere
    int64_t deadline_ms;        //  How long an answer may take; 0: TROUPE_ROUTE_DEADLINE_MS
    const char *service;        //  The address that serves it, for doors: an actor or a pool; null: the door's default
    const void *constant;       //  For the handler, as request->route->constant
    const char *token;          //  Path of the configuration value, "tokens/private", that a request must bring as
                                //  Authorization: Bearer VALUE. Doors answer 401 without one, 403 for another, and 403
                                //  to everybody when there is no such value. null: no token is needed
    bool authenticated;         //  Only for who has shown a certificate of security/allowed (request->user): doors
                                //  answer 403 to all others, and so to everybody over HTTP
    bool idempotent;            //  May be done twice (RFC 9110, 9.2.2): is, once, when who had taken it is lost
    bool streamed;              //  The service takes and gives bodies in pieces (body.h), from doors that can: HTTP.
                                //  'service' is then the actor itself, no pool: all pieces must reach the same one
    bool forwarded;             //  Doors that know the peer's address add it to X-Forwarded-For, for services that are
                                //  servers of their own (upstream.h)
} troupe_route_t;

#define TROUPE_ROUTE_DEADLINE_MS 15000
#define TROUPE_METHODS_MAX 16
#define TROUPE_METHOD_SIZE_MAX 15

//  The deadline of a route, with the default in place of 0. Any thread.
TROUPE_API int64_t troupe_route_deadline_ms (const troupe_route_t *route);

//  A table made ready for matching. Constant once made: any thread may match, the maker destroys.
typedef struct troupe_router troupe_router_t;

typedef enum {
    TROUPE_ROUTE_FOUND = 0,
    TROUPE_ROUTE_NOT_FOUND,             //  404: no pattern takes this path
    TROUPE_ROUTE_METHOD_NOT_ALLOWED,    //  405: one does, but not with this method; 'allow' is set
    TROUPE_ROUTE_OPTIONS,               //  204: OPTIONS, which the table answers by itself; 'allow' is set
    TROUPE_ROUTE_BAD_PATH               //  400
} troupe_route_outcome_t;

//  What was found. Only the fields named for the outcome are set.
typedef struct troupe_route_match {
    const troupe_route_t *route;        //  FOUND
    bool head;                          //  FOUND: it is HEAD, answered by GET's handler
    size_t param_count;                 //  FOUND
    troupe_param_t params [TROUPE_PARAMS_MAX];  //  FOUND: values are views into the path, still encoded
    char allow [TROUPE_METHODS_MAX * (TROUPE_METHOD_SIZE_MAX + 2) + 32];   //  "GET, HEAD, OPTIONS"
} troupe_route_match_t;

/*  Compiles a table, which must outlive the router. The caller owns *router_p.
      TROUPE_EINVAL  a method or pattern is malformed, or comes twice; 'complaint' (may be null) says which, in one line
      TROUPE_ENOMEM                                                                                              */
TROUPE_API troupe_error_t troupe_router_new (const troupe_route_t *routes, troupe_router_t **router_p,
                                             char *complaint, size_t complaint_size);

//  Destroys it and nulls the pointer; does nothing with a null one.
TROUPE_API void troupe_router_destroy (troupe_router_t **router_p);

//  Finds who answers. 'path' is encoded and without query; "*" with OPTIONS stands for the whole table. Allocates
//  nothing.
TROUPE_API troupe_route_outcome_t troupe_router_match (const troupe_router_t *router, troupe_text_t method,
                                                       troupe_text_t path, troupe_route_match_t *match);

TROUPE_END_DECLS

#endif
