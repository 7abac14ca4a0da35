/*  =========================================================================
    other_program.c - the program that the subject runs in at the level "remote"

    Place: tests/conformance; see other_program.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "other_program.h"
#include "subject.h"

extern char **environ;

static pid_t s_process;
static int s_input = -1;            //  Our end of its standard input: it ends when this is closed
static char s_plan [1024], s_subject [128], s_helper [128];
static const char *const *s_settings;

//  --- Starting

//  Below those that the system gives to who connects (32768 and above); each process of a test begins at its own.
#define S_FIRST_PORT 10000
#define S_PORTS 20000

static bool s_is_free (int port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                                         .sin_port = htons ((uint16_t) port) };
    int descriptor = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free = bind (descriptor, (const struct sockaddr *) &address, sizeof address) == 0;
    close (descriptor);
    return is_free;
}

//  A port that is free, and is so again when an actor that listened there is started once more. Never the same twice.
static void s_pick (char *endpoint, size_t size)
{
    static int picked;
    int port, tried = 0;
    do
        port = S_FIRST_PORT + (7 * getpid () + picked++) % S_PORTS;
    while (!s_is_free (port) && ++tried < S_PORTS);
    snprintf (endpoint, size, "tcp://127.0.0.1:%d", port);
}

static void s_spawn (int input, int output)
{
    char program [] = CONFORMANCE_HOST;
    char *argv [16] = { program, s_plan, s_subject, s_helper };
    char settings [8] [128];
    for (int index = 0; index < 8 && s_settings [index]; index++) {
        snprintf (settings [index], sizeof settings [index], "%s", s_settings [index]);
        argv [4 + index] = settings [index];
    }
    posix_spawn_file_actions_t actions;
    cr_assert_eq (posix_spawn_file_actions_init (&actions), 0);
    posix_spawn_file_actions_adddup2 (&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2 (&actions, output, STDOUT_FILENO);
    cr_assert_eq (posix_spawn (&s_process, program, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy (&actions);
}

//  It says where it listens, in two lines, once both are there.
static void s_read_addresses (int output)
{
    FILE *lines = fdopen (output, "r");
    cr_assert_not_null (lines);
    int found = fscanf (lines, "subject %127s helper %127s", s_subject, s_helper);
    fclose (lines);
    cr_assert_eq (found, 2, "the other program does not start");
}

static void s_begin (void)
{
    int input [2], output [2];
    cr_assert_eq (pipe2 (input, O_CLOEXEC), 0);
    cr_assert_eq (pipe2 (output, O_CLOEXEC), 0);
    s_spawn (input [0], output [1]);
    close (input [0]);
    close (output [1]);
    s_input = input [1];
    s_read_addresses (output [0]);
}

const troupe_child_t *other_program_start (const plan_t *plan, const char *const *settings)
{
    static troupe_child_t children [4];
    snprintf (s_plan, sizeof s_plan, "%s", plan_print (plan));
    s_settings = settings;
    s_pick (s_subject, sizeof s_subject);
    s_pick (s_helper, sizeof s_helper);
    s_begin ();
    children [0] = (troupe_child_t) { .id = "near", .behavior = &subject_behavior, .listen = "tcp://127.0.0.1:0" };
    children [1] = (troupe_child_t) { .id = "helper", .endpoint = s_helper };
    children [2] = (troupe_child_t) { .id = "subject", .endpoint = s_subject };
    children [3] = (troupe_child_t) { .id = NULL };
    return children;
}

//  --- Ending

static int s_await_end (void)
{
    int status;
    cr_assert_eq (waitpid (s_process, &status, 0), s_process);
    close (s_input);
    return status;
}

pid_t other_program_process (void)
{
    return s_process;
}

void other_program_again (void)
{
    cr_assert (WIFSIGNALED (s_await_end ()), "it was to crash");
    s_begin ();
}

void other_program_end (void)
{
    int status;
    close (s_input);
    cr_assert_eq (waitpid (s_process, &status, 0), s_process);
    cr_assert (WIFEXITED (status) && WEXITSTATUS (status) == 0, "the other program ended with %x", (unsigned) status);
}
