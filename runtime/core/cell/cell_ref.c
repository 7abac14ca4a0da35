/*  =========================================================================
    core/cell/cell_ref.c - the ways from a cell to others

    Place: runtime/core, part of the cell; implements the sending half of
    troupe/ref.h. A cell has one ref for each address, however often it is
    asked for; it outlives the incarnation, as the socket under it does.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/base/hash.h"
#include "core/cell/cell_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define S_SCHEME "inproc://"
#define S_ADDRESS_MAX 255u
#define S_FIRST_BUCKETS 8u

//  A name, or a scheme with something behind it; nothing that would make a log line ambiguous.
static bool s_is_address (const char *address)
{
    size_t size = address ? strnlen (address, S_ADDRESS_MAX + 1) : 0;
    if (size == 0 || size > S_ADDRESS_MAX)
        return false;
    for (size_t index = 0; index < size; index++)
        if ((unsigned char) address [index] <= ' ' || address [index] == 127)
            return false;
    const char *scheme = strstr (address, "://");
    return !scheme || (scheme > address && scheme [3]);
}

//  --- Making and finding

static size_t s_bucket (const char *address, size_t buckets)
{
    uint64_t hash = troupe_hash_text (address);
    return (size_t) (hash ^ hash >> 32) & (buckets - 1);
}

//  False when there is no table at all: a full one only gets slower.
static bool s_grow (troupe_actor_t *cell)
{
    size_t buckets = cell->ref_buckets ? cell->ref_buckets * 2 : S_FIRST_BUCKETS;
    troupe_ref_t **table = calloc (buckets, sizeof *table);
    if (!table)
        return cell->ref_buckets > 0;
    for (size_t index = 0; cell->ref_table && index < cell->ref_buckets; index++)
        for (troupe_ref_t *ref = cell->ref_table [index], *next; ref; ref = next) {
            next = ref->next_same;
            troupe_ref_t **place = &table [s_bucket (ref->address, buckets)];
            ref->next_same = *place;
            *place = ref;
        }
    free (cell->ref_table);
    cell->ref_table = table;
    cell->ref_buckets = buckets;
    return true;
}

static troupe_ref_t *s_new (troupe_actor_t *cell, const char *address)
{
    troupe_ref_t *self = calloc (1, sizeof *self);
    char *copy = self ? strdup (address) : NULL;
    if (!copy) {
        free (self);
        return NULL;
    }
    self->cell = cell;
    self->address = copy;
    self->next = cell->refs;
    if (self->next)
        self->next->previous = self;
    cell->refs = self;
    return self;
}

static troupe_ref_t *s_find (troupe_actor_t *cell, const char *address)
{
    troupe_ref_t *ref = cell->ref_table [s_bucket (address, cell->ref_buckets)];
    while (ref && strcmp (ref->address, address) != 0)
        ref = ref->next_same;
    return ref;
}

troupe_ref_t *troupe_ref (troupe_actor_t *self, const char *address)
{
    if (!s_is_address (address))
        return NULL;
    if (strncmp (address, S_SCHEME, sizeof S_SCHEME - 1) == 0)
        address += sizeof S_SCHEME - 1;
    troupe_ref_t *ref = self->ref_table ? s_find (self, address) : NULL;
    if (ref || (self->ref_count >= self->ref_buckets && !s_grow (self)))
        return ref;
    ref = self->ref_table ? s_new (self, address) : NULL;
    if (!ref)
        return NULL;
    troupe_ref_t **place = &self->ref_table [s_bucket (address, self->ref_buckets)];
    ref->next_same = *place;
    *place = ref;
    self->ref_count++;
    return ref;
}

const char *troupe_ref_address (const troupe_ref_t *ref)
{
    return ref->address;
}

troupe_ref_t *troupe_link_ref (troupe_link_t *link)
{
    if (!link->ref && !link->gone) {
        link->ref = s_new (link->cell, link->spec.id);
        if (link->ref)
            link->ref->link = link;
    }
    return link->ref;
}

//  --- Opening

static void s_hello (troupe_ref_t *ref)
{
    const char *name = ref->cell->name;
    size_t size = strnlen (name, sizeof ((troupe_peer_t *) 0)->name - 1);
    troupe_record_t record = { .kind = TROUPE_RECORD_HELLO, .size = (uint32_t) size };
    troupe_ref_tell (ref, &record, name);
}

static void s_close (troupe_ref_t *ref)
{
    if (ref->host)
        ref->cell->host->ref_close (ref->cell, ref);
    troupe_pack_reset (&ref->out);
    troupe_remote_close (ref);
    ref->open = false;
}

troupe_error_t troupe_ref_ensure (troupe_ref_t *ref)
{
    if (ref->open || ref->orphan)
        return ref->open ? TROUPE_OK : TROUPE_EDOWN;
    bool was_down = ref->down;
    s_close (ref);
    troupe_error_t error = ref->cell->host->ref_open (ref->cell, ref);
    if (error)
        return error == TROUPE_ENOENT && was_down ? TROUPE_EDOWN : error;
    ref->open = true;
    ref->down = false;
    ref->serial++;
    ref->wanting = false;
    ref->sent_messages = ref->sent_bytes = ref->taken_messages = ref->taken_bytes = 0;
    if (ref->remote)
        troupe_remote_open (ref);
    else
        s_hello (ref);
    return TROUPE_OK;
}

//  --- Sending

static void s_mark (troupe_ref_t *ref)
{
    if (ref->dirty)
        return;
    ref->dirty = true;
    ref->next_dirty = ref->cell->dirty_refs;
    ref->cell->dirty_refs = ref;
}

static void s_send (troupe_ref_t *ref)
{
    if (ref->out.size && ref->remote)
        troupe_remote_send (ref);
    else if (ref->out.size)
        ref->cell->host->ref_send (ref->cell, ref, &ref->out);
}

void troupe_refs_flush (troupe_actor_t *cell)
{
    while (cell->dirty_refs) {
        troupe_ref_t *ref = cell->dirty_refs;
        cell->dirty_refs = ref->next_dirty;
        ref->dirty = false;
        if (ref->open)
            s_send (ref);
    }
}

bool troupe_ref_tell (troupe_ref_t *ref, troupe_record_t *record, const void *payload)
{
    if (!ref->open || !troupe_pack_copy (&ref->out, record, payload))
        return false;
    s_mark (ref);
    //  What was given up is looked for at the head of a packet, before the mail in front of it is handled.
    if (record->kind == TROUPE_RECORD_CANCEL)
        s_send (ref);
    return true;
}

static bool s_has_room (const troupe_ref_t *ref, uint64_t bytes)
{
    uint64_t wider = troupe_ref_widening (ref);
    uint64_t messages_out = ref->sent_messages - ref->taken_messages;
    uint64_t bytes_out = ref->sent_bytes - ref->taken_bytes;
    return messages_out < ref->limits.limit_messages * wider
           && (messages_out == 0 || bytes_out + bytes <= ref->limits.limit_bytes * wider);
}

//  Credit comes by halves of the bounds: what is larger than the other half might wait for it for ever.
static void s_want (troupe_ref_t *ref)
{
    troupe_record_t record = { .kind = TROUPE_RECORD_WANT };
    if (!ref->wanting && !ref->held)
        ref->wanting = troupe_ref_tell (ref, &record, NULL);
}

//  Waits for credit as the mailbox's policy allows; true when there is room. A connection that is not there is not
//  waited for.
static bool s_wait_for_room (troupe_ref_t *ref, uint64_t bytes)
{
    troupe_actor_t *cell = ref->cell;
    int64_t until_us = 0;
    if (ref->held)
        return troupe_remote_tidy (ref) && s_has_room (ref, bytes);
    s_want (ref);
    if (ref->limits.overflow == TROUPE_OVERFLOW_BLOCK) {
        troupe_cell_flush (cell);
        int64_t now_us = cell->host->now_us (cell), block_ms = ref->limits.block_ms;
        until_us = block_ms >= (TROUPE_FOREVER - now_us) / 1000 ? TROUPE_FOREVER : now_us + block_ms * 1000;
    }
    while (ref->open && cell->host->ref_wait (cell, ref, until_us))
        if (s_has_room (ref, bytes))
            return true;
    return false;
}

//  What happens to mail for which there is no room.
static troupe_error_t s_overflow (troupe_ref_t *ref, const troupe_record_t *record, bool *dropped_p)
{
    if (!ref->open)
        return TROUPE_EDOWN;
    bool drops = ref->limits.overflow == TROUPE_OVERFLOW_DROP_NEWEST
                 || ref->limits.overflow == TROUPE_OVERFLOW_DROP_OLDEST;
    if (!drops)
        return TROUPE_EFULL;
    troupe_cell_bury (ref->cell, TROUPE_DEAD_OVERFLOW, record->tag, record->size, 1, ref->cell->name, ref->address);
    if (dropped_p)
        *dropped_p = true;
    return TROUPE_OK;
}

static bool s_pack (troupe_ref_t *ref, troupe_record_t *record, const void *payload, const troupe_frame_t *frame)
{
    return frame ? troupe_pack_frame (&ref->out, record, frame) : troupe_pack_copy (&ref->out, record, payload);
}

//  The way of nearly every cast: open, room, copied into the pack.
troupe_error_t troupe_ref_submit (troupe_ref_t *ref, troupe_record_t *record, const void *payload,
                                  const troupe_frame_t *frame, bool *dropped_p)
{
    if (!ref->open) {
        troupe_error_t error = troupe_ref_ensure (ref);
        if (error)
            return error;
    }
    uint64_t bytes = TROUPE_ENVELOPE_HEAD + (uint64_t) record->size;
    if (ref->remote && bytes > ref->limits.limit_bytes)
        return TROUPE_ETOOBIG;
    if (!s_has_room (ref, bytes) && !s_wait_for_room (ref, bytes)) {
        bool dropped = false;
        troupe_error_t error = s_overflow (ref, record, &dropped);
        if (dropped && dropped_p)
            *dropped_p = true;
        if (dropped && frame)
            troupe_frame_drop (frame);
        return error;
    }
    if (!s_pack (ref, record, payload, frame))
        return TROUPE_ENOMEM;
    ref->sent_messages++;
    ref->sent_bytes += bytes;
    s_mark (ref);
    if (troupe_pack_is_full (&ref->out))
        s_send (ref);
    return TROUPE_OK;
}

void troupe_ref_credit (troupe_ref_t *ref, uint64_t messages, uint64_t bytes)
{
    ref->wanting = false;
    uint64_t messages_most = ref->remote ? ref->released_messages : ref->sent_messages;
    uint64_t bytes_most = ref->remote ? ref->released_bytes : ref->sent_bytes;
    if (messages <= ref->taken_messages || messages > messages_most || bytes > bytes_most)
        return;
    ref->taken_messages = messages;
    ref->taken_bytes = bytes;
    if (ref->held)
        troupe_remote_credit (ref);
}

//  --- Public sending

/*  The way of nearly every cast: the way is open, there is credit, the pack has room. False: take the other one.
    The bounds are those of s_has_room, without its division of labour.                                    */
