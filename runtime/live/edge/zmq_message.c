/*  =========================================================================
    live/edge/zmq_message.c - messages of actors' ZeroMQ sockets

    Place: runtime/live; see zmq_socket.h. libzmq hands a message out only when
    all its frames are there, so none is ever waited for. Frames of the message
    in hand that are sent on are shared with it, not copied.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/edge/zmq_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

//  Frames below this are cheaper to copy than to look for.
#define S_SHARED_LEAST 256u
//  Messages of so many frames need no memory to be sent.
#define S_FEW 8u
//  How long a ROUTER's sender waits before it tries again: libzmq does not say which of the peers has room.
#define S_RETRY_US 10000
//  What libzmq calls ZMQ_MSG_PROPERTY_USER_ID, where it shows its drafts.
#define S_USER_PROPERTY "User-Id"

//  --- Inboxes

troupe_zmq_inbox_t *troupe_zmq_inbox_new (size_t capacity)
{
    troupe_zmq_inbox_t *inbox = calloc (1, sizeof *inbox);
    if (!inbox)
        return NULL;
    inbox->capacity = capacity;
    inbox->parts = calloc (capacity, sizeof *inbox->parts);
    inbox->views = calloc (capacity, sizeof *inbox->views);
    if (inbox->parts && inbox->views)
        return inbox;
    troupe_zmq_inbox_free (inbox);
    return NULL;
}

void troupe_zmq_inbox_empty (troupe_zmq_inbox_t *inbox)
{
    while (inbox->count)
        zmq_msg_close (&inbox->parts [--inbox->count]);
}

void troupe_zmq_inbox_free (troupe_zmq_inbox_t *inbox)
{
    if (!inbox)
        return;
    troupe_zmq_inbox_empty (inbox);
    free (inbox->parts);
    free (inbox->views);
    free (inbox);
}

//  --- Receiving

static bool s_receive (void *raw, zmq_msg_t *message)
{
    int size;
    zmq_msg_init (message);
    while ((size = zmq_msg_recv (message, raw, ZMQ_DONTWAIT)) < 0 && zmq_errno () == EINTR)
        ;
    if (size < 0) {
        zmq_msg_close (message);
        return false;
    }
    troupe_handover_receive ();
    return true;
}

//  Reads what is left of a message that is too long, or too large.
static void s_skip (troupe_live_zmq_t *self, size_t *size_p)
{
    zmq_msg_t message;
    bool more = true;
    while (more && s_receive (self->raw, &message)) {
        *size_p += zmq_msg_size (&message);
        more = zmq_msg_more (&message);
        if (self->guard)
            troupe_zmq_guard_frame (self->guard, zmq_msg_size (&message));
        if (self->guard && !more)
            troupe_zmq_guard_taken (self->guard, &message);
        zmq_msg_close (&message);
    }
}

static troupe_zmq_taken_t s_drop (troupe_live_zmq_t *self)
{
    troupe_zmq_inbox_empty (self->inbox);
    return TROUPE_ZMQ_DROPPED;
}

//  There is no whole message. (A REP that owes an answer, or a REQ that has not asked, does not say.)
static troupe_zmq_taken_t s_dry (troupe_live_zmq_t *self)
{
    const bool known = zmq_errno () == EAGAIN;
    troupe_zmq_inbox_empty (self->inbox);
    if (self->guard && known)
        troupe_zmq_guard_dry (self->guard);
    return TROUPE_ZMQ_DRY;
}

troupe_zmq_taken_t troupe_zmq_take (troupe_live_zmq_t *self, size_t *size_p)
{
    troupe_zmq_inbox_t *inbox = self->inbox;
    const size_t whole = (size_t) self->socket->options.whole_bytes;
    *size_p = 0;
    for (bool more = true; more;) {
        if (inbox->count == inbox->capacity || *size_p > whole) {
            s_skip (self, size_p);
            return self->socket->options.cut ? TROUPE_ZMQ_TAKEN : s_drop (self);
        }
        zmq_msg_t *part = &inbox->parts [inbox->count];
        if (!s_receive (self->raw, part))
            return s_dry (self);
        inbox->views [inbox->count++] = (troupe_bytes_t) { zmq_msg_data (part), zmq_msg_size (part) };
        *size_p += zmq_msg_size (part);
        more = zmq_msg_more (part);
        if (self->guard)
            troupe_zmq_guard_frame (self->guard, zmq_msg_size (part));
    }
    if (self->guard)
        troupe_zmq_guard_taken (self->guard, &inbox->parts [inbox->count - 1]);
    if (self->readers)
        troupe_zmq_readers_meet (self->readers, &inbox->views [0], &inbox->parts [inbox->count - 1]);
    return *size_p > whole && !self->socket->options.cut ? s_drop (self) : TROUPE_ZMQ_TAKEN;
}

//  The gatekeeper has told libzmq, which has written it into all messages of the connection (RFC 27).
const char *troupe_live_zmq_user (troupe_actor_t *cell, const troupe_zmq_t *socket)
{
    (void) socket;
    const troupe_live_t *live = troupe_live (cell);
    const troupe_zmq_inbox_t *inbox = live->zmq_in_hand;
    if (!live->shared->security || !inbox)
        return "";
    return troupe_security_user (live->shared->security,
                                 zmq_msg_gets (&inbox->parts [inbox->count - 1], S_USER_PROPERTY));
}

//  --- Sending

static zmq_msg_t *s_find (const troupe_zmq_inbox_t *inbox, const troupe_bytes_t *frame)
{
    if (!inbox || frame->size < S_SHARED_LEAST)
        return NULL;
    for (size_t index = 0; index < inbox->count; index++)
        if (inbox->views [index].data == frame->data && inbox->views [index].size == frame->size)
            return &inbox->parts [index];
    return NULL;
}

static bool s_make (const troupe_zmq_inbox_t *inbox, const troupe_bytes_t *frame, zmq_msg_t *message)
{
    zmq_msg_t *known = s_find (inbox, frame);
    if (known) {
        zmq_msg_init (message);
        return zmq_msg_copy (message, known) == 0;
    }
    if (zmq_msg_init_size (message, frame->size))
        return false;
    if (frame->size)
        memcpy (zmq_msg_data (message), frame->data, frame->size);
    return true;
}

static void s_close_all (zmq_msg_t *messages, size_t count)
{
    while (count)
        zmq_msg_close (&messages [--count]);
}

//  All of them, before the first is sent: a message cannot be taken back.
static bool s_make_all (const troupe_zmq_inbox_t *inbox, const troupe_bytes_t *frames, size_t count,
                        zmq_msg_t *messages)
{
    for (size_t index = 0; index < count; index++)
        if (!s_make (inbox, &frames [index], &messages [index])) {
            s_close_all (messages, index);
            return false;
        }
    return true;
}

static troupe_error_t s_error (int error_number)
{
    switch (error_number) {
    case EAGAIN:
        return TROUPE_EFULL;
    case EHOSTUNREACH:
        return TROUPE_EDOWN;
    case EFSM:
    case ETERM:
        return TROUPE_ESTATE;
    case ENOTSUP:
        return TROUPE_ENOTSUP;
    default:
        return troupe_socket_error (error_number);
    }
}

/*  When the peer goes away amid a message libzmq takes back what it had of it, says EAGAIN once, and drops what follows
    until the last frame: so the rest has to be sent all the same.                                           */
