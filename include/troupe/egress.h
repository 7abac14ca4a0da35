/*  =========================================================================
    troupe/egress.h - somebody else's service over ZeroMQ, as an actor

    Place: include/. A ready behavior. It takes TROUPE_TAG_REQUEST calls, as a
    service does (service.h), and has them answered by servers elsewhere, over
    one connection to each: RPC doors of other troupes, in troupe's own
    framing. So the code that asks (rpc_call.h) does not know that the service
    is far away, nor on how many machines.

        static const troupe_egress_t far = { .servers = "tcp://10.0.0.1:5555 tcp://10.0.0.2:5555" };
        static const troupe_behavior_t users = TROUPE_EGRESS ("users", &far);

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_EGRESS_H_INCLUDED
#define TROUPE_EGRESS_H_INCLUDED

#include "behavior.h"

TROUPE_BEGIN_DECLS

/*  Any number of calls is in flight on a connection, up to the window, and
    answers come in any order. What one turn has for a server is one message.
    Of two servers chosen at random the less busy and faster one gets the
    call. A server that is lost, or silent for three heartbeats of 1 s, gets
    nothing until it is back. What it had is given to another at once when its
    method may be done twice (RFC 9110, 9.2.2), and ends with 503 otherwise;
    what had not been sent waits. One that fails five times in a row (it
    refuses, answers 502, 503 or 504, nonsense, or too late) rests for 30 s,
    or for 1 s when it is the last one; then one call is its probe. 500 is an
    answer like any other.

    Calls that may be done twice are tried up to four times within their time,
    after 25 to 250 ms by chance; all such retries together are at most 20 of
    100 calls of the last ten seconds, or 3. They carry a Request-Id from the
    first attempt on, so that a server with a reply cache does the work once.
    When half of a call's time is over it goes to another server; with
    'hedge_ms' a second server is asked beside the first. A call that its
    caller gives up (troupe_call_cancel, or it ends) waits no longer, and a
    server that has it is told.

    Servers that are programs of other languages (REP or ROUTER, the envelope of
    RFC 28, as rpc.h has it) are sent maps {method, path, headers, body} and
    answer {status, body}, perhaps with headers. Since these have no numbers,
    each connection carries one call at a time, and there are several to each
    server; when a call is not wanted any more its connection is begun anew,
    and no Request-Id is added.

    What the actor answers by itself, as problems (RFC 9457):
      400  what came is no request
      502  the answer is no response, or larger than the limit
      503  who had taken it is lost, or there is too much to do; with Retry-After
      504  the time of the call is over
    Asked to end, it waits for what is in flight, for a while.                           */

//  So many servers one egress may have.
#define TROUPE_EGRESS_SERVERS_MAX 64

//  For 'hedge_ms': as late as 95 of 100 answers are not.
#define TROUPE_EGRESS_HEDGE_P95 INT64_C (-1)

//  The 'constant' of the behavior; zeros mean the defaults. Each is an option of the actor too, under its own name
//  (children/NAME/servers), which comes before it.
typedef struct troupe_egress {
    const char *servers;            //  Their endpoints, with blanks between: tcp://HOST:PORT, ipc:///PATH
    const char *format;             //  What they speak: "troupe", or "smile", "json", "msgpack"; null: troupe
    uint32_t lanes;                 //  For the other formats: connections to one server, at most 64: 8
    uint32_t window;                //  Calls in flight at one server: 1,024
    uint32_t queue_limit;           //  Calls that wait for a server: 1,024; the next ones get 503
    uint32_t answer_limit_bytes;    //  Of one answer: 16 MiB; more is 502
    int64_t hedge_ms;               //  When a second server is asked; 0: never, or TROUPE_EGRESS_HEDGE_P95
    int64_t drain_timeout_ms;       //  For what is in flight when it is asked to end: 4,000; what is left then fails
} troupe_egress_t;

enum {
    //  A call: answers its counters, a line each, "calls 12"; and a line for each server, "tcp://10.0.0.1:5555 up ...".
    TROUPE_EGRESS_STATS = TROUPE_TAG_RESERVED + 0x70,
    //  A call: answers which servers are there, a line for each: "tcp://10.0.0.1:5555 up", or "down". With the last
    //  answer as its payload it is answered once that has changed: who asks again with each answer follows
    //  them. 64 may wait; the next one fails.
    TROUPE_EGRESS_SERVERS
};

//  Callbacks of the behavior, for the macro below.
TROUPE_API int troupe_egress_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_egress_receive (troupe_actor_t *self, void *state, troupe_message_t *message);
TROUPE_API int troupe_egress_drain (troupe_actor_t *self, void *state);
TROUPE_API void troupe_egress_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_EGRESS(NAME, SPEC) { .name = (NAME), .start = troupe_egress_start, \
    .receive = troupe_egress_receive, .drain = troupe_egress_drain, .stop = troupe_egress_stop, .constant = (SPEC) }

TROUPE_END_DECLS

#endif
