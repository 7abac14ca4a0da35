/*  =========================================================================
    core/cell/cell_follow.c - learning that a deferred caller has given up

    Place: runtime/core, part of the cell; implements troupe_caller_on_cancel.
    Only callers that somebody asked about are in the table, by their peer and
    its number for the call: others cost nothing. Who gives up leaves the table
    for a row, from which the turn tells it; so no callback runs where the news
    comes in. What is answered meanwhile stays in the row, without its caller.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdlib.h>

#define S_FIRST_BUCKETS 16u
//  So many are kept for others.
#define S_SPARE_MAX 64u

//  --- Memory

static troupe_follow_t *s_take (troupe_actor_t *cell)
{
    troupe_follow_t *follow = cell->spare_follows;
    if (!follow)
        return calloc (1, sizeof *follow);
    cell->spare_follows = follow->next;
    cell->spare_follow_count--;
    *follow = (troupe_follow_t) { .caller = NULL };
    return follow;
}

static void s_give_back (troupe_actor_t *cell, troupe_follow_t *follow)
{
    if (cell->spare_follow_count == S_SPARE_MAX) {
        free (follow);
        return;
    }
    follow->next = cell->spare_follows;
    cell->spare_follows = follow;
    cell->spare_follow_count++;
}

//  --- The table

//  Peers go by their numbers, so that the order of those in the table is the same in each run.
static size_t s_bucket (const troupe_caller_t *caller, size_t buckets)
{
    uint64_t key = caller->peer->id * UINT64_C (0x9E3779B97F4A7C15) ^ caller->correlation;
    return (size_t) ((key * UINT64_C (0x9E3779B97F4A7C15)) >> 32) & (buckets - 1);
}

//  False when there is no table at all: a full one only gets slower.
static bool s_grow (troupe_actor_t *cell)
{
    size_t buckets = cell->follow_buckets ? cell->follow_buckets * 2 : S_FIRST_BUCKETS;
    troupe_follow_t **table = calloc (buckets, sizeof *table);
    if (!table)
        return cell->follow_buckets > 0;
    for (size_t index = 0; index < cell->follow_buckets; index++)
        for (troupe_follow_t *follow = cell->follows [index], *next; follow; follow = next) {
            next = follow->next;
            troupe_follow_t **place = &table [s_bucket (follow->caller, buckets)];
            follow->next = *place;
            *place = follow;
        }
    free (cell->follows);
    cell->follows = table;
    cell->follow_buckets = buckets;
    return true;
}

static void s_insert (troupe_actor_t *cell, troupe_follow_t *follow)
{
    troupe_follow_t **place = &cell->follows [s_bucket (follow->caller, cell->follow_buckets)];
    follow->next = *place;
    *place = follow;
    cell->follow_count++;
    follow->caller->peer->followed++;
}

//  Takes the one at 'place' out.
static troupe_follow_t *s_remove (troupe_actor_t *cell, troupe_follow_t **place)
{
    troupe_follow_t *follow = *place;
    *place = follow->next;
    follow->next = NULL;
    cell->follow_count--;
    follow->caller->peer->followed--;
    return follow;
}

//  --- Giving up

static void s_give_up (troupe_actor_t *cell, troupe_follow_t *follow)
{
    follow->given_up = true;
    follow->next = NULL;
    if (cell->last_given_up)
        cell->last_given_up->next = follow;
    else
        cell->first_given_up = follow;
    cell->last_given_up = follow;
}

void troupe_follow_cancelled (troupe_peer_t *peer, uint64_t correlation)
{
    troupe_actor_t *cell = peer->cell;
    troupe_caller_t key = { .peer = peer, .correlation = correlation };
    if (!peer->followed)
        return;
    troupe_follow_t **place = &cell->follows [s_bucket (&key, cell->follow_buckets)];
    while (*place && ((*place)->caller->peer != peer || (*place)->caller->correlation != correlation))
        place = &(*place)->next;
    if (*place)
        s_give_up (cell, s_remove (cell, place));
}

void troupe_follow_gone (troupe_peer_t *peer)
{
    troupe_actor_t *cell = peer->cell;
    for (size_t index = 0; peer->followed && index < cell->follow_buckets; index++)
        for (troupe_follow_t **place = &cell->follows [index]; *place;) {
            if ((*place)->caller->peer == peer)
                s_give_up (cell, s_remove (cell, place));
            else
                place = &(*place)->next;
        }
}

void troupe_given_up_tell (troupe_actor_t *cell)
{
    for (troupe_follow_t *follow; (follow = cell->first_given_up) != NULL;) {
        bool alive = cell->cell_state == TROUPE_CELL_RUNNING || cell->cell_state == TROUPE_CELL_STARTING;
        cell->first_given_up = follow->next;
        if (!cell->first_given_up)
            cell->last_given_up = NULL;
        follow->told = true;
        if (!follow->caller) {
            s_give_back (cell, follow);
            continue;
        }
        if (!alive || !follow->on_cancelled)
            continue;
        troupe_cell_enter (cell);
        troupe_cell_leave (cell, follow->on_cancelled (cell, cell->state, follow->caller, follow->context));
    }
}

//  --- Asking

static troupe_follow_t *s_new (troupe_caller_t *caller, troupe_cancelled_fn *on_cancelled, void *context)
{
    troupe_actor_t *cell = caller->cell;
    if (cell->follow_count >= cell->follow_buckets && !s_grow (cell))
        return NULL;
    troupe_follow_t *follow = s_take (cell);
    if (!follow)
        return NULL;
    follow->caller = caller;
    follow->on_cancelled = on_cancelled;
    follow->context = context;
    caller->follow = follow;
    if (caller->peer->gone)
        s_give_up (cell, follow);
    else
        s_insert (cell, follow);
    return follow;
}

troupe_error_t troupe_caller_on_cancel (troupe_caller_t *caller, troupe_cancelled_fn *on_cancelled, void *context)
{
    if (!caller || caller->follow)
        return caller ? TROUPE_ESTATE : TROUPE_EINVAL;
    return s_new (caller, on_cancelled, context) ? TROUPE_OK : TROUPE_ENOMEM;
}

bool troupe_caller_is_cancelled (const troupe_caller_t *caller)
{
    return caller && (caller->peer->gone || (caller->follow && caller->follow->given_up));
}

//  The end of the delegated call frees the caller.
static int s_on_cancelled (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context)
{
    (void) state;
    (void) context;
    troupe_call_cancel (self, caller->follow->delegated);
    return 0;
}

//  Without memory the call runs on to its end.
void troupe_follow_delegated (troupe_caller_t *caller, troupe_call_t call)
{
    troupe_follow_t *follow = s_new (caller, s_on_cancelled, NULL);
    if (follow)
        follow->delegated = call;
}

//  --- Ends

void troupe_follow_end (troupe_caller_t *caller)
{
    troupe_actor_t *cell = caller->cell;
    troupe_follow_t *follow = caller->follow;
    if (follow->given_up && !follow->told) {
        follow->caller = NULL;
        return;
    }
    if (!follow->given_up) {
        troupe_follow_t **place = &cell->follows [s_bucket (caller, cell->follow_buckets)];
        while (*place != follow)
            place = &(*place)->next;
        s_remove (cell, place);
    }
    s_give_back (cell, follow);
}

static void s_free_all (troupe_follow_t *follow)
{
    for (troupe_follow_t *next; follow; follow = next) {
        next = follow->next;
        free (follow);
    }
}

//  All callers have been answered by now.
void troupe_follows_clear (troupe_actor_t *cell)
{
    s_free_all (cell->first_given_up);
    s_free_all (cell->spare_follows);
    free (cell->follows);
    cell->first_given_up = cell->last_given_up = cell->spare_follows = NULL;
    cell->follows = NULL;
    cell->follow_buckets = cell->follow_count = cell->spare_follow_count = 0;
}
