/*  =========================================================================
    rpc_call/words.h - questions and answers as documents

    Place: samples/rpc_call.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef RPC_CALL_WORDS_H_INCLUDED
#define RPC_CALL_WORDS_H_INCLUDED

#include <jansson.h>

#include <troupe.h>

typedef enum { WORDS_TROUPE = 0, WORDS_JSON, WORDS_SMILE, WORDS_MSGPACK, WORDS_NONE } words_t;

//  The format of that name; WORDS_NONE when there is none.
words_t words_find (const char *name);

//  Writes a map; malloc'd bytes, null when memory is out.
void *words_write (words_t words, const json_t *map, size_t *size_p);

//  Reads a map; null when it is none. Bytes in it become a text as far as they are UTF-8.
json_t *words_read (words_t words, const void *data, size_t size);

#endif
