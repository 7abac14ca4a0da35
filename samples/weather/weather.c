/*  =========================================================================
    weather.c - publishers and subscribers that come and go around a proxy

    Place: samples/weather, the proxy. Stations publish, readers subscribe,
    and none of them knows another: all know where the proxy is, which binds
    an XSUB for the one and an XPUB for the other, and passes messages one way
    and subscriptions the other.

        samples/run weather
        samples/run weather_station --town Oslo
        samples/run weather_reader --town Oslo

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include <troupe.h>

typedef struct proxy {
    troupe_zmq_t *stations;     //  XSUB: readings come in, subscriptions go out
    troupe_zmq_t *readers;      //  XPUB: the other way
} proxy_t;

//  What is full loses a reading, as PUB does: the next one is better than an old one.
static int s_reading (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                      size_t count, void *context)
{
    (void) self;
    (void) socket;
    (void) context;
    troupe_zmq_send (((proxy_t *) state)->readers, frames, count);
    return 0;
}

//  A byte, 1 or 0, and the prefix. Only the first and the last reader of a town are told.
static int s_subscription (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                           size_t count, void *context)
{
    (void) self;
    (void) socket;
    (void) context;
    const char *bytes = frames [0].data;
    if (frames [0].size > 0)
        printf ("%-10s%.*s\n", *bytes ? "wanted" : "unwanted", (int) frames [0].size - 1, bytes + 1);
    fflush (stdout);
    troupe_zmq_send (((proxy_t *) state)->stations, frames, count);
    return 0;
}

static int s_bind (troupe_actor_t *self, troupe_zmq_type_t type, const char *side, troupe_zmq_fn *on_message,
                   troupe_zmq_t **socket_p)
{
    //  Stations and readers send heartbeats, and anyone may be one
    static const troupe_zmq_options_t options = { .receive_limit = TROUPE_ZMQ_NO_LIMIT };
    const char *endpoint = troupe_option (self, side, "");
    troupe_error_t error = troupe_zmq_open (self, type, &options, on_message, NULL, socket_p);
    if (!error)
        error = troupe_zmq_bind (*socket_p, endpoint);
    if (error)
        return troupe_fail_error (self, error, endpoint);
    printf ("%-10s%s\n", side, troupe_zmq_endpoint (*socket_p));
    fflush (stdout);
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    proxy_t *proxy = *state_p = calloc (1, sizeof (proxy_t));
    if (!proxy)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the proxy");
    const int failed = s_bind (self, TROUPE_ZMQ_XSUB, "stations", s_reading, &proxy->stations);
    return failed ? failed : s_bind (self, TROUPE_ZMQ_XPUB, "readers", s_subscription, &proxy->readers);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_proxy = { .name = "proxy", .start = s_start, .stop = s_stop };

static const troupe_child_t s_children [] = {
    { .id = "proxy", .behavior = &s_proxy },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "stations", .value = "ENDPOINT", .paths = "children/proxy/stations",
      .fallback = "tcp://127.0.0.1:5556", .help = "Where stations publish; port * picks a free one" },
    { .name = "readers", .value = "ENDPOINT", .paths = "children/proxy/readers",
      .fallback = "tcp://127.0.0.1:5557", .help = "Where readers subscribe; port * picks a free one" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "weather", .summary = "A proxy between weather stations and readers that come and go",
        .children = s_children, .options = s_options,
    };
    return troupe_main (&app, argc, argv);
}
