/*  =========================================================================
    shutdown_test.c - the end of a tree is ordered, bounded, and explains itself

    Place: tests/live, of runtime/live/app/runtime.c and offspring.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/actor/wait.h"
#include "troupe_world.h"

static int s_ends [2];              //  Where actors write that they end

static void s_say_end (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) state;
    (void) reason;
    cr_assert_eq (write (s_ends [1], troupe_name (self), 1), 1);
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    world_word_t word;
    if (troupe_message_size (message) == sizeof word) {
        memcpy (&word, troupe_message_data (message), sizeof word);
        return word.fn (self, state, message, &word);
    }
    return 0;
}

//  --- Order

static const troupe_behavior_t s_sayer = { .name = "sayer", .receive = s_receive, .stop = s_say_end };

//  Who came last may lean on who came first: through the levels of a tree as well.
Test (live_shutdown, tree_stops_in_reverse_order)
{
    static const troupe_child_t inner_children [] = {
        { .id = "b", .behavior = &s_sayer }, { .id = "c", .behavior = &s_sayer }, { .id = NULL } };
    static const troupe_supervisor_t inner = { .children = inner_children };
    const troupe_child_t children [] = { { .id = "a", .behavior = &s_sayer }, { .id = "inner", .supervisor = &inner },
                                         { .id = "d", .behavior = &s_sayer }, { .id = NULL } };
    cr_assert_eq (pipe (s_ends), 0);
    world_end (world_with (children));
    char text [5] = "";
    cr_assert_eq (read (s_ends [0], text, 4), 4);
    cr_assert_str_eq (text, "dcba");
}

//  --- Draining

static int s_let_go (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    troupe_caller_t *caller = context;
    troupe_answerf (&caller, "finished while %s", troupe_is_draining (self) ? "draining" : "running");
    troupe_exit (self);
    return 0;
}

typedef struct {
    troupe_caller_t *caller;
} s_worker_t;

static int s_worker_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (s_worker_t));
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "state");
}

static int s_worker_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    ((s_worker_t *) state)->caller = troupe_defer (self, message);
    return 0;
}

static int s_worker_drain (troupe_actor_t *self, void *state)
{
    return troupe_after (self, 20, s_let_go, ((s_worker_t *) state)->caller) ? 0 : 1;
}

static void s_worker_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_worker = { .name = "worker", .start = s_worker_start, .receive = s_worker_receive,
                                            .drain = s_worker_drain, .stop = s_worker_stop };

//  What is in flight is finished, and its caller has the answer.
Test (live_shutdown, draining_actor_gets_its_time)
{
    const troupe_child_t children [] = { { .id = "worker", .behavior = &s_worker }, { .id = NULL } };
    troupe_t *troupe = world_with (children);
    world_call (troupe, "worker", world_echo, 0, NULL, TROUPE_FOREVER);
    cr_assert_eq (troupe_call_wait (troupe, "worker", TROUPE_TAG_PING, "", 0, WORLD_MS, NULL), TROUPE_CALL_OK);
    cr_assert_eq (troupe_stop (troupe, WORLD_MS), TROUPE_OK);
    cr_assert_str_eq (world_notes (troupe, 1), "OK:finished while draining");
    troupe_destroy (&troupe);
}

//  --- Under load

//  Sends itself two messages for each, and so always has a full mailbox.
static int s_flood (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) message;
    for (int time = 0; time < 2; time++)
        troupe_cast (troupe_ref (self, "box"), 0, word, sizeof *word);
    return 0;
}

//  The word to stop goes past the mail.
Test (live_shutdown, full_mailboxes_do_not_hold_it_up)
{
    const troupe_mailbox_options_t small = { .limit_messages = 50 };
    const troupe_child_t children [] = { { .id = "box", .behavior = &world_doer, .mailbox = small },
                                         { .id = "sender", .behavior = &world_doer, .instances = 2, .mailbox = small },
                                         { .id = NULL } };
    troupe_t *troupe = world_with (children);
    world_tell (troupe, "box", s_flood, 0, NULL);
    world_tell (troupe, "sender-1", s_flood, 0, NULL);
    world_tell (troupe, "sender-2", s_flood, 0, NULL);
    cr_assert_eq (troupe_call_wait (troupe, "box", TROUPE_TAG_PING, "", 0, WORLD_MS, NULL), TROUPE_CALL_OK);
    world_end (troupe);
}

//  A second is time enough for a tree of hundreds.
Test (live_shutdown, five_hundred_actors_stop_within_a_second)
{
    const troupe_child_t children [] = { { .id = "a", .behavior = &world_doer, .instances = 500 }, { .id = NULL } };
    troupe_t *troupe = world_with (children);
    cr_assert_str_eq (world_ask (troupe, "a-500", world_echo, 1, "x"), "OK x 1");
    cr_assert_eq (troupe_stop (troupe, 1000), TROUPE_OK);
    troupe_destroy (&troupe);
}

//  --- Hanging

static int s_log_pipe [2];

static void s_log_to_pipe (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) context;
    char text [512];
    int size = snprintf (text, sizeof text, "%s\n", line);
    if (write (s_log_pipe [1], text, (size_t) size) != size)
        abort ();
}

static int s_grind (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    world_word_t word = { .fn = NULL };
    return world_hang (self, NULL, message, &word);
}

#define S_CHECK(condition, code) \
    do { if (!(condition)) _exit (code); } while (0)

static const troupe_tag_t s_tags [] = { { 7, "GRIND" }, { 0, NULL } };
static const troupe_behavior_t s_mill = { .name = "mill", .receive = s_grind, .tags = s_tags };

static const troupe_child_t s_flat [] = {
    { .id = "first", .behavior = &world_doer }, { .id = "mill", .behavior = &s_mill, .shutdown_ms = 50 },
    { .id = "last", .behavior = &world_doer }, { .id = NULL } };
static const troupe_child_t s_inner_children [] = { { .id = "mill", .behavior = &s_mill }, { .id = NULL } };
static const troupe_supervisor_t s_inner = { .children = s_inner_children };
static const troupe_child_t s_deep [] = { { .id = "inner", .supervisor = &s_inner }, { .id = NULL } };

//  A program of its own, since one that leaves threads behind can only end by _exit.
static void s_leave_one_behind (const troupe_child_t *children, int64_t timeout_ms)
{
    troupe_supervisor_t root = { .children = children };
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_log_to_pipe };
    troupe_t *troupe = troupe_new (&options, NULL);
    S_CHECK (troupe && troupe_start (troupe, &root, WORLD_MS) == TROUPE_OK, 2);
    S_CHECK (troupe_cast_now (troupe, "mill", 7, "corn", 4) == TROUPE_OK, 3);
    world_gate_await ();
    int64_t begin_us = troupe_clock_us ();
    S_CHECK (troupe_stop (troupe, timeout_ms) == TROUPE_ETIMEOUT, 4);
    S_CHECK (troupe_clock_us () - begin_us >= 50000, 5);
    S_CHECK (troupe_stop (troupe, timeout_ms) == TROUPE_ETIMEOUT, 6);
    troupe_destroy (&troupe);
    S_CHECK (!troupe, 7);
    _exit (0);
}

//  What the program logged, once it has ended well.
static const char *s_log_of_end (const troupe_child_t *children, int64_t timeout_ms)
{
    static char log [4096];
    world_gate_make ();
    cr_assert_eq (pipe (s_log_pipe), 0);
    pid_t child = fork ();
    if (child == 0)
        s_leave_one_behind (children, timeout_ms);
    close (s_log_pipe [1]);
    size_t size = 0;
    for (ssize_t got; (got = read (s_log_pipe [0], log + size, sizeof log - 1 - size)) > 0;)
        size += (size_t) got;
    int status = 0;
    cr_assert_eq (waitpid (child, &status, 0), child);
    cr_assert (WIFEXITED (status));
    cr_assert_eq (WEXITSTATUS (status), 0, "check %d; %s", WEXITSTATUS (status), log);
    return log;
}

//  Shutdown always ends, and names who holds it up, with the message it is handling and since when.
Test (live_shutdown, hanging_actor_is_named_with_what_it_handles)
{
    const char *log = s_log_of_end (s_flat, WORLD_MS);
    cr_assert_not_null (strstr (log, "mill does not stop in time: it has been handling GRIND from guest for "), "%s",
                        log);
}

//  Also when the time of the whole is over before that of the one that hangs, deep in the tree.
Test (live_shutdown, hanging_actor_is_named_from_above)
{
    const char *log = s_log_of_end (s_deep, 100);
    cr_assert_not_null (strstr (log, "root does not stop in time: mill has been handling GRIND from guest for "), "%s",
                        log);
}
