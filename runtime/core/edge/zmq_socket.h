/*  =========================================================================
    core/edge/zmq_socket.h - an actor's ZeroMQ sockets, without ZeroMQ

    Place: runtime/core, above cell and host; implements troupe/zmq_socket.h.
    The list of sockets, what their types allow, where they are bound and
    connected, and the callbacks are here; the host has the messages.

    A callback may close its own socket, or end the incarnation, which closes
    all: the host's half goes at once, the core's when the callback is over.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_ZMQ_SOCKET_H_INCLUDED
#define TROUPE_CORE_ZMQ_SOCKET_H_INCLUDED

#include "core/cell/cell.h"

#define TROUPE_ZMQ_ROUTING_ID_MAX 255u
#define TROUPE_ZMQ_ENDPOINT_MAX 255u
#define TROUPE_ZMQ_USER_MAX 255u

//  One endpoint that it is bound or connected to.
typedef struct troupe_zmq_place {
    struct troupe_zmq_place *next;
    bool bound;
    char *given;                        //  As the user wrote it
    char actual [TROUPE_ZMQ_ENDPOINT_MAX + 1];  //  As the host knows it, with its port
} troupe_zmq_place_t;

struct troupe_zmq {
    troupe_actor_t *cell;
    troupe_zmq_t *next, *previous;
    troupe_zmq_type_t type;
    troupe_zmq_options_t options;       //  With what zeros in them mean; -1 stays
    char routing_id [TROUPE_ZMQ_ROUTING_ID_MAX + 1];
    troupe_zmq_fn *on_message;
    void *context;
    troupe_zmq_place_t *places;         //  The latest first
    bool paused;
    bool refused;                       //  A send was: WRITABLE is owed
    bool closed;
    bool in_hand;                       //  One of them has a message
    unsigned busy;                      //  Callbacks of its that run
    void *host;                         //  Null once it is closed
};

//  --- What a host calls, between callbacks. False: the socket is gone, do not touch it any more.

//  Whether callbacks may be called: if not, what has arrived waits.
bool troupe_zmq_listens (const troupe_zmq_t *socket);
//  A message; not while the socket is paused.
bool troupe_zmq_arrived (troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count);
//  There may be room: WRITABLE, if it is owed.
bool troupe_zmq_can_send (troupe_zmq_t *socket);
//  CONNECTED, DISCONNECTED, REFUSED.
bool troupe_zmq_happened (troupe_zmq_t *socket, troupe_zmq_event_t event, const char *endpoint);
//  A message had more frames than are allowed, and was read to its end and dropped.
void troupe_zmq_malformed (troupe_zmq_t *socket, size_t size);

//  --- For the cell

//  Closes all sockets of an incarnation. To be called after the behavior's stop, which may still hold pointers to them.
void troupe_zmqs_end (troupe_actor_t *cell);

//  --- Within core/edge

//  Frees the places, without a word to the host.
void troupe_zmq_places_clear (troupe_zmq_t *socket);

//  "ROUTER"; a static string.
const char *troupe_zmq_type_name (troupe_zmq_type_t type);

#endif
