/*  =========================================================================
    core/request/response.h - the inside of a response in the making

    Place: runtime/core, between response.c and response_ready.c. 'data' is
    the encoding as it will travel: head, fields, body. The head is written
    last.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_RESPONSE_H_INCLUDED
#define TROUPE_CORE_RESPONSE_H_INCLUDED

#include <troupe/response.h>

struct troupe_response {
    uint8_t *data;
    size_t size;            //  So much of 'data' is in use: never less than the head, once there is any
    size_t capacity;
    size_t fields_size;
    unsigned field_count;
    int status;
    bool failed;            //  Memory was out: it is incomplete
};

//  Makes room for 'extra' bytes behind 'size'; false, remembered, when memory is out.
bool troupe_response_reserve (troupe_response_t *response, size_t extra);

//  Takes the body away.
void troupe_response_clear_body (troupe_response_t *response);

#endif
