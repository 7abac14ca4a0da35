/*  =========================================================================
    core/edge/zmq_socket.c - an actor's ZeroMQ sockets: life, messages, events

    Place: runtime/core; see zmq_socket.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/edge/zmq_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_LIMIT 1000u
#define S_LIMIT_MOST 1000000u
#define S_MESSAGE_BYTES (INT64_C (1) << 20)
#define S_FRAMES 64u
#define S_WHOLE_BYTES (INT64_C (16) << 20)
#define S_UNFINISHED_BYTES (INT64_C (64) << 20)
#define S_UNTAKEN_BYTES (INT64_C (64) << 20)
#define S_UNREAD_BYTES (INT64_C (64) << 20)
#define S_FRAMES_MOST 65536u
#define S_LINGER_MS 500
#define S_HEARTBEAT_MS 1000
//  libzmq counts heartbeats in 16 bits of tenths of a second, of which three must fit (RFC 37, ZMTP 3.1).
#define S_HEARTBEAT_MOST_MS 2000000
#define S_DAY_MS 86400000

//  --- Types

static bool s_only_sends (troupe_zmq_type_t type)
{
    return type == TROUPE_ZMQ_PUB || type == TROUPE_ZMQ_PUSH;
}

static bool s_only_receives (troupe_zmq_type_t type)
{
    return type == TROUPE_ZMQ_SUB || type == TROUPE_ZMQ_PULL;
}

static bool s_conflates (troupe_zmq_type_t type)
{
    return type == TROUPE_ZMQ_DEALER || s_only_sends (type) || s_only_receives (type);
}

const char *troupe_zmq_type_name (troupe_zmq_type_t type)
{
    static const char *const names [] = { "PAIR", "REQ", "REP", "DEALER", "ROUTER", "PUB", "SUB", "XPUB", "XSUB",
                                          "PUSH", "PULL", "STREAM" };
    return (unsigned) type < sizeof names / sizeof *names ? names [type] : "UNKNOWN";
}

troupe_zmq_type_t troupe_zmq_type (const troupe_zmq_t *socket)
{
    return socket->type;
}

//  --- Options

//  Zero is the default; what is to be turned off is TROUPE_ZMQ_NONE.
static bool s_check_time (int64_t *ms_p, int64_t fallback_ms, int64_t most_ms)
{
    if (*ms_p == 0)
        *ms_p = fallback_ms;
    return *ms_p == TROUPE_ZMQ_NONE || (*ms_p > 0 && *ms_p <= most_ms);
}

static bool s_check_count (uint32_t *count_p, uint32_t fallback, uint32_t most)
{
    if (*count_p == 0)
        *count_p = fallback;
    return *count_p <= most;
}

//  The larger limit is never below the smaller one, unless it is said so.
static bool s_check_bytes (troupe_zmq_options_t *options)
{
    if (options->message_bytes == 0)
        options->message_bytes = S_MESSAGE_BYTES;
    if (options->whole_bytes == 0)
        options->whole_bytes = options->message_bytes > S_WHOLE_BYTES - S_MESSAGE_BYTES
            && options->message_bytes < INT64_MAX - S_MESSAGE_BYTES ? options->message_bytes + S_MESSAGE_BYTES
                                                                    : S_WHOLE_BYTES;
    if (options->unfinished_bytes == 0)
        options->unfinished_bytes = options->whole_bytes > S_UNFINISHED_BYTES ? options->whole_bytes
                                                                              : S_UNFINISHED_BYTES;
    if (options->unread_bytes == 0)
        options->unread_bytes = S_UNREAD_BYTES;
    return options->message_bytes > 0 && options->whole_bytes > 0 && options->unfinished_bytes > 0
           && options->unread_bytes > 0;
}

static bool s_check_type (troupe_zmq_type_t type, const troupe_zmq_options_t *options)
{
    return (!options->relaxed || type == TROUPE_ZMQ_REQ) && (!options->handover || type == TROUPE_ZMQ_ROUTER)
           && (!options->verbose || type == TROUPE_ZMQ_XPUB) && (!options->conflate || s_conflates (type));
}

//  Those whose messages wait at the peers when they are not taken.
static bool s_presses_back (troupe_zmq_type_t type)
{
    return s_only_receives (type) || type == TROUPE_ZMQ_XSUB || type == TROUPE_ZMQ_STREAM;
}

//  Those whose peers are bounded by default, and those that put a connection aside which is still there.
static bool s_is_beaten (troupe_zmq_type_t type, const troupe_zmq_options_t *options)
{
    return (type == TROUPE_ZMQ_REQ || type == TROUPE_ZMQ_REP || type == TROUPE_ZMQ_DEALER || type == TROUPE_ZMQ_ROUTER)
           && !options->handover;
}

static bool s_may_be_beaten (troupe_zmq_type_t type, const troupe_zmq_options_t *options)
{
    return type != TROUPE_ZMQ_PAIR && type != TROUPE_ZMQ_STREAM && !options->handover
           && options->receive_limit == TROUPE_ZMQ_NO_LIMIT;
}

/*  libzmq 4.3.4 ends the program when it is to send a heartbeat on a connection whose input it has stopped, and which
    is gone: either there is no limit, or there are no heartbeats.
    Source: github.com/zeromq/libzmq/issues/3937 and 4767.                                                    */
