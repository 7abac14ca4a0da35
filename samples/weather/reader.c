/*  =========================================================================
    weather/reader.c - prints the weather of one town, whoever measures it

    Place: samples/weather. The subscription is asked for again by itself
    whenever the proxy comes back.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include "peer.h"

static int s_read (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                   size_t count, void *context)
{
    (void) self;
    (void) state;
    (void) socket;
    (void) context;
    if (count == 2)
        printf ("%-16.*s%.*s\n", (int) frames [0].size, (const char *) frames [0].data, (int) frames [1].size,
                (const char *) frames [1].data);
    fflush (stdout);
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    char town [WEATHER_TOWN_SIZE];
    troupe_zmq_t *socket;
    const int failed = weather_connect (self, TROUPE_ZMQ_SUB, s_read, &socket);
    const troupe_bytes_t prefix = weather_town (self, town);
    return failed ? failed : (int) troupe_zmq_subscribe (socket, prefix.data, prefix.size);
}

static const troupe_behavior_t s_reader = { .name = "reader", .start = s_start };

static const troupe_child_t s_children [] = {
    { .id = "reader", .behavior = &s_reader },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "proxy", .value = "ENDPOINT", .paths = "children/reader/proxy", .fallback = "tcp://127.0.0.1:5557",
      .help = "Where the proxy gives readings" },
    { .name = "town", .value = "NAME", .paths = "children/reader/town", .fallback = "Oslo",
      .help = "Whose weather to print" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "weather_reader", .summary = "Prints the weather of one town, whoever measures it",
        .children = s_children, .options = s_options,
    };
    return troupe_main (&app, argc, argv);
}
