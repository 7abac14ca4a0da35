/*  =========================================================================
    rpc_door.h - a small program behind the RPC door on the stage, and a client

    Place: tests/stage. A service "worker", a probe "probe" and the door "rpc".
    Routes: GET / (text)  POST /echo  GET /count (how often it was asked)
    GET /fail  GET /large (600 KiB)  POST /probe, PUT /probe (served by the
    probe, 10 s, the second one idempotent)  GET /secret (token s3cret)
    GET /who (who asks, or nobody)  GET /members (the same, with a certificate)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TESTS_STAGE_RPC_DOOR_H_INCLUDED
#define TESTS_STAGE_RPC_DOOR_H_INCLUDED

#include <troupe/rpc.h>
#include <troupe/service.h>
#include <troupe/stage.h>

#include "rpc/record.h"

#define RPC_ENDPOINT "tcp://127.0.0.1:5555"

typedef struct rpc_door {
    troupe_stage_t *stage;
    troupe_probe_t *probe;
} rpc_door_t;

//  Everything has started. 'settings' are options of the door, "KEY=VALUE", separated by blanks; may be null.
rpc_door_t rpc_door_open (uint64_t seed, const char *settings);
void rpc_door_close (rpc_door_t *door);

//  Sends text with a bar between frames, runs until all is quiet, and gives the next answer, likewise; "" when there is
//  none. Valid until the next call.
const char *rpc_door_ask (const rpc_door_t *door, troupe_stage_zmq_peer_t *peer, const char *text);
const char *rpc_door_heard (const rpc_door_t *door, troupe_stage_zmq_peer_t *peer);

//  Appends a question in troupe's framing: HEADER, "Name: value", and BODY may be null.
void rpc_door_add (troupe_rpc_message_t *message, uint64_t id, const char *method, const char *path,
                   const char *header, const char *body);

//  Sends the message and empties it.
void rpc_door_send (troupe_stage_zmq_peer_t *peer, troupe_rpc_message_t *message);

//  Runs until all is quiet; what has come in troupe's framing, as "1 200 Hello | 2 404", with "; " between messages.
//  A body longer than 40 bytes is given as its size, one in pieces as "3 (pieces)".
const char *rpc_door_records (const rpc_door_t *door, troupe_stage_zmq_peer_t *peer);

//  Answers the probe's next request with 200 and that text.
void rpc_door_probe_answers (const rpc_door_t *door, const char *text);

//  A counter of the door, "in_flight".
long rpc_door_counter (const rpc_door_t *door, const char *name);

#endif
