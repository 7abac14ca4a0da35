/*  =========================================================================
    weather/peer.c - what stations and readers share: their way to the proxy

    Place: samples/weather.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "peer.h"

#include <stdio.h>

static int s_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                    const char *endpoint, void *context)
{
    (void) self;
    (void) state;
    (void) socket;
    (void) context;
    if (event == TROUPE_ZMQ_CONNECTED || event == TROUPE_ZMQ_DISCONNECTED)
        printf ("%s %s\n", event == TROUPE_ZMQ_CONNECTED ? "connected to" : "waiting for", endpoint);
    fflush (stdout);
    return 0;
}

int weather_connect (troupe_actor_t *self, troupe_zmq_type_t type, troupe_zmq_fn *on_message, troupe_zmq_t **socket_p)
{
    //  Heartbeats tell that the proxy hangs: they need a socket that is always read
    static const troupe_zmq_options_t options = {
        .heartbeat_ms = 1000, .receive_limit = TROUPE_ZMQ_NO_LIMIT, .on_event = s_event,
    };
    const char *proxy = troupe_option (self, "proxy", "");
    troupe_error_t error = troupe_zmq_open (self, type, &options, on_message, NULL, socket_p);
    if (!error)
        error = troupe_zmq_connect (*socket_p, proxy);
    if (error)
        return troupe_fail_error (self, error, proxy);
    printf ("waiting for %s\n", proxy);
    fflush (stdout);
    return 0;
}

troupe_bytes_t weather_town (troupe_actor_t *self, char town [WEATHER_TOWN_SIZE])
{
    const int size = snprintf (town, WEATHER_TOWN_SIZE, "%.60s/", troupe_option (self, "town", ""));
    return (troupe_bytes_t) { town, (size_t) size };
}
