/*  =========================================================================
    embed_test.c - troupes inside a program that has its own main

    Place: tests/live, of runtime/live/app/runtime.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "troupe_world.h"

static int s_start_badly (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    return troupe_fail (self, 9, "no table");
}

static int s_start_never (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_start_later (self);
    return 0;
}

static const troupe_behavior_t s_bad = { .name = "bad", .start = s_start_badly };
static const troupe_behavior_t s_slow = { .name = "slow", .start = s_start_never };

//  The whole life of a troupe, as its documentation has it.
Test (live_embed, answers_between_start_and_stop)
{
    troupe_t *troupe = world_new ();
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 0, NULL), "NO_SUCH_ACTOR", "before it has started");
    troupe_supervisor_t root = { .children = world_doers ("a", "b", NULL) };
    cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_OK);
    cr_assert_null (troupe_exit_reason (troupe));
    cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_ESTATE, "it has a root already");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 3, "hello"), "OK hello 3");
    cr_assert_eq (troupe_stop (troupe, WORLD_MS), TROUPE_OK);
    cr_assert_eq (troupe_exit_reason (troupe)->kind, TROUPE_REASON_SHUTDOWN);
    cr_assert_eq (troupe_stop (troupe, WORLD_MS), TROUPE_OK, "repeating is harmless");
    cr_assert_eq (troupe_run (troupe, 0), TROUPE_EDOWN);
    const char *late = world_ask (troupe, "a", world_echo, 3, "hello");
    cr_assert (strcmp (late, "DOWN") == 0 || strcmp (late, "NO_SUCH_ACTOR") == 0, "%s", late);
    troupe_destroy (&troupe);
    cr_assert_null (troupe);
    troupe_destroy (&troupe);
}

//  What was stopped may be started again, with others in it.
Test (live_embed, starts_again_after_its_stop)
{
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    for (int time = 0; time < 5; time++) {
        cr_assert_eq (troupe_stop (troupe, WORLD_MS), TROUPE_OK);
        troupe_supervisor_t root = { .children = world_doers ("a", "b", NULL) };
        cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_OK);
        cr_assert_str_eq (world_ask (troupe, "b", world_echo, 1, "b"), "OK b 1");
        cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "a"), "OK a 1");
    }
    world_end (troupe);
}

//  A start that fails says why, and what had been started before it is stopped again.
Test (live_embed, failed_start_leaves_nothing_running)
{
    troupe_t *troupe = world_new ();
    size_t threads = world_count ("task");
    const troupe_child_t children [] = { { .id = "a", .behavior = &world_doer }, { .id = "bad", .behavior = &s_bad },
                                         { .id = NULL } };
    troupe_supervisor_t root = { .children = children };
    cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_EFAILED);
    cr_assert_leq (world_count ("task"), threads);
    cr_assert_str_eq (troupe_exit_reason (troupe)->cause->text, "no table");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 0, NULL), "NO_SUCH_ACTOR");
    root.children = world_doers ("a", NULL, NULL);
    cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_OK);
    world_end (troupe);
}

//  A start that does not come to its end is ended.
Test (live_embed, start_past_its_time_is_stopped)
{
    troupe_t *troupe = world_new ();
    size_t threads = world_count ("task");
    const troupe_child_t children [] = { { .id = "slow", .behavior = &s_slow }, { .id = NULL } };
    troupe_supervisor_t root = { .children = children };
    cr_assert_eq (troupe_start (troupe, &root, 20), TROUPE_ETIMEOUT);
    cr_assert_leq (world_count ("task"), threads);
    troupe_destroy (&troupe);
}

//  Names are each troupe's own.
Test (live_embed, several_troupes_live_side_by_side)
{
    troupe_t *troupes [3];
    for (size_t index = 0; index < 3; index++)
        troupes [index] = world_with (world_doers ("a", NULL, NULL));
    cr_assert_str_eq (world_ask (troupes [1], "a", world_fail, 0, NULL), "FAILED told to");
    world_gate_make ();
    for (size_t index = 0; index < 3; index++) {
        world_gate_open ();
        cr_assert_str_eq (world_ask (troupes [index], "a", world_hang, 0, NULL),
                          index == 1 ? "OK life 2" : "OK life 1");
    }
    world_end (troupes [1]);
    cr_assert_str_eq (world_ask (troupes [0], "a", world_echo, 1, "still"), "OK still 1");
    world_end (troupes [0]);
    world_end (troupes [2]);
}

//  Destroying is enough.
Test (live_embed, destroy_stops_what_still_runs)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", "c"));
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "a"), "OK a 1");
    troupe_destroy (&troupe);
    cr_assert_null (troupe);
    troupe = world_new ();
    troupe_destroy (&troupe);
}

//  A server that makes a troupe for each job must not end for want of descriptors.
Test (live_embed, repeating_takes_no_descriptors_and_no_threads)
{
    size_t files = 0, threads = 0;
    for (int time = 0; time < 30; time++) {
        troupe_t *troupe = world_with (world_doers ("a", "b", "c"));
        cr_assert_str_eq (world_ask (troupe, "c", world_echo, 1, "c"), "OK c 1");
        cr_assert_str_eq (world_ask (troupe, "b", world_fail, 0, NULL), "FAILED told to");
        world_end (troupe);
        world_await_at_most ("task", threads ? threads : SIZE_MAX);
        world_await_at_most ("fd", files ? files : SIZE_MAX);
        if (time == 4) {
            files = world_count ("fd");
            threads = world_count ("task");
        }
    }
}

//  Threads other than the caller's, without those of libzmq's, that leave a signal open.
static size_t s_threads_with_open_signals (void)
{
    size_t count = 0;
    DIR *directory = opendir ("/proc/self/task");
    cr_assert_not_null (directory);
    for (struct dirent *entry; (entry = readdir (directory));) {
        char path [300], line [128];
        uint64_t blocked = UINT64_MAX;
        if (atoi (entry->d_name) == 0 || atoi (entry->d_name) == (int) gettid ())
            continue;
        snprintf (path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        FILE *file = fopen (path, "r");
        while (file && fgets (line, sizeof line, file))
            if (strncmp (line, "SigBlk:", 7) == 0)
                blocked = strtoull (line + 7, NULL, 16);
        if (file)
            fclose (file);
        for (int number = SIGHUP; number <= SIGTERM; number++)
            if (number != SIGKILL && !(blocked >> (number - 1) & 1)) {
                count++;
                break;
            }
    }
    closedir (directory);
    return count;
}

//  The program's signals are the program's.
Test (live_embed, takes_no_signals)
{
    struct sigaction before [32], after;
    sigset_t mask_before, mask_after;
    size_t others = s_threads_with_open_signals ();
    for (int number = 1; number < 32; number++)
        sigaction (number, NULL, &before [number]);
    pthread_sigmask (SIG_SETMASK, NULL, &mask_before);
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "a"), "OK a 1");
    for (int number = 1; number < 32; number++) {
        sigaction (number, NULL, &after);
        cr_assert_eq (after.sa_handler, before [number].sa_handler, "signal %d", number);
    }
    pthread_sigmask (SIG_SETMASK, NULL, &mask_after);
    for (int number = 1; number < 32; number++)
        cr_assert_eq (sigismember (&mask_after, number), sigismember (&mask_before, number));
    cr_assert_eq (s_threads_with_open_signals (), others, "all other threads leave them to this one");
    world_end (troupe);
}

//  Waiting is bounded, and says whether anything came.
Test (live_embed, run_waits_for_something_to_happen)
{
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    while (troupe_run (troupe, 1) != TROUPE_ETIMEOUT)
        ;
    world_call (troupe, "a", world_echo, 7, "x", WORLD_MS);
    cr_assert_str_eq (world_notes (troupe, 1), "OK:x 7");
    world_end (troupe);
}

static void s_keep_line (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    snprintf (context, 256, "%s", line);
}

//  A bad setting is an error with a line that says which, and leaves nothing behind.
Test (live_embed, bad_configuration_is_told)
{
    static const char *const settings [] = { "no-equals-sign", NULL };
    char line [256] = "";
    troupe_error_t error = TROUPE_OK;
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .settings = settings, .log = s_keep_line,
                                 .log_context = line };
    size_t files = world_count ("fd"), threads = world_count ("task");
    cr_assert_null (troupe_new (&options, &error));
    cr_assert_eq (error, TROUPE_EINVAL);
    cr_assert_not_null (strstr (line, "no-equals-sign"));
    cr_assert_neq (strncmp (line, "1970", 4), 0, "when it was: %s", line);
    options = (troupe_options_t) { .log_level = TROUPE_LOG_ERROR, .config_file = "/nowhere/at-all.zpl" };
    cr_assert_null (troupe_new (&options, &error));
    cr_assert_eq (error, TROUPE_ENOENT);
    cr_assert_null (troupe_new (&options, NULL));
    cr_assert_eq (world_count ("fd"), files);
    cr_assert_eq (world_count ("task"), threads);
}
