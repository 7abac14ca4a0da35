/*  =========================================================================
    pool/balancer_job.c - calls on their way through the balancer

    Place: actors/pool, below balancer.c. A call goes straight to a worker, or
    waits in the queue until one has room or its deadline passes. The life of
    a job is told in balancer_parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "balancer_parts.h"

#include <stdlib.h>
#include <string.h>

#define S_BLOCK 64u
#define S_KEPT_CAPACITY ((size_t) 16 * 1024)

//  What is to be sent: a copy of bytes, or a message that is handed over.
typedef struct s_load {
    uint16_t tag;
    const void *data;
    size_t size;
    troupe_message_t **message_p;
    bool idempotent;
} s_load_t;

//  --- Free list

static bool s_add_block (troupe_balancer_t *balancer)
{
    if (balancer->block_count == balancer->block_capacity) {
        size_t capacity = balancer->block_capacity ? 2 * balancer->block_capacity : 8;
        troupe_balancer_job_t **blocks = realloc (balancer->blocks, capacity * sizeof *blocks);
        if (!blocks)
            return false;
        balancer->blocks = blocks;
        balancer->block_capacity = capacity;
    }
    troupe_balancer_job_t *block = calloc (S_BLOCK, sizeof *block);
    if (!block)
        return false;
    for (uint32_t index = 0; index < S_BLOCK; index++) {
        block [index].balancer = balancer;
        block [index].number = (uint32_t) balancer->block_count * S_BLOCK + index;
        block [index].next = index + 1 < S_BLOCK ? &block [index + 1] : balancer->free_jobs;
    }
    balancer->free_jobs = block;
    balancer->blocks [balancer->block_count++] = block;
    return true;
}

static troupe_balancer_job_t *s_take_job (troupe_balancer_t *balancer)
{
    if (!balancer->free_jobs && !s_add_block (balancer))
        return NULL;
    troupe_balancer_job_t *job = balancer->free_jobs;
    balancer->free_jobs = job->next;
    return job;
}

static void s_free_job (troupe_balancer_job_t *job)
{
    troupe_balancer_t *balancer = job->balancer;
    troupe_message_destroy (&job->message);
    if (job->capacity > S_KEPT_CAPACITY) {
        free (job->data);
        job->data = NULL;
        job->capacity = 0;
    }
    job->state = TROUPE_JOB_FREE;
    job->generation++;
    job->worker = NULL;
    job->next = balancer->free_jobs;
    balancer->free_jobs = job;
}

void troupe_balancer_free_jobs (troupe_balancer_t *balancer)
{
    for (size_t number = 0; number < balancer->block_count; number++) {
        for (size_t index = 0; index < S_BLOCK; index++) {
            troupe_message_destroy (&balancer->blocks [number] [index].message);
            free (balancer->blocks [number] [index].data);
        }
        free (balancer->blocks [number]);
    }
    free (balancer->blocks);
}

//  --- Ended without a worker's answer

static int s_on_ended (troupe_actor_t *self, void *state, void *context)
{
    troupe_balancer_t *balancer = context;
    balancer->ended_timer = 0;
    int result = 0;
    while (balancer->first_ended && result == 0) {
        troupe_balancer_job_t *job = balancer->first_ended;
        balancer->first_ended = job->next;
        troupe_reply_fn *on_reply = job->on_reply;
        void *user_context = job->context;
        troupe_outcome_t outcome = (troupe_outcome_t) job->outcome;
        s_free_job (job);
        result = on_reply (self, state, outcome, NULL, user_context);
    }
    return result;
}

//  Ends a job that is in no list; its callback is told in a turn of its own.
static void s_end (troupe_balancer_job_t *job, troupe_outcome_t outcome)
{
    troupe_balancer_t *balancer = job->balancer;
    job->state = TROUPE_JOB_ENDED;
    job->outcome = (uint8_t) outcome;
    job->next = NULL;
    if (balancer->first_ended)
        balancer->last_ended->next = job;
    else
        balancer->first_ended = job;
    balancer->last_ended = job;
    if (!balancer->ended_timer)
        balancer->ended_timer = troupe_after (balancer->self, 0, s_on_ended, balancer);
}

//  --- Queue

static int s_on_queue_due (troupe_actor_t *self, void *state, void *context);

//  Sees to it that a deadline in the queue is noticed.
static void s_await (troupe_balancer_t *balancer, int64_t deadline_us)
{
    if (deadline_us >= balancer->queue_due_us)
        return;
    int64_t wait_us = deadline_us - troupe_now_us (balancer->self);
    troupe_cancel (balancer->self, balancer->queue_timer);
    balancer->queue_timer = troupe_after (balancer->self, wait_us > 0 ? (wait_us + 999) / 1000 : 0,
                                          s_on_queue_due, balancer);
    balancer->queue_due_us = balancer->queue_timer ? deadline_us : TROUPE_FOREVER;
}

static void s_unqueue (troupe_balancer_job_t *job)
{
    troupe_balancer_t *balancer = job->balancer;
    if (job->previous)
        job->previous->next = job->next;
    else
        balancer->first_queued = job->next;
    if (job->next)
        job->next->previous = job->previous;
    else
        balancer->last_queued = job->previous;
    balancer->stats.queued--;
}

//  The next one is remembered before an expired one is moved to the ended.
static int s_on_queue_due (troupe_actor_t *self, void *state, void *context)
{
    troupe_balancer_t *balancer = context;
    int64_t now_us = troupe_now_us (self), earliest_us = TROUPE_FOREVER;
    balancer->queue_timer = 0;
    balancer->queue_due_us = TROUPE_FOREVER;
    for (troupe_balancer_job_t *job = balancer->first_queued, *next; job; job = next) {
        next = job->next;
        if (job->deadline_us <= now_us) {
            s_unqueue (job);
            balancer->stats.expired++;
            s_end (job, TROUPE_CALL_TIMEOUT);
        }
        else if (job->deadline_us < earliest_us)
            earliest_us = job->deadline_us;
    }
    s_await (balancer, earliest_us);
    troupe_cancel (self, balancer->ended_timer);
    return s_on_ended (self, state, balancer);
}

static bool s_keep_load (troupe_balancer_job_t *job, const s_load_t *load)
{
    job->tag = load->tag;
    job->size = load->size;
    if (load->message_p) {
        job->message = *load->message_p;
        *load->message_p = NULL;
        return true;
    }
    if (load->size > job->capacity) {
        uint8_t *data = realloc (job->data, load->size);
        if (!data)
            return false;
        job->data = data;
        job->capacity = load->size;
    }
    if (load->size)
        memcpy (job->data, load->data, load->size);
    return true;
}

//  In front of the others, or behind them.
static void s_enqueue (troupe_balancer_job_t *job, bool in_front)
{
    troupe_balancer_t *balancer = job->balancer;
    job->state = TROUPE_JOB_QUEUED;
    job->next = in_front ? balancer->first_queued : NULL;
    job->previous = in_front ? NULL : balancer->last_queued;
    if (job->previous)
        job->previous->next = job;
    else
        balancer->first_queued = job;
    if (job->next)
        job->next->previous = job;
    else
        balancer->last_queued = job;
    balancer->stats.queued++;
    if (balancer->stats.queued > balancer->stats.queued_high)
        balancer->stats.queued_high = balancer->stats.queued;
    s_await (balancer, job->deadline_us);
    troupe_balancer_beat (balancer);
}

//  --- Sending

//  Whether the worker was lost with this call, and another may do it. Where nobody was there it has not been done yet.
static bool s_goes_again (const troupe_balancer_job_t *job, troupe_outcome_t outcome)
{
    const troupe_balancer_t *balancer = job->balancer;
    bool lost = outcome == TROUPE_CALL_NO_SUCH_ACTOR || (outcome == TROUPE_CALL_DOWN && !job->repeated);
    return job->idempotent && lost && balancer->worker_count > balancer->removed_count
           && job->deadline_us > troupe_now_us (balancer->self);
}

//  It is older than those that wait, and has had its place: neither their order nor their limit is for it.
static void s_send_again (troupe_balancer_job_t *job, troupe_outcome_t outcome)
{
    troupe_balancer_t *balancer = job->balancer;
    job->repeated = job->repeated || outcome == TROUPE_CALL_DOWN;
    balancer->stats.repeated += outcome == TROUPE_CALL_DOWN;
    job->worker = NULL;
    s_enqueue (job, true);
    troupe_balancer_pump (balancer);
}

//  The last thing here is the user's callback, which may do anything.
static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    troupe_balancer_job_t *job = context;
    troupe_balancer_t *balancer = job->balancer;
    troupe_reply_fn *on_reply = job->on_reply;
    void *user_context = job->context;
    troupe_balancer_ended (job->worker, outcome);
    if (s_goes_again (job, outcome)) {
        s_send_again (job, outcome);
        return 0;
    }
    s_free_job (job);
    troupe_balancer_pump (balancer);
    return on_reply (self, state, outcome, reply, user_context);
}

static troupe_error_t s_send (troupe_balancer_job_t *job, troupe_balancer_worker_t *worker, const s_load_t *load,
                              int64_t timeout_ms)
{
    troupe_error_t error = load->message_p
        ? troupe_call_message (worker->ref, load->message_p, timeout_ms, s_on_reply, job, &job->call)
        : (load->idempotent ? troupe_call_marked : troupe_call) (worker->ref, load->tag, load->data, load->size,
                                                                 timeout_ms, s_on_reply, job, &job->call);
    if (error == TROUPE_OK) {
        job->state = TROUPE_JOB_SENT;
        job->worker = worker;
        troupe_balancer_sent (worker);
    }
    return error;
}

static void s_send_queued (troupe_balancer_job_t *job, troupe_balancer_worker_t *worker)
{
    int64_t timeout_ms = TROUPE_FOREVER;
    if (job->deadline_us != TROUPE_FOREVER) {
        int64_t left_us = job->deadline_us - troupe_now_us (job->balancer->self);
        timeout_ms = left_us > 0 ? (left_us + 999) / 1000 : 0;
    }
    s_load_t load = { job->tag, job->data, job->size, job->message ? &job->message : NULL, job->idempotent };
    s_unqueue (job);
    if (timeout_ms == 0) {
        job->balancer->stats.expired++;
        s_end (job, TROUPE_CALL_TIMEOUT);
    }
    else if (s_send (job, worker, &load, timeout_ms) != TROUPE_OK)
        s_end (job, TROUPE_CALL_FULL);
}

void troupe_balancer_pump (troupe_balancer_t *balancer)
{
    while (balancer->first_queued) {
        troupe_balancer_worker_t *worker = troupe_balancer_pick (balancer);
        if (!worker)
            return;
        s_send_queued (balancer->first_queued, worker);
    }
}

static int64_t s_deadline_us (const troupe_balancer_t *balancer, int64_t timeout_ms)
{
    int64_t now_us = troupe_now_us (balancer->self);
    return timeout_ms >= (TROUPE_FOREVER - now_us) / 1000 ? TROUPE_FOREVER : now_us + 1000 * timeout_ms;
}

//  Straight to the worker, or into the queue when there is none.
static troupe_error_t s_begin (troupe_balancer_job_t *job, troupe_balancer_worker_t *worker, const s_load_t *load,
                               int64_t timeout_ms)
{
    if ((load->idempotent || !worker) && !s_keep_load (job, load))
        return TROUPE_ENOMEM;
    if (worker)
        return s_send (job, worker, load, timeout_ms);
    s_enqueue (job, false);
    return TROUPE_OK;
}

static troupe_error_t s_submit (troupe_balancer_t *balancer, const s_load_t *load, int64_t timeout_ms,
                                troupe_reply_fn *on_reply, void *context, troupe_call_t *call_p)
{
    if (balancer->worker_count == balancer->removed_count)
        return TROUPE_ENOENT;
    troupe_balancer_worker_t *worker = balancer->first_queued ? NULL : troupe_balancer_pick (balancer);
    if (!worker && balancer->stats.queued >= balancer->queue_limit) {
        balancer->stats.refused++;
        return TROUPE_EFULL;
    }
    troupe_balancer_job_t *job = s_take_job (balancer);
    if (!job)
        return TROUPE_ENOMEM;
    job->on_reply = on_reply;
    job->context = context;
    job->deadline_us = s_deadline_us (balancer, timeout_ms);
    job->idempotent = load->idempotent;
    job->repeated = false;
    troupe_error_t error = s_begin (job, worker, load, timeout_ms);
    if (error) {
        s_free_job (job);
        return error;
    }
    balancer->stats.calls++;
    if (call_p)
        *call_p = (troupe_call_t) job->generation << 32 | (job->number + 1);
    return TROUPE_OK;
}

troupe_error_t troupe_balancer_call (troupe_balancer_t *balancer, uint16_t tag, const void *data, size_t size,
                                     int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                     troupe_call_t *call_p)
{
    s_load_t load = { tag, data, size, NULL, false };
    if (!on_reply || timeout_ms < 0 || (size && !data))
        return TROUPE_EINVAL;
    return s_submit (balancer, &load, timeout_ms, on_reply, context, call_p);
}

troupe_error_t troupe_balancer_call_idempotent (troupe_balancer_t *balancer, uint16_t tag, const void *data,
                                                size_t size, int64_t timeout_ms, troupe_reply_fn *on_reply,
                                                void *context, troupe_call_t *call_p)
{
    s_load_t load = { tag, data, size, NULL, true };
    if (!on_reply || timeout_ms < 0 || (size && !data))
        return TROUPE_EINVAL;
    return s_submit (balancer, &load, timeout_ms, on_reply, context, call_p);
}

troupe_error_t troupe_balancer_call_message (troupe_balancer_t *balancer, troupe_message_t **message_p,
                                             int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                             troupe_call_t *call_p)
{
    s_load_t load = { 0, NULL, 0, message_p, false };
    if (!on_reply || timeout_ms < 0 || !message_p || !*message_p)
        return TROUPE_EINVAL;
    return s_submit (balancer, &load, timeout_ms, on_reply, context, call_p);
}

bool troupe_balancer_cancel (troupe_balancer_t *balancer, troupe_call_t call)
{
    uint32_t number = (uint32_t) call - 1;
    if ((uint32_t) call == 0 || number / S_BLOCK >= balancer->block_count)
        return false;
    troupe_balancer_job_t *job = &balancer->blocks [number / S_BLOCK] [number % S_BLOCK];
    if (job->generation != (uint32_t) (call >> 32))
        return false;
    if (job->state == TROUPE_JOB_SENT)
        return troupe_call_cancel (balancer->self, job->call);
    if (job->state != TROUPE_JOB_QUEUED)
        return false;
    s_unqueue (job);
    s_end (job, TROUPE_CALL_CANCELLED);
    return true;
}
