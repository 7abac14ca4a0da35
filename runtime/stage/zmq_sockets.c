/*  =========================================================================
    stage/zmq_sockets.c - actors' ZeroMQ sockets on the stage: life and turns

    Place: runtime/stage; see zmq.h. Not simulated: what happens within a
    connection (handshakes, heartbeats, keys, the order of frames on the wire),
    conflate, linger and handover; that a PAIR has one peer only; messages that
    are lost with a connection but for those on their way to who was bound.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/zmq.h"

#include <troupe/address.h>

#include <stdio.h>
#include <stdlib.h>

//  The first port that is given to those who ask for any: of the range that IANA leaves free (RFC 6335, section 6).
#define S_FIRST_FREE_PORT 49152u

//  --- Opening and closing

troupe_error_t troupe_stage_zmq_open (troupe_actor_t *cell, troupe_zmq_t *socket)
{
    troupe_stage_zmq_t *zmq = troupe_stage_memory (sizeof *zmq);
    zmq->player = troupe_stage_player (cell);
    zmq->socket = socket;
    troupe_stage_zmq_t **place = &zmq->player->stage->edge.sockets;
    while (*place)
        place = &(*place)->next;
    *place = zmq;
    socket->host = zmq;
    return TROUPE_OK;
}

//  Ends the pipes of a socket, of one place or of all.
static void s_leave (troupe_stage_zmq_t *zmq, const troupe_zmq_place_t *place)
{
    troupe_stage_t *stage = zmq->player->stage;
    troupe_stage_pipe_t *next;
    for (troupe_stage_pipe_t *pipe = stage->edge.pipes; pipe; pipe = next) {
        int end = troupe_stage_pipe_end (pipe, zmq);
        next = pipe->next;
        if (end >= 0 && (!place || (place->bound == (end == 1)
                                    && troupe_stage_endpoints_meet (pipe->endpoint, place->actual))))
            troupe_stage_pipe_leave (stage, pipe, end);
    }
}

void troupe_stage_zmq_leave (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place)
{
    (void) cell;
    s_leave (socket->host, place);
}

void troupe_stage_zmq_close (troupe_actor_t *cell, troupe_zmq_t *socket)
{
    troupe_stage_zmq_t *zmq = socket->host;
    troupe_stage_zmq_t **place = &troupe_stage_player (cell)->stage->edge.sockets;
    s_leave (zmq, NULL);
    while (*place != zmq)
        place = &(*place)->next;
    *place = zmq->next;
    troupe_stage_letters_clear (&zmq->news);
    troupe_stage_topics_free (&zmq->topics);
    free (zmq->envelope);
    free (zmq);
    socket->host = NULL;
}

void troupe_stage_zmq_resume (troupe_actor_t *cell, troupe_zmq_t *socket)
{
    (void) cell;
    (void) socket;
}

//  --- Binding and connecting

//  Who is bound where 'endpoint' leads; 'exactly': or would be in the way of somebody who binds there.
static troupe_stage_zmq_t *s_find_bound (troupe_stage_t *stage, const char *endpoint, bool exactly)
{
    for (troupe_stage_zmq_t *zmq = stage->edge.sockets; zmq; zmq = zmq->next)
        for (const troupe_zmq_place_t *place = zmq->socket->places; place; place = place->next)
            if (place->bound && (troupe_stage_endpoints_meet (endpoint, place->actual)
                                 || (exactly && troupe_stage_endpoints_meet (place->actual, endpoint))))
                return zmq;
    return NULL;
}

static bool s_is_known (const char *endpoint)
{
    static const char *const schemes [] = { "ipc://", "inproc://", "pgm://", "epgm://" };
    troupe_address_t address;
    for (size_t index = 0; index < sizeof schemes / sizeof *schemes; index++)
        if (strncmp (endpoint, schemes [index], strlen (schemes [index])) == 0)
            return true;
    return troupe_address_of_endpoint (endpoint, &address);
}

static void s_name_place (troupe_stage_t *stage, troupe_zmq_place_t *place)
{
    troupe_address_t address;
    if (place->bound && troupe_address_of_endpoint (place->given, &address) && address.port <= 0)
        snprintf (place->actual, sizeof place->actual, address.ipv6 ? "tcp://[%.*s]:%u" : "tcp://%.*s:%u",
                  (int) address.host.size, address.host.data, S_FIRST_FREE_PORT + stage->free_ports++);
    else
        snprintf (place->actual, sizeof place->actual, "%s", place->given);
}

static troupe_error_t s_prepare (troupe_stage_t *stage, troupe_zmq_place_t *place, char *why, size_t why_size)
{
    if (!s_is_known (place->given)) {
        snprintf (why, why_size, "%.80s: it is malformed", place->given);
        return TROUPE_EINVAL;
    }
    s_name_place (stage, place);
    if (place->bound && s_find_bound (stage, place->actual, true)) {
        snprintf (why, why_size, "%.80s: the address is in use", place->given);
        return TROUPE_EADDRINUSE;
    }
    return TROUPE_OK;
}

//  Those who are waiting for somebody there, and peers of the test's.
troupe_error_t troupe_stage_zmq_bind (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place, char *why,
                                      size_t why_size)
{
    troupe_stage_t *stage = troupe_stage_player (cell)->stage;
    troupe_error_t error = s_prepare (stage, place, why, why_size);
    if (error)
        return error;
    for (troupe_stage_pipe_t *pipe = stage->edge.pipes; pipe; pipe = pipe->next)
        if (!troupe_stage_pipe_joined (pipe) && troupe_stage_endpoints_meet (pipe->endpoint, place->actual)) {
            pipe->ends [1].socket = socket->host;
            troupe_stage_pipe_join (stage, pipe);
        }
    for (troupe_stage_zmq_peer_t *peer = stage->edge.peers; peer; peer = peer->next)
        if (!peer->away && troupe_stage_endpoints_meet (peer->endpoint, place->actual)) {
            troupe_stage_pipe_t *pipe = troupe_stage_pipe_new (stage, peer->endpoint);
            pipe->ends [0].peer = peer;
            pipe->ends [1].socket = socket->host;
            troupe_stage_pipe_join (stage, pipe);
        }
    return TROUPE_OK;
}

troupe_error_t troupe_stage_zmq_connect (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place,
                                         const troupe_bytes_t *routing_id, char *why, size_t why_size)
{
    troupe_stage_t *stage = troupe_stage_player (cell)->stage;
    troupe_error_t error = s_prepare (stage, place, why, why_size);
    if (error)
        return error;
    troupe_stage_pipe_t *pipe = troupe_stage_pipe_new (stage, place->actual);
    pipe->ends [0].socket = socket->host;
    if (routing_id)
        memcpy (pipe->known_as, routing_id->data, routing_id->size);
    pipe->ends [1].socket = s_find_bound (stage, place->actual, false);
    if (!pipe->ends [1].socket)
        pipe->ends [1].peer = troupe_stage_zmq_peer_at (stage, place->actual);
    if (troupe_stage_pipe_joined (pipe))
        troupe_stage_pipe_join (stage, pipe);
    return TROUPE_OK;
}

//  --- Turns

//  Subscriptions and a STREAM's peers are messages: they wait while the socket is paused, and what follows them.
static bool s_has_news (const troupe_stage_zmq_t *zmq)
{
    return zmq->news.first && (zmq->news.first->event || !zmq->socket->paused);
}

static bool s_may_write (const troupe_stage_zmq_t *zmq)
{
    return zmq->socket->refused && troupe_stage_zmq_has_room (zmq);
}

static bool s_is_ready (const troupe_stage_zmq_t *zmq)
{
    return troupe_zmq_listens (zmq->socket) && (s_has_news (zmq) || s_may_write (zmq) || troupe_stage_zmq_next (zmq));
}

size_t troupe_stage_zmqs_ready (troupe_stage_player_t *player)
{
    size_t count = 0;
    for (const troupe_stage_zmq_t *zmq = player->stage->edge.sockets; zmq; zmq = zmq->next)
        count += zmq->player == player && s_is_ready (zmq);
    return count;
}

static void s_tell_news (troupe_stage_zmq_t *zmq)
{
    static const char *const names [] = { "writable", "connected", "disconnected", "refused" };
    troupe_stage_letter_t *letter = troupe_stage_letters_take (&zmq->news);
    char who [TROUPE_STAGE_WHO_MAX];
    const char *type = troupe_zmq_type_name (zmq->socket->type);
    troupe_stage_who (zmq->player, who, sizeof who);
    if (letter->event) {
        const char *endpoint = letter->frames [0].data;
        troupe_stage_note (zmq->player->stage, "%s <- %s: %s %s", who, type, names [letter->what], endpoint);
        troupe_zmq_happened (zmq->socket, letter->what, endpoint);
    }
    else {
        troupe_stage_note (zmq->player->stage, "%s <- %s: %zu frames of a peer's", who, type, letter->count);
        troupe_zmq_arrived (zmq->socket, letter->frames, letter->count);
    }
    free (letter);
}

void troupe_stage_zmqs_turn (troupe_stage_player_t *player, size_t which)
{
    troupe_stage_zmq_t *zmq = player->stage->edge.sockets;
    char who [TROUPE_STAGE_WHO_MAX];
    while (!(zmq->player == player && s_is_ready (zmq) && which-- == 0))
        zmq = zmq->next;
    if (s_has_news (zmq))
        s_tell_news (zmq);
    else if (s_may_write (zmq)) {
        zmq->full = 0;
        troupe_stage_note (player->stage, "%s <- %s: writable", troupe_stage_who (player, who, sizeof who),
                           troupe_zmq_type_name (zmq->socket->type));
        troupe_zmq_can_send (zmq->socket);
    }
    else
        troupe_stage_zmq_receive (zmq, troupe_stage_zmq_next (zmq));
}
