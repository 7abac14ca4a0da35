/*  =========================================================================
    security_config_test - what is configured, what that allows, what is said

    Place: tests/unit, of runtime/live/security/security.c and security_refusal.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include "live/actor/context.h"
#include "live/security/security.h"
#include "live/security/security_refusal.h"

static char why [1024];
static char lines [8192];
static char folder [64];
static troupe_config_t *config;

static void s_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) context;
    strcat (strcat (lines, line), "\n");
}

static troupe_logger_t logger = { .log = s_log, .descriptor = -1 };

//  A folder with the certificates "own" and "other", and the empty folder "none".
static void s_make (void)
{
    const char *base = getenv ("TMPDIR");
    snprintf (folder, sizeof folder, "%s/troupe-XXXXXX", base ? base : P_tmpdir);
    cr_assert_not_null (mkdtemp (folder));
    cr_assert_eq (chdir (folder), 0);
    zcert_t *own = zcert_new (), *other = zcert_new ();
    zcert_save (own, "own");
    zcert_save_public (other, "other");
    mkdir ("none", 0700);
    zcert_destroy (&own);
    zcert_destroy (&other);
}

static void s_clear (void)
{
    static const char *const files [] = { "own", "own_secret", "other", NULL };
    for (const char *const *file = files; *file; file++)
        unlink (*file);
    rmdir ("none");
    cr_assert_eq (rmdir (folder), 0);
    troupe_config_destroy (&config);
}

//  The security that these settings make, ended by null; null with 'why' set. The one before must be destroyed.
static troupe_security_t *s_new (const char *const *settings, troupe_error_t *error_p)
{
    void *context = NULL;
    troupe_config_destroy (&config);
    cr_assert_eq (troupe_config_load (&config, NULL, settings, why, sizeof why), TROUPE_OK);
    cr_assert_eq (troupe_context_open (&context), TROUPE_OK);
    troupe_security_t *security = NULL;
    *error_p = troupe_security_new (&security, config, context, &logger, why, sizeof why);
    return security;
}

static const char *s_complaint (troupe_error_t expected, const char *first, const char *second)
{
    const char *const settings [] = { first, second, NULL };
    troupe_error_t error;
    troupe_security_t *security = s_new (settings, &error);
    cr_assert_null (security);
    cr_assert_eq (error, expected, "%s: %s", troupe_error_name (error), why);
    return why;
}

static troupe_error_t s_apply (const troupe_security_t *security, const char *endpoint, bool bind)
{
    void *socket = zmq_socket (zsys_init (), ZMQ_DEALER);
    strcpy (why, "");
    troupe_error_t error = troupe_security_apply (security, socket, endpoint, bind, why, sizeof why);
    zmq_close (socket);
    return error;
}

//  A port that everybody reaches must be somebody's decision.
Test (security_config, plain_tcp_stays_on_loopback)
{
    troupe_context_open (&(void *) { NULL });
    cr_assert_eq (s_apply (NULL, "tcp://127.0.0.1:*", true), TROUPE_OK);
    cr_assert_eq (s_apply (NULL, "tcp://lo:*", true), TROUPE_OK);
    cr_assert_eq (s_apply (NULL, "tcp://[::1]:5560", false), TROUPE_OK);
    cr_assert_eq (s_apply (NULL, "ipc:///run/x", true), TROUPE_OK);
    cr_assert_eq (s_apply (NULL, "inproc://x", true), TROUPE_OK);
    cr_assert_eq (s_apply (NULL, "tcp://*:5560", true), TROUPE_EACCES);
    cr_assert_str_eq (why, "tcp://*:5560 reaches beyond this machine: set security/cert and security/allowed, or "
                      "security/plain=1");
    cr_assert_eq (s_apply (NULL, "tcp://192.0.2.7:5560", false), TROUPE_EACCES);
    cr_assert_str_eq (why, "tcp://192.0.2.7:5560 reaches beyond this machine: set security/cert and security/server, "
                      "or security/plain=1");
    cr_assert_eq (s_apply (NULL, "tcp://localhost", false), TROUPE_EINVAL);
    cr_assert_eq (s_apply (NULL, "tcp://no name:1", false), TROUPE_EADDR);
}

Test (security_config, plain_tcp_beyond_loopback_is_an_explicit_option)
{
    const char *const settings [] = { "security/plain=1", NULL };
    troupe_error_t error;
    troupe_security_t *security = s_new (settings, &error);
    cr_assert_eq (error, TROUPE_OK);
    cr_assert_eq (s_apply (security, "tcp://*:5560", true), TROUPE_OK);
    cr_assert_eq (s_apply (security, "tcp://192.0.2.7:5560", false), TROUPE_OK);
    troupe_security_destroy (&security);
    cr_assert_null (security);
    troupe_security_destroy (&security);
    troupe_config_destroy (&config);
}

//  What is misspelt would leave a door open without a word.
Test (security_config, says_what_is_wrong)
{
    s_make ();
    cr_assert_str_eq (s_complaint (TROUPE_EINVAL, "security/alowed=x", NULL),
                      "security/alowed: security has cert, allowed, server and plain");
    cr_assert_str_eq (s_complaint (TROUPE_EINVAL, "security/plain=yes", NULL),
                      "security/plain is 'yes', and can be 0 or 1");
    cr_assert_str_eq (s_complaint (TROUPE_EINVAL, "security/allowed=none", NULL),
                      "security/allowed means nothing without security/cert");
    cr_assert_str_eq (s_complaint (TROUPE_EINVAL, "security/server=other", NULL),
                      "security/server means nothing without security/cert");
    cr_assert_str_eq (s_complaint (TROUPE_EINVAL, "security/plain=1", "security/cert=own"),
                      "security/cert and security/plain contradict each other: with a certificate nothing is plain");
    cr_assert_str_eq (s_complaint (TROUPE_ENOENT, "security/cert=other", NULL),
                      "other_secret: No such file or directory");
    cr_assert_str_eq (s_complaint (TROUPE_ENOENT, "security/cert=own", "security/server=nobody"),
                      "nobody: No such file or directory");
    cr_assert_not_null (strstr (s_complaint (TROUPE_ENOENT, "security/cert=own", "security/allowed=nothing"),
                                "/nothing: No such file or directory"), "%s", why);
    s_clear ();
}

//  libzmq would let in everybody who knows our public key when nobody judges; and it would connect to anybody.
Test (security_config, a_certificate_alone_lets_nobody_in_and_trusts_nobody)
{
    s_make ();
    const char *const settings [] = { "security/cert=own", NULL };
    troupe_error_t error;
    troupe_security_t *security = s_new (settings, &error);
    cr_assert_eq (error, TROUPE_OK, "%s", why);
    cr_assert_eq (s_apply (security, "tcp://127.0.0.1:*", true), TROUPE_EACCES);
    cr_assert_str_eq (why, "tcp://127.0.0.1:*: nobody could connect: set security/allowed, the folder of the "
                      "certificates that may");
    cr_assert_eq (s_apply (security, "tcp://127.0.0.1:5560", false), TROUPE_EACCES);
    cr_assert_str_eq (why, "tcp://127.0.0.1:5560: it is not known who should be there: set security/server, or "
                      "children/ID/server beside children/ID/endpoint");
    cr_assert_eq (s_apply (security, "ipc:///run/x", true), TROUPE_OK);
    troupe_security_destroy (&security);
    s_clear ();
}

static void s_server_key (const troupe_security_t *security, const char *endpoint, char *text)
{
    size_t size = 41;
    void *socket = zmq_socket (zsys_init (), ZMQ_DEALER);
    cr_assert_eq (troupe_security_apply (security, socket, endpoint, false, why, sizeof why), TROUPE_OK, "%s", why);
    cr_assert_eq (zmq_getsockopt (socket, ZMQ_CURVE_SERVERKEY, text, &size), 0);
    zmq_close (socket);
}

//  Programs on two machines have two keys; a child's own option "server" is its own matter.
Test (security_config, a_child_can_have_another_server)
{
    s_make ();
    const char *const settings [] = { "security/cert=own", "security/server=own", "children/b/server=other",
                                      "children/b/endpoint=tcp://192.0.2.7:1", "children/c/server=mail.example.org",
                                      "children/d/server=x", "children/d/endpoint=ipc://d", "children/e/f/server=x",
                                      NULL };
    troupe_error_t error;
    troupe_security_t *security = s_new (settings, &error);
    cr_assert_eq (error, TROUPE_OK, "%s", why);
    char key [41];
    zcert_t *own = zcert_load ("own"), *other = zcert_load ("other");
    s_server_key (security, "tcp://192.0.2.7:1", key);
    cr_assert_str_eq (key, zcert_public_txt (other));
    s_server_key (security, "tcp://192.0.2.7:2", key);
    cr_assert_str_eq (key, zcert_public_txt (own));
    zcert_destroy (&own);
    zcert_destroy (&other);
    troupe_security_destroy (&security);
    s_clear ();
}

//  A process has one authenticator; zauth ends a process that has one already.
Test (security_config, another_authenticator_is_an_error)
{
    s_make ();
    void *context = NULL;
    troupe_context_open (&context);
    void *taken = zmq_socket (context, ZMQ_ROUTER);
    cr_assert_eq (zmq_bind (taken, "inproc://zeromq.zap.01"), 0);
    cr_assert_str_eq (s_complaint (TROUPE_EADDRINUSE, "security/cert=own", "security/allowed=none"),
                      "security/allowed: the process has an authenticator at inproc://zeromq.zap.01 already, and can "
                      "have one");
    zmq_unbind (taken, "inproc://zeromq.zap.01");
    zmq_close (taken);

    const char *const settings [] = { "security/cert=own", "security/allowed=none", NULL };
    for (int round = 0; round < 3; round++) {
        troupe_error_t error;
        troupe_security_t *security = s_new (settings, &error);
        cr_assert_eq (error, TROUPE_OK, "one after the other: %s", why);
        troupe_security_destroy (&security);
    }
    s_clear ();
}

//  --- What is said

//  Whoever knocks all the time must not fill the log.
Test (security_config, a_refused_address_is_named_once_a_minute)
{
    troupe_refusals_t refusals = { 0 };
    uint64_t unsaid = 99;
    cr_assert (troupe_refusal_count (&refusals, "10.0.0.9", 1000, &unsaid));
    cr_assert_eq (unsaid, 0);
    cr_assert_not (troupe_refusal_count (&refusals, "10.0.0.9", 1000, &unsaid));
    cr_assert_not (troupe_refusal_count (&refusals, "10.0.0.9", 60999, &unsaid));
    cr_assert (troupe_refusal_count (&refusals, "10.0.0.8", 60999, &unsaid));
    cr_assert_eq (unsaid, 0);
    cr_assert (troupe_refusal_count (&refusals, "10.0.0.9", 61000, &unsaid));
    cr_assert_eq (unsaid, 2);
    cr_assert (troupe_refusal_count (&refusals, "10.0.0.9", 121000, &unsaid));
    cr_assert_eq (unsaid, 0);
}

//  Nor whoever has a million addresses.
Test (security_config, many_refused_addresses_share_a_limit)
{
    troupe_refusals_t refusals = { 0 };
    uint64_t unsaid, count = 0;
    char address [32];
    for (unsigned number = 0; number < 1000; number++) {
        snprintf (address, sizeof address, "2001:db8::%x", number);
        count += troupe_refusal_count (&refusals, address, 5, &unsaid);
    }
    cr_assert_eq (count, TROUPE_REFUSALS_MAX);
    cr_assert_eq (refusals.unsaid, 1000 - TROUPE_REFUSALS_MAX);
    cr_assert (troupe_refusal_count (&refusals, "10.0.0.9", 60005, &unsaid), "there is room again after a minute");
}

//  An address comes from the other side's packets, and is cut where it would not fit.
Test (security_config, a_refusal_is_one_line)
{
    troupe_refusals_t refusals = { 0 };
    char address [200] = "";
    memset (address, 'a', 199);
    troupe_refusal_tell (&refusals, &logger, "10.0.0.9", "its key is not in security/allowed");
    troupe_refusal_tell (&refusals, &logger, "10.0.0.9", "its key is not in security/allowed");
    troupe_refusal_tell (&refusals, &logger, address, "x");
    troupe_refusal_tell (&refusals, &logger, address, "x");
    cr_assert_not_null (strstr (lines, " WARNING refused 10.0.0.9: its key is not in security/allowed\n"), "%s", lines);
    size_t count = 0;
    for (const char *line = lines; (line = strchr (line, '\n')); line++)
        count++;
    cr_assert_eq (count, 2);
}

//  Why a handshake failed is a number of libzmq's.
Test (security_config, has_words_for_failed_handshakes)
{
    cr_assert_str_eq (troupe_refusal_text (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL,
                                           ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH),
                      "one side has a certificate and the other has none");
    cr_assert_not_null (troupe_refusal_text (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL,
                                             ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC));
    cr_assert_not_null (troupe_refusal_text (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, 1));
    cr_assert_null (troupe_refusal_text (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, EPIPE));
    cr_assert_null (troupe_refusal_text (ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, 300));
    cr_assert_null (troupe_refusal_text (ZMQ_EVENT_ACCEPTED, 5));
}
