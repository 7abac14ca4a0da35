/*  =========================================================================
    security_remote_test - actors that talk over tcp with certificates

    Place: tests/live, of security as whole troupes use it: two or three in one
    process, each with its own certificate. Port numbers come from the log.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <troupe.h>

#include "security_world.h"

static int s_echo (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_reply (self, message, "here", 4);
}

static const troupe_behavior_t users = { .name = "users", .receive = s_echo };

//  A troupe with these settings; its lines come through security_world_line.
static troupe_t *s_new (const char *first, const char *second, const char *third)
{
    const char *const settings [] = { first, second, third, NULL };
    troupe_options_t options = { .log_level = TROUPE_LOG_INFO, .log = security_world_log, .settings = settings };
    troupe_error_t error = TROUPE_OK;
    troupe_t *troupe = troupe_new (&options, &error);
    cr_assert_not_null (troupe, "%s", troupe_error_name (error));
    return troupe;
}

//  Waits for the line that says this, and returns the rest of it.
static const char *s_await_line (const char *part)
{
    const char *line = security_world_line ();
    while (!strstr (line, part))
        line = security_world_line ();
    return strstr (line, part) + strlen (part);
}

//  Starts "users", listening on loopback with us's certificate; where.
static troupe_t *s_listen (char *endpoint, size_t size)
{
    static const troupe_child_t children [] = {
        { .id = "users", .behavior = &users, .listen = "tcp://127.0.0.1:*" }, { 0 } };
    static const troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = s_new ("security/cert=us", "security/allowed=allowed", NULL);
    cr_assert_eq (troupe_start (troupe, &root, SECURITY_WORLD_MS), TROUPE_OK);
    snprintf (endpoint, size, "%s", s_await_line ("listening at "));
    return troupe;
}

static void s_begin (void)
{
    security_world_begin ();
    security_world_make ("us");
    security_world_make ("ada");
    security_world_make ("bob");
    security_world_allow ("ada");
}

static troupe_outcome_t s_call (troupe_t *troupe, const char *endpoint, int64_t timeout_ms)
{
    return troupe_call_wait (troupe, endpoint, 1, "hello", 5, timeout_ms, NULL);
}

//  The whole way: certificates, handshake, names, calls.
Test (security_remote, those_who_are_allowed_are_answered, .timeout = 60)
{
    char endpoint [128];
    s_begin ();
    troupe_t *here = s_listen (endpoint, sizeof endpoint);
    troupe_t *there = s_new ("security/cert=ada", "security/server=us", NULL);
    cr_assert_eq (s_call (there, endpoint, SECURITY_WORLD_MS), TROUPE_CALL_OK);
    troupe_destroy (&there);
    troupe_destroy (&here);
    security_world_end ();
}

//  Whoever is not allowed gets no answer, by its deadline; the others do.
Test (security_remote, those_who_are_not_are_refused_and_others_served, .timeout = 60)
{
    char endpoint [128];
    s_begin ();
    troupe_t *here = s_listen (endpoint, sizeof endpoint);
    troupe_t *unknown = s_new ("security/cert=bob", "security/server=us", NULL);
    troupe_t *plain = s_new (NULL, NULL, NULL);
    troupe_t *misled = s_new ("security/cert=ada", "security/server=bob", NULL);
    troupe_t *there = s_new ("security/cert=ada", "security/server=us", NULL);
    cr_assert_neq (s_call (unknown, endpoint, 300), TROUPE_CALL_OK);
    s_await_line ("refused 127.0.0.1: its key is not in security/allowed");
    cr_assert_neq (s_call (misled, endpoint, 300), TROUPE_CALL_OK);
    cr_assert_neq (s_call (plain, endpoint, 300), TROUPE_CALL_OK);
    s_await_line ("refused 127.0.0.1: ");
    cr_assert_eq (s_call (there, endpoint, SECURITY_WORLD_MS), TROUPE_CALL_OK);
    troupe_destroy (&there);
    troupe_destroy (&misled);
    troupe_destroy (&plain);
    troupe_destroy (&unknown);
    troupe_destroy (&here);
    security_world_end ();
}

//  A program must not be open to the network because somebody forgot something.
Test (security_remote, listening_to_everybody_without_certificates_is_refused, .timeout = 60)
{
    static const troupe_child_t children [] = {
        { .id = "users", .behavior = &users, .endpoint = "tcp://0.0.0.0:0" }, { 0 } };
    static const troupe_supervisor_t root = { .children = children };
    s_begin ();
    troupe_t *here = s_new (NULL, NULL, NULL);
    cr_assert_neq (troupe_start (here, &root, SECURITY_WORLD_MS), TROUPE_OK);
    char text [1024];
    troupe_reason_print (troupe_exit_reason (here), text, sizeof text);
    cr_assert_not_null (strstr (text, "set security/cert and security/allowed, or "
                                "security/plain=1"), "%s", text);
    troupe_destroy (&here);
    here = s_new ("security/plain=1", NULL, NULL);
    cr_assert_eq (troupe_start (here, &root, SECURITY_WORLD_MS), TROUPE_OK);
    troupe_destroy (&here);
    security_world_end ();
}

//  libzmq gives up for ever on a port where one side has a certificate and the other has none; whoever runs it may mend
//  that, and a ref must not need a restart of its program for it.
Test (security_remote, a_ref_comes_back_when_its_port_has_got_a_certificate, .timeout = 60)
{
    char endpoint [128], listen [160];
    s_begin ();
    troupe_t *here = s_listen (endpoint, sizeof endpoint);
    troupe_destroy (&here);
    snprintf (listen, sizeof listen, "%s", endpoint);
    const troupe_child_t children [] = { { .id = "users", .behavior = &users, .listen = listen }, { 0 } };
    const troupe_supervisor_t root = { .children = children };
    troupe_t *plain = s_new (NULL, NULL, NULL);
    cr_assert_eq (troupe_start (plain, &root, SECURITY_WORLD_MS), TROUPE_OK);
    troupe_t *there = s_new ("security/cert=ada", "security/server=us", NULL);
    cr_assert_neq (s_call (there, endpoint, 300), TROUPE_CALL_OK);
    s_await_line ("the handshake failed");
    troupe_destroy (&plain);

    troupe_t *secure = s_new ("security/cert=us", "security/allowed=allowed", NULL);
    cr_assert_eq (troupe_start (secure, &root, SECURITY_WORLD_MS), TROUPE_OK);
    cr_assert_eq (s_call (there, endpoint, SECURITY_WORLD_MS), TROUPE_CALL_OK);
    troupe_destroy (&there);
    troupe_destroy (&secure);
    security_world_end ();
}

//  Where a name stands in the configuration, its certificate is found by that name.
Test (security_remote, a_childs_certificate_goes_with_its_endpoint, .timeout = 60)
{
    char endpoint [128], setting [192];
    s_begin ();
    troupe_t *here = s_listen (endpoint, sizeof endpoint);
    const char *port = strrchr (endpoint, ':');
    snprintf (setting, sizeof setting, "children/users/endpoint=tcp://localhost%s", port);
    troupe_t *there = s_new ("security/cert=ada", "children/users/server=us", setting);
    cr_assert_eq (s_call (there, strchr (setting, '=') + 1, SECURITY_WORLD_MS), TROUPE_CALL_OK);
    troupe_destroy (&there);
    troupe_destroy (&here);
    security_world_end ();
}
