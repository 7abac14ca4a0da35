/*  =========================================================================
    process_group_test - a program and the process of its child, from outside

    Place: tests/live, of runtime/live/children/hosted.c and app.c. Every test runs
    process_program; that all of it has ended is seen from the end of its
    output, which parent and child share.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

typedef struct {
    pid_t pid;
    int output;
    char said [8192];       //  So far
} s_program_t;

//  Starts it as the leader of a group of its own, as a shell does. What its child does is told by 'what'.
static void s_begin (s_program_t *program, const char *what)
{
    int output [2];
    cr_assert_eq (pipe2 (output, O_CLOEXEC), 0);
    *program = (s_program_t) { .pid = fork (), .output = output [0] };
    if (program->pid == 0) {
        setpgid (0, 0);
        dup2 (output [1], STDOUT_FILENO);
        dup2 (output [1], STDERR_FILENO);
        setenv ("PROCESS_WHAT", what, 1);
        setenv ("PROCESS_MARK", "inherited", 1);
        dup2 (STDOUT_FILENO, 77);       //  A descriptor that was left open
        execl (PROCESS_PROGRAM, "program", "--log", "warning", NULL);
        _exit (99);
    }
    close (output [1]);
}

static bool s_read (s_program_t *program)
{
    size_t length = strlen (program->said);
    ssize_t count = read (program->output, program->said + length, sizeof program->said - 1 - length);
    program->said [count > 0 ? length + (size_t) count : length] = 0;
    return count > 0;
}

static void s_expect (s_program_t *program, const char *text)
{
    while (!strstr (program->said, text))
        cr_assert (s_read (program), "'%s' instead of '%s'", program->said, text);
}

//  Reads until nobody is left who could say anything; the exit status, or minus the signal.
static int s_end (s_program_t *program)
{
    int status = 0;
    while (s_read (program))
        ;
    cr_assert_eq (waitpid (program->pid, &status, 0), program->pid);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -WTERMSIG (status);
}

//  Whatever becomes of the parent, no process of its children's goes on.
Test (process_group, ends_with_its_parent, .timeout = 30)
{
    s_program_t program;
    s_begin (&program, "later hang");
    s_expect (&program, "ready\n");
    kill (program.pid, SIGKILL);
    cr_expect_eq (s_end (&program), -SIGKILL);
}

//  Ctrl-C reaches everybody in the terminal's group; the children are still stopped in order.
Test (process_group, an_interrupt_of_the_group_ends_it_in_order, .timeout = 30)
{
    s_program_t program;
    s_begin (&program, "");
    s_expect (&program, "ready\n");
    kill (-program.pid, SIGINT);
    cr_expect_eq (s_end (&program), 0, "%s", program.said);
    cr_expect_not_null (strstr (program.said, "draining\n"), "%s", program.said);
    cr_expect_null (strstr (program.said, "CRASHED"), "%s", program.said);
}

//  A process begins with nothing of ours but what is meant for it.
Test (process_group, a_child_has_no_descriptors_of_ours, .timeout = 30)
{
    s_program_t program;
    s_begin (&program, "descriptors");
    s_expect (&program, "ready\n");
    kill (program.pid, SIGTERM);
    cr_expect_eq (s_end (&program), 0, "%s", program.said);
    cr_expect_not_null (strstr (program.said, "0=/dev/null "), "%s", program.said);
    cr_expect_null (strstr (program.said, "77="), "%s", program.said);
    cr_expect_null (strstr (program.said, "3=pipe"), "%s", program.said);
}

//  Nor handlers, nor anything in its environment.
Test (process_group, a_child_has_our_environment_and_its_own_signals, .timeout = 30)
{
    s_program_t program;
    char expected [64];
    size_t count = 2;
    for (char **variable = environ; *variable; variable++)
        count++;
    s_begin (&program, "environment");
    s_expect (&program, "ready\n");
    kill (program.pid, SIGTERM);
    cr_expect_eq (s_end (&program), 0);
    snprintf (expected, sizeof expected, "%zu inherited\n", count);
    cr_expect_not_null (strstr (program.said, expected), "%s instead of %s", program.said, expected);

    s_begin (&program, "signals");
    s_expect (&program, "ready\n");
    kill (program.pid, SIGTERM);
    cr_expect_eq (s_end (&program), 0);
    cr_expect_not_null (strstr (program.said, "INT PIPE TERM \n"), "%s", program.said);
}

//  A crash is a line in the log, and the next life follows.
Test (process_group, a_crash_is_one_line_and_the_next_life, .timeout = 30)
{
    s_program_t program;
    s_begin (&program, "life");
    s_expect (&program, "ready\n");
    long child = strtol (program.said, NULL, 10);
    cr_assert_gt (child, 1, "%s", program.said);
    kill ((pid_t) child, SIGABRT);
    s_expect (&program, " 2 -\n");
    cr_expect_not_null (strstr (program.said, "puppet#1 CRASHED (6): SIGABRT"), "%s", program.said);
    kill (program.pid, SIGTERM);
    cr_expect_eq (s_end (&program), 0, "%s", program.said);
}
