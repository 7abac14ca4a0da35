/*  =========================================================================
    core/stream/address.h - where byte streams listen and connect, as text

    Place: runtime/core, the ground: text only. Reads the addresses of
    troupe/stream.h: "tcp://HOST:PORT", "HOST:PORT", "[::1]:PORT",
    "unix:///PATH". Finding out what a host name means is the host's work.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_ADDRESS_H_INCLUDED
#define TROUPE_CORE_ADDRESS_H_INCLUDED

#include <troupe/address.h>

#define TROUPE_ADDRESS_PATH_MAX 107     //  sun_path of unix(7), without its null
#define TROUPE_ADDRESS_TEXT_MAX 263     //  A host in brackets, a colon and a port

typedef struct troupe_stream_address {
    bool local;                                     //  A UNIX socket: 'host' is its path
    uint16_t port;                                  //  0: any
    char host [TROUPE_HOST_MAX + 1];        //  Without brackets
    char text [TROUPE_ADDRESS_TEXT_MAX + 1];        //  The usual form: "127.0.0.1:80", "[::1]:80", "unix:///run/a.sock"
} troupe_stream_address_t;

//  Reads an address; false when it is malformed or has no port, and then *address is in no particular state. "*" is any
//  IPv4 interface.
bool troupe_stream_address_parse (troupe_stream_address_t *address, const char *text);

//  The same of one that has been taken apart; a port that is open is 0.
void troupe_stream_address_set (troupe_stream_address_t *address, const troupe_address_t *parts);

#endif
