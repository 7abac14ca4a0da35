/*  =========================================================================
    stage/streams.c - the actor's end of a connection

    Place: runtime/stage; see streams.h. Implements the streams of core/cell/host.h
    in memory. A peer offers its actor one thing at a time: to be accepted,
    to be connected, to be lost, to be written to again, bytes, the end; in
    this order. What two peers offer mixes by the seed.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/streams.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

//  The first port that is given to those who ask for any: of the range that IANA leaves free (RFC 6335, section 6).
#define S_FIRST_FREE_PORT 49152u

//  --- Listening

static void s_name_address (troupe_stage_t *stage, troupe_listener_t *listener, const troupe_stream_address_t *address)
{
    if (address->local || address->port)
        return;
    bool brackets = strchr (address->host, ':');
    snprintf (listener->address, sizeof listener->address, "%s%s%s:%u", brackets ? "[" : "", address->host,
              brackets ? "]" : "", S_FIRST_FREE_PORT + stage->free_ports++);
}

troupe_error_t troupe_stage_stream_listen (troupe_actor_t *cell, troupe_listener_t *listener,
                                           const troupe_stream_address_t *address)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    s_name_address (player->stage, listener, address);
    troupe_stage_port_t *port = troupe_stage_port (player->stage, listener->address);
    if (!port)
        return TROUPE_EINVAL;
    if (port->listener || port->awaited)
        return TROUPE_EADDRINUSE;
    port->player = player;
    port->listener = listener;
    port->accepts = true;
    listener->host = port;
    return TROUPE_OK;
}

void troupe_stage_stream_accepts (troupe_actor_t *cell, troupe_listener_t *listener, bool accepts)
{
    (void) cell;
    troupe_stage_port_t *port = listener->host;
    port->accepts = accepts;
}

void troupe_stage_stream_unlisten (troupe_actor_t *cell, troupe_listener_t *listener)
{
    troupe_stage_t *stage = troupe_stage_player (cell)->stage;
    troupe_stage_port_t *port = listener->host;
    listener->host = NULL;
    port->listener = NULL;
    port->player = NULL;
    for (troupe_stage_peer_t *peer = stage->peers; peer; peer = peer->next)
        if (peer->waiting && peer->port == port) {
            troupe_stage_peer_gone (peer);
            if (peer->other)
                peer->other->aborted = true;
        }
}

//  --- Connecting

//  The other actor's end of a connection within the stage.
static void s_join (troupe_stage_peer_t *peer, troupe_stage_port_t *port)
{
    troupe_stage_peer_t *other = troupe_stage_peer_new (peer->stage, port->player);
    other->port = port;
    other->waiting = true;
    other->other = peer;
    peer->other = other;
}

troupe_error_t troupe_stage_stream_connect (troupe_actor_t *cell, troupe_stream_t *stream,
                                            const troupe_stream_address_t *address, int64_t timeout_ms)
{
    (void) timeout_ms;
    troupe_stage_player_t *player = troupe_stage_player (cell);
    troupe_stage_port_t *port = troupe_stage_port (player->stage, address->text);
    if (!port)
        return TROUPE_EINVAL;
    troupe_stage_peer_t *peer = troupe_stage_peer_new (player->stage, player);
    peer->port = port;
    peer->stream = stream;
    peer->connecting = true;
    peer->queued = port->awaited;
    peer->refused = !port->awaited && !port->listener;
    if (port->listener)
        s_join (peer, port);
    stream->host = peer;
    return TROUPE_OK;
}

//  --- What the core asks of a stream

ptrdiff_t troupe_stage_stream_send (troupe_actor_t *cell, troupe_stream_t *stream, const troupe_bytes_t *parts,
                                    size_t count, troupe_error_t *error_p)
{
    (void) cell;
    troupe_stage_peer_t *peer = stream->host;
    if (peer->aborted || (peer->other && peer->other->actor_closed)) {
        *error_p = TROUPE_ECLOSED;
        return -1;
    }
    if (peer->blocked)
        return 0;
    size_t size = 0;
    for (size_t index = 0; index < count; index++) {
        if (peer->other && parts [index].size)
            troupe_stage_peer_push (peer->other, parts [index].data, parts [index].size);
        else
            troupe_stage_text_bytes (&peer->received, parts [index].data, parts [index].size);
        size += parts [index].size;
    }
    return (ptrdiff_t) size;
}

void troupe_stage_stream_reads (troupe_actor_t *cell, troupe_stream_t *stream, bool reads)
{
    (void) cell;
    troupe_stage_peer_t *peer = stream->host;
    peer->reads = reads;
}

void troupe_stage_stream_end (troupe_actor_t *cell, troupe_stream_t *stream)
{
    (void) cell;
    troupe_stage_peer_t *peer = stream->host;
    peer->actor_ended = true;
    if (peer->other)
        peer->other->ended = true;
}

void troupe_stage_stream_close (troupe_actor_t *cell, troupe_stream_t *stream, bool abort)
{
    (void) cell;
    troupe_stage_peer_t *peer = stream->host;
    stream->host = NULL;
    troupe_stage_peer_gone (peer);
    if (peer->other && abort)
        troupe_stage_peer_abort (peer->other);
    else if (peer->other)
        peer->other->ended = true;
}

void troupe_stage_stream_peer (troupe_actor_t *cell, troupe_stream_t *stream, char *text, size_t size)
{
    (void) cell;
    troupe_stage_peer_t *peer = stream->host;
    snprintf (text, size, "127.0.0.1:%u", 40000 + peer->number % 9000);
}

//  --- What a peer offers

typedef enum { S_NOTHING, S_ACCEPT, S_CONNECTED, S_LOST, S_WRITABLE, S_BYTES, S_END } s_offer_t;

static s_offer_t s_offer (const troupe_stage_peer_t *peer)
{
    if (!troupe_streams_alive (&peer->player->cell))
        return S_NOTHING;
    if (peer->waiting)
        return peer->port->listener && peer->port->accepts ? S_ACCEPT : S_NOTHING;
    if (!peer->stream)
        return S_NOTHING;
    if (peer->refused || peer->aborted)
        return S_LOST;
    if (peer->connecting)
        return S_CONNECTED;
    if (peer->writable)
        return S_WRITABLE;
    if (!peer->reads)
        return S_NOTHING;
    if (peer->first)
        return S_BYTES;
    return peer->ended && !peer->end_shown ? S_END : S_NOTHING;
}

size_t troupe_stage_streams_ready (troupe_stage_player_t *player)
{
    size_t count = 0;
    for (const troupe_stage_peer_t *peer = player->stage->peers; peer; peer = peer->next)
        count += peer->player == player && s_offer (peer) != S_NOTHING;
    return count;
}

static void s_accept (troupe_stage_peer_t *peer)
{
    troupe_listener_t *listener = peer->port->listener;
    troupe_stream_t *stream = troupe_listener_stream (listener, peer);
    if (!stream) {
        troupe_stage_peer_gone (peer);
        return;
    }
    peer->waiting = false;
    peer->stream = stream;
    peer->reads = true;
    troupe_stream_accepted (listener, stream);
}

static void s_bytes (troupe_stage_peer_t *peer)
{
    troupe_stage_piece_t *piece = troupe_stage_peer_pull (peer);
    troupe_stream_arrived (peer->stream, piece->data, piece->size);
    free (piece);
}

static void s_take (troupe_stage_peer_t *peer, s_offer_t offer)
{
    switch (offer) {
    case S_NOTHING:
        break;
    case S_ACCEPT:
        s_accept (peer);
        break;
    case S_CONNECTED:
        peer->connecting = false;
        peer->reads = !peer->stream->paused;
        troupe_stream_connected (peer->stream);
        break;
    case S_LOST:
        troupe_stream_lost (peer->stream, peer->refused ? TROUPE_EADDR : TROUPE_ECLOSED);
        break;
    case S_WRITABLE:
        peer->writable = false;
        troupe_stream_can_write (peer->stream);
        break;
    case S_BYTES:
        s_bytes (peer);
        break;
    case S_END:
        peer->end_shown = true;
        troupe_stream_ended (peer->stream);
        break;
    }
}

void troupe_stage_streams_turn (troupe_stage_player_t *player, size_t which)
{
    static const char *const names [] = { "", "accepts", "connected", "lost", "writable", "bytes", "end" };
    troupe_stage_peer_t *peer = player->stage->peers;
    while (!(peer->player == player && s_offer (peer) != S_NOTHING && which-- == 0))
        peer = peer->next;
    s_offer_t offer = s_offer (peer);
    char who [TROUPE_STAGE_WHO_MAX];
    if (offer == S_BYTES)
        troupe_stage_note (player->stage, "%s <- peer %u: %zu bytes",
                           troupe_stage_who (player, who, sizeof who), peer->number, peer->first->size);
    else
        troupe_stage_note (player->stage, "%s <- peer %u: %s", troupe_stage_who (player, who, sizeof who),
                           peer->number, names [offer]);
    s_take (peer, offer);
}
