/*  =========================================================================
    place.h - where an upstream is: its URL and its servers, taken apart

    Place: actors/upstream. Pure. Source: RFC 9110 4.2.1, RFC 3986 3.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_UPSTREAM_PLACE_H_INCLUDED
#define TROUPE_UPSTREAM_PLACE_H_INCLUDED

#include <troupe/error.h>
#include <troupe/request.h>

//  "HOST:PORT" has at most so many bytes, its null included.
#define TROUPE_UPSTREAM_ADDRESS_ROOM 280

//  A server, as troupe_connect wants it: with a port.
typedef struct troupe_upstream_address {
    char text [TROUPE_UPSTREAM_ADDRESS_ROOM];
} troupe_upstream_address_t;

/*  Takes "http://HOST[:PORT][/PATH]" apart: the address, and views of the authority and of the path, which has no slash
    at its end and may be empty. TROUPE_EINVAL: it is no such URL; userinfo, query and fragment are none of it.   */
troupe_error_t troupe_upstream_url (const char *url, troupe_upstream_address_t *address, troupe_text_t *authority,
                                    troupe_text_t *path);

/*  Takes the next "HOST[:PORT]" off a list separated by blanks or commas and moves *list_p behind it.
      TROUPE_ENOENT   the list is over
      TROUPE_EINVAL   it is no authority                                                                          */
troupe_error_t troupe_upstream_next (const char **list_p, troupe_upstream_address_t *address);

#endif
