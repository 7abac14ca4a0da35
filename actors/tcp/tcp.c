/*  =========================================================================
    tcp.c - a TCP egress: its beginning, its questions, its end

    Place: actors/tcp, on the public interface; see parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "parts.h"

#include <troupe/address.h>
#include <troupe/dead_letter.h>

#include "door/door.h"

#include <stdlib.h>
#include <string.h>

#define OPTION(NAME, FALLBACK, LEAST, MOST) TROUPE_DOOR_OPTION (troupe_tcp_options_t, NAME, FALLBACK, LEAST, MOST)

static const troupe_door_option_t s_options [] = {
    OPTION (connections, 8, 1, 1 << 12),
    OPTION (pipeline, 1, 1, 1 << 16),
    OPTION (queue_limit, 1024, 1, 1 << 20),
    OPTION (answer_limit_bytes, 1 << 20, 1, 1 << 30),
    OPTION (connect_timeout_ms, 3000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (answer_timeout_ms, 15000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (idle_timeout_ms, 60000, 1, TROUPE_DOOR_DAY_MS),
    OPTION (server_pause_ms, 1000, 1, TROUPE_DOOR_DAY_MS),
};

//  --- The beginning

//  What troupe_connect understands: with a port between 1 and 65535, or the path of a UNIX socket.
static bool s_is_address (const char *address)
{
    if (strncmp (address, "unix://", 7) == 0)
        return address [7] == '/' && address [8];
    const char *host = strncmp (address, "tcp://", 6) == 0 ? address + 6 : address;
    troupe_address_t parts;
    return troupe_address_read (troupe_text (host), &parts) && parts.port > 0 && *host != '*';
}

static int s_add_server (troupe_tcp_actor_t *self, const char *begin, size_t size)
{
    if (self->server_count == TROUPE_TCP_SERVERS_MAX)
        return troupe_fail (self->self, TROUPE_ETOOBIG, "more than %d servers", TROUPE_TCP_SERVERS_MAX);
    char *address = strndup (begin, size);
    if (!address)
        return troupe_fail_error (self->self, TROUPE_ENOMEM, "the servers");
    self->servers [self->server_count++].address = address;
    return s_is_address (address) ? 0 : troupe_fail (self->self, TROUPE_EINVAL, "the server '%s' is not HOST:PORT or "
                                                     "unix:///PATH", address);
}

static int s_add_servers (troupe_tcp_actor_t *self, const char *list)
{
    static const char between [] = " \t,";
    int result = 0;
    for (size_t size; result == 0 && list [strspn (list, between)]; list += size) {
        list += strspn (list, between);
        size = strcspn (list, between);
        result = s_add_server (self, list, size);
    }
    if (result == 0 && self->server_count == 0)
        return troupe_fail (self->self, TROUPE_EINVAL, "there are no servers");
    return result;
}

int troupe_tcp_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    const troupe_tcp_t *spec = troupe_behavior (self)->constant;
    troupe_tcp_actor_t *actor = calloc (1, sizeof *actor);
    if (!actor)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the connections");
    *state_p = actor;
    actor->self = self;
    troupe_door_options_read (self, s_options, sizeof s_options / sizeof *s_options, &spec->options, &actor->options);
    const char *framing = troupe_option (self, "framing", spec->framing ? spec->framing : "line");
    if (!troupe_tcp_framing (framing, &actor->framing))
        return troupe_fail (self, TROUPE_EINVAL, "there is no framing '%s'", framing);
    const char *servers = troupe_option (self, "servers", spec->servers);
    return s_add_servers (actor, servers ? servers : "");
}

//  --- Questions

static void s_answer_stats (const troupe_tcp_actor_t *self, troupe_message_t *message)
{
    const troupe_tcp_counters_t *counters = &self->counters;
    troupe_replyf (self->self, message, "connections %zu\nwaiting %zu\nin_flight %zu\nconnections_opened %llu\n"
                   "calls %llu\nanswered %llu\nrefused %llu\nlate %llu\ngiven_up %llu\nunreachable %llu\nlost %llu\n"
                   "too_large %llu\nresent %llu\n",
                   self->connection_count, self->queue.count, self->wanted - self->queue.count,
                   (unsigned long long) counters->opened, (unsigned long long) counters->calls,
                   (unsigned long long) counters->answered, (unsigned long long) counters->refused,
                   (unsigned long long) counters->late, (unsigned long long) counters->given_up,
                   (unsigned long long) counters->unreachable, (unsigned long long) counters->lost,
                   (unsigned long long) counters->too_large, (unsigned long long) counters->resent);
}

int troupe_tcp_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    troupe_tcp_actor_t *actor = state;
    uint16_t tag = troupe_message_tag (message);
    if (!troupe_message_is_call (message))
        troupe_dead_letter_add (self, TROUPE_DEAD_UNHANDLED, tag, troupe_message_size (message),
                                actor->servers [0].address);
    else if (tag == TROUPE_TCP_STATS)
        s_answer_stats (actor, message);
    else if (tag >= TROUPE_TAG_RESERVED)
        troupe_reply_failure (self, message, "%s takes messages of its server's protocol only", troupe_name (self));
    else
        troupe_tcp_accept (actor, message);
    return 0;
}

//  --- The end

int troupe_tcp_drain (troupe_actor_t *self, void *state)
{
    (void) self;
    troupe_tcp_actor_t *actor = state;
    actor->draining = true;
    troupe_tcp_close_idle (actor);
    troupe_tcp_dispatch (actor);
    return 0;
}

void troupe_tcp_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    troupe_tcp_actor_t *actor = state;
    troupe_tcp_free_row (&actor->queue);
    troupe_tcp_free_connections (actor);
    for (unsigned server = 0; server < actor->server_count; server++)
        free (actor->servers [server].address);
    free (actor);
}
