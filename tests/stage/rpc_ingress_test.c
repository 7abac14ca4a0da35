/*  =========================================================================
    rpc_ingress_test.c - questions over ZeroMQ come in, answers go out, one each

    Place: tests/stage, of actors/rpc.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "rpc_door.h"

#define HELLO "{\"method\":\"GET\",\"path\":\"/\"}"
#define HELLO_ANSWER "{\"status\":200,\"body\":\"Hello\"}"

static bool s_has (const char *text, const char *part)
{
    if (strstr (text, part))
        return true;
    fprintf (stderr, "not there: %s\nin: %s\n", part, text);
    return false;
}

//  The reason for all of this; whatever stands in front of the body comes back (RFC 28).
Test (rpc_ingress, every_envelope_comes_back)
{
    rpc_door_t door = rpc_door_open (1, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    cr_assert_str_eq (rpc_door_ask (&door, peer, HELLO), HELLO_ANSWER);
    cr_assert_str_eq (rpc_door_ask (&door, peer, "|" HELLO), "|" HELLO_ANSWER);
    cr_assert_str_eq (rpc_door_ask (&door, peer, "a|b||" HELLO), "a|b||" HELLO_ANSWER);
    cr_assert_str_eq (rpc_door_ask (&door, peer, "a|" HELLO), "a|" HELLO_ANSWER);
    rpc_door_close (&door);
}

//  Who waits for an answer gets one, whatever was sent.
Test (rpc_ingress, whatever_comes_is_answered)
{
    rpc_door_t door = rpc_door_open (2, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    static const char *const wrong [] = { "|rubbish", "|", "|{", "|{\"method\":1}", "|[]", "|a|b", "|{\"path\":\"/\"}",
                                          "|{\"method\":\"GET\",\"path\":\"no path\"}" };
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++)
        cr_assert (s_has (rpc_door_ask (&door, peer, wrong [index]), "|{\"status\":400,"), "%s", wrong [index]);
    cr_assert (s_has (rpc_door_ask (&door, peer, "{\"method\":\"GET\",\"path\":\"/x\"}"), "{\"status\":404,"));
    cr_assert (s_has (rpc_door_ask (&door, peer, "{\"method\":\"PUT\",\"path\":\"/\"}"), "{\"status\":405,"));
    cr_assert (s_has (rpc_door_ask (&door, peer, "{\"method\":\"GET\",\"path\":\"/fail\"}"), "{\"status\":500,"));
    cr_assert_str_eq (rpc_door_ask (&door, peer, "{\"method\":\"HEAD\",\"path\":\"/\"}"),
                      "{\"status\":200,\"body\":null}");
    cr_assert_str_eq (rpc_door_ask (&door, peer, "{\"method\":\"OPTIONS\",\"path\":\"/\"}"),
                      "{\"status\":204,\"body\":null}");
    cr_assert_str_eq (rpc_door_ask (&door, peer, "{\"method\":\"GET\",\"path\":\"/ready\"}"),
                      "{\"status\":200,\"body\":\"ready\"}");
    cr_assert_eq (rpc_door_counter (&door, "in_flight"), 0);
    rpc_door_close (&door);
}

//  Whoever sends too many frames waits for an answer as well: it goes to where the first of them say.
Test (rpc_ingress, too_many_frames_are_answered)
{
    rpc_door_t door = rpc_door_open (1, "frame_limit=4");
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    cr_assert (s_has (rpc_door_ask (&door, peer, "|1|2|3"), "|{\"status\":400,"));
    cr_assert (s_has (rpc_door_ask (&door, peer, "a||1|2|3|4|5|6|7"), "a||{\"status\":400,"));
    cr_assert (s_has (rpc_door_ask (&door, peer, "1|2|3|4|5"), "{\"status\":400,"));
    cr_assert_str_eq (rpc_door_ask (&door, peer, "a|b|" HELLO), "a|b|" HELLO_ANSWER);
    rpc_door_close (&door);
}

//  The same precondition as over HTTP.
Test (rpc_ingress, a_token_is_asked_for)
{
    rpc_door_t door = rpc_door_open (3, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
#define SECRET "{\"method\":\"GET\",\"path\":\"/secret\",\"headers\":{\"authorization\":\"Bearer %s\"}}"
    char text [200];
    cr_assert (s_has (rpc_door_ask (&door, peer, "{\"method\":\"GET\",\"path\":\"/secret\"}"), "{\"status\":401,"));
    snprintf (text, sizeof text, SECRET, "guess");
    cr_assert (s_has (rpc_door_ask (&door, peer, text), "{\"status\":403,"));
    snprintf (text, sizeof text, SECRET, "s3cret");
    cr_assert_str_eq (rpc_door_ask (&door, peer, text), HELLO_ANSWER);
    rpc_door_close (&door);
}

//  Many calls in one message, many answers in one: that is where the speed comes from.
Test (rpc_ingress, answers_of_a_turn_share_a_message)
{
    rpc_door_t door = rpc_door_open (4, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_rpc_message_t message = { 0 };
    rpc_door_add (&message, 1, "GET", "/x", NULL, NULL);
    rpc_door_add (&message, 2, "PUT", "/", NULL, NULL);
    rpc_door_add (&message, 3, "OPTIONS", "/", NULL, NULL);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 404 | 2 405 | 3 204");
    rpc_door_add (&message, 4, "POST", "/echo", NULL, "four");
    rpc_door_add (&message, 5, "HEAD", "/", NULL, NULL);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "4 200 four; 5 200");
    rpc_door_close (&door);
}

static void s_send_piece (troupe_stage_zmq_peer_t *peer, uint64_t id, size_t size, bool more)
{
    static const uint8_t bytes [4000];
    troupe_rpc_message_t message = { 0 };
    const troupe_rpc_record_t record = { .kind = TROUPE_RPC_ASK, .id = id, .more = more, .left_us = TROUPE_FOREVER,
                                         .payload = { bytes, size } };
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    rpc_door_send (peer, &message);
}

//  Whoever sends on when the question has been refused gets no second answer, and may use the number again afterwards.
Test (rpc_ingress, what_is_refused_in_pieces_is_answered_once)
{
    rpc_door_t door = rpc_door_open (19, "pieces_limit_bytes=10 pieces_timeout_ms=2000");
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    for (size_t piece = 0; piece < 4; piece++)
        s_send_piece (peer, 1, 4000, piece < 3);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 503");
    s_send_piece (peer, 1, 10, false);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 400");
    rpc_door_close (&door);
}

//  One that is late has been answered too.
Test (rpc_ingress, pieces_that_come_too_late_are_not_answered_again)
{
    rpc_door_t door = rpc_door_open (20, "pieces_timeout_ms=2000");
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    s_send_piece (peer, 1, 10, true);
    troupe_stage_advance (door.stage, 5000);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 408");
    s_send_piece (peer, 1, 10, true);
    s_send_piece (peer, 1, 10, false);
    cr_assert_str_eq (rpc_door_records (&door, peer), "");
    rpc_door_close (&door);
}

//  What is large comes in pieces, each in a message of its own.
Test (rpc_ingress, a_large_answer_comes_in_pieces)
{
    rpc_door_t door = rpc_door_open (5, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_rpc_message_t message = { 0 };
    rpc_door_add (&message, 1, "GET", "/large", NULL, NULL);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 (pieces); 1 (pieces); 1 (pieces)");
    rpc_door_close (&door);
}

static void s_add_piece (troupe_rpc_message_t *message, uint64_t id, const uint8_t *data, size_t size, bool more)
{
    const troupe_rpc_record_t record = {
        .kind = TROUPE_RPC_ASK, .more = more, .id = id, .left_us = TROUPE_FOREVER, .payload = { data, size },
    };
    cr_assert_eq (troupe_rpc_write (message, &record), TROUPE_OK);
}

//  And so does a large question; two that are mixed up are told apart by their ids.
Test (rpc_ingress, pieces_of_questions_are_put_together)
{
    rpc_door_t door = rpc_door_open (6, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_rpc_message_t whole = { 0 }, message = { 0 };
    rpc_door_add (&whole, 1, "POST", "/echo", NULL, "put together");
    const uint8_t *request = whole.data + TROUPE_RPC_HEAD + TROUPE_RPC_RECORD_HEAD;
    const size_t size = 32 + 4 + 1 + 5 + 1 + 1 + 12;
    for (size_t at = 0; at < size; at++)
        for (uint64_t id = 1; id < 3; id++)
            s_add_piece (&message, id, request + at, 1, at + 1 < size);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 200 put together; 2 200 put together");
    cr_assert_eq (rpc_door_counter (&door, "pieces_bytes"), 0);
    troupe_rpc_message_clear (&whole);
    rpc_door_close (&door);
}

//  Memory that a peer can make the door hold has an end, and a time.
Test (rpc_ingress, pieces_are_bounded_in_size_and_time)
{
    static uint8_t piece [4000];
    rpc_door_t door = rpc_door_open (7, "pieces_limit_bytes=10000 pieces_timeout_ms=2000");
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_rpc_message_t message = { 0 };
    s_add_piece (&message, 1, piece, sizeof piece, true);
    s_add_piece (&message, 2, piece, sizeof piece, true);
    s_add_piece (&message, 2, piece, sizeof piece, true);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "2 503");
    cr_assert_leq (rpc_door_counter (&door, "pieces_bytes"), 10000);
    troupe_stage_advance (door.stage, 4000);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 408");
    cr_assert_eq (rpc_door_counter (&door, "pieces_bytes"), 0);
    rpc_door_close (&door);
}

//  One peer cannot take all of the door.
Test (rpc_ingress, a_peer_has_so_many_in_flight)
{
    rpc_door_t door = rpc_door_open (8, "peer_in_flight_limit=2 in_flight_limit=3");
    troupe_stage_zmq_peer_t *one = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_stage_zmq_peer_t *two = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "two");
    troupe_rpc_message_t message = { 0 };
    for (uint64_t id = 1; id < 4; id++)
        rpc_door_add (&message, id, "POST", "/probe", NULL, NULL);
    rpc_door_send (one, &message);
    cr_assert_str_eq (rpc_door_records (&door, one), "3 503");
    for (uint64_t id = 1; id < 3; id++)
        rpc_door_add (&message, id, "POST", "/probe", NULL, NULL);
    rpc_door_send (two, &message);
    cr_assert_str_eq (rpc_door_records (&door, two), "2 503");
    for (int count = 0; count < 3; count++)
        rpc_door_probe_answers (&door, "done");
    cr_assert_str_eq (rpc_door_records (&door, one), "1 200 done; 2 200 done");
    cr_assert_str_eq (rpc_door_records (&door, two), "1 200 done");
    rpc_door_close (&door);
}

//  A call that was made again because its answer got lost is not done again.
Test (rpc_ingress, a_request_id_is_done_once)
{
    rpc_door_t door = rpc_door_open (9, "cache_time_ms=5000");
    troupe_stage_zmq_peer_t *one = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_stage_zmq_peer_t *two = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "two");
    troupe_rpc_message_t message = { 0 };
    rpc_door_add (&message, 1, "GET", "/count", "Request-Id: x", NULL);
    rpc_door_add (&message, 2, "GET", "/count", "request-id: x", NULL);
    rpc_door_add (&message, 3, "GET", "/count", "Request-Id: y", NULL);
    rpc_door_send (one, &message);
    cr_assert (s_has (rpc_door_records (&door, one), "1 200 1 | 2 200 1"));
    rpc_door_add (&message, 7, "GET", "/count", "Request-Id: x", NULL);
    rpc_door_send (two, &message);
    cr_assert_str_eq (rpc_door_records (&door, two), "7 200 1");
    cr_assert_eq (rpc_door_counter (&door, "answers_kept"), 2);
    troupe_stage_advance (door.stage, 7000);
    cr_assert_eq (rpc_door_counter (&door, "cache_bytes"), 0);
    rpc_door_close (&door);
}

//  Asks for /count once with that Request-Id; what comes back.
static const char *s_count_as (const rpc_door_t *door, troupe_stage_zmq_peer_t *peer, int number)
{
    char header [40];
    troupe_rpc_message_t message = { 0 };
    snprintf (header, sizeof header, "Request-Id: r%d", number);
    rpc_door_add (&message, 1, "GET", "/count", header, NULL);
    rpc_door_send (peer, &message);
    return rpc_door_records (door, peer);
}

//  However many come and go, the last ones are kept, and found; the oldest have made room.
Test (rpc_ingress, the_last_answers_are_kept)
{
    rpc_door_t door = rpc_door_open (13, "cache_limit_bytes=8192");
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    char expected [40];
    for (int number = 1; number <= 300; number++) {
        snprintf (expected, sizeof expected, "1 200 %d", number);
        cr_assert_str_eq (s_count_as (&door, peer, number), expected);
        const int older = number > 30 ? number - 30 : 1;
        snprintf (expected, sizeof expected, "1 200 %d", older);
        cr_assert_str_eq (s_count_as (&door, peer, older), expected);
    }
    cr_assert_leq (rpc_door_counter (&door, "cache_bytes"), 8192);
    cr_assert_str_eq (s_count_as (&door, peer, 1), "1 200 301");
    rpc_door_close (&door);
}

//  Nobody waits for the answer any more: none is sent, and the work is taken back.
Test (rpc_ingress, what_is_cancelled_is_not_answered)
{
    rpc_door_t door = rpc_door_open (10, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_rpc_message_t message = { 0 };
    const troupe_rpc_record_t cancel = { .kind = TROUPE_RPC_CANCEL, .id = 1 };
    rpc_door_add (&message, 1, "POST", "/probe", NULL, NULL);
    rpc_door_add (&message, 2, "GET", "/", NULL, NULL);
    cr_assert_eq (troupe_rpc_write (&message, &cancel), TROUPE_OK);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "2 200 Hello");
    cr_assert_eq (rpc_door_counter (&door, "in_flight"), 0);
    rpc_door_close (&door);
}

//  The caller's time counts, not only the route's.
Test (rpc_ingress, a_deadline_travels)
{
    rpc_door_t door = rpc_door_open (11, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_rpc_message_t whole = { 0 }, message = { 0 };
    size_t offset = 0;
    troupe_rpc_record_t record;
    rpc_door_add (&whole, 1, "POST", "/probe", NULL, NULL);
    cr_assert_eq (troupe_rpc_read (whole.data, whole.size, &offset, &record), TROUPE_OK);
    record.left_us = 500000;
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    rpc_door_send (peer, &message);
    troupe_stage_advance (door.stage, 499);
    cr_assert_str_eq (rpc_door_records (&door, peer), "");
    troupe_stage_advance (door.stage, 2);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 504");
    troupe_rpc_message_clear (&whole);
    rpc_door_close (&door);
}

//  The stage drops what a socket has sent when it is closed; the trace has it all the same.
static bool s_was_answered (const rpc_door_t *door)
{
    return s_has (troupe_stage_trace (door->stage), "rpc#1 -> ROUTER: 3 frames\n");
}

//  Asked to end, it finishes what it has; who asks meanwhile is told.
Test (rpc_ingress, what_is_in_flight_is_finished)
{
    rpc_door_t door = rpc_door_open (12, "drain_timeout_ms=2000");
    troupe_stage_zmq_peer_t *one = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_stage_zmq_peer_t *two = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "two");
    cr_assert_str_eq (rpc_door_ask (&door, one, "|{\"method\":\"POST\",\"path\":\"/probe\"}"), "");
    cr_assert_str_eq (rpc_door_ask (&door, two, "|{\"method\":\"POST\",\"path\":\"/probe\"}"), "");
    rpc_door_probe_answers (&door, "done");
    cr_assert_str_eq (rpc_door_heard (&door, one), "|{\"status\":200,\"body\":\"done\"}");
    troupe_stage_trace_clear (door.stage);
    cr_assert_eq (troupe_stage_stop (door.stage, "rpc"), TROUPE_OK);
    cr_assert (s_was_answered (&door));
    rpc_door_close (&door);
}

//  Whoever waited at an incarnation that fails is told so, and the next one answers at the same place.
Test (rpc_ingress, a_failing_door_answers_first)
{
    rpc_door_t door = rpc_door_open (13, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    cr_assert_str_eq (rpc_door_ask (&door, peer, "|{\"method\":\"POST\",\"path\":\"/probe\"}"), "");
    troupe_stage_fail_message (door.stage, "rpc", 1);
    troupe_stage_call_bytes (door.stage, "rpc", TROUPE_RPC_STATS, NULL, 0, 1000, NULL);
    troupe_stage_advance (door.stage, 1000);
    cr_assert (s_was_answered (&door));
    cr_assert_eq (troupe_stage_incarnation (door.stage, "rpc"), 2);
    cr_assert_str_eq (rpc_door_ask (&door, peer, "|" HELLO), "|" HELLO_ANSWER);
    rpc_door_close (&door);
}

//  An answer that nobody reads any more is counted, not kept.
Test (rpc_ingress, an_answer_for_who_is_gone_is_a_dead_letter)
{
    rpc_door_t door = rpc_door_open (14, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    cr_assert_str_eq (rpc_door_ask (&door, peer, "|{\"method\":\"POST\",\"path\":\"/probe\"}"), "");
    troupe_stage_zmq_connected (peer, false);
    rpc_door_probe_answers (&door, "done");
    troupe_stage_run (door.stage);
    cr_assert_eq (troupe_stage_dead_letters (door.stage, TROUPE_DEAD_NO_CALLER), 1);
    cr_assert_eq (rpc_door_counter (&door, "answers_lost"), 1);
    rpc_door_close (&door);
}
