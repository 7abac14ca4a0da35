/*  =========================================================================
    live/stream/poller.h - waits for descriptors, and for time

    Place: runtime/live, the ground: system calls only. One for each actor's
    thread, and used on that thread alone. While it has few sources, none of
    them edge-triggered, it is a plain poll(2) and holds no descriptor of its
    own; beyond that it is an epoll(7), and stays one.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_POLLER_H_INCLUDED
#define TROUPE_LIVE_POLLER_H_INCLUDED

#include <poll.h>

#include <troupe/error.h>

#define TROUPE_POLL_READ 1u
#define TROUPE_POLL_WRITE 2u
#define TROUPE_POLL_ERROR 4u        //  Told unasked
#define TROUPE_POLL_HANGUP 8u       //  Told unasked: the other side sends no more, or is gone

#define TROUPE_POLLER_FEW 8u

//  Something to wait for. The owner fills in the first part, leaves zeros in the second, and keeps it in place.
typedef struct troupe_source troupe_source_t;
struct troupe_source {
    int fd;
    bool first;                     //  Its callback runs before all others of a wait
    void (*ready) (troupe_source_t *source, unsigned events);

    bool edge;
    bool added;
    unsigned events;                //  Waited for; while 0 nothing is told at all, errors neither
    unsigned posted;
    troupe_source_t *next, *previous;   //  Among those posted: circular; null when it is not
};

typedef struct troupe_poller_batch troupe_poller_batch_t;

typedef struct troupe_poller {
    int epoll;                      //  -1: poll(2)
    bool coarse;                    //  The system has no epoll_pwait2: milliseconds, rounded up
    unsigned few;                   //  How many of these are in use, while it is a poll(2)
    struct pollfd descriptors [TROUPE_POLLER_FEW];
    troupe_source_t *sources [TROUPE_POLLER_FEW];
    unsigned firsts;                //  How many sources go first
    troupe_source_t *posted;
    size_t posted_count;
    troupe_poller_batch_t *batch;   //  What the present wait has found
    void (*on_wake) (void *context);    //  May be set: runs between the waiting and the first callback
    void *wake_context;
} troupe_poller_t;

//  Makes an empty one; it cannot fail.
void troupe_poller_init (troupe_poller_t *poller);

//  Closes its descriptor. Sources that are left are forgotten.
void troupe_poller_clear (troupe_poller_t *poller);

/*  Waits for 'events' (READ, WRITE) of source->fd from now on, level-triggered or edge-triggered.
      TROUPE_EINVAL   a descriptor that cannot be waited for, or twice the same
      TROUPE_EFILES   out of descriptors, or of the user's epoll watches
      TROUPE_ENOMEM
    The descriptor must stay open until troupe_poller_remove.                                              */
troupe_error_t troupe_poller_add (troupe_poller_t *poller, troupe_source_t *source, unsigned events, bool edge);

//  Waits for other events; 0 for none. Only changing from 0 can fail, as troupe_poller_add: it is then as before.
troupe_error_t troupe_poller_change (troupe_poller_t *poller, troupe_source_t *source, unsigned events);

//  Forgets the source: its callback is not called again. From any callback too. Does nothing when it was not added.
void troupe_poller_remove (troupe_poller_t *poller, troupe_source_t *source);

//  Lets the next wait, which then does not block, call the source with 'events' whatever the system says.
void troupe_poller_post (troupe_poller_t *poller, troupe_source_t *source, unsigned events);

//  Whether the next wait returns at once, since there are posted sources.
static inline bool troupe_poller_pending (const troupe_poller_t *poller)
{
    return poller->posted != NULL;
}

/*  Waits until something is ready or 'timeout_us' has passed (0: only looks; negative or TROUPE_FOREVER: no
    limit), and runs the callbacks: sources that go first, then the others, then what had been posted before.
    Returns how many ran. A signal ends the wait early. May be called from within a callback.                     */
int troupe_poller_wait (troupe_poller_t *poller, int64_t timeout_us);

#endif
