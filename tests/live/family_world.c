/*  =========================================================================
    family_world.c - a troupe with actors here and in processes, for one test

    Place: tests/live; see family_world.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "family_world.h"

static void s_no_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

troupe_t *family_with (const troupe_child_t *children, const char *const *settings)
{
    char text [512] = "";
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_no_log, .program = FAMILY_PROGRAM,
                                 .settings = settings };
    troupe_supervisor_t root = { .intensity = 100000, .children = children };
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    troupe_error_t error = troupe_start (troupe, &root, WORLD_MS);
    if (error && troupe_exit_reason (troupe))
        troupe_reason_print (troupe_exit_reason (troupe), text, sizeof text);
    cr_assert_eq (error, TROUPE_OK, "%s: %s", troupe_error_name (error), text);
    return troupe;
}

troupe_t *family_new (void)
{
    static troupe_child_t children [4];
    memcpy (children, errand_family, 3 * sizeof children [0]);
    return family_with (children, NULL);
}

void family_end (troupe_t *troupe)
{
    world_end (troupe);
    cr_assert (waitpid (-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a process is left behind");
}

const char *family_ask (troupe_t *troupe, const char *name, const char *format, ...)
{
    static char answer [4096];
    char what [512];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (what, sizeof what, format, arguments);
    va_end (arguments);
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, name, 0, what, strlen (what), WORLD_MS, &reply);
    snprintf (answer, sizeof answer, "%s%s%s", troupe_outcome_name (outcome), reply ? " " : "",
              troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return answer;
}

void family_ask_later (troupe_t *troupe, const char *name, const char *format, ...)
{
    char what [512];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (what, sizeof what, format, arguments);
    va_end (arguments);
    troupe_run (troupe, 0);
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), name);
    cr_assert_eq (troupe_call (ref, 0, what, strlen (what), WORLD_MS, world_on_reply, NULL, NULL), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
}

long family_process (troupe_t *troupe, const char *name)
{
    const char *life = family_ask (troupe, name, "life");
    cr_assert_eq (strncmp (life, "OK ", 3), 0, "%s: %s", name, life);
    return strtol (life + 3, NULL, 10);
}

//  --- The gate

static void s_make (const char *folder, const char *name)
{
    char path [128];
    snprintf (path, sizeof path, "%s/%s", folder, name);
    cr_assert_eq (mkfifo (path, 0600), 0);
}

void family_gate_make (char folder [64])
{
    snprintf (folder, 64, "%s/family-XXXXXX", P_tmpdir);
    cr_assert_not_null (mkdtemp (folder));
    s_make (folder, "within");
    s_make (folder, "release");
}

static int s_open (const char *folder, const char *name)
{
    char path [128];
    snprintf (path, sizeof path, "%s/%s", folder, name);
    int end = open (path, O_RDWR | O_CLOEXEC);
    cr_assert_geq (end, 0);
    return end;
}

void family_gate_await (const char *folder)
{
    char byte;
    int within = s_open (folder, "within");
    cr_assert_eq (read (within, &byte, 1), 1);
    close (within);
}

void family_gate_open (const char *folder)
{
    int release = s_open (folder, "release");
    cr_assert_eq (write (release, "x", 1), 1);
    //  Whoever waits has it open already.
    close (release);
}

void family_gate_remove (const char *folder)
{
    char path [128];
    snprintf (path, sizeof path, "%s/within", folder);
    unlink (path);
    snprintf (path, sizeof path, "%s/release", folder);
    unlink (path);
    cr_assert_eq (rmdir (folder), 0);
}
