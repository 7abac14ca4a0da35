/*  =========================================================================
    upstream.c - an upstream: its beginning, its questions, its end

    Place: actors/upstream, on the public interface; see parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "parts.h"

#include "door/door.h"

#include <stdlib.h>

#define OPTION(NAME, FALLBACK, LEAST, MOST) \
    TROUPE_DOOR_OPTION (troupe_upstream_options_t, NAME, FALLBACK, LEAST, MOST)

static const troupe_door_option_t s_options [] = {
    OPTION (connection_limit, 64, 1, 1 << 16),
    OPTION (queue_limit, 1024, 1, 1 << 20),
    OPTION (status_line_limit_bytes, 8192, 64, 1 << 20),
    OPTION (header_limit_bytes, 16384, 64, 1 << 20),
    OPTION (header_limit_fields, 100, 1, 1000),
    OPTION (chunk_extension_limit_bytes, 4096, 0, 1 << 20),
    OPTION (interim_limit, 8, 1, 1000),
    OPTION (retry_after_s, 1, 1, 86400),
    OPTION (body_limit_bytes, 8 << 20, 0, 1 << 30),
    OPTION (streamed_body_limit_bytes, INT64_C (1) << 40, 0, INT64_C (1) << 50),
    OPTION (connect_timeout_ms, 3000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (response_timeout_ms, TROUPE_ROUTE_DEADLINE_MS, 1, TROUPE_DOOR_DAY_MS),
    OPTION (idle_timeout_ms, 60000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (server_pause_ms, 1000, 1, TROUPE_DOOR_DAY_MS),
};

//  --- The beginning

static void s_read_options (troupe_upstream_actor_t *self, const troupe_upstream_t *spec)
{
    troupe_upstream_options_t *options = &self->options;
    troupe_door_options_read (self->self, s_options, sizeof s_options / sizeof *s_options, &spec->options, options);
    self->limits = (troupe_http_limits_t) {
        .request_line_bytes = options->status_line_limit_bytes,
        .header_bytes = options->header_limit_bytes,
        .header_fields = options->header_limit_fields,
        .chunk_extension_bytes = options->chunk_extension_limit_bytes,
        .body_bytes = options->body_limit_bytes,
    };
    self->streamed_limits = self->limits;
    self->streamed_limits.body_bytes = options->streamed_body_limit_bytes;
    self->way.prefix = troupe_text (troupe_option (self->self, "prefix", spec->prefix));
    self->way.keep_prefix = troupe_option_number (self->self, "keep_prefix", spec->keep_prefix, 0, 1) != 0;
}

static int s_add_servers (troupe_upstream_actor_t *self, const char *list)
{
    const char *at = list;
    troupe_upstream_address_t address;
    troupe_error_t error = TROUPE_OK;
    while ((error = troupe_upstream_next (&at, &address)) == TROUPE_OK) {
        if (self->server_count == TROUPE_UPSTREAM_SERVERS_MAX)
            return troupe_fail (self->self, TROUPE_ETOOBIG, "more than %u servers", TROUPE_UPSTREAM_SERVERS_MAX);
        self->servers [self->server_count++].address = address;
    }
    return error == TROUPE_ENOENT ? 0 : troupe_fail (self->self, (int) error, "the servers '%s': %s", list,
                                                     troupe_error_text (error));
}

//  Without a URL there are no servers.
static int s_read_place (troupe_upstream_actor_t *self, const troupe_upstream_t *spec)
{
    const char *fallback = spec->path ? troupe_config (self->self, spec->path, spec->upstream) : spec->upstream;
    const char *url = troupe_option (self->self, "upstream", fallback);
    const char *servers = troupe_option (self->self, "servers", spec->servers);
    const char *host = troupe_option (self->self, "host", spec->host);
    if (url == NULL || *url == 0)
        return 0;
    const troupe_error_t error = troupe_upstream_url (url, &self->servers [0].address, &self->way.authority,
                                                      &self->way.base);
    if (error)
        return troupe_fail (self->self, (int) error, "the upstream '%s' is not http://HOST[:PORT][/PATH]", url);
    self->server_count = 1;
    self->way.host = host ? troupe_text (host) : self->way.authority;
    return servers ? s_add_servers (self, servers) : 0;
}

int troupe_upstream_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    troupe_upstream_actor_t *upstream = calloc (1, sizeof *upstream);
    if (upstream == NULL)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the upstream");
    *state_p = upstream;
    upstream->self = self;
    s_read_options (upstream, troupe_behavior (self)->constant);
    upstream->scratch = troupe_http_scratch_new (&upstream->limits);
    upstream->response = troupe_response_new ();
    upstream->bodies = troupe_bodies_new (self, 0);
    if (upstream->scratch == NULL || upstream->response == NULL || upstream->bodies == NULL)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the upstream");
    return s_read_place (upstream, troupe_behavior (self)->constant);
}

//  --- Questions

static void s_answer_stats (troupe_upstream_actor_t *self, troupe_message_t *message)
{
    const troupe_upstream_counters_t *counters = &self->counters;
    troupe_replyf (self->self, message, "connections %zu\nin_flight %zu\nwaiting %zu\nconnections_opened %llu\n"
                   "requests %llu\nanswered %llu\nrefused %llu\nmalformed %llu\ncut_short %llu\nlate %llu\n"
                   "unreachable %llu\nresent %llu\nstreamed %llu\ngiven_up %llu\n",
                   self->connection_count, self->exchange_count, self->queue_size,
                   (unsigned long long) counters->opened, (unsigned long long) counters->requests,
                   (unsigned long long) counters->answered, (unsigned long long) counters->refused,
                   (unsigned long long) counters->malformed, (unsigned long long) counters->cut_short,
                   (unsigned long long) counters->late, (unsigned long long) counters->unreachable,
                   (unsigned long long) counters->resent, (unsigned long long) counters->streamed,
                   (unsigned long long) counters->given_up);
}

int troupe_upstream_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    troupe_upstream_actor_t *upstream = state;
    if (troupe_body_is_event (message))
        return troupe_bodies_receive (upstream->bodies, state, message);
    switch (troupe_message_tag (message)) {
    case TROUPE_TAG_REQUEST:
    case TROUPE_TAG_REQUEST_STREAM:
        troupe_upstream_accept (state, message);
        break;
    case TROUPE_UPSTREAM_STATS:
        s_answer_stats (state, message);
        break;
    default:
        troupe_reply_failure (self, message, "%s takes requests only", troupe_behavior (self)->name);
    }
    return 0;
}

//  --- The end

int troupe_upstream_drain (troupe_actor_t *self, void *state)
{
    (void) self;
    troupe_upstream_actor_t *upstream = state;
    upstream->draining = true;
    troupe_upstream_close_idle (upstream);
    troupe_upstream_exit_when_done (upstream);
    return 0;
}

void troupe_upstream_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    troupe_upstream_actor_t *upstream = state;
    troupe_upstream_free_exchanges (upstream);
    troupe_upstream_free_connections (upstream);
    troupe_http_scratch_destroy (&upstream->scratch);
    troupe_response_destroy (&upstream->response);
    troupe_bodies_destroy (&upstream->bodies);
    free (upstream->text.data);
    free (upstream->piece);
    free (upstream);
}
