/*  =========================================================================
    live/actor/dealer.h - a ref's DEALER, for the files that handle it

    Place: runtime/live, inside dealer.c and port_line.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_DEALER_H_INCLUDED
#define TROUPE_LIVE_DEALER_H_INCLUDED

#include "live/port/port.h"

struct troupe_dealer {
    troupe_source_t source;         //  First
    troupe_live_t *live;
    troupe_ref_t *ref;
    void *socket;                   //  Null while a line waits before it tries again
    troupe_line_t *line;            //  Null: it does not leave the process
    uint64_t heard;                 //  Packets that have come
    troupe_hope_t hope;
    bool found;                     //  The directory told where it is
    bool lost;                      //  The directory says that the actor is gone
    troupe_reason_kind_t cause;     //  Of that
    troupe_dealer_t *next;          //  In the list of its hope
    char endpoint [TROUPE_ENDPOINT_MAX + 1];
};

//  Begins to wait for what arrives at its socket; ends that, before the socket is closed.
troupe_error_t troupe_dealer_attach (troupe_dealer_t *dealer);
void troupe_dealer_detach (troupe_dealer_t *dealer);
//  Lets what may have arrived be looked at in the next round.
void troupe_dealer_expect (troupe_dealer_t *dealer);
//  Takes in and handles all that has arrived. False when that has closed the ref: the dealer is gone.
bool troupe_dealer_finish (troupe_dealer_t *dealer);

#endif
