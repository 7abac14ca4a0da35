/*  =========================================================================
    message.h - what streamed requests are written in

    Place: actors/body, for it and for doors. The encodings are those of
    troupe/body.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_BODY_MESSAGE_H_INCLUDED
#define TROUPE_BODY_MESSAGE_H_INCLUDED

#include <troupe/body.h>

//  What stands before the encoded request (id, length), the encoded response (length), and a piece or word (id).
#define TROUPE_BODY_REQUEST_HEAD 16u
#define TROUPE_BODY_RESPONSE_HEAD 8u
#define TROUPE_BODY_ID_SIZE 8u

//  Numbers of eight bytes, little-endian, free of alignment.
uint64_t troupe_body_load (const void *data);
void troupe_body_store (void *data, uint64_t number);

//  The head of a streamed response; the caller owns it. Null when memory is out.
troupe_message_t *troupe_body_response (troupe_response_t *response, uint64_t length);

#endif
