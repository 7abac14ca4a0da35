/*  =========================================================================
    weather/station.c - a weather station: publishes to a proxy that it knows

    Place: samples/weather. It connects, since it comes and goes; the proxy,
    which is there, binds. What nobody wants does not even leave it: the
    proxy has told it the subscriptions.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include "peer.h"

//  Two frames: a subscription is compared with the first one only, never with what was measured.
static int s_measure (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    char town [WEATHER_TOWN_SIZE], reading [32];
    const int size = snprintf (reading, sizeof reading, "%d C", (int) troupe_random_below (self, 40) - 10);
    const troupe_bytes_t frames [] = { weather_town (self, town), { reading, (size_t) size } };
    troupe_zmq_send (context, frames, 2);
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_zmq_t *socket;
    const int failed = weather_connect (self, TROUPE_ZMQ_PUB, NULL, &socket);
    if (failed)
        return failed;
    const int64_t every_ms = troupe_option_number (self, "every", 1000, 1, 60000);
    return troupe_every (self, every_ms, s_measure, socket) ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "a timer");
}

static const troupe_behavior_t s_station = { .name = "station", .start = s_start };

static const troupe_child_t s_children [] = {
    { .id = "station", .behavior = &s_station },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "proxy", .value = "ENDPOINT", .paths = "children/station/proxy", .fallback = "tcp://127.0.0.1:5556",
      .help = "Where the proxy takes readings" },
    { .name = "town", .value = "NAME", .paths = "children/station/town", .fallback = "Oslo",
      .help = "Where this station stands" },
    { .name = "every", .value = "MS", .paths = "children/station/every", .fallback = "1000",
      .help = "How often it measures, in milliseconds", .least = 1, .most = 60000 },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "weather_station", .summary = "A weather station, which publishes what it measures",
        .children = s_children, .options = s_options,
    };
    return troupe_main (&app, argc, argv);
}
