/*  =========================================================================
    pool/balancer.c - one call to whichever of many workers is least busy

    Place: actors/pool, a component on the public interface, for actors to
    embed: the ingress does, and the pool actor. Calls are in balancer_job.c,
    the state of workers in balancer_worker.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "balancer_parts.h"

#include <stdio.h>
#include <stdlib.h>

troupe_balancer_t *troupe_balancer_new (troupe_actor_t *self, const troupe_balancer_options_t *options)
{
    troupe_balancer_t *balancer = calloc (1, sizeof *balancer);
    if (!balancer)
        return NULL;
    balancer->self = self;
    balancer->window = options && options->window ? options->window : TROUPE_BALANCER_WINDOW;
    balancer->queue_limit = options && options->queue_limit ? options->queue_limit : TROUPE_BALANCER_QUEUE_LIMIT;
    balancer->lowest = balancer->window;
    balancer->queue_due_us = TROUPE_FOREVER;
    balancer->lists = calloc (balancer->window, sizeof *balancer->lists);
    if (!balancer->lists)
        troupe_balancer_destroy (&balancer);
    return balancer;
}

//  A ping that is on its way is given up, and told so in a later turn; none is left where the actor ends.
static void s_free_worker (troupe_actor_t *self, troupe_balancer_worker_t *worker)
{
    troupe_demonitor (self, worker->monitor);
    troupe_cancel (self, worker->timer);
    worker->orphaned = worker->pinged && troupe_call_cancel (self, worker->ping);
    if (!worker->orphaned)
        free (worker);
}

void troupe_balancer_destroy (troupe_balancer_t **balancer_p)
{
    troupe_balancer_t *balancer = *balancer_p;
    if (!balancer)
        return;
    for (size_t index = 0; index < balancer->worker_count; index++)
        s_free_worker (balancer->self, balancer->workers [index]);
    troupe_cancel (balancer->self, balancer->heartbeat);
    troupe_cancel (balancer->self, balancer->queue_timer);
    troupe_cancel (balancer->self, balancer->ended_timer);
    troupe_balancer_free_jobs (balancer);
    free (balancer->workers);
    free (balancer->lists);
    free (balancer);
    *balancer_p = NULL;
}

//  --- Workers

static troupe_balancer_worker_t *s_find (const troupe_balancer_t *balancer, const troupe_ref_t *ref)
{
    for (size_t index = 0; index < balancer->worker_count; index++)
        if (balancer->workers [index]->ref == ref)
            return balancer->workers [index];
    return NULL;
}

static troupe_balancer_worker_t *s_add (troupe_balancer_t *balancer, troupe_ref_t *ref)
{
    if (balancer->worker_count == balancer->worker_capacity) {
        size_t capacity = balancer->worker_capacity ? 2 * balancer->worker_capacity : 8;
        troupe_balancer_worker_t **workers = realloc (balancer->workers, capacity * sizeof *workers);
        if (!workers)
            return NULL;
        balancer->workers = workers;
        balancer->worker_capacity = capacity;
    }
    troupe_balancer_worker_t *worker = calloc (1, sizeof *worker);
    if (!worker)
        return NULL;
    worker->balancer = balancer;
    worker->ref = ref;
    worker->removed = true;
    balancer->workers [balancer->worker_count++] = worker;
    balancer->removed_count++;
    return worker;
}

troupe_error_t troupe_balancer_add (troupe_balancer_t *balancer, troupe_ref_t *ref)
{
    if (!ref)
        return TROUPE_EINVAL;
    troupe_balancer_worker_t *worker = s_find (balancer, ref);
    if (worker && !worker->removed)
        return TROUPE_EADDRINUSE;
    if (!worker)
        worker = s_add (balancer, ref);
    if (!worker || troupe_balancer_watch (worker) != TROUPE_OK)
        return TROUPE_ENOMEM;
    worker->removed = false;
    balancer->removed_count--;
    troupe_balancer_meet (worker);
    return TROUPE_OK;
}

troupe_error_t troupe_balancer_add_instances (troupe_balancer_t *balancer, const char *prefix, unsigned instances)
{
    char address [256];
    unsigned count = instances ? instances : 1;
    troupe_error_t error = TROUPE_OK;
    for (unsigned number = 1; number <= count && !error; number++) {
        int length = count > 1 ? snprintf (address, sizeof address, "%s-%u", prefix, number)
                               : snprintf (address, sizeof address, "%s", prefix);
        error = length > 0 && (size_t) length < sizeof address
            ? troupe_balancer_add (balancer, troupe_ref (balancer->self, address)) : TROUPE_EINVAL;
    }
    return error;
}

troupe_error_t troupe_balancer_remove (troupe_balancer_t *balancer, troupe_ref_t *ref)
{
    troupe_balancer_worker_t *worker = s_find (balancer, ref);
    if (!worker || worker->removed)
        return TROUPE_ENOENT;
    troupe_demonitor (balancer->self, worker->monitor);
    troupe_cancel (balancer->self, worker->timer);
    worker->monitor = 0;
    worker->timer = 0;
    worker->removed = true;
    balancer->removed_count++;
    troupe_balancer_file (worker);
    return TROUPE_OK;
}

//  --- Casts

//  When nobody is known to be up, or all are busy, the one whose turn it is gets the mail.
static troupe_balancer_worker_t *s_pick_any (troupe_balancer_t *balancer)
{
    troupe_balancer_worker_t *worker = troupe_balancer_pick (balancer);
    for (size_t tries = 0; !worker && tries < balancer->worker_count; tries++) {
        balancer->rotor = (balancer->rotor + 1) % balancer->worker_count;
        if (!balancer->workers [balancer->rotor]->removed)
            worker = balancer->workers [balancer->rotor];
    }
    return worker;
}

troupe_error_t troupe_balancer_cast (troupe_balancer_t *balancer, uint16_t tag, const void *data, size_t size)
{
    troupe_balancer_worker_t *worker = s_pick_any (balancer);
    if (!worker)
        return TROUPE_ENOENT;
    troupe_balancer_file (worker);
    return troupe_cast (worker->ref, tag, data, size);
}

//  --- Counters

static bool s_is_up (const troupe_balancer_worker_t *worker)
{
    return !worker->removed && worker->health == TROUPE_WORKER_UP;
}

void troupe_balancer_stats (const troupe_balancer_t *balancer, troupe_balancer_stats_t *stats)
{
    *stats = balancer->stats;
    stats->workers = balancer->worker_count - balancer->removed_count;
    for (size_t index = 0; index < balancer->worker_count; index++) {
        stats->workers_up += s_is_up (balancer->workers [index]);
        stats->restarts += balancer->workers [index]->restarts;
    }
}

troupe_error_t troupe_balancer_worker_stats (const troupe_balancer_t *balancer, const troupe_ref_t *ref,
                                             troupe_balancer_worker_stats_t *stats)
{
    const troupe_balancer_worker_t *worker = s_find (balancer, ref);
    if (!worker || worker->removed)
        return TROUPE_ENOENT;
    stats->up = s_is_up (worker);
    stats->outstanding = worker->outstanding;
    stats->outstanding_high = worker->outstanding_high;
    stats->calls = worker->calls;
    stats->failures = worker->failures;
    stats->restarts = worker->restarts;
    return TROUPE_OK;
}
