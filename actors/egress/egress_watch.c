/*  =========================================================================
    egress_watch.c - who wants to know which servers are there

    Place: actors/egress, below egress.c. Connections report here that they
    have come or gone; the fleet is told, and so is whoever waits for it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "egress_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  An endpoint, cut to fit, and " down\n".
#define S_LINE_SIZE 136

//  "tcp://10.0.0.1:5555 up", a line for each. The caller frees it; null when memory is out.
static char *s_describe (const troupe_egress_state_t *egress, size_t *size_p)
{
    char *text = malloc (egress->link_count * S_LINE_SIZE);
    size_t size = 0;
    for (unsigned number = 0; text && number < egress->link_count; number++)
        size += (size_t) snprintf (text + size, S_LINE_SIZE, "%.128s %s\n", egress->links [number].endpoint,
                                   troupe_fleet_server (egress->fleet, number)->up ? "up" : "down");
    *size_p = size;
    return text;
}

//  Those whose time is over, or who have given up, wait no more: their calls have ended.
static unsigned s_purge (troupe_egress_state_t *egress)
{
    unsigned kept = 0;
    for (unsigned index = 0; index < egress->watcher_count; index++) {
        troupe_caller_t *watcher = egress->watchers [index];
        bool late = troupe_caller_deadline_us (watcher) <= troupe_now_us (egress->self);
        if (late || troupe_caller_is_cancelled (watcher))
            troupe_answer_failure (&watcher, "too late");
        else
            egress->watchers [kept++] = watcher;
    }
    egress->watcher_count = kept;
    return kept;
}

void troupe_egress_watch (troupe_egress_state_t *egress, troupe_message_t *message)
{
    size_t size = 0;
    char *text = s_describe (egress, &size);
    bool known = text && troupe_message_size (message) == size && !memcmp (troupe_message_data (message), text, size);
    if (!text)
        troupe_reply_failure (egress->self, message, "out of memory for the servers");
    else if (!known)
        troupe_reply (egress->self, message, text, size);
    else if (s_purge (egress) == TROUPE_EGRESS_WATCHERS_MAX)
        troupe_reply_failure (egress->self, message, "%d wait already", TROUPE_EGRESS_WATCHERS_MAX);
    else if ((egress->watchers [egress->watcher_count] = troupe_defer (egress->self, message)) != NULL)
        troupe_caller_on_cancel (egress->watchers [egress->watcher_count++], NULL, NULL);
    free (text);
}

static void s_tell (troupe_egress_state_t *egress)
{
    size_t size = 0;
    char *text = egress->watcher_count ? s_describe (egress, &size) : NULL;
    while (egress->watcher_count) {
        troupe_caller_t **caller_p = &egress->watchers [--egress->watcher_count];
        if (!text)
            troupe_answer_failure (caller_p, "out of memory for the servers");
        else
            troupe_answer (caller_p, text, size);
    }
    free (text);
}

void troupe_egress_link_is_up (troupe_egress_link_t *link)
{
    link->up = true;
    troupe_fleet_up (link->egress->fleet, link->number, troupe_now_us (link->egress->self));
    s_tell (link->egress);
}

void troupe_egress_link_is_lost (troupe_egress_link_t *link, bool misbehaved)
{
    link->up = false;
    troupe_fleet_lost (link->egress->fleet, link->number, misbehaved, troupe_now_us (link->egress->self));
    s_tell (link->egress);
}
