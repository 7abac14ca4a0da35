/*  =========================================================================
    pool/balancer_worker.c - who can take a call, and who is down

    Place: actors/pool, below balancer.c. Workers are filed by how many calls
    they have in flight, so that finding the least busy one costs the same for
    two and for two thousand. Their health is told in balancer_parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "balancer_parts.h"

#define S_DELAY_MIN_MS 1
#define S_DELAY_MAX_MS 1000
#define S_PROBE_MS 1

//  --- Lists

static void s_unlist (troupe_balancer_worker_t *worker)
{
    troupe_balancer_list_t *list = &worker->balancer->lists [worker->listed_at];
    if (worker->previous)
        worker->previous->next = worker->next;
    else
        list->first = worker->next;
    if (worker->next)
        worker->next->previous = worker->previous;
    else
        list->last = worker->previous;
    worker->listed = false;
}

static void s_list (troupe_balancer_worker_t *worker)
{
    troupe_balancer_t *balancer = worker->balancer;
    troupe_balancer_list_t *list = &balancer->lists [worker->outstanding];
    worker->listed = true;
    worker->listed_at = worker->outstanding;
    worker->next = NULL;
    worker->previous = list->last;
    if (list->last)
        list->last->next = worker;
    else
        list->first = worker;
    list->last = worker;
    if (worker->outstanding < balancer->lowest)
        balancer->lowest = worker->outstanding;
}

static bool s_takes_calls (const troupe_balancer_worker_t *worker)
{
    if (worker->removed || worker->outstanding >= worker->balancer->window)
        return false;
    return worker->health == TROUPE_WORKER_UP || (worker->health == TROUPE_WORKER_TRIAL && !worker->tried);
}

void troupe_balancer_file (troupe_balancer_worker_t *worker)
{
    if (worker->listed)
        s_unlist (worker);
    if (s_takes_calls (worker))
        s_list (worker);
}

troupe_balancer_worker_t *troupe_balancer_pick (troupe_balancer_t *balancer)
{
    while (balancer->lowest < balancer->window && !balancer->lists [balancer->lowest].first)
        balancer->lowest++;
    return balancer->lowest < balancer->window ? balancer->lists [balancer->lowest].first : NULL;
}

//  --- Health

//  Somebody who is not there at all is asked about less and less often; who has lived is soon alive again.
static int64_t s_delay_ms (const troupe_balancer_worker_t *worker, const troupe_reason_t *reason)
{
    bool absent = reason->kind == TROUPE_REASON_NO_SUCH_ACTOR || reason->kind == TROUPE_REASON_UNREACHABLE
        || reason->kind == TROUPE_REASON_START_FAILED;
    int64_t delay_ms = absent ? 2 * worker->delay_ms : S_DELAY_MIN_MS;
    return delay_ms < S_DELAY_MIN_MS ? S_DELAY_MIN_MS : delay_ms > S_DELAY_MAX_MS ? S_DELAY_MAX_MS : delay_ms;
}

static void s_try (troupe_balancer_worker_t *worker)
{
    worker->health = TROUPE_WORKER_TRIAL;
    worker->tried = false;
    troupe_balancer_file (worker);
    troupe_balancer_pump (worker->balancer);
}

static int s_on_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    troupe_balancer_worker_t *worker = context;
    worker->timer = 0;
    if (worker->health == TROUPE_WORKER_DOWN && troupe_balancer_watch (worker) == TROUPE_OK) {
        worker->health = TROUPE_WORKER_PROBED;
        worker->timer = troupe_after (self, S_PROBE_MS, s_on_timer, worker);
    }
    if (!worker->timer)
        s_try (worker);
    return 0;
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) state;
    (void) ref;
    troupe_balancer_worker_t *worker = context;
    worker->monitor = 0;
    worker->restarts += worker->health == TROUPE_WORKER_UP || worker->health == TROUPE_WORKER_TRIAL;
    worker->delay_ms = s_delay_ms (worker, reason);
    worker->health = TROUPE_WORKER_DOWN;
    troupe_balancer_file (worker);
    if (worker->removed)
        return 0;
    troupe_cancel (self, worker->timer);
    worker->timer = troupe_after (self, worker->delay_ms, s_on_timer, worker);
    if (!worker->timer)
        s_try (worker);
    return 0;
}

troupe_error_t troupe_balancer_watch (troupe_balancer_worker_t *worker)
{
    return worker->monitor ? TROUPE_OK : troupe_monitor (worker->ref, s_on_down, worker, &worker->monitor);
}

//  It has answered: it lives. Without memory for a monitor its next end shows by its calls alone.
static void s_is_up (troupe_balancer_worker_t *worker)
{
    troupe_balancer_watch (worker);
    troupe_cancel (worker->balancer->self, worker->timer);
    worker->timer = 0;
    worker->delay_ms = 0;
    worker->health = TROUPE_WORKER_UP;
}

//  --- Calls

void troupe_balancer_sent (troupe_balancer_worker_t *worker)
{
    worker->outstanding++;
    worker->calls++;
    worker->balancer->stats.outstanding++;
    worker->tried = true;
    if (worker->outstanding > worker->outstanding_high)
        worker->outstanding_high = worker->outstanding;
    troupe_balancer_file (worker);
}

void troupe_balancer_ended (troupe_balancer_worker_t *worker, troupe_outcome_t outcome)
{
    worker->outstanding--;
    worker->balancer->stats.outstanding--;
    worker->tried = false;
    worker->failures += outcome == TROUPE_CALL_FAILED || outcome == TROUPE_CALL_DOWN;
    if (outcome == TROUPE_CALL_OK && worker->health != TROUPE_WORKER_UP && !worker->removed)
        s_is_up (worker);
    troupe_balancer_file (worker);
}
