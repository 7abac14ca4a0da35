/*  =========================================================================
    security_test - what stays on this machine, keys in files, a folder of them

    Place: tests/unit, of runtime/live/security/security_reach.c, security_key.c,
    and security_allowed.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <czmq.h>

#include "live/security/security_allowed.h"
#include "live/security/security_reach.h"
#include "live/security/security_refusal.h"

static char why [1024];
static char folder [64];
static char said [4096];            //  All log lines

static void s_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) context;
    strcat (strcat (said, line), "\n");
}

static const troupe_logger_t logger = { .log = s_log, .descriptor = -1 };

//  A folder of the test's own; removed by s_clear.
static void s_make (void)
{
    const char *base = getenv ("TMPDIR");
    snprintf (folder, sizeof folder, "%s/troupe-XXXXXX", base ? base : P_tmpdir);
    cr_assert_not_null (mkdtemp (folder));
}

static void s_clear (void)
{
    char command [128];
    snprintf (command, sizeof command, "rm -r %s", folder);
    cr_assert_eq (system (command), 0);
}

static const char *s_path (const char *name)
{
    static char paths [4] [128];
    static unsigned next;
    char *path = paths [next++ % 4];
    snprintf (path, sizeof paths [0], "%s/%s", folder, name);
    return path;
}

static void s_write (const char *name, const char *text)
{
    FILE *file = fopen (s_path (name), "w");
    fputs (text, file);
    fclose (file);
}

static zcert_t *s_save (const char *name)
{
    zcert_t *cert = zcert_new ();
    cr_assert_eq (zcert_save (cert, s_path (name)), 0);
    return cert;
}

//  --- What stays on this machine

static troupe_reach_t s_reach (const char *endpoint)
{
    char host [TROUPE_REACH_HOST_MAX + 1];
    return troupe_reach_of_endpoint (endpoint, host);
}

//  What is taken for loopback by mistake is open to the world.
Test (security, tells_loopback_from_what_others_reach)
{
    static const char *const loopback [] = {
        "tcp://127.0.0.1:5560", "tcp://127.255.0.9:*", "tcp://[::1]:0", "tcp://::1:5560", "tcp://localhost:1",
        "tcp://LOCALHOST:1", "tcp://[::ffff:127.0.0.1]:1", "tcp://10.0.0.1:0;127.0.0.1:5560", NULL };
    static const char *const beyond [] = {
        "tcp://*:5560", "tcp://0.0.0.0:5560", "tcp://[::]:5560", "tcp://:::5560", "tcp://10.0.0.7:1",
        "tcp://[fe80::1]:1", "tcp://128.0.0.1:1", "tcp://126.255.255.255:1", "tcp://[::ffff:10.0.0.1]:1",
        "tcp://[fe80::1%lo]:1", "tcp://[::127.0.0.1]:1", "tcp://127.0.0.1:0;10.0.0.7:5560", NULL };
    for (const char *const *endpoint = loopback; *endpoint; endpoint++)
        cr_assert_eq (s_reach (*endpoint), TROUPE_REACH_LOOPBACK, "%s", *endpoint);
    for (const char *const *endpoint = beyond; *endpoint; endpoint++)
        cr_assert_eq (s_reach (*endpoint), TROUPE_REACH_BEYOND, "%s", *endpoint);
}

//  Only the system knows what a name means: it must not be guessed from how it looks.
Test (security, leaves_names_to_the_system)
{
    static const char *const names [] = { "tcp://lo:1", "tcp://eth0:1", "tcp://127.0.0.1.example.org:1",
                                          "tcp://localhost.example.org:1", "tcp://127.1:1", "tcp://0x7f000001:1",
                                          NULL };
    for (const char *const *endpoint = names; *endpoint; endpoint++)
        cr_assert_eq (s_reach (*endpoint), TROUPE_REACH_NAME, "%s", *endpoint);
    char host [TROUPE_REACH_HOST_MAX + 1];
    troupe_reach_of_endpoint ("tcp://example.org:5560", host);
    cr_assert_str_eq (host, "example.org");
}

//  An endpoint whose host cannot be told is not judged by half of it.
Test (security, finds_malformed_endpoints)
{
    char large [400] = "tcp://";
    memset (large + 6, 'a', 300);
    strcpy (large + 306, ":1");
    const char *const malformed [] = { "tcp://", "tcp://:", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://:5560",
                                       "tcp://[]:1", "udp://127.0.0.1:1", "127.0.0.1:1", "", large, NULL };
    for (const char *const *endpoint = malformed; *endpoint; endpoint++)
        cr_assert_eq (s_reach (*endpoint), TROUPE_REACH_MALFORMED, "%s", *endpoint);
}

//  Interfaces and names are judged by all of their addresses.
Test (security, judges_names_by_their_addresses)
{
    troupe_reach_t reach;
    cr_assert_eq (troupe_reach_of_name ("lo", &reach), TROUPE_OK);
    cr_assert_eq (reach, TROUPE_REACH_LOOPBACK);
    cr_assert_eq (troupe_reach_of_name ("127.1", &reach), TROUPE_OK);
    cr_assert_eq (reach, TROUPE_REACH_LOOPBACK);
    cr_assert_eq (troupe_reach_of_name ("0x0a000001", &reach), TROUPE_OK);
    cr_assert_eq (reach, TROUPE_REACH_BEYOND);
    cr_assert_eq (troupe_reach_of_name ("no such name", &reach), TROUPE_EADDR);
}

//  --- Keys in files

//  zcert is what people make certificates with.
Test (security, reads_what_zcert_writes)
{
    s_make ();
    zcert_t *cert = zcert_new ();
    zcert_set_meta (cert, "email", "ada@example.org");
    zcert_set_meta (cert, "name", "Ada # Lovelace's");
    cr_assert_eq (zcert_save (cert, s_path ("ada")), 0);
    troupe_key_t public_key, secret_key;
    cr_assert_eq (troupe_key_read_public (s_path ("ada"), &public_key, why, sizeof why), TROUPE_OK, "%s", why);
    cr_assert_arr_eq (public_key.bytes, zcert_public_key (cert), 32);
    memset (&public_key, 0, sizeof public_key);
    troupe_error_t error = troupe_key_read_pair (s_path ("ada"), &public_key, &secret_key, why, sizeof why);
    cr_assert_eq (error, TROUPE_OK, "%s", why);
    cr_assert_arr_eq (public_key.bytes, zcert_public_key (cert), 32);
    cr_assert_arr_eq (secret_key.bytes, zcert_secret_key (cert), 32);
    zcert_destroy (&cert);
    s_clear ();
}

//  pyzmq's zmq.auth.create_certificates writes the same format, in its own words; so does whoever writes one by hand.
Test (security, reads_what_pyzmq_writes)
{
    s_make ();
    s_write ("peer.key", "#   ****  Generated on 2026-11-21 05:00:00.000000 by pyzmq  ****\n"
             "#   ZeroMQ CURVE Public Certificate\n"
             "#   Exchange securely, or use a secure mechanism to verify the contents\n"
             "\nmetadata\ncurve\n    public-key = \"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\"\n");
    troupe_key_t key;
    cr_assert_eq (troupe_key_read_public (s_path ("peer.key"), &key, why, sizeof why), TROUPE_OK, "%s", why);
    cr_assert_eq (key.bytes [0], 0xbb);     //  RFC 32 and curvezmq's test vector
    s_clear ();
}

static const char *s_fault (troupe_error_t expected, bool pair)
{
    troupe_key_t public_key, secret_key;
    troupe_error_t error = pair ? troupe_key_read_pair (s_path ("c"), &public_key, &secret_key, why, sizeof why)
                                : troupe_key_read_public (s_path ("c"), &public_key, why, sizeof why);
    cr_assert_eq (error, expected, "%s: %s", troupe_error_name (error), why);
    cr_assert_eq (strncmp (why, s_path ("c"), strlen (s_path ("c"))), 0, "%s", why);
    return why + strlen (s_path ("c"));
}

//  Whoever runs the program must be led to the file, without finding his key in the log.
Test (security, says_what_is_wrong_with_a_file)
{
    s_make ();
    cr_assert_str_eq (s_fault (TROUPE_ENOENT, false), ": No such file or directory");
    cr_assert_str_eq (s_fault (TROUPE_ENOENT, true), "_secret: No such file or directory");
    s_write ("c", "curve\n    public-key = short\n");
    cr_assert_str_eq (s_fault (TROUPE_EINVAL, false),
                      ": it is no certificate: it has no curve/public-key of 40 characters");
    s_write ("c", "curve\n    public-key = \"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{h~~\"\n");
    cr_assert_str_eq (s_fault (TROUPE_EINVAL, false),
                      ": it is no certificate: it has no curve/public-key of 40 characters");
    s_write ("c", "-----BEGIN CERTIFICATE-----\n");
    cr_assert_str_eq (s_fault (TROUPE_EINVAL, false), ": it is no certificate");
    unlink (s_path ("c"));
    mkdir (s_path ("c"), 0700);
    cr_assert_str_eq (s_fault (TROUPE_EINVAL, false), ": it is no certificate but another kind of file");
    rmdir (s_path ("c"));
    mkfifo (s_path ("c_secret"), 0600);
    cr_assert_str_eq (s_fault (TROUPE_EINVAL, true), "_secret: it is no certificate but another kind of file");
    s_clear ();
}

//  A secret that its group can read is none.
Test (security, refuses_a_secret_that_others_can_read)
{
    s_make ();
    zcert_t *cert = s_save ("c");
    static const mode_t modes [] = { 0640, 0604, 0660, 0620, 0601 };
    for (size_t index = 0; index < sizeof modes / sizeof *modes; index++) {
        chmod (s_path ("c_secret"), modes [index]);
        cr_assert_str_eq (s_fault (TROUPE_EACCES, true),
                          "_secret: a secret key must not be open to its group or to others: chmod 600");
    }
    chmod (s_path ("c_secret"), 0400);
    troupe_key_t public_key, secret_key;
    cr_assert_eq (troupe_key_read_pair (s_path ("c"), &public_key, &secret_key, why, sizeof why), TROUPE_OK);
    zcert_destroy (&cert);
    s_clear ();
}

//  libzmq would take them, and every handshake would fail without anybody knowing why.
Test (security, refuses_keys_that_do_not_belong_together)
{
    s_make ();
    zcert_t *one = zcert_new (), *other = zcert_new ();
    char text [256];
    snprintf (text, sizeof text, "curve\n    public-key = \"%s\"\n    secret-key = \"%s\"\n", zcert_public_txt (one),
              zcert_secret_txt (other));
    s_write ("c_secret", text);
    chmod (s_path ("c_secret"), 0600);
    cr_assert_str_eq (s_fault (TROUPE_EINVAL, true), "_secret: its public and secret key do not belong together");
    cr_assert_null (strstr (why, zcert_public_txt (one)));
    zcert_destroy (&one);
    zcert_destroy (&other);
    s_clear ();
}

//  --- A folder of keys

//  Keys are taken away while a program runs: from then on their owners must stay out.
Test (security, sees_what_has_changed_in_the_folder)
{
    s_make ();
    zcert_t *ada = s_save ("ada"), *bob = zcert_new ();
    troupe_allowed_t *allowed = NULL;
    cr_assert_eq (troupe_allowed_new (&allowed, folder, &logger, why, sizeof why), TROUPE_OK, "%s", why);
    cr_assert (troupe_allowed_find (allowed, zcert_public_key (ada)));
    cr_assert_not (troupe_allowed_find (allowed, zcert_public_key (bob)));
    zcert_save_public (bob, s_path ("bob"));
    cr_assert (troupe_allowed_find (allowed, zcert_public_key (bob)));
    zcert_save_public (bob, s_path ("ada"));
    cr_assert_not (troupe_allowed_find (allowed, zcert_public_key (ada)));
    cr_assert (troupe_allowed_find (allowed, zcert_public_key (bob)), "two files may have the same key");
    unlink (s_path ("bob"));
    unlink (s_path ("ada"));
    cr_assert_not (troupe_allowed_find (allowed, zcert_public_key (bob)));
    troupe_allowed_destroy (&allowed);
    cr_assert_str_eq (said, "");
    zcert_destroy (&ada);
    zcert_destroy (&bob);
    s_clear ();
}

//  What lies about in a folder must neither let anybody in nor keep the others out.
Test (security, ignores_files_that_are_no_certificates)
{
    s_make ();
    zcert_t *ada = s_save ("ada");
    s_write (".ada.swp", "x");
    s_write ("README", "Keys of our machines\n");
    mkdir (s_path ("old"), 0700);
    troupe_allowed_t *allowed = NULL;
    cr_assert_eq (troupe_allowed_new (&allowed, folder, &logger, why, sizeof why), TROUPE_OK, "%s", why);
    cr_assert (troupe_allowed_find (allowed, zcert_public_key (ada)));
    cr_assert (troupe_allowed_find (allowed, zcert_public_key (ada)));
    char line [256];
    snprintf (line, sizeof line, "security/allowed: %s: it is no certificate\n", s_path ("README"));
    cr_assert_not_null (strstr (said, line), "%s", said);
    cr_assert_eq (strchr (said, '\n') [1], 0, "said once: %s", said);
    troupe_allowed_destroy (&allowed);
    zcert_destroy (&ada);
    s_clear ();
}

//  A program that makes itself a daemon goes to "/".
Test (security, the_folder_is_found_from_elsewhere)
{
    s_make ();
    zcert_t *ada = zcert_new ();
    cr_assert_eq (chdir (folder), 0);
    mkdir ("keys", 0700);
    troupe_allowed_t *allowed = NULL;
    cr_assert_eq (troupe_allowed_new (&allowed, "keys", &logger, why, sizeof why), TROUPE_OK, "%s", why);
    zcert_save_public (ada, "keys/ada");
    cr_assert_eq (chdir ("/"), 0);
    cr_assert (troupe_allowed_find (allowed, zcert_public_key (ada)));
    troupe_allowed_destroy (&allowed);
    zcert_destroy (&ada);
    s_clear ();
}

//  A folder that is gone lets nobody in, and says so once.
Test (security, lets_nobody_in_without_the_folder)
{
    s_make ();
    zcert_t *ada = s_save ("ada");
    troupe_allowed_t *allowed = NULL;
    cr_assert_eq (troupe_allowed_new (&allowed, s_path ("none"), &logger, why, sizeof why), TROUPE_ENOENT);
    cr_assert_eq (troupe_allowed_new (&allowed, s_path ("ada"), &logger, why, sizeof why), TROUPE_EINVAL);
    chmod (folder, 0777);
    cr_assert_eq (troupe_allowed_new (&allowed, folder, &logger, why, sizeof why), TROUPE_EACCES);
    chmod (folder, 0700);
    cr_assert_null (allowed);
    cr_assert_eq (troupe_allowed_new (&allowed, folder, &logger, why, sizeof why), TROUPE_OK);
    s_clear ();
    cr_assert_not (troupe_allowed_find (allowed, zcert_public_key (ada)));
    cr_assert_not (troupe_allowed_find (allowed, zcert_public_key (ada)));
    cr_assert_not_null (strstr (said, "nobody is let in"));
    cr_assert_eq (strchr (said, '\n') [1], 0, "said once: %s", said);
    troupe_allowed_destroy (&allowed);
    zcert_destroy (&ada);
}
