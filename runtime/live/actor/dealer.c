/*  =========================================================================
    live/actor/dealer.c - refs: a DEALER each

    Place: runtime/live. A DEALER is in the list of those to be looked at from
    when its descriptor says so, or something was sent on it (which may eat the
    signal), until it was found dry. One that leads out of the process has a
    line besides (port.h), and no socket while that waits.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/base/reason.h"
#include "live/actor/dealer.h"

#include <stdlib.h>
#include <string.h>

#define S_WAITED_PACKETS 256u

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

troupe_error_t troupe_dealer_attach (troupe_dealer_t *dealer)
{
    dealer->source = (troupe_source_t) { .fd = troupe_socket_descriptor (dealer->socket), .ready = s_ready };
    return troupe_poller_add (&dealer->live->poller, &dealer->source, TROUPE_POLL_READ, false);
}

void troupe_dealer_detach (troupe_dealer_t *dealer)
{
    s_delist (dealer);
    troupe_poller_remove (&dealer->live->poller, &dealer->source);
}

void troupe_dealer_expect (troupe_dealer_t *dealer)
{
    s_enlist (dealer, TROUPE_HOPE_KNOWN);
}

static troupe_error_t s_open_inside (troupe_dealer_t *dealer)
{
    troupe_error_t error = TROUPE_OK;
    dealer->socket = troupe_socket_new (dealer->live->shared, ZMQ_DEALER, dealer->endpoint, false, &error);
    if (dealer->socket)
        error = troupe_dealer_attach (dealer);
    if (error && dealer->socket)
        zmq_close (dealer->socket);
    return error;
}

//  Once for the same ref, which may be tried with every message.
static void s_explain (troupe_live_t *live, const troupe_ref_t *ref, troupe_error_t error, const char *endpoint,
                       const char *why)
{
    if (!*why || live->refused == ref)
        return;
    live->refused = ref;
    troupe_cell_explain (&live->cell, error, "", endpoint, why);
}

static troupe_error_t s_open_outside (troupe_dealer_t *dealer)
{
    char why [512] = "";
    bool tcp = troupe_endpoint_is_tcp (dealer->endpoint);
    bool family = !tcp && (dealer->found || dealer->ref->link);
    troupe_error_t error = troupe_line_open (dealer, family, why, sizeof why);
    if (error) {
        s_explain (dealer->live, dealer->ref, error, dealer->endpoint, why);
        return error;
    }
    dealer->ref->remote = true;
    dealer->ref->relative = tcp;
    return TROUPE_OK;
}

static troupe_error_t s_connect (troupe_live_t *live, troupe_ref_t *ref, const char *endpoint, bool found)
{
    troupe_dealer_t *dealer = calloc (1, sizeof *dealer);
    if (!dealer)
        return TROUPE_ENOMEM;
    dealer->live = live;
    dealer->ref = ref;
    dealer->found = found;
    strncpy (dealer->endpoint, endpoint, TROUPE_ENDPOINT_MAX);
    bool outside = troupe_endpoint_is_outside (endpoint);
    troupe_error_t error = outside ? s_open_outside (dealer) : s_open_inside (dealer);
    if (error)
        free (dealer);
    else
        ref->host = dealer;
    return error;
}

//  An endpoint that was given as such has no bounds that are known beforehand.
static troupe_error_t s_open_endpoint (troupe_live_t *live, troupe_ref_t *ref)
{
    if (!troupe_endpoint_is_outside (ref->address) || strlen (ref->address) > TROUPE_ENDPOINT_MAX)
        return TROUPE_EINVAL;
    ref->limits = (troupe_mailbox_options_t) { 0 };
    return s_connect (live, ref, ref->address, false);
}

troupe_error_t troupe_dealer_open (troupe_actor_t *cell, troupe_ref_t *ref)
{
    troupe_live_t *live = troupe_live (cell);
    if (ref->link) {
        const char *endpoint = troupe_offspring_mailbox (ref->link, &ref->limits);
        return s_connect (live, ref, endpoint, false);
    }
    if (strstr (ref->address, "://"))
        return s_open_endpoint (live, ref);
    troupe_names_word_t found;
    troupe_error_t error = troupe_directory_find (live, ref->address, &found);
    if (error)
        return error;
    ref->limits = found.limits;
    return s_connect (live, ref, found.endpoint, true);
}

void troupe_dealer_close (troupe_actor_t *cell, troupe_ref_t *ref)
{
    troupe_dealer_t *dealer = ref->host;
    ref->host = NULL;
    if (ref->open && dealer->found)
        troupe_directory_forget (dealer->live, ref->address, dealer->endpoint);
    if (dealer->line)
        troupe_line_close (dealer);
    else {
        troupe_dealer_detach (dealer);
        zmq_close (dealer->socket);
    }
    if (troupe_live (cell)->refused == ref)
        troupe_live (cell)->refused = NULL;
    free (dealer);
}

//  --- Sending and receiving

void troupe_dealer_send (troupe_actor_t *cell, troupe_ref_t *ref, troupe_pack_t *pack)
{
    (void) cell;
    troupe_dealer_t *dealer = ref->host;
    if (!dealer->socket) {
        troupe_pack_reset (pack);
        return;
    }
    troupe_packet_send (dealer->socket, 0, pack);
    s_enlist (dealer, TROUPE_HOPE_SUSPECTED);
    if (dealer->line)
        troupe_line_sent (dealer);
}

static void s_take_in (troupe_dealer_t *dealer, troupe_received_t *received)
{
    dealer->heard++;
    if (!troupe_cell_arrived (&dealer->live->cell, NULL, dealer->ref, received->block, received->frames,
                              received->frame_count))
        troupe_received_drop (received);
}

//  Takes in up to 'most' packets; how many there were.
static size_t s_take (troupe_dealer_t *dealer, size_t most)
{
    troupe_received_t received;
    size_t count = 0;
    while (count < most && dealer->socket) {
        if (troupe_packet_receive (dealer->live, dealer->socket, NULL, &received))
            s_take_in (dealer, &received);
        else if (!received.dropped)
            break;
        count++;
    }
    return count;
}

void troupe_dealer_hear (troupe_ref_t *ref)
{
    s_take (ref->host, SIZE_MAX);
}

bool troupe_dealer_finish (troupe_dealer_t *dealer)
{
    troupe_ref_t *ref = dealer->ref;
    uint64_t serial = ref->serial;
    s_take (dealer, SIZE_MAX);
    troupe_cell_hear (&dealer->live->cell);
    //  One that was closed and opened again meanwhile may have a dealer at the same address.
    return ref->open && ref->serial == serial;
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

//  What happens to a connection is told to the cell between callbacks only: here it just ends the wait.
static void s_look_again (troupe_live_t *live, troupe_dealer_t *dealer)
{
    //  Looking at the control lane eats its signal, as does looking at a monitor.
    if (live->control)
        troupe_poller_post (&live->poller, &live->control_source, TROUPE_POLL_READ);
    if (dealer->line)
        troupe_line_look (dealer);
}

//  A word from the parent ends the wait: stopping must work while a mailbox is full.
static bool s_wait (troupe_live_t *live, troupe_dealer_t *dealer, int64_t until_us)
{
    zmq_pollitem_t items [3] = { { .socket = dealer->socket, .events = ZMQ_POLLIN } };
    int count = 1;
    if (live->control)
        items [count++] = (zmq_pollitem_t) { .socket = live->control, .events = ZMQ_POLLIN };
    if (dealer->line)
        items [count++] = (zmq_pollitem_t) { .socket = troupe_line_pair (dealer), .events = ZMQ_POLLIN };
    for (;;) {
        if (s_take (dealer, S_WAITED_PACKETS))
            return true;
        int64_t left_us = until_us - troupe_clock_us ();
        if (left_us <= 0)
            return false;
        s_look_again (live, dealer);
        live->cell.waits = true;
        int found = zmq_poll (items, count, (long) (left_us / 1000 + 1));
        live->cell.waits = false;
        if (found > 0 && !items [0].revents)
            return false;
    }
}

//  Without a connection nothing can make room before this turn has ended.
bool troupe_dealer_wait (troupe_actor_t *cell, troupe_ref_t *ref, int64_t until_us)
{
    troupe_dealer_t *dealer = ref->host;
    if (ref->held || !dealer->socket)
        return false;
    s_enlist (dealer, TROUPE_HOPE_KNOWN);
    return s_wait (troupe_live (cell), dealer, until_us);
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

void troupe_dealers_down (troupe_live_t *live, const char *endpoint, uint32_t incarnation,
                          const troupe_reason_t *reason)
{
    troupe_reason_t whole = *reason;
    whole.incarnation = incarnation;
    for (troupe_ref_t *ref = live->cell.refs; ref; ref = ref->next) {
        troupe_dealer_t *dealer = ref->host;
        if (dealer && dealer->line && ref->open && strcmp (dealer->endpoint, endpoint) == 0)
            troupe_line_down (dealer, &whole);
    }
}
