/*  =========================================================================
    live/control.c - the control lane: a PAIR between parent and child

    Place: runtime/live. The words are core/packet/control.h's. One of them,
    BIND, is for this half and not for the cell: it is done even while the
    actor waits for the directory, where others may wait for it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/control.h"
#include "live/directory.h"

#include <stddef.h>
#include <stdlib.h>

//  A word that came while the actor was waiting.
typedef struct troupe_kept_control {
    struct troupe_kept_control *next;
    zmq_msg_t message;
} s_kept_t;

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

static void s_take (troupe_live_t *live, const uint8_t *data, size_t size)
{
    if (size && data [0] == TROUPE_CONTROL_BIND)
        troupe_directory_bind (live, data, size);
    else
        troupe_cell_parent_says (&live->cell, data, size);
}

//  --- While the actor waits

static bool s_is_bind (zmq_msg_t *message)
{
    const uint8_t *data = zmq_msg_data (message);
    return zmq_msg_size (message) && data [0] == TROUPE_CONTROL_BIND;
}

static void s_keep (troupe_live_t *live, s_kept_t *kept)
{
    struct troupe_kept_control **end = &live->control_waiting;
    while (*end)
        end = &(*end)->next;
    *end = kept;
}

//  Memory comes first: what cannot be kept is not read.
void troupe_control_glance (troupe_live_t *live)
{
    s_kept_t *kept;
    while ((kept = calloc (1, sizeof *kept))) {
        zmq_msg_init (&kept->message);
        if (zmq_msg_recv (&kept->message, live->control, ZMQ_DONTWAIT) < 0) {
            free (kept);
            break;
        }
        troupe_handover_receive ();
        if (!s_is_bind (&kept->message)) {
            s_keep (live, kept);
            continue;
        }
        s_take (live, zmq_msg_data (&kept->message), zmq_msg_size (&kept->message));
        zmq_msg_close (&kept->message);
        free (kept);
    }
    troupe_poller_post (&live->poller, &live->control_source, TROUPE_POLL_READ);
}

static void s_take_kept (troupe_live_t *live, bool hears)
{
    while (live->control_waiting) {
        s_kept_t *kept = live->control_waiting;
        live->control_waiting = kept->next;
        if (hears)
            s_take (live, zmq_msg_data (&kept->message), zmq_msg_size (&kept->message));
        zmq_msg_close (&kept->message);
        free (kept);
    }
}

void troupe_control_forget (troupe_live_t *live)
{
    s_take_kept (live, false);
}

//  One word: what was kept while it was handled goes before the next.
static bool s_take_next (troupe_live_t *live)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    bool any = zmq_msg_recv (&message, live->control, ZMQ_DONTWAIT) >= 0;
    if (any) {
        troupe_handover_receive ();
        s_take (live, zmq_msg_data (&message), zmq_msg_size (&message));
    }
    zmq_msg_close (&message);
    return any;
}

static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_live_t *live = (troupe_live_t *) ((char *) source - offsetof (troupe_live_t, control_source));
    do
        s_take_kept (live, true);
    while (s_take_next (live));
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
