/*  =========================================================================
    http_door.h - a small web program on the stage, and a client of it

    Place: tests/stage. A supervisor "workers" with one service "worker", a
    probe "probe" and the ingress "http" in front. Routes:
      GET /  GET /users/:id  POST /echo  GET /fail  GET /large (300 KiB)
      GET /told/:status (no body, Content-Length: 400)
      GET /none (204)  GET /later (1 s later)  GET /slow (the probe has 10 s)
      PUT /later (the same, idempotent)  GET /crash  PUT /crash (idempotent)
      POST /probe (served by the probe)  PUT /probe (the same, idempotent)
      GET /nobody (served by nobody)
      GET /from (its X-Forwarded-For)
      GET /secret (with the token s3cret)  GET /closed (its token is not set)

    What the ingress says is given as a line, answers separated by " | ":
      200 "Hello World!!" | 405 {Allow: GET, HEAD, OPTIONS} problem close
    Every answer but 100 must have its Date. A body longer than 40 bytes is
    given as its size, <1000>, one that has not come whole as <400 of 1000>.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TESTS_STAGE_HTTP_DOOR_H_INCLUDED
#define TESTS_STAGE_HTTP_DOOR_H_INCLUDED

#include <troupe/http.h>
#include <troupe/service.h>
#include <troupe/stage.h>

#define DOOR_ADDRESS "127.0.0.1:8080"

typedef struct door {
    troupe_stage_t *stage;
    troupe_probe_t *probe;
} door_t;

//  Everything has started, and the worker is found. 'settings' are options of the ingress, "KEY=VALUE", separated by
//  blanks; may be null.
door_t door_open (uint64_t seed, const char *settings);

//  How often a handler has crashed its process.
unsigned door_crashes (void);

//  Ends the stage.
void door_close (door_t *door);

//  A new connection.
troupe_stage_peer_t *door_connect (const door_t *door);

//  Sends text, runs until all is quiet, and gives what has come as a line. Valid until the next call.
const char *door_ask (const door_t *door, troupe_stage_peer_t *peer, const char *text);

//  The same for bytes, sent in pieces of at most 'chunk'.
const char *door_ask_bytes (const door_t *door, troupe_stage_peer_t *peer, const void *data, size_t size, size_t chunk);

//  Runs until all is quiet, and gives what has come as a line.
const char *door_heard (const door_t *door, troupe_stage_peer_t *peer);

//  What has come to an answer to HEAD, as it is.
const char *door_heard_raw (const door_t *door, troupe_stage_peer_t *peer);

//  Answers the probe's next request: 200 with that text, or a failure.
void door_probe_answers (const door_t *door, const char *text);
void door_probe_fails (const door_t *door);

//  A counter of the ingress, "in_flight".
long door_counter (const door_t *door, const char *name);

#endif
