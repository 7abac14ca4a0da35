/*  =========================================================================
    app_test - troupe_main, seen from outside: statuses, messages, signals

    Place: tests/live, of runtime/live/app/app.c. Every test runs app_program as a
    process; that it has ended is seen from the end of its output.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <troupe/api.h>

typedef struct {
    pid_t pid;
    int output;             //  Standard output and standard error, where we read them
    int errors;
    char said [4096];       //  On standard output, so far
    char complained [4096];
} s_process_t;

//  Starts the program with arguments that blanks separate. SIGINT is ignored, as in a shell's background. With
//  'descriptors' above 0 it gets no more of them than that.
static void s_begin_limited (s_process_t *process, const char *arguments, rlim_t descriptors)
{
    int output [2], errors [2];
    cr_assert_eq (pipe2 (output, O_CLOEXEC), 0);
    cr_assert_eq (pipe2 (errors, O_CLOEXEC), 0);
    *process = (s_process_t) { .pid = fork (), .output = output [0], .errors = errors [0] };
    if (process->pid == 0) {
        char text [512];
        char *argv [16] = { "program" };
        int argc = 1;
        strcpy (text, arguments);
        for (char *word = strtok (text, " "); word; word = strtok (NULL, " "))
            argv [argc++] = word;
        signal (SIGINT, SIG_IGN);
        dup2 (output [1], STDOUT_FILENO);
        dup2 (errors [1], STDERR_FILENO);
        struct rlimit limit = { descriptors, descriptors };
        if (descriptors)
            setrlimit (RLIMIT_NOFILE, &limit);
        execv (APP_PROGRAM, argv);
        _exit (99);
    }
    close (output [1]);
    close (errors [1]);
}

static void s_begin (s_process_t *process, const char *arguments)
{
    s_begin_limited (process, arguments, 0);
}

//  Adds what can be read to 'text'. False at the end.
static bool s_read (int descriptor, char *text, size_t size)
{
    size_t length = strlen (text);
    ssize_t count = read (descriptor, text + length, size - 1 - length);
    text [count > 0 ? length + (size_t) count : length] = 0;
    return count > 0;
}

static void s_expect (s_process_t *process, const char *text)
{
    while (!strstr (process->said, text))
        cr_assert (s_read (process->output, process->said, sizeof process->said), "'%s' instead of '%s'; %s",
                   process->said, text, process->complained);
}

//  Reads all that it still says, and returns its exit status; minus the signal that it died of.
static int s_end (s_process_t *process)
{
    while (s_read (process->output, process->said, sizeof process->said))
        ;
    while (s_read (process->errors, process->complained, sizeof process->complained))
        ;
    int status = 0;
    cr_assert_eq (waitpid (process->pid, &status, 0), process->pid);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -WTERMSIG (status);
}

static int s_run (s_process_t *process, const char *arguments)
{
    s_begin (process, arguments);
    return s_end (process);
}

//  Service managers send SIGTERM and look at the status.
Test (app, a_first_signal_ends_it_in_order_with_status_0, .timeout = 30)
{
    static const int signals [] = { SIGTERM, SIGINT };
    for (size_t index = 0; index < 2; index++) {
        s_process_t process;
        s_begin (&process, "--log error");
        s_expect (&process, "ready run\n");
        kill (process.pid, signals [index]);
        cr_assert_eq (s_end (&process), 0, "%s", process.complained);
        cr_assert_str_eq (process.said, "ready run\ndraining\n");
        cr_assert_str_eq (process.complained, "");
    }
}

//  Whoever presses ctrl-C twice does not want to wait.
Test (app, a_second_signal_ends_it_at_once, .timeout = 30)
{
    static const int signals [] = { SIGTERM, SIGINT };
    for (size_t index = 0; index < 2; index++) {
        s_process_t process;
        s_begin (&process, "--mode drain-forever");
        s_expect (&process, "ready");
        kill (process.pid, SIGTERM);
        s_expect (&process, "draining");
        kill (process.pid, signals [index]);
        cr_assert_eq (s_end (&process), 128 + signals [index]);
        cr_assert_neq (strstr (process.complained, "stopping on SIGTERM"), NULL);
    }
}

//  The line that people paste into their search engine.
Test (app, a_start_that_fails_is_one_clear_line_and_status_1, .timeout = 30)
{
    s_process_t process;
    cr_assert_eq (s_run (&process, "--mode fail-start --log error"), 1);
    cr_assert_not_null (strstr (process.complained, "program: cannot start: actor#1 START_FAILED"), "%s",
                        process.complained);
    cr_assert_not_null (strstr (process.complained, "127.0.0.1:8080: address in use\n"));
    cr_assert_str_eq (process.said, "");
}

//  libzmq and czmq abort the process when descriptors run out in the wrong place.
Test (app, too_few_descriptors_are_one_clear_line_wherever_they_run_out, .timeout = 60)
{
    for (rlim_t descriptors = 8; descriptors < 72; descriptors += 3) {
        s_process_t process;
        s_begin_limited (&process, "--mode exit --log error", descriptors);
        int status = s_end (&process);
        cr_assert (status == 0 || status == 1, "%d: %s", status, process.complained);
        cr_assert (status == 0 || strstr (process.complained, "out of file descriptors\n"), "%s", process.complained);
        cr_assert (status == 1 || descriptors > 16, "that few cannot have sufficed");
    }
}

//  A tree that gives up must not look like success.
Test (app, a_tree_that_fails_is_one_clear_line_and_status_1, .timeout = 30)
{
    s_process_t process;
    cr_assert_eq (s_run (&process, "--mode fail"), 1);
    cr_assert_not_null (strstr (process.complained, "program: ended: "), "%s", process.complained);
    cr_assert_not_null (strstr (process.complained, "because actor#1 FAILED (5): no table users\n"), "%s",
                        process.complained);
}

//  Somebody has to be told, and the machine wants to be shut down all the same.
Test (app, an_actor_that_hangs_is_named_and_left_behind, .timeout = 30)
{
    s_process_t process;
    s_begin (&process, "--set children/sleeper/mode=hang");
    s_expect (&process, "ready");
    kill (process.pid, SIGTERM);
    cr_assert_eq (s_end (&process), 1, "%s", process.complained);
    cr_assert_not_null (strstr (process.complained, "sleeper does not stop in time"), "%s", process.complained);

    s_begin (&process, "--set hang=1 --set children/adopted/stop_ms=50");
    s_expect (&process, "ready");
    kill (process.pid, SIGTERM);
    cr_assert_eq (s_end (&process), 1, "%s", process.complained);
    cr_assert_not_null (strstr (process.complained, "adopted#1: the adopted function has not ended within 50 ms"),
                        "%s", process.complained);

    cr_assert_eq (s_run (&process, "--mode fail --set children/sleeper/mode=hang"), 1);
    cr_assert_not_null (strstr (process.complained, "program: ended: "), "%s", process.complained);
}

//  A program may also be done.
Test (app, a_tree_that_ends_normally_is_status_0, .timeout = 30)
{
    s_process_t process;
    cr_assert_eq (s_run (&process, "--mode exit --log error"), 0, "%s", process.complained);
    cr_assert_str_eq (process.complained, "");
}

//  Batch programs drive their actors from ready.
Test (app, ready_decides_on_the_status, .timeout = 30)
{
    s_process_t process;
    cr_assert_eq (s_run (&process, "--status 3"), 3, "%s", process.complained);
    cr_assert_str_eq (process.said, "ready run\ndraining\n");
    cr_assert_eq (s_run (&process, "--status -1"), 0, "%s", process.complained);
}

//  Whoever presses ctrl-C does not want to wait for an answer, and has not been failed.
Test (app, a_signal_ends_what_ready_waits_for, .timeout = 30)
{
    s_process_t process;
    s_begin (&process, "--set wait=1 --status 1");
    s_expect (&process, "ready");
    kill (process.pid, SIGINT);
    cr_assert_eq (s_end (&process), 0, "%s", process.complained);
    cr_assert_str_eq (process.said, "ready run\nCANCELLED\ndraining\n");
}

//  Wrong use is status 2, so that scripts can tell it from failure.
Test (app, wrong_use_is_one_clear_line_and_status_2, .timeout = 30)
{
    static const char *const cases [] [2] = {
        { "--nonsense", "program: unknown option '--nonsense'; try --help\n" },
        { "--status many", "program: --status: 'many' is no whole number from -1 to 100; try --help\n" },
        { "--set status=101", "program: status: '101' is no whole number from -1 to 100\n" },
        { "--set children/actr/mode=x", "program: children/actr/mode: there is no child named 'actr'\n" },
        { "--set //=x", "program: setting '//=x': the path has an empty name\n" },
        { "--set log=loud", "program: log: 'loud' is none of debug, info, warning, error\n" },
        { "--config /nowhere/x.cfg", "program: /nowhere/x.cfg: No such file or directory\n" },
        { "--config /proc/version", "program: /proc/version:1: this is neither NAME nor NAME = VALUE\n" },
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases [0]; index++) {
        s_process_t process;
        cr_assert_eq (s_run (&process, cases [index] [0]), 2, "%s", cases [index] [0]);
        cr_assert_str_eq (process.complained, cases [index] [1]);
        cr_assert_str_eq (process.said, "");
    }
}

//  A file is below the options, and above their fallbacks.
Test (app, a_file_configures_it, .timeout = 30)
{
    static const char content [] = "log = error\nstatus = 4\nchildren\n    actor\n        mode = from-file\n";
    int descriptor = memfd_create ("config", 0);
    cr_assert_eq (write (descriptor, content, sizeof content - 1), (ssize_t) sizeof content - 1);
    char arguments [128];
    s_process_t process;
    snprintf (arguments, sizeof arguments, "--config /proc/self/fd/%d", descriptor);
    cr_assert_eq (s_run (&process, arguments), 4, "%s", process.complained);
    cr_assert_str_eq (process.said, "ready from-file\ndraining\n");
    snprintf (arguments, sizeof arguments, "--config /proc/self/fd/%d --mode=option", descriptor);
    cr_assert_eq (s_run (&process, arguments), 4, "%s", process.complained);
    cr_assert_str_eq (process.said, "ready option\ndraining\n");
}

//  They start nothing.
Test (app, help_and_version_go_to_standard_output, .timeout = 30)
{
    s_process_t process;
    cr_assert_eq (s_run (&process, "--help"), 0);
    cr_assert_eq (strncmp (process.said, "Usage: program [OPTION]...\nEnds as it is told to.\n", 50), 0);
    cr_assert_eq (s_run (&process, "--version"), 0);
    cr_assert_str_eq (process.said, "program 3.2 (troupe " TROUPE_VERSION ")\n");
}
