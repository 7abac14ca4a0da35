/*  =========================================================================
    pool/pool.c - a balancer with a mailbox in front

    Place: actors/pool, on the public interface. Each call is deferred, given
    to a worker by the balancer (balancer.c), and answered with the worker's
    answer; given up by its caller, it is given up here. Large payloads are
    handed on, not copied. Workers that announce themselves stand in the roster
    (roster.c).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/pool.h>
#include <troupe/response.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "roster.h"

#define S_LARGE 4096u
#define S_INSTANCES_MAX 100000

//  A call that somebody waits for.
typedef struct s_job {
    struct s_job *next, *previous;
    troupe_caller_t *caller;
    troupe_call_t call;             //  The balancer's
} s_job_t;

typedef struct s_pool {
    troupe_balancer_t *balancer;
    troupe_roster_t *roster;
    s_job_t *jobs;
} s_pool_t;

//  --- Jobs

static s_job_t *s_new_job (troupe_actor_t *self, s_pool_t *pool, troupe_message_t *message)
{
    s_job_t *job = calloc (1, sizeof *job);
    if (!job || !(job->caller = troupe_defer (self, message))) {
        free (job);
        return NULL;
    }
    job->next = pool->jobs;
    if (job->next)
        job->next->previous = job;
    pool->jobs = job;
    return job;
}

//  Frees it, and leaves its caller to be answered.
static troupe_caller_t *s_end_job (s_pool_t *pool, s_job_t *job)
{
    troupe_caller_t *caller = job->caller;
    if (job->previous)
        job->previous->next = job->next;
    else
        pool->jobs = job->next;
    if (job->next)
        job->next->previous = job->previous;
    free (job);
    return caller;
}

//  --- Begin and end

//  How many workers there are: the pool's option, its spec, or what the configuration says of them.
static unsigned s_instances (troupe_actor_t *self, const troupe_pool_t *spec, const char *workers)
{
    int64_t instances = troupe_option_number (self, "instances", spec->instances, 0, S_INSTANCES_MAX);
    char path [256];
    int length = snprintf (path, sizeof path, "children/%s/instances", workers);
    if (instances == 0 && length > 0 && (size_t) length < sizeof path)
        instances = strtol (troupe_config (self, path, "1"), NULL, 10);
    return instances > 0 && instances <= S_INSTANCES_MAX ? (unsigned) instances : 1;
}

int troupe_pool_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    const troupe_pool_t *spec = troupe_behavior (self)->constant;
    const char *workers = troupe_option (self, "workers", spec->workers);
    troupe_balancer_options_t options = {
        .window = (uint32_t) troupe_option_number (self, "window", spec->window, 0, INT32_MAX),
        .queue_limit = (uint32_t) troupe_option_number (self, "queue_limit", spec->queue_limit, 0, INT32_MAX),
    };
    s_pool_t *pool = calloc (1, sizeof *pool);
    if (!pool)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the pool");
    *state_p = pool;
    pool->balancer = troupe_balancer_new (self, &options);
    pool->roster = pool->balancer ? troupe_roster_new (self, pool->balancer) : NULL;
    if (!pool->roster)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the balancer");
    if (!workers)
        return 0;
    troupe_error_t error = troupe_balancer_add_instances (pool->balancer, workers, s_instances (self, spec, workers));
    return error ? troupe_fail_error (self, error, workers) : 0;
}

void troupe_pool_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    s_pool_t *pool = state;
    troupe_roster_destroy (&pool->roster);
    troupe_balancer_destroy (&pool->balancer);
    while (pool->jobs)
        s_end_job (pool, pool->jobs);   //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list
    free (pool);
}

static void s_exit_when_idle (troupe_actor_t *self, const s_pool_t *pool)
{
    troupe_balancer_stats_t stats;
    troupe_balancer_stats (pool->balancer, &stats);
    if (stats.outstanding == 0 && stats.queued == 0)
        troupe_exit (self);
}

int troupe_pool_drain (troupe_actor_t *self, void *state)
{
    s_exit_when_idle (self, state);
    return 0;
}

//  --- Answers

//  An answer has the tag of its call unless its sender chose another one: only then has a copy to be made of it.
static void s_pass_on (troupe_caller_t **caller_p, troupe_message_t *reply, uint16_t tag)
{
    size_t size = troupe_message_size (reply);
    if (size < S_LARGE && troupe_message_tag (reply) == tag) {
        troupe_answer (caller_p, troupe_message_data (reply), size);
        return;
    }
    troupe_message_t *kept = troupe_message_keep (reply);
    if (!kept) {
        troupe_answer_failure (caller_p, "out of memory for the answer");
        return;
    }
    troupe_answer_message (caller_p, &kept);
    troupe_message_destroy (&kept);
}

static int s_finish (troupe_actor_t *self, const s_pool_t *pool)
{
    if (troupe_is_draining (self))
        s_exit_when_idle (self, pool);
    return 0;
}

static void s_answer (troupe_caller_t *caller, troupe_outcome_t outcome, troupe_message_t *reply)
{
    if (outcome == TROUPE_CALL_OK)
        s_pass_on (&caller, reply, 0);
    else if (outcome == TROUPE_CALL_FAILED)
        troupe_answer_failure (&caller, "%s", troupe_message_text (reply));
    else
        troupe_answer_failure (&caller, "the worker: %s", troupe_outcome_name (outcome));
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    s_answer (s_end_job (state, context), outcome, reply);
    return s_finish (self, state);
}

//  Answers a request that no worker has answered, with a problem.
static void s_refuse_request (troupe_caller_t **caller_p, troupe_outcome_t outcome)
{
    troupe_response_t *response = troupe_response_new ();
    if (response) {
        troupe_response_problem (response, troupe_status_of_outcome (outcome), "the worker: %s",
                                 troupe_outcome_name (outcome));
        troupe_response_header (response, "Retry-After", "1");
        troupe_bytes_t bytes = troupe_response_encoded (response);
        if (bytes.data)
            troupe_answer (caller_p, bytes.data, bytes.size);
    }
    if (*caller_p)
        troupe_answer_failure (caller_p, "the worker: %s", troupe_outcome_name (outcome));
    troupe_response_destroy (&response);
}

static int s_on_request_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                               void *context)
{
    troupe_caller_t *caller = s_end_job (state, context);
    if (outcome == TROUPE_CALL_FAILED)
        s_answer (caller, outcome, reply);
    else if (outcome == TROUPE_CALL_OK)
        s_pass_on (&caller, reply, TROUPE_TAG_REQUEST);
    else
        s_refuse_request (&caller, outcome);
    return s_finish (self, state);
}

//  --- Calls

static int64_t s_left_ms (troupe_actor_t *self, int64_t deadline_us)
{
    if (deadline_us == TROUPE_FOREVER)
        return TROUPE_FOREVER;
    int64_t left_us = deadline_us - troupe_now_us (self);
    return left_us > 0 ? (left_us + 999) / 1000 : 0;
}

//  Its end, CANCELLED, follows.
static int s_on_cancelled (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context)
{
    (void) self;
    (void) caller;
    const s_pool_t *pool = state;
    const s_job_t *job = context;
    troupe_balancer_cancel (pool->balancer, job->call);
    return 0;
}

//  A large one that is done once is handed over, all others are copied.
static troupe_error_t s_give (troupe_actor_t *self, s_pool_t *pool, troupe_message_t *message, s_job_t *job)
{
    uint16_t tag = troupe_message_tag (message);
    troupe_reply_fn *on_reply = tag == TROUPE_TAG_REQUEST ? s_on_request_reply : s_on_reply;
    int64_t left_ms = s_left_ms (self, troupe_message_deadline_us (message));
    const void *data = troupe_message_data (message);
    size_t size = troupe_message_size (message);
    if (troupe_message_is_idempotent (message))
        return troupe_balancer_call_idempotent (pool->balancer, tag, data, size, left_ms, on_reply, job, &job->call);
    if (size < S_LARGE)
        return troupe_balancer_call (pool->balancer, tag, data, size, left_ms, on_reply, job, &job->call);
    troupe_message_t *kept = troupe_message_keep (message);
    if (!kept)
        return TROUPE_ENOMEM;
    troupe_error_t error = troupe_balancer_call_message (pool->balancer, &kept, left_ms, on_reply, job, &job->call);
    troupe_message_destroy (&kept);
    return error;
}

static void s_refuse (troupe_caller_t **caller_p, uint16_t tag, troupe_error_t error)
{
    if (tag == TROUPE_TAG_REQUEST)
        s_refuse_request (caller_p, error == TROUPE_ENOENT ? TROUPE_CALL_NO_SUCH_ACTOR : TROUPE_CALL_FULL);
    else
        troupe_answer_failure (caller_p, "the pool: %s", troupe_error_text (error));
}

static void s_receive_call (troupe_actor_t *self, s_pool_t *pool, troupe_message_t *message)
{
    uint16_t tag = troupe_message_tag (message);
    s_job_t *job = s_new_job (self, pool, message);
    if (!job)
        return;
    troupe_error_t error = s_give (self, pool, message, job);
    if (error) {
        troupe_caller_t *caller = s_end_job (pool, job);
        s_refuse (&caller, tag, error);
    }
    else
        troupe_caller_on_cancel (job->caller, s_on_cancelled, job);     //  Without memory it runs on to its end
}

static void s_receive_cast (troupe_actor_t *self, s_pool_t *pool, troupe_message_t *message)
{
    uint16_t tag = troupe_message_tag (message);
    if (troupe_balancer_cast (pool->balancer, tag, troupe_message_data (message), troupe_message_size (message)))
        troupe_log (self, TROUPE_LOG_WARNING, "no worker took a message with tag %u", (unsigned) tag);
}

//  --- Workers that come and go

//  A null byte or more than an endpoint can have is malformed, and so is what no memory is left to read.
static troupe_error_t s_note_worker (troupe_actor_t *self, s_pool_t *pool, troupe_message_t *message)
{
    const char *endpoint = troupe_message_text (message);
    size_t size = troupe_message_size (message);
    if (size >= TROUPE_ENDPOINT_ROOM || strlen (endpoint) != size)
        return TROUPE_EADDR;
    if (troupe_message_tag (message) == TROUPE_POOL_DISCONNECT)
        return troupe_roster_disconnect (pool->roster, endpoint);
    return troupe_is_draining (self) ? TROUPE_ESTATE : troupe_roster_ready (pool->roster, endpoint);
}

static const char *s_worker_trouble (troupe_error_t error)
{
    switch (error) {
        case TROUPE_EADDR: return "its endpoint is not tcp://HOST:PORT, with one host and one port, or ipc:///PATH";
        case TROUPE_EFULL: return "there are too many workers";
        case TROUPE_ESTATE: return "the pool is ending";
        default: return troupe_error_text (error);
    }
}

static void s_receive_worker (troupe_actor_t *self, s_pool_t *pool, troupe_message_t *message)
{
    troupe_error_t error = s_note_worker (self, pool, message);
    if (error) {
        troupe_log (self, TROUPE_LOG_WARNING, "does not take the worker that %s announces: %s",
                    troupe_message_sender (message), s_worker_trouble (error));
        troupe_reply_failure (self, message, "%s", s_worker_trouble (error));
    }
    else
        troupe_reply (self, message, NULL, 0);
}

int troupe_pool_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    uint16_t tag = troupe_message_tag (message);
    if (tag == TROUPE_POOL_READY || tag == TROUPE_POOL_DISCONNECT)
        s_receive_worker (self, state, message);
    else if (troupe_message_is_call (message))
        s_receive_call (self, state, message);
    else
        s_receive_cast (self, state, message);
    return 0;
}
