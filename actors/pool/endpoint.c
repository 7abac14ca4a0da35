/*  =========================================================================
    pool/endpoint.c - what an endpoint that somebody tells us is worth

    Place: actors/pool; see endpoint.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "endpoint.h"

#include <troupe/address.h>

#include <stdio.h>
#include <string.h>

#define S_IPC "ipc:///"
//  Of a socket's path, without the null.
#define S_PATH_MAX 107u

static bool s_is_path (const char *endpoint)
{
    size_t start = sizeof S_IPC - 2;
    size_t size = strlen (endpoint);
    if (strncmp (endpoint, S_IPC, sizeof S_IPC - 1) != 0 || size == sizeof S_IPC - 1 || size > start + S_PATH_MAX)
        return false;
    for (size_t index = 0; index < size; index++)
        if ((unsigned char) endpoint [index] <= ' ' || endpoint [index] == 127)
            return false;
    return true;
}

bool troupe_endpoint_is_wildcard (const char *endpoint)
{
    troupe_address_t address;
    return troupe_address_of_endpoint (endpoint, &address) && address.wildcard;
}

bool troupe_endpoint_is_good (const char *endpoint)
{
    troupe_address_t address;
    if (!troupe_address_of_endpoint (endpoint, &address))
        return s_is_path (endpoint);
    //  The zone of an address means something on its own machine only.
    return strlen (endpoint) < TROUPE_ENDPOINT_ROOM && address.port > 0 && !address.wildcard && !address.zoned;
}

bool troupe_endpoint_complete (const char *address, const char *bound, char *endpoint, size_t size)
{
    troupe_address_t said, real;
    int length;
    if (troupe_address_of_endpoint (address, &said) && said.port == TROUPE_PORT_ANY
        && troupe_address_of_endpoint (bound, &real))
        length = snprintf (endpoint, size, "%.*s%d", (int) strlen (address) - 1, address, real.port);
    else
        length = snprintf (endpoint, size, "%s", address);
    return length > 0 && (size_t) length < size;
}
