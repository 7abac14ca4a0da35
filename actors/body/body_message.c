/*  =========================================================================
    body_message.c - what streamed requests are written in

    Place: actors/body; see troupe/body.h, which has the encodings.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "message.h"

#include <stdlib.h>
#include <string.h>

uint64_t troupe_body_load (const void *data)
{
    const uint8_t *at = data;
    uint64_t number = 0;
    for (unsigned index = 8; index > 0; index--)
        number = number << 8 | at [index - 1];
    return number;
}

void troupe_body_store (void *data, uint64_t number)
{
    uint8_t *at = data;
    for (unsigned index = 0; index < 8; index++)
        at [index] = (uint8_t) (number >> (8 * index));
}

troupe_error_t troupe_body_request (troupe_message_t *message, troupe_request_t *request, uint64_t *length_p)
{
    const uint8_t *data = troupe_message_data (message);
    const size_t size = troupe_message_size (message);
    const bool streamed = troupe_message_tag (message) == TROUPE_TAG_REQUEST_STREAM;
    const size_t head = streamed ? TROUPE_BODY_REQUEST_HEAD : 0;
    if (size < head || troupe_request_decode (data + head, size - head, request) != TROUPE_OK)
        return TROUPE_EPROTO;
    const uint64_t length = streamed ? troupe_body_load (data + 8) : request->body.size;
    if (request->body.size > 0 && request->body.size != length)
        return TROUPE_EPROTO;
    request->message = message;
    request->deadline_us = troupe_message_deadline_us (message);
    *length_p = length;
    return TROUPE_OK;
}

static void s_free (void *data, void *hint)
{
    (void) hint;
    free (data);
}

troupe_message_t *troupe_body_response (troupe_response_t *response, uint64_t length)
{
    const troupe_bytes_t bytes = troupe_response_encoded (response);
    uint8_t *data = bytes.data ? malloc (TROUPE_BODY_RESPONSE_HEAD + bytes.size) : NULL;
    if (data == NULL)
        return NULL;
    troupe_body_store (data, length);
    memcpy (data + TROUPE_BODY_RESPONSE_HEAD, bytes.data, bytes.size);
    troupe_message_t *message = troupe_message_wrap (TROUPE_TAG_RESPONSE_STREAM, data,
                                                     TROUPE_BODY_RESPONSE_HEAD + bytes.size, s_free, NULL);
    if (message == NULL)
        free (data);
    return message;
}
