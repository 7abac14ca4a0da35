/*  =========================================================================
    live/port/port.c - a mailbox that other processes reach

    Place: runtime/live; see port.h. The mailbox stays the one ROUTER that it
    is, bound at further endpoints. What holds for connections is set before
    the first of them; inproc is not concerned.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/port/port.h"

#include <stdio.h>
#include <string.h>

//  What a packet may have besides the payloads that credit counts: heads, words and padding.
#define S_PACKET_EXTRA (2 * (int64_t) TROUPE_PACK_FLUSH)
#define S_BACKLOG 1024

static bool s_set (void *socket, int option, int value)
{
    return zmq_setsockopt (socket, option, &value, sizeof value) == 0;
}

static bool s_set_up (troupe_live_t *live)
{
    void *socket = live->mailbox;
    uint64_t limit_bytes = live->cell.limits.limit_bytes;
    int64_t most = limit_bytes < INT64_MAX - S_PACKET_EXTRA ? (int64_t) limit_bytes + S_PACKET_EXTRA : INT64_MAX;
    return s_set (socket, ZMQ_LINGER, TROUPE_FAREWELL_MS) && s_set (socket, ZMQ_BACKLOG, S_BACKLOG)
           && s_set (socket, ZMQ_HEARTBEAT_IVL, TROUPE_HEARTBEAT_MS)
           && s_set (socket, ZMQ_HEARTBEAT_TIMEOUT, TROUPE_HEARTBEAT_TIMEOUT_MS)
           && s_set (socket, ZMQ_HEARTBEAT_TTL, TROUPE_HEARTBEAT_TIMEOUT_MS)
           && s_set (socket, ZMQ_HANDSHAKE_IVL, TROUPE_HANDSHAKE_MS)
           && s_set (socket, ZMQ_TCP_MAXRT, TROUPE_UNREAD_MS)
           && zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0;
}

//  What is set for an endpoint holds for those that follow: IPv6 and keys are set for each.
static troupe_error_t s_bind (troupe_live_t *live, const char *endpoint, const char *resolved, bool ipv6, char *why,
                              size_t why_size)
{
    if (!s_set (live->mailbox, ZMQ_IPV6, ipv6))
        return troupe_endpoint_error (endpoint, zmq_errno (), why, why_size);
    troupe_error_t error = troupe_security_apply (live->shared->security, live->mailbox, endpoint, true, why, why_size);
    if (!error && zmq_bind (live->mailbox, resolved))
        error = troupe_endpoint_error (endpoint, zmq_errno (), why, why_size);
    return error;
}

troupe_error_t troupe_port_bind (troupe_live_t *live, const char *endpoint, char *bound, size_t bound_size,
                                 char *why, size_t why_size)
{
    char resolved [TROUPE_ENDPOINT_MAX + 1], last [TROUPE_ENDPOINT_MAX + 1] = "";
    bool ipv6;
    if (!live->mailbox)
        return TROUPE_ESTATE;
    troupe_error_t error = troupe_endpoint_resolve (endpoint, true, resolved, sizeof resolved, &ipv6, why, why_size);
    if (!error && !live->port) {
        error = s_set_up (live) ? troupe_port_open (live) : TROUPE_EINVAL;
        if (error)
            snprintf (why, why_size, "%.80s: %s", endpoint, troupe_error_text (error));
    }
    if (!error)
        error = s_bind (live, endpoint, resolved, ipv6, why, why_size);
    if (error)
        return error;
    size_t size = sizeof last;
    zmq_getsockopt (live->mailbox, ZMQ_LAST_ENDPOINT, last, &size);
    if (bound)
        snprintf (bound, bound_size, "%s", last);
    return TROUPE_OK;
}

troupe_error_t troupe_port_listen (troupe_actor_t *cell, char *why, size_t why_size)
{
    troupe_live_t *live = troupe_live (cell);
    char bound [TROUPE_ENDPOINT_MAX + 1], text [sizeof bound + 16];
    if (!*live->listen || cell->endpoint)
        return TROUPE_OK;
    troupe_error_t error = troupe_port_bind (live, live->listen, bound, sizeof bound, why, why_size);
    if (error)
        return error;
    cell->endpoint = strdup (bound);
    if (!cell->endpoint)
        return TROUPE_ENOMEM;
    snprintf (text, sizeof text, "listening at %s", bound);
    cell->host->log (cell, TROUPE_LOG_INFO, text);
    return TROUPE_OK;
}
