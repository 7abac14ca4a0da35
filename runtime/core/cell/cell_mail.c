/*  =========================================================================
    core/cell/cell_mail.c - taking mail apart and handing it to the behavior

    Place: runtime/core, part of the cell. Two queues: what came back on refs
    (answers, credit, news of monitors), handled whenever an incarnation is
    alive, and mail for the mailbox, handled while it runs. A packet stays in
    its queue, with its place in it, until its last record is handled: what a
    failing incarnation has not touched is the next one's.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdlib.h>

//  --- Queues

static bool s_grow (troupe_mail_queue_t *queue)
{
    size_t capacity = queue->capacity ? queue->capacity * 2 : 8;
    troupe_mail_t *items = malloc (capacity * sizeof *items);
    if (!items)
        return false;
    for (size_t index = 0; index < queue->count; index++)
        items [index] = queue->items [(queue->first + index) & (queue->capacity - 1)];
    free (queue->items);
    queue->items = items;
    queue->capacity = capacity;
    queue->first = 0;
    return true;
}

static troupe_mail_t *s_head (troupe_mail_queue_t *queue)
{
    return &queue->items [queue->first];
}

static void s_release (troupe_mail_t *mail)
{
    for (uint32_t index = 0; index < mail->frame_count; index++)
        troupe_block_drop (mail->frames [index]);
    free (mail->frames);
    troupe_block_drop (mail->block);
    troupe_peer_drop (mail->peer);
}

static void s_remove_head (troupe_mail_queue_t *queue)
{
    queue->first = (queue->first + 1) & (queue->capacity - 1);
    queue->count--;
}

static void s_pop (troupe_mail_queue_t *queue)
{
    troupe_mail_t mail = *s_head (queue);
    s_remove_head (queue);
    s_release (&mail);
}

//  Credit counts as soon as it is seen, for a sender that waits for it inside a turn.
static void s_look_for_credit (troupe_ref_t *ref, const troupe_block_t *block)
{
    troupe_record_t record;
    for (size_t offset = 0, size; offset < block->size; offset += size) {
        size = troupe_envelope_read (block->data + offset, block->size - offset, &record);
        if (!size)
            return;
        if (record.kind == TROUPE_RECORD_CREDIT)
            troupe_ref_credit (ref, record.words [0], record.words [1]);
    }
}

bool troupe_cell_arrived (troupe_actor_t *cell, troupe_peer_t *peer, troupe_ref_t *ref,
                          troupe_block_t *block, troupe_block_t **frames, size_t frame_count)
{
    troupe_mail_queue_t *queue = peer ? &cell->mail : &cell->answers;
    if (queue->count == queue->capacity && !s_grow (queue))
        return false;
    troupe_mail_t *mail = &queue->items [(queue->first + queue->count++) & (queue->capacity - 1)];
    *mail = (troupe_mail_t) { .block = block, .frames = frames, .frame_count = (uint32_t) frame_count,
                              .peer = peer, .ref = ref };
    if (peer && peer->remote)
        mail->arrived_us = cell->host->now_us (cell);
    if (peer)
        peer->holders++;
    else if (ref->sent_messages - ref->taken_messages >= ref->limits.limit_messages / 2)
        s_look_for_credit (ref, block);
    return true;
}

//  --- One record

//  The payload of a record: in the packet, or in the next frame. False when the frame is missing.
static bool s_find_payload (troupe_mail_t *mail, const troupe_record_t *record, troupe_message_t *message)
{
    message->block = mail->block;
    message->data = record->payload;
    message->terminated = true;
    if (record->payload)
        return true;
    if (mail->frame_next >= mail->frame_count)
        return false;
    troupe_block_t *frame = mail->frames [mail->frame_next++];
    message->block = frame;
    message->data = frame->data;
    message->terminated = false;
    return frame->size == record->size;
}

//  Mail that is not handled: why, or TROUPE_DEAD_REASONS when it is.
static troupe_dead_reason_t s_why_not (troupe_actor_t *cell, const troupe_message_t *message)
{
    troupe_peer_t *peer = message->peer;
    if (cell->limits.overflow == TROUPE_OVERFLOW_DROP_OLDEST
        && peer->arrived_messages - peer->taken_messages > cell->limits.limit_messages)
        return TROUPE_DEAD_OVERFLOW;
    if (!message->call)
        return TROUPE_DEAD_REASONS;
    if (cell->cancelled_count && troupe_cancelled_take (cell, peer, message->correlation))
        return TROUPE_DEAD_EXPIRED;
    if (message->deadline_us != TROUPE_FOREVER && message->deadline_us <= troupe_cell_refresh (cell))
        return TROUPE_DEAD_EXPIRED;
    return TROUPE_DEAD_REASONS;
}

static void s_refuse (troupe_actor_t *cell, const troupe_message_t *message, troupe_dead_reason_t why)
{
    if (message->call && why == TROUPE_DEAD_OVERFLOW)
        troupe_reply_outcome (message->peer, message->correlation, TROUPE_CALL_FULL, "");
    if (message->call && why == TROUPE_DEAD_DOWN)
        troupe_reply_outcome (message->peer, message->correlation, TROUPE_CALL_DOWN, "");
    if (message->call && why == TROUPE_DEAD_MALFORMED)
        troupe_reply_outcome (message->peer, message->correlation, TROUPE_CALL_FAILED, "the message is malformed");
    troupe_cell_bury (cell, why, message->tag, message->size, 1, message->peer->name, cell->name);
}

static int s_receive (troupe_actor_t *cell, troupe_message_t *message)
{
    if (message->tag == TROUPE_TAG_PING && message->call) {
        troupe_replyf (cell, message, "%u", (unsigned) cell->incarnation);
        return 0;
    }
    if (message->tag == TROUPE_TAG_ENDPOINT && message->call) {
        const char *endpoint = cell->endpoint ? cell->endpoint : "";
        troupe_reply (cell, message, endpoint, strlen (endpoint));
        return 0;
    }
    if (cell->behavior && cell->behavior->receive)
        return cell->behavior->receive (cell, cell->state, message);
    troupe_cell_bury (cell, TROUPE_DEAD_UNHANDLED, message->tag, message->size, 1, message->peer->name, cell->name);
    return 0;
}

//  A call whose handler has returned without settling it.
static void s_settle (troupe_actor_t *cell, troupe_message_t *message, int result)
{
    if (!message->call || message->settled)
        return;
    const char *text = "the handler gave no answer";
    if (result)
        text = cell->reason.kind == TROUPE_REASON_FAILED && cell->failing ? cell->reason.text : "the handler failed";
    troupe_reply_outcome (message->peer, message->correlation, TROUPE_CALL_FAILED, text);
    message->settled = true;
}

//  Hands one message to the behavior. False when the incarnation is over.
static bool s_handle (troupe_actor_t *cell, troupe_message_t *message)
{
    cell->current = message;
    cell->current_since_us = cell->now_us;
    troupe_block_hold (message->block);
    troupe_peer_t *peer = message->peer;
    peer->holders++;
    troupe_cell_enter (cell);
    int result = s_receive (cell, message);
    s_settle (cell, message, result);
    cell->current = NULL;
    bool alive = troupe_cell_leave (cell, result);
    if (message->text)
        free (message->text);
    troupe_block_drop (message->block);
    peer->holders--;
    return alive;
}

//  Hands a cast to the behavior: nothing to settle, and all but always nothing to do afterwards.
static inline bool s_cast (troupe_actor_t *cell, troupe_receive_fn *receive, troupe_message_t *message)
{
    cell->current = message;
    cell->callbacks++;
    cell->failing = false;
    int result = receive (cell, cell->state, message);
    cell->current = NULL;
    if (message->text) {
        free (message->text);
        message->text = NULL;
    }
    bool goes_on = !result && !cell->exit_asked && cell->cell_state == TROUPE_CELL_RUNNING;
    return goes_on || troupe_cell_leave (cell, result);
}

//  The deadline of a call; what is left of it counts from its arrival.
static int64_t s_deadline_us (troupe_actor_t *cell, const troupe_mail_t *mail, const troupe_record_t *record)
{
    int64_t from_us = mail->arrived_us ? mail->arrived_us : cell->now_us;
    if (!(record->flags & TROUPE_RECORD_RELATIVE))
        return (int64_t) record->words [1];
    return record->words [1] < (uint64_t) (TROUPE_FOREVER - from_us) ? from_us + (int64_t) record->words [1]
                                                                      : TROUPE_FOREVER;
}

static bool s_mail (troupe_actor_t *cell, troupe_mail_t *mail, const troupe_record_t *record)
{
    troupe_message_t message = { .tag = record->tag, .size = record->size, .peer = mail->peer,
                                 .deadline_us = TROUPE_FOREVER, .kept = cell->kept };
    if (record->kind == TROUPE_RECORD_CALL) {
        message.call = true;
        message.idempotent = record->flags & TROUPE_RECORD_IDEMPOTENT;
        message.correlation = record->words [0];
        message.deadline_us = s_deadline_us (cell, mail, record);
    }
    bool found = s_find_payload (mail, record, &message);
    bool runs = cell->cell_state == TROUPE_CELL_RUNNING;
    troupe_dead_reason_t why = !found ? TROUPE_DEAD_MALFORMED : !runs ? TROUPE_DEAD_DOWN : s_why_not (cell, &message);
    troupe_peer_took (mail->peer, TROUPE_ENVELOPE_HEAD + record->size);
    if (why == TROUPE_DEAD_REASONS)
        return s_handle (cell, &message);
    s_refuse (cell, &message, why);
    return true;
}

static bool s_from_peer (troupe_actor_t *cell, troupe_mail_t *mail, const troupe_record_t *record)
{
    troupe_peer_t *peer = mail->peer;
    if (peer->mute && record->kind != TROUPE_RECORD_HELLO) {
        troupe_peer_refuse (peer, record->size);
        return true;
    }
    switch (record->kind) {
    case TROUPE_RECORD_CAST:
    case TROUPE_RECORD_CALL:
        return s_mail (cell, mail, record);
    case TROUPE_RECORD_HELLO:
        troupe_peer_greeted (peer, record);
        return true;
    case TROUPE_RECORD_BYE:
        troupe_peer_leave (peer);
        return true;
    case TROUPE_RECORD_CANCEL:
        troupe_cancelled_take (cell, peer, record->words [0]);
        if (cell->follow_count && (record->flags & TROUPE_RECORD_OUTCOME) != TROUPE_CALL_TIMEOUT)
            troupe_follow_cancelled (peer, record->words [0]);
        return true;
    case TROUPE_RECORD_MONITOR:
        troupe_watcher_add (peer, record->words [0]);
        return true;
    case TROUPE_RECORD_WANT:
        troupe_peer_credit (peer);
        return true;
    case TROUPE_RECORD_DEMONITOR:
        troupe_watcher_remove (peer, record->words [0]);
        return true;
    default:
        troupe_cell_bury (cell, TROUPE_DEAD_MALFORMED, record->tag, record->size, 1, peer->name, cell->name);
        return true;
    }
}

static bool s_reply (troupe_actor_t *cell, troupe_mail_t *mail, const troupe_record_t *record)
{
    troupe_ref_t *ref = mail->ref;
    troupe_message_t message = { .tag = record->tag, .size = record->size, .deadline_us = TROUPE_FOREVER,
                                 .kept = cell->kept };
    if (!s_find_payload (mail, record, &message)) {
        troupe_cell_bury (cell, TROUPE_DEAD_MALFORMED, record->tag, record->size, 1, ref->address, cell->name);
        return true;
    }
    troupe_block_hold (message.block);
    bool alive = troupe_call_answered (ref, record, &message);
    free (message.text);
    troupe_block_drop (message.block);
    return alive;
}

static bool s_from_ref (troupe_actor_t *cell, troupe_mail_t *mail, const troupe_record_t *record)
{
    troupe_reason_t *reason = NULL;
    switch (record->kind) {
    case TROUPE_RECORD_REPLY:
        return s_reply (cell, mail, record);
    case TROUPE_RECORD_CREDIT:
        troupe_ref_credit (mail->ref, record->words [0], record->words [1]);
        return true;
    case TROUPE_RECORD_DOWN:
        return troupe_monitor_down (cell, record);
    case TROUPE_RECORD_GONE:
        reason = record->payload ? troupe_reason_decode (record->payload, record->size) : NULL;
        troupe_ref_gone (mail->ref, record, reason);
        troupe_reason_destroy (&reason);
        return true;
    case TROUPE_RECORD_WELCOME:
        if (troupe_remote_welcome (mail->ref, record))
            return true;
        //  fall through
    default:
        troupe_cell_bury (cell, TROUPE_DEAD_MALFORMED, record->tag, record->size, 1, mail->ref->address, cell->name);
        return true;
    }
}

//  Bytes that are no record. If nothing has been understood before, they may be those of another version.
static void s_malformed (troupe_actor_t *cell, const troupe_mail_t *mail, size_t left)
{
    unsigned version = mail->block->data [mail->offset] >> 4;
    troupe_peer_t *peer = mail->peer;
    if (peer && peer->mute)
        troupe_peer_refuse (peer, left);
    else
        troupe_cell_bury (cell, TROUPE_DEAD_MALFORMED, 0, left, 1, peer ? peer->name : "", cell->name);
    if (peer && peer->mute && !peer->greeted && version != TROUPE_ENVELOPE_VERSION)
        troupe_peer_welcome (peer);
    else if (!peer && mail->ref->reached && !mail->ref->welcomed && version != TROUPE_ENVELOPE_VERSION)
        troupe_remote_foreign (mail->ref, version);
}

//  --- Queues, handled

//  Handles the next record of a queue. The queue may grow meanwhile, and an actor that ends in its handler refuses all
//  that is in it: a copy of the item is worked on, which has left the queue when this is its last record.
static void s_next (troupe_actor_t *cell, troupe_mail_queue_t *queue)
{
    troupe_mail_t *mail = s_head (queue);
    troupe_record_t record;
    size_t left = mail->block->size - mail->offset;
    size_t size = left ? troupe_envelope_read (mail->block->data + mail->offset, left, &record) : 0;
    if (!size) {
        troupe_mail_t malformed = *mail;
        s_remove_head (queue);
        if (left)
            s_malformed (cell, &malformed, left);
        s_release (&malformed);
        return;
    }
    mail->offset += size;
    troupe_mail_t copy = *mail;
    bool last = left == size;
    if (last)
        s_remove_head (queue);
    else if (record.flags & TROUPE_RECORD_FRAME)
        mail->frame_next++;
    if (copy.peer)
        s_from_peer (cell, &copy, &record);
    else
        s_from_ref (cell, &copy, &record);
    if (last)
        s_release (&copy);
}

/*  Casts in a run are nearly all mail there is, so what is the same for a packet is done once here; otherwise this is
    s_next, record for record. How many casts were handled.                                                */
