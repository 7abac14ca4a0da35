/*  =========================================================================
    fleet.c - which of several servers answers which call, and what if not

    Place: actors/egress; see fleet.h. What happens comes in here; calls are
    in fleet_call.c, servers in fleet_server.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "fleet_parts.h"

#include <stdlib.h>

troupe_fleet_options_t troupe_fleet_defaults (unsigned servers)
{
    return (troupe_fleet_options_t) {
        .servers = servers, .window = 1024, .queue_limit = 1024, .failures = 5,
        .ejected_us = 30000000, .open_us = 1000000, .slow_us = 250000, .attempts = 4,
        .retry_percent = 20, .retry_least = 3, .delay_least_us = 25000, .delay_most_us = 250000,
    };
}

troupe_fleet_t *troupe_fleet_new (const troupe_fleet_options_t *options, const troupe_fleet_ops_t *ops, void *owner)
{
    troupe_fleet_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->options = *options;
    self->ops = *ops;
    self->owner = owner;
    self->first_free = self->first_queued = self->last_queued = TROUPE_FLEET_NO_CALL;
    self->due_us = TROUPE_FOREVER;
    self->chance = options->seed;
    self->budget.percent = options->retry_percent;
    self->budget.least = options->retry_least;
    return self;
}

void troupe_fleet_destroy (troupe_fleet_t **self_p)
{
    troupe_fleet_t *self = *self_p;
    if (!self)
        return;
    free (self->calls);
    free (self);
    *self_p = NULL;
}

//  --- Calls

static bool s_is_full (troupe_fleet_t *self, int64_t now_us)
{
    return self->stats.queued >= self->options.queue_limit
           && (self->stats.queued || troupe_fleet_choose (self, 0, now_us) == TROUPE_FLEET_NO_SERVER);
}

troupe_error_t troupe_fleet_call (troupe_fleet_t *self, void *context, bool idempotent, int64_t deadline_us,
                                  int64_t now_us, uint32_t *number_p)
{
    troupe_error_t error = TROUPE_OK;
    if (!idempotent && troupe_fleet_is_broken (self, now_us))
        error = TROUPE_EDOWN;
    else if (s_is_full (self, now_us))
        error = TROUPE_EFULL;
    uint32_t number = error ? TROUPE_FLEET_NO_CALL : troupe_fleet_call_new (self);
    if (number == TROUPE_FLEET_NO_CALL) {
        self->stats.refused++;
        return error ? error : TROUPE_ENOMEM;
    }
    troupe_fleet_call_t *call = &self->calls [number];
    call->context = context;
    call->idempotent = idempotent;
    call->deadline_us = deadline_us;
    self->stats.calls++;
    troupe_budget_earn (&self->budget, now_us);
    if (deadline_us < self->due_us)
        self->due_us = deadline_us;
    troupe_fleet_enqueue (self, call, false);
    if (number_p)
        *number_p = number;
    troupe_fleet_pump (self, now_us);
    return TROUPE_OK;
}

void troupe_fleet_give_up (troupe_fleet_t *self, uint32_t number, int64_t now_us)
{
    self->stats.given_up++;
    troupe_fleet_call_over (self, &self->calls [number]);
    troupe_fleet_pump (self, now_us);
}

//  --- Answers

//  An answer that could not be better: of a call that may not, or cannot, be tried again.
static bool s_is_last (troupe_fleet_t *self, const troupe_fleet_call_t *call, int64_t now_us)
{
    bool other = call->attempts [0].used && call->attempts [1].used;
    return !other && (!troupe_fleet_may_repeat (self, call) || !troupe_budget_has (&self->budget, now_us)
                      || call->deadline_us - now_us <= self->options.delay_most_us);
}

static bool s_take (troupe_fleet_t *self, troupe_fleet_call_t *call, troupe_fleet_attempt_t *attempt, void **context_p)
{
    const troupe_fleet_attempt_t *other = &call->attempts [attempt == &call->attempts [0]];
    self->stats.hedges_won += other->used && attempt->started_us > other->started_us;
    self->stats.answered++;
    *context_p = call->context;
    troupe_fleet_attempt_end (self, attempt);
    troupe_fleet_call_over (self, call);
    return true;
}

bool troupe_fleet_answered (troupe_fleet_t *self, uint64_t id, troupe_fleet_verdict_t verdict, int64_t now_us,
                            void **context_p)
{
    troupe_fleet_call_t *call = NULL;
    troupe_fleet_attempt_t *attempt = troupe_fleet_attempt (self, id, &call);
    if (!attempt) {
        self->stats.late++;
        return false;
    }
    bool taken = verdict == TROUPE_FLEET_GOOD || (verdict == TROUPE_FLEET_REFUSED && s_is_last (self, call, now_us));
    if (verdict == TROUPE_FLEET_GOOD)
        troupe_fleet_server_good (self, attempt->server, now_us - attempt->started_us, now_us);
    else
        troupe_fleet_server_bad (self, attempt->server, now_us);
    if (taken)
        s_take (self, call, attempt, context_p);
    else
        troupe_fleet_attempt_failed (self, call, attempt, TROUPE_FLEET_FAILED, now_us);
    troupe_fleet_pump (self, now_us);
    return taken;
}

bool troupe_fleet_find (const troupe_fleet_t *self, uint64_t id, unsigned *server_p)
{
    troupe_fleet_call_t *call = NULL;
    const troupe_fleet_attempt_t *attempt = troupe_fleet_attempt (self, id, &call);
    if (attempt)
        *server_p = attempt->server;
    return attempt != NULL;
}

//  --- Connections

//  Who has rested, and is there anew, is looked at at once; but not who was sent away and has only come back.
void troupe_fleet_up (troupe_fleet_t *self, unsigned index, int64_t now_us)
{
    troupe_fleet_server_t *server = &self->servers [index];
    server->up = true;
    server->blocked = false;
    server->latency_us = 0;
    if (server->health == TROUPE_FLEET_OPEN && !server->misbehaved)
        server->until_us = now_us;
    if (server->health == TROUPE_FLEET_OPEN && server->until_us < self->due_us)
        self->due_us = server->until_us;
    troupe_fleet_pump (self, now_us);
}

static void s_lose_attempts (troupe_fleet_t *self, unsigned index, int64_t now_us)
{
    for (uint32_t number = 0; number < self->capacity && self->servers [index].outstanding; number++) {
        troupe_fleet_call_t *call = &self->calls [number];
        for (unsigned which = 0; which < 2; which++)
            if (call->state == TROUPE_FLEET_SENT && call->attempts [which].used
                && call->attempts [which].server == index)
                troupe_fleet_attempt_failed (self, call, &call->attempts [which], TROUPE_FLEET_LOST, now_us);
    }
}

//  One loss is one failure, however much was in flight.
void troupe_fleet_lost (troupe_fleet_t *self, unsigned index, bool misbehaved, int64_t now_us)
{
    troupe_fleet_server_t *server = &self->servers [index];
    if (!server->up)
        return;
    server->up = false;
    server->misbehaved = misbehaved;
    server->losses++;
    if (server->outstanding || misbehaved)
        troupe_fleet_server_bad (self, index, now_us);
    s_lose_attempts (self, index, now_us);
    troupe_fleet_pump (self, now_us);
}

void troupe_fleet_attempt_lost (troupe_fleet_t *self, uint64_t id, bool misbehaved, int64_t now_us)
{
    troupe_fleet_call_t *call = NULL;
    troupe_fleet_attempt_t *attempt = troupe_fleet_attempt (self, id, &call);
    if (!attempt)
        return;
    if (misbehaved || attempt->probe)
        troupe_fleet_server_bad (self, attempt->server, now_us);
    troupe_fleet_attempt_failed (self, call, attempt, TROUPE_FLEET_LOST, now_us);
    troupe_fleet_pump (self, now_us);
}

void troupe_fleet_writable (troupe_fleet_t *self, unsigned index, int64_t now_us)
{
    self->servers [index].blocked = false;
    troupe_fleet_pump (self, now_us);
}

//  --- Time

void troupe_fleet_tick (troupe_fleet_t *self, int64_t now_us)
{
    self->due_us = TROUPE_FOREVER;
    for (uint32_t number = 0; number < self->capacity; number++)
        if (self->calls [number].state != TROUPE_FLEET_FREE)
            troupe_fleet_call_tick (self, &self->calls [number], now_us);
    troupe_fleet_pump (self, now_us);
    int64_t due_us = troupe_fleet_server_due_us (self, now_us);
    for (uint32_t number = 0; number < self->capacity; number++) {
        int64_t call_us = troupe_fleet_call_due_us (&self->calls [number]);
        if (self->calls [number].state != TROUPE_FLEET_FREE && call_us < due_us)
            due_us = call_us;
    }
    if (due_us <= now_us)
        due_us = now_us + 1000;
    if (due_us < self->due_us)
        self->due_us = due_us;
}

//  --- How it stands

int64_t troupe_fleet_due_us (const troupe_fleet_t *self)
{
    return self->due_us;
}

void troupe_fleet_stats (const troupe_fleet_t *self, troupe_fleet_stats_t *stats)
{
    *stats = self->stats;
}

const troupe_fleet_server_t *troupe_fleet_server (const troupe_fleet_t *self, unsigned server)
{
    return &self->servers [server];
}
