/*  =========================================================================
    process_fault_test - children that cannot be started as processes

    Place: tests/live, of runtime/live/children/process.c, program.c and elsewhere.c.
    What cannot be started is one clear error, and nothing is left of it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

#include <criterion/criterion.h>

#include "process_world.h"

static int s_spawn_fault, s_pidfd_fault;

int __real_posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const *argv, char *const *environment);
int __wrap_posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const *argv, char *const *environment);
int __real_pidfd_open (pid_t pid, unsigned flags);
int __wrap_pidfd_open (pid_t pid, unsigned flags);

int __wrap_posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const *argv, char *const *environment)
{
    return s_spawn_fault ? s_spawn_fault : __real_posix_spawn (pid, path, actions, attributes, argv, environment);
}

int __wrap_pidfd_open (pid_t pid, unsigned flags)
{
    if (!s_pidfd_fault)
        return __real_pidfd_open (pid, flags);
    errno = s_pidfd_fault;
    return -1;
}

//  Spawns, takes the one note of its end, and stops it.
static void s_expect (const char *program, const char *behavior, const char *beginning)
{
    troupe_t *troupe = process_new (program);
    process_spawn_behavior (troupe, behavior);
    const char *notes = world_notes (troupe, 1);
    cr_expect_eq (strncmp (notes, beginning, strlen (beginning)), 0, "%s instead of %s", notes, beginning);
    process_stop_all (troupe, 1);
    process_end (troupe);
}

//  Wrong paths are found at once, and named.
Test (process_fault, a_program_that_cannot_be_run_is_named, .timeout = 30)
{
    s_expect ("/nowhere/program", "puppet", "ENDED#1:START_FAILED:3:the program '/nowhere/program' cannot be run: No");
    s_expect ("/proc/version", "puppet", "ENDED#1:START_FAILED:9:the program '/proc/version' cannot be run: Permi");
    s_expect ("/proc", "puppet", "ENDED#1:START_FAILED:9:the program '/proc' cannot be run: Permission denied");
}

//  It might print its help for ever and ever.
Test (process_fault, a_program_of_another_kind_is_named, .timeout = 30)
{
    s_expect ("/bin/true", "puppet", "ENDED#1:START_FAILED:18:'/bin/true' is no program that hosts actors: exit st");
    s_expect ("/bin/false", "puppet", "ENDED#1:START_FAILED:18:'/bin/false' is no program that hosts actors: exit st");
}

//  Programs of two versions must not half understand each other.
Test (process_fault, a_program_of_another_version_is_refused, .timeout = 30)
{
    setenv ("PROCESS_MODE", "stranger", 1);
    s_expect (PROCESS_PROGRAM, "puppet",
              "ENDED#1:START_FAILED:18:its program speaks version 99 of the protocol, this one 2");
}

//  Nobody waits in silence for a program that says nothing.
Test (process_fault, a_program_that_does_not_answer_is_killed, .timeout = 60)
{
    setenv ("PROCESS_MODE", "mute", 1);
    s_expect (PROCESS_PROGRAM, "puppet", "ENDED#1:START_FAILED:11:its program does not answer");
}

//  Behaviors are found by name: one that was forgotten in the list is named.
Test (process_fault, a_behavior_that_the_program_does_not_have_is_named, .timeout = 30)
{
    s_expect (PROCESS_PROGRAM, "nobody", "ENDED#1:START_FAILED:3:the program has no behavior 'nobody'");
}

//  A restart that fails for the same reason ends in the same way, with the next number.
Test (process_fault, goes_on_as_long_as_it_is_restarted, .timeout = 30)
{
    troupe_t *troupe = process_new ("/nowhere/program");
    process_spawn (troupe, "", 2);
    const char *notes = world_notes (troupe, 3);
    cr_expect_not_null (strstr (notes, "ENDED#3:START_FAILED:3:"), "%s", notes);
    process_stop_all (troupe, 1);
    process_end (troupe);
}

//  A program with a main of its own has to say what to run.
Test (process_fault, needs_a_program, .timeout = 30)
{
    troupe_t *troupe = process_new (NULL);
    cr_expect_eq (process_try (troupe), TROUPE_ENOTSUP);
    process_end (troupe);
}

//  What the system has no more of is an error of spawn's: nothing was started, and nothing is left.
Test (process_fault, that_the_system_refuses_is_an_error_of_spawn, .timeout = 30)
{
    static const int faults [] [2] = {
        { EAGAIN, TROUPE_ETHREAD }, { ENOMEM, TROUPE_ENOMEM }, { EMFILE, TROUPE_EFILES },
    };
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    process_spawn (troupe, "", 0);
    world_notes (troupe, 1);
    process_stop_all (troupe, 2);
    size_t descriptors = world_count ("fd");
    for (size_t index = 0; index < sizeof faults / sizeof faults [0]; index++) {
        s_spawn_fault = faults [index] [0];
        cr_expect_eq (process_try (troupe), (troupe_error_t) faults [index] [1]);
    }
    s_spawn_fault = 0;
    s_pidfd_fault = EMFILE;
    cr_expect_eq (process_try (troupe), TROUPE_EFILES);
    s_pidfd_fault = 0;
    world_await_at_most ("fd", descriptors);
    process_spawn (troupe, "", 0);
    cr_expect_str_eq (world_notes (troupe, 1), "STARTED#1");
    process_stop_all (troupe, 2);
    process_end (troupe);
}

//  --- Elsewhere

//  Somebody else runs it: it has started, and it is let go when that is wanted.
Test (process_fault, elsewhere_it_is_neither_started_nor_stopped, .timeout = 30)
{
    troupe_t *troupe = process_new (NULL);
    troupe_link_t *link = process_spawn_at (troupe, "tcp://127.0.0.1:1");
    cr_expect_str_eq (world_notes (troupe, 1), "STARTED#1");
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    cr_expect_str_eq (world_notes (troupe, 2), "ENDED#1:SHUTDOWN:0: GONE#1:SHUTDOWN:0:");
    process_end (troupe);
}
