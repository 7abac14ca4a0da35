/*  =========================================================================
    http_chaos_test.c - whatever happens, each request has one answer, in order

    Place: tests/stage, of actors/http. Clients by chance: what they ask, how
    their bytes are cut, when they stop reading, end or vanish, when time passes,
    and when the worker's process is lost. The seed says all of it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http_door.h"

#define PEERS 6
#define REQUESTS 12
#define ROUNDS 150
#define END " HTTP/1.1\r\nHost: a\r\n\r\n"

//  What may be asked, and the statuses that may answer it. A deferred one may lose its worker to "/fail".
static const struct { const char *text; int status, other; } s_asks [] = {
    { "GET /" END, 200, 200 },
    { "HEAD /users/1" END, 200, 200 },
    { "GET /none" END, 204, 204 },
    { "GET /nothing" END, 404, 404 },
    { "GET /fail" END, 500, 500 },
    { "GET /later" END, 200, 500 },
    { "GET /large" END, 200, 200 },
    { "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789", 200, 200 },
    { "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, 200 },
    { "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 405, 405 },
};

typedef struct client {
    troupe_stage_peer_t *peer;
    char bytes [4096];          //  All that it will send
    size_t size, sent;
    int asked [REQUESTS];
    size_t answers;             //  So many have been seen
    char *heard;
    size_t heard_size;
    bool gone;
} client_t;

static uint64_t s_chance;
static bool s_losing;           //  Workers may be lost: then anything that needs one may be refused

static size_t s_below (size_t limit)
{
    s_chance = s_chance * UINT64_C (6364136223846793005) + 1442695040888963407u;
    return (size_t) (s_chance >> 33) % limit;
}

static void s_begin (const door_t *door, client_t *self)
{
    memset (self, 0, sizeof *self);
    for (size_t index = 0; index < REQUESTS; index++) {
        self->asked [index] = (int) s_below (sizeof s_asks / sizeof *s_asks);
        const char *text = s_asks [self->asked [index]].text;
        memcpy (self->bytes + self->size, text, strlen (text));
        self->size += strlen (text);
    }
    self->peer = troupe_stage_connect (door->stage, DOOR_ADDRESS);
    cr_assert_not_null (self->peer);
}

static void s_hear (client_t *self)
{
    size_t size;
    const char *heard = troupe_stage_peer_received (self->peer, &size);
    self->heard = realloc (self->heard, self->heard_size + size + 1);
    memcpy (self->heard + self->heard_size, heard, size);
    self->heard_size += size;
    self->heard [self->heard_size] = 0;
}

//  Bodies never hold such a text, so this finds each answer and nothing else.
static void s_judge (client_t *self)
{
    self->answers = 0;
    for (const char *at = self->heard; (at = strstr (at, "HTTP/1.1 ")) != NULL; at += 9) {
        const int status = atoi (at + 9);
        cr_assert_lt (self->answers, REQUESTS);
        const int asked = self->asked [self->answers++];
        const bool lost = s_losing && s_asks [asked].status / 100 != 4 && (status == 503 || status == 504);
        cr_assert (lost || status == s_asks [asked].status || status == s_asks [asked].other, "%d answers %s",
                   status, s_asks [asked].text);
    }
}

static void s_lose (const door_t *door)
{
    switch (s_below (30)) {
    case 0:
        troupe_stage_crash (door->stage, "worker", SIGSEGV);
        break;
    case 1:
        troupe_stage_cut_off (door->stage, "worker", true);
        break;
    case 2:
    case 3:
        troupe_stage_cut_off (door->stage, "worker", false);
        break;
    default:
        break;
    }
}

static void s_act (const door_t *door, client_t *self)
{
    if (s_losing)
        s_lose (door);
    if (self->gone)
        return;
    switch (s_below (40)) {
    case 0:
        troupe_stage_peer_abort (self->peer);
        self->gone = true;
        return;
    case 1:
        troupe_stage_peer_block (self->peer, true);
        return;
    case 2:
        troupe_stage_advance (door->stage, (int64_t) s_below (700));
        return;
    default:
        break;
    }
    troupe_stage_peer_block (self->peer, false);
    const size_t left = self->size - self->sent;
    const size_t size = left ? 1 + s_below (left < 200 ? left : 200) : 0;
    troupe_stage_peer_send (self->peer, self->bytes + self->sent, size, s_below (30));
    self->sent += size;
    for (size_t steps = s_below (12); steps > 0; steps--)
        troupe_stage_step (door->stage);
}

//  Those that are still there send the rest, read all of it, and are answered in full.
static void s_finish (const door_t *door, client_t *self)
{
    if (!self->gone) {
        troupe_stage_peer_block (self->peer, false);
        troupe_stage_peer_send (self->peer, self->bytes + self->sent, self->size - self->sent, 0);
        troupe_stage_advance (door->stage, REQUESTS * 1000);
    }
    s_hear (self);
    s_judge (self);
    if (!self->gone) {
        cr_assert_eq (self->answers, REQUESTS, "only %zu answers", self->answers);
        troupe_stage_peer_end (self->peer);
        troupe_stage_run (door->stage);
        cr_assert (troupe_stage_peer_closed (self->peer));
    }
    free (self->heard);
}

static void s_play (uint64_t seed, bool losing)
{
    static client_t clients [PEERS];
    s_chance = seed;
    s_losing = losing;
    door_t door = door_open (seed, "window=2 queue_limit=64");
    for (size_t index = 0; index < PEERS; index++)
        s_begin (&door, &clients [index]);
    for (int round = 0; round < ROUNDS; round++)
        s_act (&door, &clients [s_below (PEERS)]);
    if (losing)
        troupe_stage_cut_off (door.stage, "worker", false);
    for (size_t index = 0; index < PEERS; index++)
        s_finish (&door, &clients [index]);
    troupe_stage_run (door.stage);
    cr_assert_eq (door_counter (&door, "connections"), 0, "seed %llu", (unsigned long long) seed);
    cr_assert_eq (door_counter (&door, "in_flight"), 0, "seed %llu", (unsigned long long) seed);
    door_close (&door);
}

//  Every path between the states of a connection is somewhere in here.
Test (http_chaos, each_request_has_one_answer_in_order)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        s_play (seed, false);
}

//  The same while the process behind it crashes, is cut off and comes back: refused or served, but never both.
Test (http_chaos, each_request_has_one_answer_when_workers_are_lost)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        s_play (seed, true);
}
