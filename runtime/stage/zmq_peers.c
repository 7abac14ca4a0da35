/*  =========================================================================
    stage/zmq_peers.c - the test's end of ZeroMQ sockets

    Place: runtime/stage; see zmq.h. A peer is of whatever type fits: it writes
    and reads without the envelopes of REQ and REP. Nothing here runs an actor.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/zmq.h"

#include <stdio.h>
#include <stdlib.h>

#define S_FRAMES_MOST 64u

//  --- Coming and going

troupe_stage_zmq_peer_t *troupe_stage_zmq_peer_at (troupe_stage_t *stage, const char *endpoint)
{
    troupe_stage_zmq_peer_t *peer = stage->edge.peers;
    while (peer && (peer->away || !troupe_stage_endpoints_meet (endpoint, peer->endpoint)))
        peer = peer->next;
    return peer;
}

//  Who waits for somebody there; and who is bound.
static void s_arrive (troupe_stage_zmq_peer_t *peer)
{
    troupe_stage_t *stage = peer->stage;
    for (troupe_stage_pipe_t *pipe = stage->edge.pipes; pipe; pipe = pipe->next)
        if (!troupe_stage_pipe_joined (pipe) && troupe_stage_endpoints_meet (pipe->endpoint, peer->endpoint)) {
            pipe->ends [1].peer = peer;
            troupe_stage_pipe_join (stage, pipe);
        }
    for (troupe_stage_zmq_t *zmq = stage->edge.sockets; zmq; zmq = zmq->next)
        for (const troupe_zmq_place_t *place = zmq->socket->places; place; place = place->next)
            if (place->bound && troupe_stage_endpoints_meet (peer->endpoint, place->actual)) {
                troupe_stage_pipe_t *pipe = troupe_stage_pipe_new (stage, peer->endpoint);
                pipe->ends [0].peer = peer;
                pipe->ends [1].socket = zmq;
                troupe_stage_pipe_join (stage, pipe);
            }
}

troupe_stage_zmq_peer_t *troupe_stage_zmq_peer (troupe_stage_t *stage, const char *endpoint, const char *routing_id)
{
    char id [32];
    troupe_stage_zmq_peer_t *peer = troupe_stage_memory (sizeof *peer);
    peer->stage = stage;
    peer->number = ++stage->edge.peer_count;
    snprintf (id, sizeof id, "peer %u", peer->number);
    if (!endpoint || !strstr (endpoint, "://") || (routing_id && strlen (routing_id) > TROUPE_ZMQ_ROUTING_ID_MAX))
        troupe_stage_die (stage, "'%s' is no endpoint of a ZeroMQ socket, or its peer's routing id too long",
                          endpoint ? endpoint : "(null)");
    peer->endpoint = troupe_stage_string (endpoint);
    peer->routing_id = troupe_stage_string (routing_id ? routing_id : id);
    troupe_stage_zmq_peer_t **place = &stage->edge.peers;
    while (*place)
        place = &(*place)->next;
    *place = peer;
    s_arrive (peer);
    return peer;
}

void troupe_stage_zmq_connected (troupe_stage_zmq_peer_t *peer, bool connected)
{
    if (peer->away != connected)
        return;
    peer->away = !connected;
    if (connected) {
        s_arrive (peer);
        return;
    }
    troupe_stage_pipe_t *next;
    for (troupe_stage_pipe_t *pipe = peer->stage->edge.pipes; pipe; pipe = next) {
        int end = troupe_stage_pipe_peer (pipe, peer);
        next = pipe->next;
        if (end >= 0)
            troupe_stage_pipe_leave (peer->stage, pipe, end);
    }
    troupe_stage_topics_free (&peer->topics);
}

void troupe_stage_zmq_refuse (troupe_stage_zmq_peer_t *peer)
{
    const troupe_bytes_t where = { peer->endpoint, strlen (peer->endpoint) + 1 };
    for (troupe_stage_zmq_t *zmq = peer->stage->edge.sockets; zmq; zmq = zmq->next)
        for (const troupe_zmq_place_t *place = zmq->socket->places; place; place = place->next)
            if (troupe_stage_endpoints_meet (peer->endpoint, place->actual)) {
                troupe_stage_letter_t *letter = troupe_stage_letter_new (peer->stage, NULL, 0, &where, 1);
                letter->event = true;
                letter->what = TROUPE_ZMQ_REFUSED;
                troupe_stage_letters_add (&zmq->news, letter);
            }
}

void troupe_stage_zmq_user (troupe_stage_zmq_peer_t *peer, const char *user)
{
    if (user && strlen (user) > TROUPE_ZMQ_USER_MAX)
        troupe_stage_die (peer->stage, "the user's name is too long: %s", user);
    snprintf (peer->user, sizeof peer->user, "%s", user ? user : "");
}

void troupe_stage_zmq_fill (troupe_stage_zmq_peer_t *peer, bool full)
{
    peer->full = full;
}

//  --- Sending

static bool s_subscribes (const troupe_stage_zmq_t *zmq, const troupe_bytes_t *frame)
{
    bool publishes = zmq->socket->type == TROUPE_ZMQ_PUB || zmq->socket->type == TROUPE_ZMQ_XPUB;
    return publishes && frame->size && *(const uint8_t *) frame->data <= 1;
}

static void s_subscribe (troupe_stage_zmq_peer_t *peer, troupe_stage_pipe_t *pipe, int end, const troupe_bytes_t *frame)
{
    const uint8_t *data = frame->data;
    bool wanted = data [0];
    if (wanted && !troupe_stage_topic_set (&peer->topics, data + 1, frame->size - 1, true))
        return;
    troupe_stage_topic_tell (peer->stage, pipe, end, data + 1, frame->size - 1, wanted);
    if (!wanted)
        troupe_stage_topic_set (&peer->topics, data + 1, frame->size - 1, false);
}

static bool s_deliver (troupe_stage_zmq_peer_t *peer, troupe_stage_pipe_t *pipe, const troupe_bytes_t *frames,
                       size_t count)
{
    troupe_bytes_t head [2];
    int end = troupe_stage_pipe_peer (pipe, peer);
    troupe_stage_zmq_t *zmq = pipe->ends [!end].socket;
    if (s_subscribes (zmq, &frames [0])) {
        s_subscribe (peer, pipe, end, &frames [0]);
        return true;
    }
    bool subscribed = zmq->socket->type == TROUPE_ZMQ_SUB || zmq->socket->type == TROUPE_ZMQ_XSUB;
    if (subscribed && !troupe_stage_topic_matches (zmq->topics, &frames [0]))
        return false;
    size_t head_count = troupe_stage_zmq_head (zmq, head);
    troupe_stage_letter_t *letter = troupe_stage_letter_new (peer->stage, head, head_count, frames, count);
    memcpy (letter->user, peer->user, sizeof letter->user);
    troupe_stage_letters_add (&pipe->ends [!end].in, letter);
    return true;
}

//  Publishes to all; answers who was heard last, or else the first who is there.
bool troupe_stage_zmq_deliver (troupe_stage_zmq_peer_t *peer, const troupe_bytes_t *frames, size_t count)
{
    bool delivered = false;
    troupe_stage_pipe_t *one = NULL;
    if (count == 0)
        troupe_stage_die (peer->stage, "a message of no frames to %s", peer->endpoint);
    for (troupe_stage_pipe_t *pipe = peer->stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_peer (pipe, peer);
        if (end < 0 || !troupe_stage_pipe_joined (pipe))
            continue;
        troupe_zmq_type_t type = pipe->ends [!end].socket->socket->type;
        if (type == TROUPE_ZMQ_SUB || type == TROUPE_ZMQ_XSUB)
            delivered |= s_deliver (peer, pipe, frames, count);
        else if (!one || pipe->number == peer->heard)
            one = pipe;
    }
    return one ? s_deliver (peer, one, frames, count) : delivered;
}

bool troupe_stage_zmq_deliver_text (troupe_stage_zmq_peer_t *peer, const char *text)
{
    troupe_bytes_t frames [S_FRAMES_MOST];
    size_t count = 0;
    for (const char *bar; (bar = strchr (text, '|')) && count + 1 < S_FRAMES_MOST; text = bar + 1)
        frames [count++] = (troupe_bytes_t) { text, (size_t) (bar - text) };
    frames [count++] = (troupe_bytes_t) { text, strlen (text) };
    return troupe_stage_zmq_deliver (peer, frames, count);
}

//  --- Taking

static troupe_stage_pipe_t *s_next (const troupe_stage_zmq_peer_t *peer, int *end_p)
{
    troupe_stage_pipe_t *best = NULL;
    uint64_t number = UINT64_MAX;
    for (troupe_stage_pipe_t *pipe = peer->stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_peer (pipe, peer);
        const troupe_stage_letter_t *first = end < 0 ? NULL : pipe->ends [end].in.first;
        if (first && first->number < number) {
            best = pipe;
            *end_p = end;
            number = first->number;
        }
    }
    return best;
}

const troupe_bytes_t *troupe_stage_zmq_taken_frames (troupe_stage_zmq_peer_t *peer, size_t *count_p)
{
    int end = 0;
    troupe_stage_pipe_t *pipe = peer->full ? NULL : s_next (peer, &end);
    free (peer->shown);
    peer->shown = NULL;
    *count_p = 0;
    if (!pipe)
        return NULL;
    const troupe_stage_zmq_t *zmq = pipe->ends [!end].socket;
    bool wrapped = zmq && (zmq->socket->type == TROUPE_ZMQ_REQ || zmq->socket->type == TROUPE_ZMQ_REP);
    peer->heard = pipe->number;
    peer->shown = troupe_stage_letters_take (&pipe->ends [end].in);
    size_t front = wrapped ? troupe_stage_zmq_envelope (peer->shown) : 0;
    *count_p = peer->shown->count - front;
    return peer->shown->frames + front;
}

const char *troupe_stage_zmq_taken (troupe_stage_zmq_peer_t *peer)
{
    size_t count;
    troupe_stage_text_t text = { 0 };
    const troupe_bytes_t *frames = troupe_stage_zmq_taken_frames (peer, &count);
    if (!frames)
        return NULL;
    for (size_t index = 0; index < count; index++) {
        if (index)
            troupe_stage_text_bytes (&text, "|", 1);
        troupe_stage_text_bytes (&text, frames [index].data, frames [index].size);
    }
    free (peer->text);
    peer->text = text.data;
    return peer->text;
}

void troupe_stage_zmqs_free (troupe_stage_t *stage)
{
    while (stage->edge.peers) {
        troupe_stage_zmq_peer_t *peer = stage->edge.peers;
        troupe_stage_zmq_connected (peer, false);
        stage->edge.peers = peer->next;
        free (peer->shown);
        free (peer->text);
        free (peer->endpoint);
        free (peer->routing_id);
        free (peer);
    }
}
