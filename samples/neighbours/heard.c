/*  =========================================================================
    neighbours/heard.c - what the beacon or the gossip says

    Place: samples/neighbours, part of the finder; see neighbours.h. Its frames
    are lines: an address and "neighbours-1 PORT" from a beacon, "DELIVER" and
    an endpoint from gossip, and answers to what it was asked at the beginning.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include "neighbours.h"

//  The address that the beacon found for this node: "" when there is no interface that broadcasts.
static int s_take_host (finder_t *self, troupe_actor_t *actor, const char *host)
{
    if (!*host)
        return troupe_fail (actor, TROUPE_EADDR, "no interface that broadcasts is there; try --interface or --gossip");
    finder_say (self, "SUBSCRIBE\n" NEIGHBOURS_MAGIC, false);
    return *self->own ? 0 : self->on_place (actor, self->owner, host);
}

//  What is bound already has no port for us: then somebody gossips there.
static void s_take_port (finder_t *self, const char *port)
{
    char command [300];
    self->listens = strcmp (port, "-1") != 0;
    snprintf (command, sizeof command, "CONNECT\n%s", self->gossip);
    printf ("%-8s%-16s%s\n", "gossip", self->listens ? "listens" : "connects", self->gossip);
    if (!self->listens)
        finder_say (self, command, false);
}

int finder_take (finder_t *self, troupe_actor_t *actor, const char *text)
{
    char first [64] = "", second [80] = "", endpoint [NEIGHBOURS_ENDPOINT_SIZE];
    unsigned port = 0;
    const int lines = sscanf (text, "%63[^\n]\n%79[^\n]", first, second);
    if (self->gossips && lines == 2 && strcmp (first, "PORT") == 0)
        s_take_port (self, second);
    else if (self->gossips && lines == 2 && strcmp (first, "DELIVER") == 0)
        self->on_heard (actor, self->owner, second);
    else if (!self->gossips && lines == 2 && sscanf (second, NEIGHBOURS_MAGIC " %5u", &port) == 1) {
        snprintf (endpoint, sizeof endpoint, "tcp://%s:%u", first, port);
        self->on_heard (actor, self->owner, endpoint);
    }
    else if (!self->gossips && lines < 2)
        return s_take_host (self, actor, first);
    return 0;
}
