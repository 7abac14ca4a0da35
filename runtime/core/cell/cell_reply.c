/*  =========================================================================
    core/cell/cell_reply.c - answering calls

    Place: runtime/core, part of the cell; implements the answering half of
    troupe/ref.h. A call is settled exactly once: answered, deferred (a caller
    is made of it) or delegated. What is still unsettled when its handler
    returns, or its incarnation ends, is answered with FAILED by the runtime.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define S_TEXT_MAX 512
#define S_SPARE_CALLERS 128u

//  --- Records

static troupe_record_t s_record (uint64_t correlation, troupe_outcome_t outcome, uint16_t tag, size_t size)
{
    return (troupe_record_t) { .kind = TROUPE_RECORD_REPLY, .flags = (uint8_t) outcome, .tag = tag,
                               .size = (uint32_t) size, .words = { correlation } };
}

//  Answers a peer; one that is gone makes the answer a dead letter, which is no error of the answerer's.
static troupe_error_t s_answer (troupe_peer_t *peer, troupe_record_t *record, const void *payload,
                                const troupe_frame_t *frame)
{
    if (peer->gone) {
        troupe_cell_bury (peer->cell, TROUPE_DEAD_NO_CALLER, record->tag, record->size, 1, peer->cell->name,
                          peer->name);
        if (frame)
            troupe_frame_drop (frame);
        return TROUPE_OK;
    }
    if (!frame)
        return troupe_peer_tell (peer, record, payload) ? TROUPE_OK : TROUPE_ENOMEM;
    return troupe_pack_frame (troupe_peer_pack (peer), record, frame) ? TROUPE_OK : TROUPE_ENOMEM;
}

void troupe_reply_outcome (troupe_peer_t *peer, uint64_t correlation, troupe_outcome_t outcome, const char *text)
{
    troupe_record_t record = s_record (correlation, outcome, 0, strlen (text));
    s_answer (peer, &record, text, NULL);
}

static troupe_error_t s_answer_message (troupe_peer_t *peer, uint64_t correlation, troupe_message_t **reply_p)
{
    troupe_message_t *reply = *reply_p;
    troupe_frame_t frame;
    troupe_record_t record = s_record (correlation, TROUPE_CALL_OK, reply->tag, reply->size);
    bool framed = troupe_message_to_frame (reply, &frame);
    troupe_error_t error = s_answer (peer, &record, reply->data, framed ? &frame : NULL);
    if (!error && framed)
        troupe_message_spent (reply_p);
    else if (!error)
        troupe_message_destroy (reply_p);
    return error;
}

//  --- Answering the message in hand

//  Whether the message may be answered now: TROUPE_OK and *answer_p false for a cast.
static troupe_error_t s_may_settle (troupe_message_t *message, bool *answer_p)
{
    if (!message || message->owned)
        return TROUPE_EINVAL;
    *answer_p = message->call;
    return message->call && message->settled ? TROUPE_ESTATE : TROUPE_OK;
}

static troupe_error_t s_reply (troupe_message_t *message, troupe_outcome_t outcome, const void *data, size_t size)
{
    bool answer = false;
    troupe_error_t error = s_may_settle (message, &answer);
    if (error || !answer)
        return error;
    if (size > TROUPE_PAYLOAD_MAX)
        return TROUPE_ETOOBIG;
    troupe_record_t record = s_record (message->correlation, outcome, message->tag, size);
    error = s_answer (message->peer, &record, data, NULL);
    message->settled = !error;
    return error;
}

troupe_error_t troupe_reply (troupe_actor_t *self, troupe_message_t *message, const void *data, size_t size)
{
    (void) self;
    return s_reply (message, TROUPE_CALL_OK, data, size);
}

TROUPE_PRINTF (3, 0)
static troupe_error_t s_reply_text (troupe_message_t *message, troupe_outcome_t outcome, const char *format,
                                    va_list arguments)
{
    char text [S_TEXT_MAX];
    va_list again;
    va_copy (again, arguments);
    int size = vsnprintf (text, sizeof text, format, arguments);
    troupe_error_t error = TROUPE_EINVAL;
    if (size >= 0 && size < S_TEXT_MAX)
        error = s_reply (message, outcome, text, (size_t) size);
    else if (size >= 0) {
        char *longer = malloc ((size_t) size + 1);
        error = TROUPE_ENOMEM;
        if (longer && vsnprintf (longer, (size_t) size + 1, format, again) == size)
            error = s_reply (message, outcome, longer, (size_t) size);
        free (longer);
    }
    va_end (again);
    return error;
}

troupe_error_t troupe_replyf (troupe_actor_t *self, troupe_message_t *message, const char *format, ...)
{
    (void) self;
    va_list arguments;
    va_start (arguments, format);
    troupe_error_t error = s_reply_text (message, TROUPE_CALL_OK, format, arguments);
    va_end (arguments);
    return error;
}

troupe_error_t troupe_reply_failure (troupe_actor_t *self, troupe_message_t *message, const char *format, ...)
{
    (void) self;
    va_list arguments;
    va_start (arguments, format);
    troupe_error_t error = s_reply_text (message, TROUPE_CALL_FAILED, format, arguments);
    va_end (arguments);
    return error;
}

troupe_error_t troupe_reply_message (troupe_actor_t *self, troupe_message_t *message, troupe_message_t **reply_p)
{
    (void) self;
    bool answer = false;
    troupe_error_t error = reply_p && *reply_p && (*reply_p)->owned ? s_may_settle (message, &answer) : TROUPE_EINVAL;
    if (error)
        return error;
    if (!answer) {
        troupe_message_destroy (reply_p);
        return TROUPE_OK;
    }
    error = s_answer_message (message->peer, message->correlation, reply_p);
    message->settled = !error;
    return error;
}

//  --- Answering later

static troupe_caller_t *s_caller_memory (troupe_actor_t *cell)
{
    troupe_caller_t *caller = cell->spare_callers;
    if (!caller)
        return malloc (sizeof *caller);
    cell->spare_callers = caller->next;
    cell->spare_caller_count--;
    return caller;
}

void troupe_callers_clear (troupe_actor_t *cell)
{
    while (cell->spare_callers)
        free (s_caller_memory (cell));
}

troupe_caller_t *troupe_defer (troupe_actor_t *self, troupe_message_t *message)
{
    bool answer = false;
    if (s_may_settle (message, &answer) || !answer)
        return NULL;
    troupe_caller_t *caller = s_caller_memory (self);
    if (!caller)
        return NULL;
    *caller = (troupe_caller_t) {
        .cell = self, .next = self->callers, .peer = message->peer, .correlation = message->correlation,
        .deadline_us = message->deadline_us, .tag = message->tag,
    };
    caller->peer->holders++;
    if (caller->next)
        caller->next->previous = caller;
    self->callers = caller;
    message->settled = true;
    return caller;
}

static void s_caller_free (troupe_caller_t *caller)
{
    if (caller->previous)
        caller->previous->next = caller->next;
    else
        caller->cell->callers = caller->next;
    if (caller->next)
        caller->next->previous = caller->previous;
    if (caller->follow)
        troupe_follow_end (caller);
    troupe_peer_drop (caller->peer);
    troupe_actor_t *cell = caller->cell;
    if (cell->spare_caller_count == S_SPARE_CALLERS) {
        free (caller);
        return;
    }
    caller->next = cell->spare_callers;
    cell->spare_callers = caller;
    cell->spare_caller_count++;
}

//  Nobody waits, and who answers knows it, or could.
static bool s_has_given_up (const troupe_caller_t *caller)
{
    return caller->follow && caller->follow->given_up;
}

static troupe_error_t s_answer_caller (troupe_caller_t **caller_p, troupe_outcome_t outcome, const void *data,
                                       size_t size)
{
    troupe_caller_t *caller = caller_p ? *caller_p : NULL;
    if (!caller)
        return TROUPE_ESTATE;
    *caller_p = NULL;
    if (outcome == TROUPE_CALL_FAILED && caller->deadline_us <= troupe_now_us (caller->cell)) {
        s_caller_free (caller);
        return TROUPE_OK;
    }
    troupe_record_t record = s_record (caller->correlation, outcome, caller->tag, size);
    troupe_error_t error = size > TROUPE_PAYLOAD_MAX ? TROUPE_ETOOBIG : TROUPE_OK;
    if (!error && !s_has_given_up (caller))
        error = s_answer (caller->peer, &record, data, NULL);
    s_caller_free (caller);
    return error;
}

troupe_error_t troupe_answer (troupe_caller_t **caller_p, const void *data, size_t size)
{
    return s_answer_caller (caller_p, TROUPE_CALL_OK, data, size);
}

TROUPE_PRINTF (3, 0)
static troupe_error_t s_answer_text (troupe_caller_t **caller_p, troupe_outcome_t outcome, const char *format,
                                     va_list arguments)
{
    char *text = NULL;
    int size = vasprintf (&text, format, arguments);
    if (size < 0) {
        s_answer_caller (caller_p, TROUPE_CALL_FAILED, "out of memory", 13);
        return TROUPE_ENOMEM;
    }
    troupe_error_t error = s_answer_caller (caller_p, outcome, text, (size_t) size);
    free (text);
    return error;
}

troupe_error_t troupe_answerf (troupe_caller_t **caller_p, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    troupe_error_t error = s_answer_text (caller_p, TROUPE_CALL_OK, format, arguments);
    va_end (arguments);
    return error;
}

troupe_error_t troupe_answer_failure (troupe_caller_t **caller_p, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    troupe_error_t error = s_answer_text (caller_p, TROUPE_CALL_FAILED, format, arguments);
    va_end (arguments);
    return error;
}

troupe_error_t troupe_answer_message (troupe_caller_t **caller_p, troupe_message_t **reply_p)
{
    troupe_caller_t *caller = caller_p ? *caller_p : NULL;
    if (!caller)
        return TROUPE_ESTATE;
    *caller_p = NULL;
    troupe_error_t error = TROUPE_EINVAL;
    if (reply_p && *reply_p && (*reply_p)->owned && s_has_given_up (caller)) {
        troupe_message_destroy (reply_p);
        error = TROUPE_OK;
    }
    else if (reply_p && *reply_p && (*reply_p)->owned)
        error = s_answer_message (caller->peer, caller->correlation, reply_p);
    s_caller_free (caller);
    return error;
}

int64_t troupe_caller_deadline_us (const troupe_caller_t *caller)
{
    return caller ? caller->deadline_us : TROUPE_FOREVER;
}

//  --- Delegating

//  The outcome of the delegated call is the caller's.
static int s_on_delegated (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                           void *context)
{
    (void) self;
    (void) state;
    troupe_caller_t *caller = context;
    if (outcome == TROUPE_CALL_OK && troupe_message_size (reply) >= TROUPE_ENVELOPE_LARGE) {
        troupe_message_t *kept = troupe_message_keep (reply);
        if (kept && !troupe_answer_message (&caller, &kept))
            return 0;
        troupe_message_destroy (&kept);
        outcome = TROUPE_CALL_FAILED;
    }
    if (caller) {
        caller->tag = troupe_message_tag (reply);
        s_answer_caller (&caller, outcome, troupe_message_data (reply), troupe_message_size (reply));
    }
    return 0;
}

troupe_error_t troupe_delegate (troupe_actor_t *self, troupe_message_t *message, troupe_ref_t *ref)
{
    bool answer = false;
    troupe_error_t error = s_may_settle (message, &answer);
    if (error)
        return error;
    if (!answer)
        return troupe_cast (ref, message->tag, message->data, message->size);
    troupe_caller_t *caller = troupe_defer (self, message);
    if (!caller)
        return TROUPE_ENOMEM;
    troupe_call_t call = 0;
    error = troupe_call_begin (ref, message->tag, message->data, message->size, NULL, message->deadline_us,
                               message->idempotent, s_on_delegated, caller, &call);
    if (error) {
        s_caller_free (caller);
        message->settled = false;
    }
    else
        troupe_follow_delegated (caller, call);
    return error;
}

//  --- Ends

void troupe_callers_fail (troupe_actor_t *cell, const char *text)
{
    while (cell->callers) {
        troupe_caller_t *caller = cell->callers;
        //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list, which clang does not follow
        if (caller->peer->gone)
            s_caller_free (caller);     //  Nobody has written this answer: it is no dead letter
        else
            s_answer_caller (&caller, TROUPE_CALL_FAILED, text, strlen (text));
    }
    troupe_given_up_tell (cell);
}
