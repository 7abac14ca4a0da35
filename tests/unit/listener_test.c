/*  =========================================================================
    listener_test.c - listening, connecting, and what outlives a restart

    Place: tests/unit, of runtime/core/stream/listener.c, address.c and watch.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "stream_world.h"

static int s_end_listening (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) stream;
    troupe_listener_t *listener = world->cell->listeners;
    if (event->kind == TROUPE_STREAM_ACCEPTED)
        troupe_listener_close (&listener);
    return 0;
}

static int s_pause_listening (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) stream;
    if (event->kind == TROUPE_STREAM_ACCEPTED)
        troupe_listener_pause (world->cell->listeners);
    return 0;
}

//  Every spelling of an address is one of these, or is refused before any system call.
Test (address, forms_that_are_taken_and_refused)
{
    static const struct {
        const char *given, *text;
    } cases [] = {
        { "tcp://127.0.0.1:8080", "127.0.0.1:8080" },
        { "127.0.0.1:0", "127.0.0.1:0" },
        { "localhost:65535", "localhost:65535" },
        { "*:80", "0.0.0.0:80" },
        { "[::1]:80", "[::1]:80" },
        { "tcp://[fe80::1%eth0]:80", "[fe80::1%eth0]:80" },
        { "unix:///run/a.sock", "unix:///run/a.sock" },
        { NULL, NULL }, { "", NULL }, { "80", NULL }, { ":80", NULL }, { "host:", NULL }, { "host:65536", NULL },
        { "host:99999999999999999999", NULL }, { "host:-1", NULL }, { "host: 80", NULL }, { "host:80 ", NULL },
        { "ho st:80", NULL }, { "::1:80", NULL }, { "[::1]", NULL }, { "[::1]80", NULL }, { "[]:80", NULL },
        { "unix://relative", NULL }, { "unix:///", NULL }, { "http://host:80", NULL }, { "tcp://", NULL },
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases [0]; index++) {
        troupe_stream_address_t address;
        cr_assert_eq (troupe_stream_address_parse (&address, cases [index].given), cases [index].text != NULL,
                      "%s", cases [index].given);
        if (cases [index].text)
            cr_assert_str_eq (address.text, cases [index].text);
    }
}

//  A path that the system would cut would be somebody else's.
Test (address, longest_path_is_the_systems)
{
    char text [sizeof "unix://" + TROUPE_ADDRESS_PATH_MAX + 1] = "unix:///";
    troupe_stream_address_t address;
    for (size_t place = 8; place < 7 + TROUPE_ADDRESS_PATH_MAX; place++)
        text [place] = 'a';
    cr_assert (troupe_stream_address_parse (&address, text));
    cr_assert_str_eq (address.text, text);
    text [7 + TROUPE_ADDRESS_PATH_MAX] = 'a';
    cr_assert_not (troupe_stream_address_parse (&address, text));
}

//  A restart must not refuse a single connection: the socket stays, and is taken over by its address.
Test (listener, next_incarnation_takes_the_socket_over)
{
    stream_world_t *world = stream_world_new (true);
    stream_world_listen (world, NULL);
    troupe_exit (world->cell);
    troupe_cell_enter (world->cell);
    cr_assert_not (troupe_cell_leave (world->cell, 0));
    cr_assert_str_eq (stream_world_story (world), "<listen 127.0.0.1:80> <accepts not> ENDED");
    stream_world_restart (world);
    stream_world_listen (world, NULL);
    cr_assert_str_eq (stream_world_story (world), "<accepts>");
    troupe_listener_t *second = NULL;
    cr_assert_eq (troupe_listen (world->cell, "127.0.0.1:81", NULL, stream_world_on_event, NULL, &second), TROUPE_OK);
    cr_assert_str_eq (stream_world_story (world), "<listen 127.0.0.1:81>");
    stream_world_destroy (&world);
}

//  Nothing stays open that nobody wants any more.
Test (listener, unclaimed_socket_is_closed_at_the_final_end)
{
    stream_world_t *world = stream_world_new (false);
    stream_world_listen (world, NULL);
    stream_world_story (world);
    troupe_cell_shut_down (world->cell);
    cr_assert_str_eq (stream_world_story (world), "<accepts not> <unlisten>");
    stream_world_destroy (&world);
}

//  An error leaves nothing behind, and the pointer as it was.
Test (listener, failed_listen_leaves_nothing)
{
    stream_world_t *world = stream_world_new (false);
    troupe_listener_t *listener = NULL;
    world->listen_error = TROUPE_EADDRINUSE;
    cr_assert_eq (troupe_listen (world->cell, "a:1", NULL, stream_world_on_event, NULL, &listener), TROUPE_EADDRINUSE);
    cr_assert_eq (troupe_listen (world->cell, "a", NULL, stream_world_on_event, NULL, &listener), TROUPE_EINVAL);
    cr_assert_eq (troupe_listen (world->cell, "a:1", &(troupe_stream_options_t) { .backlog = -1 },
                                 stream_world_on_event, NULL, &listener), TROUPE_EINVAL);
    cr_assert_null (listener);
    cr_assert_null (world->cell->listeners);
    stream_world_destroy (&world);
}

//  The user shuts the door in the face of the next one, from within the callback for this one.
Test (listener, closing_or_pausing_while_accepting_stops_the_host)
{
    stream_world_t *world = stream_world_new (false);
    troupe_listener_t *listener = stream_world_listen (world, NULL);
    world->react = s_pause_listening;
    cr_assert_not (troupe_stream_accepted (listener, troupe_listener_stream (listener, world)));
    cr_assert_null (troupe_listener_stream (listener, world), "paused");
    troupe_listener_resume (listener);
    world->react = s_end_listening;
    cr_assert_not (troupe_stream_accepted (listener, troupe_listener_stream (listener, world)));
    cr_assert_str_eq (stream_world_story (world),
                      "<listen 127.0.0.1:80> accepted <accepts not> <accepts> accepted <unlisten>");
    stream_world_destroy (&world);
}

//  What is written before the connection stands leaves right after it does.
Test (connect, writes_wait_for_the_connection)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = NULL;
    cr_assert_eq (troupe_connect (world->cell, "unix:///a", NULL, stream_world_on_event, NULL, &stream), TROUPE_OK);
    troupe_stream_write (stream, "hello", 5);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<connect unix:///a 10000>");
    cr_assert (troupe_stream_connected (stream));
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "connected <send 5>");
    stream_world_destroy (&world);
}

//  A connection that fails ends as any other, with the error; one that cannot begin leaves nothing.
Test (connect, failure_is_closed_or_an_error)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = NULL;
    cr_assert_eq (troupe_connect (world->cell, "a:1", &(troupe_stream_options_t) { .connect_timeout_ms = 50 },
                                  stream_world_on_event, NULL, &stream), TROUPE_OK);
    troupe_stream_lost (stream, TROUPE_ETIMEOUT);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<connect a:1 50> <close> closed:ETIMEOUT");
    world->connect_error = TROUPE_EADDR;
    stream = NULL;
    cr_assert_eq (troupe_connect (world->cell, "a:1", NULL, stream_world_on_event, NULL, &stream), TROUPE_EADDR);
    cr_assert_eq (troupe_connect (world->cell, "a:0", NULL, stream_world_on_event, NULL, &stream), TROUPE_EINVAL);
    cr_assert_null (stream);
    cr_assert_null (world->cell->streams);
    stream_world_destroy (&world);
}

//  Closing a connection that does not stand yet: at once, or with what is queued, once it stands.
Test (connect, closing_while_connecting)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = NULL;
    cr_assert_eq (troupe_connect (world->cell, "a:1", NULL, stream_world_on_event, NULL, &stream), TROUPE_OK);
    troupe_stream_close (stream);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<connect a:1 10000> <close> closed:OK");
    cr_assert_eq (troupe_connect (world->cell, "a:1", NULL, stream_world_on_event, NULL, &stream), TROUPE_OK);
    troupe_stream_write (stream, "abc", 3);
    troupe_stream_close (stream);
    stream_world_turn (world);
    cr_assert_not (troupe_stream_connected (stream));
    stream_world_turn (world);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world),
                      "<connect a:1 10000> <stop reading> <send 3> <close> closed:OK");
    stream_world_destroy (&world);
}

//  For logs; asked for once, and kept.
Test (stream, peer_is_known_and_context_is_the_users)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    cr_assert_str_eq (troupe_stream_peer (stream), "10.0.0.1:5000");
    troupe_stream_set_context (stream, world);
    cr_assert_eq (troupe_stream_context (stream), world);
    troupe_stream_abort (stream);
    cr_assert_str_eq (troupe_stream_peer (stream), "10.0.0.1:5000");
    stream_world_destroy (&world);
}

static int s_watch_calls;

static int s_unwatch_itself (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self;
    (void) state;
    cr_assert_eq (descriptor, 5);
    cr_assert_eq (events, TROUPE_WATCH_READABLE);
    s_watch_calls++;
    troupe_unwatch (context);
    return 0;
}

static int s_fail_watching (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self;
    (void) state;
    (void) descriptor;
    (void) events;
    (void) context;
    return 1;
}

//  A watch may end itself in its callback, and ends with its incarnation.
Test (watch, ends_itself_or_with_its_incarnation)
{
    stream_world_t *world = stream_world_new (true);
    troupe_watch_t *watch = NULL, *other = NULL;
    cr_assert_eq (troupe_watch (world->cell, 5, TROUPE_WATCH_READABLE, s_unwatch_itself, &watch, &watch), TROUPE_OK);
    cr_assert_eq (troupe_watch (world->cell, 5, TROUPE_WATCH_WRITABLE, s_fail_watching, NULL, &other), TROUPE_EINVAL);
    cr_assert_eq (troupe_watch (world->cell, 6, 0, s_fail_watching, NULL, &other), TROUPE_EINVAL);
    cr_assert (troupe_watch_ready (watch, TROUPE_WATCH_READABLE));
    cr_assert_null (watch);
    cr_assert_eq (s_watch_calls, 1);
    cr_assert_eq (troupe_watch (world->cell, 5, TROUPE_WATCH_READABLE, s_unwatch_itself, &watch, &watch), TROUPE_OK);
    cr_assert_eq (troupe_watch (world->cell, 6, TROUPE_WATCH_READABLE, s_fail_watching, NULL, &other), TROUPE_OK);
    troupe_watch_ready (other, TROUPE_WATCH_READABLE);
    cr_assert_eq (world->cell->cell_state, TROUPE_CELL_ENDED);
    cr_assert_null (world->cell->watches);
    cr_assert_str_eq (stream_world_story (world),
                      "<watch 5> <unwatch 5> <watch 5> <watch 6> <unwatch 6> <unwatch 5> ENDED");
    stream_world_destroy (&world);
}