static bool s_check_receiving (troupe_zmq_type_t type, troupe_zmq_options_t *options)
{
    if (options->receive_limit == 0)
        options->receive_limit = s_presses_back (type) ? S_LIMIT : TROUPE_ZMQ_NO_LIMIT;
    const bool unlimited = options->receive_limit == TROUPE_ZMQ_NO_LIMIT;
    const int64_t beat_ms = unlimited && s_is_beaten (type, options) ? S_HEARTBEAT_MS : TROUPE_ZMQ_NONE;
    if (options->untaken_bytes == 0)
        options->untaken_bytes = unlimited ? S_UNTAKEN_BYTES : INT64_MAX;
    return (unlimited || options->receive_limit <= S_LIMIT_MOST) && options->untaken_bytes > 0
           && s_check_time (&options->heartbeat_ms, beat_ms, S_HEARTBEAT_MOST_MS);
}

static bool s_check_options (troupe_zmq_type_t type, troupe_zmq_options_t *options)
{
    size_t id_size = options->routing_id ? strlen (options->routing_id) : 1;
    return s_check_count (&options->send_limit, S_LIMIT, S_LIMIT_MOST)
           && s_check_count (&options->frame_limit, S_FRAMES, S_FRAMES_MOST)
           && s_check_time (&options->linger_ms, S_LINGER_MS, S_DAY_MS)
           && s_check_receiving (type, options)
           && options->unread_ms >= 0 && options->unread_ms <= S_DAY_MS && s_check_bytes (options)
           && id_size > 0 && id_size <= TROUPE_ZMQ_ROUTING_ID_MAX
           && s_check_type (type, options);
}

//  --- Opening and closing

static bool s_is_alive (const troupe_actor_t *cell)
{
    return cell->cell_state == TROUPE_CELL_STARTING || cell->cell_state == TROUPE_CELL_RUNNING;
}

static void s_enlist (troupe_zmq_t *socket)
{
    socket->next = socket->cell->zmq_sockets;
    if (socket->next)
        socket->next->previous = socket;
    socket->cell->zmq_sockets = socket;
}

static void s_delist (troupe_zmq_t *socket)
{
    if (socket->next)
        socket->next->previous = socket->previous;
    if (socket->previous)
        socket->previous->next = socket->next;
    else
        socket->cell->zmq_sockets = socket->next;
    socket->next = socket->previous = NULL;
}

