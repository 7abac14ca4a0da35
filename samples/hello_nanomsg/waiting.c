/*  =========================================================================
    hello_nanomsg/waiting.c - requests that nanomsg has, and who asked

    Place: samples/hello_nanomsg; see waiting.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

waiting_t *waiting_new (waiting_t **list, troupe_actor_t *self, troupe_message_t *message,
                        const troupe_request_t *request)
{
    const size_t head = request->method.size + 1 + request->path.size + 2;
    waiting_t *waiting = calloc (1, sizeof *waiting + head + request->body.size + 1);
    if (!waiting || !(waiting->caller = troupe_defer (self, message))) {
        free (waiting);
        return NULL;
    }
    //  Without memory for it an answer is awaited that nobody hears
    troupe_caller_on_cancel (waiting->caller, NULL, NULL);
    waiting->repeatable = troupe_message_is_idempotent (message);
    waiting->size = head + request->body.size;
    snprintf (waiting->text, head + 1, "%s %s\n\n", request->method.data, request->path.data);
    if (request->body.size)
        memcpy (waiting->text + head, request->body.data, request->body.size);
    waiting->next = *list;
    return *list = waiting;
}

waiting_t **waiting_find (waiting_t **list, uint32_t number)
{
    while (*list && (*list)->number != number)
        list = &(*list)->next;
    return *list ? list : NULL;
}

bool waiting_is_over (const waiting_t *self, int64_t now_ms, int64_t margin_ms)
{
    return troupe_caller_is_cancelled (self->caller)
        || now_ms + margin_ms >= troupe_caller_deadline_us (self->caller) / 1000;
}

void waiting_end (waiting_t **place, troupe_response_t *response)
{
    waiting_t *self = *place;
    const troupe_bytes_t encoded = troupe_response_encoded (response);
    *place = self->next;
    if (encoded.data)
        troupe_answer (&self->caller, encoded.data, encoded.size);
    else
        troupe_answer_failure (&self->caller, "memory is out");
    free (self);
}

void waiting_apologise (const waiting_t *self, troupe_response_t *response)
{
    troupe_response_problem (response, self->sent ? 504 : 503,
                             self->sent ? "No worker has answered in time." : "No worker is there.");
}

int waiting_refuse (troupe_actor_t *self, troupe_message_t *message, troupe_response_t *response, const char *why)
{
    troupe_response_problem (response, 503, "%s", why);
    const troupe_bytes_t encoded = troupe_response_encoded (response);
    return encoded.data ? (int) troupe_reply (self, message, encoded.data, encoded.size) : TROUPE_ENOMEM;
}
