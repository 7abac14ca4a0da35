/*  =========================================================================
    live/port/port_address.c - endpoints of ipc and tcp, as libzmq wants them

    Place: runtime/live; see port.h. libzmq takes more than is good: it removes
    whatever lies at an ipc path, and asks for the meaning of a name again and
    again in silence. What can be known beforehand is found out here, and said
    in words.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/port/port.h"
#include "live/stream/resolve.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define S_IPC "ipc://"
#define S_TCP "tcp://"
//  A name is asked for so often at most, and this many times less often than the answer takes.
#define S_ASK_AGAIN_US 3000000
#define S_ASK_SHARE 20

bool troupe_endpoint_is_tcp (const char *endpoint)
{
    return strncmp (endpoint, S_TCP, sizeof S_TCP - 1) == 0;
}

bool troupe_endpoint_is_outside (const char *endpoint)
{
    return troupe_endpoint_is_tcp (endpoint) || strncmp (endpoint, S_IPC, sizeof S_IPC - 1) == 0;
}

static troupe_error_t s_say (troupe_error_t error, const char *endpoint, const char *words, char *why, size_t why_size)
{
    snprintf (why, why_size, "%.80s: %s", endpoint, words);
    return error;
}

troupe_error_t troupe_endpoint_error (const char *endpoint, int error_number, char *why, size_t why_size)
{
    switch (error_number) {
    case EADDRINUSE:
        return s_say (TROUPE_EADDRINUSE, endpoint, "the address is in use", why, why_size);
    case EACCES:
    case EPERM:
    case EROFS:
        return s_say (TROUPE_EACCES, endpoint, "no permission", why, why_size);
    case ENODEV:
    case EADDRNOTAVAIL:
        return s_say (TROUPE_EADDR, endpoint, "it is not an address of this machine", why, why_size);
    case ENOENT:
    case ENOTDIR:
        return s_say (TROUPE_EADDR, endpoint, "there is no such folder", why, why_size);
    case EINVAL:
    case EPROTONOSUPPORT:
    case ENAMETOOLONG:
        return s_say (TROUPE_EINVAL, endpoint, "it is malformed", why, why_size);
    default:
        return s_say (troupe_socket_error (error_number), endpoint, zmq_strerror (error_number), why, why_size);
    }
}

//  --- ipc

//  Whether somebody accepts connections there.
static bool s_is_alive (const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy (address.sun_path, path);
    int probe = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return false;
    bool alive = connect (probe, (const struct sockaddr *) &address, sizeof address) == 0 || errno == EAGAIN;
    close (probe);
    return alive;
}

static troupe_error_t s_check_to_bind (const char *endpoint, const char *path, char *why, size_t why_size)
{
    struct stat status;
    if (lstat (path, &status))
        return TROUPE_OK;
    if (!S_ISSOCK (status.st_mode))
        return s_say (TROUPE_EADDRINUSE, endpoint, "something else than a socket is there", why, why_size);
    if (s_is_alive (path))
        return s_say (TROUPE_EADDRINUSE, endpoint, "somebody listens there", why, why_size);
    return TROUPE_OK;
}

static troupe_error_t s_resolve_ipc (const char *endpoint, bool bind, char *resolved, size_t size, char *why,
                                     size_t why_size)
{
    const char *path = endpoint + sizeof S_IPC - 1;
    if (!*path || *path == '*')
        return s_say (TROUPE_EINVAL, endpoint, "it has no path", why, why_size);
    if (*path == '@')
        return s_say (TROUPE_EINVAL, endpoint, "every local user could open a name without a file", why, why_size);
    if (strlen (path) > TROUPE_ADDRESS_PATH_MAX || strlen (endpoint) >= size)
        return s_say (TROUPE_EINVAL, endpoint, "the path has more than 107 bytes", why, why_size);
    strcpy (resolved, endpoint);
    return bind ? s_check_to_bind (endpoint, path, why, why_size) : TROUPE_OK;
}

//  --- tcp

//  To bind, "*" may stand for the host and for the port.
static bool s_parse (const char *endpoint, bool bind, troupe_stream_address_t *address)
{
    troupe_address_t parts;
    if (!troupe_address_of_endpoint (endpoint, &parts) || (!bind && (parts.port <= 0 || *parts.host.data == '*')))
        return false;
    troupe_stream_address_set (address, &parts);
    return true;
}

//  The first address, those of IPv4 before the others: libzmq tries no second one.
static troupe_error_t s_choose (const troupe_stream_address_t *address, troupe_socket_address_t *chosen)
{
    troupe_resolved_t resolved = { 0 };
    troupe_error_t error = troupe_resolve (address, &resolved);
    if (error || !resolved.count)
        return error ? error : TROUPE_EADDR;
    *chosen = resolved.addresses [0];
    for (size_t index = resolved.count; index > 0; index--)
        if (resolved.addresses [index - 1].any.sa_family == AF_INET)
            *chosen = resolved.addresses [index - 1];
    return TROUPE_OK;
}

static troupe_error_t s_resolve_host (const char *endpoint, const troupe_stream_address_t *address, char *resolved,
                                      size_t size, bool *ipv6_p, char *why, size_t why_size)
{
    char text [TROUPE_ADDRESS_TEXT_MAX + 1];
    troupe_socket_address_t chosen;
    troupe_error_t error = s_choose (address, &chosen);
    if (error == TROUPE_EADDR)
        return s_say (error, endpoint, "the name of the host means nothing", why, why_size);
    if (error)
        return s_say (error, endpoint, troupe_error_text (error), why, why_size);
    troupe_socket_address_text (&chosen, text, sizeof text);
    *ipv6_p = chosen.any.sa_family == AF_INET6;
    snprintf (resolved, size, S_TCP "%s", text);
    return TROUPE_OK;
}

//  libzmq knows the names of interfaces itself.
static troupe_error_t s_resolve_tcp (const char *endpoint, bool bind, char *resolved, size_t size, bool *ipv6_p,
                                     char *why, size_t why_size)
{
    troupe_stream_address_t address;
    if (!s_parse (endpoint, bind, &address) || strlen (endpoint) >= size)
        return s_say (TROUPE_EINVAL, endpoint, "it is not tcp://HOST:PORT", why, why_size);
    *ipv6_p = strchr (address.host, ':');
    strcpy (resolved, endpoint);
    if (bind && if_nametoindex (address.host))
        return TROUPE_OK;
    return s_resolve_host (endpoint, &address, resolved, size, ipv6_p, why, why_size);
}

troupe_error_t troupe_endpoint_resolve (const char *endpoint, bool bind, char *resolved, size_t size, bool *ipv6_p,
                                        char *why, size_t why_size)
{
    *ipv6_p = false;
    if (troupe_endpoint_is_tcp (endpoint))
        return s_resolve_tcp (endpoint, bind, resolved, size, ipv6_p, why, why_size);
    if (troupe_endpoint_is_outside (endpoint))
        return s_resolve_ipc (endpoint, bind, resolved, size, why, why_size);
    return s_say (TROUPE_EINVAL, endpoint, "it is neither ipc:// nor tcp://", why, why_size);
}

troupe_error_t troupe_endpoint_find (const char *endpoint, troupe_endpoint_way_t *way, char *why, size_t why_size)
{
    char resolved [TROUPE_ENDPOINT_MAX + 1];
    bool ipv6 = false;
    int64_t begin_us = troupe_clock_us ();
    if (*way->resolved && begin_us < way->due_us)
        return TROUPE_OK;
    troupe_error_t error = troupe_endpoint_resolve (endpoint, false, resolved, sizeof resolved, &ipv6, why, why_size);
    int64_t end_us = troupe_clock_us (), share_us = (end_us - begin_us) * S_ASK_SHARE;
    way->due_us = end_us + (share_us > S_ASK_AGAIN_US ? share_us : S_ASK_AGAIN_US);
    if (error)
        return *way->resolved ? TROUPE_OK : error;
    strcpy (way->resolved, resolved);
    way->ipv6 = ipv6;
    way->named = strcmp (resolved, endpoint) != 0;
    return TROUPE_OK;
}