static inline bool s_cast_at_once (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size)
{
    troupe_pack_t *pack = &ref->out;
    size_t padded = troupe_envelope_padded (size), bytes = TROUPE_ENVELOPE_HEAD + size;
    if (!ref->dirty || !ref->open || size >= TROUPE_ENVELOPE_LARGE
        || pack->capacity - pack->size < TROUPE_ENVELOPE_HEAD + padded
        || ref->sent_messages - ref->taken_messages >= ref->limits.limit_messages
        || ref->sent_bytes - ref->taken_bytes + bytes > ref->limits.limit_bytes)
        return false;
    uint8_t *record = pack->data + pack->size;
    troupe_store64 (record, TROUPE_CAST_HEAD | (uint64_t) tag << 16 | (uint64_t) size << 32);
    troupe_store64 (record + padded, 0);
    if (size)
        memcpy (record + TROUPE_ENVELOPE_HEAD, data, size);
    pack->size += TROUPE_ENVELOPE_HEAD + padded;
    ref->sent_messages++;
    ref->sent_bytes += bytes;
    return true;
}

troupe_error_t troupe_cast (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size)
{
    if (s_cast_at_once (ref, tag, data, size)) {
        if (ref->out.size >= TROUPE_PACK_FLUSH)
            s_send (ref);
        return TROUPE_OK;
    }
    if (size > TROUPE_PAYLOAD_MAX)
        return TROUPE_ETOOBIG;
    troupe_record_t record = { .kind = TROUPE_RECORD_CAST, .tag = tag, .size = (uint32_t) size };
    return troupe_ref_submit (ref, &record, data, NULL, NULL);
}

