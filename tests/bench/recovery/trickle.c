/*  =========================================================================
    recovery/trickle.c - from a worker's crash to its next good answer

    Place: tests/bench. A supervised worker gets a call every millisecond, and
    crashes once it has answered some of them: its thread fails (thread), or it
    is a child process that writes to address zero (segv) or is killed by
    somebody else (kill). Timed from the crash to the first answer of the next
    incarnation. The crash is followed by a call, and one that is lost is made
    again at once.

    "bare" is what starting the process costs in any case: this same program,
    started again by hand, which answers through a pair of sockets; "port" is its
    side of that (recovery.erl runs it, too).
    Usage: trickle thread|segv|kill|bare COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CRASH 2
#define PING 3

#define CALMS 20                //  Answers between a recovery and the next crash

extern char **environ;

typedef enum { FAIL_THREAD = 0, FAULT_PROCESS, KILL_PROCESS } crash_t;

typedef struct {
    uint32_t incarnation;
    pid_t process;
} life_t;

typedef struct {
    crash_t crash;
    long count;
    long done, calm, lost;
    life_t life;                //  Whose answers do not count any more
    bool crashed;
    int64_t began;
    int64_t *samples;
    troupe_ref_t *worker;
    troupe_caller_t *caller;
} driver_t;

//  --- The worker

static void s_fault (void)
{
    volatile int *nowhere = NULL;
    signal (SIGSEGV, SIG_DFL);
    *nowhere = 1;
}

static int s_worker (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const life_t life = { .incarnation = troupe_incarnation (self), .process = getpid () };
    (void) state;
    if (troupe_message_tag (message) == PING)
        return (int) troupe_reply (self, message, &life, sizeof life);
    if (*(const crash_t *) troupe_message_data (message) == FAULT_PROCESS)
        s_fault ();
    return troupe_fail (self, 1, "as asked");
}

static const troupe_behavior_t worker_behavior = { .name = "worker", .receive = s_worker };
static const troupe_behavior_t *const behaviors [] = { &worker_behavior, NULL };

//  --- The driver

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       troupe_message_t *reply, void *context);

static int s_ask (driver_t *driver)
{
    return (int) troupe_call (driver->worker, PING, NULL, 0, 10000, s_answered, NULL, NULL);
}

static int s_crash (driver_t *driver)
{
    driver->calm = 0;
    driver->crashed = true;
    driver->began = bench_now_ns ();
    if (driver->crash == KILL_PROCESS)
        bench_check (kill (driver->life.process, SIGKILL) == 0, "kill");
    else
        bench_cast (driver->worker, CRASH, &driver->crash, sizeof driver->crash);
    return s_ask (driver);
}

static int s_finish (driver_t *driver)
{
    bench_print_percentiles ("crash_to_answer", driver->samples, (size_t) driver->count);
    bench_print ("lost_calls", (double) driver->lost / (double) driver->count, "1");
    free (driver->samples);
    return (int) troupe_answer (&driver->caller, NULL, 0);
}

static int s_recovered (driver_t *driver)
{
    driver->crashed = false;
    driver->samples [driver->done++] = bench_now_ns () - driver->began;
    return driver->done == driver->count? s_finish (driver): 0;
}

static int s_answered (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                       troupe_message_t *reply, void *context)
{
    driver_t *driver = state;
    (void) self;
    (void) context;
    if (driver->caller == NULL)
        return 0;
    if (outcome != TROUPE_CALL_OK) {
        driver->lost++;
        return s_ask (driver);
    }
    life_t life;
    bench_check (troupe_message_size (reply) == sizeof life, "the answer");
    memcpy (&life, troupe_message_data (reply), sizeof life);
    if (driver->crashed && life.incarnation == driver->life.incarnation)
        return 0;
    driver->life = life;
    if (driver->crashed)
        return s_recovered (driver);
    return ++driver->calm == CALMS? s_crash (driver): 0;
}

static int s_tick (troupe_actor_t *self, void *state, void *context)
{
    driver_t *driver = state;
    (void) self;
    (void) context;
    return driver->caller == NULL? 0: s_ask (driver);
}

static int s_begin (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    driver_t *driver = state;
    driver->caller = troupe_defer (self, message);
    driver->worker = troupe_ref (self, "worker");
    driver->samples = bench_allocate ((size_t) driver->count, sizeof *driver->samples);
    bench_check (troupe_every (self, 1, s_tick, NULL) != 0, "timer");
    return 0;
}

static const troupe_behavior_t driver_behavior = BENCH_BEHAVIOR ("driver", s_begin);

static void s_run (const driver_t *driver)
{
    const troupe_child_t workers [] = {
        { .id = "worker", .behavior = &worker_behavior, .endpoint = driver->crash? "ipc://worker": NULL },
        { 0 }
    };
    const troupe_supervisor_t patient = { .intensity = 1000000, .period_ms = 1000, .children = workers };
    const troupe_child_t driver_child = BENCH_CHILD ("driver", driver_behavior, *driver);
    const troupe_child_t children [] = { { .id = "workers", .supervisor = &patient }, driver_child, { 0 } };
    bench_stand (children);
}

//  --- Without the project

//  Answers on standard output what comes on standard input; an X is fatal.
static int s_serve_port (void)
{
    char byte;
    while (read (STDIN_FILENO, &byte, 1) == 1) {
        if (byte == 'X')
            s_fault ();
        if (write (STDOUT_FILENO, &byte, 1) != 1)
            break;
    }
    return 0;
}

static pid_t s_start_bare (int end)
{
    char *const arguments [] = { "trickle", "port", NULL };
    posix_spawn_file_actions_t actions;
    pid_t process = 0;
    bench_check (posix_spawn_file_actions_init (&actions) == 0
                 && posix_spawn_file_actions_adddup2 (&actions, end, STDIN_FILENO) == 0
                 && posix_spawn_file_actions_adddup2 (&actions, end, STDOUT_FILENO) == 0, "file actions");
    bench_check (posix_spawn (&process, "/proc/self/exe", &actions, NULL, arguments, environ) == 0, "spawn");
    posix_spawn_file_actions_destroy (&actions);
    return process;
}

static void s_run_bare (long count)
{
    int64_t *samples = bench_allocate ((size_t) count, sizeof *samples);
    int ends [2];
    char byte = 'p';
    bench_check (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    pid_t process = s_start_bare (ends [1]);
    for (long index = 0; index < count; index++) {
        bench_check (write (ends [0], &byte, 1) == 1 && read (ends [0], &byte, 1) == 1, "answer");
        const int64_t began = bench_now_ns ();
        kill (process, SIGKILL);
        waitpid (process, NULL, 0);
        process = s_start_bare (ends [1]);
        bench_check (write (ends [0], &byte, 1) == 1 && read (ends [0], &byte, 1) == 1, "answer");
        samples [index] = bench_now_ns () - began;
    }
    kill (process, SIGKILL);
    waitpid (process, NULL, 0);
    bench_print_percentiles ("crash_to_answer", samples, (size_t) count);
    free (samples);
}

static crash_t s_crash_of (const char *word)
{
    if (strcmp (word, "segv") == 0)
        return FAULT_PROCESS;
    return strcmp (word, "kill") == 0? KILL_PROCESS: FAIL_THREAD;
}

int main (int argc, char **argv)
{
    const struct rlimit no_core = { 0 };
    setrlimit (RLIMIT_CORE, &no_core);
    int status = 0;
    if (troupe_hosted (argc, argv, NULL, behaviors, &status))
        return status;
    const char *word = bench_word (argc, argv, 1, "kill");
    if (strcmp (word, "port") == 0)
        return s_serve_port ();
    const driver_t driver = { .crash = s_crash_of (word), .count = bench_count (argc, argv, 2, 50) };
    if (strcmp (word, "bare") == 0)
        s_run_bare (driver.count);
    else
        s_run (&driver);
    return 0;
}
