/*  =========================================================================
    live/stream/resolve.c - addresses as the system wants them, and back

    Place: runtime/live; see resolve.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/stream/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void s_add_path (troupe_resolved_t *resolved, const char *path)
{
    troupe_socket_address_t *address = &resolved->addresses [resolved->count++];
    *address = (troupe_socket_address_t) { .local = { .sun_family = AF_UNIX } };
    size_t length = strlen (path);          //  The parser has seen to it that it fits
    memcpy (address->local.sun_path, path, length + 1);
    address->size = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + length + 1);
}

static void s_add_localhost (troupe_resolved_t *resolved, uint16_t port)
{
    resolved->addresses [0] = (troupe_socket_address_t) {
        .size = sizeof (struct sockaddr_in),
        .ipv4 = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) },
    };
    resolved->addresses [1] = (troupe_socket_address_t) {
        .size = sizeof (struct sockaddr_in6),
        .ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons (port), .sin6_addr = in6addr_loopback },
    };
    resolved->count = 2;
}

static troupe_error_t s_from_resolver (int status)
{
    if (status == EAI_MEMORY)
        return TROUPE_ENOMEM;
    if (status == EAI_SYSTEM && (errno == EMFILE || errno == ENFILE))
        return TROUPE_EFILES;
    return TROUPE_EADDR;
}

static troupe_error_t s_ask (const char *host, uint16_t port, int flags, troupe_resolved_t *resolved)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    char service [8];
    snprintf (service, sizeof service, "%u", port);
    int status = getaddrinfo (host, service, &hints, &found);
    if (status)
        return s_from_resolver (status);
    for (const struct addrinfo *item = found; item && resolved->count < TROUPE_RESOLVED_MAX; item = item->ai_next) {
        troupe_socket_address_t *address = &resolved->addresses [resolved->count];
        if (item->ai_addrlen > sizeof address->ipv6)
            continue;
        address->size = item->ai_addrlen;
        memcpy (&address->any, item->ai_addr, item->ai_addrlen);
        resolved->count++;
    }
    freeaddrinfo (found);
    return resolved->count ? TROUPE_OK : TROUPE_EADDR;
}

troupe_error_t troupe_resolve (const troupe_stream_address_t *address, troupe_resolved_t *resolved)
{
    resolved->count = 0;
    if (address->local)
        s_add_path (resolved, address->host);
    else if (strcmp (address->host, "localhost") == 0)
        s_add_localhost (resolved, address->port);
    if (resolved->count)
        return TROUPE_OK;
    troupe_error_t error = s_ask (address->host, address->port, AI_NUMERICHOST, resolved);
    return error ? s_ask (address->host, address->port, 0, resolved) : TROUPE_OK;
}

void troupe_socket_address_text (const troupe_socket_address_t *address, char *text, size_t size)
{
    char host [INET6_ADDRSTRLEN] = "";
    text [0] = 0;
    switch (address->any.sa_family) {
    case AF_INET:
        inet_ntop (AF_INET, &address->ipv4.sin_addr, host, sizeof host);
        snprintf (text, size, "%s:%u", host, ntohs (address->ipv4.sin_port));
        break;
    case AF_INET6:
        inet_ntop (AF_INET6, &address->ipv6.sin6_addr, host, sizeof host);
        snprintf (text, size, "[%s]:%u", host, ntohs (address->ipv6.sin6_port));
        break;
    case AF_UNIX:
        if (address->size > offsetof (struct sockaddr_un, sun_path) && address->local.sun_path [0])
            snprintf (text, size, "unix://%.*s", (int) sizeof address->local.sun_path, address->local.sun_path);
        break;
    default:
        break;
    }
}
