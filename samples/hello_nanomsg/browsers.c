/*  =========================================================================
    hello_nanomsg/browsers.c - which browsers are there

    Place: samples/hello_nanomsg; see browser.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "browser.h"

#include <stdlib.h>
#include <string.h>

//  A body has to fit into what nanomsg takes in, 1 MiB, with room to spare.
static const troupe_http_wire_limits_t s_limits = { .body_bytes = 65536 };

#define S_AGAIN_MS 500

//  The list that a browser with that routing id is in.
static browser_t **s_list (front_t *front, const void *id, size_t size)
{
    return &front->browsers [((const uint8_t *) id) [size - 1]];
}

browser_t *browser_find (front_t *front, const troupe_bytes_t *id)
{
    browser_t *browser = *s_list (front, id->data, id->size);
    while (browser && (browser->id_size != id->size || memcmp (browser->id, id->data, id->size) != 0))
        browser = browser->next;
    return browser;
}

browser_t *browser_new (front_t *front, const troupe_bytes_t *id)
{
    browser_t **list = s_list (front, id->data, id->size);
    browser_t *self = calloc (1, sizeof *self);
    troupe_http_wire_t *wire = self ? troupe_http_wire_new (&s_limits) : NULL;
    if (!wire) {
        free (self);
        return NULL;
    }
    *self = (browser_t) { .front = front, .next = *list, .wire = wire, .id_size = (uint8_t) id->size };
    memcpy (self->id, id->data, id->size);
    browser_await (self, BROWSER_IDLE_MS);
    front->count++;
    return *list = self;
}

static void s_free (browser_t *self)
{
    troupe_http_wire_destroy (&self->wire);
    free (self->ahead);
    free (self);
}

bool browser_has_left (browser_t *self)
{
    if (!self->left || self->call || self->closing)
        return self->left;
    browser_t **place = s_list (self->front, self->id, self->id_size);
    while (*place != self)
        place = &(*place)->next;
    *place = self->next;
    self->front->count--;
    s_free (self);
    return true;
}

void browser_leave (browser_t *self)
{
    self->left = true;
    self->closing = false;
    self->due_ms = INT64_MAX;
    if (self->call)
        troupe_call_cancel (self->front->self, self->call);
    browser_has_left (self);
}

//  One that does not read has no room for this either; nor has one that is gone, until libzmq has told that. It is
//  tried again.
void browser_close (browser_t *self)
{
    const troupe_bytes_t frames [] = { { self->id, self->id_size }, { "", 0 } };
    if (troupe_zmq_send (self->front->socket, frames, 2) != TROUPE_EFULL) {
        browser_leave (self);
        return;
    }
    self->left = self->closing = true;
    browser_await (self, S_AGAIN_MS);
    if (self->call)
        troupe_call_cancel (self->front->self, self->call);
}

void browsers_look (front_t *front)
{
    const int64_t now_ms = troupe_now_ms (front->self);
    for (size_t list = 0; list < BROWSER_LISTS; list++)
        for (browser_t *browser = front->browsers [list], *next; browser; browser = next) {
            next = browser->next;
            if (now_ms >= browser->due_ms)
                browser_overdue (browser);
        }
}

void browsers_free (front_t *front)
{
    for (size_t list = 0; list < BROWSER_LISTS; list++)
        for (browser_t *browser = front->browsers [list], *next; browser; browser = next) {
            next = browser->next;
            s_free (browser);
        }
}
