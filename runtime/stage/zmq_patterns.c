/*  =========================================================================
    stage/zmq_patterns.c - what the types of ZeroMQ sockets do with messages

    Place: runtime/stage; see zmq.h. RFC 28 (REQ, REP, DEALER, ROUTER), 29 (PUB,
    SUB), 30 (PUSH, PULL), 31 (PAIR). Messages are taken in the order in which
    they were sent, over all pipes: that is a fair queue with one thread.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/zmq.h"

#include <stdio.h>
#include <stdlib.h>

//  --- Topics

bool troupe_stage_topic_set (troupe_stage_topic_t **topics, const void *prefix, size_t size, bool wanted)
{
    troupe_stage_topic_t **place = topics;
    while (*place && ((*place)->size != size || memcmp ((*place)->prefix, prefix, size) != 0))
        place = &(*place)->next;
    if (wanted) {
        bool known = *place;
        troupe_stage_topic_t *topic = troupe_stage_memory (sizeof *topic + size);
        topic->size = size;
        memcpy (topic->prefix, prefix, size);
        topic->next = *topics;
        *topics = topic;
        return !known;
    }
    troupe_stage_topic_t *topic = *place;
    if (!topic)
        return false;
    *place = topic->next;
    free (topic);
    while (*place && ((*place)->size != size || memcmp ((*place)->prefix, prefix, size) != 0))
        place = &(*place)->next;
    return !*place;
}

bool troupe_stage_topic_matches (const troupe_stage_topic_t *topics, const troupe_bytes_t *frame)
{
    for (; topics; topics = topics->next)
        if (topics->size <= frame->size && memcmp (topics->prefix, frame->data, topics->size) == 0)
            return true;
    return false;
}

void troupe_stage_topics_free (troupe_stage_topic_t **topics)
{
    while (*topics) {
        troupe_stage_topic_t *topic = *topics;
        *topics = topic->next;
        free (topic);
    }
}

//  How many subscribers of a socket want that topic.
static unsigned s_wanted (troupe_stage_t *stage, const troupe_stage_zmq_t *zmq, const void *prefix, size_t size)
{
    unsigned count = 0;
    for (const troupe_stage_pipe_t *pipe = stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_end (pipe, zmq);
        if (end < 0)
            continue;
        const troupe_stage_end_t *other = &pipe->ends [!end];
        const troupe_stage_topic_t *topic = other->socket ? other->socket->topics
            : other->peer ? other->peer->topics : NULL;
        for (; topic; topic = topic->next)
            count += topic->size == size && memcmp (topic->prefix, prefix, size) == 0;
    }
    return count;
}

//  An XPUB hears of it, the first and the last time or, of subscriptions, when it is verbose always; so does the test.
void troupe_stage_topic_tell (troupe_stage_t *stage, troupe_stage_pipe_t *pipe, int end, const void *prefix,
                              size_t size, bool wanted)
{
    const troupe_bytes_t head = { wanted ? "\1" : "\0", 1 }, rest = { prefix, size };
    troupe_stage_end_t *other = &pipe->ends [!end];
    uint8_t *data = troupe_stage_memory (size + 1);
    *data = *(const uint8_t *) head.data;
    if (size)
        memcpy (data + 1, rest.data, size);
    const troupe_bytes_t frame = { data, size + 1 };
    if (other->peer)
        troupe_stage_letters_add (&other->in, troupe_stage_letter_new (stage, NULL, 0, &frame, 1));
    else if (other->socket && other->socket->socket->type == TROUPE_ZMQ_XPUB
             && (s_wanted (stage, other->socket, prefix, size) == 1
                 || (wanted && other->socket->socket->options.verbose)))
        troupe_stage_letters_add (&other->socket->news, troupe_stage_letter_new (stage, NULL, 0, &frame, 1));
    free (data);
}

static void s_set_topic (troupe_stage_zmq_t *zmq, const void *prefix, size_t size, bool wanted)
{
    troupe_stage_t *stage = zmq->player->stage;
    if (!troupe_stage_topic_set (&zmq->topics, prefix, size, wanted))
        return;
    if (!wanted)            //  It counts until it has been told
        troupe_stage_topic_set (&zmq->topics, prefix, size, true);
    for (troupe_stage_pipe_t *pipe = stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_end (pipe, zmq);
        if (end >= 0 && troupe_stage_pipe_joined (pipe))
            troupe_stage_topic_tell (stage, pipe, end, prefix, size, wanted);
    }
    if (!wanted)
        troupe_stage_topic_set (&zmq->topics, prefix, size, false);
}

troupe_error_t troupe_stage_zmq_subscribe (troupe_actor_t *cell, troupe_zmq_t *socket, const void *prefix, size_t size,
                                           bool wanted)
{
    (void) cell;
    s_set_topic (socket->host, size ? prefix : "", size, wanted);
    return TROUPE_OK;
}

//  --- Room

static bool s_has_room (const troupe_stage_pipe_t *pipe, int end)
{
    const troupe_stage_end_t *other = &pipe->ends [!end];
    const troupe_zmq_options_t *options = &pipe->ends [end].socket->socket->options;
    if (other->peer)
        return !other->peer->full;
    if (!other->socket)
        return !options->immediate && other->in.count < options->send_limit;
    return other->in.count < (size_t) options->send_limit + other->socket->socket->options.receive_limit;
}

//  The next one in turn that has room; null when there is none.
static troupe_stage_pipe_t *s_in_turn (const troupe_stage_zmq_t *zmq)
{
    troupe_stage_pipe_t *first = NULL;
    for (troupe_stage_pipe_t *pipe = zmq->player->stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_end (pipe, zmq);
        if (end < 0 || !s_has_room (pipe, end))
            continue;
        if (pipe->number > zmq->used)
            return pipe;
        first = first ? first : pipe;
    }
    return first;
}

bool troupe_stage_zmq_has_room (const troupe_stage_zmq_t *zmq)
{
    if (!zmq->full)
        return s_in_turn (zmq);
    for (const troupe_stage_pipe_t *pipe = zmq->player->stage->edge.pipes; pipe; pipe = pipe->next)
        if (pipe->number == zmq->full)
            return s_has_room (pipe, troupe_stage_pipe_end (pipe, zmq));
    return true;
}

//  --- Sending

static void s_post (troupe_stage_zmq_t *zmq, troupe_stage_pipe_t *pipe, const troupe_bytes_t *head, size_t head_count,
                    const troupe_bytes_t *frames, size_t count)
{
    int end = troupe_stage_pipe_end (pipe, zmq);
    zmq->used = pipe->number;
    troupe_stage_letters_add (&pipe->ends [!end].in,
                              troupe_stage_letter_new (zmq->player->stage, head, head_count, frames, count));
}

static troupe_error_t s_send_in_turn (troupe_stage_zmq_t *zmq, const troupe_bytes_t *frames, size_t count)
{
    troupe_stage_pipe_t *pipe = s_in_turn (zmq);
    if (!pipe)
        return TROUPE_EFULL;
    s_post (zmq, pipe, NULL, 0, frames, count);
    return TROUPE_OK;
}

static troupe_error_t s_publish (troupe_stage_zmq_t *zmq, const troupe_bytes_t *frames, size_t count)
{
    for (troupe_stage_pipe_t *pipe = zmq->player->stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_end (pipe, zmq);
        if (end < 0 || !troupe_stage_pipe_joined (pipe) || !s_has_room (pipe, end))
            continue;
        const troupe_stage_end_t *other = &pipe->ends [!end];
        if (troupe_stage_topic_matches (other->socket ? other->socket->topics : other->peer->topics, &frames [0]))
            s_post (zmq, pipe, NULL, 0, frames, count);
    }
    return TROUPE_OK;
}

//  What begins with 1 or 0 is a subscription; the rest goes to all publishers, of which only the test hears it.
static troupe_error_t s_send_upstream (troupe_stage_zmq_t *zmq, const troupe_bytes_t *frames, size_t count)
{
    const uint8_t *data = frames [0].data;
    if (frames [0].size && data [0] <= 1) {
        s_set_topic (zmq, data + 1, frames [0].size - 1, data [0]);
        return TROUPE_OK;
    }
    for (troupe_stage_pipe_t *pipe = zmq->player->stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_end (pipe, zmq);
        if (end >= 0 && pipe->ends [!end].peer)
            s_post (zmq, pipe, NULL, 0, frames, count);
    }
    return TROUPE_OK;
}

//  What a ROUTER knows the other end by.
static size_t s_routing_id (const troupe_stage_pipe_t *pipe, int end, char *id)
{
    const troupe_stage_zmq_t *zmq = pipe->ends [end].socket;
    const char *given = pipe->ends [end].peer ? pipe->ends [end].peer->routing_id
        : zmq && zmq->socket->options.routing_id ? zmq->socket->options.routing_id : NULL;
    if (end == 1 && *pipe->known_as)
        given = pipe->known_as;
    int size = given ? snprintf (id, TROUPE_ZMQ_ROUTING_ID_MAX + 1, "%s", given)
                     : snprintf (id, TROUPE_ZMQ_ROUTING_ID_MAX + 1, "pipe %u", pipe->number);
    return (size_t) size;
}

static troupe_stage_pipe_t *s_find_id (const troupe_stage_zmq_t *zmq, const troupe_bytes_t *wanted)
{
    char id [TROUPE_ZMQ_ROUTING_ID_MAX + 1];
    for (troupe_stage_pipe_t *pipe = zmq->player->stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_end (pipe, zmq);
        if (end >= 0 && s_routing_id (pipe, !end, id) == wanted->size && memcmp (id, wanted->data, wanted->size) == 0)
            return troupe_stage_pipe_joined (pipe) ? pipe : NULL;
    }
    return NULL;
}

static troupe_error_t s_route (troupe_stage_zmq_t *zmq, const troupe_bytes_t *frames, size_t count)
{
    troupe_stage_pipe_t *pipe = s_find_id (zmq, &frames [0]);
    zmq->full = 0;
    if (!pipe)
        return TROUPE_EDOWN;
    if (!s_has_room (pipe, troupe_stage_pipe_end (pipe, zmq))) {
        zmq->full = pipe->number;
        return TROUPE_EFULL;
    }
    s_post (zmq, pipe, NULL, 0, frames + 1, count - 1);
    return TROUPE_OK;
}

size_t troupe_stage_zmq_head (const troupe_stage_zmq_t *zmq, troupe_bytes_t *head)
{
    size_t count = 0;
    if (zmq->socket->type != TROUPE_ZMQ_REQ && zmq->socket->type != TROUPE_ZMQ_REP)
        return 0;
    if (zmq->socket->options.relaxed)
        head [count++] = (troupe_bytes_t) { &zmq->request, sizeof zmq->request };
    head [count++] = (troupe_bytes_t) { "", 0 };
    return count;
}

static troupe_error_t s_ask (troupe_stage_zmq_t *zmq, const troupe_bytes_t *frames, size_t count)
{
    troupe_bytes_t head [2];
    if (zmq->asked && !zmq->socket->options.relaxed)
        return TROUPE_ESTATE;
    troupe_stage_pipe_t *pipe = s_in_turn (zmq);
    if (!pipe)
        return TROUPE_EFULL;
    zmq->request++;
    zmq->asked = true;
    zmq->partner = pipe;
    s_post (zmq, pipe, head, troupe_stage_zmq_head (zmq, head), frames, count);
    return TROUPE_OK;
}

//  To a client that is gone it goes nowhere, as with libzmq.
static troupe_error_t s_answer (troupe_stage_zmq_t *zmq, const troupe_bytes_t *frames, size_t count)
{
    if (!zmq->asked)
        return TROUPE_ESTATE;
    if (zmq->partner)
        s_post (zmq, zmq->partner, zmq->envelope->frames, zmq->envelope->count, frames, count);
    free (zmq->envelope);
    zmq->envelope = NULL;
    zmq->partner = NULL;
    zmq->asked = false;
    return TROUPE_OK;
}

static troupe_error_t s_send (troupe_stage_zmq_t *zmq, const troupe_bytes_t *frames, size_t count)
{
    switch (zmq->socket->type) {
    case TROUPE_ZMQ_REQ:
        return s_ask (zmq, frames, count);
    case TROUPE_ZMQ_REP:
        return s_answer (zmq, frames, count);
    case TROUPE_ZMQ_ROUTER:
    case TROUPE_ZMQ_STREAM:
        return s_route (zmq, frames, count);
    case TROUPE_ZMQ_PUB:
    case TROUPE_ZMQ_XPUB:
        return s_publish (zmq, frames, count);
    case TROUPE_ZMQ_XSUB:
        return s_send_upstream (zmq, frames, count);
    default:
        return s_send_in_turn (zmq, frames, count);
    }
}

troupe_error_t troupe_stage_zmq_send (troupe_actor_t *cell, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                                      size_t count)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    if (player->muted)
        return TROUPE_OK;
    char who [TROUPE_STAGE_WHO_MAX];
    troupe_error_t error = s_send (socket->host, frames, count);
    troupe_stage_note (player->stage, "%s -> %s: %zu frames%s%s", troupe_stage_who (player, who, sizeof who),
                       troupe_zmq_type_name (socket->type), count, error ? ", " : "",
                       error ? troupe_error_name (error) : "");
    return error;
}

//  --- Receiving

troupe_stage_pipe_t *troupe_stage_zmq_next (const troupe_stage_zmq_t *zmq)
{
    troupe_stage_pipe_t *best = NULL;
    uint64_t number = UINT64_MAX;
    if (zmq->socket->paused || (zmq->socket->type == TROUPE_ZMQ_REP && zmq->asked))
        return NULL;
    for (troupe_stage_pipe_t *pipe = zmq->player->stage->edge.pipes; pipe; pipe = pipe->next) {
        int end = troupe_stage_pipe_end (pipe, zmq);
        const troupe_stage_letter_t *first = end < 0 ? NULL : pipe->ends [end].in.first;
        if (first && first->number < number) {
            best = pipe;
            number = first->number;
        }
    }
    return best;
}

size_t troupe_stage_zmq_envelope (const troupe_stage_letter_t *letter)
{
    for (size_t index = 0; index < letter->count; index++)
        if (letter->frames [index].size == 0)
            return index + 1;
    return letter->count;
}

static bool s_is_answer (const troupe_stage_zmq_t *zmq, const troupe_stage_pipe_t *pipe,
                         const troupe_stage_letter_t *letter)
{
    if (!zmq->asked || pipe != zmq->partner)
        return false;
    if (!zmq->socket->options.relaxed)
        return troupe_stage_zmq_envelope (letter) == 1;
    const troupe_bytes_t *number = &letter->frames [0];
    return number->size == sizeof zmq->request && memcmp (number->data, &zmq->request, number->size) == 0;
}

//  How many frames in front are not for the actor; all of them when the message is none for it.
static size_t s_unwrap (troupe_stage_zmq_t *zmq, troupe_stage_pipe_t *pipe, const troupe_stage_letter_t *letter)
{
    if (zmq->socket->type == TROUPE_ZMQ_REQ) {
        if (!s_is_answer (zmq, pipe, letter))
            return letter->count;
        zmq->asked = false;
        zmq->partner = NULL;
        return troupe_stage_zmq_envelope (letter);
    }
    if (zmq->socket->type != TROUPE_ZMQ_REP)
        return 0;
    size_t envelope = troupe_stage_zmq_envelope (letter);
    if (envelope == letter->count)
        return envelope;
    zmq->asked = true;
    zmq->partner = pipe;
    zmq->envelope = troupe_stage_letter_new (zmq->player->stage, NULL, 0, letter->frames, envelope);
    return envelope;
}

const char *troupe_stage_zmq_who (troupe_actor_t *cell, const troupe_zmq_t *socket)
{
    (void) cell;
    const troupe_stage_zmq_t *zmq = socket->host;
    return zmq && zmq->user ? zmq->user : "";
}

//  Whoever receives may close the socket.
static void s_tell_arrived (troupe_stage_zmq_t *zmq, const char *user, const troupe_bytes_t *frames, size_t count)
{
    zmq->user = user;
    if (troupe_zmq_arrived (zmq->socket, frames, count))
        zmq->user = NULL;
}

static void s_hand_over (troupe_stage_zmq_t *zmq, const char *user, const troupe_bytes_t *frames, size_t count)
{
    size_t size = 0;
    char who [TROUPE_STAGE_WHO_MAX];
    for (size_t index = 0; index < count; index++)
        size += frames [index].size;
    troupe_stage_note (zmq->player->stage, "%s <- %s: %zu frames %zu",
                       troupe_stage_who (zmq->player, who, sizeof who), troupe_zmq_type_name (zmq->socket->type), count,
                       size);
    const troupe_zmq_options_t *options = &zmq->socket->options;
    if (count <= options->frame_limit || options->cut)
        s_tell_arrived (zmq, user, frames, count <= options->frame_limit ? count : options->frame_limit);
    else
        troupe_zmq_malformed (zmq->socket, size);
}

void troupe_stage_zmq_receive (troupe_stage_zmq_t *zmq, troupe_stage_pipe_t *pipe)
{
    char id [TROUPE_ZMQ_ROUTING_ID_MAX + 1];
    int end = troupe_stage_pipe_end (pipe, zmq);
    troupe_stage_letter_t *letter = troupe_stage_letters_take (&pipe->ends [end].in), *routed;
    bool routes = zmq->socket->type == TROUPE_ZMQ_ROUTER || zmq->socket->type == TROUPE_ZMQ_STREAM;
    size_t front = s_unwrap (zmq, pipe, letter);
    if (routes) {
        const troupe_bytes_t head = { id, s_routing_id (pipe, !end, id) };
        routed = troupe_stage_letter_new (zmq->player->stage, &head, 1, letter->frames, letter->count);
        memcpy (routed->user, letter->user, sizeof routed->user);
        free (letter);
        letter = routed;
    }
    if (front < letter->count)
        s_hand_over (zmq, letter->user, letter->frames + front, letter->count - front);
    free (letter);
}