static troupe_error_t s_send_all (void *raw, zmq_msg_t *messages, size_t count)
{
    troupe_error_t error = TROUPE_OK;
    for (size_t index = 0; index < count; index++) {
        int flags = ZMQ_DONTWAIT | (index + 1 < count ? ZMQ_SNDMORE : 0), sent;
        troupe_handover_send ();
        while ((sent = zmq_msg_send (&messages [index], raw, flags)) < 0 && zmq_errno () == EINTR)
            ;
        if (sent >= 0)
            continue;
        error = error ? error : s_error (zmq_errno ());
        if (index == 0) {
            s_close_all (messages, count);
            return error;
        }
        zmq_msg_close (&messages [index]);
    }
    return error;
}

static int s_on_retry (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    troupe_live_zmq_t *self = context;
    self->timer = 0;
    troupe_zmq_can_send (self->socket);
    return 0;
}

static bool s_needs_timer (const troupe_zmq_t *socket)
{
    return socket->type == TROUPE_ZMQ_ROUTER || socket->type == TROUPE_ZMQ_STREAM;
}

static troupe_error_t s_make_and_send (troupe_live_zmq_t *self, const troupe_bytes_t *frames, size_t count,
                                       zmq_msg_t *messages)
{
    const int64_t most = self->socket->options.unread_bytes;
    if (self->readers && !troupe_zmq_readers_have_room (self->readers, most, frames, count))
        return TROUPE_EFULL;
    if (!s_make_all (self->live->zmq_in_hand, frames, count, messages))
        return TROUPE_ENOMEM;
    troupe_error_t error = s_send_all (self->raw, messages, count);
    if (!error && self->readers)
        troupe_zmq_readers_sent (self->readers, frames, count);
    return error;
}

static troupe_error_t s_send (troupe_live_zmq_t *self, const troupe_bytes_t *frames, size_t count,
                              zmq_msg_t *messages)
{
    troupe_actor_t *cell = &self->live->cell;
    troupe_error_t error = s_make_and_send (self, frames, count, messages);
    if (error == TROUPE_EFULL && s_needs_timer (self->socket) && !self->timer)
        self->timer = troupe_timers_add (&cell->system_timers, troupe_cell_refresh (cell) + S_RETRY_US, 0, s_on_retry,
                                         self);
    troupe_zmq_suspect (self);
    return error;
}

troupe_error_t troupe_live_zmq_send (troupe_actor_t *cell, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                                     size_t count)
{
    (void) cell;
    zmq_msg_t few [S_FEW];
    if (count <= S_FEW)
        return s_send (socket->host, frames, count, few);
    zmq_msg_t *many = calloc (count, sizeof *many);
    if (!many)
        return TROUPE_ENOMEM;
    troupe_error_t error = s_send (socket->host, frames, count, many);
    free (many);
    return error;
}
