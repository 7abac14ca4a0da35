/*  =========================================================================
    door.h - what every door does, whatever it speaks

    Place: actors/door, private, embedded by the doors of actors/http and
    actors/rpc. It looks a request up, checks its token, gives it away, and
    says in a response what became of it when nobody has answered. Bytes of
    protocols are not known here. The time that a route has, the room for what
    is in flight and the workers are the same for all doors.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_DOOR_DOOR_H_INCLUDED
#define TROUPE_DOOR_DOOR_H_INCLUDED

#include <troupe/balancer.h>
#include <troupe/body.h>
#include <troupe/route.h>

//  How long an option may be in days: one.
#define TROUPE_DOOR_DAY_MS 86400000

//  --- Options: what the configuration says, else the spec, else the default

//  A whole number, of 4 or 8 bytes, somewhere in a struct.
typedef struct troupe_door_option {
    const char *name;
    size_t offset, size;
    int64_t fallback, least, most;
} troupe_door_option_t;

#define TROUPE_DOOR_OPTION(TYPE, NAME, FALLBACK, LEAST, MOST) \
    { #NAME, offsetof (TYPE, NAME), sizeof (((TYPE *) NULL)->NAME), (FALLBACK), (LEAST), (MOST) }

//  Fills 'options' in; 'given' is the same struct out of the spec, where 0 stands for the default.
void troupe_door_options_read (troupe_actor_t *self, const troupe_door_option_t *table, size_t count,
                               const void *given, void *options);

//  --- The door

//  What it is made of. The table and the texts must outlive it.
typedef struct troupe_door_spec {
    const troupe_route_t *routes;
    const char *workers;            //  Before the configuration is asked; null: every route has its own
    unsigned instances;
    const char *live_path, *ready_path;
    troupe_balancer_options_t balancer;
    uint32_t in_flight_limit;
    uint32_t retry_after_s;
    int64_t route_deadline_ms;
} troupe_door_spec_t;

typedef struct troupe_door {
    troupe_actor_t *self;
    troupe_door_spec_t spec;        //  Its paths as the configuration has them
    troupe_router_t *router;
    troupe_balancer_t *balancer;    //  Null: every route has its own service
    troupe_response_t *response;    //  What the door answers by itself
    size_t in_flight;
    bool draining;
} troupe_door_t;

//  A call under way.
typedef struct troupe_door_call {
    troupe_call_t call;
    bool balanced;                  //  It is the balancer's
} troupe_door_call_t;

//  Prepares an empty one. Anything but 0 is what troupe_fail returned; the door is to be closed in any case.
int troupe_door_open (troupe_door_t *self, troupe_actor_t *actor, const troupe_door_spec_t *spec);
void troupe_door_close (troupe_door_t *self);

//  Answers a request for one of the health paths. False when it is for another path.
bool troupe_door_health (troupe_door_t *self, troupe_text_t method, troupe_text_t path);

//  Whether the method is one of HTTP's, or one of the table's.
bool troupe_door_knows (const troupe_door_t *self, troupe_text_t method);

//  Who answers it; null when the door does: the response says what.
const troupe_route_t *troupe_door_find (troupe_door_t *self, troupe_text_t method, troupe_text_t path);

//  Whether the route may be used by who sent this Authorization, without data when there was none, and is that user,
//  empty when nobody knows. False: the response says why not.
bool troupe_door_admits (troupe_door_t *self, const troupe_route_t *route, troupe_text_t authorization,
                         troupe_text_t user);

//  Make the response a problem; the second one tells to try again: 503; the third one says how a call has ended.
void troupe_door_problem (troupe_door_t *self, int status, const char *detail);
void troupe_door_unavailable (troupe_door_t *self, const char *detail);
void troupe_door_outcome (troupe_door_t *self, troupe_outcome_t outcome);

/*  Gives an encoded request to whoever serves the route: a copy of it, or the message itself, which is destroyed in any
    case. Whoever may do it twice gets a copy in any case. What is in flight is counted until troupe_door_ended.
      TROUPE_EFULL    too much is in flight or queued
      TROUPE_ENOENT and every other error: nobody can be given it                                          */
troupe_error_t troupe_door_call (troupe_door_t *self, const troupe_route_t *route, troupe_bytes_t request,
                                 int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                 troupe_door_call_t *call);
troupe_error_t troupe_door_call_message (troupe_door_t *self, const troupe_route_t *route, troupe_message_t *request,
                                         int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                         troupe_door_call_t *call);

/*  The same for a route that is streamed, as TROUPE_TAG_REQUEST_STREAM. *ref_p is who has it. What is not whole is not
    done twice.                                                                                                    */
troupe_error_t troupe_door_call_stream (troupe_door_t *self, const troupe_route_t *route, troupe_bytes_t request,
                                        bool whole, int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                        troupe_door_call_t *call, troupe_ref_t **ref_p);

//  Says in the response why it was not given away.
void troupe_door_refused (troupe_door_t *self, troupe_error_t error);

//  To be called once by every on_reply.
void troupe_door_ended (troupe_door_t *self);

//  Gives a call up: its on_reply gets CANCELLED.
void troupe_door_cancel (troupe_door_t *self, const troupe_door_call_t *call);

//  How long the route may take.
int64_t troupe_door_timeout_ms (const troupe_door_t *self, const troupe_route_t *route);

#endif
