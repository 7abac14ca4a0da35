/*  =========================================================================
    smile.h - the bytes of SMILE, for its reader and its writer

    Place: actors/rpc, private. Values and names of tokens are those of the
    Smile format definition, version 0.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_RPC_SMILE_H_INCLUDED
#define TROUPE_RPC_SMILE_H_INCLUDED

#include <troupe/smile.h>

#define TROUPE_SMILE_HEAD_SIZE 4u

//  Where a value belongs
#define TROUPE_SMILE_EMPTY_TEXT 0x20u
#define TROUPE_SMILE_NULL_TOKEN 0x21u
#define TROUPE_SMILE_FALSE_TOKEN 0x22u
#define TROUPE_SMILE_TRUE_TOKEN 0x23u
#define TROUPE_SMILE_INT32 0x24u            //  A zigzag VInt
#define TROUPE_SMILE_INT64 0x25u
#define TROUPE_SMILE_BIG_INTEGER 0x26u
#define TROUPE_SMILE_FLOAT 0x28u            //  5 bytes of 7 bits
#define TROUPE_SMILE_DOUBLE 0x29u           //  10 bytes of 7 bits
#define TROUPE_SMILE_BIG_DECIMAL 0x2Au
#define TROUPE_SMILE_TINY_ASCII 0x40u       //  1 to 64 bytes
#define TROUPE_SMILE_TINY_UNICODE 0x80u     //  2 to 65 bytes
#define TROUPE_SMILE_SMALL_INTEGER 0xC0u    //  Zigzag in 5 bits: -16 to 15
#define TROUPE_SMILE_LONG_ASCII 0xE0u       //  Up to TEXT_END
#define TROUPE_SMILE_LONG_UNICODE 0xE4u
#define TROUPE_SMILE_BINARY_7BIT 0xE8u      //  VInt size, then 7 bits a byte
#define TROUPE_SMILE_SHARED_LONG 0xECu      //  2 low bits and a byte: which text of the table
#define TROUPE_SMILE_ARRAY_TOKEN 0xF8u
#define TROUPE_SMILE_ARRAY_END_TOKEN 0xF9u
#define TROUPE_SMILE_OBJECT_TOKEN 0xFAu
#define TROUPE_SMILE_OBJECT_END_TOKEN 0xFBu
#define TROUPE_SMILE_TEXT_END 0xFCu
#define TROUPE_SMILE_BINARY_RAW 0xFDu       //  VInt size, then the bytes
#define TROUPE_SMILE_END_TOKEN 0xFFu

//  Where a name belongs
#define TROUPE_SMILE_SHARED_NAME_LONG 0x30u     //  2 low bits and a byte
#define TROUPE_SMILE_LONG_NAME 0x34u            //  Up to TEXT_END
#define TROUPE_SMILE_SHARED_NAME 0x40u          //  The first 64 of the table
#define TROUPE_SMILE_ASCII_NAME 0x80u           //  1 to 64 bytes
#define TROUPE_SMILE_UNICODE_NAME 0xC0u         //  2 to 57 bytes

//  How many names, and how many values, may be referred to; when so many are known the table begins anew.
#define TROUPE_SMILE_SHARED_MAX 1024u
//  As many as a short text has bytes at most; longer ones are never shared.
#define TROUPE_SMILE_SHORT_MAX 64u
#define TROUPE_SMILE_SHORT_UNICODE_NAME_MAX 56u

//  Whether the bytes are UTF-8 (RFC 3629); *ascii_p, if not null, tells whether they are all ASCII.
bool troupe_smile_is_utf8 (const uint8_t *data, size_t size, bool *ascii_p);

#endif
