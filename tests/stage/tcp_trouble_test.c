/*  =========================================================================
    tcp_trouble_test.c - a server of a simple protocol that fails, and callers that give up

    Place: tests/stage, of actors/tcp.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "tcp_server.h"

#define ENDED "FAILED:the server has ended the connection"

static void s_cancel (troupe_stage_t *stage, troupe_call_t call)
{
    cr_assert (troupe_call_cancel (troupe_stage_guest (stage), call));
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "CANCELLED:");
}

//  Nobody is there, and nobody waits for that: another time it may be.
Test (tcp_trouble, server_that_is_not_there_is_told_at_once)
{
    troupe_stage_t *stage = store_open (1, "servers=127.0.0.1:7101 127.0.0.1:7102");
    store_call (stage, "a");
    cr_assert_str_eq (doer_notes (), "FAILED:no server can be reached");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    cr_assert_eq (store_counter (stage, "connections_opened"), 2);
    troupe_stage_listen (stage, "127.0.0.1:7102");
    store_call (stage, "b");
    troupe_stage_peer_t *peer = troupe_stage_accept (stage, "127.0.0.1:7102");
    cr_assert_not_null (peer, "it has come");
    store_says (stage, peer, "B\n");
    cr_assert_str_eq (doer_notes (), "OK:B");
    store_close (stage);
}

//  One of two that is gone costs the first call a try, and the next ones nothing.
Test (tcp_trouble, server_that_is_gone_is_the_last_choice_for_a_while)
{
    troupe_stage_t *stage = store_open (2, "servers=127.0.0.1:7101 " STORE_ADDRESS);
    for (const char *text = "a\0b\0c\0"; *text; text += 2) {
        store_call (stage, text);
        store_accept (stage);
    }
    cr_assert_eq (store_counter (stage, "connections_opened"), 4);
    troupe_stage_advance (stage, 1000);
    store_call (stage, "d");
    store_accept (stage);
    cr_assert_eq (store_counter (stage, "connections_opened"), 6, "it is tried again");
    troupe_stage_advance (stage, 15000);
    doer_notes ();
    store_close (stage);
}

//  Servers close what was idle: work that may be done twice does not notice.
Test (tcp_trouble, kept_connection_that_ends_unheard_is_replaced_for_idempotent_calls)
{
    troupe_stage_t *stage = store_open (3, NULL);
    troupe_stage_peer_t *old = store_warm (stage);
    store_call_idempotent (stage, "a");
    cr_assert_str_eq (store_got (stage, old), "a\n");
    store_ends (stage, old);
    troupe_stage_peer_t *fresh = store_accept (stage);
    cr_assert_str_eq (store_got (stage, fresh), "a\n");
    store_says (stage, fresh, "A\n");
    cr_assert_str_eq (doer_notes (), "OK:A");
    cr_assert_eq (store_counter (stage, "resent"), 1);
    store_close (stage);
}

//  Once: a request that ends every server must not go round for ever.
Test (tcp_trouble, idempotent_call_is_sent_twice_at_most)
{
    troupe_stage_t *stage = store_open (4, NULL);
    troupe_stage_peer_t *old = store_warm (stage);
    store_call_idempotent (stage, "a");
    troupe_stage_peer_abort (old);
    troupe_stage_run (stage);
    store_ends (stage, store_accept (stage));
    cr_assert_str_eq (doer_notes (), ENDED);
    cr_assert_null (troupe_stage_accept (stage, STORE_ADDRESS));
    store_close (stage);
}

//  Whether the work was done is not known: only its caller can say whether that matters.
Test (tcp_trouble, other_calls_are_never_sent_twice)
{
    troupe_stage_t *stage = store_open (5, NULL);
    troupe_stage_peer_t *peer = store_warm (stage);
    store_call (stage, "a");
    store_ends (stage, peer);
    cr_assert_str_eq (doer_notes (), ENDED);
    store_call_idempotent (stage, "b");
    store_ends (stage, store_accept (stage));
    cr_assert_str_eq (doer_notes (), ENDED, "a fresh connection was not closed for having been idle");
    store_close (stage);
}

//  A part of an answer is none, and the work has been done.
Test (tcp_trouble, answer_that_is_cut_short_is_failed)
{
    troupe_stage_t *stage = store_open (6, NULL);
    troupe_stage_peer_t *peer = store_warm (stage);
    store_call_idempotent (stage, "a");
    store_says (stage, peer, "half of it");
    store_ends (stage, peer);
    cr_assert_str_eq (doer_notes (), ENDED);
    store_close (stage);
}

//  The same where the end of the connection would be that of the answer: only an orderly end is one.
Test (tcp_trouble, reset_connection_is_no_end_of_an_answer)
{
    troupe_stage_t *stage = store_open (7, "framing=close");
    store_call (stage, "a");
    troupe_stage_peer_t *peer = store_accept (stage);
    store_says (stage, peer, "half of it");
    troupe_stage_peer_abort (peer);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), ENDED);
    store_close (stage);
}

//  Memory is bounded whatever a server sends.
Test (tcp_trouble, answer_that_is_too_large_is_failed)
{
    static const struct { const char *framing, *answer; size_t size; } cases [] = {
        { "framing=line;answer_limit_bytes=8", "123456789", 9 },
        { "framing=length2;answer_limit_bytes=8", "\0\11", 2 },
        { "framing=length4;answer_limit_bytes=8", "\1\0\0\0", 4 },
        { "framing=close;answer_limit_bytes=8", "123456789", 9 },
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        troupe_stage_t *stage = store_open (8, cases [index].framing);
        store_call (stage, "a");
        troupe_stage_peer_t *peer = store_accept (stage);
        troupe_stage_peer_send (peer, cases [index].answer, cases [index].size, 1);
        troupe_stage_run (stage);
        cr_assert_str_eq (doer_notes (), "FAILED:the server's answer is too large");
        cr_assert (troupe_stage_peer_closed (peer));
        cr_assert_eq (store_counter (stage, "connections"), 0);
        store_close (stage);
    }
}

//  Where an answer cannot be read, those behind it cannot be found: they are asked for anew, or end.
Test (tcp_trouble, calls_behind_what_cannot_be_read_are_lost_with_it)
{
    troupe_stage_t *stage = store_open (9, "connections=1;pipeline=4;answer_limit_bytes=8");
    troupe_stage_peer_t *peer = store_warm (stage);
    store_call (stage, "a");
    store_call_idempotent (stage, "b");
    store_call (stage, "c");
    store_call_idempotent (stage, "d");
    store_says (stage, peer, "123456789");
    cr_assert_str_eq (doer_notes (), "FAILED:the server's answer is too large " ENDED);
    troupe_stage_peer_t *fresh = store_accept (stage);
    cr_assert_str_eq (store_got (stage, fresh), "b\nd\n", "in their order");
    store_says (stage, fresh, "B\nD\n");
    cr_assert_str_eq (doer_notes (), "OK:B OK:D");
    store_close (stage);
}

//  A server that has been started again has closed all that was idle: one lost connection is enough to know.
Test (tcp_trouble, resent_calls_keep_away_from_older_connections)
{
    troupe_stage_t *stage = store_open (10, "connections=2");
    store_call (stage, "a");
    store_call (stage, "b");
    troupe_stage_peer_t *one = store_accept (stage), *two = store_accept (stage);
    store_says (stage, one, "A\n");
    store_says (stage, two, "B\n");
    cr_assert_str_eq (doer_notes (), "OK:A OK:B");
    store_call_idempotent (stage, "c");
    cr_assert_str_eq (store_got (stage, two), "b\nc\n");
    store_ends (stage, two);
    troupe_stage_peer_t *fresh = store_accept (stage);
    cr_assert_str_eq (store_got (stage, one), "a\n", "it was not asked");
    store_says (stage, fresh, "C\n");
    cr_assert_str_eq (doer_notes (), "OK:C");
    store_close (stage);
}

//  Bytes that nobody has asked for may be the answer to anything: who sends them is not asked again.
Test (tcp_trouble, unasked_bytes_close_the_connection)
{
    troupe_stage_t *stage = store_open (11, NULL);
    troupe_stage_peer_t *peer = store_warm (stage);
    store_says (stage, peer, "hello?\n");
    cr_assert (troupe_stage_peer_closed (peer));
    store_call (stage, "a");
    peer = store_accept (stage);
    store_says (stage, peer, "A\nand more");
    cr_assert_str_eq (doer_notes (), "OK:A");
    cr_assert (troupe_stage_peer_closed (peer));
    store_close (stage);
}

//  A server that closes an idle connection is no trouble at all.
Test (tcp_trouble, idle_connection_that_ends_is_let_go)
{
    troupe_stage_t *stage = store_open (12, NULL);
    store_ends (stage, store_warm (stage));
    cr_assert_eq (store_counter (stage, "connections"), 0);
    cr_assert_eq (store_counter (stage, "lost"), 0);
    store_warm (stage);
    store_close (stage);
}

//  A server that trickles, or says nothing, holds nobody up for longer than was said, and its answer goes to nobody.
Test (tcp_trouble, answer_that_takes_too_long_is_failed_and_its_connection_dropped)
{
    troupe_stage_t *stage = store_open (13, "answer_timeout_ms=200;connections=1");
    store_call (stage, "a");
    troupe_stage_peer_t *peer = store_accept (stage);
    for (int index = 0; index < 4; index++) {
        store_says (stage, peer, ".");
        troupe_stage_advance (stage, 49);
    }
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_advance (stage, 4);
    cr_assert_str_eq (doer_notes (), "FAILED:the server has not answered in time");
    cr_assert (troupe_stage_peer_closed (peer));
    store_call (stage, "b");
    peer = store_accept (stage);
    store_says (stage, peer, "B\n");
    cr_assert_str_eq (doer_notes (), "OK:B");
    cr_assert_eq (store_counter (stage, "late"), 1);
    store_close (stage);
}

//  The caller's own deadline is the caller's own outcome.
Test (tcp_trouble, callers_deadline_is_timeout)
{
    troupe_stage_t *stage = store_open (14, NULL);
    cr_assert_eq (troupe_call (troupe_ref (troupe_stage_guest (stage), "store"), 0, "a", 1, 50, doer_on_reply, NULL,
                               NULL), TROUPE_OK);
    troupe_stage_peer_t *peer = store_accept (stage);
    troupe_stage_advance (stage, 50);
    cr_assert_str_eq (doer_notes (), "TIMEOUT:");
    troupe_stage_advance (stage, 1);
    cr_assert (troupe_stage_peer_closed (peer));
    cr_assert_eq (store_counter (stage, "connections"), 0);
    store_close (stage);
}

//  What nobody waits for is not asked.
Test (tcp_trouble, call_that_is_given_up_leaves_the_queue)
{
    troupe_stage_t *stage = store_open (15, "connections=1");
    store_call (stage, "a");
    troupe_call_t call = store_call (stage, "b");
    store_call (stage, "c");
    troupe_stage_peer_t *peer = store_accept (stage);
    s_cancel (stage, call);
    store_says (stage, peer, "A\n");
    cr_assert_str_eq (store_got (stage, peer), "a\nc\n");
    store_says (stage, peer, "C\n");
    cr_assert_str_eq (doer_notes (), "OK:A OK:C");
    cr_assert_eq (store_counter (stage, "given_up"), 1);
    store_close (stage);
}

//  Its server is told in the only way there is, and its place is free.
Test (tcp_trouble, call_that_is_given_up_in_flight_frees_its_connection)
{
    troupe_stage_t *stage = store_open (16, "connections=1");
    troupe_call_t call = store_call (stage, "a");
    troupe_stage_peer_t *peer = store_accept (stage);
    store_call (stage, "b");
    s_cancel (stage, call);
    cr_assert (troupe_stage_peer_closed (peer));
    peer = store_accept (stage);
    cr_assert_str_eq (store_got (stage, peer), "b\n");
    store_says (stage, peer, "B\n");
    cr_assert_str_eq (doer_notes (), "OK:B");
    store_close (stage);
}

//  On a connection where others wait its answer is thrown away when it comes, and is nobody else's.
Test (tcp_trouble, answer_to_who_has_given_up_is_nobody_elses)
{
    troupe_stage_t *stage = store_open (17, "connections=1;pipeline=3");
    troupe_call_t first = store_call (stage, "a");
    troupe_stage_peer_t *peer = store_accept (stage);
    store_call (stage, "b");
    troupe_call_t last = store_call (stage, "c");
    s_cancel (stage, first);
    store_says (stage, peer, "A\n");
    cr_assert_str_eq (doer_notes (), "");
    store_says (stage, peer, "B\n");
    cr_assert_str_eq (doer_notes (), "OK:B");
    s_cancel (stage, last);
    cr_assert (troupe_stage_peer_closed (peer), "nobody waits any more");
    store_close (stage);
}

//  An actor that fails drops its connections, and its callers learn it.
Test (tcp_trouble, end_of_the_actor_ends_its_calls)
{
    troupe_stage_t *stage = store_open (18, "connections=1;pipeline=2");
    store_call (stage, "a");
    store_call (stage, "b");
    store_call (stage, "c");
    troupe_stage_peer_t *peer = store_accept (stage);
    troupe_stage_fail_message (stage, "store", 1);
    store_call (stage, "d");
    cr_assert (troupe_stage_peer_closed (peer));
    const char *notes = doer_notes ();
    cr_assert_eq (strncmp (notes, "FAILED:", 7), 0, "%s", notes);
    cr_assert_not_null (strstr (notes, "the actor failed FAILED:the actor failed FAILED:the actor failed"), "%s",
                        notes);
    store_close (stage);
}
