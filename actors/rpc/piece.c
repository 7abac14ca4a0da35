/*  =========================================================================
    piece.c - questions that come in pieces, in troupe's framing

    Place: actors/rpc; see ingress.h. Memory is counted for each connection and
    in all, with what a piece costs besides its bytes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>
#include <string.h>

//  Of a request, besides its body: its head.
#define S_HEAD_BYTES 65536u

static troupe_rpc_partial_t **s_find (troupe_rpc_asker_t *asker, uint64_t id)
{
    troupe_rpc_partial_t **at = &asker->partials;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

//  --- Questions that have been given up

//  Two that have the same are one in 2^64.
static uint64_t s_mark (const troupe_rpc_ingress_t *ingress, const uint8_t *address, size_t size, uint64_t id)
{
    uint8_t bytes [TROUPE_RPC_ADDRESS_MAX + sizeof id];
    memcpy (bytes, address, size);
    memcpy (bytes + size, &id, sizeof id);
    const uint64_t mark = troupe_keyed_hash (ingress->key, bytes, size + sizeof id);
    return mark ? mark : 1;
}

static void s_give_up (troupe_rpc_ingress_t *ingress, const uint8_t *address, size_t size, uint64_t id)
{
    troupe_rpc_given_up_t *given_up = &ingress->given_up;
    uint64_t *mark = &given_up->marks [given_up->next++ % TROUPE_RPC_GIVEN_UP];
    given_up->count += *mark == 0;
    *mark = s_mark (ingress, address, size, id);
}

//  True for a piece of one of them; after the last one there is none any more.
static bool s_is_given_up (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address,
                           const troupe_rpc_record_t *record)
{
    troupe_rpc_given_up_t *given_up = &ingress->given_up;
    if (given_up->count == 0)
        return false;
    const uint64_t mark = s_mark (ingress, address->bytes, address->size, record->id);
    for (size_t index = 0; index < TROUPE_RPC_GIVEN_UP; index++)
        if (given_up->marks [index] == mark) {
            given_up->count -= !record->more;
            given_up->marks [index] = record->more ? mark : 0;
            return true;
        }
    return false;
}

//  --- Questions in pieces

//  More, or less, memory is in use.
static void s_account (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker, size_t more, size_t less)
{
    asker->connection->pieces_memory += more;
    asker->connection->pieces_memory -= less;
    ingress->pieces_memory += more;
    ingress->pieces_memory -= less;
}

static bool s_may_use (const troupe_rpc_ingress_t *ingress, const troupe_rpc_asker_t *asker, size_t more)
{
    return asker->connection->pieces_memory + more <= ingress->options.pieces_limit_bytes
        && ingress->pieces_memory + more <= ingress->options.pieces_memory_limit_bytes;
}

static void s_drop_data (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker, troupe_rpc_partial_t *self)
{
    free (self->data);
    s_account (ingress, asker, 0, self->room);
    self->data = NULL;
    self->size = self->room = 0;
}

static void s_remove (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker, troupe_rpc_partial_t **at)
{
    troupe_rpc_partial_t *self = *at;
    *at = self->next;
    s_drop_data (ingress, asker, self);
    s_account (ingress, asker, 0, sizeof *self);
    free (self);
    ingress->partials--;
    troupe_rpc_asker_release (ingress, asker);
}

//  Answers for a question that has not come whole: the asker's address is its own.
static void s_refuse (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker, uint64_t id, int status)
{
    troupe_rpc_inquiry_t inquiry = { .ingress = ingress, .asker = asker, .is_record = true, .id = id };
    if (status == 503)
        troupe_door_unavailable (&ingress->door, "There is no memory for the request.");
    else
        troupe_door_problem (&ingress->door, status, status == 408 ? "The request has not come whole in time." : NULL);
    troupe_rpc_send_response (&inquiry, troupe_response_encoded (ingress->door.response));
}

//  Null when there may be none: that has been said then.
static troupe_rpc_partial_t *s_begin (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker,
                                      const troupe_rpc_record_t *record)
{
    troupe_rpc_partial_t *self = s_may_use (ingress, asker, sizeof *self) ? calloc (1, sizeof *self) : NULL;
    if (self == NULL) {
        s_refuse (ingress, asker, record->id, 503);
        if (record->more)
            s_give_up (ingress, asker->address, asker->size, record->id);
        return NULL;
    }
    s_account (ingress, asker, sizeof *self, 0);
    self->id = record->id;
    self->left_us = record->left_us;
    self->began_us = troupe_now_us (ingress->self);
    self->next = asker->partials;
    asker->partials = self;
    asker->uses++;
    ingress->partials++;
    troupe_rpc_arm_sweep (ingress);
    return self;
}

//  The status to refuse it with; 0 when the piece has been added.
static int s_add (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker, troupe_rpc_partial_t *self,
                  troupe_bytes_t piece)
{
    const size_t needed = self->size + piece.size;
    if (needed > ingress->options.body_limit_bytes + S_HEAD_BYTES)
        return 413;
    if (needed > self->room) {
        const size_t room = 2 * needed;
        uint8_t *data = s_may_use (ingress, asker, room - self->room) ? realloc (self->data, room) : NULL;
        if (data == NULL)
            return 503;
        s_account (ingress, asker, room - self->room, 0);
        self->data = data;
        self->room = room;
    }
    if (piece.size)
        memcpy (self->data + self->size, piece.data, piece.size);
    self->size = needed;
    return 0;
}

//  It is whole: its bytes become a question.
static void s_ask (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address, troupe_rpc_partial_t *self)
{
    troupe_rpc_inquiry_t *inquiry = troupe_rpc_inquiry_new (ingress, address);
    if (inquiry == NULL) {
        troupe_rpc_send_bare (ingress, address->bytes, address->size, true, self->id, TROUPE_FORMAT_JSON);
        return;
    }
    inquiry->is_record = true;
    inquiry->id = self->id;
    if (self->left_us != TROUPE_FOREVER)
        inquiry->left_us = self->left_us - (troupe_now_us (ingress->self) - self->began_us);
    troupe_rpc_ask (inquiry, self->data, self->size);
}

static void s_take (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker, const troupe_rpc_address_t *address,
                    const troupe_rpc_record_t *record)
{
    troupe_rpc_partial_t *self = *s_find (asker, record->id);
    if (self == NULL)
        self = s_begin (ingress, asker, record);
    if (self == NULL)
        return;
    const int status = self->refused ? 0 : s_add (ingress, asker, self, record->payload);
    if (status) {
        self->refused = true;
        s_drop_data (ingress, asker, self);
        s_refuse (ingress, asker, record->id, status);
    }
    if (record->more)
        return;
    if (!self->refused)
        s_ask (ingress, address, self);
    s_remove (ingress, asker, s_find (asker, record->id));
}

bool troupe_rpc_take_piece (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address,
                            const troupe_rpc_record_t *record)
{
    if (s_is_given_up (ingress, address, record))
        return true;
    if (ingress->partials == 0 && !record->more)
        return false;
    troupe_rpc_asker_t *asker = troupe_rpc_asker_use (ingress, address);
    if (asker == NULL) {
        if (record->more)
            s_give_up (ingress, address->bytes, address->size, record->id);
        troupe_rpc_send_bare (ingress, address->bytes, address->size, true, record->id, TROUPE_FORMAT_JSON);
        return true;
    }
    const bool is_piece = record->more || *s_find (asker, record->id);
    if (is_piece)
        s_take (ingress, asker, address, record);
    troupe_rpc_asker_release (ingress, asker);
    return is_piece;
}

static void s_sweep (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker)
{
    const int64_t before_us = troupe_now_us (ingress->self) - ingress->options.pieces_timeout_ms * 1000;
    for (troupe_rpc_partial_t **at = &asker->partials; *at;) {
        if ((*at)->began_us > before_us) {
            at = &(*at)->next;
            continue;
        }
        if (!(*at)->refused)
            s_refuse (ingress, asker, (*at)->id, 408);
        s_give_up (ingress, asker->address, asker->size, (*at)->id);
        s_remove (ingress, asker, at);
    }
}

//  Askers that are freed meanwhile are not in the way: each is held until the next one is found.
void troupe_rpc_partials_sweep (troupe_rpc_ingress_t *ingress)
{
    for (size_t index = 0; ingress->partials && index < TROUPE_RPC_ASKERS; index++) {
        troupe_rpc_asker_t *asker = ingress->askers [index];
        if (asker)
            asker->uses++;
        while (asker) {
            troupe_rpc_asker_t *next = asker->next;
            if (next)
                next->uses++;
            s_sweep (ingress, asker);
            troupe_rpc_asker_release (ingress, asker);
            asker = next;
        }
    }
}

void troupe_rpc_partials_free (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker)
{
    while (asker->partials) {
        if (!asker->partials->refused)
            s_refuse (ingress, asker, asker->partials->id, 503);
        s_remove (ingress, asker, &asker->partials);
    }
}
