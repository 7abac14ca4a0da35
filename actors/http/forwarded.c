/*  =========================================================================
    forwarded.c - whom a request is from, for servers behind this one

    Place: actors/http; see ingress.h. X-Forwarded-For becomes one field: what
    the request brought, which anybody may have made up, and behind it the
    address that it really came from.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <troupe/address.h>

#include <stdlib.h>
#include <string.h>

static const char s_name [] = "X-Forwarded-For";

#define PEER_ROOM (TROUPE_HOST_MAX + 1u)

//  The address of the peer without its port, or what RFC 7239 6 calls one that has none.
static troupe_text_t s_peer (const troupe_http_connection_t *self)
{
    troupe_address_t peer;
    bool known = troupe_address_read (troupe_text (troupe_stream_peer (self->stream)), &peer);
    return known ? peer.host : troupe_text ("unknown");
}

static char *s_put (char *at, troupe_text_t text)
{
    memcpy (at, text.data, text.size);
    return at + text.size;
}

size_t troupe_http_add_forwarded (troupe_http_connection_t *self, troupe_header_t *fields, size_t count)
{
    troupe_http_ingress_t *ingress = self->ingress;
    size_t kept = 0;
    //  A field takes more on the wire than its value and ", ".
    if (ingress->forwarded == NULL)
        ingress->forwarded = malloc (ingress->limits.header_bytes + PEER_ROOM);
    if (ingress->forwarded == NULL)
        return 0;
    char *at = ingress->forwarded;
    for (size_t index = 0; index < count; index++) {
        if (!troupe_text_same (fields [index].name, troupe_text (s_name)))
            fields [kept++] = fields [index];
        else if (fields [index].value.size)
            at = s_put (s_put (at, fields [index].value), troupe_text (", "));
    }
    at = s_put (at, s_peer (self));
    fields [kept].name = troupe_text (s_name);
    fields [kept].value = (troupe_text_t) { ingress->forwarded, (size_t) (at - ingress->forwarded) };
    return kept + 1;
}
