/*  =========================================================================
    live/actor/describe.c - what a thread that does not answer is doing

    Place: runtime/live. An actor that hangs cannot be asked, and nothing is
    shared with it. So its parent looks at its memory as a debugger would,
    through the system (process_vm_readv(2) on this very process): the copy
    may be of a moment between two states, and is only ever printed.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define S_DEPTH_MOST 16

bool troupe_peek (const void *from, void *to, size_t size)
{
    struct iovec local = { .iov_base = to, .iov_len = size };
    struct iovec remote = { .iov_base = (void *) (uintptr_t) from, .iov_len = size };
    return process_vm_readv (getpid (), &local, 1, &remote, 1, 0) == (ssize_t) size;
}

static void s_peek_name (const troupe_peer_t *peer, char *name, size_t size)
{
    if (!peer || !troupe_peek (peer->name, name, size))
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
    return !view->place || (troupe_peek (view->place, &actor, sizeof actor) && actor == view->actor);
}

//  The message in hand: "handling GET from http". Its behavior is a constant, if it was there when that was read.
static bool s_message (const s_view_t *view, const troupe_message_t *current, char *text, size_t size)
{
    const troupe_behavior_t *behavior = NULL;
    troupe_message_t message;
    char sender [sizeof ((troupe_peer_t *) 0)->name], tag [64];
    if (!troupe_peek (&view->actor->cell.behavior, &behavior, sizeof behavior)
        || !troupe_peek (current, &message, sizeof message) || !s_is_still_there (view))
        return false;
    s_peek_name (message.peer, sender, sizeof sender);
    snprintf (text, size, "handling %s from %s", troupe_cell_tag_name (behavior, message.tag, tag, sizeof tag),
              *sender ? sender : "somebody");
    return true;
}

static const char *s_callback (troupe_doing_t doing)
{
    static const char *const names [] = {
        [TROUPE_DOING_CALLBACK] = "a callback", [TROUPE_DOING_START] = "start", [TROUPE_DOING_STOP] = "stop",
        [TROUPE_DOING_DRAIN] = "drain", [TROUPE_DOING_TIMER] = "a timer callback",
        [TROUPE_DOING_STREAM] = "a stream callback", [TROUPE_DOING_WATCH] = "a watch callback",
        [TROUPE_DOING_REPLY] = "the callback of an answer", [TROUPE_DOING_CHILD] = "the callback of a child's event",
        [TROUPE_DOING_ZMQ] = "the callback of a ZeroMQ socket",
    };
    return doing > TROUPE_DOING_NOTHING && doing < sizeof names / sizeof *names ? names [doing] : NULL;
}

//  What it does, if anything, and since when as far as it knows: the turn's beginning for most.
static bool s_doing (const s_view_t *view, int64_t *since_us_p, char *text, size_t size)
{
    const troupe_actor_t *cell = &view->actor->cell;
    const troupe_message_t *current = NULL;
    troupe_doing_t doing = TROUPE_DOING_NOTHING;
    if (!troupe_peek (&cell->current, &current, sizeof current) || !troupe_peek (&cell->doing, &doing, sizeof doing))
        return false;
    if (current)
        return troupe_peek (&cell->current_since_us, since_us_p, sizeof *since_us_p)
               && s_message (view, current, text, size);
    if (!s_callback (doing) || !troupe_peek (&cell->now_us, since_us_p, sizeof *since_us_p) || !s_is_still_there (view))
        return false;
    snprintf (text, size, "in %s", s_callback (doing));
    return true;
}

static bool s_busy (const s_view_t *view, int64_t now_us, char *text, size_t size)
{
    char doing [192];
    int64_t since_us = 0;
    if (!s_doing (view, &since_us, doing, sizeof doing))
        return false;
    snprintf (text, size, "%s has been %s for %" PRId64 " ms", view->who, doing, (now_us - since_us) / 1000);
    return true;
}

//  Goes on to the child that an actor waits for when it ends: its last. False when it has none.
static bool s_descend (s_view_t *view)
{
    const troupe_link_t *link = NULL;
    const void *host = NULL;
    if (!troupe_peek (&view->actor->cell.last_link, &link, sizeof link) || !link
        || !troupe_peek (&link->host, &host, sizeof host) || !host)
        return false;
    view->place = troupe_offspring_child_place (host);
    if (!troupe_peek (view->place, &view->actor, sizeof view->actor) || !view->actor)
        return false;
    if (!troupe_peek (troupe_offspring_name_place (host), view->who, sizeof view->who) || !*view->who)
        snprintf (view->who, sizeof view->who, "a child without a name");
    view->who [sizeof view->who - 1] = 0;
    return true;
}

void troupe_describe (const troupe_live_t *child, int64_t now_us, char *text, size_t size)
{
    s_view_t view = { .actor = child, .who = "it" };
    *text = 0;
    for (int depth = 0; depth < S_DEPTH_MOST; depth++)
        if (s_busy (&view, now_us, text, size) || !s_descend (&view))
            return;
}

void troupe_describe_hang (const troupe_live_t *child, const char *who, int64_t before_us, int64_t seen_us,
                           int64_t now_us, char *text, size_t size)
{
    s_view_t view = { .actor = child };
    char doing [192];
    int64_t since_us = seen_us;
    if (!s_doing (&view, &since_us, doing, sizeof doing))
        snprintf (doing, sizeof doing, "in a callback");
    if (since_us < before_us || since_us > seen_us)
        since_us = seen_us;
    snprintf (text, size, "%s has been %s for %" PRId64 " ms", who, doing, (now_us - since_us) / 1000);
}
