/*  =========================================================================
    scarce_test.c - out of descriptors, out of threads: errors, and life goes on

    Place: tests/live, of runtime/live/children/offspring.c, socket.c and context.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <criterion/criterion.h>

#include "troupe_world.h"

//  Lets the process have 'spare' descriptors more than it has. Entries of /proc/self/fd count "." and ".." and the
//  one that reads it.
static struct rlimit s_leave (size_t spare)
{
    struct rlimit before, limit;
    cr_assert_eq (getrlimit (RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = world_count ("fd") - 3 + spare;
    cr_assert_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
    return before;
}

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) self;
    (void) state;
    (void) link;
    (void) context;
    if (event->kind == TROUPE_CHILD_STARTED)
        world_note ("started");
    return 0;
}

static troupe_error_t s_spawn (troupe_t *troupe, const char *id, size_t stack_bytes)
{
    troupe_child_t spec = { .id = id, .behavior = &world_doer, .stack_bytes = stack_bytes };
    return troupe_spawn (troupe_guest (troupe), &spec, s_on_child, NULL, &(troupe_link_t *) { NULL });
}

//  However few are left: spawn succeeds or says EFILES, and those who live are as they were.
Test (live_scarce, spawn_without_descriptors_is_an_error)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "x"), "OK x 1");
    for (size_t spare = 0; spare < 8; spare++) {
        struct rlimit before = s_leave (spare);
        char id [16];
        snprintf (id, sizeof id, "c%zu", spare);
        troupe_error_t error = s_spawn (troupe, id, 0);
        const char *answer = world_ask (troupe, "a", world_echo, 1, "x");
        setrlimit (RLIMIT_NOFILE, &before);
        cr_assert_str_eq (answer, "OK x 1");
        cr_assert (error == TROUPE_OK || error == TROUPE_EFILES, "%s", troupe_error_name (error));
        cr_assert (spare > 2 || error == TROUPE_EFILES);
    }
    cr_assert_eq (s_spawn (troupe, "late", 0), TROUPE_OK, "there are some again");
    while (strcmp (world_ask (troupe, "late", world_echo, 1, "x"), "OK x 1"))
        cr_assert_neq (troupe_run (troupe, WORLD_MS), TROUPE_ETIMEOUT);
    cr_assert_str_eq (world_ask (troupe, "b", world_fail, 1, "x"), "FAILED x");
    cr_assert_str_eq (world_ask (troupe, "b", world_echo, 1, "x"), "OK x 1");
    world_end (troupe);
}

//  A thread that the system refuses is an error too, and what was made for it is given back.
Test (live_scarce, spawn_without_a_thread_is_an_error)
{
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    cr_assert_eq (s_spawn (troupe, "huge", (size_t) 1 << 46), TROUPE_ETHREAD);
    size_t files = world_count ("fd");
    for (int time = 0; time < 20; time++)
        cr_assert_eq (s_spawn (troupe, "huge", (size_t) 1 << 46), TROUPE_ETHREAD);
    world_await_at_most ("fd", files);
    cr_assert_str_eq (world_ask (troupe, "huge", world_echo, 1, "x"), "NO_SUCH_ACTOR");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "x"), "OK x 1");
    cr_assert_eq (s_spawn (troupe, "huge", 0), TROUPE_OK, "the name is free");
    cr_assert_str_eq (world_notes (troupe, 1), "started");
    world_end (troupe);
}

//  A tree for which there is not enough says so, and leaves nothing running.
Test (live_scarce, tree_without_descriptors_does_not_start)
{
    const troupe_child_t children [] = { { .id = "a", .behavior = &world_doer, .instances = 50 }, { .id = NULL } };
    troupe_t *troupe = world_new ();
    size_t threads = world_count ("task");
    troupe_supervisor_t root = { .children = children };
    struct rlimit before = s_leave (80);
    troupe_error_t error = troupe_start (troupe, &root, WORLD_MS);
    setrlimit (RLIMIT_NOFILE, &before);
    cr_assert_eq (error, TROUPE_EFAILED);
    const troupe_reason_t *reason = troupe_exit_reason (troupe);
    while (reason->cause)
        reason = reason->cause;
    cr_assert_eq (reason->code, TROUPE_EFILES, "%s", reason->text);
    cr_assert_leq (world_count ("task"), threads);
    cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_OK, "there are some again");
    cr_assert_str_eq (world_ask (troupe, "a-50", world_echo, 1, "x"), "OK x 1");
    world_end (troupe);
}

//  A program that is started without descriptors to spare is told so.
Test (live_scarce, troupe_without_descriptors_is_an_error)
{
    for (size_t spare = 0; spare < 24; spare++) {
        troupe_error_t error = TROUPE_OK;
        struct rlimit before = s_leave (spare);
        troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
        troupe_t *troupe = troupe_new (&options, &error);
        setrlimit (RLIMIT_NOFILE, &before);
        cr_assert (troupe || error == TROUPE_EFILES, "%s", troupe_error_name (error));
        troupe_destroy (&troupe);
    }
}

static int s_ask_b (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    world_word_t question = { .fn = world_echo, .number = word->number };
    troupe_error_t error = troupe_cast (troupe_ref (self, "b"), 0, &question, sizeof question);
    return (int) troupe_replyf (self, message, "%s", troupe_error_name (error));
}

//  A way to another actor needs a descriptor, too: without one the send fails, and works later.
Test (live_scarce, ref_without_descriptors_is_an_error)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "x"), "OK x 1");
    struct rlimit before = s_leave (0);
    const char *without = world_ask (troupe, "a", s_ask_b, 1, NULL);
    setrlimit (RLIMIT_NOFILE, &before);
    cr_assert_str_eq (without, "OK TROUPE_EFILES");
    before = s_leave (0);
    troupe_outcome_t outcome = troupe_call_wait (troupe, "b", TROUPE_TAG_PING, "", 0, WORLD_MS, NULL);
    setrlimit (RLIMIT_NOFILE, &before);
    cr_assert_eq (outcome, TROUPE_CALL_FULL, "b is there: it may be tried again");
    cr_assert_eq (troupe_call_wait (troupe, "b", TROUPE_TAG_PING, "", 0, WORLD_MS, NULL), TROUPE_CALL_OK);
    cr_assert_str_eq (world_ask (troupe, "a", s_ask_b, 1, NULL), "OK TROUPE_OK");
    world_end (troupe);
}
