/*  =========================================================================
    adopt_thread_test - czmq actor functions on threads that are joined

    Place: tests/unit, of runtime/live/adopt/adopt_thread.c. No troupe is needed.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include "live/adopt/adopt_thread.h"

static troupe_adopt_thread_t *s_begin (troupe_zactor_fn *function, void *args)
{
    const troupe_adopted_t adopted = { .function = function, .args = args };
    troupe_adopt_thread_t *thread = NULL;
    cr_assert_eq (troupe_adopt_thread_new (&thread, &adopted, "adopted-function"), TROUPE_OK);
    return thread;
}

static void s_begin_ready (troupe_adopt_thread_t **thread_p, troupe_zactor_fn *function, void *args)
{
    int status = -1;
    *thread_p = s_begin (function, args);
    cr_assert_eq (troupe_adopt_thread_wait (*thread_p, 5000, &status), TROUPE_OK);
    cr_assert_eq (status, 0);
}

//  Sends and waits for the next message; the text lives until the one after it.
static const char *s_ask (troupe_adopt_thread_t *thread, const char *text, int *status_p)
{
    troupe_adopt_answer_t answer;
    cr_assert_eq (troupe_adopt_thread_send (thread, text, strlen (text)), TROUPE_OK);
    zmq_pollitem_t item = { .fd = troupe_adopt_thread_mail_descriptor (thread), .events = ZMQ_POLLIN };
    while (troupe_adopt_thread_receive (thread, &answer) == TROUPE_ENOENT)
        cr_assert_eq (zmq_poll (&item, 1, 5000), 1, "no answer");
    *status_p = answer.status;
    return answer.text;
}

//  Answers with what it gets, until $TERM.
static void s_echo (void *pipe, void *args)
{
    (void) args;
    zsock_signal (pipe, 0);
    bool ended = false;
    while (!ended) {
        zmsg_t *message = zmsg_recv (pipe);
        zframe_t *first = zmsg_first (message);
        ended = zframe_streq (first, "$TERM");
        if (ended)
            zmsg_destroy (&message);
        else
            zmsg_send (&message, pipe);
    }
}

//  Lines and frames are the same thing on the two sides.
Test (adopt_thread, lines_are_frames_both_ways, .timeout = 20)
{
    troupe_adopt_thread_t *thread;
    int status;
    s_begin_ready (&thread, s_echo, NULL);
    cr_assert_str_eq (s_ask (thread, "one", &status), "one");
    cr_assert_str_eq (s_ask (thread, "one\ntwo\n\nfour", &status), "one\ntwo\n\nfour");
    cr_assert_str_eq (s_ask (thread, "ended by a line end\n", &status), "ended by a line end");
    cr_assert_eq (status, -1);
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);
    cr_assert_null (thread);
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);
}

//  The functions that czmq brings are what people want to adopt.
Test (adopt_thread, functions_of_czmq_begin_answer_and_end, .timeout = 20)
{
    troupe_adopt_thread_t *thread;
    int status;
    s_begin_ready (&thread, (troupe_zactor_fn *) zauth, NULL);
    s_ask (thread, "ALLOW\n127.0.0.1", &status);
    cr_assert_eq (status, 0, "a signal");
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);

    s_begin_ready (&thread, (troupe_zactor_fn *) zproxy, NULL);
    s_ask (thread, "FRONTEND\nPULL\ninproc://adopt-front", &status);
    cr_assert_eq (status, 0);
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);

    s_begin_ready (&thread, (troupe_zactor_fn *) zbeacon, NULL);
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);
    s_begin_ready (&thread, (troupe_zactor_fn *) zgossip, (void *) "node");
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);
}

static void s_refuses (void *pipe, void *args)
{
    (void) args;
    zsock_signal (pipe, 7);
}

static void s_returns (void *pipe, void *args)
{
    (void) args;
    zstr_send (pipe, "no signal");
}

static void s_hangs (void *pipe, void *args)
{
    (void) pipe;
    char byte;
    if (read (*(int *) args, &byte, 1) == 1)
        zsock_signal (pipe, 0);
}

//  zactor_new throws the status away, and waits for ever for one that does not come.
Test (adopt_thread, a_start_that_fails_says_so, .timeout = 20)
{
    int status = -1;
    troupe_adopt_thread_t *thread = s_begin (s_refuses, NULL);
    cr_assert_eq (troupe_adopt_thread_wait (thread, 5000, &status), TROUPE_OK);
    cr_assert_eq (status, 7);
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);

    thread = s_begin (s_returns, NULL);
    cr_assert_eq (troupe_adopt_thread_wait (thread, 5000, &status), TROUPE_EFAILED);
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);
}

//  A hung function must not hang its actor too.
Test (adopt_thread, a_function_that_hangs_is_waited_for_no_longer_than_agreed, .timeout = 20)
{
    int ends [2];
    int status = -1;
    cr_assert_eq (pipe (ends), 0);
    troupe_adopt_thread_t *thread = s_begin (s_hangs, &ends [0]);
    cr_assert_eq (troupe_adopt_thread_wait (thread, 10, &status), TROUPE_ETIMEOUT);
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 10), TROUPE_ETIMEOUT);
    cr_assert_null (thread);
}

//  Reads nothing until there is a byte to be read, and then ends like any other.
static void s_dozes (void *pipe, void *args)
{
    char byte;
    zsock_signal (pipe, 0);
    if (read (*(int *) args, &byte, 1) == 1)
        s_echo (pipe, NULL);
}

//  zactor_destroy loses $TERM when the pipe is full, and the thread lives on.
Test (adopt_thread, a_full_pipe_is_an_error_and_keeps_nobody_from_ending, .timeout = 20)
{
    int ends [2];
    cr_assert_eq (pipe (ends), 0);
    troupe_adopt_thread_t *thread;
    s_begin_ready (&thread, s_dozes, &ends [0]);
    troupe_error_t error = TROUPE_OK;
    int sent = -1;
    for (; !error; sent++)
        error = troupe_adopt_thread_send (thread, "a\nb", 3);
    cr_assert_eq (error, TROUPE_EFULL);
    cr_assert_gt (sent, 100);
    cr_assert_eq (write (ends [1], "x", 1), 1);
    cr_assert_eq (troupe_adopt_thread_destroy (&thread, 5000), TROUPE_OK);
}
