/*  =========================================================================
    core/packet/envelope.h - how messages lie in a packet

    Place: runtime/core, the ground: bytes only. What one turn sends to one
    receiver is one packet of records, one behind the other. A record is a
    head of 8 bytes, the words of its kind (8 bytes each), and the payload with
    at least one null byte behind it, filled up to a multiple of 8. Everything
    is little-endian. A payload of TROUPE_ENVELOPE_LARGE or more travels as a frame
    of its own behind the packet, and the record has only its size.

        byte 0      version (high 4 bits) and kind (low 4 bits)
        byte 1      flags: bits 0-2 an outcome, bit 5 may be done twice, bit 6 relative deadline,
                    bit 7 payload in a frame
        bytes 2-3   tag
        bytes 4-7   size of the payload

    A cast of 16 bytes takes 32, which ZeroMQ sends without an allocation.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_ENVELOPE_H_INCLUDED
#define TROUPE_CORE_ENVELOPE_H_INCLUDED

#include <troupe/message.h>

#include <string.h>

#define TROUPE_ENVELOPE_VERSION 1u
#define TROUPE_ENVELOPE_HEAD 8u
#define TROUPE_ENVELOPE_LARGE 8192u
#define TROUPE_ENVELOPE_WORDS_MAX 3u
#define TROUPE_PAYLOAD_MAX UINT32_MAX

typedef enum {
    TROUPE_RECORD_CAST = 1,     //  no words
    TROUPE_RECORD_CALL,         //  correlation, deadline in microseconds (absolute, or what is left: RELATIVE)
    TROUPE_RECORD_REPLY,        //  correlation; the outcome is in the flags
    TROUPE_RECORD_CANCEL,       //  correlation; the outcome in the flags is TIMEOUT when only its time is over
    TROUPE_RECORD_HELLO,        //  no words; payload: the sender's name. The first record on every connection
    TROUPE_RECORD_BYE,          //  no words: the sender's ref is closed
    TROUPE_RECORD_CREDIT,       //  messages and bytes taken so far, in all
    TROUPE_RECORD_MONITOR,      //  the watcher's id for it
    TROUPE_RECORD_DEMONITOR,    //  the same id
    TROUPE_RECORD_DOWN,         //  the id; payload: a reason
    TROUPE_RECORD_GONE,         //  messages and bytes taken, in all; payload: a reason. Nothing follows
    TROUPE_RECORD_WELCOME,      //  the mailbox's bounds in messages and bytes, its policy (low 8 bits) and block_ms
                                //  above: the answer to HELLO of a sender in another process, before which nothing
                                //  else is sent
    TROUPE_RECORD_WANT,         //  no words: the sender has no room, and asks for credit behind all that it has sent
    TROUPE_RECORD_KINDS
} troupe_record_kind_t;

#define TROUPE_RECORD_OUTCOME 0x07u
#define TROUPE_RECORD_IDEMPOTENT 0x20u
#define TROUPE_RECORD_RELATIVE 0x40u
#define TROUPE_RECORD_FRAME 0x80u

//  A record, taken apart. 'payload' is null while it lies in a frame.
typedef struct troupe_record {
    troupe_record_kind_t kind;
    uint8_t flags;
    uint16_t tag;
    uint32_t size;
    uint64_t words [TROUPE_ENVELOPE_WORDS_MAX];
    const uint8_t *payload;
} troupe_record_t;

//  How many words a kind has.
extern const uint8_t troupe_record_words [TROUPE_RECORD_KINDS];

//  The bytes of a packet that a payload of that size takes up, its null included.
static inline size_t troupe_envelope_padded (size_t size)
{
    return (size + 8) & ~(size_t) 7;
}

//  The bytes that a whole record takes up in the packet.
static inline size_t troupe_envelope_size (troupe_record_kind_t kind, size_t size)
{
    size_t body = size < TROUPE_ENVELOPE_LARGE ? troupe_envelope_padded (size) : 0;
    return TROUPE_ENVELOPE_HEAD + 8u * troupe_record_words [kind] + body;
}

//  Little-endian loads and stores, free of alignment.
static inline uint64_t troupe_load64 (const uint8_t *data)
{
    uint64_t value;
    memcpy (&value, data, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64 (value);
#endif
    return value;
}

static inline void troupe_store64 (uint8_t *data, uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64 (value);
#endif
    memcpy (data, &value, sizeof value);
}

//  The low half of the head of a cast whose payload lies in the packet, but for its tag.
#define TROUPE_CAST_MASK 0xFFFFu
#define TROUPE_CAST_HEAD (TROUPE_ENVELOPE_VERSION << 4 | TROUPE_RECORD_CAST)

/*  The payload of the record at the head of 'size' bytes, if that is such a cast, else null: the fast way through
    troupe_envelope_read. *head_p has its tag and size.                                                    */
static inline const uint8_t *troupe_envelope_cast (const uint8_t *data, size_t size, uint64_t *head_p)
{
    if (size < TROUPE_ENVELOPE_HEAD + 8)
        return NULL;
    uint64_t head = troupe_load64 (data);
    size_t body = head >> 32;
    bool whole = (head & TROUPE_CAST_MASK) == TROUPE_CAST_HEAD
                 && troupe_envelope_padded (body) <= size - TROUPE_ENVELOPE_HEAD;
    if (!whole || data [TROUPE_ENVELOPE_HEAD + body])
        return NULL;
    *head_p = head;
    return data + TROUPE_ENVELOPE_HEAD;
}

//  Reads the record at the head of 'size' bytes; returns how many bytes it takes up, 0 when they are malformed.
size_t troupe_envelope_read (const uint8_t *data, size_t size, troupe_record_t *record);

//  Writes head and words at 'data', which has room for them; returns where the payload goes.
uint8_t *troupe_envelope_write (uint8_t *data, const troupe_record_t *record);

#endif
