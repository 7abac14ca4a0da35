/*  =========================================================================
    live/port/port_monitor.c - what libzmq tells of a socket's connections

    Place: runtime/live; see port.h. libzmq's I/O thread writes events into a
    PAIR, and would wait if there were no room: it is without bounds, and is
    stopped before the reader goes away.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/port/port.h"

#include <stdio.h>
#include <string.h>

static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_socket_monitor_t *monitor = (troupe_socket_monitor_t *) source;
    troupe_cell_refresh (&monitor->live->cell);
    monitor->ready (monitor);
}

static void *s_pair (troupe_live_t *live, const char *endpoint)
{
    int unbounded = 0, at_once = 0;
    void *pair = zmq_socket (live->shared->context, ZMQ_PAIR);
    if (pair && zmq_setsockopt (pair, ZMQ_RCVHWM, &unbounded, sizeof unbounded) == 0
        && zmq_setsockopt (pair, ZMQ_LINGER, &at_once, sizeof at_once) == 0 && zmq_connect (pair, endpoint) == 0)
        return pair;
    if (pair)
        zmq_close (pair);
    return NULL;
}

troupe_error_t troupe_socket_monitor_open (troupe_socket_monitor_t *monitor, troupe_live_t *live, void *socket,
                                           int events, void (*ready) (troupe_socket_monitor_t *monitor))
{
    char endpoint [sizeof live->path + 32];
    snprintf (endpoint, sizeof endpoint, "%s/monitor-%llu", live->path, (unsigned long long) ++live->monitors);
    *monitor = (troupe_socket_monitor_t) { .live = live, .socket = socket, .ready = ready };
    if (zmq_socket_monitor (socket, endpoint, events)) {
        monitor->socket = NULL;
        return troupe_socket_error (zmq_errno ());
    }
    monitor->pair = s_pair (live, endpoint);
    troupe_error_t error = monitor->pair ? TROUPE_OK : troupe_socket_error (zmq_errno ());
    if (!error) {
        monitor->source = (troupe_source_t) { .fd = troupe_socket_descriptor (monitor->pair), .ready = s_ready };
        error = troupe_poller_add (&live->poller, &monitor->source, TROUPE_POLL_READ, false);
    }
    if (error)
        troupe_socket_monitor_close (monitor);
    else
        troupe_poller_post (&live->poller, &monitor->source, TROUPE_POLL_READ);
    return error;
}

//  An event is two frames: its number (16 bits) and value (32 bits), then the endpoint.
bool troupe_socket_monitor_next (troupe_socket_monitor_t *monitor, unsigned *event_p, int *value_p)
{
    uint8_t head [6], endpoint [256];
    uint16_t event;
    if (!monitor->pair || zmq_recv (monitor->pair, head, sizeof head, ZMQ_DONTWAIT) != (int) sizeof head)
        return false;
    zmq_recv (monitor->pair, endpoint, sizeof endpoint, ZMQ_DONTWAIT);
    memcpy (&event, head, sizeof event);
    memcpy (value_p, head + sizeof event, sizeof *value_p);
    *event_p = event;
    return true;
}

void troupe_socket_monitor_close (troupe_socket_monitor_t *monitor)
{
    if (!monitor->socket)
        return;
    zmq_socket_monitor (monitor->socket, NULL, 0);
    monitor->socket = NULL;
    if (!monitor->pair)
        return;
    troupe_poller_remove (&monitor->live->poller, &monitor->source);
    zmq_close (monitor->pair);
    monitor->pair = NULL;
}

//  --- Letting an endpoint go

//  Reads what is there; true once libzmq has closed the listening socket of 'endpoint', or could not.
static bool s_has_closed (void *pair, void *context)
{
    const char *endpoint = context;
    char head [8], closed [256];
    while (zmq_recv (pair, head, sizeof head, ZMQ_DONTWAIT) >= 0) {
        int size = zmq_recv (pair, closed, sizeof closed, ZMQ_DONTWAIT);
        if (size == (int) strlen (endpoint) && memcmp (closed, endpoint, (size_t) size) == 0)
            return true;
    }
    return false;
}

void troupe_socket_await_closed (void *pair, troupe_socket_closed_fn *has_closed, void *context)
{
    const int64_t until_us = troupe_clock_us () + TROUPE_FAREWELL_MS * 1000;
    zmq_pollitem_t item = { .socket = pair, .events = ZMQ_POLLIN };
    int64_t left_us;
    while (!has_closed (pair, context) && (left_us = until_us - troupe_clock_us ()) > 0)
        zmq_poll (&item, 1, (long) (left_us / 1000 + 1));
}

void troupe_socket_let_go (troupe_live_t *live, void *socket, const char *bound)
{
    char endpoint [sizeof live->path + 32], actual [TROUPE_ENDPOINT_MAX + 1];
    snprintf (actual, sizeof actual, "%s", bound);
    snprintf (endpoint, sizeof endpoint, "%s/monitor-%llu", live->path, (unsigned long long) ++live->monitors);
    void *pair = zmq_socket_monitor (socket, endpoint, TROUPE_SOCKET_CLOSED) ? NULL : s_pair (live, endpoint);
    if (zmq_unbind (socket, bound) == 0 && pair)
        troupe_socket_await_closed (pair, s_has_closed, actual);
    zmq_socket_monitor (socket, NULL, 0);
    if (pair)
        zmq_close (pair);
}
