/*  =========================================================================
    world_live.c - the world of a fact with threads, processes or another program

    Place: tests/conformance; see world.h. Built once for each of the levels
    thread, process and remote. What hangs the subject are two FIFOs, since
    they reach into other processes too.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live/actor/wait.h"
#include "other_program.h"
#include "world.h"

const level_t world_level = CONFORMANCE_LEVEL;

static troupe_t *s_troupe;
static char s_folder [] = P_tmpdir "/conformance-XXXXXX";
static int s_within, s_release, s_log = -1;
static pid_t s_subject;

static const char *const s_settings [] = {
    WORLD_PATH "=" WORLD_VALUE, WORLD_OPTION_PATH "=" WORLD_VALUE, NULL };

//  --- Its beginning and end

static int s_fifo (const char *name)
{
    char path [64];
    snprintf (path, sizeof path, "%s/%s", s_folder, name);
    cr_assert_eq (mkfifo (path, 0600), 0);
    int end = open (path, O_RDWR | O_CLOEXEC);
    cr_assert_geq (end, 0);
    return end;
}

//  What this process and its children log goes to a file from here on.
static void s_keep_log (void)
{
    char path [64];
    snprintf (path, sizeof path, "%s/log", s_folder);
    s_log = open (path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    cr_assert_geq (s_log, 0);
    cr_assert_geq (dup2 (s_log, STDERR_FILENO), 0);
}

static void s_start (const troupe_child_t *children, bool log)
{
    troupe_options_t options = { .log_level = log ? TROUPE_LOG_WARNING : TROUPE_LOG_ERROR, .settings = s_settings,
                                 .program = CONFORMANCE_HOST };
    troupe_supervisor_t root = { .children = children, .intensity = 1000 };
    s_troupe = troupe_new (&options, NULL);
    cr_assert_not_null (s_troupe);
    troupe_error_t error = troupe_start (s_troupe, &root, WORLD_MS);
    char reason [256] = "";
    if (error)
        troupe_reason_print (troupe_exit_reason (s_troupe), reason, sizeof reason);
    cr_assert_eq (error, TROUPE_OK, "%s: %s", troupe_error_name (error), reason);
}

void world_make (const plan_t *plan)
{
    cr_assert_not_null (mkdtemp (s_folder));
    s_within = s_fifo ("within");
    s_release = s_fifo ("release");
    if (plan->log)
        s_keep_log ();
    if (world_level == LEVEL_REMOTE)
        s_start (other_program_start (plan, s_settings), plan->log);
    else {
        plan_places_t places = { .endpoint = world_level == LEVEL_PROCESS ? "ipc://subject" : NULL };
        s_start (plan_children (plan, &places), plan->log);
    }
}

static void s_remove (const char *name)
{
    char path [64];
    snprintf (path, sizeof path, "%s/%s", s_folder, name);
    unlink (path);
}

void world_unmake (void)
{
    cr_assert_eq (troupe_stop (s_troupe, WORLD_MS), TROUPE_OK, "somebody holds the end up");
    troupe_destroy (&s_troupe);
    if (world_level == LEVEL_REMOTE)
        other_program_end ();
    s_remove ("within");
    s_remove ("release");
    s_remove ("log");
    cr_assert_eq (rmdir (s_folder), 0);
}

troupe_actor_t *world_guest (void)
{
    return troupe_guest (s_troupe);
}

bool world_turn (void)
{
    return troupe_run (s_troupe, WORLD_MS) != TROUPE_ETIMEOUT;
}

//  --- What befalls the subject

void world_hold (void)
{
    char words [128], byte;
    snprintf (words, sizeof words, "subject %d %s", SUBJECT_HOLD, s_folder);
    expect ("OK TROUPE_OK", ask ("helper", SUBJECT_CAST, words));
    cr_assert_eq (read (s_within, &byte, 1), 1);
}

void world_release (void)
{
    cr_assert_eq (write (s_release, "x", 1), 1);
}

void world_crash (int signal_number)
{
    char text [12];
    snprintf (text, sizeof text, "%d", signal_number);
    tell ("subject", SUBJECT_CRASH, text);
    send_now ();
    if (world_level == LEVEL_REMOTE)
        other_program_again ();
}

//  Whether the process has a thread of that name.
static bool s_has_thread (pid_t process, const char *wanted)
{
    char path [512], name [32] = "";
    bool found = false;
    snprintf (path, sizeof path, "/proc/%ld/task", (long) process);
    DIR *threads = opendir (path);
    cr_assert_not_null (threads);
    for (struct dirent *entry; !found && (entry = readdir (threads));) {
        snprintf (path, sizeof path, "/proc/%ld/task/%s/comm", (long) process, entry->d_name);
        FILE *file = fopen (path, "r");
        found = file && fscanf (file, "%31s", name) == 1 && strcmp (name, wanted) == 0;
        if (file)
            fclose (file);
    }
    closedir (threads);
    return found;
}

//  Its supervisor buries it when it next has something to do.
void world_bury (void)
{
    pid_t process = world_level == LEVEL_REMOTE ? other_program_process () : getpid ();
    world_release ();
    int64_t until_us = troupe_clock_us () + (int64_t) WORLD_MS * 1000;
    while (s_has_thread (process, "subject")) {
        cr_assert_lt (troupe_clock_us (), until_us, "it does not come to its end");
        sched_yield ();
    }
    ask_there ("family", TROUPE_SUPERVISOR_LIST, NULL);
}

//  A process that stands still is silent as one behind a broken network is: its peers hear no heartbeats.
void world_cut_off (bool cut_off)
{
    if (cut_off) {
        const char *process = ask ("subject", SUBJECT_PROCESS, NULL);
        cr_assert_eq (strncmp (process, "OK ", 3), 0, "%s", process);
        s_subject = (pid_t) atol (process + 3);
    }
    cr_assert_neq (s_subject, getpid ());
    cr_assert_eq (kill (s_subject, cut_off ? SIGSTOP : SIGCONT), 0);
}

const char *world_near (void)
{
    static char endpoint [128];
    if (world_level != LEVEL_REMOTE)
        return "near";
    const char *answer = ask ("near", TROUPE_TAG_ENDPOINT, NULL);
    cr_assert_eq (strncmp (answer, "OK tcp://", 9), 0, "%s", answer);
    snprintf (endpoint, sizeof endpoint, "%s", answer + 3);
    return endpoint;
}

const char *world_log (void)
{
    static char text [16384];
    ssize_t size = pread (s_log, text, sizeof text - 1, 0);
    text [size > 0 ? size : 0] = 0;
    return text;
}
