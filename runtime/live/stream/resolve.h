/*  =========================================================================
    live/stream/resolve.h - addresses as the system wants them, and back

    Place: runtime/live, the ground.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_RESOLVE_H_INCLUDED
#define TROUPE_LIVE_RESOLVE_H_INCLUDED

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/stream/address.h"

#define TROUPE_RESOLVED_MAX 8u

//  One address, with room for any kind that streams use.
typedef struct troupe_socket_address {
    socklen_t size;
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
        struct sockaddr_un local;
    };
} troupe_socket_address_t;

//  What a name means, in the order in which it should be tried.
typedef struct troupe_resolved {
    size_t count;
    troupe_socket_address_t addresses [TROUPE_RESOLVED_MAX];
} troupe_resolved_t;

/*  Numeric hosts, "localhost" and paths are known at once; any other name is asked of the system's resolver,
    which blocks as long as it takes. TROUPE_EADDR when the name means nothing, TROUPE_ENOMEM, TROUPE_EFILES.     */
troupe_error_t troupe_resolve (const troupe_stream_address_t *address, troupe_resolved_t *resolved);

//  "127.0.0.1:80", "[::1]:80", "unix:///run/a.sock"; "" for a UNIX socket without a name. Cut to fit.
void troupe_socket_address_text (const troupe_socket_address_t *address, char *text, size_t size);

#endif
