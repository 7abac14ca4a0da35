/*  =========================================================================
    core/packet/envelope.c - how messages lie in a packet

    Place: runtime/core; see envelope.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/envelope.h"

const uint8_t troupe_record_words [TROUPE_RECORD_KINDS] = {
    [TROUPE_RECORD_CALL] = 2,
    [TROUPE_RECORD_REPLY] = 1,
    [TROUPE_RECORD_CANCEL] = 1,
    [TROUPE_RECORD_CREDIT] = 2,
    [TROUPE_RECORD_MONITOR] = 1,
    [TROUPE_RECORD_DEMONITOR] = 1,
    [TROUPE_RECORD_DOWN] = 1,
    [TROUPE_RECORD_GONE] = 2,
    [TROUPE_RECORD_WELCOME] = 3,
};

size_t troupe_envelope_read (const uint8_t *data, size_t size, troupe_record_t *record)
{
    if (size < TROUPE_ENVELOPE_HEAD)
        return 0;
    uint64_t head = troupe_load64 (data);
    unsigned kind = head & 0x0F;
    if ((head >> 4 & 0x0F) != TROUPE_ENVELOPE_VERSION || kind == 0 || kind >= TROUPE_RECORD_KINDS)
        return 0;
    record->kind = (troupe_record_kind_t) kind;
    record->flags = (uint8_t) (head >> 8);
    record->tag = (uint16_t) (head >> 16);
    record->size = (uint32_t) (head >> 32);
    size_t words = troupe_record_words [kind];
    size_t fixed = TROUPE_ENVELOPE_HEAD + 8 * words;
    bool framed = record->flags & TROUPE_RECORD_FRAME;
    size_t whole = fixed + (framed ? 0 : troupe_envelope_padded (record->size));
    if (whole > size)
        return 0;
    for (size_t word = 0; word < words; word++)
        record->words [word] = troupe_load64 (data + TROUPE_ENVELOPE_HEAD + 8 * word);
    record->payload = framed ? NULL : data + fixed;
    return framed || data [fixed + record->size] == 0 ? whole : 0;
}

uint8_t *troupe_envelope_write (uint8_t *data, const troupe_record_t *record)
{
    uint64_t head = TROUPE_ENVELOPE_VERSION << 4 | (uint64_t) record->kind | (uint64_t) record->flags << 8
                    | (uint64_t) record->tag << 16 | (uint64_t) record->size << 32;
    troupe_store64 (data, head);
    data += TROUPE_ENVELOPE_HEAD;
    for (size_t word = 0; word < troupe_record_words [record->kind]; word++, data += 8)
        troupe_store64 (data, record->words [word]);
    return data;
}
