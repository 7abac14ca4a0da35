/*  =========================================================================
    neighbours.c - nodes find each other, and work for each other

    Place: samples/neighbours/. Nobody is told where the others are: a node
    hears of them by UDP beacons, in one network, or by gossip. Those that are
    there make a pool: who asks it does not know who answers, or how many come
    and go.

        neighbourhood   who is there; it has the finder and the worker
        pool            gives questions to the workers that it is told of
        asker           asks the pool, with --ask

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <unistd.h>

#include "neighbours.h"

static const troupe_pool_t s_pool_spec = { .window = 4 };
static const troupe_behavior_t s_pool = TROUPE_POOL ("pool", &s_pool_spec);

static const troupe_child_t s_children [] = {
    { .id = "pool", .behavior = &s_pool },
    { .id = "neighbourhood", .behavior = &neighbours_neighbourhood },
    { .id = "asker", .behavior = &neighbours_asker, .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = NULL }
};

int main (int argc, char **argv)
{
    char name [NEIGHBOURS_NAME_SIZE];
    snprintf (name, sizeof name, "node-%d", (int) getpid ());
    const troupe_app_option_t options [] = {
        { .name = "name", .value = "NAME", .paths = "children/neighbourhood/name", .fallback = name,
          .help = "What the others call this node" },
        { .name = "beacon", .value = "PORT", .paths = "children/neighbourhood/beacon", .fallback = "5670",
          .help = "Find the others by beacons at that UDP port", .least = 1, .most = 65535 },
        { .name = "gossip", .value = "ENDPOINT", .paths = "children/neighbourhood/gossip",
          .help = "Or by gossip: the first node listens there" },
        { .name = "interface", .value = "NAME", .paths = "children/neighbourhood/interface",
          .help = "Of this machine, where the others are: eth0" },
        { .name = "ask", .value = "N", .paths = "children/asker/count", .fallback = "0", .least = 0,
          .most = 1000000000, .help = "Ask the others so often, and end" },
        { .name = "patience", .value = "SECONDS", .paths = "children/asker/patience", .fallback = "30", .least = 1,
          .most = 1000000, .help = "How long to ask without an answer" },
        { .name = NULL }
    };
    const troupe_app_t app = {
        .name = "neighbours", .summary = "Nodes find each other, and work for each other", .children = s_children,
        .options = options, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY, .intensity = TROUPE_INTENSITY_NONE,
        .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
