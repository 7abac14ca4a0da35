/*  =========================================================================
    live/stream/watch.c - watched descriptors on the poller

    Place: runtime/live: the system's half of core/stream/watch.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <sys/stat.h>

#include "live/stream/stream.h"

typedef struct {
    troupe_source_t source;
    troupe_watch_t *watch;
} s_live_watch_t;

//  An error or a hang-up makes any reading or writing return at once.
static unsigned s_told (const troupe_watch_t *watch, unsigned events)
{
    if (events & (TROUPE_POLL_ERROR | TROUPE_POLL_HANGUP))
        return watch->events;
    return (events & TROUPE_POLL_READ ? TROUPE_WATCH_READABLE : 0)
        | (events & TROUPE_POLL_WRITE ? TROUPE_WATCH_WRITABLE : 0);
}

static void s_ready (troupe_source_t *source, unsigned events)
{
    troupe_watch_t *watch = ((s_live_watch_t *) source)->watch;
    troupe_actor_t *cell = watch->cell;
    if (!troupe_watch_ready (watch, s_told (watch, events)))
        troupe_poller_change (troupe_live_poller (cell), source, 0);
}

//  Files are always ready: poll(2) says so, and epoll(7) refuses them.
static bool s_can_be_waited_for (int descriptor)
{
    struct stat status;
    return fstat (descriptor, &status) == 0 && !S_ISREG (status.st_mode) && !S_ISDIR (status.st_mode);
}

troupe_error_t troupe_live_watch (troupe_actor_t *cell, troupe_watch_t *watch)
{
    if (!s_can_be_waited_for (watch->descriptor))
        return TROUPE_EINVAL;
    s_live_watch_t *live = calloc (1, sizeof *live);
    if (!live)
        return TROUPE_ENOMEM;
    live->source.fd = watch->descriptor;
    live->source.ready = s_ready;
    live->watch = watch;
    unsigned events = (watch->events & TROUPE_WATCH_READABLE ? TROUPE_POLL_READ : 0)
        | (watch->events & TROUPE_WATCH_WRITABLE ? TROUPE_POLL_WRITE : 0);
    troupe_error_t error = troupe_poller_add (troupe_live_poller (cell), &live->source, events, false);
    if (error)
        free (live);
    else
        watch->host = live;
    return error;
}

void troupe_live_unwatch (troupe_actor_t *cell, troupe_watch_t *watch)
{
    s_live_watch_t *live = watch->host;
    troupe_poller_remove (troupe_live_poller (cell), &live->source);
    free (live);
}
