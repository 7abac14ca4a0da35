/*  =========================================================================
    live/stream/stream.c - connections: reading, writing, closing

    Place: runtime/live; see stream.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/stream/stream.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#define S_READS 4               //  Of one connection, before others get their turn
#define S_PARTS 64

//  --- What the streams of a cell share

troupe_live_streams_t *troupe_live_streams_ensure (troupe_actor_t *cell)
{
    troupe_live_streams_t **streams_p = troupe_live_streams (cell);
    if (!*streams_p) {
        troupe_live_streams_t *streams = malloc (sizeof *streams);
        if (!streams)
            return NULL;
        streams->starved = NULL;
        streams->retry = 0;
        streams->warned_us = 0;
        *streams_p = streams;
    }
    return *streams_p;
}

void troupe_live_streams_clear (troupe_actor_t *cell)
{
    troupe_live_streams_t **streams_p = troupe_live_streams (cell);
    if (*streams_p && (*streams_p)->retry)
        troupe_timers_cancel (&cell->system_timers, (*streams_p)->retry);
    free (*streams_p);
    *streams_p = NULL;
}

int troupe_live_socket (int family)
{
    int fd = socket (family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int yes = 1;
    if (fd >= 0 && family != AF_UNIX)       //  What a listener accepts inherits it
        setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

//  --- Reading

static troupe_error_t s_socket_error (int fd)
{
    int number = 0;
    socklen_t size = sizeof number;
    if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &number, &size) == 0 && number)
        return troupe_error_from_errno (number);
    return TROUPE_ECLOSED;
}

//  One read. True when another one should follow; false, too, when 'live' may be gone.
static bool s_read_once (troupe_live_stream_t *live, uint8_t *buffer)
{
    ssize_t got = recv (live->source.fd, buffer, TROUPE_LIVE_BUFFER, 0);
    if (got > 0) {
        bool dry = (size_t) got < TROUPE_LIVE_BUFFER && !live->hung;
        return troupe_stream_arrived (live->stream, buffer, (size_t) got) && !dry;
    }
    if (got == 0) {
        live->reads = false;
        return troupe_stream_ended (live->stream);
    }
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN)
        troupe_stream_lost (live->stream, troupe_error_from_errno (errno));
    return false;
}

static void s_read (troupe_live_stream_t *live)
{
    troupe_actor_t *cell = live->stream->cell;
    uint8_t *buffer = (*troupe_live_streams (cell))->buffer;
    for (int count = 0; count < S_READS; count++)
        if (!s_read_once (live, buffer))
            return;
    troupe_poller_post (troupe_live_poller (cell), &live->source, TROUPE_POLL_READ);
}

static void s_ready (troupe_source_t *source, unsigned events)
{
    troupe_live_stream_t *live = (troupe_live_stream_t *) source;
    troupe_stream_t *stream = live->stream;
    if (live->attempt && !troupe_live_attempt_ready (live, events))
        return;
    if (events & (TROUPE_POLL_HANGUP | TROUPE_POLL_ERROR))
        live->hung = true;
    if ((events & TROUPE_POLL_ERROR) && !live->reads) {
        troupe_stream_lost (stream, s_socket_error (source->fd));
        return;
    }
    if ((events & TROUPE_POLL_WRITE) && stream->blocked) {
        troupe_stream_can_write (stream);
        if (stream->dead)
            return;
    }
    if (live->reads && (events & ~TROUPE_POLL_WRITE))
        s_read (live);
}

void troupe_live_stream_reads (troupe_actor_t *cell, troupe_stream_t *stream, bool reads)
{
    troupe_live_stream_t *live = stream->host;
    live->reads = reads;
    if (reads)
        troupe_poller_post (troupe_live_poller (cell), &live->source, TROUPE_POLL_READ);
}

//  --- Writing

static ptrdiff_t s_send_parts (int fd, const troupe_bytes_t *parts, size_t count)
{
    struct iovec vector [S_PARTS];
    struct msghdr message = { .msg_iov = vector };
    for (; message.msg_iovlen < count && message.msg_iovlen < S_PARTS; message.msg_iovlen++) {
        const troupe_bytes_t *part = &parts [message.msg_iovlen];
        vector [message.msg_iovlen] = (struct iovec) { (void *) (uintptr_t) part->data, part->size };
    }
    return sendmsg (fd, &message, MSG_NOSIGNAL);
}

ptrdiff_t troupe_live_stream_send (troupe_actor_t *cell, troupe_stream_t *stream, const troupe_bytes_t *parts,
                                   size_t count, troupe_error_t *error_p)
{
    (void) cell;
    const troupe_live_stream_t *live = stream->host;
    ptrdiff_t sent;
    do
        sent = count == 1 ? send (live->source.fd, parts->data, parts->size, MSG_NOSIGNAL)
                          : s_send_parts (live->source.fd, parts, count);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return sent;
    if (errno == EAGAIN)
        return 0;
    *error_p = troupe_error_from_errno (errno);
    return -1;
}

void troupe_live_stream_end (troupe_actor_t *cell, troupe_stream_t *stream)
{
    (void) cell;
    const troupe_live_stream_t *live = stream->host;
    shutdown (live->source.fd, SHUT_WR);
}

//  --- Beginning and end

troupe_live_stream_t *troupe_live_stream_new (troupe_actor_t *cell, int fd, troupe_error_t *error_p)
{
    troupe_live_stream_t *live = calloc (1, sizeof *live);
    troupe_error_t error = TROUPE_ENOMEM;
    if (live) {
        live->source.fd = fd;
        live->source.ready = s_ready;
        live->reads = true;
        error = troupe_poller_add (troupe_live_poller (cell), &live->source,
                                   TROUPE_POLL_READ | TROUPE_POLL_WRITE, true);
    }
    if (error) {
        *error_p = error;
        close (fd);
        free (live);
        return NULL;
    }
    return live;
}

void troupe_live_stream_free (troupe_actor_t *cell, troupe_live_stream_t *live, bool abort)
{
    struct linger none = { .l_onoff = 1, .l_linger = 0 };
    troupe_poller_remove (troupe_live_poller (cell), &live->source);
    if (abort)
        setsockopt (live->source.fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    if (live->source.fd >= 0)
        close (live->source.fd);
    troupe_live_attempt_free (cell, &live->attempt);
    free (live);
    troupe_live_listeners_feed (cell);
}

void troupe_live_stream_close (troupe_actor_t *cell, troupe_stream_t *stream, bool abort)
{
    troupe_live_stream_free (cell, stream->host, abort);
}

void troupe_live_stream_peer (troupe_actor_t *cell, troupe_stream_t *stream, char *text, size_t size)
{
    (void) cell;
    const troupe_live_stream_t *live = stream->host;
    troupe_socket_address_t address = { .size = sizeof address.local };
    text [0] = 0;
    if (getpeername (live->source.fd, &address.any, &address.size) == 0)
        troupe_socket_address_text (&address, text, size);
}
