/*  =========================================================================
    stage/streams.h - connections in memory: what both halves know

    Place: runtime/stage. A peer is the far end of one actor's stream: the test
    holds it, or another peer is its far end when two actors of one stage have
    found each other. streams.c is the actor's side, peers.c the test's.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_STAGE_STREAMS_H_INCLUDED
#define TROUPE_STAGE_STREAMS_H_INCLUDED

#include "stage/world.h"

#include "core/stream/address.h"
#include "core/stream/stream.h"

//  An address where connections arrive: at an actor's listener, or at the test.
struct troupe_stage_port {
    troupe_stage_port_t *next;
    char *address;                      //  As it is written usually
    troupe_stage_player_t *player;      //  Who listens; null: the test, or nobody any more
    troupe_listener_t *listener;
    bool accepts;
    bool awaited;                       //  By the test
};

//  Bytes that reach the actor together.
typedef struct troupe_stage_piece {
    struct troupe_stage_piece *next;
    size_t size;
    uint8_t data [];
} troupe_stage_piece_t;

struct troupe_stage_peer {
    troupe_stage_peer_t *next;          //  All of them, in order of making
    troupe_stage_t *stage;
    unsigned number;
    troupe_stage_port_t *port;          //  Where it waits to be accepted
    troupe_stage_player_t *player;
    troupe_stream_t *stream;            //  Null before it is accepted, and once the actor has closed it
    troupe_stage_peer_t *other;         //  The end of another actor; null: the test's
    troupe_stage_piece_t *first, *last; //  On their way to the actor
    troupe_stage_text_t received;       //  What the actor has written
    char *shown;                        //  What the test was given last
    bool waiting;                       //  To be accepted by an actor
    bool queued;                        //  To be accepted by the test
    bool connecting;                    //  By the actor, who will be told
    bool refused;                       //  Nobody listens there
    bool reads;                         //  The actor takes bytes
    bool ended, end_shown;              //  This side sends no more; the actor knows
    bool aborted;
    bool blocked, writable;             //  Takes no bytes; has begun again to
    bool actor_ended, actor_closed;
};

//  A peer with nobody at the other end yet.
troupe_stage_peer_t *troupe_stage_peer_new (troupe_stage_t *stage, troupe_stage_player_t *player);
//  The port of that address, made when it is new; null when the address is malformed.
troupe_stage_port_t *troupe_stage_port (troupe_stage_t *stage, const char *address);
//  Bytes for the actor, as one piece.
void troupe_stage_peer_push (troupe_stage_peer_t *peer, const void *data, size_t size);
troupe_stage_piece_t *troupe_stage_peer_pull (troupe_stage_peer_t *peer);
//  The actor has closed its end, or never took it: what is on its way to it is lost.
void troupe_stage_peer_gone (troupe_stage_peer_t *peer);

//  --- For the host's table

troupe_error_t troupe_stage_stream_listen (troupe_actor_t *cell, troupe_listener_t *listener,
                                           const troupe_stream_address_t *address);
void troupe_stage_stream_accepts (troupe_actor_t *cell, troupe_listener_t *listener, bool accepts);
void troupe_stage_stream_unlisten (troupe_actor_t *cell, troupe_listener_t *listener);
troupe_error_t troupe_stage_stream_connect (troupe_actor_t *cell, troupe_stream_t *stream,
                                            const troupe_stream_address_t *address, int64_t timeout_ms);
ptrdiff_t troupe_stage_stream_send (troupe_actor_t *cell, troupe_stream_t *stream, const troupe_bytes_t *parts,
                                    size_t count, troupe_error_t *error_p);
void troupe_stage_stream_reads (troupe_actor_t *cell, troupe_stream_t *stream, bool reads);
void troupe_stage_stream_end (troupe_actor_t *cell, troupe_stream_t *stream);
void troupe_stage_stream_close (troupe_actor_t *cell, troupe_stream_t *stream, bool abort);
void troupe_stage_stream_peer (troupe_actor_t *cell, troupe_stream_t *stream, char *text, size_t size);

#endif
