/*  =========================================================================
    port_stranger_test.c - what strangers send to a mailbox's port

    Place: tests/live. Strangers here have plain sockets and speak as much of
    ZMTP (ZMTP 3.0, RFC 23) as it takes to do harm. Nothing that they send may
    get in, and others are served meanwhile.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "stranger.h"
#include "troupe_world.h"

#define S_CHUNK 65536

static char s_endpoint [128];

//  A troupe whose actor "a" listens on loopback.
static troupe_t *s_listener (void)
{
    static const troupe_mailbox_options_t small = { .limit_messages = 100, .limit_bytes = 100000 };
    troupe_child_t children [] = {
        { .id = "a", .behavior = &world_doer, .listen = "tcp://127.0.0.1:*", .mailbox = small }, { .id = NULL }
    };
    troupe_t *troupe = world_with (children);
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_call_wait (troupe, "a", TROUPE_TAG_ENDPOINT, NULL, 0, WORLD_MS, &reply), TROUPE_CALL_OK);
    snprintf (s_endpoint, sizeof s_endpoint, "%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return troupe;
}

//  Others are served: from outside, and from inside.
static void s_assert_served (troupe_t *there)
{
    troupe_t *here = world_new ();
    cr_assert_str_eq (world_ask (here, s_endpoint, world_echo, 1, "outside"), "OK outside 1");
    cr_assert_str_eq (world_ask (there, "a", world_echo, 2, "inside"), "OK inside 2");
    world_end (here);
}

//  A port that is open is found, and asked for web pages.
Test (live_port_stranger, other_protocols_get_nothing)
{
    static const char request [] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    uint8_t garbage [S_CHUNK];
    troupe_t *there = s_listener ();
    for (size_t index = 0; index < sizeof garbage; index++)
        garbage [index] = (uint8_t) (index * 167 + 13);
    int web = stranger_connect (s_endpoint), noise = stranger_connect (s_endpoint);
    stranger_send (web, request, sizeof request - 1);
    send (noise, garbage, sizeof garbage, MSG_NOSIGNAL);
    s_assert_served (there);
    stranger_await_end (noise);
    stranger_await_end (web);
    world_end (there);
}

//  Scanners connect and hang up; nothing of them stays.
Test (live_port_stranger, who_only_connects_leaves_nothing)
{
    troupe_t *there = s_listener ();
    s_assert_served (there);
    size_t before = world_count ("fd");
    for (int turn = 0; turn < 100; turn++)
        close (stranger_connect (s_endpoint));
    s_assert_served (there);
    world_await_at_most ("fd", before);
    world_end (there);
}

//  A message that breaks off is no message.
Test (live_port_stranger, half_a_message_is_none)
{
    troupe_t *there = s_listener ();
    int stranger = stranger_greet (s_endpoint, "");
    stranger_send (stranger, "\x01\x03" "abc" "\0\x7Fhalf", 11);
    close (stranger);
    s_assert_served (there);
    world_end (there);
}

//  Whoever chooses its own routing id could take another's: it is not heard.
Test (live_port_stranger, a_chosen_name_is_not_heard)
{
    troupe_t *there = s_listener ();
    int first = stranger_greet (s_endpoint, "Alice"), second = stranger_greet (s_endpoint, "Alice");
    int third = stranger_greet (s_endpoint, "longer-than-five");
    stranger_send (first, "\x01\x05hello\0\x05world", 14);
    stranger_send (second, "\0\x05hello", 7);
    stranger_send (third, "\0\x05hello", 7);
    s_assert_served (there);
    close (first);
    close (second);
    close (third);
    s_assert_served (there);
    world_end (there);
}

//  Records without HELLO, and bytes that are none.
Test (live_port_stranger, who_does_not_say_hello_is_not_heard)
{
    troupe_t *there = s_listener ();
    world_hear_dead_letters (there);
    int stranger = stranger_greet (s_endpoint, "");
    stranger_send (stranger, "\0\x10\x11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
    cr_assert_str_eq (world_notes (there, 1), "dead:MALFORMED:>a");
    close (stranger);
    s_assert_served (there);
    world_end (there);
}

//  Too many frames for a packet: it is read to its end, and what follows is understood.
Test (live_port_stranger, too_many_frames_are_dropped)
{
    uint8_t frames [3 * 1100];
    troupe_t *there = s_listener ();
    int stranger = stranger_greet (s_endpoint, "");
    for (size_t index = 0; index < sizeof frames; index += 3)
        memcpy (frames + index, index + 3 < sizeof frames ? "\x01\x01x" : "\0\x01x", 3);
    stranger_send (stranger, frames, sizeof frames);
    s_assert_served (there);
    close (stranger);
    world_end (there);
}

//  A message without an end would fill the memory, and never be seen.
Test (live_port_stranger, a_message_without_an_end_is_cut_off)
{
    troupe_t *there = s_listener ();
    int stranger = stranger_greet (s_endpoint, "");
    stranger_sends_for_ever (stranger);
    close (stranger);
    s_assert_served (there);
    world_end (there);
}
