/*  =========================================================================
    supervisor_requests_test.c - what a supervisor is asked, and configured

    Place: tests/stage, of actors/supervisor.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "supervised.h"

#define CHILD(ID) { .id = ID, .behavior = &supervised_worker }

static const troupe_child_t s_two [] = { CHILD ("a"), CHILD ("b"), { .id = NULL } };
static const troupe_supervisor_t s_plain = { .children = s_two };
static const troupe_child_t s_one [] = { CHILD ("worker"), { .id = NULL } };
static const troupe_supervisor_t s_simple = { .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .children = s_one };

//  --------------------------------------------------------------------------
//  Static children

//  For maintenance: stopped means stopped, until somebody says otherwise.
Test (supervisor_requests, child_is_stopped_and_started_again)
{
    troupe_stage_t *stage = supervised_stage (1, &s_plain);
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_STOP_CHILD, "a"), "a");
    cr_assert_str_eq (supervised_story (), "+a +b -a");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "a 1 stopped\nb 1 running\n");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_RESTART_CHILD, "a"), "a");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "a 1 running\nb 1 running\n");
    cr_assert_str_eq (troupe_stage_call (stage, "a", "name"), "a");
    troupe_stage_destroy (&stage);
}

//  Each refusal says what is the matter, and changes nothing.
Test (supervisor_requests, what_makes_no_sense_is_refused)
{
    troupe_stage_t *stage = supervised_stage (1, &s_plain);
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_STOP_CHILD, "nobody"),
                      "[FAILED] there is no child of that id");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_RESTART_CHILD, "a"), "[FAILED] it is not stopped");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, ""),
                      "[FAILED] this supervisor starts no children by request");
    cr_assert_str_eq (supervised_ask (stage, 1, ""), "[FAILED] a supervisor has no such request");
    supervised_ask (stage, TROUPE_SUPERVISOR_STOP_CHILD, "a");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_STOP_CHILD, "a"), "[FAILED] it is stopped");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "a 1 stopped\nb 1 running\n");
    troupe_stage_destroy (&stage);
}

//  The one who asked is told why; the child stays stopped, and nobody is the worse for it.
Test (supervisor_requests, failed_restart_is_the_answer)
{
    troupe_stage_t *stage = supervised_stage (1, &s_plain);
    supervised_ask (stage, TROUPE_SUPERVISOR_STOP_CHILD, "a");
    troupe_stage_fail_start (stage, "a", 1);
    const char *answer = supervised_ask (stage, TROUPE_SUPERVISOR_RESTART_CHILD, "a");
    cr_assert_eq (strncmp (answer, "[FAILED] a#1 START_FAILED", 25), 0, "%s", answer);
    troupe_stage_run (stage);
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "a 1 stopped\nb 1 running\n");
    cr_assert_eq (troupe_stage_incarnation (stage, "root"), 1);
    troupe_stage_destroy (&stage);
}

//  A spawn that the system refuses is told in the same way.
Test (supervisor_requests, refused_spawn_is_the_answer)
{
    troupe_stage_t *stage = supervised_stage (1, &s_plain);
    supervised_ask (stage, TROUPE_SUPERVISOR_STOP_CHILD, "a");
    troupe_stage_fail_spawn (stage, 1, TROUPE_ETHREAD);
    const char *answer = supervised_ask (stage, TROUPE_SUPERVISOR_RESTART_CHILD, "a");
    cr_assert (strstr (answer, "the system refused another thread"), "%s", answer);
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_RESTART_CHILD, "a"), "a");
    troupe_stage_destroy (&stage);
}

//  --------------------------------------------------------------------------
//  Dynamic children

//  Children of one spec, each with args of its own, come and go at run time.
Test (supervisor_requests, dynamic_children_come_and_go)
{
    troupe_stage_t *stage = supervised_stage (1, &s_simple);
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, "blue"), "worker-1");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, ""), "worker-2");
    cr_assert_str_eq (troupe_stage_call (stage, "worker-1", "args"), "blue");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_STOP_CHILD, "worker-1"), "worker-1");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "worker-2 1 running\n");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_STOP_CHILD, "worker-1"),
                      "[FAILED] there is no child of that id");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, ""), "worker-3");
    troupe_stage_destroy (&stage);
}

//  A restarted one begins with the args that it was started with.
Test (supervisor_requests, dynamic_child_is_restarted_with_its_args)
{
    troupe_stage_t *stage = supervised_stage (1, &s_simple);
    supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, "blue");
    supervised_tell (stage, "worker-1", "fail");
    cr_assert_eq (troupe_stage_incarnation (stage, "worker-1"), 2);
    cr_assert_str_eq (troupe_stage_call (stage, "worker-1", "args"), "blue");
    troupe_stage_destroy (&stage);
}

//  A start that fails is answered and forgotten; it costs no restart.
Test (supervisor_requests, failed_dynamic_start_leaves_nothing)
{
    troupe_stage_t *stage = supervised_stage (1, &s_simple);
    for (int attempt = 0; attempt < 5; attempt++) {
        const char *answer = supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, "bad");
        cr_assert (strstr (answer, "bad args"), "%s", answer);
    }
    troupe_stage_run (stage);
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "");
    cr_assert_eq (troupe_stage_incarnation (stage, "root"), 1);
    troupe_stage_destroy (&stage);
}

//  A spawn that fails at once is answered too, and its slot is used again.
Test (supervisor_requests, refused_dynamic_spawn_leaves_nothing)
{
    troupe_stage_t *stage = supervised_stage (1, &s_simple);
    troupe_stage_fail_spawn (stage, 1, TROUPE_EFILES);
    const char *answer = supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, "");
    cr_assert (strstr (answer, "out of file descriptors"), "%s", answer);
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, ""), "worker-2");
    cr_assert_str_eq (supervised_ask (stage, TROUPE_SUPERVISOR_LIST, ""), "worker-2 1 running\n");
    troupe_stage_destroy (&stage);
}

//  Many of them end together: the whole takes no longer than the slowest.
Test (supervisor_requests, dynamic_children_end_together)
{
    static const troupe_child_t children [] = {
        { .id = "slow", .behavior = &supervised_lingerer }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .children = children };
    troupe_stage_t *stage = supervised_stage (1, &spec);
    for (int child = 0; child < 40; child++)
        supervised_ask (stage, TROUPE_SUPERVISOR_START_CHILD, "");
    int64_t began_ms = troupe_stage_now_ms (stage);
    cr_assert_eq (troupe_stage_stop (stage, "root"), TROUPE_OK);
    cr_assert_eq (troupe_stage_now_ms (stage) - began_ms, 500);
    troupe_stage_destroy (&stage);
}

//  --------------------------------------------------------------------------
//  Configuration

static troupe_error_t s_start_configured (troupe_stage_t *stage, const char *path, const char *value)
{
    static const troupe_child_t children [] = {
        { .id = "w", .behavior = &supervised_worker, .instances = 2 }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children };
    troupe_child_t root = { .id = "root", .supervisor = &spec };
    supervised_story ();
    if (path)
        troupe_stage_config (stage, path, value);
    return troupe_stage_spawn_child (stage, &root);
}

//  So many of them, named in order.
Test (supervisor_config, instances_are_numbered)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    cr_assert_eq (s_start_configured (stage, NULL, NULL), TROUPE_OK);
    cr_assert_str_eq (supervised_story (), "+w-1 +w-2");
    troupe_stage_destroy (&stage);
}

//  The number of workers is the operator's to choose; a single one has no number.
Test (supervisor_config, configuration_sets_the_instances)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    cr_assert_eq (s_start_configured (stage, "children/w/instances", "3"), TROUPE_OK);
    cr_assert_str_eq (supervised_story (), "+w-1 +w-2 +w-3");
    troupe_stage_destroy (&stage);
    stage = troupe_stage_new (1);
    cr_assert_eq (s_start_configured (stage, "children/w/instances", "1"), TROUPE_OK);
    cr_assert_str_eq (supervised_story (), "+w");
    troupe_stage_destroy (&stage);
}

//  A typing error is told, not guessed at.
Test (supervisor_config, instances_that_are_no_number_do_not_start)
{
    static const char *const values [] = { "", "many", "0", "-1", "3x", "100001", "99999999999999999999" };
    for (size_t index = 0; index < sizeof values / sizeof values [0]; index++) {
        troupe_stage_t *stage = troupe_stage_new (1);
        cr_assert_neq (s_start_configured (stage, "children/w/instances", values [index]), TROUPE_OK);
        cr_assert (strstr (troupe_stage_reason (stage, "root")->text, "children/w/instances"));
        troupe_stage_destroy (&stage);
    }
}

//  Moving an actor is a line of configuration; its instances move with it, each to a place of its own.
Test (supervisor_config, configuration_sets_the_endpoint)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    cr_assert_eq (s_start_configured (stage, "children/w/endpoint", "inproc://elsewhere"), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_call (stage, "inproc://elsewhere-2", "name"), "w-2");
    troupe_stage_destroy (&stage);
}

//  One instance alone can be moved too.
Test (supervisor_config, configuration_sets_the_endpoint_of_one_instance)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    cr_assert_eq (s_start_configured (stage, "children/w-2/endpoint", "inproc://elsewhere"), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_call (stage, "inproc://elsewhere", "name"), "w-2");
    cr_assert_str_eq (troupe_stage_call (stage, "inproc://w-1", "name"), "w-1");
    troupe_stage_destroy (&stage);
}

//  --------------------------------------------------------------------------
//  What makes no sense is told with the path, the value and what would be right

static const char *s_refusal (const troupe_child_t *child, const char *path, const char *value)
{
    static char text [TROUPE_REASON_TEXT_MAX + 1];
    const troupe_child_t children [] = { *child, { .id = NULL } };
    const troupe_supervisor_t spec = { .children = children };
    troupe_stage_t *stage = troupe_stage_new (1);
    if (path)
        troupe_stage_config (stage, path, value);
    troupe_error_t error = troupe_stage_spawn_child (stage, &(troupe_child_t) { .id = "root", .supervisor = &spec });
    const troupe_reason_t *reason = troupe_stage_reason (stage, "root");
    snprintf (text, sizeof text, "%s", error == TROUPE_OK ? "" : reason->cause ? reason->cause->text : reason->text);
    troupe_stage_destroy (&stage);
    return text;
}

#define S_WORKER { .id = "w", .behavior = &supervised_worker }

Test (supervisor_config, time_to_hang_is_a_number_or_never)
{
    const troupe_child_t worker = S_WORKER;
    cr_assert_str_eq (s_refusal (&worker, "children/w/wedged_ms", "1"), "");
    cr_assert_str_eq (s_refusal (&worker, "children/w/wedged_ms", "never"), "");
    cr_assert_str_eq (s_refusal (&worker, "children/w/wedged_ms", "soon"),
                      "children/w/wedged_ms: \"soon\" is neither a whole number of milliseconds nor \"never\"");
    cr_assert_str_neq (s_refusal (&worker, "children/w/wedged_ms", "0"), "");
    cr_assert_str_neq (s_refusal (&worker, "children/w/wedged_ms", "5s"), "");
}

Test (supervisor_config, what_is_done_about_a_hang_is_one_of_two_words)
{
    const troupe_child_t worker = S_WORKER;
    cr_assert_str_eq (s_refusal (&worker, "children/w/wedged", "exit"), "");
    cr_assert_str_eq (s_refusal (&worker, "children/w/wedged", "report"), "");
    cr_assert_str_eq (s_refusal (&worker, "children/w/wedged", "kill"),
                      "children/w/wedged: \"kill\" is neither \"report\" nor \"exit\"");
}

//  Instances cannot listen at one port; a free one for each is fine.
Test (supervisor_config, instances_do_not_share_a_port)
{
    troupe_child_t worker = { .id = "w", .behavior = &supervised_worker, .instances = 2,
                              .listen = "tcp://127.0.0.1:6001" };
    cr_assert_str_eq (s_refusal (&worker, NULL, NULL),
                      "children/w/listen: 2 instances cannot share tcp://127.0.0.1:6001; port 0 takes a free one");
    cr_assert_str_eq (s_refusal (&worker, "children/w/instances", "1"), "");
    cr_assert_str_eq (s_refusal (&worker, "children/w/listen", "tcp://127.0.0.1:*"), "");
    cr_assert_str_eq (s_refusal (&worker, "children/w/listen", ""), "");
}

//  An address without a scheme is the behavior's own matter, unless its mailbox listens.
Test (supervisor_config, place_to_listen_has_a_scheme)
{
    troupe_child_t worker = S_WORKER;
    cr_assert_str_eq (s_refusal (&worker, "children/w/listen", "127.0.0.1:8080"), "");
    cr_assert_str_eq (s_refusal (&worker, "children/w/listen", "http://127.0.0.1:8080"), "children/w/listen: "
                      "\"http://127.0.0.1:8080\" is neither tcp://ADDRESS:PORT nor ipc:///PATH");
    cr_assert_str_neq (s_refusal (&worker, "children/w/listen", "ipc://w"), "", "where would that be?");
    worker.listen = "tcp://127.0.0.1:0";
    cr_assert_str_neq (s_refusal (&worker, "children/w/listen", "127.0.0.1:8080"), "");
}

//  Nobody can run a child that has no behavior, unless somebody else does.
Test (supervisor_config, child_without_behavior_is_elsewhere)
{
    troupe_child_t billing = { .id = "billing", .endpoint = "tcp://10.0.0.7:5560" };
    cr_assert_str_eq (s_refusal (&billing, NULL, NULL), "");
    cr_assert_str_eq (s_refusal (&billing, "children/billing/endpoint", "ipc://billing"),
                      "billing has no behavior, and its endpoint ipc://billing is not tcp://HOST:PORT");
    cr_assert_str_eq (s_refusal (&billing, "children/billing/endpoint", "tcp://0.0.0.0:5560"),
                      "billing has no behavior, and its endpoint tcp://0.0.0.0:5560 is not tcp://HOST:PORT");
}