static size_t s_casts (troupe_actor_t *cell, troupe_receive_fn *receive, size_t most)
{
    troupe_mail_t mail = *s_head (&cell->mail);
    troupe_message_t message = { .peer = mail.peer, .block = mail.block, .deadline_us = TROUPE_FOREVER,
                                 .terminated = true, .kept = cell->kept };
    const uint8_t *payload;
    size_t count = 0, end = mail.block->size;
    uint64_t head;
    bool alive = !mail.peer->mute, last = false;
    cell->current_since_us = cell->now_us;
    troupe_block_hold (mail.block);
    mail.peer->holders++;
    while (alive && !last && count < most
           && (payload = troupe_envelope_cast (mail.block->data + mail.offset, end - mail.offset, &head))) {
        message.data = payload;
        message.size = head >> 32;
        message.tag = (uint16_t) (head >> 16);
        mail.offset += TROUPE_ENVELOPE_HEAD + troupe_envelope_padded (message.size);
        last = mail.offset == end;
        if (last)
            s_remove_head (&cell->mail);
        else
            s_head (&cell->mail)->offset = mail.offset;
        troupe_peer_took (mail.peer, TROUPE_ENVELOPE_HEAD + message.size);
        alive = s_cast (cell, receive, &message);
        count++;
    }
    if (last)
        s_release (&mail);
    troupe_block_drop (mail.block);
    troupe_peer_drop (mail.peer);
    return count;
}

