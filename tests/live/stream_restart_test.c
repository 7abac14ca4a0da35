/*  =========================================================================
    stream_restart_test.c - the world outside does not notice a restart

    Place: tests/live, of streams on the whole runtime, with threads.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <troupe.h>

#include "live/stream/resolve.h"

#define S_WHERE 1
#define S_FAIL 2

static int s_on_event (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    if (event->kind == TROUPE_STREAM_BYTES) {
        event->consumed = event->size;
        troupe_stream_write (stream, event->data, event->size);
    }
    else if (event->kind == TROUPE_STREAM_END)
        troupe_stream_close (stream);
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    troupe_listener_t *listener = NULL;
    troupe_error_t error = troupe_listen (self, "127.0.0.1:0", NULL, s_on_event, NULL, &listener);
    if (error)
        return troupe_fail_error (self, error, "listen");
    *state_p = listener;
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    if (troupe_message_tag (message) == S_FAIL)
        return troupe_fail (self, 1, "on purpose");
    return troupe_replyf (self, message, "%s", troupe_listener_address (state));
}

static const troupe_behavior_t s_echo = { .name = "echo", .start = s_start, .receive = s_receive };

static const troupe_child_t s_children [] = { { .id = "echo", .behavior = &s_echo }, { 0 } };

static const troupe_supervisor_t s_root = { .children = s_children };

//  A connection to where the actor says it listens; reading gives up after ten seconds.
static int s_connect (troupe_t *troupe, char *where, size_t size)
{
    troupe_message_t *reply = NULL;
    troupe_stream_address_t address;
    troupe_resolved_t resolved;
    cr_assert_eq (troupe_call_wait (troupe, "echo", S_WHERE, NULL, 0, 10000, &reply), TROUPE_CALL_OK);
    cr_assert_lt (troupe_message_size (reply), size);
    strcpy (where, troupe_message_text (reply));
    troupe_message_destroy (&reply);
    cr_assert (troupe_stream_address_parse (&address, where));
    cr_assert_eq (troupe_resolve (&address, &resolved), TROUPE_OK);
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq (connect (fd, &resolved.addresses [0].any, resolved.addresses [0].size), 0);
    setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval) { .tv_sec = 10 }, sizeof (struct timeval));
    return fd;
}

static void s_expect_echo (int fd, const char *text)
{
    char answer [64] = "";
    cr_assert_eq (send (fd, text, strlen (text), 0), (ssize_t) strlen (text));
    cr_assert_eq (recv (fd, answer, strlen (text), MSG_WAITALL), (ssize_t) strlen (text));
    cr_assert_str_eq (answer, text);
}

//  An actor behind a port fails: connections break, the port stays, and who connects next is served.
Test (stream_restart, port_outlives_the_incarnation)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, NULL);
    char first [64], second [64], byte;
    cr_assert_not_null (troupe);
    cr_assert_eq (troupe_start (troupe, &s_root, 10000), TROUPE_OK);
    int before = s_connect (troupe, first, sizeof first);
    s_expect_echo (before, "hello");
    cr_assert_eq (troupe_call_wait (troupe, "echo", S_FAIL, NULL, 0, 10000, NULL), TROUPE_CALL_FAILED);
    cr_assert_leq (recv (before, &byte, 1, 0), 0);
    int after = s_connect (troupe, second, sizeof second);
    cr_assert_str_eq (first, second);
    s_expect_echo (after, "hello again");
    close (before);
    close (after);
    cr_assert_eq (troupe_stop (troupe, 10000), TROUPE_OK);
    troupe_destroy (&troupe);
}

//  Who is connected while the actor stops sees the end at once, and the port is free.
Test (stream_restart, stopping_frees_the_port)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, NULL);
    char where [64], byte;
    cr_assert_not_null (troupe);
    cr_assert_eq (troupe_start (troupe, &s_root, 10000), TROUPE_OK);
    int peer = s_connect (troupe, where, sizeof where);
    s_expect_echo (peer, "hello");
    cr_assert_eq (troupe_stop (troupe, 10000), TROUPE_OK);
    cr_assert_eq (recv (peer, &byte, 1, 0), 0);
    close (peer);
    troupe_stream_address_t address;
    troupe_resolved_t resolved;
    cr_assert (troupe_stream_address_parse (&address, where));
    cr_assert_eq (troupe_resolve (&address, &resolved), TROUPE_OK);
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq (connect (fd, &resolved.addresses [0].any, resolved.addresses [0].size), -1);
    close (fd);
    troupe_destroy (&troupe);
}
