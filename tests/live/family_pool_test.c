/*  =========================================================================
    family_pool_test - workers that are threads, processes and other programs

    Place: tests/live. Three instances of one child: the configuration says
    that "worker-1" is a thread here, "worker-2" a process and "worker-3" in
    another program, over TCP on loopback. Nothing else tells them apart.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "family_world.h"

#define S_CALLS 3000
#define S_IN_FLIGHT 48

//  --- The other program

typedef struct {
    pid_t pid;
    int output;
    char endpoint [128];
} s_other_t;

static void s_other_start (s_other_t *other, const char *listen, const char *pool)
{
    int output [2];
    char line [160] = "";
    cr_assert_eq (pipe2 (output, O_CLOEXEC), 0);
    *other = (s_other_t) { .pid = fork (), .output = output [0] };
    if (other->pid == 0) {
        dup2 (output [1], STDOUT_FILENO);
        setenv ("FAMILY_LISTEN", listen, 1);
        if (pool)
            setenv ("FAMILY_POOL", pool, 1);
        execl (FAMILY_PROGRAM, "program", "--log", "error", NULL);
        _exit (99);
    }
    close (output [1]);
    for (size_t length = 0; length < sizeof line - 1 && !strchr (line, '\n'); length++)
        cr_assert_eq (read (other->output, line + length, 1), 1, "it does not start: '%s'", line);
    cr_assert_eq (sscanf (line, "ready %127s", other->endpoint), 1, "%s", line);
}

static int s_other_end (s_other_t *other, int signal_number)
{
    int status;
    kill (other->pid, signal_number);
    cr_assert_eq (waitpid (other->pid, &status, 0), other->pid);
    close (other->output);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -WTERMSIG (status);
}

//  --- The workers

static troupe_t *s_begin (const troupe_child_t *children, const char *endpoint)
{
    char third [160];
    const char *settings [] = { "children/worker/instances=3", "children/worker-2/endpoint=ipc://worker-2", third,
                                NULL };
    snprintf (third, sizeof third, "children/worker-3/endpoint=%s", endpoint);
    return family_with (children, settings);
}

//  --- Load

typedef struct {
    unsigned number;
    unsigned ended;
    bool idempotent;
} s_call_t;

static s_call_t s_calls [S_CALLS];
static unsigned s_begun, s_ended, s_down, s_wrong;
static troupe_balancer_t *s_balancer;

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) self;
    (void) state;
    s_call_t *call = context;
    char expected [16];
    snprintf (expected, sizeof expected, "%u", call->number);
    bool right = outcome == TROUPE_CALL_OK ? strcmp (troupe_message_text (reply), expected) == 0
                                           : outcome == TROUPE_CALL_DOWN && !call->idempotent;
    s_wrong += !right || call->ended++;
    s_down += outcome == TROUPE_CALL_DOWN;
    s_ended++;
    return 0;
}

static void s_call (unsigned number)
{
    char text [24];
    s_call_t *call = &s_calls [number];
    *call = (s_call_t) { .number = number, .idempotent = number % 2 };
    int size = snprintf (text, sizeof text, "echo %u", number);
    troupe_error_t error = call->idempotent
        ? troupe_balancer_call_idempotent (s_balancer, 0, text, (size_t) size, WORLD_MS, s_on_answer, call, NULL)
        : troupe_balancer_call (s_balancer, 0, text, (size_t) size, WORLD_MS, s_on_answer, call, NULL);
    cr_assert_eq (error, TROUPE_OK);
}

//  Goes on until so many have ended.
static void s_load (troupe_t *troupe, unsigned wanted)
{
    while (s_ended < wanted) {
        while (s_begun < S_CALLS && s_begun - s_ended < S_IN_FLIGHT)
            s_call (s_begun++);
        troupe_flush (troupe_guest (troupe));
        cr_assert_neq (troupe_run (troupe, WORLD_MS), TROUPE_ETIMEOUT, "%u of %u", s_ended, s_begun);
    }
}

//  Goes on until all that had begun by now have ended: a call is made once more, and not twice, so that what was lost
//  with one worker must not be in the hands of the next one that is lost.
static void s_settle (troupe_t *troupe)
{
    for (unsigned number = 0, begun = s_begun; number < begun; number++)
        while (!s_calls [number].ended)
            s_load (troupe, s_ended + 1);
}

static uint64_t s_share (troupe_t *troupe, const char *worker)
{
    troupe_balancer_worker_stats_t stats = { 0 };
    troupe_balancer_worker_stats (s_balancer, troupe_ref (troupe_guest (troupe), worker), &stats);
    return stats.calls;
}

//  Nobody gets a wrong answer, two, or none, whatever is lost; what may be done twice does not notice at all.
Test (family_pool, workers_of_all_kinds_are_lost_under_load, .timeout = 60)
{
    static const troupe_child_t children [] = { { .id = "worker", .behavior = &errand_behavior }, { .id = NULL } };
    s_other_t other;
    s_other_start (&other, "tcp://127.0.0.1:0", NULL);
    char endpoint [128];
    snprintf (endpoint, sizeof endpoint, "%s", other.endpoint);
    troupe_t *troupe = s_begin (children, endpoint);
    long process = family_process (troupe, "worker-2");
    s_balancer = troupe_balancer_new (troupe_guest (troupe), NULL);
    cr_assert_eq (troupe_balancer_add_instances (s_balancer, "worker", 3), TROUPE_OK);
    s_load (troupe, S_CALLS / 4);
    kill ((pid_t) process, SIGKILL);
    s_load (troupe, S_CALLS / 2);
    s_settle (troupe);
    cr_expect_eq (s_other_end (&other, SIGKILL), -SIGKILL);
    s_load (troupe, S_CALLS * 3 / 4);
    s_other_start (&other, endpoint, NULL);
    s_load (troupe, S_CALLS);
    cr_expect_eq (s_wrong, 0);
    cr_expect_leq (s_down, 2 * S_IN_FLIGHT);
    cr_expect (s_share (troupe, "worker-1") && s_share (troupe, "worker-2") && s_share (troupe, "worker-3"));
    cr_expect_str_eq (family_ask (troupe, "worker-3", "echo back"), "OK back");
    cr_expect_neq (family_process (troupe, "worker-2"), process);
    troupe_balancer_destroy (&s_balancer);
    cr_expect_eq (s_other_end (&other, SIGTERM), 0);
    family_end (troupe);
}

//  --- The pool

static const troupe_pool_t s_pool_spec = { .workers = "worker" };
static const troupe_behavior_t s_pool = TROUPE_POOL ("pool", &s_pool_spec);

//  Calls the pool until one of those four processes has answered that has not before; how many there are.
static size_t s_await_processes (troupe_t *troupe, size_t wanted)
{
    long seen [8];
    size_t count = 0;
    while (count < wanted) {
        size_t index = 0;
        seen [count] = family_process (troupe, "pool");
        while (seen [index] != seen [count])
            index++;
        count += index == count;
    }
    return count;
}

//  A worker that says itself where it is works beside those that were configured, and nobody misses it.
Test (family_pool, a_worker_in_another_program_announces_itself, .timeout = 60)
{
    static const troupe_child_t children [] = {
        { .id = "worker", .behavior = &errand_behavior },
        { .id = "pool", .behavior = &s_pool, .listen = "tcp://127.0.0.1:0" }, { .id = NULL },
    };
    char pool [128] = "";
    s_other_t third, announced;
    troupe_message_t *reply = NULL;
    s_other_start (&third, "tcp://127.0.0.1:0", NULL);
    troupe_t *troupe = s_begin (children, third.endpoint);
    cr_assert_eq (troupe_call_wait (troupe, "pool", TROUPE_TAG_ENDPOINT, NULL, 0, WORLD_MS, &reply), TROUPE_CALL_OK);
    snprintf (pool, sizeof pool, "%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    cr_expect_eq (s_await_processes (troupe, 3), 3);
    s_other_start (&announced, "tcp://127.0.0.1:0", pool);
    cr_expect_eq (s_await_processes (troupe, 4), 4);
    cr_expect_eq (s_other_end (&announced, SIGTERM), 0);
    for (int number = 0; number < 40; number++)
        cr_expect_str_eq (family_ask (troupe, "pool", "echo on"), "OK on");
    s_other_start (&announced, "tcp://127.0.0.1:0", pool);
    cr_expect_eq (s_await_processes (troupe, 4), 4);
    cr_expect_eq (s_other_end (&announced, SIGKILL), -SIGKILL);
    cr_expect_eq (s_await_processes (troupe, 3), 3);
    cr_expect_eq (s_other_end (&third, SIGTERM), 0);
    family_end (troupe);
}
