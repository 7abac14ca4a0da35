/*  =========================================================================
    rpc_door_fuzz.c - any frames at the RPC door

    Place: tests/fuzz, of actors/rpc. The first byte says where frames end: at
    every byte that is the same. A stage with the door and an echo behind it;
    in the end nothing is left, and a sane question is answered.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <troupe/rpc.h>
#include <troupe/service.h>
#include <troupe/stage.h>

#define S_FRAMES 40u

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_check (bool holds)
{
    if (!holds)
        abort ();
}

static int s_echo (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    return (int) troupe_response_body (response, request->body.data, request->body.size);
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/", .handler = s_echo }, { .method = "POST", .pattern = "/*all", .handler = s_echo },
    { 0 }
};
static const troupe_service_t s_service = { .routes = s_routes };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);
static const troupe_rpc_t s_spec = {
    .routes = s_routes, .workers = "worker",
    .options = { .pieces_limit_bytes = 4096, .pieces_timeout_ms = 1000, .cache_limit_bytes = 2048,
                 .cache_time_ms = 1000, .peer_in_flight_limit = 4 },
};
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_spec);

static size_t s_split (const uint8_t *data, size_t size, uint8_t mark, troupe_bytes_t frames [S_FRAMES])
{
    size_t count = 0;
    for (size_t at = 0; count < S_FRAMES;) {
        const uint8_t *end = memchr (data + at, mark, size - at);
        const size_t length = end ? (size_t) (end - data) - at : size - at;
        frames [count++] = (troupe_bytes_t) { data + at, length };
        if (!end)
            break;
        at += length + 1;
    }
    return count;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    troupe_bytes_t frames [S_FRAMES];
    if (size < 2)
        return 0;
    troupe_stage_t *stage = troupe_stage_new (1);
    s_check (troupe_stage_spawn (stage, &s_worker, NULL) == TROUPE_OK);
    s_check (troupe_stage_spawn (stage, &s_rpc, NULL) == TROUPE_OK);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, "tcp://127.0.0.1:5555", "one");
    const size_t count = s_split (data + 1, size - 1, data [0], frames);
    for (int round = 0; round < 2; round++) {
        troupe_stage_zmq_deliver (peer, frames, count);
        troupe_stage_run (stage);
    }
    troupe_stage_advance (stage, 20000);
    while (troupe_stage_zmq_taken (peer))
        ;
    troupe_stage_zmq_deliver_text (peer, "{\"method\":\"GET\",\"path\":\"/\"}");
    troupe_stage_run (stage);
    s_check (strcmp (troupe_stage_zmq_taken (peer), "{\"status\":200,\"body\":null}") == 0);
    troupe_stage_destroy (&stage);
    return 0;
}