static void s_explain_heartbeats (troupe_actor_t *cell, troupe_zmq_type_t type, const troupe_zmq_options_t *options)
{
    char deed [48];
    snprintf (deed, sizeof deed, "a %s socket cannot have", troupe_zmq_type_name (type));
    troupe_cell_explain (cell, TROUPE_EINVAL, deed, "heartbeats",
                         options->handover ? "with handover, a peer could end the program"
                         : options->receive_limit != TROUPE_ZMQ_NO_LIMIT
                             ? "with a receive limit, a peer could end the program"
                             : type == TROUPE_ZMQ_STREAM ? "its peers do not know them"
                                                         : "a second peer could end the program");
}

static troupe_zmq_t *s_new (troupe_actor_t *cell, troupe_zmq_type_t type, const troupe_zmq_options_t *options)
{
    troupe_zmq_t *socket = calloc (1, sizeof *socket);
    if (!socket)
        return NULL;
    socket->cell = cell;
    socket->type = type;
    socket->options = *options;
    if (options->routing_id) {
        memcpy (socket->routing_id, options->routing_id, strlen (options->routing_id));
        socket->options.routing_id = socket->routing_id;
    }
    return socket;
}

troupe_error_t troupe_zmq_open (troupe_actor_t *self, troupe_zmq_type_t type, const troupe_zmq_options_t *options,
                                troupe_zmq_fn *on_message, void *context, troupe_zmq_t **socket_p)
{
    troupe_zmq_options_t checked = options ? *options : (troupe_zmq_options_t) { 0 };
    if ((unsigned) type > TROUPE_ZMQ_STREAM || (!on_message && !s_only_sends (type))
        || !s_check_options (type, &checked))
        return TROUPE_EINVAL;
    if (checked.heartbeat_ms != TROUPE_ZMQ_NONE && !s_may_be_beaten (type, &checked)) {
        s_explain_heartbeats (self, type, &checked);
        return TROUPE_EINVAL;
    }
    if (!s_is_alive (self))
        return TROUPE_ESTATE;
    troupe_zmq_t *socket = s_new (self, type, &checked);
    if (!socket)
        return TROUPE_ENOMEM;
    socket->on_message = on_message;
    socket->context = context;
    troupe_error_t error = self->host->zmq_open (self, socket);
    if (error) {
        free (socket);
        return error;
    }
    s_enlist (socket);
    *socket_p = socket;
    return TROUPE_OK;
}

void troupe_zmq_close (troupe_zmq_t **socket_p)
{
    troupe_zmq_t *socket = *socket_p;
    if (!socket)
        return;
    *socket_p = NULL;
    if (socket->closed)    //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list
        return;
    socket->closed = true;
    socket->cell->host->zmq_close (socket->cell, socket);
    s_delist (socket);
    troupe_zmq_places_clear (socket);
    if (!socket->busy)
        free (socket);
}

void troupe_zmqs_end (troupe_actor_t *cell)
{
    while (cell->zmq_sockets) {
        troupe_zmq_t *socket = cell->zmq_sockets;
        troupe_zmq_close (&socket);
    }
}

//  --- Sending

static bool s_has_bytes (const troupe_bytes_t *frames, size_t count)
{
    for (size_t index = 0; index < count; index++)
        if (!frames [index].data && frames [index].size)
            return false;
    return true;
}

static bool s_fits (const troupe_zmq_t *socket, size_t count)
{
    if (socket->options.conflate)
        return count == 1;
    if (socket->type == TROUPE_ZMQ_STREAM)
        return count == 2;
    return count >= (socket->type == TROUPE_ZMQ_ROUTER ? 2u : 1u) && count <= S_FRAMES_MOST;
}

troupe_error_t troupe_zmq_send (troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count)
{
    if (s_only_receives (socket->type))
        return TROUPE_ENOTSUP;
    if (!frames || !s_fits (socket, count) || !s_has_bytes (frames, count))
        return TROUPE_EINVAL;
    if (socket->closed)
        return TROUPE_ESTATE;
    troupe_error_t error = socket->cell->host->zmq_send (socket->cell, socket, frames, count);
    if (error == TROUPE_EFULL)
        socket->refused = true;
    return error;
}

