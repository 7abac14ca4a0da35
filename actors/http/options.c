/*  =========================================================================
    options.c - the options of the HTTP ingress

    Place: actors/http; see ingress.h. An option is what the configuration
    says, else the spec, else the default.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_MS 86400000
#define INSTANCES_MAX 100000

typedef struct option {
    const char *name;
    size_t offset;
    size_t size;                //  4 or 8
    int64_t fallback;
    int64_t least, most;
} option_t;

#define OPTION(NAME, FALLBACK, LEAST, MOST) \
    { #NAME, offsetof (troupe_http_options_t, NAME), sizeof (((troupe_http_options_t *) NULL)->NAME), \
      (FALLBACK), (LEAST), (MOST) }

static const option_t s_options [] = {
    OPTION (request_line_limit_bytes, 8192, 64, 1 << 20),
    OPTION (header_limit_bytes, 16384, 64, 1 << 20),
    OPTION (header_limit_fields, 100, 1, 1000),
    OPTION (chunk_extension_limit_bytes, 4096, 0, 1 << 20),
    OPTION (body_limit_bytes, 1 << 20, 0, 1 << 30),
    OPTION (header_timeout_ms, 10000, 1, DAY_MS),
    OPTION (body_timeout_ms, 60000, 1, DAY_MS),
    OPTION (body_rate_limit_bytes_per_s, 300, 0, 1 << 30),
    OPTION (idle_timeout_ms, 75000, 1, DAY_MS),
    OPTION (connection_limit_requests, 1000, 1, INT32_MAX),
    OPTION (route_deadline_ms, TROUPE_ROUTE_DEADLINE_MS, 1, DAY_MS),
    OPTION (connection_limit, 10000, 1, 1 << 20),
    OPTION (in_flight_limit, 4096, 1, 1 << 20),
    OPTION (queue_limit, 1024, 1, 1 << 20),
    OPTION (window, 64, 1, 1 << 20),
    OPTION (body_memory_limit_bytes, 1 << 28, 1, INT64_C (1) << 40),
    OPTION (retry_after_s, 1, 1, 86400),
    OPTION (drain_timeout_ms, 5000, 0, DAY_MS),
    OPTION (linger_read_timeout_ms, 5000, 1, DAY_MS),
    OPTION (linger_timeout_ms, 30000, 1, DAY_MS),
    OPTION (response_chunk_bytes, 0, 0, 1 << 30),
};

static int64_t s_get (const troupe_http_options_t *options, const option_t *option)
{
    const void *member = (const char *) options + option->offset;
    return option->size == 4 ? (int64_t) *(const uint32_t *) member : *(const int64_t *) member;
}

static void s_set (troupe_http_options_t *options, const option_t *option, int64_t value)
{
    void *member = (char *) options + option->offset;
    if (option->size == 4)
        *(uint32_t *) member = (uint32_t) value;
    else
        *(int64_t *) member = value;
}

void troupe_http_options_read (troupe_actor_t *self, const troupe_http_t *spec, troupe_http_options_t *options)
{
    for (size_t index = 0; index < sizeof s_options / sizeof *s_options; index++) {
        const option_t *option = &s_options [index];
        const int64_t given = s_get (&spec->options, option);
        const int64_t fallback = given ? given : option->fallback;
        s_set (options, option, troupe_option_number (self, option->name, fallback, option->least, option->most));
    }
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

static unsigned s_instances (troupe_actor_t *self, const troupe_http_t *spec, const char *workers)
{
    char path [256];
    const int length = snprintf (path, sizeof path, "children/%s/instances", workers);
    int64_t instances = troupe_option_number (self, "instances", spec->instances, 0, INSTANCES_MAX);
    if (instances == 0 && length > 0 && (size_t) length < sizeof path)
        instances = strtol (troupe_config (self, path, "1"), NULL, 10);
    return instances > 0 && instances <= INSTANCES_MAX ? (unsigned) instances : 1;
}

troupe_error_t troupe_http_options_workers (troupe_http_ingress_t *ingress)
{
    const troupe_balancer_options_t options = {
        .window = ingress->options.window, .queue_limit = ingress->options.queue_limit,
    };
    const char *workers = troupe_option (ingress->self, "workers", ingress->spec->workers);
    if (workers == NULL)
        return TROUPE_OK;
    ingress->balancer = troupe_balancer_new (ingress->self, &options);
    if (ingress->balancer == NULL)
        return TROUPE_ENOMEM;
    const unsigned instances = s_instances (ingress->self, ingress->spec, workers);
    return troupe_balancer_add_instances (ingress->balancer, workers, instances);
}