troupe_error_t troupe_castf (troupe_ref_t *ref, uint16_t tag, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start (arguments, format);
    int size = vasprintf (&text, format, arguments);
    va_end (arguments);
    if (size < 0)
        return TROUPE_ENOMEM;
    troupe_error_t error = troupe_cast (ref, tag, text, (size_t) size);
    free (text);
    return error;
}

bool troupe_message_to_frame (troupe_message_t *message, troupe_frame_t *frame)
{
    if (message->size < TROUPE_ENVELOPE_LARGE)
        return false;
    *frame = (troupe_frame_t) { .size = message->size };
    bool whole = message->block && message->block->data == message->data && message->block->size == message->size;
    if (whole)
        frame->block = message->block;
    else if (!message->block && message->release) {
        frame->data = (void *) (uintptr_t) message->data;
        frame->release = message->release;
        frame->hint = message->hint;
    }
    return whole || frame->release;
}

void troupe_message_spent (troupe_message_t **message_p)
{
    (*message_p)->block = NULL;
    (*message_p)->release = NULL;
    troupe_message_destroy (message_p);
}

troupe_error_t troupe_cast_message (troupe_ref_t *ref, troupe_message_t **message_p)
{
    troupe_message_t *message = message_p ? *message_p : NULL;
    if (!message || !message->owned)
        return TROUPE_EINVAL;
    troupe_frame_t frame;
    troupe_record_t record = { .kind = TROUPE_RECORD_CAST, .tag = message->tag, .size = (uint32_t) message->size };
    if (troupe_message_to_frame (message, &frame)) {
        troupe_error_t error = troupe_ref_submit (ref, &record, NULL, &frame, NULL);
        if (!error)
            troupe_message_spent (message_p);
        return error;
    }
    troupe_error_t error = troupe_ref_submit (ref, &record, message->data, NULL, NULL);
    if (!error)
        troupe_message_destroy (message_p);
    return error;
}

