/*  =========================================================================
    supervisor_test.c - supervisors on real threads

    Place: tests/live, of actors/supervisor. What is decided is tested on the
    stage; here it is that threads, sockets and names follow. Each test waits
    for what it awaits, with a deadline.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe.h>

#define DEADLINE_MS 10000

//  --------------------------------------------------------------------------
//  Children

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    if (args_size == 3 && memcmp (args, "bad", 3) == 0)
        return troupe_fail (self, 9, "bad args");
    return 0;
}

//  "fail" fails; everything else is answered with the name and the incarnation.
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    if (strcmp (troupe_message_text (message), "fail") == 0)
        return troupe_fail (self, 5, "told to");
    return (int) troupe_replyf (self, message, "%s#%u", troupe_name (self), (unsigned) troupe_incarnation (self));
}

static const troupe_behavior_t s_worker = { .name = "worker", .start = s_start, .receive = s_receive };

#define CHILD(ID) { .id = ID, .behavior = &s_worker }

static const troupe_child_t s_three [] = { CHILD ("a"), CHILD ("b"), CHILD ("c"), { .id = NULL } };

//  --------------------------------------------------------------------------
//  The guest

static void s_no_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

static troupe_t *s_new (void)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_no_log };
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    return troupe;
}

static troupe_t *s_started (const troupe_supervisor_t *root)
{
    troupe_t *troupe = s_new ();
    cr_assert_eq (troupe_start (troupe, root, DEADLINE_MS), TROUPE_OK);
    return troupe;
}

//  The answer as text, or "[FAILED] why".
static const char *s_call (troupe_t *troupe, const char *address, uint16_t tag, const char *text)
{
    static char answer [512];
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, address, tag, text, strlen (text), DEADLINE_MS, &reply);
    if (outcome == TROUPE_CALL_OK)
        snprintf (answer, sizeof answer, "%s", troupe_message_text (reply));
    else
        snprintf (answer, sizeof answer, "[%s] %s", troupe_outcome_name (outcome), troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return answer;
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self;
    (void) state;
    (void) ref;
    (void) reason;
    *(bool *) context = true;
    return 0;
}

//  Lets 'name' fail, and returns when the actor 'other' has gone down. What 'other' answers shows that it knows of the
//  monitor, since it was asked later.
static void s_fail_until_down (troupe_t *troupe, const char *name, const char *other)
{
    bool down = false;
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), other);
    cr_assert_eq (troupe_monitor (ref, s_on_down, &down, NULL), TROUPE_OK);
    s_call (troupe, other, TROUPE_SUPERVISOR_LIST, "");
    cr_assert_str_eq (s_call (troupe, name, 0, "fail"), "[FAILED] told to");
    while (!down)
        cr_assert_eq (troupe_run (troupe, DEADLINE_MS), TROUPE_OK);
}

static void s_end (troupe_t *troupe)
{
    cr_assert_eq (troupe_stop (troupe, DEADLINE_MS), TROUPE_OK);
    troupe_destroy (&troupe);
}

//  --------------------------------------------------------------------------
//  Tests

//  troupe_start returns when everybody can be called.
Test (live_supervisor, all_answer_once_started)
{
    static const troupe_supervisor_t root = { .children = s_three };
    troupe_t *troupe = s_started (&root);
    cr_assert_str_eq (s_call (troupe, "a", 0, "hello"), "a#1");
    cr_assert_str_eq (s_call (troupe, "b", 0, "hello"), "b#1");
    cr_assert_str_eq (s_call (troupe, "c", 0, "hello"), "c#1");
    s_end (troupe);
}

//  The same thread with the same mailbox goes on: a call made meanwhile waits for the next incarnation.
Test (live_supervisor, failed_child_is_restarted_in_place)
{
    static const troupe_supervisor_t root = { .children = s_three, .intensity = 200 };
    troupe_t *troupe = s_started (&root);
    for (unsigned life = 1; life < 100; life++) {
        char expected [16];
        snprintf (expected, sizeof expected, "b#%u", life);
        cr_assert_str_eq (s_call (troupe, "b", 0, "hello"), expected);
        cr_assert_str_eq (s_call (troupe, "b", 0, "fail"), "[FAILED] told to");
    }
    cr_assert_str_eq (s_call (troupe, "a", 0, "hello"), "a#1");
    s_end (troupe);
}

//  Refs to siblings stay good, too: they are halted and restarted in place.
Test (live_supervisor, one_for_all_restarts_siblings_in_place)
{
    static const troupe_supervisor_t root = { .strategy = TROUPE_ONE_FOR_ALL, .children = s_three, .intensity = 50 };
    troupe_t *troupe = s_started (&root);
    for (unsigned life = 2; life < 20; life++) {
        char expected [16];
        s_fail_until_down (troupe, "b", "a");
        snprintf (expected, sizeof expected, "a#%u", life);
        cr_assert_str_eq (s_call (troupe, "a", 0, "hello"), expected);
    }
    s_end (troupe);
}

//  Why the program is down is told to its end.
Test (live_supervisor, escalation_ends_the_troupe_with_its_cause)
{
    static const troupe_supervisor_t root = { .children = s_three, .intensity = TROUPE_INTENSITY_NONE };
    troupe_t *troupe = s_started (&root);
    cr_assert_str_eq (s_call (troupe, "b", 0, "fail"), "[FAILED] told to");
    troupe_error_t error = TROUPE_OK;
    while (error == TROUPE_OK)
        error = troupe_run (troupe, DEADLINE_MS);
    cr_assert_eq (error, TROUPE_EDOWN);
    const troupe_reason_t *reason = troupe_exit_reason (troupe);
    cr_assert_not_null (reason);
    cr_assert_eq (reason->kind, TROUPE_REASON_INTENSITY);
    cr_assert_str_eq (reason->cause->actor, "b");
    troupe_destroy (&troupe);
}

//  A program that does not start leaves no thread and no name behind: the next one can.
Test (live_supervisor, failed_start_says_why_and_leaves_nothing)
{
    static const troupe_child_t children [] = {
        CHILD ("a"), { .id = "bad", .behavior = &s_worker, .args = "bad", .args_size = 3 }, { .id = NULL } };
    static const troupe_supervisor_t bad = { .children = children };
    troupe_t *troupe = s_new ();
    cr_assert_neq (troupe_start (troupe, &bad, DEADLINE_MS), TROUPE_OK);
    const troupe_reason_t *reason = troupe_exit_reason (troupe);
    cr_assert_not_null (reason);
    cr_assert_eq (reason->kind, TROUPE_REASON_START_FAILED);
    cr_assert_str_eq (reason->cause->text, "bad args");
    troupe_destroy (&troupe);
    static const troupe_supervisor_t good = { .children = s_three };
    troupe = s_started (&good);
    s_end (troupe);
}

//  Two actors of one name in one program.
Test (live_supervisor, taken_name_is_a_failed_start)
{
    static const troupe_child_t inner_children [] = { CHILD ("a"), { .id = NULL } };
    static const troupe_supervisor_t inner = { .children = inner_children };
    static const troupe_child_t children [] = { CHILD ("a"), { .id = "inner", .supervisor = &inner }, { .id = NULL } };
    static const troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = s_new ();
    cr_assert_neq (troupe_start (troupe, &root, DEADLINE_MS), TROUPE_OK);
    const troupe_reason_t *reason = troupe_exit_reason (troupe);
    while (reason->cause)
        reason = reason->cause;
    cr_assert_eq (reason->code, TROUPE_EADDRINUSE);
    troupe_destroy (&troupe);
}

//  A subtree is a child like any other.
Test (live_supervisor, nested_supervisor_is_restarted_with_its_children)
{
    static const troupe_supervisor_t inner = { .children = s_three, .intensity = TROUPE_INTENSITY_NONE };
    static const troupe_child_t children [] = { CHILD ("x"), { .id = "inner", .supervisor = &inner }, { .id = NULL } };
    static const troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = s_started (&root);
    s_fail_until_down (troupe, "b", "inner");
    cr_assert_str_eq (s_call (troupe, "inner", TROUPE_SUPERVISOR_LIST, ""),
                      "a 1 running\nb 1 running\nc 1 running\n");
    cr_assert_str_eq (s_call (troupe, "b", 0, "hello"), "b#1");
    cr_assert_str_eq (s_call (troupe, "x", 0, "hello"), "x#1");
    s_end (troupe);
}

//  Children of one spec come and go, each a thread of its own.
Test (live_supervisor, dynamic_children_come_and_go)
{
    static const troupe_child_t dynamic [] = { CHILD ("worker"), { .id = NULL } };
    static const troupe_supervisor_t workers = { .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .children = dynamic };
    static const troupe_child_t children [] = { { .id = "workers", .supervisor = &workers }, { .id = NULL } };
    static const troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = s_started (&root);
    char id [32], expected [40];
    for (int child = 1; child <= 50; child++) {
        snprintf (id, sizeof id, "worker-%d", child);
        snprintf (expected, sizeof expected, "%s#1", id);
        cr_assert_str_eq (s_call (troupe, "workers", TROUPE_SUPERVISOR_START_CHILD, ""), id);
        cr_assert_str_eq (s_call (troupe, id, 0, "hello"), expected);
    }
    for (int child = 1; child <= 25; child++) {
        snprintf (id, sizeof id, "worker-%d", child);
        cr_assert_str_eq (s_call (troupe, "workers", TROUPE_SUPERVISOR_STOP_CHILD, id), id);
    }
    cr_assert_str_eq (s_call (troupe, "worker-50", 0, "hello"), "worker-50#1");
    s_end (troupe);
}
