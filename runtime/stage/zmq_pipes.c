/*  =========================================================================
    stage/zmq_pipes.c - messages of ZeroMQ sockets, and what lies between two of them

    Place: runtime/stage; see zmq.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/zmq.h"

#include <troupe/address.h>

#include <stdlib.h>

//  --- Letters

static size_t s_size (const troupe_bytes_t *frames, size_t count)
{
    size_t size = 0;
    for (size_t index = 0; index < count; index++)
        size += frames [index].size;
    return size;
}

static void s_add_frame (troupe_stage_letter_t *letter, uint8_t **data_p, const troupe_bytes_t *frame)
{
    if (frame->size)
        memcpy (*data_p, frame->data, frame->size);
    letter->frames [letter->count++] = (troupe_bytes_t) { *data_p, frame->size };
    *data_p += frame->size;
}

troupe_stage_letter_t *troupe_stage_letter_new (troupe_stage_t *stage, const troupe_bytes_t *head, size_t head_count,
                                                const troupe_bytes_t *frames, size_t count)
{
    size_t all = head_count + count, table = all * sizeof (troupe_bytes_t);
    size_t size = s_size (head, head_count) + s_size (frames, count);
    troupe_stage_letter_t *letter = troupe_stage_memory (sizeof *letter + table + size);
    uint8_t *data = (uint8_t *) (letter->frames + all);
    for (size_t index = 0; index < head_count; index++)
        s_add_frame (letter, &data, &head [index]);
    for (size_t index = 0; index < count; index++)
        s_add_frame (letter, &data, &frames [index]);
    letter->number = ++stage->edge.letters;
    return letter;
}

void troupe_stage_letters_add (troupe_stage_letters_t *letters, troupe_stage_letter_t *letter)
{
    letter->next = NULL;
    if (letters->last)
        letters->last->next = letter;
    else
        letters->first = letter;
    letters->last = letter;
    letters->count++;
}

troupe_stage_letter_t *troupe_stage_letters_take (troupe_stage_letters_t *letters)
{
    troupe_stage_letter_t *letter = letters->first;
    if (!letter)
        return NULL;
    letters->first = letter->next;
    if (!letters->first)
        letters->last = NULL;
    letters->count--;
    return letter;
}

void troupe_stage_letters_clear (troupe_stage_letters_t *letters)
{
    while (letters->first)
        free (troupe_stage_letters_take (letters));
}

//  --- Endpoints

//  The stage is one machine with all its names; those that are written differently are different machines otherwise.
bool troupe_stage_endpoints_meet (const char *connected, const char *bound)
{
    troupe_address_t there, here;
    if (strcmp (connected, bound) == 0)
        return true;
    if (!troupe_address_of_endpoint (connected, &there) || !troupe_address_of_endpoint (bound, &here)
        || there.port != here.port)
        return false;
    return here.wildcard || (troupe_text_is (there.host, "localhost") && troupe_text_is (here.host, "127.0.0.1"));
}

//  --- Ends

int troupe_stage_pipe_end (const troupe_stage_pipe_t *pipe, const troupe_stage_zmq_t *zmq)
{
    return pipe->ends [0].socket == zmq ? 0 : pipe->ends [1].socket == zmq ? 1 : -1;
}

int troupe_stage_pipe_peer (const troupe_stage_pipe_t *pipe, const troupe_stage_zmq_peer_t *peer)
{
    return pipe->ends [0].peer == peer ? 0 : pipe->ends [1].peer == peer ? 1 : -1;
}

static bool s_is_somebody (const troupe_stage_end_t *end)
{
    return end->socket || end->peer;
}

bool troupe_stage_pipe_joined (const troupe_stage_pipe_t *pipe)
{
    return s_is_somebody (&pipe->ends [0]) && s_is_somebody (&pipe->ends [1]);
}

troupe_stage_pipe_t *troupe_stage_pipe_new (troupe_stage_t *stage, const char *endpoint)
{
    troupe_stage_pipe_t *pipe = troupe_stage_memory (sizeof *pipe);
    pipe->endpoint = troupe_stage_string (endpoint);
    pipe->number = ++stage->edge.pipe_count;
    troupe_stage_pipe_t **place = &stage->edge.pipes;
    while (*place)
        place = &(*place)->next;
    *place = pipe;
    return pipe;
}

//  --- Joining

//  For each type, those that it talks to (RFC 28 to 31); STREAM only talks to the test.
static bool s_fit (troupe_zmq_type_t one, troupe_zmq_type_t other)
{
#define S_BIT(type) (1u << TROUPE_ZMQ_##type)
    static const unsigned partners [] = {
        [TROUPE_ZMQ_PAIR] = S_BIT (PAIR), [TROUPE_ZMQ_REQ] = S_BIT (REP) | S_BIT (ROUTER),
        [TROUPE_ZMQ_REP] = S_BIT (REQ) | S_BIT (DEALER),
        [TROUPE_ZMQ_DEALER] = S_BIT (REP) | S_BIT (DEALER) | S_BIT (ROUTER),
        [TROUPE_ZMQ_ROUTER] = S_BIT (REQ) | S_BIT (DEALER) | S_BIT (ROUTER),
        [TROUPE_ZMQ_PUB] = S_BIT (SUB) | S_BIT (XSUB), [TROUPE_ZMQ_SUB] = S_BIT (PUB) | S_BIT (XPUB),
        [TROUPE_ZMQ_XPUB] = S_BIT (SUB) | S_BIT (XSUB), [TROUPE_ZMQ_XSUB] = S_BIT (PUB) | S_BIT (XPUB),
        [TROUPE_ZMQ_PUSH] = S_BIT (PULL), [TROUPE_ZMQ_PULL] = S_BIT (PUSH), [TROUPE_ZMQ_STREAM] = 0,
    };
    return partners [one] & (1u << other);
}

static void s_check_fit (troupe_stage_t *stage, const troupe_stage_pipe_t *pipe)
{
    const troupe_stage_zmq_t *one = pipe->ends [0].socket, *other = pipe->ends [1].socket;
    if (one && other && !s_fit (one->socket->type, other->socket->type))
        troupe_stage_die (stage, "at %s a %s of %s meets a %s of %s, which cannot talk to it", pipe->endpoint,
                          troupe_zmq_type_name (one->socket->type), one->player->label,
                          troupe_zmq_type_name (other->socket->type), other->player->label);
}

//  A STREAM hears of peers by a message too.
static void s_tell_end (troupe_stage_t *stage, const troupe_stage_pipe_t *pipe, int end, troupe_zmq_event_t what)
{
    troupe_stage_zmq_t *zmq = pipe->ends [end].socket;
    if (!zmq || zmq->socket->closed)
        return;
    const troupe_stage_zmq_peer_t *peer = pipe->ends [!end].peer;
    const troupe_bytes_t where = { pipe->endpoint, strlen (pipe->endpoint) + 1 };
    troupe_stage_letter_t *letter = troupe_stage_letter_new (stage, NULL, 0, &where, 1);
    letter->event = true;
    letter->what = what;
    troupe_stage_letters_add (&zmq->news, letter);
    if (zmq->socket->type == TROUPE_ZMQ_STREAM && peer) {
        const troupe_bytes_t frames [] = { { peer->routing_id, strlen (peer->routing_id) }, { "", 0 } };
        troupe_stage_letters_add (&zmq->news, troupe_stage_letter_new (stage, NULL, 0, frames, 2));
    }
}

static void s_tell_topics (troupe_stage_t *stage, troupe_stage_pipe_t *pipe, int end, bool wanted)
{
    const troupe_stage_end_t *owner = &pipe->ends [end];
    const troupe_stage_topic_t *topic = owner->socket ? owner->socket->topics
        : owner->peer ? owner->peer->topics : NULL;
    for (; topic; topic = topic->next)
        troupe_stage_topic_tell (stage, pipe, end, topic->prefix, topic->size, wanted);
}

void troupe_stage_pipe_join (troupe_stage_t *stage, troupe_stage_pipe_t *pipe)
{
    s_check_fit (stage, pipe);
    for (int end = 0; end < 2; end++) {
        s_tell_end (stage, pipe, end, TROUPE_ZMQ_CONNECTED);
        s_tell_topics (stage, pipe, end, true);
    }
}

static void s_forget (troupe_stage_t *stage, const troupe_stage_pipe_t *pipe)
{
    for (troupe_stage_zmq_t *zmq = stage->edge.sockets; zmq; zmq = zmq->next)
        if (zmq->partner == pipe)
            zmq->partner = NULL;
}

static void s_free (troupe_stage_t *stage, troupe_stage_pipe_t *pipe)
{
    troupe_stage_pipe_t **place = &stage->edge.pipes;
    while (*place != pipe)
        place = &(*place)->next;
    *place = pipe->next;
    s_forget (stage, pipe);
    troupe_stage_letters_clear (&pipe->ends [0].in);
    troupe_stage_letters_clear (&pipe->ends [1].in);
    free (pipe->endpoint);
    free (pipe);
}

void troupe_stage_pipe_leave (troupe_stage_t *stage, troupe_stage_pipe_t *pipe, int end)
{
    if (troupe_stage_pipe_joined (pipe)) {
        s_tell_topics (stage, pipe, end, false);
        s_tell_end (stage, pipe, !end, TROUPE_ZMQ_DISCONNECTED);
    }
    if (end == 1 && pipe->ends [0].socket) {
        s_forget (stage, pipe);
        troupe_stage_letters_clear (&pipe->ends [1].in);
        pipe->ends [1] = (troupe_stage_end_t) { 0 };
    }
    else
        s_free (stage, pipe);
}
