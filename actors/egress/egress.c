/*  =========================================================================
    egress.c - somebody else's service over ZeroMQ, as an actor

    Place: actors/egress; see troupe/egress.h. The behavior: options, time,
    counters. The fleet (fleet.h) decides, jobs and links do.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "egress_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_DRAIN_TIMEOUT_MS 4000
#define S_ANSWER_LIMIT (16 * 1024 * 1024)
#define S_STATS_SIZE 32768
#define S_LANES 8

//  --- What the fleet wants

static bool s_send (void *owner, void *context, unsigned server, uint64_t id, int64_t deadline_us)
{
    troupe_egress_state_t *egress = owner;
    const troupe_egress_job_t *job = context;
    int64_t left_us = deadline_us == TROUPE_FOREVER ? TROUPE_FOREVER : deadline_us - troupe_now_us (egress->self);
    troupe_bytes_t request = { job->data, job->size };
    return troupe_egress_link_ask (&egress->links [server], id, left_us > 0 ? left_us : 0, request);
}

static void s_cancel (void *owner, unsigned server, uint64_t id)
{
    troupe_egress_state_t *egress = owner;
    troupe_egress_link_cancel (&egress->links [server], id);
}

static void s_end (void *owner, void *context, troupe_outcome_t outcome)
{
    troupe_egress_job_fail (owner, context, outcome);
}

static const troupe_fleet_ops_t s_ops = { s_send, s_cancel, s_end };

//  --- Begin and end

static char *s_next_endpoint (const char **servers_p)
{
    const char *begin = *servers_p + strspn (*servers_p, " \t,");
    size_t size = strcspn (begin, " \t,");
    *servers_p = begin + size;
    return size ? strndup (begin, size) : NULL;
}

static int s_open_links (troupe_actor_t *self, troupe_egress_state_t *egress, const char *servers)
{
    while (servers [strspn (servers, " \t,")]) {
        if (egress->link_count == TROUPE_EGRESS_SERVERS_MAX)
            return troupe_fail_error (self, TROUPE_ETOOBIG, "the list of servers");
        troupe_egress_link_t *link = &egress->links [egress->link_count];
        link->egress = egress;
        link->number = egress->link_count++;
        link->endpoint = s_next_endpoint (&servers);
        if (!link->endpoint)
            return troupe_fail_error (self, TROUPE_ENOMEM, "the list of servers");
    }
    return egress->link_count ? 0 : troupe_fail_error (self, TROUPE_EINVAL, "there are no servers");
}

//  False when there is no such format.
static bool s_set_format (troupe_actor_t *self, troupe_egress_state_t *egress, const troupe_egress_t *spec)
{
    const char *name = troupe_option (self, "format", spec->format ? spec->format : "troupe");
    int64_t lanes = troupe_option_number (self, "lanes", spec->lanes, 0, TROUPE_EGRESS_LANES_MAX);
    if (strcmp (name, "troupe") == 0)
        return true;
    egress->lane_count = lanes ? (unsigned) lanes : S_LANES;
    egress->format = strcmp (name, "smile") == 0 ? TROUPE_FORMAT_SMILE
                   : strcmp (name, "msgpack") == 0 ? TROUPE_FORMAT_MSGPACK : TROUPE_FORMAT_JSON;
    return egress->format != TROUPE_FORMAT_JSON || strcmp (name, "json") == 0;
}

static troupe_fleet_options_t s_fleet_options (troupe_actor_t *self, const troupe_egress_t *spec, unsigned servers,
                                               unsigned lanes)
{
    troupe_fleet_options_t options = troupe_fleet_defaults (servers);
    int64_t window = troupe_option_number (self, "window", spec->window, 0, INT32_MAX);
    int64_t queue_limit = troupe_option_number (self, "queue_limit", spec->queue_limit, 0, INT32_MAX);
    int64_t hedge_ms = troupe_option_number (self, "hedge_ms", spec->hedge_ms, TROUPE_EGRESS_HEDGE_P95, INT32_MAX);
    if (window)
        options.window = (uint32_t) window;
    if (queue_limit)
        options.queue_limit = (uint32_t) queue_limit;
    options.hedge_us = hedge_ms == TROUPE_EGRESS_HEDGE_P95 ? TROUPE_FLEET_HEDGE_P95 : 1000 * hedge_ms;
    options.seed = troupe_random (self);
    if (lanes && (!window || window > lanes))
        options.window = lanes;
    return options;
}

static int s_connect (troupe_actor_t *self, troupe_egress_state_t *egress)
{
    for (unsigned number = 0; number < egress->link_count; number++) {
        troupe_error_t error = troupe_egress_link_open (&egress->links [number]);
        if (error)
            return troupe_fail_error (self, error, egress->links [number].endpoint);
    }
    return 0;
}

int troupe_egress_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    const troupe_egress_t *spec = troupe_behavior (self)->constant;
    const char *servers = troupe_option (self, "servers", spec->servers);
    troupe_egress_state_t *egress = calloc (1, sizeof *egress);
    if (!egress)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the egress");
    *state_p = egress;
    egress->self = self;
    egress->due_us = TROUPE_FOREVER;
    egress->answer_limit = (size_t) troupe_option_number (self, "answer_limit_bytes", spec->answer_limit_bytes
                                                          ? spec->answer_limit_bytes : S_ANSWER_LIMIT, 1, INT32_MAX);
    if (!s_set_format (self, egress, spec))
        return troupe_fail_error (self, TROUPE_EINVAL, "format");
    int result = s_open_links (self, egress, servers ? servers : "");
    if (result)
        return result;
    troupe_fleet_options_t options = s_fleet_options (self, spec, egress->link_count, egress->lane_count);
    egress->fleet = troupe_fleet_new (&options, &s_ops, egress);
    return egress->fleet ? s_connect (self, egress) : troupe_fail_error (self, TROUPE_ENOMEM, "the servers");
}

//  What is left fails with the incarnation.
static int s_on_drain_timeout (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    troupe_log (self, TROUPE_LOG_WARNING, "ends with calls in flight");
    troupe_exit (self);
    return 0;
}

int troupe_egress_drain (troupe_actor_t *self, void *state)
{
    const troupe_egress_t *spec = troupe_behavior (self)->constant;
    const int64_t fallback_ms = spec->drain_timeout_ms ? spec->drain_timeout_ms : S_DRAIN_TIMEOUT_MS;
    const int64_t limit_ms = troupe_option_number (self, "drain_timeout_ms", fallback_ms, 0, INT32_MAX);
    if (troupe_after (self, limit_ms, s_on_drain_timeout, NULL) == 0)
        troupe_exit (self);
    troupe_egress_settle (state);
    return 0;
}

void troupe_egress_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    troupe_egress_state_t *egress = state;
    for (unsigned number = 0; number < egress->link_count; number++)
        troupe_egress_link_close (&egress->links [number]);
    troupe_egress_free_jobs (egress);
    troupe_fleet_destroy (&egress->fleet);
    free (egress);
}

//  --- Counters

static size_t s_write_stats (const troupe_egress_state_t *egress, char *text)
{
    troupe_fleet_stats_t stats;
    troupe_fleet_stats (egress->fleet, &stats);
    return (size_t) snprintf (text, S_STATS_SIZE, "calls %llu\nanswered %llu\nrefused %llu\ntimeouts %llu\ndown %llu\n"
        "given_up %llu\nretries %llu\nfailovers %llu\nswitches %llu\nhedges %llu\nhedges_won %llu\nlate %llu\n"
        "outstanding %zu\nqueued %zu\nqueued_high %zu\n", (unsigned long long) stats.calls,
        (unsigned long long) stats.answered, (unsigned long long) stats.refused, (unsigned long long) stats.expired,
        (unsigned long long) stats.down, (unsigned long long) stats.given_up, (unsigned long long) stats.retries,
        (unsigned long long) stats.failovers, (unsigned long long) stats.switches, (unsigned long long) stats.hedges,
        (unsigned long long) stats.hedges_won, (unsigned long long) stats.late, stats.outstanding, stats.queued,
        stats.queued_high);
}

//  "ENDPOINT up closed outstanding 3 latency_us 210 attempts 90 failed 1 losses 0 ejections 0"
static size_t s_write_server (const troupe_egress_state_t *egress, unsigned number, char *text, size_t room)
{
    static const char *const healths [] = { "closed", "open", "half-open" };
    const troupe_fleet_server_t *server = troupe_fleet_server (egress->fleet, number);
    int length = snprintf (text, room, "%.128s %s %s outstanding %u latency_us %lld attempts %llu failed %llu "
                           "losses %llu ejections %llu\n", egress->links [number].endpoint, server->up ? "up" : "down",
                           healths [server->health], server->outstanding, (long long) server->latency_us,
                           (unsigned long long) server->attempts, (unsigned long long) server->failed,
                           (unsigned long long) server->losses, (unsigned long long) server->ejections);
    return length > 0 && (size_t) length < room ? (size_t) length : 0;
}

static void s_answer_stats (troupe_actor_t *self, const troupe_egress_state_t *egress, troupe_message_t *message)
{
    char *text = malloc (S_STATS_SIZE);
    if (!text) {
        troupe_reply_failure (self, message, "out of memory for the counters");
        return;
    }
    size_t size = s_write_stats (egress, text);
    for (unsigned number = 0; number < egress->link_count; number++)
        size += s_write_server (egress, number, text + size, S_STATS_SIZE - size);
    troupe_reply (self, message, text, size);
    free (text);
}

int troupe_egress_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    uint16_t tag = troupe_message_tag (message);
    if (tag == TROUPE_TAG_REQUEST)
        troupe_egress_take (state, message);
    else if (tag == TROUPE_EGRESS_STATS)
        s_answer_stats (self, state, message);
    else if (tag == TROUPE_EGRESS_SERVERS)
        troupe_egress_watch (state, message);
    else if (troupe_message_is_call (message))
        troupe_reply_failure (self, message, "%s takes requests only", troupe_name (self));
    else
        troupe_log (self, TROUPE_LOG_WARNING, "takes requests only: a message with tag %u is lost", (unsigned) tag);
    return 0;
}
