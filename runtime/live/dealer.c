/*  =========================================================================
    live/dealer.c - refs: a DEALER each

    Place: runtime/live. A DEALER is in the list of those to be looked at from
    when its descriptor says so, or something was sent on it (which may eat the
    signal), until it was found dry.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/base/reason.h"
#include "live/live.h"

#include <stdlib.h>
#include <string.h>

#define S_WAITED_PACKETS 256u

struct troupe_dealer {
    troupe_source_t source;
    troupe_live_t *live;
    troupe_ref_t *ref;
    void *socket;
    troupe_hope_t hope;
    bool lost;                      //  The directory says that the actor is gone
    troupe_reason_kind_t cause;     //  Of that
    troupe_dealer_t *next;          //  In the list of its hope
    char endpoint [TROUPE_ENDPOINT_MAX + 1];
};

static troupe_dealer_t **s_list (troupe_dealer_t *dealer)
{
    return dealer->hope == TROUPE_HOPE_KNOWN ? &dealer->live->known_dealers : &dealer->live->suspected_dealers;
}

static void s_delist (troupe_dealer_t *dealer)
{
    if (dealer->hope == TROUPE_HOPE_DRY)
        return;
    troupe_dealer_t **place = s_list (dealer);
    while (*place != dealer)
        place = &(*place)->next;
    *place = dealer->next;
    dealer->hope = TROUPE_HOPE_DRY;
}

static void s_enlist (troupe_dealer_t *dealer, troupe_hope_t hope)
{
    if (dealer->hope >= hope)
        return;
    s_delist (dealer);
    dealer->hope = hope;
    troupe_dealer_t **list = s_list (dealer);
    dealer->next = *list;
    *list = dealer;
}

static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    s_enlist ((troupe_dealer_t *) source, TROUPE_HOPE_KNOWN);
}

//  --- Opening and closing

static troupe_error_t s_connect (troupe_live_t *live, troupe_ref_t *ref, const char *endpoint)
{
    troupe_dealer_t *dealer = calloc (1, sizeof *dealer);
    if (!dealer)
        return TROUPE_ENOMEM;
    troupe_error_t error = TROUPE_OK;
    dealer->live = live;
    dealer->ref = ref;
    strncpy (dealer->endpoint, endpoint, TROUPE_ENDPOINT_MAX);
    dealer->socket = troupe_socket_new (live->shared, ZMQ_DEALER, endpoint, false, &error);
    if (dealer->socket) {
        dealer->source = (troupe_source_t) { .fd = troupe_socket_descriptor (dealer->socket), .ready = s_ready };
        error = troupe_poller_add (&live->poller, &dealer->source, TROUPE_POLL_READ, false);
    }
    if (error) {
        if (dealer->socket)
            zmq_close (dealer->socket);
        free (dealer);
        return error;
    }
    ref->host = dealer;
    return TROUPE_OK;
}

troupe_error_t troupe_dealer_open (troupe_actor_t *cell, troupe_ref_t *ref)
{
    troupe_live_t *live = troupe_live (cell);
    if (ref->link) {
        const char *endpoint = troupe_offspring_mailbox (ref->link, &ref->limits);
        return s_connect (live, ref, endpoint);
    }
    if (strstr (ref->address, "://"))
        return TROUPE_ENOTSUP;
    troupe_names_word_t found;
    troupe_error_t error = troupe_directory_find (live, ref->address, &found);
    if (error)
        return error;
    ref->limits = found.limits;
    return s_connect (live, ref, found.endpoint);
}

void troupe_dealer_close (troupe_actor_t *cell, troupe_ref_t *ref)
{
    troupe_dealer_t *dealer = ref->host;
    ref->host = NULL;
    if (ref->open && !ref->link)
        troupe_directory_forget (dealer->live, ref->address, dealer->endpoint);
    s_delist (dealer);
    troupe_poller_remove (&troupe_live (cell)->poller, &dealer->source);
    zmq_close (dealer->socket);
    free (dealer);
}

//  --- Sending and receiving

void troupe_dealer_send (troupe_actor_t *cell, troupe_ref_t *ref, troupe_pack_t *pack)
{
    (void) cell;
    troupe_dealer_t *dealer = ref->host;
    troupe_packet_send (dealer->socket, 0, pack);
    s_enlist (dealer, TROUPE_HOPE_SUSPECTED);
}

//  Takes in up to 'most' packets; how many there were.
static size_t s_take (troupe_dealer_t *dealer, size_t most)
{
    troupe_received_t received;
    size_t count = 0;
    while (count < most && troupe_packet_receive (dealer->live, dealer->socket, NULL, &received)) {
        count++;
        if (!troupe_cell_arrived (&dealer->live->cell, NULL, dealer->ref, received.block, received.frames,
                                  received.frame_count))
            troupe_received_drop (&received);
    }
    return count;
}

void troupe_dealer_hear (troupe_ref_t *ref)
{
    s_take (ref->host, SIZE_MAX);
}

static size_t s_take_list (troupe_live_t *live, troupe_dealer_t **list_p)
{
    size_t total = 0;
    troupe_dealer_t *list = *list_p;
    *list_p = NULL;
    while (list) {
        troupe_dealer_t *dealer = list;
        list = dealer->next;
        dealer->hope = TROUPE_HOPE_DRY;
        size_t count = s_take (dealer, live->batch);
        if (count == live->batch)
            s_enlist (dealer, TROUPE_HOPE_KNOWN);
        total += count;
    }
    return total;
}

size_t troupe_dealers_take (troupe_live_t *live, bool look)
{
    size_t count = live->known_dealers ? s_take_list (live, &live->known_dealers) : 0;
    return look && live->suspected_dealers ? count + s_take_list (live, &live->suspected_dealers) : count;
}

//  A word from the parent ends the wait: stopping must work while a mailbox is full.
bool troupe_dealer_wait (troupe_actor_t *cell, troupe_ref_t *ref, int64_t until_us)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_dealer_t *dealer = ref->host;
    s_enlist (dealer, TROUPE_HOPE_KNOWN);
    for (;;) {
        if (s_take (dealer, S_WAITED_PACKETS))
            return true;
        int64_t left_us = until_us - troupe_clock_us ();
        if (left_us <= 0)
            return false;
        zmq_pollitem_t items [] = { { .socket = dealer->socket, .events = ZMQ_POLLIN },
                                    { .socket = live->control, .events = ZMQ_POLLIN } };
        //  Looking at the control lane eats its signal.
        if (live->control)
            troupe_poller_post (&live->poller, &live->control_source, TROUPE_POLL_READ);
        cell->waits = true;
        int found = zmq_poll (items, live->control ? 2 : 1, (long) (left_us / 1000 + 1));
        cell->waits = false;
        if (found > 0 && !items [0].revents)
            return false;
    }
}

//  --- Told by the directory

//  What the actor said itself, with its reason, comes first: the ref is only looked at now, and given up in
//  troupe_dealers_reap if it is still open after that.
void troupe_dealers_gone (troupe_live_t *live, const char *endpoint, troupe_reason_kind_t cause)
{
    for (troupe_ref_t *ref = live->cell.refs; ref; ref = ref->next) {
        troupe_dealer_t *dealer = ref->host;
        if (!dealer || !ref->open || strcmp (dealer->endpoint, endpoint) != 0)
            continue;
        dealer->lost = true;
        dealer->cause = cause;
        live->refs_lost = true;
        s_enlist (dealer, TROUPE_HOPE_KNOWN);
    }
}

void troupe_dealers_reap (troupe_live_t *live)
{
    live->refs_lost = false;
    for (troupe_ref_t *ref = live->cell.refs; ref; ref = ref->next) {
        troupe_dealer_t *dealer = ref->host;
        if (!dealer || !dealer->lost || !ref->open)
            continue;
        troupe_reason_t reason;
        troupe_reason_set (&reason, dealer->cause, 0, ref->address, 0, NULL, NULL);
        troupe_cell_ref_lost (&live->cell, ref, &reason);
    }
}
