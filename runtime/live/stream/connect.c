/*  =========================================================================
    live/stream/connect.c - making a connection

    Place: runtime/live; see stream.h. A name may mean several addresses: they
    are tried one after the other, all within one time limit.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/stream/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct troupe_live_attempt {
    size_t next;                    //  Which address comes next
    uint64_t timer;
    troupe_resolved_t resolved;
};

//  A UNIX socket that is not there, or that has no room, cannot be reached.
static troupe_error_t s_error (int number)
{
    return number == ENOENT || number == EAGAIN ? TROUPE_EADDR : troupe_error_from_errno (number);
}

//  A socket that is connected or connecting; -1 with *error_p when that address is out of the question.
static int s_begin (const troupe_socket_address_t *address, troupe_error_t *error_p)
{
    int fd = troupe_live_socket (address->any.sa_family);
    if (fd >= 0 && (connect (fd, &address->any, address->size) == 0 || errno == EINPROGRESS))
        return fd;
    *error_p = s_error (errno);
    if (fd >= 0)
        close (fd);
    return -1;
}

//  Tries the addresses that are left. The connection it makes has 'attempt', if any; null with *error_p.
static int s_begin_next (troupe_live_attempt_t *attempt, troupe_error_t *error_p)
{
    int fd = -1;
    while (fd < 0 && attempt->next < attempt->resolved.count)
        fd = s_begin (&attempt->resolved.addresses [attempt->next++], error_p);
    return fd;
}

void troupe_live_attempt_free (troupe_actor_t *cell, troupe_live_attempt_t **attempt_p)
{
    if (!*attempt_p)
        return;
    troupe_timers_cancel (&cell->system_timers, (*attempt_p)->timer);
    free (*attempt_p);
    *attempt_p = NULL;
}

static int s_on_timeout (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    troupe_live_stream_t *live = context;
    troupe_stream_lost (live->stream, TROUPE_ETIMEOUT);
    return 0;
}

//  Arms the time limit.
static bool s_limit (troupe_actor_t *cell, troupe_live_stream_t *live, int64_t timeout_ms)
{
    int64_t timeout_us, due_us;
    if (__builtin_mul_overflow (timeout_ms, 1000, &timeout_us)
        || __builtin_add_overflow (cell->host->now_us (cell), timeout_us, &due_us))
        due_us = TROUPE_FOREVER;
    live->attempt->timer = troupe_timers_add (&cell->system_timers, due_us, 0, s_on_timeout, live);
    return live->attempt->timer != 0;
}

static troupe_error_t s_start (troupe_actor_t *cell, troupe_stream_t *stream, troupe_live_attempt_t *attempt,
                               int64_t timeout_ms)
{
    troupe_error_t error = TROUPE_EADDR;
    int fd = s_begin_next (attempt, &error);
    if (fd < 0)
        return error;
    troupe_live_stream_t *live = troupe_live_stream_new (cell, fd, &error);
    if (!live)
        return error;
    live->stream = stream;
    live->attempt = attempt;
    if (!s_limit (cell, live, timeout_ms)) {
        live->attempt = NULL;               //  It is the caller's when this fails
        troupe_live_stream_free (cell, live, true);
        return TROUPE_ENOMEM;
    }
    stream->host = live;
    return TROUPE_OK;
}

troupe_error_t troupe_live_connect (troupe_actor_t *cell, troupe_stream_t *stream,
                                    const troupe_stream_address_t *address, int64_t timeout_ms)
{
    troupe_live_attempt_t *attempt = calloc (1, sizeof *attempt);
    if (!attempt || !troupe_live_streams_ensure (cell)) {
        free (attempt);
        return TROUPE_ENOMEM;
    }
    troupe_error_t error = troupe_resolve (address, &attempt->resolved);
    if (!error)
        error = s_start (cell, stream, attempt, timeout_ms);
    if (error)
        free (attempt);
    return error;
}

//  This address did not answer: goes on to the next, or gives up.
static void s_go_on (troupe_live_stream_t *live, troupe_error_t error)
{
    troupe_poller_t *poller = troupe_live_poller (live->stream->cell);
    troupe_poller_remove (poller, &live->source);
    close (live->source.fd);
    live->source.fd = s_begin_next (live->attempt, &error);
    if (live->source.fd >= 0)
        error = troupe_poller_add (poller, &live->source, TROUPE_POLL_READ | TROUPE_POLL_WRITE, true);
    if (live->source.fd < 0 || error)
        troupe_stream_lost (live->stream, error);
}

bool troupe_live_attempt_ready (troupe_live_stream_t *live, unsigned events)
{
    int number = 0;
    socklen_t size = sizeof number;
    if (!(events & (TROUPE_POLL_WRITE | TROUPE_POLL_ERROR | TROUPE_POLL_HANGUP)))
        return false;
    if (getsockopt (live->source.fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0)
        number = errno;
    if (number || !(events & TROUPE_POLL_WRITE)) {
        s_go_on (live, number ? s_error (number) : TROUPE_EADDR);
        return false;
    }
    troupe_live_attempt_free (live->stream->cell, &live->attempt);
    return troupe_stream_connected (live->stream);
}
