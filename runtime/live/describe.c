/*  =========================================================================
    live/describe.c - what a thread that does not answer is doing

    Place: runtime/live. An actor that hangs cannot be asked, and nothing is
    shared with it. So its parent looks at its memory as a debugger would,
    through the system (process_vm_readv(2) on this very process): the copy
    may be of a moment between two states, and is only ever printed.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define S_DEPTH_MOST 16

static bool s_peek (const void *from, void *to, size_t size)
{
    struct iovec local = { .iov_base = to, .iov_len = size };
    struct iovec remote = { .iov_base = (void *) (uintptr_t) from, .iov_len = size };
    return process_vm_readv (getpid (), &local, 1, &remote, 1, 0) == (ssize_t) size;
}

static void s_peek_name (const troupe_peer_t *peer, char *name, size_t size)
{
    if (!peer || !s_peek (peer->name, name, size))
        *name = 0;
    name [size - 1] = 0;
}

//  An actor below, and where its parent keeps it: null there when it has been freed. Null for one's own child.
typedef struct {
    const troupe_live_t *actor;
    const void *place;
    char who [64];
} s_view_t;

static bool s_is_still_there (const s_view_t *view)
{
    const troupe_live_t *actor = NULL;
    return !view->place || (s_peek (view->place, &actor, sizeof actor) && actor == view->actor);
}

//  What it has in hand, if anything. Its behavior is a constant, if it was there when that was read.
static bool s_handling (const s_view_t *view, int64_t now_us, char *text, size_t size)
{
    const troupe_actor_t *cell = &view->actor->cell;
    const troupe_behavior_t *behavior = NULL;
    const troupe_message_t *current = NULL;
    troupe_message_t message;
    int64_t since_us = 0;
    char sender [sizeof ((troupe_peer_t *) 0)->name], tag [64];
    if (!s_peek (&cell->behavior, &behavior, sizeof behavior) || !s_peek (&cell->current, &current, sizeof current)
        || !current || !s_peek (current, &message, sizeof message)
        || !s_peek (&cell->current_since_us, &since_us, sizeof since_us) || !s_is_still_there (view))
        return false;
    s_peek_name (message.peer, sender, sizeof sender);
    snprintf (text, size, "%s has been handling %s from %s for %" PRId64 " ms", view->who,
              troupe_cell_tag_name (behavior, message.tag, tag, sizeof tag), *sender ? sender : "somebody",
              (now_us - since_us) / 1000);
    return true;
}

//  Goes on to the child that an actor waits for when it ends: its last. False when it has none.
static bool s_descend (s_view_t *view)
{
    const troupe_link_t *link = NULL;
    const void *host = NULL;
    if (!s_peek (&view->actor->cell.last_link, &link, sizeof link) || !link
        || !s_peek (&link->host, &host, sizeof host) || !host)
        return false;
    view->place = troupe_offspring_child_place (host);
    if (!s_peek (view->place, &view->actor, sizeof view->actor) || !view->actor)
        return false;
    if (!s_peek (troupe_offspring_name_place (host), view->who, sizeof view->who) || !*view->who)
        snprintf (view->who, sizeof view->who, "a child without a name");
    view->who [sizeof view->who - 1] = 0;
    return true;
}

void troupe_describe (const troupe_live_t *child, int64_t now_us, char *text, size_t size)
{
    s_view_t view = { .actor = child, .who = "it" };
    *text = 0;
    for (int depth = 0; depth < S_DEPTH_MOST; depth++)
        if (s_handling (&view, now_us, text, size) || !s_descend (&view))
            return;
}
