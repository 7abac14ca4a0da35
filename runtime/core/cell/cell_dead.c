/*  =========================================================================
    core/cell/cell_dead.c - dead letters

    Place: runtime/core, part of the cell; implements troupe/dead_letter.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <inttypes.h>
#include <stdio.h>

#define S_QUIET_US 1000000

const char *troupe_dead_reason_name (troupe_dead_reason_t reason)
{
    static const char *const names [] = { "DOWN", "NO_SUCH_ACTOR", "OVERFLOW", "EXPIRED", "LATE_REPLY", "NO_CALLER",
                                          "UNHANDLED", "MALFORMED" };
    return (unsigned) reason < TROUPE_DEAD_REASONS ? names [reason] : "UNKNOWN";
}

static void s_log (troupe_actor_t *cell, const troupe_dead_letter_t *letter)
{
    char tag [64], text [256];
    snprintf (text, sizeof text, "dead letter %s: %s%s%s to %s (%" PRIu64 " bytes, %" PRIu64 " of them)",
              troupe_dead_reason_name (letter->reason),
              troupe_cell_tag_name (cell->behavior, letter->tag, tag, sizeof tag),
              letter->from [0] ? " from " : "", letter->from, letter->to, letter->size, letter->count);
    cell->host->log (cell, TROUPE_LOG_WARNING, text);
}

//  A second after a line was written: says how many were not.
static int s_on_quiet (troupe_actor_t *cell, void *state, void *context)
{
    (void) state;
    (void) context;
    cell->dead_logged_us = 0;
    if (cell->dead_unlogged && troupe_log_enabled (cell, TROUPE_LOG_WARNING)) {
        char text [96];
        snprintf (text, sizeof text, "%" PRIu64 " more dead letters within a second", cell->dead_unlogged);
        cell->host->log (cell, TROUPE_LOG_WARNING, text);
    }
    cell->dead_unlogged = 0;
    return 0;
}

static void s_throttle (troupe_actor_t *cell, const troupe_dead_letter_t *letter)
{
    if (cell->dead_logged_us) {
        cell->dead_unlogged += letter->count;
        return;
    }
    if (troupe_log_enabled (cell, TROUPE_LOG_WARNING))
        s_log (cell, letter);
    if (troupe_timers_add (&cell->system_timers, cell->now_us + S_QUIET_US, 0, s_on_quiet, NULL))
        cell->dead_logged_us = cell->now_us ? cell->now_us : 1;
}

void troupe_cell_bury (troupe_actor_t *cell, troupe_dead_reason_t reason, uint16_t tag, size_t size, uint64_t count,
                       const char *from, const char *to)
{
    troupe_dead_letter_t letter = { .reason = reason, .tag = tag, .count = count, .size = size };
    snprintf (letter.from, sizeof letter.from, "%s", from);
    snprintf (letter.to, sizeof letter.to, "%s", to);
    cell->dead_letters [reason] += count;
    s_throttle (cell, &letter);
    cell->host->dead_letter (cell, &letter);
}

void troupe_cell_dead_letter (troupe_actor_t *cell, const troupe_dead_letter_t *letter)
{
    if (!cell->on_dead_letter || cell->cell_state != TROUPE_CELL_RUNNING)
        return;
    troupe_cell_enter (cell);
    cell->reads_letter = true;
    int result = cell->on_dead_letter (cell, cell->state, letter, cell->dead_letter_context);
    cell->reads_letter = false;
    troupe_cell_leave (cell, result);
}

troupe_error_t troupe_dead_letters (troupe_actor_t *self, troupe_dead_letter_fn *on_letter, void *context)
{
    troupe_error_t error = self->host->dead_letters (self);
    if (!error) {
        self->on_dead_letter = on_letter;
        self->dead_letter_context = context;
    }
    return error;
}

uint64_t troupe_dead_letter_count (const troupe_actor_t *self, troupe_dead_reason_t reason)
{
    return (unsigned) reason < TROUPE_DEAD_REASONS ? self->dead_letters [reason] : 0;
}

void troupe_dead_letter_add (troupe_actor_t *self, troupe_dead_reason_t reason, uint16_t tag, size_t size,
                             const char *to)
{
    troupe_cell_bury (self, reason, tag, size, 1, self->name, to);
}
