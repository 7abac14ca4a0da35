/*  =========================================================================
    live/actor/mailbox.c - the mailbox: a ROUTER

    Place: runtime/live. Mail is taken in only while the incarnation runs;
    otherwise it waits in the socket, bounded by its senders' credit. Where
    others than those of this process can reach it is the port's (port.h).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/port/port.h"

#include <stddef.h>

static troupe_live_t *s_live_of (troupe_source_t *source)
{
    return (troupe_live_t *) ((char *) source - offsetof (troupe_live_t, mailbox_source));
}

//  The signal is eaten even if the mail is not wanted now, or the wait would never block.
static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_live_t *live = s_live_of (source);
    live->mailbox_hope = TROUPE_HOPE_KNOWN;
    if (!troupe_cell_takes_mail (&live->cell))
        troupe_socket_readable (live->mailbox);
}

troupe_error_t troupe_mailbox_open (troupe_live_t *live)
{
    live->mailbox_hope = TROUPE_HOPE_KNOWN;
    live->mailbox_source = (troupe_source_t) { .fd = troupe_socket_descriptor (live->mailbox), .ready = s_ready };
    return troupe_poller_add (&live->poller, &live->mailbox_source, TROUPE_POLL_READ, false);
}

//  False when there is no more.
static bool s_take_one (troupe_live_t *live)
{
    uint64_t id;
    troupe_received_t received;
    if (!troupe_packet_receive (live, live->mailbox, &id, &received))
        return received.dropped;
    troupe_peer_t *peer = troupe_cell_peer (&live->cell, id);
    if (live->port && peer && peer->host != TROUPE_PEER_INSIDE)
        troupe_port_meet (live, peer, &received);
    if (peer && !live->slow && !received.frames && troupe_cell_take_cast (&live->cell, peer, received.block))
        return true;
    if (peer)
        troupe_cell_note (&live->cell, peer, received.block->data, received.block->size);
    if (!peer || !troupe_cell_arrived (&live->cell, peer, NULL, received.block, received.frames, received.frame_count))
        troupe_received_drop (&received);
    return true;
}

size_t troupe_mailbox_take (troupe_live_t *live, bool look)
{
    troupe_hope_t least = look ? TROUPE_HOPE_SUSPECTED : TROUPE_HOPE_KNOWN;
    if (live->mailbox_hope < least || !troupe_cell_takes_mail (&live->cell))
        return 0;
    live->mailbox_hope = TROUPE_HOPE_KNOWN;
    //  Which ones are the oldest shows only when all are there; the senders' credit bounds them.
    bool all = live->cell.limits.overflow == TROUPE_OVERFLOW_DROP_OLDEST;
    size_t count = 0;
    while (all || count < live->batch) {
        if (!s_take_one (live)) {
            live->mailbox_hope = TROUPE_HOPE_DRY;
            if (live->port)
                troupe_port_dry (live->port);
            break;
        }
        count++;
    }
    return count;
}

void troupe_mailbox_collect (troupe_actor_t *cell)
{
    troupe_live_t *live = troupe_live (cell);
    while (live->mailbox && s_take_one (live))
        ;
}

//  Sending may have eaten the signal of mail that came meanwhile: look again before sleeping.
bool troupe_mailbox_send (troupe_actor_t *cell, troupe_peer_t *peer, troupe_pack_t *pack)
{
    troupe_live_t *live = troupe_live (cell);
    if (live->mailbox_hope == TROUPE_HOPE_DRY)
        live->mailbox_hope = TROUPE_HOPE_SUSPECTED;
    return troupe_packet_send (live->mailbox, peer->id, pack);
}
