/*  =========================================================================
    socket_world.h - a cell on real sockets, in the test's own thread

    Place: tests/live. A real cell with the live half of streams and a poller,
    and nothing else of the runtime: the test turns it by hand, is the peer
    with plain sockets, and needs no other thread.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef SOCKET_WORLD_H_INCLUDED
#define SOCKET_WORLD_H_INCLUDED

#include "live/stream/stream.h"

typedef struct socket_world socket_world_t;

//  What the test does in the callback; returns what the callback returns.
typedef int (socket_react_t) (socket_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event);

struct socket_world {
    troupe_live_t live;             //  Its cell comes first
    troupe_actor_t *cell;
    socket_react_t *react;          //  May be null: bytes are consumed
    troupe_listener_t *listener;
    troupe_stream_t *stream;        //  The one of the last event; null after its CLOSED
    char story [1024];              //  Events by their names
    unsigned bytes_events;
    size_t received;                //  Bytes in all
    uint64_t sum;                   //  Of what has been received, place by place
    unsigned open;                  //  Streams
    unsigned warnings;
};

//  A running cell that listens at 'address'; null for none. It can be restarted.
socket_world_t *socket_world_new (const char *address, const troupe_stream_options_t *options);

//  Lets the cell end, and frees it.
void socket_world_destroy (socket_world_t **world_p);

//  Waits at most that long, lets the callbacks run, and takes a turn. Returns how many sources were ready.
int socket_world_step (socket_world_t *world, int64_t timeout_us);

//  Steps until the story holds 'text', with a deadline of ten seconds.
void socket_world_until (socket_world_t *world, const char *text);

//  Steps until nothing is ready any more.
void socket_world_settle (socket_world_t *world);

//  A blocking socket that is connected to the world's listener.
int socket_world_peer (const socket_world_t *world);

//  Where a UNIX socket's file of this test may be: below TMPDIR, and the process's own. Valid until the next call.
const char *socket_world_file (const char *name);

//  The user's callback: writes down, calls world->react.
troupe_stream_fn socket_world_on_event;

//  Consumes and writes the same back.
socket_react_t socket_world_echo;

#endif
