/*  =========================================================================
    neighbours/neighbours.h - what the files of the neighbours share

    Place: samples/neighbours.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef NEIGHBOURS_H_INCLUDED
#define NEIGHBOURS_H_INCLUDED

#include <troupe.h>

#define NEIGHBOURS_NAME_SIZE 32
#define NEIGHBOURS_ENDPOINT_SIZE 80
#define NEIGHBOURS_MAGIC "neighbours-1"     //  What the beacons of these nodes begin with

//  Knows who is there, and tells the pool: neighbourhood.c. It has a worker and a finder of its own.
extern const troupe_behavior_t neighbours_neighbourhood;

//  What a node does for others: it says its name, whatever the question is. Its args are the name: worker.c.
extern const troupe_behavior_t neighbours_worker;

//  Asks the pool so often, and counts who answers: asker.c.
extern const troupe_behavior_t neighbours_asker;

//  --- finder.c: endpoints of others, by beacon or by gossip

typedef struct finder {
    bool gossips;                       //  By zgossip, else by zbeacon
    bool listens;                       //  The others connect to this one's gossip
    const char *gossip, *port;          //  Where gossip is; of beacons
    char own [NEIGHBOURS_ENDPOINT_SIZE];    //  What is told to the others; "" at first
    troupe_link_t *link;                //  To zbeacon or zgossip
    void *owner;                        //  Handed to:
    int (*on_place) (troupe_actor_t *self, void *owner, const char *host); //  Where this node listens
    void (*on_heard) (troupe_actor_t *self, void *owner, const char *endpoint);
} finder_t;

//  Begins, as the actor's options "beacon", "gossip" and "interface" say; owner and callbacks are set. 0, or what start
//  has to return.
int finder_start (finder_t *self, troupe_actor_t *actor);

//  Tells the others of this endpoint from now on.
void finder_publish (finder_t *self, const char *endpoint);

//  Somebody is gone: it may have been the one that gossip went through.
void finder_renew (finder_t *self);

//  Says a command and its frames, each a line. A call hears the next thing that is said.
void finder_say (finder_t *self, const char *command, bool calls);

//  heard.c: something has been said. 0, or what the callback has to return.
int finder_take (finder_t *self, troupe_actor_t *actor, const char *text);

//  --- nodes.c: who is there

#define NEIGHBOURS_NODES 100

typedef struct node {
    char endpoint [NEIGHBOURS_ENDPOINT_SIZE];   //  "": this place is free
    char name [NEIGHBOURS_NAME_SIZE];
    troupe_call_t greeting;             //  0: it is there, or is to be greeted at the next tick
    int64_t heard_ms;
    bool there;
} node_t;

//  The state of the neighbourhood.
typedef struct neighbourhood {
    finder_t finder;
    troupe_ref_t *pool;
    char name [NEIGHBOURS_NAME_SIZE];   //  Of this node
    node_t nodes [NEIGHBOURS_NODES];
} neighbourhood_t;

//  A row of what is printed.
void nodes_show (const char *word, const char *name, const char *endpoint);

//  The finder has heard of an endpoint.
void nodes_hear (troupe_actor_t *self, void *owner, const char *endpoint);

//  To be called every second: greets who has to be greeted, forgets who has been silent for long.
void nodes_tick (neighbourhood_t *self, troupe_actor_t *actor);

#endif
