/*  =========================================================================
    words_test.c - what went wrong is said in words, and once

    Place: tests/stage, of core/cell/cell_words.c: an error of zmq_socket.h or
    stream.h is either the reason that an actor fails for, or a line of the log.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe.h>

#define S_SEED 5
#define S_TAKEN "tcp://127.0.0.1:1"
#define S_WORDS "a PULL socket cannot bind " S_TAKEN ": the address is in use"
#define S_LOGGED "ERROR binder#1: " S_WORDS

static int s_ignore (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                     size_t count, void *context)
{
    (void) self, (void) state, (void) socket, (void) frames, (void) count, (void) context;
    return 0;
}

static troupe_error_t s_bind (troupe_actor_t *self, const char *endpoint)
{
    troupe_zmq_t *socket = NULL;
    troupe_error_t error = troupe_zmq_open (self, TROUPE_ZMQ_PULL, NULL, s_ignore, NULL, &socket);
    return error ? error : troupe_zmq_bind (socket, endpoint);
}

static int s_stream (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                     void *context)
{
    (void) self, (void) state, (void) stream, (void) event, (void) context;
    return 0;
}

static troupe_error_t s_listen (troupe_actor_t *self, const char *address)
{
    troupe_listener_t *listener = NULL;
    return troupe_listen (self, address, NULL, s_stream, NULL, &listener);
}

//  What would be dangerous.
static troupe_error_t s_beat (troupe_actor_t *self)
{
    const troupe_zmq_options_t options = { .heartbeat_ms = 1000 };
    troupe_zmq_t *socket = NULL;
    return troupe_zmq_open (self, TROUPE_ZMQ_PULL, &options, s_ignore, NULL, &socket);
}

//  What it does with the error of a bind is what it is told.
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    const char *how = troupe_message_text (message);
    if (strcmp (how, "listens") == 0)
        return troupe_fail_error (self, s_listen (self, "127.0.0.1:2"), "127.0.0.1:2");
    if (strcmp (how, "beats") == 0)
        return troupe_fail_error (self, s_beat (self), "the edge");
    troupe_error_t error = s_bind (self, S_TAKEN);
    if (strcmp (how, "hands on") == 0)
        return (int) error;
    if (strcmp (how, "goes on") == 0)
        return (int) troupe_reply (self, message, "", 0);
    if (strcmp (how, "has words") == 0)
        return troupe_fail (self, 1, "its own words");
    if (strcmp (how, "other error") == 0)
        return troupe_fail_error (self, TROUPE_ENOMEM, "something else");
    return troupe_fail_error (self, error, how);
}

static const troupe_behavior_t s_binder = { .name = "binder", .receive = s_receive };

static int s_take (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p, (void) args, (void) args_size;
    return s_bind (self, S_TAKEN) || s_listen (self, "127.0.0.1:2");
}

static const troupe_behavior_t s_taker = { .name = "taker", .start = s_take };

//  A binder that has been told so, after somebody else has taken the endpoints.
static troupe_stage_t *s_tell (const char *how)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (troupe_stage_spawn (stage, &s_taker, NULL), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn (stage, &s_binder, NULL), TROUPE_OK);
    troupe_stage_call (stage, "binder", how);
    troupe_stage_run (stage);
    return stage;
}

static void s_expect (const char *how, const char *reason, bool logged)
{
    troupe_stage_t *stage = s_tell (how);
    cr_expect_str_eq (troupe_stage_reason (stage, "binder")->text, reason);
    cr_expect_eq (strstr (troupe_stage_log (stage), S_LOGGED) != NULL, logged, "%s:\n%s", how,
                  troupe_stage_log (stage));
    troupe_stage_destroy (&stage);
}

//  Where, and why, each once: whoever reads the line needs no other.
Test (words, are_the_reason_of_who_fails_with_the_error)
{
    s_expect (S_TAKEN, S_TAKEN ": the address is in use", false);
    s_expect ("127.0.0.1:1", "127.0.0.1:1: the address is in use", false);
    s_expect ("listens", "127.0.0.1:2: the address is in use", false);
}

//  An option that looks harmless is not just "invalid".
Test (words, say_why_heartbeats_cannot_be)
{
    s_expect ("beats", "the edge: a PULL socket cannot have heartbeats: with a receive limit, a peer could end the "
                       "program", false);
}

//  Who does not say where gets that too.
Test (words, say_where_when_the_actor_does_not)
{
    s_expect ("the door", "the door: " S_WORDS, false);
    s_expect ("hands on", S_WORDS, false);
}

//  What nobody fails with would be lost.
Test (words, are_logged_when_nobody_fails_with_them)
{
    s_expect ("has words", "its own words", true);
    s_expect ("other error", "something else: out of memory", true);
    troupe_stage_t *stage = s_tell ("goes on");
    cr_assert_null (troupe_stage_reason (stage, "binder"));
    const char *line = strstr (troupe_stage_log (stage), S_LOGGED);
    cr_assert_not_null (line);
    cr_assert_null (strstr (line + 1, S_LOGGED));
    troupe_stage_destroy (&stage);
}

//  A reason has room for 127 bytes: what is cut off it is in the log.
Test (words, are_logged_when_they_do_not_fit)
{
    char what [120], reason [160];
    snprintf (what, sizeof what, "%0118d", 1);
    snprintf (reason, sizeof reason, "%s: a PULL ", what);
    reason [127] = '\0';
    s_expect (what, reason, true);
}
