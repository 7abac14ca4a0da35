/*  =========================================================================
    pool/endpoint.c - what an endpoint that somebody tells us is worth

    Place: actors/pool; see endpoint.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_TCP "tcp://"
#define S_IPC "ipc:///"
#define S_HOST_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
//  Without scopes ("%eth0"), which mean something on their own machine only.
#define S_HOST6_LETTERS "0123456789abcdefABCDEF:."
//  Of a socket's path, without the null.
#define S_PATH_MAX 107u
#define S_PORT_MAX 65535

//  The host of a TCP endpoint, brackets and all; what is behind its last colon is the port. Null for all others.
static const char *s_host (const char *endpoint, size_t *size_p)
{
    if (strncmp (endpoint, S_TCP, sizeof S_TCP - 1) != 0)
        return NULL;
    const char *host = endpoint + sizeof S_TCP - 1;
    const char *colon = strrchr (host, ':');
    *size_p = colon ? (size_t) (colon - host) : 0;
    return *size_p ? host : NULL;
}

static bool s_is_host (const char *host, size_t size)
{
    bool bracketed = size > 2 && host [0] == '[' && host [size - 1] == ']';
    return bracketed ? strspn (host + 1, S_HOST6_LETTERS) == size - 2 : strspn (host, S_HOST_LETTERS) == size;
}

static bool s_is_port (const char *port)
{
    size_t size = strspn (port, "0123456789");
    long number = size > 0 && size < 6 && !port [size] ? strtol (port, NULL, 10) : 0;
    return number > 0 && number <= S_PORT_MAX;
}

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
    size_t size;
    const char *host = s_host (endpoint, &size);
    return host && ((size == 1 && *host == '*') || strspn (host, "[0:.]") >= size);
}

bool troupe_endpoint_is_good (const char *endpoint)
{
    size_t size;
    const char *host = s_host (endpoint, &size);
    if (!host)
        return s_is_path (endpoint);
    return strlen (endpoint) < TROUPE_ENDPOINT_ROOM && s_is_host (host, size) && s_is_port (host + size + 1)
           && !troupe_endpoint_is_wildcard (endpoint);
}

bool troupe_endpoint_complete (const char *address, const char *bound, char *endpoint, size_t size)
{
    size_t host_size, bound_size;
    const char *host = s_host (address, &host_size), *bound_host = s_host (bound, &bound_size);
    int length;
    if (host && bound_host && strcmp (host + host_size, ":*") == 0)
        length = snprintf (endpoint, size, S_TCP "%.*s%s", (int) host_size, host, bound_host + bound_size);
    else
        length = snprintf (endpoint, size, "%s", address);
    return length > 0 && (size_t) length < size;
}
