/*  =========================================================================
    live/port/port_wire.c - what the kernel knows of a connection of libzmq's

    Place: runtime/live; see port.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/port/port.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define S_HAS(info, size, member) ((size) >= offsetof (struct tcp_info, member) + sizeof (info).member)

int64_t troupe_wire_received (int descriptor)
{
    struct tcp_info info = { 0 };
    socklen_t size = sizeof info;
    if (getsockopt (descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) || !S_HAS (info, size, tcpi_bytes_received))
        return 0;
    return (int64_t) info.tcpi_bytes_received;
}

int64_t troupe_wire_acknowledged (int descriptor)
{
    struct tcp_info info = { 0 };
    socklen_t size = sizeof info;
    if (getsockopt (descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) || !S_HAS (info, size, tcpi_bytes_acked))
        return 0;
    return (int64_t) info.tcpi_bytes_acked;
}

int64_t troupe_wire_unread (int descriptor)
{
    int unread = 0;
    return ioctl (descriptor, SIOCINQ, &unread) ? 0 : unread;
}

void troupe_wire_reset (int descriptor)
{
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    setsockopt (descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    shutdown (descriptor, SHUT_RDWR);
}
