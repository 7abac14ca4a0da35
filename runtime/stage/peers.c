/*  =========================================================================
    stage/peers.c - the test's end of a connection

    Place: runtime/stage; see streams.h. Nothing here runs an actor: what a
    peer does is something that its actor may find in a later turn.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/streams.h"

#include <stdlib.h>

//  --- Pieces

void troupe_stage_peer_push (troupe_stage_peer_t *peer, const void *data, size_t size)
{
    troupe_stage_piece_t *piece = troupe_stage_memory (sizeof *piece + size);
    piece->size = size;
    memcpy (piece->data, data, size);
    if (peer->last)
        peer->last->next = piece;
    else
        peer->first = piece;
    peer->last = piece;
}

troupe_stage_piece_t *troupe_stage_peer_pull (troupe_stage_peer_t *peer)
{
    troupe_stage_piece_t *piece = peer->first;
    if (!piece)
        return NULL;
    peer->first = piece->next;
    if (!peer->first)
        peer->last = NULL;
    return piece;
}

//  --- Life

troupe_stage_peer_t *troupe_stage_peer_new (troupe_stage_t *stage, troupe_stage_player_t *player)
{
    troupe_stage_peer_t *peer = troupe_stage_memory (sizeof *peer);
    peer->stage = stage;
    peer->player = player;
    peer->number = ++stage->peer_count;
    if (stage->last_peer)
        stage->last_peer->next = peer;
    else
        stage->peers = peer;
    stage->last_peer = peer;
    return peer;
}

void troupe_stage_peer_gone (troupe_stage_peer_t *peer)
{
    for (troupe_stage_piece_t *piece; (piece = troupe_stage_peer_pull (peer)); )
        free (piece);
    peer->stream = NULL;
    peer->waiting = peer->connecting = false;
    peer->actor_ended = peer->actor_closed = true;
}

troupe_stage_port_t *troupe_stage_port (troupe_stage_t *stage, const char *address)
{
    troupe_stream_address_t parsed;
    if (!troupe_stream_address_parse (&parsed, address))
        return NULL;
    troupe_stage_port_t **place = &stage->ports;
    for (; *place; place = &(*place)->next)
        if (strcmp ((*place)->address, parsed.text) == 0)
            return *place;
    troupe_stage_port_t *port = troupe_stage_memory (sizeof *port);
    port->address = troupe_stage_string (parsed.text);
    *place = port;
    return port;
}

void troupe_stage_streams_free (troupe_stage_t *stage)
{
    while (stage->peers) {
        troupe_stage_peer_t *peer = stage->peers;
        stage->peers = peer->next;
        troupe_stage_peer_gone (peer);
        troupe_stage_text_clear (&peer->received);
        free (peer->shown);
        free (peer);
    }
    stage->last_peer = NULL;
    while (stage->ports) {
        troupe_stage_port_t *port = stage->ports;
        stage->ports = port->next;
        free (port->address);
        free (port);
    }
}

//  --- Connecting

troupe_stage_peer_t *troupe_stage_connect (troupe_stage_t *stage, const char *address)
{
    troupe_stage_port_t *port = troupe_stage_port (stage, address);
    if (!port)
        troupe_stage_die (stage, "'%s' is no address of a stream", address ? address : "(null)");
    if (!port->listener)
        return NULL;
    troupe_stage_peer_t *peer = troupe_stage_peer_new (stage, port->player);
    peer->port = port;
    peer->waiting = true;
    return peer;
}

void troupe_stage_listen (troupe_stage_t *stage, const char *address)
{
    troupe_stage_port_t *port = troupe_stage_port (stage, address);
    if (!port || port->listener)
        troupe_stage_die (stage, "cannot listen at '%s': %s", address ? address : "(null)",
                          port ? "an actor does" : "it is no address of a stream");
    port->awaited = true;
}

troupe_stage_peer_t *troupe_stage_accept (troupe_stage_t *stage, const char *address)
{
    troupe_stage_port_t *port = troupe_stage_port (stage, address);
    for (troupe_stage_peer_t *peer = stage->peers; peer; peer = peer->next)
        if (peer->queued && peer->port == port) {
            peer->queued = false;
            return peer;
        }
    return NULL;
}

//  --- Talking

void troupe_stage_peer_send (troupe_stage_peer_t *peer, const void *data, size_t size, size_t chunk)
{
    if (peer->ended || peer->aborted)
        troupe_stage_die (peer->stage, "peer %u sends after it has ended", peer->number);
    if (peer->actor_closed)
        return;
    const uint8_t *bytes = data;
    while (size) {
        size_t part = chunk && chunk < size ? chunk : size;
        troupe_stage_peer_push (peer, bytes, part);
        bytes += part;
        size -= part;
    }
}

const char *troupe_stage_peer_received (troupe_stage_peer_t *peer, size_t *size_p)
{
    free (peer->shown);
    if (size_p)
        *size_p = peer->received.size;
    peer->shown = peer->received.data;
    peer->received = (troupe_stage_text_t) { 0 };
    return peer->shown ? peer->shown : "";
}

void troupe_stage_peer_end (troupe_stage_peer_t *peer)
{
    peer->ended = true;
}

void troupe_stage_peer_abort (troupe_stage_peer_t *peer)
{
    for (troupe_stage_piece_t *piece; (piece = troupe_stage_peer_pull (peer)); )
        free (piece);
    peer->ended = peer->aborted = true;
}

void troupe_stage_peer_block (troupe_stage_peer_t *peer, bool blocked)
{
    peer->writable = (peer->writable || peer->blocked) && !blocked;
    peer->blocked = blocked;
}

bool troupe_stage_peer_ended (const troupe_stage_peer_t *peer)
{
    return peer->actor_ended;
}

bool troupe_stage_peer_closed (const troupe_stage_peer_t *peer)
{
    return peer->actor_closed;
}
