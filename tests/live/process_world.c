/*  =========================================================================
    process_world.c - a troupe whose children are processes, for one test

    Place: tests/live; see process_world.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "process_world.h"

static int s_restarts;
static troupe_link_t *s_link;

static const troupe_behavior_t s_puppet = { .name = "puppet" };

static void s_no_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

troupe_t *process_new (const char *program)
{
    static const char *const settings [] = { "children/puppet/mark=made", NULL };
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_no_log, .program = program,
                                 .settings = settings };
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    return troupe;
}

static int s_on_event (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    static const char *const kinds [] = { "STARTED", "ENDED", "WEDGED", "GONE" };
    const troupe_reason_t *reason = event->reason;
    (void) self;
    (void) state;
    (void) context;
    if (reason)
        world_note ("%s#%u:%s:%d:%s", kinds [event->kind], (unsigned) event->incarnation,
                    troupe_reason_kind_name (reason->kind), reason->code, reason->text);
    else
        world_note ("%s#%u", kinds [event->kind], (unsigned) event->incarnation);
    if (event->kind == TROUPE_CHILD_GONE)
        s_link = NULL;
    if (event->kind == TROUPE_CHILD_ENDED && s_restarts-- > 0)
        troupe_link_restart (link);
    return 0;
}

static troupe_error_t s_try (troupe_t *troupe, troupe_child_t *spec)
{
    spec->id = "puppet";
    if (!spec->behavior)
        spec->behavior = &s_puppet;
    if (!spec->endpoint)
        spec->endpoint = "ipc://puppet";
    troupe_run (troupe, 0);
    return troupe_spawn (troupe_guest (troupe), spec, s_on_event, NULL, &s_link);
}

static troupe_link_t *s_spawn (troupe_t *troupe, troupe_child_t *spec, int restarts)
{
    s_restarts = restarts;
    cr_assert_eq (s_try (troupe, spec), TROUPE_OK);
    return s_link;
}

troupe_link_t *process_spawn (troupe_t *troupe, const char *args, int restarts)
{
    troupe_child_t spec = { .args = args, .args_size = strlen (args) };
    return s_spawn (troupe, &spec, restarts);
}

troupe_link_t *process_spawn_wedged (troupe_t *troupe, const char *args, int64_t wedged_ms)
{
    troupe_child_t spec = { .args = args, .args_size = strlen (args), .wedged_ms = wedged_ms };
    return s_spawn (troupe, &spec, 0);
}

troupe_link_t *process_spawn_behavior (troupe_t *troupe, const char *name)
{
    static troupe_behavior_t behavior;
    behavior = (troupe_behavior_t) { .name = name };
    troupe_child_t spec = { .behavior = &behavior };
    return s_spawn (troupe, &spec, 0);
}

troupe_link_t *process_spawn_at (troupe_t *troupe, const char *endpoint)
{
    troupe_child_t spec = { .endpoint = endpoint };
    return s_spawn (troupe, &spec, 0);
}

troupe_error_t process_try (troupe_t *troupe)
{
    troupe_child_t spec = { .args = NULL };
    return s_try (troupe, &spec);
}

void process_stop_all (troupe_t *troupe, size_t notes)
{
    s_restarts = 0;
    troupe_link_stop (s_link, TROUPE_SHUTDOWN_DEFAULT);
    world_notes (troupe, notes);
}

const char *process_ask (troupe_t *troupe, const char *what)
{
    return process_ask_for (troupe, what, WORLD_MS);
}

const char *process_ask_for (troupe_t *troupe, const char *what, int64_t timeout_ms)
{
    static char text [4096];
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, "puppet", 0, what, strlen (what), timeout_ms, &reply);
    snprintf (text, sizeof text, "%s%s%s", troupe_outcome_name (outcome), reply ? " " : "",
              troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return text;
}

void process_crash_often (troupe_t *troupe, int times)
{
    for (int count = 0; count < times; count++) {
        cr_assert_str_eq (process_ask (troupe, "segv"), "DOWN");
        world_notes (troupe, 2);
    }
}

void process_end (troupe_t *troupe)
{
    world_end (troupe);
    cr_assert (waitpid (-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a process is left behind");
}

int process_children (void)
{
    char path [64], text [4096] = "";
    snprintf (path, sizeof path, "/proc/self/task/%ld/children", (long) getpid ());
    FILE *file = fopen (path, "r");
    cr_assert_not_null (file);
    size_t size = fread (text, 1, sizeof text - 1, file);
    fclose (file);
    int count = 0;
    for (size_t index = 0; index < size; index++)
        count += text [index] == ' ';
    return count;
}

long process_memory_kib (void)
{
    long pages = 0;
    FILE *file = fopen ("/proc/self/statm", "r");
    cr_assert_not_null (file);
    cr_assert_eq (fscanf (file, "%*d %ld", &pages), 1);
    fclose (file);
    return pages * (sysconf (_SC_PAGESIZE) / 1024);
}
