/*  =========================================================================
    ingress.c - the HTTP ingress: its beginning, its questions, its end

    Place: actors/http, on the public interface; see ingress.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

#define LISTEN_DEFAULT "127.0.0.1:8080"

//  One answer at a time is written, and only to a peer that has read most of the one before: no other limit is needed.
#define WRITE_LIMIT_BYTES ((size_t) 1 << 40)

//  --- The beginning

static int s_open_door (troupe_actor_t *self, troupe_http_ingress_t *ingress)
{
    const troupe_door_spec_t spec = troupe_http_options_door (ingress->spec, &ingress->options);
    const int result = troupe_door_open (&ingress->door, self, &spec);
    ingress->scratch = result ? NULL : troupe_http_scratch_new (&ingress->limits);
    return result || ingress->scratch ? result : troupe_fail_error (self, TROUPE_ENOMEM, "the parser");
}

static int s_listen (troupe_actor_t *self, troupe_http_ingress_t *ingress)
{
    const char *fallback = ingress->spec->listen ? ingress->spec->listen : LISTEN_DEFAULT;
    const char *address = troupe_option (self, "listen", fallback);
    const size_t head_bytes = 2 * troupe_http_head_bytes (&ingress->limits);
    const troupe_stream_options_t options = {
        .write_limit_bytes = WRITE_LIMIT_BYTES,
        .read_limit_bytes = head_bytes < 65536 ? 65536 : head_bytes,
    };
    const troupe_error_t error = troupe_listen (self, address, &options, troupe_http_on_stream, NULL,
                                                &ingress->listener);
    return error ? troupe_fail_error (self, error, address) : 0;
}

int troupe_http_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    troupe_http_ingress_t *ingress = calloc (1, sizeof *ingress);
    if (ingress == NULL)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the ingress");
    *state_p = ingress;
    ingress->self = self;
    ingress->spec = troupe_behavior (self)->constant;
    ingress->date_second = ingress->date_turn_ms = -1;
    troupe_http_options_read (self, ingress->spec, &ingress->options);
    ingress->limits = troupe_http_options_limits (&ingress->options);
    ingress->streamed_limits = ingress->limits;
    if (ingress->limits.body_bytes < ingress->options.streamed_body_limit_bytes)
        ingress->streamed_limits.body_bytes = ingress->options.streamed_body_limit_bytes;
    const int result = s_open_door (self, ingress);
    return result ? result : s_listen (self, ingress);
}

//  --- Questions

static void s_answer_stats (troupe_actor_t *self, const troupe_http_ingress_t *ingress, troupe_message_t *message)
{
    const troupe_http_counters_t *counters = &ingress->counters;
    troupe_replyf (self, message, "connections %zu\nin_flight %zu\n"
                   "connections_accepted %llu\nconnections_refused %llu\nrequests %llu\n"
                   "answers_2xx %llu\nanswers_3xx %llu\nanswers_4xx %llu\nanswers_5xx %llu\n",
                   ingress->connections, ingress->door.in_flight, (unsigned long long) counters->connections,
                   (unsigned long long) counters->refused_connections, (unsigned long long) counters->requests,
                   (unsigned long long) counters->answers_2xx, (unsigned long long) counters->answers_3xx,
                   (unsigned long long) counters->answers_4xx, (unsigned long long) counters->answers_5xx);
}

int troupe_http_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const troupe_http_ingress_t *ingress = state;
    switch (troupe_message_tag (message)) {
    case TROUPE_HTTP_ADDRESS:
        troupe_replyf (self, message, "%s", ingress->listener ? troupe_listener_address (ingress->listener) : "");
        break;
    case TROUPE_HTTP_STATS:
        s_answer_stats (self, ingress, message);
        break;
    default:
        troupe_reply_failure (self, message, "the ingress takes no messages with tag %u",
                              (unsigned) troupe_message_tag (message));
    }
    return 0;
}

//  --- The end

//  What is still there after its time is aborted with the incarnation.
static int s_on_drain_timeout (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    const troupe_http_ingress_t *ingress = state;
    troupe_log (self, TROUPE_LOG_WARNING, "ends with %zu connections open and %zu requests in flight",
                ingress->connections, ingress->door.in_flight);
    troupe_exit (self);
    return 0;
}

int troupe_http_drain (troupe_actor_t *self, void *state)
{
    troupe_http_ingress_t *ingress = state;
    ingress->door.draining = true;
    troupe_listener_close (&ingress->listener);
    troupe_http_close_idle (ingress);
    if (troupe_after (self, ingress->options.drain_timeout_ms, s_on_drain_timeout, NULL) == 0)
        troupe_exit (self);
    troupe_http_exit_when_done (ingress);
    return 0;
}

void troupe_http_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    troupe_http_ingress_t *ingress = state;
    troupe_http_free_all (ingress);
    troupe_http_exchange_free_all (ingress);
    troupe_door_close (&ingress->door);
    troupe_http_scratch_destroy (&ingress->scratch);
    free (ingress->encoded);
    free (ingress->piece);
    free (ingress->head);
    free (ingress->forwarded);
    free (ingress);
}
