/*  =========================================================================
    stage/zmq.h - ZeroMQ sockets in memory: what the parts of it know

    Place: runtime/stage; the stage's half of core/edge/zmq_socket.h. Between a
    socket that connects and one that is bound there is a pipe, which exists
    from the connecting on and keeps messages until somebody is bound. Either
    end may be the test's (a peer). zmq_pipes.c has pipes and messages,
    zmq_patterns.c what the types do, zmq_sockets.c the host's functions and
    turns, zmq_peers.c the test's end.

    On the way messages look as on the wire, with the envelopes of REQ and REP.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_STAGE_ZMQ_H_INCLUDED
#define TROUPE_STAGE_ZMQ_H_INCLUDED

#include "stage/world.h"

#include "core/edge/zmq_socket.h"

typedef struct troupe_stage_zmq troupe_stage_zmq_t;
typedef struct troupe_stage_pipe troupe_stage_pipe_t;

//  A message, or what is told of a peer.
typedef struct troupe_stage_letter {
    struct troupe_stage_letter *next;
    uint64_t number;                    //  In order of sending
    bool event;                         //  Not a message: 'what' at the endpoint in frames [0]
    troupe_zmq_event_t what;
    char user [TROUPE_ZMQ_USER_MAX + 1];    //  Of the test's peer
    size_t count;
    troupe_bytes_t frames [];           //  Their bytes are behind them
} troupe_stage_letter_t;

typedef struct troupe_stage_letters {
    troupe_stage_letter_t *first, *last;
    size_t count;
} troupe_stage_letters_t;

//  What somebody has subscribed to.
typedef struct troupe_stage_topic {
    struct troupe_stage_topic *next;
    size_t size;
    uint8_t prefix [];
} troupe_stage_topic_t;

//  Nobody's when both are null.
typedef struct troupe_stage_end {
    troupe_stage_zmq_t *socket;
    troupe_stage_zmq_peer_t *peer;
    troupe_stage_letters_t in;          //  On their way to it
} troupe_stage_end_t;

struct troupe_stage_pipe {
    troupe_stage_pipe_t *next;
    unsigned number;
    char *endpoint;                     //  As the one who connects calls it
    char known_as [TROUPE_ZMQ_ROUTING_ID_MAX + 1];  //  How who connects wants to know who is bound; or ""
    troupe_stage_end_t ends [2];        //  Who connects, who is bound
};

//  An actor's socket.
struct troupe_stage_zmq {
    troupe_stage_zmq_t *next;
    troupe_stage_player_t *player;
    troupe_zmq_t *socket;
    troupe_stage_letters_t news;        //  For it, of no pipe
    troupe_stage_topic_t *topics;
    unsigned used;                      //  The pipe that was sent on last, by number
    troupe_stage_pipe_t *partner;       //  Whom a REQ has asked, or a REP is to answer
    bool asked;                         //  REQ waits for the answer, REP owes it
    uint32_t request;                   //  The number of a relaxed REQ's
    troupe_stage_letter_t *envelope;    //  A REP's, of the question
    unsigned full;                      //  A ROUTER's pipe that was full, by number
    const char *user;                   //  Whose message the actor has; null: it has none
};

struct troupe_stage_zmq_peer {
    troupe_stage_zmq_peer_t *next;
    troupe_stage_t *stage;
    unsigned number;
    char *endpoint;
    char *routing_id;
    char user [TROUPE_ZMQ_USER_MAX + 1];
    troupe_stage_topic_t *topics;
    troupe_stage_letter_t *shown;       //  What the test was given last
    char *text;
    unsigned heard;                     //  The pipe that it was from, by number
    bool full, away;
};

//  --- zmq_pipes.c

//  A copy of the frames, behind those of 'head' if there is one.
troupe_stage_letter_t *troupe_stage_letter_new (troupe_stage_t *stage, const troupe_bytes_t *head, size_t head_count,
                                                const troupe_bytes_t *frames, size_t count);
void troupe_stage_letters_add (troupe_stage_letters_t *letters, troupe_stage_letter_t *letter);
troupe_stage_letter_t *troupe_stage_letters_take (troupe_stage_letters_t *letters);
void troupe_stage_letters_clear (troupe_stage_letters_t *letters);

//  Whether somebody who connects to the one finds who is bound at the other.
bool troupe_stage_endpoints_meet (const char *connected, const char *bound);
//  Which end of a pipe is the socket's; -1: neither.
int troupe_stage_pipe_end (const troupe_stage_pipe_t *pipe, const troupe_stage_zmq_t *zmq);
int troupe_stage_pipe_peer (const troupe_stage_pipe_t *pipe, const troupe_stage_zmq_peer_t *peer);
bool troupe_stage_pipe_joined (const troupe_stage_pipe_t *pipe);
troupe_stage_pipe_t *troupe_stage_pipe_new (troupe_stage_t *stage, const char *endpoint);
//  Both ends are there: topics are told, and events.
void troupe_stage_pipe_join (troupe_stage_t *stage, troupe_stage_pipe_t *pipe);
//  One end goes. The pipe is gone, unless it was the bound end of a socket that has connected.
void troupe_stage_pipe_leave (troupe_stage_t *stage, troupe_stage_pipe_t *pipe, int end);

//  --- zmq_patterns.c

troupe_error_t troupe_stage_zmq_send (troupe_actor_t *cell, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                                      size_t count);
troupe_error_t troupe_stage_zmq_subscribe (troupe_actor_t *cell, troupe_zmq_t *socket, const void *prefix, size_t size,
                                           bool wanted);
const char *troupe_stage_zmq_who (troupe_actor_t *cell, const troupe_zmq_t *socket);
//  Whether there is room for what was refused.
bool troupe_stage_zmq_has_room (const troupe_stage_zmq_t *zmq);
//  The pipe whose letter is the next for the socket; null for none.
troupe_stage_pipe_t *troupe_stage_zmq_next (const troupe_stage_zmq_t *zmq);
//  Gives it to the actor, if it is one for it.
void troupe_stage_zmq_receive (troupe_stage_zmq_t *zmq, troupe_stage_pipe_t *pipe);
//  Adds or takes a topic. False when it was there already, or not.
bool troupe_stage_topic_set (troupe_stage_topic_t **topics, const void *prefix, size_t size, bool wanted);
bool troupe_stage_topic_matches (const troupe_stage_topic_t *topics, const troupe_bytes_t *frame);
void troupe_stage_topics_free (troupe_stage_topic_t **topics);
//  Tells who publishes at the other end of a topic: 'end' is the subscriber's.
void troupe_stage_topic_tell (troupe_stage_t *stage, troupe_stage_pipe_t *pipe, int end, const void *prefix,
                              size_t size, bool wanted);
//  What the type of the socket at the other end puts in front of messages, for a test that writes without.
size_t troupe_stage_zmq_head (const troupe_stage_zmq_t *zmq, troupe_bytes_t *head);
//  How many frames of a letter are an envelope.
size_t troupe_stage_zmq_envelope (const troupe_stage_letter_t *letter);

//  --- zmq_sockets.c: the rest of the host's functions

troupe_error_t troupe_stage_zmq_open (troupe_actor_t *cell, troupe_zmq_t *socket);
void troupe_stage_zmq_close (troupe_actor_t *cell, troupe_zmq_t *socket);
troupe_error_t troupe_stage_zmq_bind (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place, char *why,
                                      size_t why_size);
troupe_error_t troupe_stage_zmq_connect (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place,
                                         const troupe_bytes_t *routing_id, char *why, size_t why_size);
void troupe_stage_zmq_leave (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place);
void troupe_stage_zmq_resume (troupe_actor_t *cell, troupe_zmq_t *socket);

//  --- zmq_peers.c

//  The test's peer there; null when there is none.
troupe_stage_zmq_peer_t *troupe_stage_zmq_peer_at (troupe_stage_t *stage, const char *endpoint);

#endif
