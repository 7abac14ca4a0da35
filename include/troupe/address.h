/*  =========================================================================
    troupe/address.h - "HOST:PORT", taken apart

    Place: include/. One meaning for the addresses that streams, children and
    the actors of troupe are told, and for those that an actor of your own is.
    What a host name means is not asked here. Pure: any thread, does not block.

    HOST is a name or an IPv4 address (letters, digits, "." "-" "_", beginning
    with none of the marks but "_"), an IPv6 address in brackets, perhaps with
    a zone (RFC 4007, section 11), or "*". It has at most 253 bytes (RFC 1035,
    section 2.3.4). PORT is a number up to 65535 of at most five digits, or
    "*". Nothing may stand in front or behind, not even a blank.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_ADDRESS_H_INCLUDED
#define TROUPE_ADDRESS_H_INCLUDED

#include "request.h"

TROUPE_BEGIN_DECLS

#define TROUPE_HOST_MAX 253

//  The port where none is said, not even ":", and the one that is left open: "*".
#define TROUPE_PORT_NONE (-1)
#define TROUPE_PORT_ANY (-2)

//  An address; 'host' is a view of the text that was read.
typedef struct troupe_address {
    troupe_text_t host;     //  Without brackets, with the zone
    int port;               //  0 to 65535, or one of TROUPE_PORT_...
    bool ipv6;              //  It stands in brackets
    bool zoned;             //  It names an interface of one machine: "fe80::1%eth0"
    bool wildcard;          //  It is all interfaces: "*", or nothing but zeros, as 0.0.0.0 and [::]
} troupe_address_t;

//  Reads "HOST" or "HOST:PORT". False when it is malformed; *address is untouched then.
TROUPE_API bool troupe_address_read (troupe_text_t text, troupe_address_t *address);

//  Reads the endpoint "tcp://HOST:PORT", whose port must be said, or be "*". False when it is malformed or another kind
//  of endpoint; *address is untouched then.
TROUPE_API bool troupe_address_of_endpoint (const char *endpoint, troupe_address_t *address);

TROUPE_END_DECLS

#endif
