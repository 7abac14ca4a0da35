/*  =========================================================================
    pool/endpoint.h - what an endpoint that somebody tells us is worth

    Place: actors/pool, for the roster and the announcer. Pure.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_POOL_ENDPOINT_H_INCLUDED
#define TROUPE_POOL_ENDPOINT_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#define TROUPE_ENDPOINT_ROOM 256u

/*  Whether others can reach somebody at it: "tcp://HOST:PORT" with one host and one port, or "ipc:///PATH". Names and
    inproc are not for others to tell: they would let them choose among our own actors.                     */
bool troupe_endpoint_is_good (const char *endpoint);

//  "tcp://0.0.0.0:7000", "tcp://[::]:7000", "tcp://*:7000": every address of a machine is none.
bool troupe_endpoint_is_wildcard (const char *endpoint);

//  Writes 'address' into 'endpoint'; a port "*" in it becomes the one of 'bound'. False when there is no room.
bool troupe_endpoint_complete (const char *address, const char *bound, char *endpoint, size_t size);

#endif
