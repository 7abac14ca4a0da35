/*  =========================================================================
    core/cell/cell_remote.c - refs that lead out of the process

    Place: runtime/core, part of the cell, above cell_ref.c. A way out of the
    process may not be there yet, be lost, and come back. A remote ref is in
    one of these states; its host says what moves it on:

        held -> reached (HELLO is said) -> welcomed -> not held
          ^                |                  |           |
          +----------------+------ broken ----+-----------+

    While it is held, records are packed as ever, within the mailbox's bounds,
    but wait: in pieces, and the last of them in ref->out. They are looked at
    when they leave: what has ended meanwhile is left out, deadlines are written
    as what is left of them, and each call is noted as sent. A mailbox with less
    room than was thought gets as much as it has room for; the rest stays
    held until it gives credit. Totals of credit begin anew with each connection.

    When the connection breaks, who waits for an answer to what was sent is told, or
    its call is made once more; what was not sent waits for the next connection.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdio.h>
#include <stdlib.h>

//  Bounds of a mailbox that has not said them yet: those of one without options.
#define S_LIMIT_MESSAGES 10000u
#define S_LIMIT_BYTES (UINT64_C (64) << 20)
//  More than so many that have ended are not kept among what waits.
#define S_STALE_MAX 4096u

static bool s_is_mail (const troupe_record_t *record)
{
    return record->kind == TROUPE_RECORD_CAST || record->kind == TROUPE_RECORD_CALL;
}

static uint64_t s_bytes (const troupe_record_t *record)
{
    return TROUPE_ENVELOPE_HEAD + (uint64_t) record->size;
}

//  --- Opening and closing

void troupe_remote_open (troupe_ref_t *ref)
{
    ref->held = true;
    ref->reached = ref->welcomed = false;
    ref->released_messages = ref->released_bytes = 0;
    if (!ref->limits.limit_messages)
        ref->limits = (troupe_mailbox_options_t) { .limit_messages = S_LIMIT_MESSAGES, .limit_bytes = S_LIMIT_BYTES };
}

static void s_drop_first (troupe_ref_t *ref)
{
    troupe_sealed_t *sealed = ref->sealed;
    ref->sealed = sealed->next;
    troupe_pack_clear (&sealed->pack);
    free (sealed);
}

void troupe_remote_close (troupe_ref_t *ref)
{
    while (ref->sealed)
        s_drop_first (ref);
    ref->stale = 0;
    ref->remote = ref->relative = ref->held = ref->reached = ref->welcomed = false;
}

//  --- What waits

//  Whether a record that waits is still wanted.
static bool s_is_wanted (troupe_ref_t *ref, const troupe_record_t *record)
{
    if (record->kind != TROUPE_RECORD_CALL && record->kind != TROUPE_RECORD_MONITOR)
        return true;
    const troupe_pending_t *pending = troupe_pending_find (ref->cell, record->words [0]);
    return pending && pending->ref == ref && pending->outcome == TROUPE_CALL_OK;
}

//  Whether it can be sent at all, now that the mailbox has said what it takes; what cannot ends here.
static bool s_fits (troupe_ref_t *ref, const troupe_record_t *record)
{
    if (!s_is_mail (record) || s_bytes (record) <= ref->limits.limit_bytes)
        return true;
    troupe_actor_t *cell = ref->cell;
    if (record->kind == TROUPE_RECORD_CALL)
        return !troupe_pending_settle (cell, troupe_pending_find (cell, record->words [0]), TROUPE_CALL_FULL);
    troupe_cell_bury (cell, TROUPE_DEAD_OVERFLOW, record->tag, record->size, 1, cell->name, ref->address);
    return false;
}

static void s_forget_mail (troupe_ref_t *ref, const troupe_record_t *record)
{
    if (!s_is_mail (record))
        return;
    ref->sent_messages--;
    ref->sent_bytes -= s_bytes (record);
}

//  Leaves out of a pack what is not wanted any more.
static void s_tidy (troupe_ref_t *ref, troupe_pack_t *pack)
{
    troupe_record_t record;
    size_t kept = 0, frame = 0, frames_kept = 0;
    for (size_t offset = 0, size; offset < pack->size; offset += size) {
        size = troupe_envelope_read (pack->data + offset, pack->size - offset, &record);
        bool framed = record.flags & TROUPE_RECORD_FRAME;
        if (s_is_wanted (ref, &record) && s_fits (ref, &record)) {
            memmove (pack->data + kept, pack->data + offset, size);
            kept += size;
            if (framed)
                pack->frames [frames_kept++] = pack->frames [frame];
        }
        else {
            s_forget_mail (ref, &record);
            if (framed)
                troupe_frame_drop (&pack->frames [frame]);
        }
        frame += framed;
    }
    pack->size = kept;
    pack->frame_count = frames_kept;
}

static void s_tidy_all (troupe_ref_t *ref)
{
    for (troupe_sealed_t *sealed = ref->sealed; sealed; sealed = sealed->next)
        s_tidy (ref, &sealed->pack);
    s_tidy (ref, &ref->out);
    ref->stale = 0;
}

bool troupe_remote_tidy (troupe_ref_t *ref)
{
    if (!ref->held || !ref->stale)
        return false;
    s_tidy_all (ref);
    return true;
}

//  Puts what has been packed behind what waits already; without memory for that it stays where it is.
static void s_seal (troupe_ref_t *ref)
{
    if (ref->stale >= S_STALE_MAX)
        s_tidy_all (ref);
    troupe_sealed_t *sealed = troupe_pack_is_full (&ref->out) ? malloc (sizeof *sealed) : NULL;
    if (!sealed)
        return;
    *sealed = (troupe_sealed_t) { .pack = ref->out };
    ref->out = (troupe_pack_t) { 0 };
    troupe_sealed_t **place = &ref->sealed;
    while (*place)
        place = &(*place)->next;
    *place = sealed;
}

//  --- Sending

//  What is left of a deadline, as it is written when it leaves.
static void s_make_relative (const troupe_actor_t *cell, uint8_t *data, const troupe_record_t *record)
{
    int64_t deadline_us = (int64_t) record->words [1];
    if (deadline_us != TROUPE_FOREVER)
        deadline_us = deadline_us > cell->now_us ? deadline_us - cell->now_us : 0;
    data [1] = (uint8_t) (data [1] | TROUPE_RECORD_RELATIVE);
    troupe_store64 (data + TROUPE_ENVELOPE_HEAD + 8, (uint64_t) deadline_us);
}

//  Notes that a record has been handed to the connection.
static void s_stamp (troupe_ref_t *ref, uint8_t *data, const troupe_record_t *record)
{
    if (s_is_mail (record)) {
        ref->released_messages++;
        ref->released_bytes += s_bytes (record);
    }
    if (record->kind != TROUPE_RECORD_CALL && record->kind != TROUPE_RECORD_MONITOR)
        return;
    troupe_pending_t *pending = troupe_pending_find (ref->cell, record->words [0]);
    if (pending) {
        pending->sent = true;
        pending->position = ref->released_messages;
    }
    if (record->kind == TROUPE_RECORD_CALL && ref->relative)
        s_make_relative (ref->cell, data, record);
}

static void s_send_pack (troupe_ref_t *ref, troupe_pack_t *pack)
{
    troupe_record_t record;
    for (size_t offset = 0, size; offset < pack->size; offset += size) {
        size = troupe_envelope_read (pack->data + offset, pack->size - offset, &record);
        s_stamp (ref, pack->data + offset, &record);
    }
    if (pack->size)
        ref->cell->host->ref_send (ref->cell, ref, pack);
}

static bool s_has_credit (const troupe_ref_t *ref, uint64_t messages, uint64_t bytes)
{
    uint64_t wider = troupe_ref_widening (ref);
    uint64_t messages_out = ref->released_messages - ref->taken_messages + messages;
    uint64_t bytes_out = ref->released_bytes - ref->taken_bytes + bytes;
    return messages_out <= ref->limits.limit_messages * wider && bytes_out <= ref->limits.limit_bytes * wider;
}

static bool s_has_credit_for_all (const troupe_ref_t *ref, const troupe_pack_t *pack)
{
    troupe_record_t record;
    uint64_t messages = 0, bytes = 0;
    for (size_t offset = 0, size; offset < pack->size; offset += size) {
        size = troupe_envelope_read (pack->data + offset, pack->size - offset, &record);
        messages += s_is_mail (&record);
        bytes += s_is_mail (&record) ? s_bytes (&record) : 0;
    }
    return messages == 0 || s_has_credit (ref, messages, bytes);
}

//  Takes the first bytes and frames, which are another's now, out of a pack.
static void s_cut (troupe_pack_t *pack, size_t bytes, size_t frames)
{
    memmove (pack->data, pack->data + bytes, pack->size - bytes);
    pack->size -= bytes;
    if (frames)
        memmove (pack->frames, pack->frames + frames, (pack->frame_count - frames) * sizeof *pack->frames);
    pack->frame_count -= frames;
}

//  Sends as much of a pack as there is credit for.
static void s_release_some (troupe_ref_t *ref, troupe_pack_t *pack)
{
    troupe_pack_t some = { 0 };
    troupe_record_t record;
    size_t offset = 0, frame = 0;
    uint64_t messages = 0, bytes = 0;
    while (offset < pack->size) {
        size_t size = troupe_envelope_read (pack->data + offset, pack->size - offset, &record);
        bool mail = s_is_mail (&record), framed = record.flags & TROUPE_RECORD_FRAME;
        if (mail && !s_has_credit (ref, messages + 1, bytes + s_bytes (&record)))
            break;
        if (framed ? !troupe_pack_frame (&some, &record, &pack->frames [frame])
                   : !troupe_pack_copy (&some, &record, record.payload))
            break;
        messages += mail;
        bytes += mail ? s_bytes (&record) : 0;
        frame += framed;
        offset += size;
    }
    s_cut (pack, offset, frame);
    s_send_pack (ref, &some);
    troupe_pack_clear (&some);
}

//  False when something of it stays.
static bool s_release_pack (troupe_ref_t *ref, troupe_pack_t *pack)
{
    s_tidy (ref, pack);
    if (s_has_credit_for_all (ref, pack))
        s_send_pack (ref, pack);
    else
        s_release_some (ref, pack);
    return pack->size == 0;
}

//  Sends what waits, from the first on, as far as there is credit.
static void s_release (troupe_ref_t *ref)
{
    while (ref->sealed) {
        if (!s_release_pack (ref, &ref->sealed->pack))
            return;
        s_drop_first (ref);
    }
    if (s_release_pack (ref, &ref->out))
        ref->held = false;
}

void troupe_remote_send (troupe_ref_t *ref)
{
    if (!ref->held) {
        s_send_pack (ref, &ref->out);
        return;
    }
    if (ref->welcomed)
        s_release (ref);
    s_seal (ref);
}

void troupe_remote_credit (troupe_ref_t *ref)
{
    if (ref->held && ref->welcomed)
        s_release (ref);
}

void troupe_remote_tell (troupe_ref_t *ref, troupe_record_t *record, const void *payload)
{
    troupe_pack_t pack = { 0 };
    if (troupe_pack_copy (&pack, record, payload))
        ref->cell->host->ref_send (ref->cell, ref, &pack);
    troupe_pack_clear (&pack);
}

//  --- Connecting

void troupe_cell_ref_connected (troupe_actor_t *cell, troupe_ref_t *ref)
{
    troupe_cell_refresh (cell);
    if (!ref->open || !ref->remote)
        return;
    if (ref->reached) {
        troupe_reason_t reason;
        troupe_reason_set (&reason, TROUPE_REASON_UNREACHABLE, 0, ref->address, 0, "the connection was lost", NULL);
        troupe_cell_ref_broken (cell, ref, &reason);
    }
    if (!ref->open || !ref->remote)
        return;
    ref->reached = true;
    size_t size = strnlen (cell->name, sizeof ((troupe_peer_t *) 0)->name - 1);
    troupe_record_t record = { .kind = TROUPE_RECORD_HELLO, .size = (uint32_t) size };
    troupe_remote_tell (ref, &record, cell->name);
}

bool troupe_remote_welcome (troupe_ref_t *ref, const troupe_record_t *record)
{
    if (!ref->remote || !ref->reached || ref->welcomed)
        return false;
    uint64_t policy = record->words [2] & 0xFF, messages = record->words [0];
    ref->limits = (troupe_mailbox_options_t) {
        .limit_messages = messages > UINT32_MAX ? UINT32_MAX : messages ? (uint32_t) messages : 1,
        .limit_bytes = record->words [1],
        .overflow = policy <= TROUPE_OVERFLOW_DROP_OLDEST ? (troupe_overflow_t) policy : TROUPE_OVERFLOW_REJECT,
        .block_ms = (int64_t) (record->words [2] >> 8)
    };
    ref->welcomed = true;
    s_release (ref);
    return true;
}

//  It is of no use to try again before somebody has changed one of the two programs.
void troupe_remote_foreign (troupe_ref_t *ref, unsigned version)
{
    troupe_actor_t *cell = ref->cell;
    char text [TROUPE_REASON_TEXT_MAX + 1], line [sizeof text + 300];
    snprintf (text, sizeof text, "it speaks version %u of the protocol, this program version %u", version,
              TROUPE_ENVELOPE_VERSION);
    snprintf (line, sizeof line, "%s cannot be used: %s", ref->address, text);
    cell->host->log (cell, TROUPE_LOG_ERROR, line);
    troupe_reason_t reason;
    troupe_reason_set (&reason, TROUPE_REASON_UNREACHABLE, TROUPE_EPROTO, ref->address, 0, text, NULL);
    troupe_ref_gone (ref, NULL, &reason);
}

//  --- Losing the connection

//  Mail that was sent and is not known to have been taken: calls among it end with DOWN, or go once more, the others
//  are dead letters.
static void s_bury_lost (troupe_ref_t *ref)
{
    troupe_actor_t *cell = ref->cell;
    uint64_t lost = ref->released_messages - ref->taken_messages;
    for (uint32_t place = ref->first_call; place && lost; place = cell->pending [place - 1].next) {
        const troupe_pending_t *pending = &cell->pending [place - 1];
        lost -= !pending->monitor && pending->sent && pending->position > ref->taken_messages;
    }
    if (lost)
        troupe_cell_bury (cell, TROUPE_DEAD_DOWN, 0, 0, lost, cell->name, ref->address);
}

static void s_count (troupe_ref_t *ref, const troupe_pack_t *pack)
{
    troupe_record_t record;
    for (size_t offset = 0, size; offset < pack->size; offset += size) {
        size = troupe_envelope_read (pack->data + offset, pack->size - offset, &record);
        ref->sent_messages += s_is_mail (&record);
        ref->sent_bytes += s_is_mail (&record) ? s_bytes (&record) : 0;
    }
}

//  Credit totals begin anew, with what waits.
static void s_recount (troupe_ref_t *ref)
{
    ref->wanting = false;
    ref->sent_messages = ref->sent_bytes = ref->taken_messages = ref->taken_bytes = 0;
    ref->released_messages = ref->released_bytes = 0;
    for (const troupe_sealed_t *sealed = ref->sealed; sealed; sealed = sealed->next)
        s_count (ref, &sealed->pack);
    s_count (ref, &ref->out);
}

//  Puts a call that was sent in front of what was not, behind the others of its kind at 'place'.
static bool s_pack_again (troupe_ref_t *ref, troupe_pending_t *pending, troupe_sealed_t **place)
{
    const troupe_copy_t *copy = pending->copy;
    if (!*place) {
        *place = calloc (1, sizeof **place);
        if (!*place)
            return false;
    }
    troupe_record_t record = { .kind = TROUPE_RECORD_CALL, .flags = TROUPE_RECORD_IDEMPOTENT, .tag = copy->tag,
                               .size = (uint32_t) copy->size,
                               .words = { troupe_pending_id (ref->cell, pending), (uint64_t) pending->deadline_us } };
    if (!troupe_pack_copy (&(*place)->pack, &record, copy->data))
        return false;
    pending->sent = false;
    pending->repeated = true;
    return true;
}

static uint32_t s_oldest (const troupe_ref_t *ref)
{
    const troupe_actor_t *cell = ref->cell;
    uint32_t place = ref->first_call;
    while (place && cell->pending [place - 1].next)
        place = cell->pending [place - 1].next;
    return place;
}

//  Calls that may be made twice are, in their order.
static void s_repeat_all (troupe_ref_t *ref)
{
    troupe_actor_t *cell = ref->cell;
    troupe_sealed_t *again = NULL, **place = &again;
    for (uint32_t slot = s_oldest (ref); slot; slot = cell->pending [slot - 1].previous) {
        troupe_pending_t *pending = &cell->pending [slot - 1];
        if (!pending->sent || !troupe_pending_may_repeat (cell, pending) || !s_pack_again (ref, pending, place))
            continue;
        if (troupe_pack_is_full (&(*place)->pack))
            place = &(*place)->next;
    }
    if (!again)
        return;
    if (*place)
        place = &(*place)->next;
    *place = ref->sealed;
    ref->sealed = again;
}

void troupe_cell_ref_hold (troupe_actor_t *cell, troupe_ref_t *ref)
{
    (void) cell;
    if (!ref->open || !ref->remote)
        return;
    ref->held = true;
    ref->welcomed = false;
}

void troupe_cell_ref_broken (troupe_actor_t *cell, troupe_ref_t *ref, const troupe_reason_t *reason)
{
    troupe_cell_refresh (cell);
    troupe_cell_hear (cell);
    if (!ref->open || !ref->remote)
        return;
    s_bury_lost (ref);
    ref->held = true;
    ref->reached = ref->welcomed = false;
    s_repeat_all (ref);
    s_recount (ref);
    uint64_t serial = ref->serial++;
    while (troupe_pending_broken (ref, serial, reason))
        ;
}
