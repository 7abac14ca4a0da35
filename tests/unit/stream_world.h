/*  =========================================================================
    stream_world.h - a cell whose host is a story

    Place: tests/unit. A real cell with a host that only writes down what it is
    asked for, in between the events that the user's callback sees, so that a
    test can spell out what has happened and in which order.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef STREAM_WORLD_H_INCLUDED
#define STREAM_WORLD_H_INCLUDED

#include "core/stream/stream.h"
#include "core/stream/watch.h"

typedef struct stream_world stream_world_t;

//  What the test does in the callback, after the event has been written down; returns what the callback returns.
typedef int (stream_react_t) (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event);

struct stream_world {
    troupe_actor_t *cell;
    stream_react_t *react;          //  May be null: bytes are consumed
    size_t room;                    //  How many more bytes the host takes
    troupe_error_t send_error;      //  The next send fails with it
    troupe_error_t listen_error, connect_error;
    char sent [256];                //  The first bytes that were sent
    size_t sent_size;               //  How many there were in all
    size_t sends;
    size_t parts;                   //  Of the last send
    unsigned ended;                 //  Incarnations
    char story [4096];
};

//  A running cell; with a parent, it can be restarted.
stream_world_t *stream_world_new (bool has_parent);

//  Lets the cell end, and frees it.
void stream_world_destroy (stream_world_t **world_p);

void stream_world_turn (stream_world_t *world);
void stream_world_restart (stream_world_t *world);

//  Listens at "127.0.0.1:80"; what is accepted there has the limits given.
troupe_listener_t *stream_world_listen (stream_world_t *world, const troupe_stream_options_t *options);

//  A stream that has been accepted, with the story cleared.
troupe_stream_t *stream_world_stream (stream_world_t *world, const troupe_stream_options_t *options);

//  Bytes arrive; returns what the host is told.
bool stream_world_arrive (troupe_stream_t *stream, const char *text);

//  The story since it was last asked for: events as "bytes:abc", what the host was asked for as "<close>".
const char *stream_world_story (stream_world_t *world);

//  The user's callback, which writes down and calls world->react.
troupe_stream_fn stream_world_on_event;

#endif
