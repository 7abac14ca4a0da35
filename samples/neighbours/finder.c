/*  =========================================================================
    neighbours/finder.c - endpoints of others, by czmq's beacon or its gossip

    Place: samples/neighbours; see neighbours.h. zbeacon and zgossip are actors
    of czmq, made for zactor; each is adopted as a child, and spoken to by
    messages whose lines are its frames. A call without a payload waits for what
    it says next; a few of them wait all the time, so that nothing is dropped.

    Whose beacon it is says the network: a beacon has no more than a port. By
    gossip the first node listens, and the others connect to it. Gossip forgets
    nothing: an endpoint may be of a node that is long gone.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <czmq.h>

#include "neighbours.h"

#define S_WAITING 8
#define S_MAGIC "neighbours-1"
#define S_ANSWER_MS 5000

static const troupe_adopted_t s_adopted_beacon = { .function = (troupe_zactor_fn *) zbeacon };
static const troupe_adopted_t s_adopted_gossip = { .function = (troupe_zactor_fn *) zgossip, .args = "gossip" };
static const troupe_behavior_t s_beacon = TROUPE_ADOPT ("beacon", &s_adopted_beacon);
static const troupe_behavior_t s_gossip = TROUPE_ADOPT ("gossip", &s_adopted_gossip);

static int s_on_said (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context);

//  A command and its frames, each a line. A call hears the next thing that it says.
static void s_say (finder_t *self, const char *command, bool calls)
{
    troupe_ref_t *ref = troupe_link_ref (self->link);
    if (calls)
        troupe_call (ref, 0, command, strlen (command), TROUPE_FOREVER, s_on_said, self, NULL);
    else
        troupe_cast (ref, 0, command, strlen (command));
}

//  --- What it says

//  The address that the beacon found for this node: "" when there is no interface that broadcasts.
static int s_take_host (finder_t *self, troupe_actor_t *actor, const char *host)
{
    if (!*host)
        return troupe_fail (actor, TROUPE_EADDR, "no interface that broadcasts is there; try --interface or --gossip");
    s_say (self, "SUBSCRIBE\n" S_MAGIC, false);
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
        s_say (self, command, false);
}

static int s_take (finder_t *self, troupe_actor_t *actor, const char *text)
{
    char first [64] = "", second [80] = "", endpoint [NEIGHBOURS_ENDPOINT_SIZE];
    unsigned port = 0;
    const int lines = sscanf (text, "%63[^\n]\n%79[^\n]", first, second);
    if (self->gossips && lines == 2 && strcmp (first, "PORT") == 0)
        s_take_port (self, second);
    else if (self->gossips && lines == 2 && strcmp (first, "DELIVER") == 0)
        self->on_heard (actor, self->owner, second);
    else if (!self->gossips && lines == 2 && sscanf (second, S_MAGIC " %5u", &port) == 1) {
        snprintf (endpoint, sizeof endpoint, "tcp://%s:%u", first, port);
        self->on_heard (actor, self->owner, endpoint);
    }
    else if (!self->gossips && lines < 2)
        return s_take_host (self, actor, first);
    return 0;
}

static int s_on_said (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context)
{
    (void) state;
    finder_t *finder = context;
    if (outcome != TROUPE_CALL_OK)
        return 0;               //  It ends; its link says so
    s_say (finder, "", true);
    return s_take (finder, self, troupe_message_text (reply));
}

//  --- Its life

static int s_spawn (finder_t *self, troupe_actor_t *actor);

//  czmq's own log, one for the whole process, would repeat what is said here; it is there with its first actor.
static void s_begin (finder_t *self)
{
    char command [300];
    zsys_set_logstream (NULL);
    snprintf (command, sizeof command, self->gossips ? "BIND\n%s" : "CONFIGURE\n%s",
              self->gossips ? self->gossip : self->port);
    s_say (self, command, !self->gossips);
    if (self->gossips)
        s_say (self, "PORT", true);
    for (int count = 0; count < S_WAITING; count++)
        s_say (self, "", true);
    if (*self->own)
        finder_publish (self, self->own);
}

//  The one that was asked to end is gone, or one has failed.
static int s_on_event (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) link, (void) state;
    finder_t *finder = context;
    if (event->kind == TROUPE_CHILD_STARTED)
        s_begin (finder);
    if (event->kind == TROUPE_CHILD_GONE)
        return s_spawn (finder, self);
    if (event->kind == TROUPE_CHILD_ENDED && !troupe_reason_is_normal (event->reason))
        return troupe_fail (self, 1, "%s", event->reason->text);
    return 0;
}

static int s_spawn (finder_t *self, troupe_actor_t *actor)
{
    const troupe_child_t child = { .id = self->gossips ? "gossip" : "beacon",
                                   .behavior = self->gossips ? &s_gossip : &s_beacon };
    self->listens = true;       //  Until it is known
    troupe_error_t error = troupe_spawn (actor, &child, s_on_event, self, &self->link);
    return error ? troupe_fail_error (actor, error, child.id) : 0;
}

int finder_start (finder_t *self, troupe_actor_t *actor)
{
    const char *interface = troupe_option (actor, "interface", "");
    self->gossip = troupe_option (actor, "gossip", "");
    self->port = troupe_option (actor, "beacon", "");
    self->gossips = *self->gossip;
    if (self->gossips && !strstr (self->gossip, "://"))
        return troupe_fail (actor, TROUPE_EINVAL, "--gossip: '%.40s' is no endpoint, such as tcp://127.0.0.1:5670",
                            self->gossip);
    zsys_set_interface (interface);     //  One for the whole process; nobody else here asks for it
    const int failed = s_spawn (self, actor);
    return failed || !self->gossips ? failed
         : self->on_place (actor, self->owner, *interface ? interface : "127.0.0.1");
}

void finder_publish (finder_t *self, const char *endpoint)
{
    char command [200];
    if (endpoint != self->own)
        snprintf (self->own, sizeof self->own, "%s", endpoint);
    if (self->gossips)
        snprintf (command, sizeof command, "PUBLISH\n%s\n" S_MAGIC, self->own);
    else
        snprintf (command, sizeof command, "PUBLISH\n" S_MAGIC " %s\n1000", strrchr (self->own, ':') + 1);
    s_say (self, command, false);
}

void finder_renew (finder_t *self)
{
    if (self->gossips && !self->listens) {
        self->listens = true;
        troupe_link_stop (self->link, 0);
    }
}
