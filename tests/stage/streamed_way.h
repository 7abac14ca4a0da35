/*  =========================================================================
    streamed_way.h - a client, the door, an upstream and its server, on a stage

    Place: tests/stage. The door "http" has the routes GET, POST and PUT
    /legacy/:path (and all below), streamed, served by the upstream "legacy", whose server is
    the test, at 127.0.0.1:9000, with the prefix /legacy; and POST /probe,
    streamed, served by "probe", which is the test's to make.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TESTS_STAGE_STREAMED_WAY_H_INCLUDED
#define TESTS_STAGE_STREAMED_WAY_H_INCLUDED

#include <troupe/body.h>
#include <troupe/http.h>
#include <troupe/stage.h>
#include <troupe/upstream.h>

#define WAY_DOOR "127.0.0.1:8080"
#define WAY_SERVER "127.0.0.1:9000"

//  What the server gets of a request before its own fields, and of one without any of them.
#define WAY_FIELDS "Host: 127.0.0.1:9000\r\nX-Forwarded-Host: a\r\nX-Forwarded-Proto: http\r\nVia: 1.1 troupe\r\n"
#define WAY_GET "GET /x HTTP/1.1\r\n" WAY_FIELDS "\r\n"

typedef struct way {
    troupe_stage_t *stage;
} way_t;

//  Both have started. 'settings' are options, "http/KEY=VALUE" or "legacy/KEY=VALUE", separated by blanks; may be null.
way_t way_open (uint64_t seed, const char *settings);
bool way_begin (way_t *way, uint64_t seed, const char *settings);
void way_close (way_t *way);

//  A client of the door, that sends that and waits until all is quiet.
troupe_stage_peer_t *way_client (const way_t *way, const char *text);

//  The next connection to the server, or null.
troupe_stage_peer_t *way_server (const way_t *way);

//  Sends, and runs until all is quiet.
void way_says (const way_t *way, troupe_stage_peer_t *peer, const char *text);
void way_says_bytes (const way_t *way, troupe_stage_peer_t *peer, const char *text, size_t size, size_t chunk);

//  What has come, without the Date field; valid until the next call.
const char *way_heard (const way_t *way, troupe_stage_peer_t *peer);

//  How much has come; it is all to be 'byte'.
size_t way_counted (const way_t *way, troupe_stage_peer_t *peer, char byte);

//  A counter of an actor.
long way_counter (const way_t *way, const char *actor, const char *name);

//  Nothing of the exchange is left at either of them; and nothing was answered to nobody.
void way_is_over (const way_t *way);
void way_is_idle (const way_t *way);

#endif
