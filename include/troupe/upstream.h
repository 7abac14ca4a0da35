/*  =========================================================================
    troupe/upstream.h - an existing web server as an actor

    Place: include/. A ready behavior. It takes requests (request.h), whole as
    a service does or in pieces (body.h), and has them answered by a web server
    that speaks HTTP/1.1 (RFC 9112), over connections that it keeps. So a door
    reaches the old system by a route whose 'service' is this actor.

        static const troupe_upstream_t old = { .upstream = "http://127.0.0.1:9000", .prefix = "/legacy" };
        static const troupe_behavior_t legacy = TROUPE_UPSTREAM ("legacy", &old);

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  Requests go out with the server's Host, without what ends at this hop
    (RFC 9110 7.6.1), with Via, X-Forwarded-Host and X-Forwarded-Proto.
    X-Forwarded-For goes out as it comes: a door adds to it where the route
    says so ('forwarded' in route.h). A Location that points at the server
    itself, by its URL or as an absolute path, comes back as the path that
    clients reach it by, the prefix put before it; others stay. The length
    that an answer to HEAD, or 304, tells is passed on. Answers are read strictly.

    Where the route is 'streamed' (route.h) bodies go through in pieces, both
    ways at once, as body.h says: the server gets the request while it comes,
    and is read while the answer is asked for; neither is held here but for
    512 KiB a connection. A request without a known length goes out in chunks;
    to a server whose last answer was HTTP/1.0 it is 411 instead. A server may
    answer before it has all of a request; its connection is then not kept.
    Trailers and 1xx are not passed on. Elsewhere, and for other callers, a
    request and a response are whole messages, held in memory.

    What the actor answers by itself, as problems (RFC 9457):
      400  the request cannot be written as HTTP/1.1
      404  there is no upstream, or the path is not below the prefix
      411  a body of unknown length for a server that takes no chunks
      501  CONNECT
      502  the server's answer is malformed, too large, or ended too early; once the answer has begun, its body fails
      503  no server can be reached, or there is too much to do; with Retry-After
      504  the server has not answered in time
    A request whose kept connection ends before any byte of its answer is sent
    once more, on a fresh one, when its method is idempotent (RFC 9110 9.2.2)
    and no piece of its body has been sent.
    When the time of a call is over, or its caller has gone, its connection is
    dropped. Nothing is ever pipelined.

    Every member of troupe_upstream_options_t is an option of the actor too,
    under its own name (children/NAME/connection_limit), as are "upstream",
    "servers", "host", "prefix" and "keep_prefix" (0 or 1); options come before the spec.
*/

#ifndef TROUPE_UPSTREAM_H_INCLUDED
#define TROUPE_UPSTREAM_H_INCLUDED

#include "behavior.h"
#include "response.h"

TROUPE_BEGIN_DECLS

//  So many servers one upstream may have.
#define TROUPE_UPSTREAM_SERVERS_MAX 32

//  Limits and times. Zeros mean the defaults.
typedef struct troupe_upstream_options {
    uint32_t connection_limit;              //  To all servers together: 64
    uint32_t queue_limit;                   //  Requests that wait for one: 1,024; the next ones get 503
    uint32_t status_line_limit_bytes;       //  8,192; longer is 502
    uint32_t header_limit_bytes;            //  Of all fields: 16,384; more is 502
    uint32_t header_limit_fields;           //  100; more is 502
    uint32_t chunk_extension_limit_bytes;   //  In one body: 4,096; more is 502
    uint32_t interim_limit;                 //  Responses of 1xx before the real one: 8; more is 502
    uint32_t retry_after_s;                 //  What a 503 tells the caller to wait: 1
    uint64_t body_limit_bytes;              //  Of a response that is given whole: 8 MiB; more is 502
    uint64_t streamed_body_limit_bytes;     //  Of one in pieces: 1 TiB; more ends it
    int64_t connect_timeout_ms;             //  3,000; then the next server
    int64_t response_timeout_ms;            //  From the request's arrival to the end of the answer: 15,000; or what the
                                            //  caller gives, if that is less; later is 504. In pieces: from the end of
                                            //  the request to the head of the answer; then the caller's time counts
    int64_t idle_timeout_ms;                //  How long a connection is kept; less if the server says so: 60,000
    int64_t server_pause_ms;                //  One that could not be reached is the last choice for so long: 1,000
} troupe_upstream_options_t;

//  The 'constant' of the behavior.
typedef struct troupe_upstream {
    const char *upstream;       //  "http://HOST[:PORT][/PATH]", PATH being put before what is asked for; null: none
    const char *path;           //  Path of a configuration value, "routes/legacy", that comes before 'upstream', and
                                //  after the actor's own option; null: none
    const char *servers;        //  More servers that answer the same, "HOST:PORT HOST:PORT"; null: none
    const char *host;           //  For the Host field of all of them; null: as the upstream's URL has it
    const char *prefix;         //  "/legacy": taken off the paths; null: none
    bool keep_prefix;           //  It is not taken off, only demanded
    troupe_upstream_options_t options;
} troupe_upstream_t;

enum {
    //  A call: answers its counters, a line each: "requests 12".
    TROUPE_UPSTREAM_STATS = TROUPE_TAG_RESERVED + 0x60
};

//  Callbacks of the behavior, for the macro below.
TROUPE_API int troupe_upstream_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_upstream_receive (troupe_actor_t *self, void *state, troupe_message_t *message);
TROUPE_API int troupe_upstream_drain (troupe_actor_t *self, void *state);
TROUPE_API void troupe_upstream_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_UPSTREAM(NAME, SPEC) { .name = (NAME), .start = troupe_upstream_start, \
    .receive = troupe_upstream_receive, .drain = troupe_upstream_drain, .stop = troupe_upstream_stop, \
    .constant = (SPEC) }

TROUPE_END_DECLS

#endif
