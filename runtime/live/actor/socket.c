/*  =========================================================================
    live/actor/socket.c - libzmq's sockets, as the runtime uses them

    Place: runtime/live, the ground beside poller.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/live.h"

#include <errno.h>
#include <string.h>

#ifdef __SANITIZE_THREAD__
const char troupe_handover = 0;
#endif

troupe_error_t troupe_socket_error (int error_number)
{
    switch (error_number) {
    case EMFILE:
    case ENFILE:
        return TROUPE_EFILES;
    case ETERM:
        return TROUPE_ESTATE;
    default:
        return troupe_error_from_errno (error_number);
    }
}

static bool s_set_up (void *socket, int type, const char *endpoint, bool bind)
{
    int unbounded = 0, at_once = 0, mandatory = 1;
    return zmq_setsockopt (socket, ZMQ_SNDHWM, &unbounded, sizeof unbounded) == 0
           && zmq_setsockopt (socket, ZMQ_RCVHWM, &unbounded, sizeof unbounded) == 0
           && zmq_setsockopt (socket, ZMQ_LINGER, &at_once, sizeof at_once) == 0
           && (type != ZMQ_ROUTER || zmq_setsockopt (socket, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory) == 0)
           && (bind ? zmq_bind (socket, endpoint) : zmq_connect (socket, endpoint)) == 0;
}

void *troupe_socket_new (const troupe_shared_t *shared, int type, const char *endpoint, bool bind,
                         troupe_error_t *error_p)
{
    void *socket = zmq_socket (shared->context, type);
    if (socket && s_set_up (socket, type, endpoint, bind))
        return socket;
    *error_p = troupe_socket_error (zmq_errno ());
    if (socket)
        zmq_close (socket);
    return NULL;
}

int troupe_socket_descriptor (void *socket)
{
    int descriptor = -1;
    size_t size = sizeof descriptor;
    zmq_getsockopt (socket, ZMQ_FD, &descriptor, &size);
    return descriptor;
}

bool troupe_socket_readable (void *socket)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt (socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

bool troupe_socket_send (void *socket, const void *data, size_t size)
{
    troupe_handover_send ();
    return zmq_send (socket, data, size, ZMQ_DONTWAIT) >= 0;
}
