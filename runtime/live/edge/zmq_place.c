/*  =========================================================================
    live/edge/zmq_place.c - binding and connecting actors' ZeroMQ sockets

    Place: runtime/live; see zmq_socket.h. What can be known of an endpoint
    beforehand is found out as for mailboxes and refs (port_address.c); tcp is
    secured as they are.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/edge/zmq_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define S_HANDSHAKE_MS 3000

//  Those that libzmq is to see as they are: other transports, and forms of ipc that only make sense to other programs.
static bool s_is_plain (const char *endpoint, bool bind)
{
    if (!troupe_endpoint_is_outside (endpoint))
        return true;
    const char *rest = strstr (endpoint, "://") + 3;
    return !troupe_endpoint_is_tcp (endpoint) && (*rest == '@' || (bind && strcmp (rest, "*") == 0));
}

static troupe_error_t s_resolve (const char *endpoint, bool bind, char *resolved, size_t size, bool *ipv6_p, char *why,
                                 size_t why_size)
{
    *ipv6_p = false;
    if (!s_is_plain (endpoint, bind))
        return troupe_endpoint_resolve (endpoint, bind, resolved, size, ipv6_p, why, why_size);
    snprintf (resolved, size, "%s", endpoint);
    return TROUPE_OK;
}

//  What the program has configured, unless this socket is to do without.
static troupe_error_t s_secure (troupe_live_zmq_t *self, const char *endpoint, bool bind, char *why, size_t why_size)
{
    const troupe_shared_t *shared = self->live->shared;
    bool plain = self->socket->options.plain;
    const char *allowed = plain ? troupe_config_get (shared->config, "security/plain", NULL) : NULL;
    if (allowed && strcmp (allowed, "1") == 0)
        return TROUPE_OK;
    return troupe_security_apply (plain ? NULL : shared->security, self->raw, endpoint, bind, why, why_size);
}

/*  How long a handshake may take. With CURVE nobody gets further without a key. Without it a limit would keep nobody
    out, but libzmq (4.3.3 to 4.3.4) takes peers of ZMTP 1 and 2 for peers that never shake hands, and would disconnect
    them over and over: JeroMQ before 0.4 and NetMQ before 4.0.1, say.
    Source: github.com/zeromq/libzmq/issues/4076.                                                             */
static void s_limit_handshake (troupe_live_zmq_t *self)
{
    int mechanism = ZMQ_NULL;
    size_t size = sizeof mechanism;
    zmq_getsockopt (self->raw, ZMQ_MECHANISM, &mechanism, &size);
    int limit_ms = mechanism == ZMQ_NULL ? 0 : S_HANDSHAKE_MS;
    zmq_setsockopt (self->raw, ZMQ_HANDSHAKE_IVL, &limit_ms, sizeof limit_ms);
}

static void s_note_actual (troupe_live_zmq_t *self, troupe_zmq_place_t *place, const char *resolved)
{
    size_t size = sizeof place->actual;
    if (zmq_getsockopt (self->raw, ZMQ_LAST_ENDPOINT, place->actual, &size) || !*place->actual)
        snprintf (place->actual, sizeof place->actual, "%s", resolved);
}

static troupe_error_t s_attach (troupe_live_zmq_t *self, troupe_zmq_place_t *place, char *why, size_t why_size)
{
    char resolved [TROUPE_ZMQ_ENDPOINT_MAX + 1];
    bool is_ipv6;
    troupe_error_t error = s_resolve (place->given, place->bound, resolved, sizeof resolved, &is_ipv6, why, why_size);
    if (!error && troupe_endpoint_is_tcp (place->given))
        error = troupe_zmq_guard_open (self);
    if (!error)
        error = s_secure (self, place->given, place->bound, why, why_size);
    if (error)
        return error;
    int ipv6 = is_ipv6;
    zmq_setsockopt (self->raw, ZMQ_IPV6, &ipv6, sizeof ipv6);
    s_limit_handshake (self);
    troupe_handover_send ();
    if (place->bound ? zmq_bind (self->raw, resolved) : zmq_connect (self->raw, resolved))
        return troupe_endpoint_error (place->given, zmq_errno (), why, why_size);
    s_note_actual (self, place, resolved);
    troupe_zmq_suspect (self);
    return TROUPE_OK;
}

troupe_error_t troupe_live_zmq_bind (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place, char *why,
                                     size_t why_size)
{
    (void) cell;
    return s_attach (socket->host, place, why, why_size);
}

troupe_error_t troupe_live_zmq_connect (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place,
                                        const troupe_bytes_t *routing_id, char *why, size_t why_size)
{
    (void) cell;
    troupe_live_zmq_t *self = socket->host;
    if (routing_id && zmq_setsockopt (self->raw, ZMQ_CONNECT_ROUTING_ID, routing_id->data, routing_id->size))
        return TROUPE_EINVAL;
    return s_attach (self, place, why, why_size);
}

void troupe_live_zmq_leave (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place)
{
    (void) cell;
    troupe_live_zmq_t *self = socket->host;
    if (place->bound)
        troupe_zmq_let_go (self, place->actual);
    else
        zmq_disconnect (self->raw, place->actual);
    troupe_zmq_suspect (self);
}