//  --- Ends

void troupe_ref_gone (troupe_ref_t *ref, const troupe_record_t *record, const troupe_reason_t *reason)
{
    if (!ref->open)
        return;
    if (record)
        troupe_ref_credit (ref, record->words [0], record->words [1]);
    uint64_t lost = ref->sent_messages - ref->taken_messages;
    ref->open = false;
    ref->down = true;
    s_close (ref);
    if (lost)
        troupe_cell_bury (ref->cell, TROUPE_DEAD_DOWN, 0, 0, lost, ref->cell->name, ref->address);
    uint64_t serial = ref->serial;
    troupe_calls_repeat (ref, serial);
    while (troupe_pending_down (ref, serial, reason))
        ;
}

void troupe_cell_ref_lost (troupe_actor_t *cell, troupe_ref_t *ref, const troupe_reason_t *reason)
{
    (void) cell;
    troupe_ref_gone (ref, NULL, reason);
}

//  What waits for a connection is lost with the ref.
static void s_say_bye (troupe_ref_t *ref, troupe_record_t *record)
{
    uint64_t waiting = ref->held ? ref->sent_messages - ref->released_messages : 0;
    if (!ref->held)
        troupe_ref_tell (ref, record, NULL);
    else if (ref->reached)
        troupe_remote_tell (ref, record, NULL);
    if (waiting)
        troupe_cell_bury (ref->cell, TROUPE_DEAD_DOWN, 0, 0, waiting, ref->cell->name, ref->address);
}

void troupe_refs_close (troupe_actor_t *cell)
{
    troupe_record_t record = { .kind = TROUPE_RECORD_BYE };
    for (troupe_ref_t *ref = cell->refs; ref; ref = ref->next)
        if (ref->open)
            s_say_bye (ref, &record);
    troupe_refs_flush (cell);
    for (troupe_ref_t *ref = cell->refs; ref; ref = ref->next)
        s_close (ref);
}

static void s_free (troupe_ref_t *ref)
{
    if (ref->previous)
        ref->previous->next = ref->next;
    else
        ref->cell->refs = ref->next;
    if (ref->next)
        ref->next->previous = ref->previous;
    s_close (ref);
    troupe_pack_clear (&ref->out);
    free (ref->address);
    free (ref);
}

void troupe_ref_orphan (troupe_ref_t *ref)
{
    ref->link = NULL;
    ref->orphan = true;
    ref->cell->orphans++;
}

//  Answers that have not been handled, and calls whose end waits for its turn, point to their refs.
void troupe_refs_reap (troupe_actor_t *cell)
{
    if (cell->answers.count)
        return;
    for (troupe_ref_t *ref = cell->refs, *next; ref && cell->orphans; ref = next) {
        next = ref->next;
        if (!ref->orphan || ref->first_call || ref->dirty)
            continue;
        cell->orphans--;
        s_free (ref);
    }
}

void troupe_refs_clear (troupe_actor_t *cell)
{
    while (cell->refs)
        s_free (cell->refs);    //  NOLINT(clang-analyzer-unix.Malloc): it takes itself out of the list
    free (cell->ref_table);
    cell->ref_table = NULL;
    cell->ref_buckets = cell->ref_count = 0;
    cell->dirty_refs = NULL;
}
