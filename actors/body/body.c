/*  =========================================================================
    body.c - what a service says of a streamed request: the answer, piecewise

    Place: actors/body; see parts.h. Nothing is queued here: a piece is written
    when it has been asked for.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "message.h"
#include "parts.h"

//  --- Askers

//  A message may not have got through to be sent: its asker then ends by its own deadline.
troupe_error_t troupe_body_give (troupe_caller_t **caller_p, uint16_t tag, const void *data, size_t size)
{
    troupe_message_t *message = troupe_message_new (tag, data, size);
    if (message == NULL)
        return TROUPE_ENOMEM;
    const troupe_error_t error = troupe_answer_message (caller_p, &message);
    troupe_message_destroy (&message);
    return error;
}

//  The one in front has been answered.
static void s_shift (troupe_body_t *self)
{
    self->asker_count--;
    for (unsigned index = 0; index < self->asker_count; index++)
        self->askers [index] = self->askers [index + 1];
}

static troupe_error_t s_give (troupe_body_t *self, uint16_t tag, const void *data, size_t size)
{
    const troupe_error_t error = troupe_body_give (&self->askers [0], tag, data, size);
    if (self->askers [0] == NULL)
        s_shift (self);
    return error;
}

//  The service has done with the request: what it has not taken of it is as good as taken.
static void s_let_go (troupe_body_t *self)
{
    for (unsigned index = 0; index < self->held_count; index++) {
        troupe_answer (&self->held [index].caller, NULL, 0);
        troupe_message_destroy (&self->held [index].message);
    }
    self->held_count = 0;
}

void troupe_body_fail_all (troupe_body_t *self, const char *why)
{
    for (unsigned index = 0; index < self->asker_count; index++)
        troupe_answer_failure (&self->askers [index], "%s", why);
    self->asker_count = 0;
    if (self->caller)
        troupe_answer_failure (&self->caller, "%s", why);
    for (unsigned index = 0; index < self->held_count; index++) {
        troupe_answer_failure (&self->held [index].caller, "%s", why);
        troupe_message_destroy (&self->held [index].message);
    }
    self->held_count = 0;
}

//  --- The answer

troupe_error_t troupe_body_reply (troupe_body_t **body_p, troupe_response_t *response)
{
    troupe_body_t *self = *body_p;
    const troupe_bytes_t bytes = troupe_response_encoded (response);
    troupe_error_t error = TROUPE_ENOMEM;
    *body_p = NULL;
    if (self->phase == TROUPE_BODY_OPEN && bytes.data)
        error = troupe_answer (&self->caller, bytes.data, bytes.size);
    s_let_go (self);
    troupe_body_fail_all (self, "out of memory for the response");
    troupe_body_free (self);
    return error;
}

troupe_error_t troupe_body_begin (troupe_body_t *self, troupe_response_t *response, uint64_t length)
{
    if (self->phase != TROUPE_BODY_OPEN)
        return TROUPE_ESTATE;
    troupe_message_t *message = troupe_body_response (response, length);
    if (message == NULL)
        return TROUPE_ENOMEM;
    self->phase = TROUPE_BODY_BEGUN;
    self->heard_ms = troupe_now_ms (self->bodies->self);
    const troupe_error_t error = troupe_answer_message (&self->caller, &message);
    troupe_message_destroy (&message);
    return error;
}

unsigned troupe_body_wanted (const troupe_body_t *self)
{
    return self->phase == TROUPE_BODY_BEGUN ? self->asker_count : 0;
}

troupe_error_t troupe_body_write (troupe_body_t *self, const void *data, size_t size)
{
    if (self->phase != TROUPE_BODY_BEGUN)
        return TROUPE_ESTATE;
    if (self->asker_count == 0)
        return TROUPE_EFULL;
    self->heard_ms = troupe_now_ms (self->bodies->self);
    return size ? s_give (self, TROUPE_TAG_BODY_PIECE, data, size) : TROUPE_OK;
}

troupe_error_t troupe_body_end (troupe_body_t **body_p, const void *data, size_t size)
{
    troupe_body_t *self = *body_p;
    if (self->phase != TROUPE_BODY_BEGUN)
        return TROUPE_ESTATE;
    if (self->asker_count == 0 && size)
        return TROUPE_EFULL;
    const bool wanted = self->asker_count > 0;
    const troupe_error_t error = wanted ? s_give (self, TROUPE_TAG_BODY_LAST, data, size) : TROUPE_OK;
    if (error)
        return error;
    *body_p = NULL;
    self->phase = TROUPE_BODY_OVER;
    self->heard_ms = troupe_now_ms (self->bodies->self);
    while (self->asker_count && s_give (self, TROUPE_TAG_BODY_LAST, NULL, 0) == TROUPE_OK)
        ;
    s_let_go (self);
    troupe_body_fail_all (self, "out of memory");
    if (wanted)
        troupe_body_free (self);
    return TROUPE_OK;
}

void troupe_body_fail (troupe_body_t **body_p, const char *why)
{
    troupe_body_t *self = *body_p;
    if (self == NULL)
        return;
    *body_p = NULL;
    const bool told = self->phase == TROUPE_BODY_OPEN || self->asker_count > 0;
    self->phase = TROUPE_BODY_OVER;
    self->failed = true;
    self->heard_ms = troupe_now_ms (self->bodies->self);
    troupe_body_fail_all (self, why);
    if (told)
        troupe_body_free (self);
}
