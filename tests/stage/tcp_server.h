/*  =========================================================================
    tcp_server.h - a server of a simple protocol on the stage, played by the test

    Place: tests/stage. The actor "store" in front of 127.0.0.1:7100; and a guest
    that calls it, whose outcomes are notes (doer.h): "OK:text".

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TESTS_STAGE_TCP_SERVER_H_INCLUDED
#define TESTS_STAGE_TCP_SERVER_H_INCLUDED

#include <troupe.h>

#include "doer.h"

#define STORE_ADDRESS "127.0.0.1:7100"

//  "store" has started. 'settings' are its options, "KEY=VALUE;KEY=VALUE"; may be null.
troupe_stage_t *store_open (uint64_t seed, const char *settings);

//  Ends it; there are no notes left.
void store_close (troupe_stage_t *stage);

//  Calls with text, and runs until all is quiet. The second one may be done twice.
troupe_call_t store_call (troupe_stage_t *stage, const char *text);
void store_call_idempotent (troupe_stage_t *stage, const char *text);

//  The next connection to the server; there must be one.
troupe_stage_peer_t *store_accept (troupe_stage_t *stage);

//  What has come over it; as text.
const char *store_got (troupe_stage_t *stage, troupe_stage_peer_t *peer);

//  Sends over it / ends it, and runs until all is quiet.
void store_says (troupe_stage_t *stage, troupe_stage_peer_t *peer, const char *text);
void store_ends (troupe_stage_t *stage, troupe_stage_peer_t *peer);

//  A connection that is idle after one call.
troupe_stage_peer_t *store_warm (troupe_stage_t *stage);

//  A counter of the actor, "resent".
long store_counter (troupe_stage_t *stage, const char *name);

#endif
