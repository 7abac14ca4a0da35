/*  =========================================================================
    tcp_test.c - a server of a simple protocol behind an actor: when all is well

    Place: tests/stage, of actors/tcp. The test is the server: it sees every
    byte that is sent to it, and answers what it likes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tcp_server.h"

//  The whole way there and back, and once more over the same connection.
Test (tcp, call_goes_out_and_its_answer_comes_back)
{
    troupe_stage_t *stage = store_open (1, NULL);
    store_call (stage, "PING");
    troupe_stage_peer_t *peer = store_accept (stage);
    cr_assert_str_eq (store_got (stage, peer), "PING\n");
    store_says (stage, peer, "+PONG\r\n");
    cr_assert_str_eq (doer_notes (), "OK:+PONG");
    store_call (stage, "GET x");
    cr_assert_str_eq (store_got (stage, peer), "GET x\n");
    store_says (stage, peer, "\n");
    cr_assert_str_eq (doer_notes (), "OK:");
    cr_assert_eq (store_counter (stage, "connections_opened"), 1);
    store_close (stage);
}

static int s_note_tag (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("%s:%u:%zu", troupe_outcome_name (outcome), (unsigned) troupe_message_tag (reply),
               troupe_message_size (reply));
    return 0;
}

//  Lengths tell where messages end: any bytes may be in them, and come in any pieces.
Test (tcp, binary_messages_have_their_length_in_front)
{
    troupe_stage_t *stage = store_open (2, "framing=length4");
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), "store");
    cr_assert_eq (troupe_call (ref, 42, "a\n\0b", 4, 1000, s_note_tag, NULL, NULL), TROUPE_OK);
    troupe_stage_peer_t *peer = store_accept (stage);
    size_t size = 0;
    const char *got = troupe_stage_peer_received (peer, &size);
    cr_assert_eq (size, 8);
    cr_assert_eq (memcmp (got, "\0\0\0\4a\n\0b", 8), 0);
    troupe_stage_peer_send (peer, "\0\0\0\6\n\n\0\0xy", 10, 1);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "OK:42:6");
    store_close (stage);
}

//  The end of the side is the end of the message: each call has its own connection.
Test (tcp, closing_ends_the_message)
{
    troupe_stage_t *stage = store_open (3, "framing=close;pipeline=5");
    for (const char *const *text = (const char *const []) { "whois a", "whois\nb", NULL }; *text; text++) {
        store_call (stage, *text);
        troupe_stage_peer_t *peer = store_accept (stage);
        cr_assert_str_eq (store_got (stage, peer), *text);
        cr_assert (troupe_stage_peer_ended (peer));
        store_says (stage, peer, "some ");
        store_says (stage, peer, "body");
        cr_assert_str_eq (doer_notes (), "");
        store_ends (stage, peer);
        cr_assert_str_eq (doer_notes (), "OK:some body");
        cr_assert (troupe_stage_peer_closed (peer));
    }
    cr_assert_eq (store_counter (stage, "connections"), 0);
    store_close (stage);
}

//  Over one connection there is one call at a time, and over all of them as many as there may be; others wait in order.
Test (tcp, calls_wait_for_a_connection)
{
    troupe_stage_t *stage = store_open (4, "connections=2;queue_limit=1");
    for (const char *text = "a\0b\0c\0"; *text; text += 2)
        store_call (stage, text);
    troupe_stage_peer_t *one = store_accept (stage), *two = store_accept (stage);
    cr_assert_null (troupe_stage_accept (stage, STORE_ADDRESS));
    cr_assert_str_eq (store_got (stage, one), "a\n");
    cr_assert_str_eq (store_got (stage, two), "b\n");
    store_call (stage, "d");
    cr_assert_str_eq (doer_notes (), "FAILED:too many calls wait for the server");
    store_says (stage, two, "B\n");
    cr_assert_str_eq (store_got (stage, two), "c\n");
    store_says (stage, one, "A\n");
    store_says (stage, two, "C\n");
    cr_assert_str_eq (doer_notes (), "OK:B OK:A OK:C");
    store_close (stage);
}

//  A server that takes requests one behind the other saves the waiting: answers belong to calls by their order.
Test (tcp, pipelined_answers_come_in_order)
{
    troupe_stage_t *stage = store_open (5, "connections=1;pipeline=3");
    for (const char *text = "a\0b\0c\0d\0"; *text; text += 2)
        store_call (stage, text);
    troupe_stage_peer_t *peer = store_accept (stage);
    cr_assert_str_eq (store_got (stage, peer), "a\nb\nc\n");
    cr_assert_eq (store_counter (stage, "waiting"), 1);
    cr_assert_eq (store_counter (stage, "in_flight"), 3);
    store_says (stage, peer, "A\nB");
    cr_assert_str_eq (doer_notes (), "OK:A");
    cr_assert_str_eq (store_got (stage, peer), "d\n");
    store_says (stage, peer, "\nC\nD\n");
    cr_assert_str_eq (doer_notes (), "OK:B OK:C OK:D");
    store_close (stage);
}

//  Idle ones come first, so that few are kept; and those that nobody needs are closed after a while.
Test (tcp, idle_connections_are_closed_in_time)
{
    troupe_stage_t *stage = store_open (6, "idle_timeout_ms=100");
    troupe_stage_peer_t *peer = store_warm (stage);
    troupe_stage_advance (stage, 60);
    store_call (stage, "x");
    troupe_stage_advance (stage, 60);
    cr_assert_not (troupe_stage_peer_closed (peer), "it is in use");
    store_says (stage, peer, "X\n");
    cr_assert_str_eq (doer_notes (), "OK:X");
    troupe_stage_advance (stage, 99);
    cr_assert_not (troupe_stage_peer_closed (peer));
    troupe_stage_advance (stage, 1);
    cr_assert (troupe_stage_peer_closed (peer));
    cr_assert_eq (store_counter (stage, "connections"), 0);
    store_close (stage);
}

//  Several servers share the work.
Test (tcp, new_connections_go_to_the_servers_in_turn)
{
    troupe_stage_t *stage = store_open (7, "servers=" STORE_ADDRESS " unix:///run/store.sock");
    troupe_stage_listen (stage, "unix:///run/store.sock");
    store_call (stage, "a");
    store_call (stage, "b");
    troupe_stage_peer_t *one = store_accept (stage);
    troupe_stage_peer_t *two = troupe_stage_accept (stage, "unix:///run/store.sock");
    cr_assert_not_null (two);
    cr_assert_str_eq (store_got (stage, one), "a\n");
    cr_assert_str_eq (store_got (stage, two), "b\n");
    store_says (stage, two, "B\n");
    store_says (stage, one, "A\n");
    cr_assert_str_eq (doer_notes (), "OK:B OK:A");
    store_close (stage);
}

//  What is no message of the protocol is told to its sender, and not to the server.
Test (tcp, what_is_no_message_is_refused)
{
    troupe_stage_t *stage = store_open (8, NULL);
    store_call (stage, "PING\nFLUSHALL");
    cr_assert_str_eq (doer_notes (), "FAILED:the call is no message of the protocol");
    cr_assert_eq (troupe_stage_call_bytes (stage, "store", TROUPE_TAG_REQUEST, "x", 1, 1000, NULL),
                  TROUPE_CALL_FAILED);
    cr_assert_eq (troupe_stage_cast (stage, "store", 3, "x", 1), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_UNHANDLED), 1);
    cr_assert_null (troupe_stage_accept (stage, STORE_ADDRESS));
    store_close (stage);
}

//  Mistakes in the configuration show at the start.
Test (tcp, wrong_options_are_told_at_the_start)
{
    static const struct { const char *option, *value, *text; } cases [] = {
        { "servers", "", "there are no servers" },
        { "servers", "localhost", "the server 'localhost' is not HOST:PORT or unix:///PATH" },
        { "servers", "a:1 b:70000", "the server 'b:70000' is not HOST:PORT or unix:///PATH" },
        { "servers", ":80", "the server ':80' is not HOST:PORT or unix:///PATH" },
        { "servers", "unix://store", "the server 'unix://store' is not HOST:PORT or unix:///PATH" },
        { "framing", "json", "there is no framing 'json'" },
    };
    static const troupe_tcp_t spec = { .servers = STORE_ADDRESS };
    static const troupe_behavior_t behavior = TROUPE_TCP ("wrong", &spec);
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        troupe_stage_t *stage = troupe_stage_new (9);
        char path [64];
        snprintf (path, sizeof path, "children/wrong/%s", cases [index].option);
        troupe_stage_config (stage, path, cases [index].value);
        troupe_stage_spawn (stage, &behavior, NULL);
        troupe_stage_run (stage);
        const troupe_reason_t *reason = troupe_stage_reason (stage, "wrong");
        cr_assert_not_null (reason);
        cr_assert_str_eq (reason->text, cases [index].text);
        troupe_stage_destroy (&stage);
    }
}

//  Asked to end, it finishes what it has taken.
Test (tcp, drains_before_it_ends)
{
    troupe_stage_t *stage = store_open (10, "connections=1;pipeline=2");
    store_call (stage, "a");
    store_call (stage, "b");
    troupe_stage_peer_t *peer = store_accept (stage);
    cr_assert_str_eq (store_got (stage, peer), "a\nb\n");
    troupe_stage_peer_send (peer, "A\nB\n", 4, 1);
    cr_assert_eq (troupe_stage_stop (stage, "store"), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_now_ms (stage), 0, "as soon as it has");
    cr_assert_str_eq (doer_notes (), "OK:A OK:B");
    cr_assert (troupe_stage_peer_closed (peer));
    store_close (stage);
}

//  While it does, it takes no more.
Test (tcp, takes_nothing_while_it_ends)
{
    troupe_stage_t *stage = store_open (11, NULL);
    store_call (stage, "a");
    troupe_stage_peer_t *peer = store_accept (stage);
    troupe_stage_delay (stage, "guest", "store", 10);
    cr_assert_eq (troupe_call (troupe_ref (troupe_stage_guest (stage), "store"), 0, "b", 1, 5000, doer_on_reply, NULL,
                               NULL), TROUPE_OK);
    cr_assert_eq (troupe_stage_stop (stage, "store"), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "FAILED:the actor is ending DOWN:");
    cr_assert (troupe_stage_peer_closed (peer), "its time to end is over");
    store_close (stage);
}
