/*  =========================================================================
    troupe/http.h - the HTTP ingress: an actor that answers over HTTP/1.1

    Place: include/. A ready behavior. It owns its TCP or UNIX connections,
    parses requests strictly (RFC 9112, RFC 9110), looks them up in the same
    table of routes that services answer by (route.h), and gives each to the
    least busy worker, one hop away. What needs no worker it answers itself:
    400, 404, 405, 408, 413, 414, 417, 431, 501, 503, 504, 505, OPTIONS and health, all
    errors as problems (RFC 9457).

        static const troupe_http_t door = { .listen = "127.0.0.1:8080", .routes = routes, .workers = "worker" };
        static const troupe_behavior_t http = TROUPE_HTTP ("http", &door);

    Requests on one connection are answered in order, the next one being
    begun when the one before it is answered. When it is asked to end it stops
    accepting, finishes what is in flight, and ends.

    Every member of troupe_http_options_t is an option of the actor too, under
    its own name (children/NAME/idle_timeout_ms), as are "listen", "workers",
    "instances", "live_path" and "ready_path"; options come before the spec.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  A route that is 'streamed' gives its service the request as soon as its
    head is there, and the body as it comes; the answer goes out as the service
    gives it, in chunks unless its length is known. At most 512 KiB of it are
    held for a connection: a peer that reads slowly makes the service wait.
    The route's deadline is then for the head of the answer, from the end of
    the request on. What ends before its time is aborted, never ended.
*/

#ifndef TROUPE_HTTP_H_INCLUDED
#define TROUPE_HTTP_H_INCLUDED

#include "route.h"

TROUPE_BEGIN_DECLS

//  Limits and times. Zeros mean the defaults.
typedef struct troupe_http_options {
    uint32_t request_line_limit_bytes;      //  8,192; longer is 414
    uint32_t header_limit_bytes;            //  Of all fields: 16,384; more is 431
    uint32_t header_limit_fields;           //  100; more is 431
    uint32_t chunk_extension_limit_bytes;   //  In one body: 4,096; more is 413
    uint64_t body_limit_bytes;              //  1 MiB; more is 413
    uint64_t streamed_body_limit_bytes;     //  Of routes that are streamed: 1 GiB; more is 413
    int64_t header_timeout_ms;              //  From the first byte to the end of the header section: 10,000; else 408
    int64_t body_timeout_ms;                //  For the whole body, unless it is streamed: 60,000; else 408
    uint32_t body_rate_limit_bytes_per_s;   //  A body must come at least so fast, in each five seconds: 300; else 408
    int64_t piece_timeout_ms;               //  How long a service may take for a piece of a streamed body, each of two
                                            //  that are under way: 60,000
    int64_t idle_timeout_ms;                //  Between requests, and between steps of a peer that reads slowly: 75,000
    uint32_t connection_limit_requests;     //  On one connection: 1,000
    int64_t route_deadline_ms;              //  For routes that have none: 15,000; later is 504
    uint32_t connection_limit;              //  10,000; the next ones get 503
    uint32_t in_flight_limit;               //  Requests being answered: 4,096; the next ones get 503
    uint32_t queue_limit;                   //  Of these, so many may wait for a worker: 1,024; the next ones get 503
    uint32_t window;                        //  So many one worker may have: 64
    uint64_t body_memory_limit_bytes;       //  For bodies that come in pieces, of all connections: 256 MiB; more is 503
    uint32_t retry_after_s;                 //  What a 503 tells the peer to wait: 1
    int64_t drain_timeout_ms;               //  For what is in flight when it is asked to end: 5,000
    int64_t linger_read_timeout_ms;         //  After the last answer, for each step of the peer: 5,000
    int64_t linger_timeout_ms;              //  and in all: 30,000
    uint64_t response_chunk_bytes;          //  Larger bodies go to HTTP/1.1 peers in chunks of so many; 0: never
} troupe_http_options_t;

//  The 'constant' of the behavior.
typedef struct troupe_http {
    const char *listen;             //  As for troupe_listen; null: "127.0.0.1:8080"
    const troupe_route_t *routes;   //  Ends with one whose method is null. Handlers are not called here and may be null
    const char *workers;            //  Who serves routes without a 'service': the id of a child, all instances of it,
                                    //  or an address; null: every route has its own
    unsigned instances;             //  How many; 0: as children/WORKERS/instances says, or 1
    const char *live_path;          //  "/health/live", say: answered 200 as long as it runs; null: not answered here
    const char *ready_path;         //  "/health/ready", say: 200, but 503 when ending or without workers; or null
    troupe_http_options_t options;
} troupe_http_t;

enum {
    //  A call: answers where it listens, with the real port, as text: "127.0.0.1:8080".
    TROUPE_HTTP_ADDRESS = TROUPE_TAG_RESERVED + 0x30,
    //  A call: answers its counters, a line each: "requests 12".
    TROUPE_HTTP_STATS
};

//  Callbacks of the behavior, for the macro below.
TROUPE_API int troupe_http_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_http_receive (troupe_actor_t *self, void *state, troupe_message_t *message);
TROUPE_API int troupe_http_drain (troupe_actor_t *self, void *state);
TROUPE_API void troupe_http_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_HTTP(NAME, SPEC) { .name = (NAME), .start = troupe_http_start, .receive = troupe_http_receive, \
    .drain = troupe_http_drain, .stop = troupe_http_stop, .constant = (SPEC) }

TROUPE_END_DECLS

#endif
