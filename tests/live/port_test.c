/*  =========================================================================
    port_test.c - actors that other programs reach, over ipc and tcp

    Place: tests/live. Two troupes in one process are as far apart as two
    programs: what one asks of the other goes through the system's sockets.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "troupe_world.h"

static char s_folder [64];

//  A path of the test's own.
static const char *s_path (const char *name)
{
    static char endpoint [128];
    if (!*s_folder) {
        const char *folder = getenv ("TMPDIR");
        snprintf (s_folder, sizeof s_folder, "%.40s/port-XXXXXX", folder ? folder : P_tmpdir);
        cr_assert_not_null (mkdtemp (s_folder));
    }
    snprintf (endpoint, sizeof endpoint, "ipc://%s/%s", s_folder, name);
    return endpoint;
}

static void s_clean (void)
{
    char command [128];
    snprintf (command, sizeof command, "rm -rf %s", s_folder);
    cr_assert_eq (system (command), 0);
}

//  A troupe with an actor "a" that listens.
static troupe_t *s_listener (const char *listen)
{
    troupe_child_t children [] = { { .id = "a", .behavior = &world_doer, .listen = listen }, { .id = NULL } };
    return world_with (children);
}

static const char *s_endpoint (troupe_t *troupe)
{
    static char endpoint [128];
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_call_wait (troupe, "a", TROUPE_TAG_ENDPOINT, NULL, 0, WORLD_MS, &reply), TROUPE_CALL_OK);
    snprintf (endpoint, sizeof endpoint, "%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return endpoint;
}

//  The promise: the same call, elsewhere.
Test (live_port, answers_over_tcp)
{
    troupe_t *there = s_listener ("tcp://127.0.0.1:*"), *here = world_new ();
    cr_assert_str_eq (world_ask (here, s_endpoint (there), world_echo, 7, "hello"), "OK hello 7");
    cr_assert_str_eq (world_ask (here, s_endpoint (there), world_fail, 0, NULL), "FAILED told to");
    cr_assert_str_eq (world_ask (here, s_endpoint (there), world_echo, 8, "again"), "OK again 8");
    world_end (here);
    world_end (there);
}

Test (live_port, answers_over_ipc)
{
    troupe_t *there = s_listener (s_path ("a")), *here = world_new ();
    cr_assert_str_eq (world_ask (here, s_path ("a"), world_echo, 7, "hello"), "OK hello 7");
    cr_assert_str_eq (world_ask (there, "a", world_echo, 8, "inside"), "OK inside 8");
    world_end (here);
    world_end (there);
    s_clean ();
}

//  Programs are not started in order: what is asked before anybody is there waits for him.
Test (live_port, a_call_waits_for_who_comes_later)
{
    troupe_t *here = world_new ();
    world_call (here, s_path ("a"), world_echo, 1, "early", WORLD_MS);
    troupe_t *there = s_listener (s_path ("a"));
    cr_assert_str_eq (world_notes (here, 1), "OK:early 1");
    world_end (here);
    world_end (there);
    s_clean ();
}

static void s_monitor (troupe_t *troupe, const char *endpoint)
{
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), endpoint);
    cr_assert_eq (troupe_monitor (ref, world_on_down, NULL, NULL), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
}

//  A call that may be made twice, since it may go to one who is just ending.
static void s_ask_again (troupe_t *troupe, const char *endpoint, const char *text)
{
    world_word_t word = { .fn = world_echo, .number = 2 };
    snprintf (word.text, sizeof word.text, "%s", text);
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), endpoint);
    cr_assert_eq (troupe_call_idempotent (ref, 0, &word, sizeof word, WORLD_MS, world_on_reply, NULL, NULL), TROUPE_OK);
}

//  An end is told over a connection as it is within a program; and a ref is good again once there is somebody again.
Test (live_port, an_end_is_told_and_the_ref_comes_back)
{
    troupe_t *there = s_listener (s_path ("a")), *here = world_new ();
    s_monitor (here, s_path ("a"));
    world_call (here, s_path ("a"), world_defer, 1, "kept", WORLD_MS);
    cr_assert_str_eq (world_ask (here, s_path ("a"), world_echo, 1, "one"), "OK one 1");
    world_end (there);
    cr_assert_str_eq (world_notes (here, 2), "FAILED:shut down down:SHUTDOWN");
    there = s_listener (s_path ("a"));
    s_ask_again (here, s_path ("a"), "two");
    cr_assert_str_eq (world_notes (here, 1), "OK:two 2");
    world_end (here);
    world_end (there);
    s_clean ();
}

//  --- Endpoints that cannot be used

//  What a start says of it: the reason of the child, as the root's cause.
static const char *s_refusal (const char *listen)
{
    static char text [512];
    troupe_child_t children [] = { { .id = "a", .behavior = &world_doer, .listen = listen }, { .id = NULL } };
    troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = world_new ();
    cr_assert_neq (troupe_start (troupe, &root, WORLD_MS), TROUPE_OK);
    const troupe_reason_t *reason = troupe_exit_reason (troupe);
    cr_assert_not_null (reason);
    while (reason->cause)
        reason = reason->cause;
    snprintf (text, sizeof text, "%d %s", reason->code, reason->text);
    troupe_destroy (&troupe);
    return text;
}

static void s_assert_refused (const char *listen, troupe_error_t error, const char *words)
{
    char expected [512];
    snprintf (expected, sizeof expected, "%d %.80s: %s", (int) error, listen, words);
    cr_expect_str_eq (s_refusal (listen), expected);
}

//  libzmq would take a live path away from its owner without a word.
Test (live_port, a_path_where_somebody_listens_is_taken)
{
    troupe_t *there = s_listener (s_path ("a")), *here = world_new ();
    s_assert_refused (s_path ("a"), TROUPE_EADDRINUSE, "somebody listens there");
    cr_assert_str_eq (world_ask (here, s_path ("a"), world_echo, 1, "still"), "OK still 1");
    world_end (here);
    world_end (there);
    s_clean ();
}

//  libzmq would remove a file that lies there.
Test (live_port, a_file_in_the_way_is_left_alone)
{
    const char *path = s_path ("file") + 6;
    FILE *file = fopen (path, "w");
    cr_assert_not_null (file);
    fclose (file);
    s_assert_refused (s_path ("file"), TROUPE_EADDRINUSE, "something else than a socket is there");
    cr_assert_eq (access (path, F_OK), 0);
    s_clean ();
}

static void s_tell_crew (troupe_t *troupe, uint16_t tag)
{
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_call_wait (troupe, "crew", tag, "a", 1, WORLD_MS, &reply), TROUPE_CALL_OK);
    troupe_message_destroy (&reply);
}

//  Who stops an actor can start it again at once: libzmq lets addresses go on a thread of its own, a little later.
Test (live_port, an_address_is_free_once_its_actor_has_ended)
{
    char endpoint [128];
    troupe_t *there = s_listener ("tcp://127.0.0.1:*");
    snprintf (endpoint, sizeof endpoint, "%s", s_endpoint (there));
    world_end (there);
    const troupe_child_t members [] = { { .id = "a", .behavior = &world_doer, .listen = endpoint }, { .id = NULL } };
    const troupe_supervisor_t crew = { .children = members };
    const troupe_child_t children [] = { { .id = "crew", .supervisor = &crew }, { .id = NULL } };
    there = world_with (children);
    for (int time = 0; time < 200; time++) {
        s_tell_crew (there, TROUPE_SUPERVISOR_STOP_CHILD);
        s_tell_crew (there, TROUPE_SUPERVISOR_RESTART_CHILD);
    }
    world_end (there);
}

//  A typing error is told at once, and in words.
Test (live_port, what_cannot_be_listened_at_is_said_in_words)
{
    char taken [128], longest [160] = "ipc:///nowhere";
    troupe_t *there = s_listener ("tcp://127.0.0.1:*");
    snprintf (taken, sizeof taken, "%s", s_endpoint (there));
    memset (longest + 14, 'x', 110);
    s_assert_refused (taken, TROUPE_EADDRINUSE, "the address is in use");
    s_assert_refused ("tcp://127.0.0.1", TROUPE_EINVAL, "it is not tcp://HOST:PORT");
    s_assert_refused ("tcp://127.0.0.1:70000", TROUPE_EINVAL, "it is not tcp://HOST:PORT");
    s_assert_refused ("ipc://@name", TROUPE_EINVAL, "every local user could open a name without a file");
    s_assert_refused (longest, TROUPE_EINVAL, "the path has more than 107 bytes");
    s_assert_refused ("ipc:///nowhere/at/all", TROUPE_EADDR, "there is no such folder");
    s_assert_refused ("inproc://a", TROUPE_EINVAL, "it is neither ipc:// nor tcp://");
    world_end (there);
}

//  A ref to it too.
Test (live_port, a_malformed_endpoint_is_refused_to_a_cast)
{
    troupe_t *here = world_new ();
    cr_assert_eq (troupe_cast_now (here, "tcp://127.0.0.1", 0, "", 0), TROUPE_EINVAL);
    cr_assert_eq (troupe_cast_now (here, "tcp://127.0.0.1:0", 0, "", 0), TROUPE_EINVAL);
    cr_assert_eq (troupe_cast_now (here, "udp://127.0.0.1:5", 0, "", 0), TROUPE_EINVAL);
    world_end (here);
}
