/*  =========================================================================
    intake.c - messages in: what they are, and the questions in them

    Place: actors/rpc; see ingress.h. Whatever comes, whoever sent it and waits
    gets an answer.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

//  A question of that address; when there is no memory for it that is said, and null is returned.
static troupe_rpc_inquiry_t *s_inquiry (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address,
                                        bool is_record, uint64_t id, troupe_format_t format)
{
    troupe_rpc_inquiry_t *inquiry = troupe_rpc_inquiry_new (ingress, address);
    if (inquiry == NULL) {
        troupe_rpc_send_bare (ingress, address->bytes, address->size, is_record, id, format);
        return NULL;
    }
    inquiry->is_record = is_record;
    inquiry->id = id;
    inquiry->format = format;
    return inquiry;
}

static void s_refuse (troupe_rpc_ingress_t *ingress, troupe_rpc_inquiry_t *inquiry, troupe_error_t error,
                      const char *why)
{
    ingress->counters.malformed += error != TROUPE_ENOMEM;
    if (inquiry == NULL)
        return;
    if (error == TROUPE_ENOMEM)
        troupe_rpc_answer_unavailable (inquiry, "There is no memory for the request.");
    else
        troupe_rpc_answer_problem (inquiry, 400, why);
}

//  --- A document

static void s_take_document (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address, troupe_bytes_t body,
                             troupe_format_t format)
{
    char why [160] = "";
    troupe_question_t question;
    void *request = NULL;
    size_t size = 0;
    troupe_rpc_inquiry_t *inquiry = s_inquiry (ingress, address, false, 0, format);
    if (inquiry == NULL)
        return;
    troupe_error_t error = troupe_question_read (format, body.data, body.size, &question, why, sizeof why);
    if (error == TROUPE_OK)
        error = troupe_question_encode (&question, address->user, &request, &size, why, sizeof why);
    troupe_question_clear (&question);
    if (error)
        s_refuse (ingress, inquiry, error, why);
    else
        troupe_rpc_ask_owned (inquiry, request, size);
}

//  --- Records

//  Nobody waits for the answer any more; work that has not begun is dropped, unless others wait for it.
static void s_cancel (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address, uint64_t id)
{
    troupe_rpc_asker_t *asker = troupe_rpc_asker_use (ingress, address);
    troupe_rpc_inquiry_t *inquiry = asker ? asker->inquiries : NULL;
    while (inquiry && (!inquiry->is_record || inquiry->id != id || inquiry->unwanted))
        inquiry = inquiry->next;
    if (inquiry) {
        inquiry->unwanted = true;
        if (inquiry->called && inquiry->kept == NULL)
            troupe_door_cancel (&ingress->door, &inquiry->call);
    }
    if (asker)
        troupe_rpc_asker_release (ingress, asker);
}

static void s_take_ask (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address,
                        const troupe_rpc_record_t *record)
{
    if (troupe_rpc_take_piece (ingress, address, record))
        return;
    troupe_rpc_inquiry_t *inquiry = s_inquiry (ingress, address, true, record->id, TROUPE_FORMAT_JSON);
    if (inquiry == NULL)
        return;
    inquiry->left_us = record->left_us;
    troupe_rpc_ask (inquiry, record->payload.data, record->payload.size);
}

static void s_take_record (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address,
                           const troupe_rpc_record_t *record)
{
    if (record->kind == TROUPE_RPC_ASK)
        s_take_ask (ingress, address, record);
    else if (record->kind == TROUPE_RPC_CANCEL)
        s_cancel (ingress, address, record->id);
    else
        s_refuse (ingress, s_inquiry (ingress, address, true, record->id, TROUPE_FORMAT_JSON), TROUPE_EPROTO,
                  "Only questions are answered here.");
}

static void s_take_records (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address, troupe_bytes_t body)
{
    size_t offset = 0, count = 0;
    troupe_rpc_record_t record;
    troupe_error_t error = troupe_rpc_read (body.data, body.size, &offset, &record);
    for (; error == TROUPE_OK; error = troupe_rpc_read (body.data, body.size, &offset, &record)) {
        s_take_record (ingress, address, &record);
        count++;
    }
    if (error != TROUPE_ENOENT || count == 0)
        s_refuse (ingress, s_inquiry (ingress, address, true, 0, TROUPE_FORMAT_JSON), TROUPE_EPROTO,
                  error == TROUPE_ENOTSUP ? "Only version 1 of the framing is known here."
                                          : "The message is malformed.");
}

//  --- A message

static const char *s_what_is_wrong (bool cut, size_t bodies, troupe_bytes_t body)
{
    return cut ? "The message has too many frames."
         : bodies != 1 ? "One frame is expected behind the envelope."
         : body.size == 0 ? "The message is empty."
         : "The message is no map in SMILE, JSON or MessagePack.";
}

//  How many frames are the envelope. Of a message that goes on, and has no empty frame, only the connection is.
static size_t s_envelope (const troupe_bytes_t *frames, size_t count, bool cut)
{
    const size_t envelope = troupe_rpc_envelope (frames, count);
    return cut && frames [envelope - 1].size ? 1 : envelope;
}

int troupe_rpc_on_message (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                           size_t count, void *context)
{
    (void) context;
    troupe_rpc_ingress_t *ingress = state;
    troupe_rpc_address_t address;
    address.user = troupe_zmq_user (socket);
    troupe_format_t format = TROUPE_FORMAT_JSON;
    const bool cut = count > ingress->options.frame_limit;
    const size_t envelope = s_envelope (frames, count, cut);
    const troupe_bytes_t body = envelope < count ? frames [envelope] : (troupe_bytes_t) { "", 0 };
    if (!troupe_rpc_address_pack (&address, frames, envelope)) {
        ingress->counters.malformed++;
        troupe_log (self, TROUPE_LOG_DEBUG, "an envelope of %zu frames is too large to be answered", envelope);
        return 0;
    }
    const bool alone = count - envelope == 1 && !cut;
    if (alone && troupe_rpc_recognise (body.data, body.size))
        s_take_records (ingress, &address, body);
    else if (alone && troupe_format_recognise (body.data, body.size, &format))
        s_take_document (ingress, &address, body, format);
    else
        s_refuse (ingress, s_inquiry (ingress, &address, false, 0, TROUPE_FORMAT_JSON), TROUPE_EPROTO,
                  s_what_is_wrong (cut, count - envelope, body));
    return 0;
}
