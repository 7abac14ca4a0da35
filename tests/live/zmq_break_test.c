/*  =========================================================================
    zmq_break_test.c - peers that send much, are not read, and break off

    Place: tests/live. libzmq 4.3.4 ends the program when it is to send on a
    connection that broke while its input was stopped: a heartbeat of its own,
    or the answer to one of the peer's. With options left as they are no
    stranger gets that far. Time is told by another socket's heartbeats.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "stranger.h"
#include "troupe_world.h"

//  More than any limit that is a default.
#define S_MANY 3000u
#define S_BEATS 2

//  Types that may face strangers, and who comes: a second one where the first keeps, or loses, the only place.
static const struct {
    troupe_zmq_type_t type;
    const char *peer;
    bool twice, handover;
} s_scenes [] = {
    { .type = TROUPE_ZMQ_REQ, .peer = "REP" },
    { .type = TROUPE_ZMQ_REP, .peer = "REQ" },
    { .type = TROUPE_ZMQ_DEALER, .peer = "DEALER" },
    { .type = TROUPE_ZMQ_ROUTER, .peer = "DEALER" },
    { .type = TROUPE_ZMQ_ROUTER, .peer = "DEALER", .twice = true, .handover = true },
    { .type = TROUPE_ZMQ_PAIR, .peer = "PAIR", .twice = true },
    { .type = TROUPE_ZMQ_PUB, .peer = "SUB" },
    { .type = TROUPE_ZMQ_XPUB, .peer = "SUB" },
    { .type = TROUPE_ZMQ_PUSH, .peer = "PULL" },
    { .type = TROUPE_ZMQ_STREAM, .peer = "" },
};

#define S_SCENES (sizeof s_scenes / sizeof *s_scenes)

//  The doer's, and touched in its turns only.
static troupe_zmq_t *s_sockets [S_SCENES];
static uint64_t s_taken;

static int s_take (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
                   void *context)
{
    (void) self, (void) state, (void) socket, (void) frames, (void) count, (void) context;
    s_taken++;
    return 0;
}

//  Opens one of them, that does not take what comes; answers where it is.
static int s_open (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    const size_t index = (size_t) word->number;
    const troupe_zmq_options_t options = { .handover = s_scenes [index].handover };
    troupe_error_t error = troupe_zmq_open (self, s_scenes [index].type, &options, s_take, NULL, &s_sockets [index]);
    if (!error)
        error = troupe_zmq_bind (s_sockets [index], "tcp://127.0.0.1:*");
    if (error)
        return troupe_fail_error (self, error, "the socket");
    troupe_zmq_pause (s_sockets [index]);
    return troupe_replyf (self, message, "%s", troupe_zmq_endpoint (s_sockets [index]));
}

static int s_open_clock (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state, (void) word;
    troupe_zmq_t *clock = NULL;
    troupe_error_t error = troupe_zmq_open (self, TROUPE_ZMQ_ROUTER, NULL, s_take, NULL, &clock);
    if (!error)
        error = troupe_zmq_bind (clock, "tcp://127.0.0.1:*");
    return error ? troupe_fail_error (self, error, "the clock")
                 : troupe_replyf (self, message, "%s", troupe_zmq_endpoint (clock));
}

static int s_resume (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state, (void) word;
    for (size_t index = 0; index < S_SCENES; index++)
        troupe_zmq_resume (s_sockets [index]);
    return troupe_replyf (self, message, "goes on");
}

static int s_count (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state, (void) word;
    return troupe_replyf (self, message, "%s", s_taken > word->number ? "enough" : "less");
}

static int s_come (size_t index, const char *where)
{
    int stranger = stranger_connect (where);
    if (*s_scenes [index].peer)
        stranger_shakes_hands (stranger, s_scenes [index].peer, "name");
    return stranger;
}

//  Much, a PING that asks for an answer (ZMTP 3.1, RFC 37), more, and another one.
static void s_send_much (int stranger)
{
    static const char ping [] = "\x04\x0B\x04PING\0\x64name", hello [] = "\x01\0\0\x05hello";
    for (size_t index = 0; index < S_MANY; index++)
        stranger_send (stranger, hello, sizeof hello - 1);
    stranger_send (stranger, ping, sizeof ping - 1);
    stranger_send (stranger, hello, sizeof hello - 1);
    stranger_send (stranger, ping, sizeof ping - 1);
}

//  Any heartbeat that is due is sent while another socket's are waited for.
static void s_wait (troupe_t *troupe)
{
    char where [64];
    snprintf (where, sizeof where, "%s", world_ask (troupe, "doer", s_open_clock, 0, NULL) + sizeof "OK");
    int clock = stranger_greet (where, "clock");
    stranger_awaits_pings (clock, S_BEATS);
    close (clock);
}

//  One peer that hangs up must not take all others with it.
Test (zmq_break, a_stranger_that_is_not_read_and_breaks_off_ends_nothing, .timeout = 60)
{
    troupe_t *troupe = world_with (world_doers ("doer", NULL, NULL));
    char where [S_SCENES] [64];
    int first [S_SCENES], second [S_SCENES];
    for (size_t index = 0; index < S_SCENES; index++) {
        snprintf (where [index], sizeof where [index], "%s", world_ask (troupe, "doer", s_open, index, NULL) + 3);
        first [index] = s_come (index, where [index]);
        second [index] = s_scenes [index].twice ? s_come (index, where [index]) : -1;
        s_send_much (first [index]);
        if (second [index] >= 0)
            s_send_much (second [index]);
    }
    s_wait (troupe);
    for (size_t index = 0; index < S_SCENES; index++) {
        stranger_breaks_off (first [index]);
        if (second [index] >= 0)
            stranger_breaks_off (second [index]);
    }
    s_wait (troupe);
    cr_assert_str_eq (world_ask (troupe, "doer", s_resume, 0, NULL), "OK goes on");
    for (size_t index = 0; index < S_SCENES; index++)
        close (s_come (index, where [index]));
    while (strcmp (world_ask (troupe, "doer", s_count, 2 * S_MANY, NULL), "OK enough") != 0)
        ;
    s_wait (troupe);
    world_end (troupe);
}
