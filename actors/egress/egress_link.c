/*  =========================================================================
    egress_link.c - the connection to a server, in troupe's own framing

    Place: actors/egress, below egress.c. Requests are gathered in parcels and
    sent when the turn's mail has been looked at; large ones go in pieces, a
    parcel each, so that small ones get in between. A server that sends what
    cannot be read is disconnected, and connected to anew.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "egress_parts.h"

#include <stdlib.h>
#include <string.h>

//  A parcel takes no more records when it is as large as this.
#define S_PARCEL TROUPE_RPC_PIECE

//  --- Sending

static void s_drop_first (troupe_egress_link_t *link)
{
    troupe_egress_parcel_t *parcel = link->first;
    link->first = parcel->next;
    if (!link->first)
        link->last = NULL;
    troupe_rpc_message_clear (&parcel->message);
    free (parcel);
}

//  The last parcel is kept, empty, for the next turn.
static void s_sent_first (troupe_egress_link_t *link)
{
    if (link->first->next)
        s_drop_first (link);
    else
        troupe_rpc_message_reset (&link->first->message);
}

static int s_on_flush (troupe_actor_t *self, void *state, void *context);

static bool s_flush_later (troupe_egress_state_t *egress)
{
    if (!egress->flush_timer)
        egress->flush_timer = troupe_after (egress->self, 0, s_on_flush, NULL);
    return egress->flush_timer != 0;
}

//  Without room WRITABLE follows; after any other trouble it is tried in the next turn.
static void s_flush (troupe_egress_link_t *link)
{
    while (link->first && link->first->message.size && !link->stuck) {
        troupe_bytes_t frame = { link->first->message.data, link->first->message.size };
        troupe_error_t error = troupe_zmq_send (link->socket, &frame, 1);
        if (error && (error == TROUPE_EFULL || !s_flush_later (link->egress)))
            link->stuck = true;
        if (error)
            return;
        s_sent_first (link);
    }
}

static int s_on_flush (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    troupe_egress_state_t *egress = state;
    egress->flush_timer = 0;
    for (unsigned number = 0; number < egress->link_count; number++)
        s_flush (&egress->links [number]);
    return 0;
}

//  The parcel that takes the next record; null when memory is out.
static troupe_egress_parcel_t *s_parcel (troupe_egress_link_t *link)
{
    if (link->last && link->last->message.size < S_PARCEL)
        return link->last;
    troupe_egress_parcel_t *parcel = calloc (1, sizeof *parcel);
    if (!parcel)
        return NULL;
    if (link->last)
        link->last->next = parcel;
    else
        link->first = parcel;
    link->last = parcel;
    return parcel;
}

static bool s_write (troupe_egress_link_t *link, const troupe_rpc_record_t *record)
{
    troupe_egress_parcel_t *parcel = s_parcel (link);
    return parcel && troupe_rpc_write (&parcel->message, record) == TROUPE_OK;
}

bool troupe_egress_link_ask (troupe_egress_link_t *link, uint64_t id, int64_t left_us, troupe_bytes_t request)
{
    if (link->egress->lane_count)
        return troupe_egress_lanes_ask (link, id, request);
    if (link->stuck || !s_flush_later (link->egress))
        return false;
    size_t offset = 0;
    bool written = true, more = true;
    while (written && more) {
        size_t size = request.size - offset < TROUPE_RPC_PIECE ? request.size - offset : TROUPE_RPC_PIECE;
        more = offset + size < request.size;
        troupe_rpc_record_t record = { .kind = TROUPE_RPC_ASK, .more = more, .id = id, .left_us = left_us,
                                       .payload = { (const uint8_t *) request.data + offset, size } };
        written = s_write (link, &record);
        offset += size;
    }
    if (!written && offset > TROUPE_RPC_PIECE)
        troupe_egress_link_cancel (link, id);
    return written;
}

//  --- Answers in pieces

static troupe_egress_answer_t **s_find (troupe_egress_link_t *link, uint64_t id)
{
    troupe_egress_answer_t **place = &link->answers;
    while (*place && (*place)->id != id)
        place = &(*place)->next;
    return place;
}

static void s_drop_answer (troupe_egress_answer_t **place)
{
    troupe_egress_answer_t *answer = *place;
    if (!answer)
        return;
    *place = answer->next;
    free (answer->data);
    free (answer);
}

static bool s_append (troupe_egress_answer_t *answer, troupe_bytes_t piece)
{
    if (piece.size > answer->capacity - answer->size) {
        size_t capacity = 2 * (answer->size + piece.size);
        uint8_t *data = realloc (answer->data, capacity);
        if (!data)
            return false;
        answer->data = data;
        answer->capacity = capacity;
    }
    if (piece.size)
        memcpy (answer->data + answer->size, piece.data, piece.size);
    answer->size += piece.size;
    return true;
}

//  The attempt fails with what is no response, since there cannot be the whole of it.
static void s_give_up_answer (troupe_egress_link_t *link, uint64_t id)
{
    s_drop_answer (s_find (link, id));
    troupe_egress_answered (link->egress, id, TROUPE_CALL_OK, (troupe_bytes_t) { "", 0 });
}

//  A piece of an answer of several; the last one hands the whole on.
static void s_take_piece (troupe_egress_link_t *link, const troupe_rpc_record_t *record)
{
    troupe_egress_answer_t **place = s_find (link, record->id);
    if (!*place && (*place = calloc (1, sizeof **place)) != NULL)
        (*place)->id = record->id;
    troupe_egress_answer_t *answer = *place;
    if (!answer || answer->size + record->payload.size > link->egress->answer_limit
        || !s_append (answer, record->payload)) {
        s_give_up_answer (link, record->id);
        return;
    }
    if (record->more)
        return;
    *place = answer->next;
    troupe_egress_answered (link->egress, answer->id, TROUPE_CALL_OK, (troupe_bytes_t) { answer->data, answer->size });
    free (answer->data);
    free (answer);
}

void troupe_egress_link_cancel (troupe_egress_link_t *link, uint64_t id)
{
    troupe_rpc_record_t record = { .kind = TROUPE_RPC_CANCEL, .id = id, .payload = { "", 0 } };
    if (link->egress->lane_count) {
        troupe_egress_lanes_cancel (link, id);
        return;
    }
    s_drop_answer (s_find (link, id));
    if (link->up && s_flush_later (link->egress))
        s_write (link, &record);
}

//  --- What comes

static void s_reset (troupe_egress_link_t *link)
{
    while (link->first)
        s_drop_first (link);
    while (link->answers)
        s_drop_answer (&link->answers);
    link->stuck = false;
}

static void s_lost (troupe_egress_link_t *link, bool misbehaved)
{
    s_reset (link);
    troupe_egress_link_is_lost (link, misbehaved);
}

//  Only attempts at this server may be answered by it.
static void s_take_record (troupe_egress_link_t *link, const troupe_rpc_record_t *record)
{
    unsigned server = 0;
    bool known = troupe_fleet_find (link->egress->fleet, record->id, &server) && server == link->number;
    if (!known)
        s_drop_answer (s_find (link, record->id));
    else if (record->kind == TROUPE_RPC_REFUSE)
        troupe_egress_answered (link->egress, record->id, record->outcome ? record->outcome : TROUPE_CALL_FAILED,
                                record->payload);
    else if (record->more || *s_find (link, record->id))
        s_take_piece (link, record);
    else if (record->payload.size > link->egress->answer_limit)
        s_give_up_answer (link, record->id);
    else
        troupe_egress_answered (link->egress, record->id, TROUPE_CALL_OK, record->payload);
}

static int s_misbehaves (troupe_actor_t *self, troupe_egress_link_t *link)
{
    troupe_log (self, TROUPE_LOG_WARNING, "%s sends what cannot be read: it is disconnected", link->endpoint);
    troupe_zmq_close (&link->socket);
    s_lost (link, true);
    troupe_error_t error = troupe_egress_link_open (link);
    troupe_egress_settle (link->egress);
    return error ? troupe_fail_error (self, error, link->endpoint) : 0;
}

//  A server that puts the empty frame of RFC 28 in front is understood too.
static int s_on_message (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                         size_t count, void *context)
{
    (void) state;
    (void) socket;
    troupe_egress_link_t *link = context;
    troupe_bytes_t body = frames [count - 1];
    troupe_rpc_record_t record;
    troupe_error_t error = TROUPE_EPROTO;
    size_t offset = 0;
    bool enveloped = count == 1 || (count == 2 && frames [0].size == 0);
    while (enveloped && (error = troupe_rpc_read (body.data, body.size, &offset, &record)) == TROUPE_OK) {
        if (record.kind == TROUPE_RPC_ANSWER || record.kind == TROUPE_RPC_REFUSE)
            s_take_record (link, &record);
    }
    if (error != TROUPE_ENOENT)
        return s_misbehaves (self, link);
    troupe_egress_settle (link->egress);
    return 0;
}

static int s_on_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                       const char *endpoint, void *context)
{
    (void) state;
    (void) socket;
    (void) endpoint;
    troupe_egress_link_t *link = context;
    if (event == TROUPE_ZMQ_CONNECTED)
        troupe_egress_link_is_up (link);
    else if (event == TROUPE_ZMQ_DISCONNECTED)
        s_lost (link, false);
    else if (event == TROUPE_ZMQ_REFUSED)
        troupe_log (self, TROUPE_LOG_WARNING, "%s refuses the connection", link->endpoint);
    else {
        link->stuck = false;
        s_flush (link);
        if (!link->stuck)
            troupe_fleet_writable (link->egress->fleet, link->number, troupe_now_us (self));
    }
    troupe_egress_settle (link->egress);
    return 0;
}

//  --- Begin and end

//  What is sent to nobody would be sent twice when somebody comes.
troupe_error_t troupe_egress_link_open (troupe_egress_link_t *link)
{
    if (link->egress->lane_count)
        return troupe_egress_lanes_open (link);
    troupe_zmq_options_t options = { .message_bytes = (int64_t) link->egress->answer_limit + TROUPE_RPC_PIECE,
                                     .immediate = true, .on_event = s_on_event };
    troupe_error_t error = troupe_zmq_open (link->egress->self, TROUPE_ZMQ_DEALER, &options, s_on_message, link,
                                            &link->socket);
    return error ? error : troupe_zmq_connect (link->socket, link->endpoint);
}

void troupe_egress_link_close (troupe_egress_link_t *link)
{
    s_reset (link);
    troupe_egress_lanes_close (link);
    troupe_zmq_close (&link->socket);
    free (link->endpoint);
    link->endpoint = NULL;
}
