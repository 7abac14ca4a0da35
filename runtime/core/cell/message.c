/*  =========================================================================
    core/cell/message.c - messages: views into packets, and objects of their own

    Place: runtime/core; implements troupe/message.h. A view is a structure on
    the dispatcher's stack that points into a block. An owned message is one
    allocation with its payload behind it, or holds a block, or memory that
    was handed over.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell.h"

#include <stdlib.h>

//  A kept view shares its block rather than copy more than this.
#define S_SHARE_ABOVE 2048u

uint16_t troupe_message_tag (const troupe_message_t *message)
{
    return message ? message->tag : 0;
}

const void *troupe_message_data (const troupe_message_t *message)
{
    return message && message->data ? (const void *) message->data : "";
}

size_t troupe_message_size (const troupe_message_t *message)
{
    return message ? message->size : 0;
}

//  The copy is a cache: a message that is const for its reader still may grow one.
const char *troupe_message_text (const troupe_message_t *message)
{
    if (!message || !message->data)
        return "";
    if (message->terminated)
        return (const char *) message->data;
    troupe_message_t *cache = (troupe_message_t *) (uintptr_t) message;
    if (!cache->text) {
        cache->text = malloc (message->size + 1);
        if (!cache->text)
            return "";
        memcpy (cache->text, message->data, message->size);
        cache->text [message->size] = 0;
    }
    return cache->text;
}

bool troupe_message_is_call (const troupe_message_t *message)
{
    return message && message->call;
}

bool troupe_message_is_idempotent (const troupe_message_t *message)
{
    return message && message->idempotent;
}

int64_t troupe_message_deadline_us (const troupe_message_t *message)
{
    return message && message->call ? message->deadline_us : TROUPE_FOREVER;
}

const char *troupe_message_sender (const troupe_message_t *message)
{
    return message && message->peer ? message->peer->name : "";
}

troupe_message_t *troupe_message_new (uint16_t tag, const void *data, size_t size)
{
    if (size > TROUPE_PAYLOAD_MAX)
        return NULL;
    troupe_message_t *self = calloc (1, sizeof *self + size + 1);
    if (!self)
        return NULL;
    uint8_t *body = (uint8_t *) (self + 1);
    if (size)
        memcpy (body, data, size);
    self->data = body;
    self->size = size;
    self->tag = tag;
    self->owned = self->terminated = true;
    return self;
}

troupe_message_t *troupe_message_wrap (uint16_t tag, void *data, size_t size, troupe_free_fn *release, void *hint)
{
    if (size > TROUPE_PAYLOAD_MAX)
        return NULL;
    troupe_message_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->data = data;
    self->size = size;
    self->tag = tag;
    self->release = release;
    self->hint = hint;
    self->owned = true;
    return self;
}

static troupe_message_t *s_count (troupe_message_t *self, const troupe_message_t *message)
{
    self->kept = message->kept;
    if (self->kept)
        ++*self->kept;
    return self;
}

troupe_message_t *troupe_message_keep (troupe_message_t *message)
{
    troupe_message_t *self;
    if (!message || !message->block || message->size <= S_SHARE_ABOVE) {
        self = troupe_message_new (troupe_message_tag (message), troupe_message_data (message),
                                   troupe_message_size (message));
        return self && message ? s_count (self, message) : self;
    }
    self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->data = message->data;
    self->size = message->size;
    self->tag = message->tag;
    self->terminated = message->terminated;
    self->block = troupe_block_hold (message->block);
    self->owned = true;
    return s_count (self, message);
}

void troupe_message_destroy (troupe_message_t **message_p)
{
    troupe_message_t *self = message_p ? *message_p : NULL;
    if (!self || !self->owned)
        return;
    *message_p = NULL;
    if (self->kept)
        --*self->kept;
    troupe_block_drop (self->block);
    if (self->release)
        self->release ((void *) (uintptr_t) self->data, self->hint);
    free (self->text);
    free (self);
}
