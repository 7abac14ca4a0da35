/*  =========================================================================
    troupe/watch.h - file descriptors of other libraries

    Place: include/. An actor can wait for a descriptor that somebody else
    owns: a pipe, a signalfd, a socket of another messaging library. The
    runtime only tells that it is ready (level-triggered, checked once a
    turn); reading and closing stay with the owner. On the stage,
    troupe_stage_make_ready stands in. Only for the actor's own callbacks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_WATCH_H_INCLUDED
#define TROUPE_WATCH_H_INCLUDED

#include "actor.h"

TROUPE_BEGIN_DECLS

#define TROUPE_WATCH_READABLE 1u
#define TROUPE_WATCH_WRITABLE 2u

//  'events' says which of the above hold; an error or hang-up shows as all that were asked for. Return as from receive.
typedef int (troupe_watch_fn) (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context);

//  Watches a descriptor until troupe_unwatch or the end of the incarnation; it must stay open until then.
//  Errors: TROUPE_EINVAL (no such descriptor, one that cannot be waited for, or one that this actor watches already),
//  TROUPE_ENOMEM, TROUPE_EFILES.
TROUPE_API troupe_error_t troupe_watch (troupe_actor_t *self, int descriptor, unsigned events,
                                        troupe_watch_fn *on_ready, void *context, troupe_watch_t **watch_p);

//  Ends it and nulls the pointer; the callback is not called again. Does nothing with a null one.
TROUPE_API void troupe_unwatch (troupe_watch_t **watch_p);

TROUPE_END_DECLS

#endif
