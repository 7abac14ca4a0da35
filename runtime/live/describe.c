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

void troupe_describe (const troupe_live_t *child, int64_t now_us, char *text, size_t size)
{
    const troupe_message_t *current = NULL;
    troupe_message_t message;
    int64_t since_us = 0;
    char sender [sizeof ((troupe_peer_t *) 0)->name], tag [64];
    *text = 0;
    if (!s_peek (&child->cell.current, &current, sizeof current) || !current
        || !s_peek (current, &message, sizeof message)
        || !s_peek (&child->cell.current_since_us, &since_us, sizeof since_us))
        return;
    s_peek_name (message.peer, sender, sizeof sender);
    snprintf (text, size, "it has been handling %s from %s for %" PRId64 " ms",
              troupe_cell_tag_name (child->cell.behavior, message.tag, tag, sizeof tag), *sender ? sender : "somebody",
              (now_us - since_us) / 1000);
}
