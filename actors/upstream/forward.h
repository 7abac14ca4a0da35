/*  =========================================================================
    forward.h - a request, written for the next server

    Place: actors/upstream. Pure: into a buffer of the caller's. Who sent the
    request is not trusted: what would break the framing of the connection is
    refused. Sources: RFC 9112 3 and 6, RFC 9110 7.6 (fields of one hop, Via).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_UPSTREAM_FORWARD_H_INCLUDED
#define TROUPE_UPSTREAM_FORWARD_H_INCLUDED

#include <troupe/body.h>
#include <troupe/request.h>

//  How requests are changed on their way.
typedef struct troupe_upstream_way {
    troupe_text_t host;             //  For the Host field
    troupe_text_t authority;        //  Of the URL
    troupe_text_t base;             //  Put before the path, "/old", or empty
    troupe_text_t prefix;           //  Demanded of the path, "/legacy", or empty
    bool keep_prefix;               //  It stays
} troupe_upstream_way_t;

//  How much room the request may need, body and all.
size_t troupe_upstream_forward_room (const troupe_upstream_way_t *way, const troupe_request_t *request);

/*  Writes the request, its head and what is there of the body, into a buffer with that room, and sets *size_p. 'length'
    is that of all of the body; when it is TROUPE_BODY_UNKNOWN it has to follow in chunks. Returns 0, or the status that
    answers it instead: 400, 404 or 501.                                                                          */
int troupe_upstream_forward_write (const troupe_upstream_way_t *way, const troupe_request_t *request, uint64_t length,
                                   char *buffer, size_t *size_p);

#endif
