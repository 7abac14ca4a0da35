/*  =========================================================================
    answer.c - messages out: a response in the words of who asked

    Place: actors/rpc; see ingress.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

#include <troupe/dead_letter.h>

//  --- Sending

static void s_send (troupe_rpc_ingress_t *ingress, const uint8_t *address, size_t size, troupe_bytes_t body)
{
    troupe_bytes_t frames [TROUPE_RPC_ADDRESS_FRAMES_MAX + 1];
    const size_t count = troupe_rpc_address_unpack (address, size, frames);
    frames [count] = body;
    const troupe_error_t error = troupe_zmq_send (ingress->socket, frames, count + 1);
    if (error == TROUPE_OK)
        return;
    ingress->counters.answers_lost++;
    const troupe_dead_reason_t reason = error == TROUPE_EDOWN ? TROUPE_DEAD_NO_CALLER : TROUPE_DEAD_OVERFLOW;
    troupe_dead_letter_add (ingress->self, reason, TROUPE_TAG_REQUEST, body.size, "a client");
}

static void s_send_collected (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker)
{
    const troupe_bytes_t body = { asker->answers.data, asker->answers.size };
    if (body.size)
        s_send (ingress, asker->address, asker->size, body);
    troupe_rpc_message_reset (&asker->answers);
}

void troupe_rpc_flush (troupe_rpc_ingress_t *ingress)
{
    while (ingress->dirty) {
        troupe_rpc_asker_t *asker = ingress->dirty;
        ingress->dirty = asker->next_dirty;
        asker->dirty = false;
        s_send_collected (ingress, asker);
        troupe_rpc_asker_release (ingress, asker);
    }
}

static int s_on_flush (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    troupe_rpc_ingress_t *ingress = state;
    ingress->flush_timer = 0;
    troupe_rpc_flush (ingress);
    troupe_rpc_exit_when_done (ingress);
    return 0;
}

//  The asker's answers leave when the mail of this turn has been looked at.
static void s_make_dirty (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker)
{
    if (asker->dirty)
        return;
    asker->dirty = true;
    asker->uses++;
    asker->next_dirty = ingress->dirty;
    ingress->dirty = asker;
    if (ingress->flush_timer == 0)
        ingress->flush_timer = troupe_after (ingress->self, 0, s_on_flush, NULL);
    if (ingress->flush_timer == 0)
        troupe_rpc_flush (ingress);     //  Out of memory
}

//  --- An answer without memory

static const uint8_t s_bare_json [] = "{\"status\":503,\"body\":null}";
static const uint8_t s_bare_smile [] = {
    0x3A, 0x29, 0x0A, 0x01, 0xFA, 0x85, 's', 't', 'a', 't', 'u', 's', 0x24, 0x0F, 0xAE, 0x83, 'b', 'o', 'd', 'y',
    0x21, 0xFB,
};
static const uint8_t s_bare_msgpack [] = {
    0x82, 0xA6, 's', 't', 'a', 't', 'u', 's', 0xCD, 0x01, 0xF7, 0xA4, 'b', 'o', 'd', 'y', 0xC0,
};

static troupe_bytes_t s_bare (troupe_format_t format)
{
    switch (format) {
    case TROUPE_FORMAT_SMILE:
        return (troupe_bytes_t) { s_bare_smile, sizeof s_bare_smile };
    case TROUPE_FORMAT_MSGPACK:
        return (troupe_bytes_t) { s_bare_msgpack, sizeof s_bare_msgpack };
    default:
        return (troupe_bytes_t) { s_bare_json, sizeof s_bare_json - 1 };
    }
}

void troupe_rpc_send_bare (troupe_rpc_ingress_t *ingress, const uint8_t *address, size_t size, bool is_record,
                           uint64_t id, troupe_format_t format)
{
    uint8_t room [TROUPE_RPC_HEAD + TROUPE_RPC_RECORD_HEAD];
    const troupe_rpc_record_t record = { .kind = TROUPE_RPC_REFUSE, .outcome = TROUPE_CALL_FULL, .id = id };
    troupe_bytes_t body = s_bare (format);
    ingress->counters.answers_5xx++;
    if (is_record)
        body = (troupe_bytes_t) { room, troupe_rpc_write_bare (room, &record) };
    s_send (ingress, address, size, body);
}

//  --- In troupe's framing

//  The encoded response without its body, as HEAD is answered.
static troupe_bytes_t s_without_body (troupe_rpc_ingress_t *ingress, const troupe_response_view_t *view)
{
    size_t cursor = 0;
    troupe_header_t header;
    troupe_response_reset (ingress->bare);
    troupe_response_status (ingress->bare, view->status);
    while (troupe_headers_next (&view->headers, &cursor, &header))
        troupe_response_header (ingress->bare, header.name.data, header.value.data);
    return troupe_response_encoded (ingress->bare);
}

//  Large ones go in messages of a piece each, so that nobody needs memory for all of it at once.
static troupe_error_t s_add_record (troupe_rpc_inquiry_t *self, troupe_bytes_t response)
{
    troupe_rpc_asker_t *asker = self->asker;
    const uint8_t *data = response.data;
    size_t left = response.size;
    troupe_error_t error = TROUPE_OK;
    do {
        const size_t size = left < TROUPE_RPC_PIECE ? left : TROUPE_RPC_PIECE;
        const troupe_rpc_record_t record = {
            .kind = TROUPE_RPC_ANSWER, .more = size < left, .id = self->id, .payload = { data, size },
        };
        if (asker->answers.size && asker->answers.size + size > TROUPE_RPC_PIECE)
            s_send_collected (self->ingress, asker);
        error = troupe_rpc_write (&asker->answers, &record);
        data += size;
        left -= size;
    } while (left && error == TROUPE_OK);
    s_make_dirty (self->ingress, asker);
    return error;
}

static troupe_error_t s_answer_record (troupe_rpc_inquiry_t *self, troupe_bytes_t response,
                                       const troupe_response_view_t *view)
{
    if (self->head_only && view->body.size)
        response = s_without_body (self->ingress, view);
    return response.data ? s_add_record (self, response) : TROUPE_ENOMEM;
}

//  --- As a document

static troupe_error_t s_answer_document (troupe_rpc_inquiry_t *self, troupe_response_view_t view)
{
    void *data = NULL;
    size_t size = 0;
    if (self->head_only)
        view.body.size = 0;
    const troupe_error_t error = troupe_answer_write (self->format, &view, &data, &size);
    if (error == TROUPE_OK)
        s_send (self->ingress, self->asker->address, self->asker->size, (troupe_bytes_t) { data, size });
    free (data);
    return error;
}

//  --- The whole

static void s_count (troupe_rpc_counters_t *counters, int status)
{
    counters->answers_2xx += status < 300;
    counters->answers_3xx += status >= 300 && status < 400;
    counters->answers_4xx += status >= 400 && status < 500;
    counters->answers_5xx += status >= 500;
}

void troupe_rpc_send_view (troupe_rpc_inquiry_t *self, troupe_bytes_t response, const troupe_response_view_t *view)
{
    troupe_error_t error = TROUPE_ENOMEM;
    if (view)
        error = self->is_record ? s_answer_record (self, response, view) : s_answer_document (self, *view);
    if (error)
        troupe_rpc_send_bare (self->ingress, self->asker->address, self->asker->size, self->is_record, self->id,
                              self->format);
    else
        s_count (&self->ingress->counters, view->status);
}

void troupe_rpc_send_response (troupe_rpc_inquiry_t *self, troupe_bytes_t response)
{
    troupe_response_view_t view;
    const bool good = response.data && troupe_response_decode (response.data, response.size, &view) == TROUPE_OK;
    troupe_rpc_send_view (self, response, good ? &view : NULL);
}
