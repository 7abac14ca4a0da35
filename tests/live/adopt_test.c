/*  =========================================================================
    adopt_test - czmq's own actors as children of a troupe

    Place: tests/live, of runtime/live/adopt/adopt.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include <troupe.h>

#define WAIT_MS 10000

//  Answers with what it gets; returns by itself at QUIT, says something unasked at TALK.
static void s_echo (void *pipe, void *args)
{
    (void) args;
    zsock_signal (pipe, 0);
    bool ended = false;
    while (!ended) {
        zmsg_t *message = zmsg_recv (pipe);
        zframe_t *first = zmsg_first (message);
        ended = zframe_streq (first, "$TERM") || zframe_streq (first, "QUIT");
        if (zframe_streq (first, "REFUSE"))
            zsock_signal (pipe, 7);
        else if (!ended)
            zmsg_send (&message, pipe);
        zmsg_destroy (&message);
    }
}

static void s_refuse (void *pipe, void *args)
{
    (void) args;
    zsock_signal (pipe, 9);
}

static const troupe_adopted_t auth = { .function = (troupe_zactor_fn *) zauth };
static const troupe_adopted_t proxy = { .function = (troupe_zactor_fn *) zproxy };
static const troupe_adopted_t beacon = { .function = (troupe_zactor_fn *) zbeacon };
static const troupe_adopted_t echo = { .function = s_echo };
static const troupe_adopted_t refuse = { .function = s_refuse };
static const troupe_behavior_t auth_behavior = TROUPE_ADOPT ("auth", &auth);
static const troupe_behavior_t proxy_behavior = TROUPE_ADOPT ("proxy", &proxy);
static const troupe_behavior_t beacon_behavior = TROUPE_ADOPT ("beacon", &beacon);
static const troupe_behavior_t echo_behavior = TROUPE_ADOPT ("echo", &echo);
static const troupe_behavior_t refuse_behavior = TROUPE_ADOPT ("refuse", &refuse);

static troupe_t *s_new (void)
{
    troupe_error_t error = TROUPE_OK;
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, &error);
    cr_assert_not_null (troupe, "%s", troupe_error_text (error));
    return troupe;
}

static troupe_t *s_start (const troupe_supervisor_t *root)
{
    troupe_t *troupe = s_new ();
    troupe_error_t error = troupe_start (troupe, root, WAIT_MS);
    cr_assert_eq (error, TROUPE_OK, "%s", troupe_error_text (error));
    return troupe;
}

//  The answer as text, or the outcome's name; lives until the next call.
static const char *s_call (troupe_t *troupe, const char *address, const char *text)
{
    static char answer [256];
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, address, 0, text, strlen (text), WAIT_MS, &reply);
    if (outcome == TROUPE_CALL_OK)
        snprintf (answer, sizeof answer, "%s", troupe_message_text (reply));
    else
        snprintf (answer, sizeof answer, "%s %s", troupe_outcome_name (outcome), troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return answer;
}

static void s_stop (troupe_t **troupe_p)
{
    cr_assert_eq (troupe_stop (*troupe_p, WAIT_MS), TROUPE_OK);
    troupe_destroy (troupe_p);
}

//  Connects a client that zauth lets in or not, and says what its monitor has seen. 'endpoint' is the monitor's, a new
//  one each time: libzmq gives them back when it likes.
static uint16_t s_shake_hands (zsock_t *server, const char *endpoint)
{
    zsock_t *client = zsock_new (ZMQ_PUSH);
    cr_assert_eq (zmq_socket_monitor (zsock_resolve (client), endpoint,
                                      ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH), 0);
    zsock_t *monitor = zsock_new (ZMQ_PAIR);
    zsock_connect (monitor, "%s", endpoint);
    zsock_set_plain_username (client, "ada");
    zsock_set_plain_password (client, "secret");
    char *address = zsock_last_endpoint (server);
    zsock_connect (client, "%s", address);
    zstr_free (&address);
    zframe_t *event = zframe_recv (monitor);
    uint16_t kind;
    memcpy (&kind, zframe_data (event), sizeof kind);
    zframe_destroy (&event);
    zmq_socket_monitor (zsock_resolve (client), NULL, 0);
    zsock_destroy (&monitor);
    zsock_destroy (&client);
    return kind;
}

//  The handler of ZAP for the whole process is an ordinary child, and can be found where libzmq looks for it.
Test (adopt, zauth_lets_in_whom_it_is_told_to, .timeout = 30)
{
    static const troupe_child_t children [] = { { .id = "auth", .behavior = &auth_behavior }, { 0 } };
    troupe_t *troupe = s_start (&(troupe_supervisor_t) { .children = children });
    zsock_t *server = zsock_new (ZMQ_PULL);
    zsock_set_zap_domain (server, "global");
    zsock_set_plain_server (server, 1);
    cr_assert_gt (zsock_bind (server, "tcp://127.0.0.1:*"), 0);

    cr_assert_eq (s_shake_hands (server, "inproc://monitor-1"), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
                  "nobody has a password yet");
    char path [64] = "";
    FILE *passwords = tmpfile ();
    fputs ("ada=secret\n", passwords);
    fflush (passwords);
    snprintf (path, sizeof path, "PLAIN\n/proc/self/fd/%d", fileno (passwords));
    cr_assert_str_eq (s_call (troupe, "auth", path), "");
    cr_assert_eq (s_shake_hands (server, "inproc://monitor-2"), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

    fclose (passwords);
    zsock_destroy (&server);
    s_stop (&troupe);
}

//  A proxy for the messages of others, without a line of new code.
Test (adopt, zproxy_carries_messages, .timeout = 30)
{
    static const troupe_child_t children [] = { { .id = "proxy", .behavior = &proxy_behavior }, { 0 } };
    troupe_t *troupe = s_start (&(troupe_supervisor_t) { .children = children });
    cr_assert_str_eq (s_call (troupe, "proxy", "FRONTEND\nPULL\ninproc://front"), "");
    cr_assert_str_eq (s_call (troupe, "proxy", "BACKEND\nPUSH\ninproc://back"), "");
    zsock_t *source = zsock_new_push (">inproc://front");
    zsock_t *sink = zsock_new_pull (">inproc://back");
    zstr_send (source, "through the proxy");
    char *text = zstr_recv (sink);
    cr_assert_str_eq (text, "through the proxy");
    zstr_free (&text);
    zsock_destroy (&source);
    zsock_destroy (&sink);
    s_stop (&troupe);
}

//  One that sends frames of its own accord must start and stop like the others.
Test (adopt, zbeacon_starts_and_stops, .timeout = 30)
{
    static const troupe_child_t children [] = { { .id = "beacon", .behavior = &beacon_behavior }, { 0 } };
    troupe_t *troupe = s_start (&(troupe_supervisor_t) { .children = children });
    cr_assert_eq (troupe_cast_now (troupe, "beacon", 0, "SILENCE", 7), TROUPE_OK);
    s_stop (&troupe);
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    char *story = context;
    strcat (strcat (story, troupe_outcome_name (outcome)), " ");
    strcat (strcat (story, troupe_message_text (reply)), "; ");
    return 0;
}

//  The function answers in order, so that is what callers get, however many of them wait.
Test (adopt, answers_go_to_the_callers_in_order, .timeout = 30)
{
    static const troupe_child_t children [] = { { .id = "echo", .behavior = &echo_behavior }, { 0 } };
    troupe_t *troupe = s_start (&(troupe_supervisor_t) { .children = children });
    char story [512] = "";
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), "echo");
    static const char *const texts [] = { "one", "two\nlines", "REFUSE", "three" };
    for (size_t index = 0; index < 4; index++)
        cr_assert_eq (troupe_call (ref, 0, texts [index], strlen (texts [index]), WAIT_MS, s_on_reply, story, NULL),
                      TROUPE_OK);
    cr_assert_str_eq (s_call (troupe, "echo", "last"), "last");
    cr_assert_str_eq (story, "OK one; OK two\nlines; FAILED status 7; OK three; ");

    //  Without a payload nothing is sent: the call takes what comes next.
    cr_assert_eq (troupe_call (ref, 0, NULL, 0, WAIT_MS, s_on_reply, strcpy (story, ""), NULL), TROUPE_OK);
    cr_assert_eq (troupe_cast (ref, 0, "news", 4), TROUPE_OK);
    while (!*story)
        cr_assert_eq (troupe_run (troupe, WAIT_MS), TROUPE_OK);
    cr_assert_str_eq (story, "OK news; ");
    s_stop (&troupe);
}

//  zactor's users find out about it when the next send hangs.
Test (adopt, a_function_that_returns_by_itself_has_failed_and_is_started_again, .timeout = 30)
{
    static const troupe_child_t children [] = { { .id = "echo", .behavior = &echo_behavior }, { 0 } };
    troupe_t *troupe = s_start (&(troupe_supervisor_t) { .children = children });
    const char *answer = s_call (troupe, "echo", "QUIT");
    cr_assert_eq (strncmp (answer, "FAILED", 6), 0, "%s", answer);
    cr_assert_str_eq (s_call (troupe, "echo", "a new life"), "a new life");
    s_stop (&troupe);
}

//  The status that the function signals is the result of the child's start.
Test (adopt, a_start_that_is_refused_fails_the_tree, .timeout = 30)
{
    static const troupe_child_t children [] = { { .id = "refuse", .behavior = &refuse_behavior }, { 0 } };
    troupe_t *troupe = s_new ();
    cr_assert_neq (troupe_start (troupe, &(troupe_supervisor_t) { .children = children }, WAIT_MS), TROUPE_OK);
    char text [512];
    troupe_reason_print (troupe_exit_reason (troupe), text, sizeof text);
    cr_assert_not_null (strstr (text, "refuse#1 START_FAILED (9): the adopted function has signalled status 9"),
                        "%s", text);
    troupe_destroy (&troupe);
}