troupe_error_t troupe_zmq_send_text (troupe_zmq_t *socket, const char *text)
{
    const troupe_bytes_t frame = { text, text ? strlen (text) : 0 };
    return text ? troupe_zmq_send (socket, &frame, 1) : TROUPE_EINVAL;
}

static troupe_error_t s_subscribe (troupe_zmq_t *socket, const void *prefix, size_t size, bool wanted)
{
    if (socket->type != TROUPE_ZMQ_SUB)
        return TROUPE_ENOTSUP;
    if (!prefix && size)
        return TROUPE_EINVAL;
    if (socket->closed)
        return TROUPE_ESTATE;
    return socket->cell->host->zmq_subscribe (socket->cell, socket, prefix, size, wanted);
}

troupe_error_t troupe_zmq_subscribe (troupe_zmq_t *socket, const void *prefix, size_t size)
{
    return s_subscribe (socket, prefix, size, true);
}

troupe_error_t troupe_zmq_unsubscribe (troupe_zmq_t *socket, const void *prefix, size_t size)
{
    return s_subscribe (socket, prefix, size, false);
}

//  --- Pausing

void troupe_zmq_pause (troupe_zmq_t *socket)
{
    socket->paused = true;
}

void troupe_zmq_resume (troupe_zmq_t *socket)
{
    bool was_paused = socket->paused;
    socket->paused = false;
    if (was_paused && !socket->closed)
        socket->cell->host->zmq_resume (socket->cell, socket);
}

//  --- Callbacks

const char *troupe_zmq_user (const troupe_zmq_t *socket)
{
    bool told = socket->in_hand && !socket->closed;
    return told ? socket->cell->host->zmq_user (socket->cell, socket) : "";
}

bool troupe_zmq_listens (const troupe_zmq_t *socket)
{
    return s_is_alive (socket->cell);
}

//  A pointer to a socket that was closed meanwhile is good until here.
static bool s_leave (troupe_zmq_t *socket, int result)
{
    troupe_cell_leave (socket->cell, result);
    socket->busy--;
    if (!socket->closed)
        return true;
    if (!socket->busy)
        free (socket);
    return false;
}

static void s_enter (troupe_zmq_t *socket)
{
    socket->busy++;
    troupe_cell_enter (socket->cell);
    socket->cell->doing = TROUPE_DOING_ZMQ;
}

bool troupe_zmq_arrived (troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count)
{
    troupe_actor_t *cell = socket->cell;
    if (!s_is_alive (cell) || !socket->on_message)
        return true;
    s_enter (socket);
    socket->in_hand = true;
    int result = socket->on_message (cell, cell->state, socket, frames, count, socket->context);
    socket->in_hand = false;
    return s_leave (socket, result);
}

bool troupe_zmq_happened (troupe_zmq_t *socket, troupe_zmq_event_t event, const char *endpoint)
{
    troupe_actor_t *cell = socket->cell;
    troupe_zmq_event_fn *on_event = socket->options.on_event;
    if (!on_event || !s_is_alive (cell))
        return true;
    s_enter (socket);
    return s_leave (socket, on_event (cell, cell->state, socket, event, endpoint, socket->context));
}

bool troupe_zmq_can_send (troupe_zmq_t *socket)
{
    if (!socket->refused || !s_is_alive (socket->cell))
        return true;
    socket->refused = false;
    return troupe_zmq_happened (socket, TROUPE_ZMQ_WRITABLE, "");
}

void troupe_zmq_malformed (troupe_zmq_t *socket, size_t size)
{
    char from [sizeof ((troupe_dead_letter_t *) 0)->from];
    const char *endpoint = socket->places ? socket->places->actual : "";
    snprintf (from, sizeof from, "%s %.50s", troupe_zmq_type_name (socket->type), endpoint);
    troupe_cell_bury (socket->cell, TROUPE_DEAD_MALFORMED, 0, size, 1, from, socket->cell->name);
}
