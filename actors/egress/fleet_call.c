/*  =========================================================================
    fleet_call.c - calls on their way: attempts, and when there is another

    Place: actors/egress, below fleet.c; their states are told in fleet.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "fleet_parts.h"

#include <stdlib.h>
#include <string.h>

#define S_FIRST_CAPACITY 64u

static uint32_t s_number (const troupe_fleet_t *self, const troupe_fleet_call_t *call)
{
    return (uint32_t) (call - self->calls);
}

//  --- The table

static bool s_grow (troupe_fleet_t *self)
{
    uint32_t capacity = self->capacity ? 2 * self->capacity : S_FIRST_CAPACITY;
    troupe_fleet_call_t *calls = realloc (self->calls, capacity * sizeof *calls);
    if (!calls)
        return false;
    memset (calls + self->capacity, 0, (capacity - self->capacity) * sizeof *calls);
    self->calls = calls;
    for (uint32_t number = capacity; number > self->capacity; number--) {
        calls [number - 1].next = self->first_free;
        self->first_free = number - 1;
    }
    self->capacity = capacity;
    return true;
}

uint32_t troupe_fleet_call_new (troupe_fleet_t *self)
{
    if (self->first_free == TROUPE_FLEET_NO_CALL && !s_grow (self))
        return TROUPE_FLEET_NO_CALL;
    uint32_t number = self->first_free;
    self->first_free = self->calls [number].next;
    self->calls [number] = (troupe_fleet_call_t) { .due_us = TROUPE_FOREVER, .hedge_us = TROUPE_FOREVER };
    return number;
}

static void s_free (troupe_fleet_t *self, troupe_fleet_call_t *call)
{
    call->state = TROUPE_FLEET_FREE;
    call->next = self->first_free;
    self->first_free = s_number (self, call);
}

//  --- Ids: generation, slot, which attempt

static uint64_t s_id (const troupe_fleet_t *self, const troupe_fleet_call_t *call, unsigned which)
{
    return (uint64_t) call->attempts [which].generation << 32 | s_number (self, call) << 1 | which;
}

troupe_fleet_attempt_t *troupe_fleet_attempt (const troupe_fleet_t *self, uint64_t id, troupe_fleet_call_t **call_p)
{
    uint32_t number = (uint32_t) id >> 1;
    if (number >= self->capacity)
        return NULL;
    troupe_fleet_call_t *call = &self->calls [number];
    troupe_fleet_attempt_t *attempt = &call->attempts [id & 1];
    if (!attempt->used || attempt->generation != (uint32_t) (id >> 32))
        return NULL;
    *call_p = call;
    return attempt;
}

//  --- The queue

void troupe_fleet_enqueue (troupe_fleet_t *self, troupe_fleet_call_t *call, bool in_front)
{
    uint32_t number = s_number (self, call);
    call->state = TROUPE_FLEET_QUEUED;
    call->next = in_front ? self->first_queued : TROUPE_FLEET_NO_CALL;
    call->previous = in_front ? TROUPE_FLEET_NO_CALL : self->last_queued;
    if (call->previous != TROUPE_FLEET_NO_CALL)
        self->calls [call->previous].next = number;
    else
        self->first_queued = number;
    if (call->next != TROUPE_FLEET_NO_CALL)
        self->calls [call->next].previous = number;
    else
        self->last_queued = number;
    if (++self->stats.queued > self->stats.queued_high)
        self->stats.queued_high = self->stats.queued;
}

static void s_dequeue (troupe_fleet_t *self, troupe_fleet_call_t *call)
{
    if (call->previous != TROUPE_FLEET_NO_CALL)
        self->calls [call->previous].next = call->next;
    else
        self->first_queued = call->next;
    if (call->next != TROUPE_FLEET_NO_CALL)
        self->calls [call->next].previous = call->previous;
    else
        self->last_queued = call->previous;
    self->stats.queued--;
}

//  --- Attempts

static bool s_in_flight (const troupe_fleet_call_t *call)
{
    return call->attempts [0].used || call->attempts [1].used;
}

void troupe_fleet_attempt_end (troupe_fleet_t *self, troupe_fleet_attempt_t *attempt)
{
    troupe_fleet_server_t *server = &self->servers [attempt->server];
    server->outstanding--;
    if (attempt->probe)
        server->probing = false;
    attempt->used = false;
}

//  Nobody waits for its answer any more. The time that it took so far is the least it takes.
static void s_give_up (troupe_fleet_t *self, troupe_fleet_call_t *call, unsigned which)
{
    troupe_fleet_attempt_t *attempt = &call->attempts [which];
    self->ops.cancel (self->owner, attempt->server, s_id (self, call, which));
    troupe_fleet_attempt_end (self, attempt);
}

//  False: the server takes no more just now.
static bool s_try (troupe_fleet_t *self, troupe_fleet_call_t *call, unsigned which, unsigned index, int64_t now_us)
{
    troupe_fleet_server_t *server = &self->servers [index];
    bool probe = server->health != TROUPE_FLEET_CLOSED;
    troupe_fleet_attempt_t attempt = { true, probe, index, ++self->generation, now_us };
    call->attempts [which] = attempt;
    if (!self->ops.send (self->owner, call->context, index, s_id (self, call, which), call->deadline_us)) {
        call->attempts [which].used = false;
        server->blocked = true;
        return false;
    }
    if (probe)
        server->health = TROUPE_FLEET_HALF;
    server->probing = server->probing || probe;
    server->outstanding++;
    server->attempts++;
    call->tried |= UINT64_C (1) << index;
    call->tries++;
    return true;
}

//  Who has not had it yet comes before who has.
static unsigned s_choose (troupe_fleet_t *self, const troupe_fleet_call_t *call, int64_t now_us)
{
    unsigned server = troupe_fleet_choose (self, call->tried, now_us);
    return server != TROUPE_FLEET_NO_SERVER ? server : troupe_fleet_choose (self, 0, now_us);
}

//  When it is sent: half of its time is for this server, and the other half for another.
static void s_set_times (troupe_fleet_t *self, troupe_fleet_call_t *call, int64_t now_us)
{
    int64_t hedge_us = self->options.hedge_us;
    if (hedge_us == TROUPE_FLEET_HEDGE_P95)
        hedge_us = troupe_lateness_p95_us (&self->lateness);
    bool again = call->idempotent && self->options.servers > 1;
    call->hedge_us = again && hedge_us > 0 ? now_us + hedge_us : TROUPE_FOREVER;
    call->due_us = again && call->deadline_us != TROUPE_FOREVER ? now_us + (call->deadline_us - now_us) / 2
                                                                : TROUPE_FOREVER;
    int64_t due_us = troupe_fleet_call_due_us (call);
    if (due_us < self->due_us)
        self->due_us = due_us;
}

void troupe_fleet_pump (troupe_fleet_t *self, int64_t now_us)
{
    while (self->first_queued != TROUPE_FLEET_NO_CALL) {
        troupe_fleet_call_t *call = &self->calls [self->first_queued];
        unsigned server = s_choose (self, call, now_us);
        if (server == TROUPE_FLEET_NO_SERVER)
            return;
        if (!s_try (self, call, 0, server, now_us))
            continue;
        s_dequeue (self, call);
        call->state = TROUPE_FLEET_SENT;
        self->stats.outstanding++;
        s_set_times (self, call, now_us);
    }
}

//  --- Ends

void troupe_fleet_call_over (troupe_fleet_t *self, troupe_fleet_call_t *call)
{
    for (unsigned which = 0; which < 2; which++)
        if (call->attempts [which].used)
            s_give_up (self, call, which);
    if (call->state == TROUPE_FLEET_QUEUED)
        s_dequeue (self, call);
    self->stats.outstanding -= call->state == TROUPE_FLEET_SENT;
    s_free (self, call);
}

void troupe_fleet_call_end (troupe_fleet_t *self, troupe_fleet_call_t *call, troupe_outcome_t outcome)
{
    void *context = call->context;
    self->stats.expired += outcome == TROUPE_CALL_TIMEOUT;
    self->stats.down += outcome != TROUPE_CALL_TIMEOUT;
    troupe_fleet_call_over (self, call);
    self->ops.end (self->owner, context, outcome);
}

//  --- Once more

bool troupe_fleet_may_repeat (const troupe_fleet_t *self, const troupe_fleet_call_t *call)
{
    return call->idempotent && call->tries < self->options.attempts;
}

//  Full jitter: anything up to a limit that doubles.
static int64_t s_delay_us (troupe_fleet_t *self, const troupe_fleet_call_t *call)
{
    int64_t least_us = self->options.delay_least_us, most_us = least_us;
    for (uint32_t tries = call->tries; tries && most_us < self->options.delay_most_us; tries--)
        most_us *= 2;
    if (most_us > self->options.delay_most_us)
        most_us = self->options.delay_most_us;
    return least_us + (int64_t) troupe_fleet_below (self, (uint64_t) (most_us - least_us) + 1);
}

static void s_delay (troupe_fleet_t *self, troupe_fleet_call_t *call, int64_t until_us)
{
    call->state = TROUPE_FLEET_DELAYED;
    call->due_us = until_us;
    call->hedge_us = TROUPE_FOREVER;
    self->stats.outstanding--;
    int64_t due_us = troupe_fleet_call_due_us (call);
    if (due_us < self->due_us)
        self->due_us = due_us;
}

static void s_again_at_once (troupe_fleet_t *self, troupe_fleet_call_t *call)
{
    call->due_us = call->hedge_us = TROUPE_FOREVER;
    self->stats.outstanding--;
    troupe_fleet_enqueue (self, call, true);
}

void troupe_fleet_attempt_failed (troupe_fleet_t *self, troupe_fleet_call_t *call, troupe_fleet_attempt_t *attempt,
                                  troupe_fleet_cause_t cause, int64_t now_us)
{
    troupe_fleet_attempt_end (self, attempt);
    if (s_in_flight (call))
        return;
    int64_t again_us = now_us + (cause == TROUPE_FLEET_FAILED ? s_delay_us (self, call) : 0);
    bool repeats = troupe_fleet_may_repeat (self, call) && again_us < call->deadline_us
                   && (cause == TROUPE_FLEET_LOST || troupe_budget_spend (&self->budget, now_us));
    if (!repeats) {
        troupe_fleet_call_end (self, call, cause == TROUPE_FLEET_FAILED ? TROUPE_CALL_FAILED : TROUPE_CALL_DOWN);
        return;
    }
    self->stats.failovers += cause == TROUPE_FLEET_LOST;
    self->stats.retries += cause == TROUPE_FLEET_FAILED;
    if (cause == TROUPE_FLEET_FAILED)
        s_delay (self, call, again_us);
    else
        s_again_at_once (self, call);
}

//  --- Time

int64_t troupe_fleet_call_due_us (const troupe_fleet_call_t *call)
{
    int64_t due_us = call->due_us < call->hedge_us ? call->due_us : call->hedge_us;
    return due_us < call->deadline_us ? due_us : call->deadline_us;
}

//  Servers that had it for long and did not answer have failed.
static void s_expire (troupe_fleet_t *self, troupe_fleet_call_t *call, int64_t now_us)
{
    for (unsigned which = 0; which < 2; which++) {
        const troupe_fleet_attempt_t *attempt = &call->attempts [which];
        if (!attempt->used || now_us - attempt->started_us < self->options.slow_us)
            continue;
        troupe_fleet_server_slow (self, attempt->server, now_us - attempt->started_us, now_us);
        troupe_fleet_server_bad (self, attempt->server, now_us);
    }
    troupe_fleet_call_end (self, call, TROUPE_CALL_TIMEOUT);
}

//  A second attempt beside the first; whoever answers first is taken.
static void s_hedge (troupe_fleet_t *self, troupe_fleet_call_t *call, int64_t now_us)
{
    call->hedge_us = TROUPE_FOREVER;
    unsigned which = call->attempts [0].used ? 1 : 0;
    unsigned server = troupe_fleet_choose (self, call->tried, now_us);
    if (server == TROUPE_FLEET_NO_SERVER || call->attempts [which].used || !troupe_fleet_may_repeat (self, call)
        || !troupe_budget_has (&self->budget, now_us) || !s_try (self, call, which, server, now_us))
        return;
    troupe_budget_spend (&self->budget, now_us);
    self->stats.hedges++;
}

//  The server has had half of the time: another gets the rest.
static void s_switch (troupe_fleet_t *self, troupe_fleet_call_t *call, int64_t now_us)
{
    call->due_us = TROUPE_FOREVER;
    unsigned which = call->attempts [0].used ? 0 : 1;
    bool both = call->attempts [0].used && call->attempts [1].used;
    if (both || !troupe_fleet_may_repeat (self, call) || !troupe_budget_has (&self->budget, now_us)
        || troupe_fleet_choose (self, call->tried, now_us) == TROUPE_FLEET_NO_SERVER)
        return;
    troupe_fleet_attempt_t *attempt = &call->attempts [which];
    int64_t age_us = now_us - attempt->started_us;
    self->stats.switches++;
    troupe_fleet_server_slow (self, attempt->server, age_us, now_us);
    if (age_us >= self->options.slow_us)
        troupe_fleet_server_bad (self, attempt->server, now_us);
    self->ops.cancel (self->owner, attempt->server, s_id (self, call, which));
    troupe_fleet_attempt_failed (self, call, attempt, TROUPE_FLEET_SLOW, now_us);
}

void troupe_fleet_call_tick (troupe_fleet_t *self, troupe_fleet_call_t *call, int64_t now_us)
{
    if (call->deadline_us <= now_us)
        s_expire (self, call, now_us);
    else if (call->state == TROUPE_FLEET_DELAYED && call->due_us <= now_us) {
        call->due_us = TROUPE_FOREVER;
        troupe_fleet_enqueue (self, call, true);
    }
    else if (call->state == TROUPE_FLEET_SENT && call->due_us <= now_us)
        s_switch (self, call, now_us);
    else if (call->state == TROUPE_FLEET_SENT && call->hedge_us <= now_us)
        s_hedge (self, call, now_us);
}
