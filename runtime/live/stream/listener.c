/*  =========================================================================
    live/stream/listener.c - listening and accepting

    Place: runtime/live; see stream.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/stream/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define S_ACCEPTS 32                //  In one turn
#define S_RETRY_US 100000
#define S_WARN_US 5000000

struct troupe_live_listener {
    troupe_source_t source;
    troupe_listener_t *listener;
    troupe_live_listener_t *next_starved;
    bool starved;
    char *path;                     //  Of a UNIX socket, whose file is ours to remove: while it is this one
    dev_t device;
    ino_t file;
};

//  --- When descriptors have run out

static void s_unstarve (troupe_live_streams_t *streams, troupe_live_listener_t *live)
{
    troupe_live_listener_t **place = &streams->starved;
    while (*place && *place != live)
        place = &(*place)->next_starved;
    if (*place)
        *place = live->next_starved;
    live->starved = false;
}

static int s_on_retry (troupe_actor_t *cell, void *state, void *context)
{
    (void) state;
    (void) context;
    (*troupe_live_streams (cell))->retry = 0;
    troupe_live_listeners_feed (cell);
    return 0;
}

static void s_warn (troupe_actor_t *cell, troupe_live_streams_t *streams, const char *address, troupe_error_t error)
{
    int64_t now_us = cell->host->now_us (cell);
    if (streams->warned_us && now_us - streams->warned_us < S_WARN_US)
        return;
    streams->warned_us = now_us;
    troupe_log (cell, TROUPE_LOG_WARNING, "%s accepts nothing for now: %s", address, troupe_error_text (error));
}

//  Without memory for the timer, the next connection that is closed has to do.
static void s_starve (troupe_live_listener_t *live, troupe_error_t error)
{
    troupe_actor_t *cell = live->listener->cell;
    troupe_live_streams_t *streams = *troupe_live_streams (cell);
    troupe_poller_change (troupe_live_poller (cell), &live->source, 0);
    if (!live->starved) {
        live->starved = true;
        live->next_starved = streams->starved;
        streams->starved = live;
    }
    if (!streams->retry)
        streams->retry = troupe_timers_add (&cell->system_timers, cell->host->now_us (cell) + S_RETRY_US, 0,
                                            s_on_retry, NULL);
    s_warn (cell, streams, live->listener->address, error);
}

static void s_wait (troupe_live_listener_t *live)
{
    troupe_error_t error = troupe_poller_change (troupe_live_poller (live->listener->cell), &live->source,
                                                 TROUPE_POLL_READ);
    if (error)
        s_starve (live, error);
}

void troupe_live_listeners_feed (troupe_actor_t *cell)
{
    troupe_live_streams_t *streams = *troupe_live_streams (cell);
    troupe_live_listener_t *live = streams ? streams->starved : NULL;
    if (!live)
        return;
    streams->starved = NULL;
    while (live) {
        troupe_live_listener_t *next = live->next_starved;
        live->starved = false;
        s_wait (live);
        live = next;
    }
}

//  --- Accepting

//  Gives a connection to the core. False: accept no more, and 'live' may be gone.
static bool s_take (troupe_live_listener_t *live, int fd)
{
    troupe_listener_t *listener = live->listener;
    troupe_actor_t *cell = listener->cell;
    troupe_error_t error = TROUPE_ENOMEM;
    troupe_live_stream_t *connection = troupe_live_stream_new (cell, fd, &error);
    troupe_stream_t *stream = connection ? troupe_listener_stream (listener, connection) : NULL;
    if (!stream) {
        if (connection)
            troupe_live_stream_free (cell, connection, true);
        s_starve (live, error);
        return false;
    }
    connection->stream = stream;
    return troupe_stream_accepted (listener, stream);
}

//  Errors of the connection that was to be accepted are passed on by accept(2): the next one may be well.
static bool s_is_passing (int number)
{
    return number == EINTR || number == ECONNABORTED || number == EPROTO || number == ENETDOWN || number == ENETUNREACH
        || number == EHOSTDOWN || number == EHOSTUNREACH || number == ENOPROTOOPT || number == ENONET
        || number == EPERM;
}

static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_live_listener_t *live = (troupe_live_listener_t *) source;
    troupe_actor_t *cell = live->listener->cell;
    if (!troupe_streams_alive (cell)) {     //  Until the next incarnation claims it
        troupe_poller_change (troupe_live_poller (cell), source, 0);
        return;
    }
    for (int count = 0; count < S_ACCEPTS; count++) {
        int fd = accept4 (source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (!s_take (live, fd))
                return;
        }
        else if (errno == EAGAIN)
            return;
        else if (!s_is_passing (errno)) {
            s_starve (live, troupe_error_from_errno (errno));
            return;
        }
    }
}

void troupe_live_listener_accepts (troupe_actor_t *cell, troupe_listener_t *listener, bool accepts)
{
    troupe_live_listener_t *live = listener->host;
    s_unstarve (*troupe_live_streams (cell), live);
    if (accepts)
        s_wait (live);
    else
        troupe_poller_change (troupe_live_poller (cell), &live->source, 0);
}

//  --- Listening

//  Whether somebody listens at a UNIX socket's file. What is no socket counts as taken.
static bool s_is_taken (const troupe_socket_address_t *address)
{
    struct stat status;
    if (lstat (address->local.sun_path, &status) < 0 || !S_ISSOCK (status.st_mode))
        return true;
    int fd = troupe_live_socket (AF_UNIX);
    bool taken = fd < 0 || connect (fd, &address->any, address->size) == 0 || errno != ECONNREFUSED;
    if (fd >= 0)
        close (fd);
    return taken;
}

static int s_bind (int fd, const troupe_socket_address_t *address)
{
    if (bind (fd, &address->any, address->size) == 0)
        return 0;
    if (errno != EADDRINUSE || address->any.sa_family != AF_UNIX)
        return -1;
    if (s_is_taken (address)) {
        errno = EADDRINUSE;
        return -1;
    }
    unlink (address->local.sun_path);
    return bind (fd, &address->any, address->size);
}

//  A listening socket; -1 with errno, and nothing is left.
static int s_open (const troupe_socket_address_t *address, int backlog)
{
    int yes = 1;
    int fd = troupe_live_socket (address->any.sa_family);
    if (fd < 0)
        return -1;
    if (address->any.sa_family != AF_UNIX)
        setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (s_bind (fd, address) == 0 && listen (fd, backlog) == 0)
        return fd;
    int number = errno;
    close (fd);
    errno = number;
    return -1;
}

//  Remembers whose file it is: another process may have put its own there by the time this is closed.
static bool s_remember_file (troupe_live_listener_t *live, const troupe_socket_address_t *address)
{
    struct stat status;
    if (address->any.sa_family != AF_UNIX)
        return true;
    live->path = strdup (address->local.sun_path);
    if (!live->path || lstat (live->path, &status) < 0)
        return false;
    live->device = status.st_dev;
    live->file = status.st_ino;
    return true;
}

static void s_remove_file (const troupe_live_listener_t *live)
{
    struct stat status;
    if (live->path && lstat (live->path, &status) == 0
        && status.st_dev == live->device && status.st_ino == live->file)
        unlink (live->path);
}

static void s_free (troupe_live_listener_t *live)
{
    s_remove_file (live);
    close (live->source.fd);
    free (live->path);
    free (live);
}

static void s_name (troupe_listener_t *listener, int fd)
{
    troupe_socket_address_t address = { .size = sizeof address.local };
    if (getsockname (fd, &address.any, &address.size) == 0 && address.any.sa_family != AF_UNIX)
        troupe_socket_address_text (&address, listener->address, sizeof listener->address);
}

//  Makes the live half of a socket that listens already; takes 'fd' over in any case.
static troupe_error_t s_adopt (troupe_actor_t *cell, troupe_listener_t *listener,
                               const troupe_socket_address_t *address, int fd)
{
    troupe_live_listener_t *live = calloc (1, sizeof *live);
    if (!live) {
        close (fd);
        return TROUPE_ENOMEM;
    }
    live->source.fd = fd;
    live->source.ready = s_ready;
    live->listener = listener;
    troupe_error_t error = TROUPE_ENOMEM;
    if (s_remember_file (live, address))
        error = troupe_poller_add (troupe_live_poller (cell), &live->source, TROUPE_POLL_READ, false);
    if (error) {
        s_free (live);
        return error;
    }
    s_name (listener, fd);
    listener->host = live;
    return TROUPE_OK;
}

//  No such directory is an address that cannot be bound.
static troupe_error_t s_error (int number)
{
    return number == ENOENT || number == ENOTDIR ? TROUPE_EADDR : troupe_error_from_errno (number);
}

troupe_error_t troupe_live_listen (troupe_actor_t *cell, troupe_listener_t *listener,
                                   const troupe_stream_address_t *address)
{
    troupe_resolved_t resolved;
    if (!troupe_live_streams_ensure (cell))
        return TROUPE_ENOMEM;
    troupe_error_t error = troupe_resolve (address, &resolved);
    if (error)
        return error;
    for (size_t index = 0; index < resolved.count; index++) {
        int fd = s_open (&resolved.addresses [index], listener->backlog);
        if (fd >= 0)
            return s_adopt (cell, listener, &resolved.addresses [index], fd);
        if (index == 0)
            error = s_error (errno);        //  Of the first, which is what was meant
    }
    return error;
}

void troupe_live_listener_close (troupe_actor_t *cell, troupe_listener_t *listener)
{
    troupe_live_listener_t *live = listener->host;
    s_unstarve (*troupe_live_streams (cell), live);
    troupe_poller_remove (troupe_live_poller (cell), &live->source);
    s_free (live);
}
