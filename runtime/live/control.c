/*  =========================================================================
    live/control.c - the control lane: a PAIR between parent and child

    Place: runtime/live. The words are core/packet/control.h's.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/live.h"

#include <stddef.h>

bool troupe_control_read_all (void *socket, void (*take) (void *context, const uint8_t *data, size_t size),
                              void *context)
{
    bool any = false;
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (zmq_msg_recv (&message, socket, ZMQ_DONTWAIT) >= 0) {
        troupe_handover_receive ();
        any = true;
        take (context, zmq_msg_data (&message), zmq_msg_size (&message));
    }
    zmq_msg_close (&message);
    return any;
}

static void s_take (void *context, const uint8_t *data, size_t size)
{
    troupe_cell_parent_says (context, data, size);
}

static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_live_t *live = (troupe_live_t *) ((char *) source - offsetof (troupe_live_t, control_source));
    while (troupe_control_read_all (live->control, s_take, &live->cell))
        ;
}

troupe_error_t troupe_control_open (troupe_live_t *live)
{
    live->control_source = (troupe_source_t) { .fd = troupe_socket_descriptor (live->control), .first = true,
                                               .ready = s_ready };
    troupe_error_t error = troupe_poller_add (&live->poller, &live->control_source, TROUPE_POLL_READ, false);
    //  libzmq signals only to a reader that has found nothing before: look once.
    if (!error)
        troupe_poller_post (&live->poller, &live->control_source, TROUPE_POLL_READ);
    return error;
}

//  The signal of a word from the parent may be eaten by the sending.
void troupe_control_tell_parent (troupe_actor_t *cell, const void *data, size_t size)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_socket_send (live->control, data, size);
    troupe_poller_post (&live->poller, &live->control_source, TROUPE_POLL_READ);
}
