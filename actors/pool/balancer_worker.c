/*  =========================================================================
    pool/balancer_worker.c - who can take a call, and who is down

    Place: actors/pool, below balancer.c. Workers are filed by how many calls
    they have in flight, so that finding the least busy one costs the same for
    two and for two thousand. Their health is told in balancer_parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "balancer_parts.h"

#include <stdlib.h>

#define S_DELAY_MIN_MS 10
#define S_DELAY_MAX_MS 1000
#define S_PING_MS 60000
#define S_HEARTBEAT_MS 1000
#define S_QUIET_MAX 3

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
    return !worker->removed && worker->health == TROUPE_WORKER_UP && worker->outstanding < worker->balancer->window;
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

static void s_ask (troupe_balancer_worker_t *worker);

//  It lives. Without memory for a monitor its next end shows by its silence.
static void s_is_up (troupe_balancer_worker_t *worker)
{
    troupe_cancel (worker->balancer->self, worker->timer);
    worker->timer = 0;
    worker->delay_ms = 0;
    worker->health = TROUPE_WORKER_UP;
}

//  It gets nothing more until a ping has found it.
static void s_is_down (troupe_balancer_worker_t *worker)
{
    worker->restarts += worker->health != TROUPE_WORKER_DOWN;
    worker->health = TROUPE_WORKER_DOWN;
    troupe_balancer_file (worker);
    if (!worker->removed && !worker->timer)
        s_ask (worker);
}

static int s_on_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    troupe_balancer_worker_t *worker = context;
    worker->timer = 0;
    s_ask (worker);
    return 0;
}

//  Somebody who is not there is asked about less and less often.
static void s_ask_later (troupe_balancer_worker_t *worker)
{
    int64_t delay_ms = 2 * worker->delay_ms;
    delay_ms = delay_ms < S_DELAY_MIN_MS ? S_DELAY_MIN_MS : delay_ms > S_DELAY_MAX_MS ? S_DELAY_MAX_MS : delay_ms;
    worker->delay_ms = delay_ms;
    troupe_cancel (worker->balancer->self, worker->timer);
    worker->timer = troupe_after (worker->balancer->self, delay_ms, s_on_timer, worker);
}

//  The monitor in force must be older than the ping, or an end in between has not been told.
static void s_is_there (troupe_balancer_worker_t *worker)
{
    worker->quiet = 0;
    if (worker->health == TROUPE_WORKER_UP)
        return;
    if (worker->monitor != worker->ping_monitor) {
        s_ask (worker);
        return;
    }
    s_is_up (worker);
    troupe_balancer_file (worker);
    troupe_balancer_pump (worker->balancer);
}

static int s_on_pong (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context)
{
    (void) self;
    (void) state;
    (void) reply;
    troupe_balancer_worker_t *worker = context;
    if (worker->orphaned) {
        free (worker);
        return 0;
    }
    worker->pinged = false;
    if (worker->removed)
        return 0;
    if (outcome == TROUPE_CALL_OK)
        s_is_there (worker);
    else if (worker->health == TROUPE_WORKER_DOWN)
        s_ask_later (worker);
    return 0;
}

//  Sends a ping, unless one is on its way. To one that is cut off it waits in the ref, as the only thing there.
static void s_ask (troupe_balancer_worker_t *worker)
{
    if (worker->pinged)
        return;
    troupe_balancer_watch (worker);
    worker->ping_monitor = worker->monitor;
    troupe_error_t error = troupe_call (worker->ref, TROUPE_TAG_PING, NULL, 0, S_PING_MS, s_on_pong, worker,
                                        &worker->ping);
    worker->pinged = error == TROUPE_OK;
    if (error && worker->delay_ms < S_DELAY_MAX_MS)
        troupe_log (worker->balancer->self, TROUPE_LOG_WARNING, "%s cannot be asked whether it is there: %s",
                    troupe_ref_address (worker->ref), troupe_error_text (error));
    if (error)
        s_ask_later (worker);
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self;
    (void) state;
    (void) ref;
    (void) reason;
    troupe_balancer_worker_t *worker = context;
    worker->monitor = 0;
    s_is_down (worker);
    return 0;
}

void troupe_balancer_meet (troupe_balancer_worker_t *worker)
{
    worker->health = TROUPE_WORKER_DOWN;
    worker->quiet = 0;
    worker->delay_ms = 0;
    troupe_balancer_file (worker);
    s_ask (worker);
}

troupe_error_t troupe_balancer_watch (troupe_balancer_worker_t *worker)
{
    return worker->monitor ? TROUPE_OK : troupe_monitor (worker->ref, s_on_down, worker, &worker->monitor);
}

//  --- Heartbeats

//  One that has work and gives no sign of life is asked, and left alone after three heartbeats. One that is down and
//  could not be asked again, since memory was out, is asked now.
static void s_beat (troupe_balancer_worker_t *worker)
{
    if (worker->health == TROUPE_WORKER_DOWN && !worker->removed && !worker->timer)
        s_ask (worker);
    if (worker->removed || worker->outstanding == 0 || worker->health != TROUPE_WORKER_UP)
        return;
    if (worker->quiet++ > 0)
        s_ask (worker);
    if (worker->quiet <= S_QUIET_MAX)
        return;
    worker->health = TROUPE_WORKER_SILENT;
    troupe_balancer_file (worker);
    troupe_log (worker->balancer->self, TROUPE_LOG_WARNING, "%s does not answer: it gets nothing more until it does",
                troupe_ref_address (worker->ref));
}

static int s_on_heartbeat (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    troupe_balancer_t *balancer = context;
    balancer->heartbeat = 0;
    for (size_t index = 0; index < balancer->worker_count; index++)
        s_beat (balancer->workers [index]);
    if (balancer->stats.outstanding || balancer->stats.queued)
        troupe_balancer_beat (balancer);
    return 0;
}

void troupe_balancer_beat (troupe_balancer_t *balancer)
{
    if (!balancer->heartbeat)
        balancer->heartbeat = troupe_after (balancer->self, S_HEARTBEAT_MS, s_on_heartbeat, balancer);
}

//  --- Calls

void troupe_balancer_sent (troupe_balancer_worker_t *worker)
{
    worker->outstanding++;
    worker->calls++;
    worker->balancer->stats.outstanding++;
    if (worker->outstanding == 1)
        worker->quiet = 0;
    if (worker->outstanding > worker->outstanding_high)
        worker->outstanding_high = worker->outstanding;
    troupe_balancer_beat (worker->balancer);
    troupe_balancer_file (worker);
}

//  A call that was lost is often the first sign that its worker is: what follows must not go there too.
void troupe_balancer_ended (troupe_balancer_worker_t *worker, troupe_outcome_t outcome)
{
    bool lost = outcome == TROUPE_CALL_DOWN || outcome == TROUPE_CALL_NO_SUCH_ACTOR;
    worker->outstanding--;
    worker->balancer->stats.outstanding--;
    worker->failures += outcome == TROUPE_CALL_FAILED || outcome == TROUPE_CALL_DOWN;
    if (outcome == TROUPE_CALL_OK) {
        worker->quiet = 0;
        if (worker->health == TROUPE_WORKER_SILENT && !worker->removed)
            s_is_up (worker);
    }
    if (lost && !worker->removed)
        s_is_down (worker);
    else
        troupe_balancer_file (worker);
}