//  Whether mail may be handled as casts, without looking at each for more; a mailbox that drops its oldest looks at
//  each for itself.
static troupe_receive_fn *s_receives_casts (const troupe_actor_t *cell)
{
    if (!cell->behavior || cell->limits.overflow == TROUPE_OVERFLOW_DROP_OLDEST)
        return NULL;
    return cell->behavior->receive;
}

//  A packet that is one cast need not stand in the queue when nothing is in front of it.
bool troupe_cell_take_cast (troupe_actor_t *cell, troupe_peer_t *peer, troupe_block_t *block)
{
    uint64_t head = 0;
    const uint8_t *payload = troupe_envelope_cast (block->data, block->size, &head);
    troupe_receive_fn *receive = s_receives_casts (cell);
    if (!payload || !receive || peer->mute || cell->cell_state != TROUPE_CELL_RUNNING || cell->mail.count
        || cell->answers.count || block->size != TROUPE_ENVELOPE_HEAD + troupe_envelope_padded (head >> 32))
        return false;
    troupe_message_t message = { .data = payload, .size = head >> 32, .tag = (uint16_t) (head >> 16), .peer = peer,
                                 .block = block, .deadline_us = TROUPE_FOREVER, .terminated = true,
                                 .kept = cell->kept };
    cell->current_since_us = cell->now_us;
    peer->holders++;
    troupe_peer_took (peer, TROUPE_ENVELOPE_HEAD + message.size);
    s_cast (cell, receive, &message);
    troupe_peer_drop (peer);
    troupe_block_drop (block);
    return true;
}

