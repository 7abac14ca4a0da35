/*  =========================================================================
    family_group_test - a supervisor that is a process, and processes in it

    Place: tests/live. "group" is a supervisor in a child process; its children
    are two threads, a process of its own ("deep") and another supervisor whose
    children come at run time ("crew").

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "family_world.h"

//  Asks a supervisor: "OUTCOME answer".
static const char *s_order (troupe_t *troupe, const char *name, uint16_t tag, const char *text)
{
    static char answer [1024];
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, name, tag, text, strlen (text), WORLD_MS, &reply);
    snprintf (answer, sizeof answer, "%s %s", troupe_outcome_name (outcome), troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return answer;
}

//  --- Names

//  Where a supervisor is does not matter to who looks for its children.
Test (family_group, children_in_it_are_found_by_their_names, .timeout = 60)
{
    troupe_t *troupe = family_with (errand_group, NULL);
    long group = family_process (troupe, "worker-1"), deep = family_process (troupe, "deep");
    cr_expect_eq (family_process (troupe, "worker-2"), group);
    cr_expect (deep != group && deep != (long) getpid () && group != (long) getpid ());
    cr_expect_str_eq (family_ask (troupe, "here", "call worker-2 echo 2"), "OK OK 2");
    cr_expect_str_eq (family_ask (troupe, "worker-1", "call here echo up"), "OK OK up");
    cr_expect_str_eq (family_ask (troupe, "deep", "call here echo up"), "OK OK up");
    cr_expect_str_eq (family_ask (troupe, "deep", "call worker-1 echo across"), "OK OK across");
    cr_expect_str_eq (family_ask (troupe, "worker-1", "call deep echo down"), "OK OK down");
    cr_expect_str_eq (s_order (troupe, "group", TROUPE_SUPERVISOR_LIST, ""),
                      "OK worker-1 1 running\nworker-2 1 running\ndeep 1 running\ncrew 1 running\n");
    family_end (troupe);
}

//  Dynamic children of a supervisor in another process too.
Test (family_group, children_that_come_at_run_time_are_found, .timeout = 60)
{
    troupe_t *troupe = family_with (errand_group, NULL);
    cr_expect_str_eq (s_order (troupe, "crew", TROUPE_SUPERVISOR_START_CHILD, "ada"), "OK member-1");
    cr_expect_str_eq (s_order (troupe, "crew", TROUPE_SUPERVISOR_START_CHILD, "bob"), "OK member-2");
    cr_expect_str_eq (family_ask (troupe, "member-1", "echo 1"), "OK 1");
    cr_expect_str_eq (family_ask (troupe, "here", "call bob echo 2"), "OK OK 2");
    cr_expect_str_eq (family_ask (troupe, "member-1", "call bob echo 3"), "OK OK 3");
    cr_expect_str_eq (s_order (troupe, "crew", TROUPE_SUPERVISOR_STOP_CHILD, "member-1"), "OK member-1");
    cr_expect_str_eq (family_ask (troupe, "here", "call ada echo 4"), "OK NO_SUCH_ACTOR");
    family_end (troupe);
}

//  A program knows its supervisors by their ids; those of instances have a number behind them.
Test (family_group, instances_of_a_supervisor_are_processes, .timeout = 60)
{
    static const char *const settings [] = { "children/pair/instances=2", NULL };
    static const troupe_child_t children [] = {
        { .id = "pair", .supervisor = &errand_pair, .endpoint = "ipc://pair" }, { .id = NULL }
    };
    troupe_t *troupe = family_with (children, settings);
    const char *list = s_order (troupe, "pair-2", TROUPE_SUPERVISOR_LIST, "");
    cr_expect_str_eq (list, "OK ");
    cr_expect_str_eq (s_order (troupe, "pair-1", TROUPE_SUPERVISOR_START_CHILD, "first"), "OK member-1");
    cr_expect_str_eq (family_ask (troupe, "first", "echo 1"), "OK 1");
    family_end (troupe);
}

//  --- Ends

//  Everything in the process is gone with it, and back with its next life.
Test (family_group, that_crashes_is_back_with_its_children, .timeout = 60)
{
    troupe_t *troupe = family_with (errand_group, NULL);
    long group = family_process (troupe, "worker-1"), deep = family_process (troupe, "deep");
    cr_expect_str_eq (family_ask (troupe, "here", "watch "), "OK TROUPE_OK");
    cr_expect_str_eq (family_ask (troupe, "here", "notes 6"), "OK +crew +deep +group +here +worker-1 +worker-2");
    family_ask_later (troupe, "worker-2", "never");
    family_ask_later (troupe, "deep", "never");
    cr_expect_str_eq (family_ask (troupe, "worker-1", "segv"), "DOWN");
    cr_expect_str_eq (world_notes (troupe, 2), "DOWN: DOWN:");
    const char *notes = family_ask (troupe, "here", "notes 8");
    cr_expect (strstr (notes, "-worker-1") && strstr (notes, "-worker-2") && strstr (notes, "-deep")
               && strstr (notes, "-crew") && !strstr (notes, "-group"), "%s", notes);
    cr_expect_str_eq (family_ask (troupe, "here", "call worker-2 echo again"), "OK OK again");
    cr_expect (family_process (troupe, "worker-1") != group && family_process (troupe, "deep") != deep);
    family_end (troupe);
}

//  A process in a process is its own supervisor's matter.
Test (family_group, a_process_in_it_is_restarted_by_it, .timeout = 60)
{
    troupe_t *troupe = family_with (errand_group, NULL);
    long group = family_process (troupe, "worker-1"), deep = family_process (troupe, "deep");
    family_ask_later (troupe, "here", "monitor deep");
    cr_expect_str_eq (family_ask (troupe, "here", "call deep echo there"), "OK OK there");
    cr_expect_str_eq (family_ask (troupe, "here", "call deep segv"), "OK DOWN");
    cr_expect_str_eq (world_notes (troupe, 1), "OK:CRASHED:11:SIGSEGV");
    cr_expect_neq (family_process (troupe, "deep"), deep);
    cr_expect_eq (family_process (troupe, "worker-1"), group);
    cr_expect_str_eq (family_ask (troupe, "worker-1", "call deep echo again"), "OK OK again");
    family_end (troupe);
}

//  --- The whole program

typedef struct {
    pid_t pid;
    int output;
    char said [8192];
} s_program_t;

//  Its private folder is in 'place'. All its processes share its output: it ends with the last of them.
static void s_begin (s_program_t *program, const char *place)
{
    int output [2];
    cr_assert_eq (pipe2 (output, O_CLOEXEC), 0);
    *program = (s_program_t) { .pid = fork (), .output = output [0] };
    if (program->pid == 0) {
        dup2 (output [1], STDOUT_FILENO);
        dup2 (output [1], STDERR_FILENO);
        setenv ("XDG_RUNTIME_DIR", place, 1);
        execl (FAMILY_PROGRAM, "program", "--log", "warning", NULL);
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

static void s_await_ready (s_program_t *program)
{
    while (!strstr (program->said, "ready\n"))
        cr_assert (s_read (program), "'%s'", program->said);
}

//  Sends the signal, and returns when the last process has ended: the exit status, or minus the signal.
static int s_end (s_program_t *program, int signal_number)
{
    int status = 0;
    kill (program->pid, signal_number);
    while (s_read (program))
        ;
    close (program->output);
    cr_assert_eq (waitpid (program->pid, &status, 0), program->pid);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -WTERMSIG (status);
}

static int s_count (const char *place)
{
    int count = -2;
    DIR *folder = opendir (place);
    cr_assert_not_null (folder);
    while (readdir (folder))
        count++;
    closedir (folder);
    return count;
}

//  All processes at all depths end in order, with nothing said, and nothing is left.
Test (family_group, ends_in_order_at_all_depths, .timeout = 60)
{
    char place [] = P_tmpdir "/family-XXXXXX";
    s_program_t program;
    cr_assert_not_null (mkdtemp (place));
    s_begin (&program, place);
    s_await_ready (&program);
    cr_expect_eq (s_count (place), 1);
    cr_expect_eq (s_end (&program, SIGTERM), 0);
    cr_expect_str_eq (program.said, "ready\n");
    cr_expect_eq (rmdir (place), 0, "%d left", s_count (place));
}

//  Nothing is left of a program that was killed but its folder; the next program takes that away, and no other one.
Test (family_group, is_gone_with_a_program_that_was_killed, .timeout = 60)
{
    char place [] = P_tmpdir "/family-XXXXXX";
    s_program_t killed, living, next;
    cr_assert_not_null (mkdtemp (place));
    s_begin (&living, place);
    s_await_ready (&living);
    s_begin (&killed, place);
    s_await_ready (&killed);
    cr_expect_eq (s_end (&killed, SIGKILL), -SIGKILL);
    cr_expect_eq (s_count (place), 2);
    s_begin (&next, place);
    s_await_ready (&next);
    cr_expect_eq (s_end (&next, SIGTERM), 0, "%s", next.said);
    cr_expect_eq (s_count (place), 1);
    cr_expect_eq (s_end (&living, SIGTERM), 0, "%s", living.said);
    cr_expect_eq (rmdir (place), 0, "%d left", s_count (place));
}
