/*  =========================================================================
    backward.h - a server's answer, written for whoever has asked

    Place: actors/upstream, the way back of forward.h. Pure but for memory.
    What ends at this hop is left out by the parser already. Sources: RFC 9110
    8.6 (the length that an answer without a body tells), 10.2.2 (Location).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_UPSTREAM_BACKWARD_H_INCLUDED
#define TROUPE_UPSTREAM_BACKWARD_H_INCLUDED

#include <troupe/response.h>

#include "forward.h"
#include "http1/head.h"

//  Where a field becomes strings on its way; all zero at first.
typedef struct troupe_upstream_text {
    char *data;
    size_t room;
} troupe_upstream_text_t;

/*  Sets the response's status and fields as the head has them, which came from 'server', a "HOST:PORT". The length goes
    along where the answer has no body ('head_only': it answers HEAD). Errors as those of troupe_response_header.   */
troupe_error_t troupe_upstream_backward_take (const troupe_upstream_way_t *way, const char *server,
                                              const troupe_http_head_t *head, bool head_only,
                                              troupe_upstream_text_t *text, troupe_response_t *response);

/*  What a Location of the server's is to its clients: one that points at the server itself, or is an absolute path,
    becomes a path below the prefix: in 'buffer', which must have room for prefix and location and two bytes more.
    All others stay as they are. Returns the size.                                                                 */
size_t troupe_upstream_backward_location (const troupe_upstream_way_t *way, const char *server, troupe_text_t location,
                                          char *buffer);

#endif
