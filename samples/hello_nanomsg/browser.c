/*  =========================================================================
    hello_nanomsg/browser.c - what becomes of one browser's bytes

    Place: samples/hello_nanomsg; see browser.h. A request may come in any
    pieces, and several may come at once: they are answered in order. Every
    state has an end: a request is whole after 10 s or refused with 408, has an
    answer by the deadline, and an idle browser leaves after 30 s. One that
    sends 64 KiB ahead of an answer is cut off: a ZMQ_STREAM cannot pause it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "browser.h"

#include <stdlib.h>
#include <string.h>

#define S_WHOLE_MS 10000
#define S_AHEAD_MAX 65536

//  --- Asking the bridge

//  The rest of what it has sent ahead.
static void s_go_on (browser_t *self)
{
    char *ahead = self->ahead;
    const size_t size = self->ahead_size;
    self->ahead = NULL;
    self->ahead_size = 0;
    if (size > 0)
        browser_take (self, ahead, size);
    free (ahead);
}

static bool s_apologise (browser_t *self, troupe_outcome_t outcome)
{
    return browser_refuse (self, troupe_status_of_outcome (outcome), outcome == TROUPE_CALL_TIMEOUT
                           ? "No worker has answered in time." : "The bridge cannot be asked now.");
}

static int s_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                    void *context)
{
    front_t *front = state;
    browser_t *browser = context;
    const troupe_bytes_t encoded = { troupe_message_data (reply), troupe_message_size (reply) };
    browser->call = 0;
    front->asking--;
    if (!browser_has_left (browser)
        && (outcome == TROUPE_CALL_OK ? browser_answer (browser, encoded) : s_apologise (browser, outcome)))
        s_go_on (browser);
    if (troupe_is_draining (self) && !front->asking)
        troupe_exit (self);
    return 0;
}

static bool s_ask (browser_t *self, troupe_bytes_t request, bool repeatable)
{
    front_t *front = self->front;
    self->due_ms = INT64_MAX;
    if ((repeatable ? troupe_call_idempotent : troupe_call) (front->bridge, TROUPE_TAG_REQUEST, request.data,
                                                             request.size, front->deadline_ms, s_reply, self,
                                                             &self->call) != TROUPE_OK)
        return s_apologise (self, TROUPE_CALL_FULL);
    front->asking++;
    return true;
}

//  --- In

static bool s_keep (browser_t *self, const char *data, size_t size)
{
    if (size == 0)
        return true;
    char *larger = self->ahead_size + size <= S_AHEAD_MAX ? realloc (self->ahead, self->ahead_size + size) : NULL;
    if (!larger)
        return false;
    memcpy (larger + self->ahead_size, data, size);
    self->ahead = larger;
    self->ahead_size += size;
    return true;
}

//  False: it has been cut off.
static bool s_event (browser_t *self, const troupe_http_wire_event_t *event)
{
    switch (event->kind) {
    case TROUPE_HTTP_WIRE_REQUEST:
        return s_ask (self, event->encoded, troupe_method_is_idempotent (event->request->method));
    case TROUPE_HTTP_WIRE_REFUSED:
        return browser_refuse (self, event->status, event->why);
    case TROUPE_HTTP_WIRE_CONTINUE:
        browser_send (self, TROUPE_HTTP_WIRE_GO_ON, strlen (TROUPE_HTTP_WIRE_GO_ON));
        return true;
    default:
        return true;
    }
}

//  Whether a request has begun and is not whole.
static bool s_is_coming (const browser_t *self)
{
    return !self->call && !troupe_http_wire_is_idle (self->wire) && !troupe_http_wire_is_over (self->wire);
}

void browser_take (browser_t *self, const void *data, size_t size)
{
    const char *bytes = data;
    troupe_http_wire_event_t event = { .consumed = 0 };
    const bool idle = troupe_http_wire_is_idle (self->wire);
    size_t at = 0;
    do {
        troupe_http_wire_take (self->wire, bytes + at, size - at, &event);
        at += event.consumed;
        if (!s_event (self, &event))
            return;
    } while (event.kind != TROUPE_HTTP_WIRE_MORE);
    if (!s_keep (self, bytes + at, size - at))
        browser_close (self);
    else if (idle && s_is_coming (self))
        browser_await (self, S_WHOLE_MS);
}

void browser_overdue (browser_t *self)
{
    if (!self->left && s_is_coming (self))
        browser_refuse (self, 408, "The request did not come in time.");
    else
        browser_close (self);
}
