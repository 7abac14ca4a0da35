/*  =========================================================================
    hello_nanomsg/answer.c - what a browser is sent

    Place: samples/hello_nanomsg; see browser.h. A ZMQ_STREAM may lose the end of
    what was sent when it closes a connection. So a browser that has its last
    answer is left to close it, as it does when it has read all of it, and is
    cut off only after two seconds. One that does not read its answers is cut
    off when too many of them wait.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "browser.h"

#include <stdlib.h>

#define S_LINGER_MS 2000

void browser_await (browser_t *self, int64_t time_ms)
{
    self->due_ms = troupe_now_ms (self->front->self) + time_ms;
}

bool browser_send (browser_t *self, const void *data, size_t size)
{
    const troupe_bytes_t frames [] = { { self->id, self->id_size }, { data, size } };
    return troupe_zmq_send (self->front->socket, frames, 2) == TROUPE_OK;
}

static bool s_has_room (front_t *front, size_t room)
{
    if (room <= front->out_room)
        return true;
    char *larger = realloc (front->out, room);
    if (!larger)
        return false;
    front->out = larger;
    front->out_room = room;
    return true;
}

//  All of it in one message: a browser that has no room gets nothing, not half an answer.
static bool s_answer (browser_t *self, const troupe_bytes_t *encoded)
{
    front_t *front = self->front;
    troupe_response_view_t view;
    size_t size;
    if (!encoded->data || troupe_response_decode (encoded->data, encoded->size, &view) != TROUPE_OK
        || !s_has_room (front, troupe_http_wire_room (&view))
        || troupe_http_wire_answer (self->wire, &view, troupe_is_draining (front->self),
                                    troupe_wall_clock_ms (front->self), front->out, front->out_room, &size))
        return false;
    browser_await (self, troupe_http_wire_is_over (self->wire) ? S_LINGER_MS : BROWSER_IDLE_MS);
    return browser_send (self, front->out, size);
}

bool browser_answer (browser_t *self, troupe_bytes_t encoded)
{
    if (s_answer (self, &encoded))
        return true;
    browser_close (self);
    return false;
}

bool browser_refuse (browser_t *self, int status, const char *why)
{
    troupe_response_t *response = self->front->response;
    troupe_response_problem (response, status, "%s", why);
    return browser_answer (self, troupe_response_encoded (response));
}
