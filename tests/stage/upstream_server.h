/*  =========================================================================
    upstream_server.h - an old web server on the stage, played by the test

    Place: tests/stage. The upstream "legacy" at 127.0.0.1:9000, whose Host is
    old.example, with the prefix /legacy; and a guest that asks.

    An answer is given as "201 [Content-Type: text/x] abc", a problem without
    type and document: "503 [Retry-After: 1] problem".

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TESTS_STAGE_UPSTREAM_SERVER_H_INCLUDED
#define TESTS_STAGE_UPSTREAM_SERVER_H_INCLUDED

#include <troupe/stage.h>
#include <troupe/upstream.h>

#define OLD_ADDRESS "127.0.0.1:9000"

#define FIELD(NAME, VALUE) { { (NAME), sizeof (NAME) - 1 }, { (VALUE), sizeof (VALUE) - 1 } }

typedef struct old {
    troupe_stage_t *stage;
} old_t;

//  The actor has started. 'settings' are its options, "KEY=VALUE", separated by blanks; may be null.
old_t old_open (uint64_t seed, const char *settings);
void old_close (old_t *old);

//  Asks, and runs until all is quiet. 'body' may be null.
void old_ask (const old_t *old, const char *method, const char *target, const char *body);
void old_ask_with (const old_t *old, const char *method, const char *target, const troupe_header_t *headers,
                   size_t count, const char *body);

//  The same of another actor.
void old_ask_whom (const old_t *old, const char *whom, const char *method, const char *target);

//  The same without a body, for requests that are not answered before others are begun.
void old_begin (const old_t *old, const char *method, const char *target);

//  The oldest answer that has not been shown; "" when there is none.
const char *old_answer (const old_t *old);

//  The next connection; there must be one.
troupe_stage_peer_t *old_accept (const old_t *old);

//  What has come over it.
const char *old_received (const old_t *old, troupe_stage_peer_t *peer);

//  Sends over it, and runs until all is quiet.
void old_says (const old_t *old, troupe_stage_peer_t *peer, const char *text);

//  A connection that is idle after one request.
troupe_stage_peer_t *old_warm (const old_t *old);

//  A counter of the actor, "resent".
long old_counter (const old_t *old, const char *name);

#endif
