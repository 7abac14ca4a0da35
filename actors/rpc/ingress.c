/*  =========================================================================
    ingress.c - the RPC door: its beginning, its questions, its end

    Place: actors/rpc, on the public interface; see ingress.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

#define BIND_DEFAULT "tcp://127.0.0.1:5555"
#define SWEEP_MS 1000
//  What may stand in front of the body.
#define ENVELOPE_BYTES 65536

//  --- Options

#define OPTION(NAME, FALLBACK, LEAST, MOST) \
    TROUPE_DOOR_OPTION (troupe_rpc_options_t, NAME, FALLBACK, LEAST, MOST)

static const troupe_door_option_t s_options [] = {
    OPTION (body_limit_bytes, 1 << 20, 0, 1 << 30),
    OPTION (message_limit_bytes, 1 << 22, 1024, INT64_C (1) << 31),
    OPTION (frame_limit, 32, 2, 63),
    OPTION (unfinished_limit_bytes, 1 << 26, 1024, INT64_C (1) << 40),
    OPTION (send_limit, 1000, 1, 1 << 20),
    OPTION (send_limit_bytes, 1 << 26, 1, INT64_C (1) << 40),
    OPTION (unread_timeout_ms, 30000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (in_flight_limit, 4096, 1, 1 << 20),
    OPTION (peer_in_flight_limit, 1024, 1, 1 << 20),
    OPTION (queue_limit, 1024, 1, 1 << 20),
    OPTION (window, 64, 1, 1 << 20),
    OPTION (pieces_limit_bytes, 1 << 22, 1, INT64_C (1) << 40),
    OPTION (pieces_memory_limit_bytes, 1 << 26, 1, INT64_C (1) << 40),
    OPTION (pieces_timeout_ms, 60000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (cache_limit_bytes, 1 << 23, 1, INT64_C (1) << 40),
    OPTION (cache_time_ms, 60000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (route_deadline_ms, TROUPE_ROUTE_DEADLINE_MS, 1, TROUPE_DOOR_DAY_MS),
    OPTION (retry_after_s, 1, 1, 86400),
    OPTION (drain_timeout_ms, 5000, 0, TROUPE_DOOR_DAY_MS),
};

static troupe_door_spec_t s_door_spec (const troupe_rpc_t *spec, const troupe_rpc_options_t *options)
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

//  --- The beginning

static int s_open_door (troupe_actor_t *self, troupe_rpc_ingress_t *ingress)
{
    const troupe_door_spec_t spec = s_door_spec (ingress->spec, &ingress->options);
    const int result = troupe_door_open (&ingress->door, self, &spec);
    ingress->bare = result ? NULL : troupe_response_new ();
    return result || ingress->bare ? result : troupe_fail_error (self, TROUPE_ENOMEM, "the door");
}

static int s_bind (troupe_actor_t *self, troupe_rpc_ingress_t *ingress)
{
    const char *fallback = ingress->spec->bind ? ingress->spec->bind : BIND_DEFAULT;
    const char *endpoint = troupe_option (self, "bind", fallback);
    //  One frame more than may be is enough to see that there are too many
    const troupe_zmq_options_t options = {
        .send_limit = ingress->options.send_limit,
        .unread_bytes = (int64_t) ingress->options.send_limit_bytes,
        .unread_ms = ingress->options.unread_timeout_ms,
        .message_bytes = (int64_t) ingress->options.message_limit_bytes,
        .frame_limit = ingress->options.frame_limit + 1, .cut = true,
        .whole_bytes = (int64_t) ingress->options.message_limit_bytes + ENVELOPE_BYTES,
        .unfinished_bytes = (int64_t) ingress->options.unfinished_limit_bytes,
    };
    troupe_error_t error = troupe_zmq_open (self, TROUPE_ZMQ_ROUTER, &options, troupe_rpc_on_message, NULL,
                                            &ingress->socket);
    if (error == TROUPE_OK)
        error = troupe_zmq_bind (ingress->socket, endpoint);
    return error ? troupe_fail_error (self, error, endpoint) : 0;
}

int troupe_rpc_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    troupe_rpc_ingress_t *ingress = calloc (1, sizeof *ingress);
    if (ingress == NULL)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the door");
    *state_p = ingress;
    ingress->self = self;
    ingress->spec = troupe_behavior (self)->constant;
    troupe_hash_key (self, ingress->key);
    troupe_door_options_read (self, s_options, sizeof s_options / sizeof *s_options, &ingress->spec->options,
                              &ingress->options);
    //  First, so that nobody has been asked when the port is taken
    const int result = s_bind (self, ingress);
    return result ? result : s_open_door (self, ingress);
}

//  --- Time

static int s_on_sweep (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    troupe_rpc_ingress_t *ingress = state;
    ingress->sweep_timer = 0;
    troupe_rpc_cache_sweep (ingress);
    troupe_rpc_partials_sweep (ingress);
    if (ingress->partials || ingress->cache.oldest)
        troupe_rpc_arm_sweep (ingress);
    return 0;
}

void troupe_rpc_arm_sweep (troupe_rpc_ingress_t *ingress)
{
    if (ingress->sweep_timer == 0)
        ingress->sweep_timer = troupe_after (ingress->self, SWEEP_MS, s_on_sweep, NULL);
}

//  --- Questions

static void s_answer_stats (troupe_actor_t *self, const troupe_rpc_ingress_t *ingress, troupe_message_t *message)
{
    const troupe_rpc_counters_t *counters = &ingress->counters;
    troupe_replyf (self, message, "in_flight %zu\nquestions %llu\n"
                   "answers_2xx %llu\nanswers_3xx %llu\nanswers_4xx %llu\nanswers_5xx %llu\n"
                   "answers_kept %llu\nanswers_lost %llu\nmalformed %llu\n"
                   "pieces_bytes %llu\ncache_bytes %llu\ncache_entries %zu\n",
                   ingress->door.in_flight, (unsigned long long) counters->questions,
                   (unsigned long long) counters->answers_2xx, (unsigned long long) counters->answers_3xx,
                   (unsigned long long) counters->answers_4xx, (unsigned long long) counters->answers_5xx,
                   (unsigned long long) counters->answers_kept, (unsigned long long) counters->answers_lost,
                   (unsigned long long) counters->malformed, (unsigned long long) ingress->pieces_memory,
                   (unsigned long long) ingress->cache.memory, ingress->cache.entries);
}

int troupe_rpc_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const troupe_rpc_ingress_t *ingress = state;
    switch (troupe_message_tag (message)) {
    case TROUPE_RPC_ADDRESS:
        troupe_replyf (self, message, "%s", troupe_zmq_endpoint (ingress->socket));
        break;
    case TROUPE_RPC_STATS:
        s_answer_stats (self, ingress, message);
        break;
    default:
        troupe_reply_failure (self, message, "the door takes no messages with tag %u",
                              (unsigned) troupe_message_tag (message));
    }
    return 0;
}

//  --- The end

//  What is still there after its time is answered 503, with the incarnation.
static int s_on_drain_timeout (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    const troupe_rpc_ingress_t *ingress = state;
    troupe_log (self, TROUPE_LOG_WARNING, "ends with %zu questions in flight", ingress->door.in_flight);
    troupe_exit (self);
    return 0;
}

//  New questions are answered 503 meanwhile, so that nobody who is connected waits for nothing.
int troupe_rpc_drain (troupe_actor_t *self, void *state)
{
    troupe_rpc_ingress_t *ingress = state;
    ingress->door.draining = true;
    if (troupe_after (self, ingress->options.drain_timeout_ms, s_on_drain_timeout, NULL) == 0)
        troupe_exit (self);
    troupe_rpc_exit_when_done (ingress);
    return 0;
}

void troupe_rpc_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    troupe_rpc_ingress_t *ingress = state;
    if (ingress->socket)
        troupe_rpc_askers_end (ingress);
    troupe_rpc_cache_free (ingress);
    troupe_door_close (&ingress->door);
    troupe_response_destroy (&ingress->bare);
    troupe_zmq_close (&ingress->socket);
    free (ingress);
}
