/*  =========================================================================
    options.c - the options of the HTTP ingress

    Place: actors/http; see ingress.h. An option is what the configuration
    says, else the spec, else the default.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#define OPTION(NAME, FALLBACK, LEAST, MOST) \
    TROUPE_DOOR_OPTION (troupe_http_options_t, NAME, FALLBACK, LEAST, MOST)

static const troupe_door_option_t s_options [] = {
    OPTION (request_line_limit_bytes, 8192, 64, 1 << 20),
    OPTION (header_limit_bytes, 16384, 64, 1 << 20),
    OPTION (header_limit_fields, 100, 1, 1000),
    OPTION (chunk_extension_limit_bytes, 4096, 0, 1 << 20),
    OPTION (body_limit_bytes, 1 << 20, 0, 1 << 30),
    OPTION (streamed_body_limit_bytes, 1 << 30, 0, INT64_C (1) << 50),
    OPTION (header_timeout_ms, 10000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (body_timeout_ms, 60000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (body_rate_limit_bytes_per_s, 300, 0, 1 << 30),
    OPTION (piece_timeout_ms, 60000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (idle_timeout_ms, 75000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (connection_limit_requests, 1000, 1, INT32_MAX),
    OPTION (route_deadline_ms, TROUPE_ROUTE_DEADLINE_MS, 1, TROUPE_DOOR_DAY_MS),
    OPTION (connection_limit, 10000, 1, 1 << 20),
    OPTION (in_flight_limit, 4096, 1, 1 << 20),
    OPTION (queue_limit, 1024, 1, 1 << 20),
    OPTION (window, 64, 1, 1 << 20),
    OPTION (body_memory_limit_bytes, 1 << 28, 1, INT64_C (1) << 40),
    OPTION (retry_after_s, 1, 1, 86400),
    OPTION (drain_timeout_ms, 5000, 0, TROUPE_DOOR_DAY_MS),
    OPTION (linger_read_timeout_ms, 5000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (linger_timeout_ms, 30000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (response_chunk_bytes, 0, 0, 1 << 30),
};

void troupe_http_options_read (troupe_actor_t *self, const troupe_http_t *spec, troupe_http_options_t *options)
{
    troupe_door_options_read (self, s_options, sizeof s_options / sizeof *s_options, &spec->options, options);
}

troupe_http_limits_t troupe_http_options_limits (const troupe_http_options_t *options)
{
    const troupe_http_limits_t limits = {
        .request_line_bytes = options->request_line_limit_bytes,
        .header_bytes = options->header_limit_bytes,
        .header_fields = options->header_limit_fields,
        .chunk_extension_bytes = options->chunk_extension_limit_bytes,
        .body_bytes = options->body_limit_bytes,
    };
    return limits;
}

troupe_door_spec_t troupe_http_options_door (const troupe_http_t *spec, const troupe_http_options_t *options)
{
    const troupe_door_spec_t door = {
        .routes = spec->routes,
        .workers = spec->workers,
        .instances = spec->instances,
        .live_path = spec->live_path,
        .ready_path = spec->ready_path,
        .balancer = { .window = options->window, .queue_limit = options->queue_limit },
        .in_flight_limit = options->in_flight_limit,
        .retry_after_s = options->retry_after_s,
        .route_deadline_ms = options->route_deadline_ms,
    };
    return door;
}
