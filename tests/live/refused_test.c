/*  =========================================================================
    refused_test - what cannot be used is one clear line of the program

    Place: tests/live, of what a start says in child.h and app.h, from outside:
    family_program is run with an endpoint for its child "one", or with
    certificates. What it says is all that there is to go by.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

static char s_folder [] = P_tmpdir "/refused-XXXXXX";

static void s_begin (void)
{
    cr_assert_not_null (mkdtemp (s_folder));
    cr_assert_eq (chdir (s_folder), 0);
}

static void s_end (void)
{
    char command [128];
    snprintf (command, sizeof command, "rm -r %s", s_folder);
    cr_assert_eq (system (command), 0);
}

TestSuite (refused, .init = s_begin, .fini = s_end, .timeout = 60);

//  Runs the program, which has to refuse: its one line, as 'words' go, and its exit status.
static void s_expect (const char *setting, int expected, const char *words)
{
    char command [1024], said [4096];
    snprintf (command, sizeof command, "%s --set %s 2>&1 </dev/null", FAMILY_PROGRAM, setting);
    FILE *program = popen (command, "r");
    cr_assert_not_null (program);
    size_t length = fread (said, 1, sizeof said - 1, program);
    said [length] = 0;
    int status = pclose (program);
    cr_expect (WIFEXITED (status) && WEXITSTATUS (status) == expected, "%s: %x: %s", setting, (unsigned) status, said);
    char *last = length > 1 ? memrchr (said, '\n', length - 1) : NULL;
    last = last ? last + 1 : said;
    cr_expect_eq (strncmp (last, "family_program: ", 16), 0, "%s: %s", setting, said);
    cr_expect_not_null (strstr (last, words), "%s: '%s' instead of '%s'", setting, last, words);
}

static void s_expect_endpoint (const char *endpoint, int expected, const char *words)
{
    char setting [512];
    snprintf (setting, sizeof setting, "children/one/endpoint=%s", endpoint);
    s_expect (setting, expected, words);
}

//  Nobody waits in silence for a host that nobody may talk to, or that is none.
Test (refused, hosts_that_cannot_be_used)
{
    s_expect_endpoint ("tcp://192.0.2.1:5000", 1, "tcp://192.0.2.1:5000 reaches beyond this machine: set secur");
    s_expect_endpoint ("tcp://nobody.invalid:5000", 1, "tcp://nobody.invalid:5000: ");
    s_expect_endpoint ("tcp://127.0.0.1", 2, "tcp://127.0.0.1 is neither ");
    s_expect_endpoint ("tcp://127.0.0.1:99999", 2, "tcp://127.0.0.1:99999 is neither ");
    s_expect_endpoint ("tcp://127.0.0.1:0", 2, "tcp://127.0.0.1:0 is neither ");
    s_expect_endpoint ("udp://127.0.0.1:1", 2, "udp://127.0.0.1:1 is neither ");
}

//  Two actors of one name would share their mail.
Test (refused, names_that_are_taken)
{
    s_expect_endpoint ("ipc://here", 1, "one#1 START_FAILED (8): an actor of that name is running already");
    s_expect_endpoint ("inproc://here", 1, "one#1 START_FAILED (8): an actor of that name is running already");
}

//  A path belongs to whoever listens there, and what lies there is somebody's.
Test (refused, paths_that_cannot_be_used)
{
    char endpoint [300], words [400];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf (address.sun_path, sizeof address.sun_path, "%s/taken", s_folder);
    int taken = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq (bind (taken, (const struct sockaddr *) &address, sizeof address), 0);
    cr_assert_eq (listen (taken, 1), 0);
    snprintf (endpoint, sizeof endpoint, "ipc://%s/taken", s_folder);
    snprintf (words, sizeof words, "one#1 START_FAILED (8): %s: somebody listens there", endpoint);
    s_expect_endpoint (endpoint, 1, words);
    close (taken);
    close (open ("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    snprintf (endpoint, sizeof endpoint, "ipc://%s/file", s_folder);
    s_expect_endpoint (endpoint, 1, "something else than a socket is there");
    snprintf (endpoint, sizeof endpoint, "ipc://%s/nowhere/one", s_folder);
    s_expect_endpoint (endpoint, 1, "there is no such folder");
    snprintf (endpoint, sizeof endpoint, "ipc://%s/%0120d", s_folder, 1);
    s_expect_endpoint (endpoint, 2, "...: the path has more than 107 bytes");
    s_expect_endpoint ("ipc://@one", 2, "ipc://@one would be open to every local user");
}

//  Who has no permission is told so; root has every permission.
Test (refused, paths_without_permission)
{
    char endpoint [300];
    if (geteuid () == 0) {
        s_end ();
        cr_skip_test ("root may write everywhere");
    }
    cr_assert_eq (mkdir ("closed", 0500), 0);
    snprintf (endpoint, sizeof endpoint, "ipc://%s/closed/one", s_folder);
    s_expect_endpoint (endpoint, 1, "no permission");
}

//  What is wrong with the certificates is said once, with the file's name.
Test (refused, certificates_that_cannot_be_used)
{
    s_expect ("security/cert=/nope", 2, "cannot start: /nope_secret: No such file or directory");
    s_expect ("security/plain=3", 2, "cannot start: security/plain is '3', and can be 0 or 1");
    s_expect ("security/crt=x", 2, "cannot start: security/crt: security has cert, allowed, server and plain");
    cr_expect_eq (system (FAMILY_PROGRAM " --set security/cert=/nope 2>&1 | wc -l | grep -qx ' *1'"), 0);
}
