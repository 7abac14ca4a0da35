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

static const troupe_adopted_t s_adopted_beacon = { .function = (troupe_zactor_fn *) zbeacon };
static const troupe_adopted_t s_adopted_gossip = { .function = (troupe_zactor_fn *) zgossip, .args = "gossip" };
static const troupe_behavior_t s_beacon = TROUPE_ADOPT ("beacon", &s_adopted_beacon);
static const troupe_behavior_t s_gossip = TROUPE_ADOPT ("gossip", &s_adopted_gossip);

static int s_on_said (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context);

void finder_say (finder_t *self, const char *command, bool calls)
{
    troupe_ref_t *ref = troupe_link_ref (self->link);
    if (calls)
        troupe_call (ref, 0, command, strlen (command), TROUPE_FOREVER, s_on_said, self, NULL);
    else
        troupe_cast (ref, 0, command, strlen (command));
}

static int s_on_said (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context)
{
    (void) state;
    finder_t *finder = context;
    if (outcome != TROUPE_CALL_OK)
        return 0;               //  It ends; its link says so
    finder_say (finder, "", true);
    return finder_take (finder, self, troupe_message_text (reply));
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
    finder_say (self, command, !self->gossips);
    if (self->gossips)
        finder_say (self, "PORT", true);
    for (int count = 0; count < S_WAITING; count++)
        finder_say (self, "", true);
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
        snprintf (command, sizeof command, "PUBLISH\n%s\n" NEIGHBOURS_MAGIC, self->own);
    else
        snprintf (command, sizeof command, "PUBLISH\n" NEIGHBOURS_MAGIC " %s\n1000", strrchr (self->own, ':') + 1);
    finder_say (self, command, false);
}

void finder_renew (finder_t *self)
{
    if (self->gossips && !self->listens) {
        self->listens = true;
        troupe_link_stop (self->link, 0);
    }
}
