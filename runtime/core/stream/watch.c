/*  =========================================================================
    core/stream/watch.c - watched descriptors, without the system

    Place: runtime/core; see watch.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/stream/watch.h"

#include <stdlib.h>

static bool s_is_watched (const troupe_actor_t *cell, int descriptor)
{
    for (const troupe_watch_t *watch = cell->watches; watch; watch = watch->next)
        if (watch->descriptor == descriptor)
            return true;
    return false;
}

static void s_enlist (troupe_watch_t *watch)
{
    watch->next = watch->cell->watches;
    if (watch->next)
        watch->next->previous = watch;
    watch->cell->watches = watch;
}

static void s_delist (troupe_watch_t *watch)
{
    if (watch->next)
        watch->next->previous = watch->previous;
    if (watch->previous)
        watch->previous->next = watch->next;
    else
        watch->cell->watches = watch->next;
}

troupe_error_t troupe_watch (troupe_actor_t *self, int descriptor, unsigned events,
                             troupe_watch_fn *on_ready, void *context, troupe_watch_t **watch_p)
{
    const unsigned known = TROUPE_WATCH_READABLE | TROUPE_WATCH_WRITABLE;
    if (descriptor < 0 || !on_ready || (events & known) == 0 || (events & ~known) || s_is_watched (self, descriptor))
        return TROUPE_EINVAL;
    troupe_watch_t *watch = malloc (sizeof *watch);
    if (!watch)
        return TROUPE_ENOMEM;
    *watch = (troupe_watch_t) {
        .cell = self, .descriptor = descriptor, .events = events, .on_ready = on_ready, .context = context,
    };
    troupe_error_t error = self->host->watch (self, watch);
    if (error) {
        free (watch);
        return error;
    }
    s_enlist (watch);
    *watch_p = watch;
    return TROUPE_OK;
}

void troupe_unwatch (troupe_watch_t **watch_p)
{
    troupe_watch_t *watch = *watch_p;
    if (!watch)
        return;
    *watch_p = NULL;
    //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list, which clang does not follow
    watch->cell->host->unwatch (watch->cell, watch);
    s_delist (watch);
    free (watch);
}

bool troupe_watch_ready (troupe_watch_t *watch, unsigned events)
{
    troupe_actor_t *cell = watch->cell;
    if (cell->cell_state != TROUPE_CELL_STARTING && cell->cell_state != TROUPE_CELL_RUNNING)
        return false;
    troupe_cell_enter (cell);
    cell->doing = TROUPE_DOING_WATCH;
    int result = watch->on_ready (cell, cell->state, watch->descriptor, events, watch->context);
    troupe_cell_leave (cell, result);
    return true;
}

void troupe_watches_end (troupe_actor_t *cell)
{
    while (cell->watches) {
        troupe_watch_t *watch = cell->watches;
        troupe_unwatch (&watch);
    }
}
