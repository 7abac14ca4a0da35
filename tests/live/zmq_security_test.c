/*  =========================================================================
    zmq_security_test.c - CURVE at the edge, with peers that know nothing of troupe

    Place: tests/live.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include "zmq_world.h"

#define S_ANYWHERE "tcp://127.0.0.1:*"

static char s_folder [128];
static zcert_t *s_us, *s_ada;
static const char *const s_settings [] = {
    "security/cert=us", "security/allowed=allowed", "security/server=ada", NULL,
};

//  Certificates of ours and of ada's, who may connect to us and is whom we connect to.
static void s_begin (void)
{
    const char *base = getenv ("TMPDIR");
    snprintf (s_folder, sizeof s_folder, "%s/zmq-security-XXXXXX", base ? base : P_tmpdir);
    cr_assert_not_null (mkdtemp (s_folder));
    cr_assert_eq (chdir (s_folder), 0);
    cr_assert_eq (mkdir ("allowed", 0700), 0);
    s_us = zcert_new ();
    s_ada = zcert_new ();
    cr_assert_eq (zcert_save (s_us, "us"), 0);
    cr_assert_eq (zcert_save_public (s_ada, "ada"), 0);
    cr_assert_eq (zcert_save_public (s_ada, "allowed/ada"), 0);
    cr_assert_eq (zcert_save_public (s_us, "allowed/us"), 0, "the gate is also that of czmq's sockets in this process");
}

static void s_end (troupe_t *troupe)
{
    static const char *const names [] = { "us", "us_secret", "ada", "allowed/ada", "allowed/us", NULL };
    world_end (troupe);
    zcert_destroy (&s_us);
    zcert_destroy (&s_ada);
    for (size_t index = 0; names [index]; index++)
        unlink (names [index]);
    rmdir ("allowed");
    cr_assert_eq (chdir ("/"), 0);
    cr_assert_eq (rmdir (s_folder), 0);
}

static zsock_t *s_peer (int type, const zcert_t *cert)
{
    zsock_t *peer = zsock_new (type);
    zsock_set_rcvtimeo (peer, 10000);
    zsock_set_sndtimeo (peer, 10000);
    if (cert)
        zcert_apply ((zcert_t *) (uintptr_t) cert, peer);
    return peer;
}

static void s_expect (zsock_t *peer, const char *expected)
{
    char *text = zstr_recv (peer);
    cr_assert_not_null (text);
    cr_assert_str_eq (text, expected);
    zstr_free (&text);
}

//  What is configured for the program holds for its edges: who is allowed gets in, who has no key hears nothing.
Test (zmq_security, who_is_allowed_is_served_and_nobody_else, .timeout = 60)
{
    s_begin ();
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, .on_message = zmq_echo, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_set (&plan, s_settings);
    zsock_t *plain = s_peer (ZMQ_DEALER, NULL), *ada = s_peer (ZMQ_DEALER, s_ada);
    zsock_set_curve_serverkey (ada, zcert_public_txt (s_us));
    cr_assert_eq (zsock_connect (plain, "%s", zmq_world_where (troupe)), 0);
    zstr_send (plain, "let me in");
    cr_assert_eq (zsock_connect (ada, "%s", zmq_world_where (troupe)), 0);
    zstr_send (ada, "hello");
    s_expect (ada, "hello");
    zsock_set_rcvtimeo (plain, 50);
    cr_assert_null (zstr_recv (plain));
    zsock_destroy (&plain);
    zsock_destroy (&ada);
    s_end (troupe);
}

//  The other way round: the actor connects to a server that has a key.
Test (zmq_security, an_actor_connects_to_whom_it_knows, .timeout = 60)
{
    s_begin ();
    zsock_t *ada = s_peer (ZMQ_PULL, s_ada);
    zsock_set_curve_server (ada, 1);
    cr_assert_neq (zsock_bind (ada, "tcp://127.0.0.1:*"), -1);
    const zmq_plan_t plan = { TROUPE_ZMQ_PUSH, .connect = zsock_endpoint (ada) };
    troupe_t *troupe = zmq_world_set (&plan, s_settings);
    cr_assert_str_eq (world_ask (troupe, "edge", zmq_say, 0, "secret"), "OK sent");
    s_expect (ada, "secret");
    zsock_destroy (&ada);
    s_end (troupe);
}

//  One socket may do without, on this machine, for peers that have no keys.
Test (zmq_security, a_socket_may_be_plain_on_loopback, .timeout = 60)
{
    s_begin ();
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .plain = true }, zmq_echo, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_set (&plan, s_settings);
    zsock_t *peer = s_peer (ZMQ_DEALER, NULL);
    cr_assert_eq (zsock_connect (peer, "%s", zmq_world_where (troupe)), 0);
    zstr_send (peer, "hello");
    s_expect (peer, "hello");
    zsock_destroy (&peer);
    s_end (troupe);
}

static int s_name (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
                   void *context)
{
    (void) state;
    (void) count;
    (void) context;
    const char *user = troupe_zmq_user (socket);
    const troupe_bytes_t answer [] = { frames [0], { user, strlen (user) } };
    troupe_error_t error = troupe_zmq_send (socket, answer, 2);
    return error ? troupe_fail_error (self, error, "the answer") : 0;
}

//  An actor knows whom it talks to: by the name under which the certificate was put into security/allowed.
Test (zmq_security, who_is_let_in_is_known_by_name, .timeout = 60)
{
    s_begin ();
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, .on_message = s_name, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_set (&plan, s_settings);
    zsock_t *ada = s_peer (ZMQ_DEALER, s_ada);
    zsock_set_curve_serverkey (ada, zcert_public_txt (s_us));
    cr_assert_eq (zsock_connect (ada, "%s", zmq_world_where (troupe)), 0);
    zstr_send (ada, "who am I?");
    s_expect (ada, "ada");
    zsock_destroy (&ada);
    s_end (troupe);
}

//  Where no certificate is asked for nobody is known, although others are elsewhere.
Test (zmq_security, who_was_not_asked_is_nobody, .timeout = 60)
{
    s_begin ();
    const zmq_plan_t plan = { TROUPE_ZMQ_ROUTER, { .plain = true }, s_name, .bind = S_ANYWHERE };
    troupe_t *troupe = zmq_world_set (&plan, s_settings);
    zsock_t *peer = s_peer (ZMQ_DEALER, NULL);
    cr_assert_eq (zsock_connect (peer, "%s", zmq_world_where (troupe)), 0);
    zstr_send (peer, "who am I?");
    s_expect (peer, "");
    zsock_destroy (&peer);
    s_end (troupe);
}
