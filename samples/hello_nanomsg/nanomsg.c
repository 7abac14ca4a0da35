/*  =========================================================================
    hello_nanomsg/nanomsg.c - nanomsg's sockets, in troupe's errors

    Place: samples/hello_nanomsg; see nanomsg.h. A REQ socket has one request
    under way; a raw one has as many as it is given, and hands them to its peers
    in turn. Then it is its owner who numbers them: in a header beside the
    message, four bytes, the first bit set. Source: nn_reqrep(7), nn_sendmsg(3),
    and "Request/Reply Scalability Protocol", sp-request-reply-01.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "nanomsg.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define S_LAST 0x80000000u

typedef struct header {
    struct nn_cmsghdr control;
    size_t size;                //  Of what follows
    uint8_t number [8];         //  Four of them, as the network orders them
} header_t;

troupe_error_t nanomsg_open (troupe_actor_t *self, int domain, int protocol, bool binds, const char *address,
                             troupe_watch_fn *on_ready, int *socket_p)
{
    int descriptor;
    size_t size = sizeof descriptor;
    troupe_watch_t *watch;
    *socket_p = nn_socket (domain, protocol);
    if (*socket_p < 0 || (binds ? nn_bind (*socket_p, address) : nn_connect (*socket_p, address)) < 0
        || nn_getsockopt (*socket_p, NN_SOL_SOCKET, NN_RCVFD, &descriptor, &size) < 0)
        return troupe_error_from_errno (nn_errno ());
    return troupe_watch (self, descriptor, TROUPE_WATCH_READABLE, on_ready, NULL, &watch);
}

void nanomsg_close (int socket)
{
    if (socket >= 0)
        nn_close (socket);
}

bool nanomsg_ask (int socket, uint32_t number, const void *data, size_t size)
{
    header_t header = { .control = { NN_CMSG_LEN (sizeof (size_t) + 4), PROTO_SP, SP_HDR }, .size = 4 };
    for (unsigned index = 0; index < 4; index++)
        header.number [index] = (uint8_t) ((number | S_LAST) >> (24 - 8 * index));
    char *bytes = nn_allocmsg (size, 0);
    if (!bytes)
        return false;
    memcpy (bytes, data, size);
    struct nn_iovec vector = { &bytes, NN_MSG };
    const struct nn_msghdr message = { &vector, 1, &header, sizeof header };
    if (nn_sendmsg (socket, &message, NN_DONTWAIT) >= 0)
        return true;
    nn_freemsg (bytes);
    return false;
}

int nanomsg_answer (int socket, uint32_t *number_p, void **data_p)
{
    header_t header = { .size = 0 };
    struct nn_iovec vector = { data_p, NN_MSG };
    struct nn_msghdr message = { &vector, 1, &header, sizeof header };
    const int size = nn_recvmsg (socket, &message, NN_DONTWAIT);
    *number_p = 0;
    for (unsigned index = 0; size >= 0 && header.size == 4 && index < 4; index++)
        *number_p = *number_p << 8 | header.number [index];
    *number_p &= NANOMSG_NUMBER_MAX;
    return size;
}

void nanomsg_print_peers (int socket, uint64_t *count)
{
    const uint64_t now = nn_get_statistic (socket, NN_STAT_CURRENT_CONNECTIONS);
    if (now == *count)
        return;
    printf ("%-10s%" PRIu64 "\n", "workers", now);
    fflush (stdout);
    *count = now;
}
