/*  =========================================================================
    egress_fuzz.c - any frames from a server that an egress asks

    Place: tests/fuzz, of actors/egress. The first byte says what is spoken:
    troupe's framing, or maps in one of the formats; the second where frames
    end: at every byte that is the same. Eight bytes of 0xEE in a row become the
    number of the question. Every call ends once, by its deadline at the latest.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#include "rpc/record.h"

#define S_SERVER "tcp://127.0.0.1:7001"
#define S_FRAMES 8u
#define S_ROOM 65536u
#define S_CALLS 3u
#define S_DEADLINE_MS 2000

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const troupe_egress_t s_specs [] = {
    { .servers = S_SERVER, .answer_limit_bytes = 4096 },
    { .servers = S_SERVER, .answer_limit_bytes = 4096, .format = "json", .lanes = 2 },
    { .servers = S_SERVER, .answer_limit_bytes = 4096, .format = "smile", .lanes = 2 },
    { .servers = S_SERVER, .answer_limit_bytes = 4096, .format = "msgpack", .lanes = 2 },
};
static const troupe_behavior_t s_egresses [] = {
    TROUPE_EGRESS ("far", &s_specs [0]), TROUPE_EGRESS ("far", &s_specs [1]), TROUPE_EGRESS ("far", &s_specs [2]),
    TROUPE_EGRESS ("far", &s_specs [3]),
};

static unsigned s_ended;

static void s_check (bool holds)
{
    if (!holds)
        abort ();
}

static int s_on_response (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                          const troupe_response_view_t *response, void *context)
{
    (void) self;
    (void) state;
    (void) outcome;
    (void) context;
    s_ended++;
    s_check (response->status >= 100 && response->status <= 999);
    return 0;
}

//  The number of the last question that the server was asked, in troupe's framing.
static uint64_t s_take_id (troupe_stage_zmq_peer_t *peer)
{
    uint64_t id = 0;
    size_t count;
    for (const troupe_bytes_t *frames; (frames = troupe_stage_zmq_taken_frames (peer, &count)) != NULL;) {
        size_t offset = 0;
        troupe_rpc_record_t record;
        while (troupe_rpc_read (frames [count - 1].data, frames [count - 1].size, &offset, &record) == TROUPE_OK)
            id = record.kind == TROUPE_RPC_ASK ? record.id : id;
    }
    return id;
}

static void s_put_id (uint8_t *data, size_t size, uint64_t id)
{
    static const uint8_t blank [8] = { 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE };
    for (size_t at = 0; at + 8 <= size; at++)
        if (memcmp (data + at, blank, 8) == 0)
            for (size_t byte = 0; byte < 8; byte++)
                data [at + byte] = (uint8_t) (id >> 8 * byte);
}

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

static void s_call (troupe_stage_t *stage, const char *method)
{
    const troupe_bytes_t none = { NULL, 0 };
    s_check (troupe_rpc_call (troupe_stage_guest (stage), "far", method, "/", none, S_DEADLINE_MS, s_on_response, NULL,
                              NULL) == TROUPE_OK);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    uint8_t room [S_ROOM];
    troupe_bytes_t frames [S_FRAMES];
    if (size < 3 || size > sizeof room)
        return 0;
    s_ended = 0;
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (stage, S_SERVER, "one");
    s_check (troupe_stage_spawn (stage, &s_egresses [data [0] % 4], NULL) == TROUPE_OK);
    troupe_stage_run (stage);
    for (unsigned call = 0; call < S_CALLS; call++) {
        s_call (stage, call % 2 ? "POST" : "GET");
        troupe_stage_run (stage);
        memcpy (room, data, size);
        s_put_id (room + 2, size - 2, s_take_id (peer));
        troupe_stage_zmq_deliver (peer, frames, s_split (room + 2, size - 2, data [1], frames));
        troupe_stage_run (stage);
    }
    troupe_stage_advance (stage, 2 * S_DEADLINE_MS);
    s_check (s_ended == S_CALLS);
    troupe_stage_destroy (&stage);
    return 0;
}
