/*  =========================================================================
    live/security/security_reach.c - whether a tcp endpoint stays on this machine

    Place: runtime/live; see security_reach.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/security/security_reach.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

static bool s_is_loopback4 (const uint8_t *bytes)
{
    return bytes [0] == IN_LOOPBACKNET;
}

static bool s_is_loopback6 (const struct in6_addr *address)
{
    return IN6_IS_ADDR_V4MAPPED (address) ? s_is_loopback4 (address->s6_addr + 12) : IN6_IS_ADDR_LOOPBACK (address);
}

troupe_reach_t troupe_reach_of_address (const struct sockaddr *address)
{
    bool loopback = false;
    if (address->sa_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy (&ipv4, address, sizeof ipv4);
        loopback = s_is_loopback4 ((const uint8_t *) &ipv4.sin_addr);
    }
    else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy (&ipv6, address, sizeof ipv6);
        loopback = s_is_loopback6 (&ipv6.sin6_addr);
    }
    return loopback ? TROUPE_REACH_LOOPBACK : TROUPE_REACH_BEYOND;
}

static troupe_reach_t s_reach_of_host (const char *host)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (strcmp (host, "*") == 0)
        return TROUPE_REACH_BEYOND;
    if (strcasecmp (host, "localhost") == 0)
        return TROUPE_REACH_LOOPBACK;
    if (inet_pton (AF_INET, host, &ipv4) == 1)
        return s_is_loopback4 ((const uint8_t *) &ipv4) ? TROUPE_REACH_LOOPBACK : TROUPE_REACH_BEYOND;
    if (inet_pton (AF_INET6, host, &ipv6) == 1)
        return s_is_loopback6 (&ipv6) ? TROUPE_REACH_LOOPBACK : TROUPE_REACH_BEYOND;
    //  With a zone (fe80::1%eth0) it is of one link, and no name has a colon.
    return strchr (host, ':') ? TROUPE_REACH_BEYOND : TROUPE_REACH_NAME;
}

troupe_reach_t troupe_reach_of_endpoint (const char *endpoint, char *host)
{
    if (strncmp (endpoint, "tcp://", 6) != 0)
        return TROUPE_REACH_MALFORMED;
    const char *source_end = strchr (endpoint, ';');
    const char *begin = source_end ? source_end + 1 : endpoint + 6;
    const char *end = strrchr (begin, ':');
    if (!end || !end [1])
        return TROUPE_REACH_MALFORMED;
    if (*begin == '[' && end > begin + 1 && end [-1] == ']') {
        begin++;
        end--;
    }
    size_t size = (size_t) (end - begin);
    if (size == 0 || size > TROUPE_REACH_HOST_MAX)
        return TROUPE_REACH_MALFORMED;
    memcpy (host, begin, size);
    host [size] = 0;
    return s_reach_of_host (host);
}

//  One address that is not loopback is enough to be reached by others.
static void s_count (troupe_reach_t *reach_p, const struct sockaddr *address)
{
    if (*reach_p != TROUPE_REACH_BEYOND)
        *reach_p = troupe_reach_of_address (address);
}

static bool s_has_address (const struct ifaddrs *entry, const char *name)
{
    return strcmp (entry->ifa_name, name) == 0 && entry->ifa_addr
        && (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6);
}

static troupe_reach_t s_reach_of_interface (const char *name)
{
    troupe_reach_t reach = TROUPE_REACH_NAME;
    struct ifaddrs *entries = NULL;
    if (getifaddrs (&entries))
        return reach;
    for (const struct ifaddrs *entry = entries; entry; entry = entry->ifa_next)
        if (s_has_address (entry, name))
            s_count (&reach, entry->ifa_addr);
    freeifaddrs (entries);
    return reach;
}

troupe_error_t troupe_reach_of_name (const char *name, troupe_reach_t *reach_p)
{
    troupe_reach_t reach = s_reach_of_interface (name);
    struct addrinfo *entries = NULL, hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    int failure = reach == TROUPE_REACH_NAME ? getaddrinfo (name, NULL, &hints, &entries) : 0;
    if (failure)
        return failure == EAI_MEMORY ? TROUPE_ENOMEM : TROUPE_EADDR;
    for (const struct addrinfo *entry = entries; entry; entry = entry->ai_next)
        s_count (&reach, entry->ai_addr);
    if (entries)
        freeaddrinfo (entries);
    *reach_p = reach;
    return TROUPE_OK;
}
