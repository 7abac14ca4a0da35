/*  =========================================================================
    live/security/security_reach.h - whether a tcp endpoint stays on this machine

    Place: runtime/live, the ground, under security. Pure but for one function:
    text and addresses in, an answer out.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_SECURITY_REACH_H_INCLUDED
#define TROUPE_LIVE_SECURITY_REACH_H_INCLUDED

#include <stddef.h>
#include <sys/socket.h>

#include <troupe/error.h>

#define TROUPE_REACH_HOST_MAX 255

typedef enum {
    TROUPE_REACH_LOOPBACK = 1,  //  Only this machine
    TROUPE_REACH_BEYOND,        //  Perhaps others: an address that is not loopback, or all of them ("*", 0.0.0.0, ::)
    TROUPE_REACH_NAME,          //  A name, of a host or an interface: only the system knows
    TROUPE_REACH_MALFORMED      //  Not "tcp://HOST:PORT"
} troupe_reach_t;

//  How far an address reaches; IPv4 in IPv6 (::ffff:127.0.0.1) counts as IPv4. Any thread; does not block.
troupe_reach_t troupe_reach_of_address (const struct sockaddr *address);

/*  How far the host of "tcp://HOST:PORT" reaches, as libzmq reads it: HOST is what stands before the last colon, IPv6
    with or without brackets, "*" is every interface, and of "SOURCE;HOST:PORT" HOST counts. For TROUPE_REACH_NAME
    'host' of at least TROUPE_REACH_HOST_MAX + 1 bytes is the name, otherwise it is in no particular state. "localhost"
    is loopback (RFC 6761, section 6.3). Any thread; does not block.                                          */
troupe_reach_t troupe_reach_of_endpoint (const char *endpoint, char *host);

/*  What a name reaches: an interface's or a host's, all of whose addresses are looked at. TROUPE_EADDR when it means
    nothing, TROUPE_ENOMEM. Any thread; blocks as long as the system's resolver takes.                        */
troupe_error_t troupe_reach_of_name (const char *name, troupe_reach_t *reach_p);

#endif
