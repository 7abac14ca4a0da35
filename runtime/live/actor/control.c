/*  =========================================================================
    live/actor/control.c - the control lane: a PAIR between parent and child

    Place: runtime/live. The words are core/packet/control.h's. Two of them are
    for this half and not for the cell. BIND is done even while the actor waits
    for the directory, where others may wait for it; STARTED says that the
    actor's own word of that kind has been heard in its parent's process.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/control.h"
#include "live/directory/directory.h"

#include <stddef.h>
#include <stdlib.h>

//  How long a start may take to be heard of: its parent may be a guest that does something else.
#define S_HEARING_US 1000000

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
    else if (size && data [0] == TROUPE_CONTROL_STARTED)
        live->start_heard = true;
    else
        troupe_cell_parent_says (&live->cell, data, size);
}

//  --- While the actor waits

static bool s_is_for_us (zmq_msg_t *message)
{
    const uint8_t *data = zmq_msg_data (message);
    return zmq_msg_size (message) && (data [0] == TROUPE_CONTROL_BIND || data [0] == TROUPE_CONTROL_STARTED);
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
        if (!s_is_for_us (&kept->message)) {
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

//  What is said just before a crash stays in the process: the actor takes no mail before its start is known.
static void s_await_hearing (troupe_live_t *live)
{
    zmq_pollitem_t item = { .socket = live->control, .events = ZMQ_POLLIN };
    int64_t until_us = troupe_clock_us () + S_HEARING_US, left_us;
    troupe_control_glance (live);
    while (!live->start_heard && (left_us = until_us - troupe_clock_us ()) > 0) {
        live->cell.waits = true;
        zmq_poll (&item, 1, (long) (left_us / 1000 + 1));
        live->cell.waits = false;
        troupe_control_glance (live);
    }
}

//  The signal of a word from the parent may be eaten by the sending.
void troupe_control_tell_parent (troupe_actor_t *cell, const void *data, size_t size)
{
    troupe_live_t *live = troupe_live (cell);
    live->start_heard = false;
    troupe_socket_send (live->control, data, size);
    troupe_poller_post (&live->poller, &live->control_source, TROUPE_POLL_READ);
    if (live->awaits_hearing && size && *(const uint8_t *) data == TROUPE_CONTROL_STARTED)
        s_await_hearing (live);
}