static bool s_lives (const troupe_actor_t *cell)
{
    return cell->cell_state == TROUPE_CELL_STARTING || cell->cell_state == TROUPE_CELL_RUNNING
           || cell->cell_state == TROUPE_CELL_ENDING || cell->cell_state == TROUPE_CELL_ENDED;
}

void troupe_mail_handle (troupe_actor_t *cell, size_t budget)
{
    while (cell->answers.count && s_lives (cell))
        s_next (cell, &cell->answers);
    troupe_receive_fn *receive = s_receives_casts (cell);
    while (budget && cell->mail.count && cell->cell_state == TROUPE_CELL_RUNNING) {
        size_t count = receive ? s_casts (cell, receive, budget) : 0;
        if (!count) {
            s_next (cell, &cell->mail);
            count = 1;
        }
        budget -= count;
    }
}

void troupe_mail_refuse (troupe_actor_t *cell)
{
    while (cell->mail.count)
        s_next (cell, &cell->mail);
}

static void s_clear (troupe_mail_queue_t *queue)
{
    while (queue->count)
        s_pop (queue);
    free (queue->items);
    *queue = (troupe_mail_queue_t) { 0 };
}

void troupe_mail_clear (troupe_actor_t *cell)
{
    s_clear (&cell->mail);
    s_clear (&cell->answers);
    troupe_cancelled_clear (cell);
}
