/*  =========================================================================
    pool/roster.c - workers that come and go by themselves

    Place: actors/pool; see roster.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "roster.h"

#include <troupe/timer.h>

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "endpoint.h"

#define S_FIRST_BUCKETS 16u
#define S_LOOK_MS (TROUPE_POOL_FORGET_MS / 10)

typedef struct s_worker s_worker_t;
struct s_worker {
    troupe_ref_t *ref;
    s_worker_t *next_same;          //  In its bucket
    s_worker_t *older, *newer;      //  Among those that are there
    int64_t heard_ms;
    bool there;
};

struct troupe_roster {
    troupe_actor_t *self;
    troupe_balancer_t *balancer;
    uint64_t key [2];               //  Of the hashes
    s_worker_t **table;
    size_t buckets, count;
    s_worker_t *oldest, *newest;
    troupe_timer_t timer;           //  While anybody is there
};

//  --- The table

static s_worker_t **s_bucket (const troupe_roster_t *roster, const char *endpoint)
{
    uint64_t hash = troupe_keyed_hash (roster->key, endpoint, strlen (endpoint));
    return &roster->table [hash & (roster->buckets - 1)];
}

static void s_put (troupe_roster_t *roster, s_worker_t *worker)
{
    s_worker_t **place = s_bucket (roster, troupe_ref_address (worker->ref));
    worker->next_same = *place;
    *place = worker;
}

//  A table that cannot grow only gets slower.
static void s_grow (troupe_roster_t *roster)
{
    size_t buckets = roster->buckets;
    s_worker_t **table = roster->table, **larger = calloc (2 * buckets, sizeof *larger);
    if (!larger)
        return;
    roster->table = larger;
    roster->buckets = 2 * buckets;
    for (size_t index = 0; index < buckets; index++)
        for (s_worker_t *worker = table [index], *next; worker; worker = next) {
            next = worker->next_same;
            s_put (roster, worker);
        }
    free (table);
}

static s_worker_t *s_find (const troupe_roster_t *roster, const char *endpoint)
{
    s_worker_t *worker = *s_bucket (roster, endpoint);
    while (worker && strcmp (troupe_ref_address (worker->ref), endpoint) != 0)
        worker = worker->next_same;
    return worker;
}

static s_worker_t *s_add (troupe_roster_t *roster, const char *endpoint)
{
    if (roster->count >= roster->buckets)
        s_grow (roster);
    s_worker_t *worker = calloc (1, sizeof *worker);
    if (!worker)
        return NULL;
    worker->ref = troupe_ref (roster->self, endpoint);
    if (!worker->ref) {
        free (worker);
        return NULL;
    }
    s_put (roster, worker);
    roster->count++;
    return worker;
}

//  --- Begin and end

troupe_roster_t *troupe_roster_new (troupe_actor_t *self, troupe_balancer_t *balancer)
{
    troupe_roster_t *roster = calloc (1, sizeof *roster);
    if (!roster)
        return NULL;
    roster->self = self;
    roster->balancer = balancer;
    troupe_hash_key (self, roster->key);
    roster->buckets = S_FIRST_BUCKETS;
    roster->table = calloc (roster->buckets, sizeof *roster->table);
    if (!roster->table)
        troupe_roster_destroy (&roster);
    return roster;
}

void troupe_roster_destroy (troupe_roster_t **roster_p)
{
    troupe_roster_t *roster = *roster_p;
    if (!roster)
        return;
    troupe_cancel (roster->self, roster->timer);
    for (size_t index = 0; roster->table && index < roster->buckets; index++)
        for (s_worker_t *worker = roster->table [index], *next; worker; worker = next) {
            next = worker->next_same;
            free (worker);
        }
    free (roster->table);
    free (roster);
    *roster_p = NULL;
}

//  --- Who is there

static void s_leave (troupe_roster_t *roster, s_worker_t *worker)
{
    if (worker->older)
        worker->older->newer = worker->newer;
    else
        roster->oldest = worker->newer;
    if (worker->newer)
        worker->newer->older = worker->older;
    else
        roster->newest = worker->older;
    worker->older = worker->newer = NULL;
    worker->there = false;
}

static void s_join (troupe_roster_t *roster, s_worker_t *worker)
{
    worker->there = true;
    worker->heard_ms = troupe_now_ms (roster->self);
    worker->older = roster->newest;
    if (roster->newest)
        roster->newest->newer = worker;
    else
        roster->oldest = worker;
    roster->newest = worker;
}

static void s_remove (troupe_roster_t *roster, s_worker_t *worker, const char *why)
{
    troupe_log (roster->self, TROUPE_LOG_INFO, "%s %s", troupe_ref_address (worker->ref), why);
    s_leave (roster, worker);
    troupe_balancer_remove (roster->balancer, worker->ref);
}

static int s_on_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    troupe_roster_t *roster = context;
    int64_t now_ms = troupe_now_ms (self);
    while (roster->oldest && now_ms - roster->oldest->heard_ms >= TROUPE_POOL_FORGET_MS)
        s_remove (roster, roster->oldest, "is forgotten: it has not said that it is ready for too long");
    roster->timer = roster->oldest ? troupe_after (self, S_LOOK_MS, s_on_timer, roster) : 0;
    return 0;
}

//  --- What they say

static troupe_error_t s_come (troupe_roster_t *roster, const char *endpoint)
{
    s_worker_t *worker = s_find (roster, endpoint);
    if (!worker && roster->count >= TROUPE_POOL_ENDPOINTS_MAX)
        return TROUPE_EFULL;
    if (!worker)
        worker = s_add (roster, endpoint);
    troupe_error_t error = worker ? troupe_balancer_add (roster->balancer, worker->ref) : TROUPE_ENOMEM;
    //  One that is a worker by the spec too is the spec's to keep.
    if (error)
        return error == TROUPE_EADDRINUSE ? TROUPE_OK : error;
    s_join (roster, worker);
    troupe_log (roster->self, TROUPE_LOG_INFO, "%s is ready", endpoint);
    return TROUPE_OK;
}

troupe_error_t troupe_roster_ready (troupe_roster_t *roster, const char *endpoint)
{
    if (!troupe_endpoint_is_good (endpoint))
        return TROUPE_EADDR;
    s_worker_t *worker = s_find (roster, endpoint);
    if (!worker || !worker->there) {
        troupe_error_t error = s_come (roster, endpoint);
        if (error)
            return error;
    }
    else {
        s_leave (roster, worker);
        s_join (roster, worker);
    }
    if (!roster->timer)
        roster->timer = troupe_after (roster->self, S_LOOK_MS, s_on_timer, roster);
    return TROUPE_OK;
}

troupe_error_t troupe_roster_disconnect (troupe_roster_t *roster, const char *endpoint)
{
    if (!troupe_endpoint_is_good (endpoint))
        return TROUPE_EADDR;
    s_worker_t *worker = s_find (roster, endpoint);
    if (worker && worker->there)
        s_remove (roster, worker, "has left");
    return TROUPE_OK;
}
