/*  =========================================================================
    zmq_world.h - an actor with a ZeroMQ socket, and peers that are none of ours

    Place: tests/live. The actor is called "edge"; what it is told to do is told
    as to a doer (troupe_world.h). Peers are raw sockets of libzmq in a context
    of their own, on the test's thread; nothing of theirs waits for ever.
    Messages are written as text, with a bar between frames.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_ZMQ_WORLD_H_INCLUDED
#define TROUPE_TESTS_ZMQ_WORLD_H_INCLUDED

#include "troupe_world.h"

#include <zmq.h>

//  What the edge is made of.
typedef struct zmq_plan {
    troupe_zmq_type_t type;
    troupe_zmq_options_t options;
    troupe_zmq_fn *on_message;
    const char *bind, *connect, *subscribe;     //  May be null
} zmq_plan_t;

//  Its state.
typedef struct zmq_edge {
    troupe_zmq_t *socket;
    uint64_t count;
    char text [256];
} zmq_edge_t;

//  A troupe with such an actor, which is restarted when it fails.
troupe_t *zmq_world_new (const zmq_plan_t *plan);
//  The same with settings of the configuration, "PATH=VALUE", ended by null.
troupe_t *zmq_world_set (const zmq_plan_t *plan, const char *const *settings);
//  Where it is bound.
const char *zmq_world_where (troupe_t *troupe);
//  Lets it fail, and waits until it has been started again.
void zmq_world_restart (troupe_t *troupe);
//  What it has in edge->text, and takes it; waits until there is some.
const char *zmq_world_text (troupe_t *troupe);

//  A peer's socket, bound at any port of loopback (the endpoint is in *where_p) or connected.
void *zmq_peer_bind (int type, char *where, size_t size);
void *zmq_peer_connect (int type, const char *endpoint);
void zmq_peer_send (void *peer, const char *text);
//  Lives until the next; "(nothing)" when there was nothing for ten seconds.
const char *zmq_peer_receive (void *peer);
//  Closes it and, with the last one, their context.
void zmq_peer_close (void *peer);

//  Callbacks of edges: sends back what has come; keeps it in edge->text, each with a semicolon behind it.
troupe_zmq_fn zmq_echo, zmq_note;
//  Something to tell the edge: sends word->text, and answers with the error's name.
world_fn zmq_say;
//  Splits a text at its bars; at most 8 frames. The text is changed.
size_t zmq_split (char *text, troupe_bytes_t *frames);

#endif
