/*  =========================================================================
    stage_stream_test.c - connections in memory, and watched descriptors

    Place: tests/stage, of runtime/stage/streams.c, peers.c and watches.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 29
#define S_ADDRESS "127.0.0.1:8080"

static troupe_stream_t *s_stream;       //  The one that opened last
static troupe_listener_t *s_listener;

static char s_echoes [] = "echoes";     //  The context of streams that say every byte back

//  Notes every event, and ends when the peer has ended.
static int s_on_event (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                       void *context)
{
    static const char *const names [] = { "accepted", "connected", "bytes", "writable", "drained", "end", "closed" };
    (void) self;
    (void) state;
    if (event->kind == TROUPE_STREAM_BYTES) {
        doer_note ("%.*s", (int) event->size, (const char *) event->data);
        if (context == s_echoes)
            troupe_stream_write (stream, event->data, event->size);
        event->consumed = event->size;
        return 0;
    }
    doer_note ("%s", names [event->kind]);
    if (event->kind == TROUPE_STREAM_ACCEPTED || event->kind == TROUPE_STREAM_CONNECTED)
        s_stream = stream;
    if (event->kind == TROUPE_STREAM_END)
        troupe_stream_end (stream);
    if (event->kind == TROUPE_STREAM_CLOSED)
        doer_note ("%s", troupe_error_name (event->error));
    return 0;
}

static int s_listen (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    doer_note ("%s", troupe_error_name (troupe_listen (self, S_ADDRESS, NULL, s_on_event, s_echoes, &s_listener)));
    return 0;
}

static int s_listen_anywhere (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_listen (self, "127.0.0.1:0", NULL, s_on_event, s_echoes, &s_listener), TROUPE_OK);
    doer_note ("%s", troupe_listener_address (s_listener));
    return 0;
}

static int s_connect (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_connect (self, S_ADDRESS, NULL, s_on_event, NULL, &s_stream), TROUPE_OK);
    troupe_stream_write (s_stream, "hi", 2);
    return 0;
}

#define S_ON_STREAM(name, what) \
    static int name (troupe_actor_t *self, void *state, troupe_message_t *message) \
    { \
        (void) self; \
        (void) state; \
        (void) message; \
        what; \
        return 0; \
    }

S_ON_STREAM (s_close, troupe_stream_close (s_stream))
S_ON_STREAM (s_abort, troupe_stream_abort (s_stream))
S_ON_STREAM (s_pause, troupe_stream_pause (s_stream))
S_ON_STREAM (s_resume, troupe_stream_resume (s_stream))
S_ON_STREAM (s_write, doer_note ("%s", troupe_error_name (troupe_stream_write (s_stream, "0123456789", 10))))
S_ON_STREAM (s_queued, doer_note ("%zu", troupe_stream_queued (s_stream)))
S_ON_STREAM (s_pause_listener, troupe_listener_pause (s_listener))
S_ON_STREAM (s_resume_listener, troupe_listener_resume (s_listener))
S_ON_STREAM (s_close_listener, troupe_listener_close (&s_listener))

static troupe_stage_t *s_stage (void)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "server");
    doer_new (stage, "client");
    return stage;
}

static troupe_stage_t *s_listening_stage (void)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "server", s_listen);
    doer_notes ();
    return stage;
}

static troupe_stage_peer_t *s_connected (troupe_stage_t *stage)
{
    troupe_stage_peer_t *peer = troupe_stage_connect (stage, S_ADDRESS);
    cr_assert_not_null (peer);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "accepted");
    return peer;
}

//  Bytes in, bytes out.
Test (stage_stream, bytes_go_both_ways)
{
    troupe_stage_t *stage = s_listening_stage ();
    troupe_stage_peer_t *peer = s_connected (stage);
    troupe_stage_peer_send (peer, "hello", 5, 0);
    troupe_stage_run (stage);
    size_t size = 0;
    cr_assert_str_eq (troupe_stage_peer_received (peer, &size), "hello");
    cr_assert_eq (size, 5);
    cr_assert_str_eq (troupe_stage_peer_received (peer, &size), "", "taken");
    cr_assert_str_eq (doer_notes (), "hello");
    troupe_stage_destroy (&stage);
}

//  Networks cut where they like: a parser has to be shown every way.
Test (stage_stream, bytes_come_in_chunks)
{
    troupe_stage_t *stage = s_listening_stage ();
    troupe_stage_peer_t *peer = s_connected (stage);
    troupe_stage_peer_send (peer, "abcdefg", 7, 3);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "abc def g");
    troupe_stage_destroy (&stage);
}

//  Nobody listens, then somebody does; one address has one listener.
Test (stage_stream, address_has_one_listener)
{
    troupe_stage_t *stage = s_stage ();
    cr_assert_null (troupe_stage_connect (stage, S_ADDRESS));
    doer_do (stage, "server", s_listen);
    doer_do (stage, "client", s_listen);
    cr_assert_str_eq (doer_notes (), "TROUPE_OK TROUPE_EADDRINUSE");
    doer_do (stage, "server", s_close_listener);
    cr_assert_null (troupe_stage_connect (stage, S_ADDRESS));
    doer_do (stage, "client", s_listen_anywhere);
    cr_assert_str_eq (doer_notes (), "127.0.0.1:49152");
    cr_assert_not_null (troupe_stage_connect (stage, "tcp://127.0.0.1:49152"));
    troupe_stage_destroy (&stage);
}

//  Each side may end on its own; a stream is closed when both have.
Test (stage_stream, half_close_then_closed)
{
    troupe_stage_t *stage = s_listening_stage ();
    troupe_stage_peer_t *peer = s_connected (stage);
    troupe_stage_peer_send (peer, "last", 4, 0);
    troupe_stage_peer_end (peer);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "last end closed TROUPE_OK");
    cr_assert_str_eq (troupe_stage_peer_received (peer, NULL), "last");
    cr_assert (troupe_stage_peer_ended (peer));
    cr_assert (troupe_stage_peer_closed (peer));
    troupe_stage_destroy (&stage);
}

//  A connection that breaks is closed with an error.
Test (stage_stream, abort_by_the_peer)
{
    troupe_stage_t *stage = s_listening_stage ();
    troupe_stage_peer_t *peer = s_connected (stage);
    troupe_stage_peer_send (peer, "lost", 4, 0);
    troupe_stage_peer_abort (peer);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "closed TROUPE_ECLOSED");
    troupe_stage_destroy (&stage);
}

//  Closing and aborting on the actor's side are seen by the peer.
Test (stage_stream, close_and_abort_by_the_actor)
{
    troupe_stage_t *stage = s_listening_stage ();
    troupe_stage_peer_t *peer = s_connected (stage);
    cr_assert_not (troupe_stage_peer_closed (peer));
    doer_do (stage, "server", s_close);
    cr_assert_str_eq (doer_notes (), "closed TROUPE_OK");
    cr_assert (troupe_stage_peer_closed (peer));
    peer = s_connected (stage);
    doer_do (stage, "server", s_abort);
    cr_assert_str_eq (doer_notes (), "closed TROUPE_ECANCELLED");
    cr_assert (troupe_stage_peer_closed (peer));
    troupe_stage_destroy (&stage);
}

//  A peer that reads no more makes the actor's queue grow, and no more than that.
Test (stage_stream, blocked_peer_makes_the_queue_grow)
{
    troupe_stage_t *stage = s_listening_stage ();
    troupe_stage_peer_t *peer = s_connected (stage);
    troupe_stage_peer_block (peer, true);
    doer_do (stage, "server", s_write);
    doer_do (stage, "server", s_queued);
    cr_assert_str_eq (doer_notes (), "TROUPE_OK 10");
    cr_assert_str_eq (troupe_stage_peer_received (peer, NULL), "");
    troupe_stage_peer_block (peer, false);
    troupe_stage_run (stage);
    doer_do (stage, "server", s_queued);
    cr_assert_str_eq (doer_notes (), "0");
    cr_assert_str_eq (troupe_stage_peer_received (peer, NULL), "0123456789");
    troupe_stage_destroy (&stage);
}

//  A paused stream leaves the bytes with the system.
Test (stage_stream, paused_stream_reads_nothing)
{
    troupe_stage_t *stage = s_listening_stage ();
    troupe_stage_peer_t *peer = s_connected (stage);
    doer_do (stage, "server", s_pause);
    troupe_stage_peer_send (peer, "later", 5, 0);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "");
    doer_do (stage, "server", s_resume);
    cr_assert_str_eq (doer_notes (), "later");
    troupe_stage_destroy (&stage);
}

//  So does a paused listener with connections.
Test (stage_stream, paused_listener_accepts_nobody)
{
    troupe_stage_t *stage = s_listening_stage ();
    doer_do (stage, "server", s_pause_listener);
    cr_assert_not_null (troupe_stage_connect (stage, S_ADDRESS));
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "");
    doer_do (stage, "server", s_resume_listener);
    cr_assert_str_eq (doer_notes (), "accepted");
    troupe_stage_destroy (&stage);
}

//  The test can be the other side of what an actor connects to.
Test (stage_stream, actor_connects_to_the_test)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_listen (stage, S_ADDRESS);
    cr_assert_null (troupe_stage_accept (stage, S_ADDRESS));
    doer_do (stage, "client", s_connect);
    troupe_stage_peer_t *peer = troupe_stage_accept (stage, S_ADDRESS);
    cr_assert_not_null (peer);
    cr_assert_null (troupe_stage_accept (stage, S_ADDRESS), "one connection, one peer");
    cr_assert_str_eq (troupe_stage_peer_received (peer, NULL), "hi");
    troupe_stage_peer_send (peer, "ho", 2, 0);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "connected ho");
    troupe_stage_destroy (&stage);
}

//  Nobody there is an event, never an error of connecting itself.
Test (stage_stream, connecting_to_nobody_is_closed)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "client", s_connect);
    cr_assert_str_eq (doer_notes (), "closed TROUPE_EADDR");
    troupe_stage_destroy (&stage);
}

//  Two actors of one stage find each other, as an egress finds an ingress.
Test (stage_stream, actors_connect_to_each_other)
{
    troupe_stage_t *stage = s_listening_stage ();
    doer_do (stage, "client", s_connect);
    const char *notes = doer_notes ();
    bool either = strcmp (notes, "accepted connected hi hi") == 0 || strcmp (notes, "connected accepted hi hi") == 0;
    cr_assert (either, "%s", notes);
    troupe_stage_stop (stage, "client");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "end closed TROUPE_OK");
    troupe_stage_destroy (&stage);
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 1, "broken");
}

//  Open connections don't survive their incarnation; the peer is shown that.
Test (stage_stream, streams_end_with_their_incarnation)
{
    troupe_stage_t *stage = s_listening_stage ();
    troupe_stage_peer_t *peer = s_connected (stage);
    doer_do (stage, "server", s_fail);
    cr_assert (troupe_stage_peer_closed (peer));
    cr_assert_null (troupe_stage_connect (stage, S_ADDRESS));
    troupe_stage_destroy (&stage);
}

//  What two connections do mixes by the seed; each one keeps its order.
Test (stage_stream, connections_mix_by_the_seed)
{
    bool first = false, second = false;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        troupe_stage_t *stage = troupe_stage_new (seed);
        doer_new (stage, "server");
        doer_do (stage, "server", s_listen);
        doer_notes ();
        troupe_stage_peer_t *one = s_connected (stage), *two = s_connected (stage);
        troupe_stage_peer_send (one, "ab", 2, 1);
        troupe_stage_peer_send (two, "xy", 2, 1);
        troupe_stage_run (stage);
        const char *notes = doer_notes ();
        cr_assert (strchr (notes, 'a') < strchr (notes, 'b') && strchr (notes, 'x') < strchr (notes, 'y'));
        first |= notes [0] == 'a';
        second |= notes [0] == 'x';
        troupe_stage_destroy (&stage);
    }
    cr_assert (first && second);
}

//  --- Watches

static troupe_watch_t *s_watch;

static int s_on_ready (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("%d:%u", descriptor, events);
    return 0;
}

static int s_watch_77 (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_watch (self, 77, TROUPE_WATCH_READABLE, s_on_ready, NULL, &s_watch), TROUPE_OK);
    return 0;
}

S_ON_STREAM (s_unwatch, troupe_unwatch (&s_watch))

//  Any number will do: no descriptor is looked at.
Test (stage_watch, descriptor_is_ready_when_the_test_says_so)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "client", s_watch_77);
    troupe_stage_make_ready (stage, 77, TROUPE_WATCH_READABLE | TROUPE_WATCH_WRITABLE);
    troupe_stage_make_ready (stage, 78, TROUPE_WATCH_READABLE);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "77:1");
    doer_do (stage, "client", s_unwatch);
    troupe_stage_make_ready (stage, 77, TROUPE_WATCH_READABLE);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  A watch ends with its incarnation.
Test (stage_watch, watches_end_with_their_incarnation)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "client", s_watch_77);
    doer_do (stage, "client", s_fail);
    troupe_stage_make_ready (stage, 77, TROUPE_WATCH_READABLE);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}
