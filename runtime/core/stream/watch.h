/*  =========================================================================
    core/stream/watch.h - watched descriptors, without the system

    Place: runtime/core, above cell and host. The host waits; the list and the
    callbacks are here.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_WATCH_H_INCLUDED
#define TROUPE_CORE_WATCH_H_INCLUDED

#include "core/cell/cell.h"

struct troupe_watch {
    troupe_actor_t *cell;
    troupe_watch_t *next, *previous;
    int descriptor;
    unsigned events;                //  What was asked for
    troupe_watch_fn *on_ready;
    void *context;
    void *host;
};

/*  The host says what is ready: some of watch->events. The watch may be gone afterwards; the host knows, since
    its unwatch was called. False, and no callback, when the incarnation takes no more events: wait for it no
    longer.                                                                                                       */
bool troupe_watch_ready (troupe_watch_t *watch, unsigned events);

//  Ends all watches of an incarnation. To be called after the behavior's stop, which may still hold pointers to them.
void troupe_watches_end (troupe_actor_t *cell);

#endif
