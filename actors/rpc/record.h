/*  =========================================================================
    record.h - how troupe's own RPC lies in a message

    Place: actors/rpc, private: bytes only. Both ends put all that one turn has
    for the other into one message, and that is why a connection carries more
    calls than messages. A message is a head of 8 bytes and records, one behind
    the other. Everything is little-endian; a payload is filled up with nulls
    to a multiple of 8 bytes.

        message   0  u8   0, which no other format begins with
                  1  "TR"
                  3  u8   version: 1
                  4  u32  0
        record    0  u32  bytes of the record, filled up
                  4  u8   kind
                  5  u8   flags: 1: pieces of the same id follow
                  6  u16  REFUSED: an outcome, else 0
                  8  u64  id: the asker's number for the question
                 16  u32  bytes of the payload
                 20  u32  0
                 24  i64  ASK: microseconds left to answer it; TROUPE_FOREVER: all the time; else 0
                 32  payload

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_RPC_RECORD_H_INCLUDED
#define TROUPE_RPC_RECORD_H_INCLUDED

#include <troupe/error.h>

#define TROUPE_RPC_HEAD 8u
#define TROUPE_RPC_RECORD_HEAD 32u
//  Larger payloads go in pieces of so many bytes, so that small ones get in between.
#define TROUPE_RPC_PIECE (256u * 1024u)

typedef enum {
    TROUPE_RPC_ASK = 1,     //  An encoded request (troupe/request.h)
    TROUPE_RPC_ANSWER,      //  An encoded response (troupe/response.h)
    TROUPE_RPC_REFUSE,      //  There is no response: how the call ended, and why in words
    TROUPE_RPC_CANCEL,      //  The asker does not want it any more
    TROUPE_RPC_KINDS
} troupe_rpc_kind_t;

typedef struct troupe_rpc_record {
    troupe_rpc_kind_t kind;
    bool more;              //  Another piece of the payload follows in a later record
    troupe_outcome_t outcome;
    uint64_t id;
    int64_t left_us;
    troupe_bytes_t payload; //  Read: a view into the message
} troupe_rpc_record_t;

//  Whether a message is in this format, of any version.
bool troupe_rpc_recognise (const void *data, size_t size);

/*  Reads the record at *offset_p, which is 0 at first, and moves on. The bytes may be anything.
      TROUPE_ENOENT   there is no more
      TROUPE_EPROTO   the message is malformed from here on
      TROUPE_ENOTSUP  another version                                                                      */
troupe_error_t troupe_rpc_read (const void *data, size_t size, size_t *offset_p, troupe_rpc_record_t *record);

//  A message that is being written; all zero is an empty one.
typedef struct troupe_rpc_message {
    uint8_t *data;          //  malloc'd
    size_t size, capacity;
} troupe_rpc_message_t;

//  Appends a record, with a copy of its payload, in pieces when it is large. TROUPE_ENOMEM: the message is as before.
troupe_error_t troupe_rpc_write (troupe_rpc_message_t *self, const troupe_rpc_record_t *record);

//  Writes a message of one record without a payload into TROUPE_RPC_HEAD + TROUPE_RPC_RECORD_HEAD bytes, needing no
//  memory; returns its size.
size_t troupe_rpc_write_bare (uint8_t *room, const troupe_rpc_record_t *record);

//  Makes it empty and keeps its memory; and frees that.
void troupe_rpc_message_reset (troupe_rpc_message_t *self);
void troupe_rpc_message_clear (troupe_rpc_message_t *self);

#endif
