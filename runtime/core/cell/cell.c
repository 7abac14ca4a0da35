/*  =========================================================================
    core/cell/cell.c - the life of an actor cell

    Place: runtime/core, the middle of it; see cell.h for the states. This
    file has beginnings, turns and ends; the other cell_*.c have what happens
    in between.

    How an incarnation ends, in this order: what it waits for is forgotten,
    its children are stopped, stop runs, callers get FAILED, streams and
    watches are let go, watchers are told, and then the parent. If the parent
    asked for it, the cell goes on to its final end: mail that is left is
    refused, and every peer is told that nobody is here any more.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"
#include "core/edge/zmq_socket.h"
#include "core/stream/stream.h"
#include "core/stream/watch.h"

#include <stdio.h>
#include <stdlib.h>

#define S_LIMIT_MESSAGES 10000u
#define S_LIMIT_BYTES (UINT64_C (64) << 20)
#define S_BLOCK_MS 1000

//  --- Memory

troupe_mailbox_options_t troupe_cell_limits (troupe_mailbox_options_t limits)
{
    if (!limits.limit_messages)
        limits.limit_messages = S_LIMIT_MESSAGES;
    if (!limits.limit_bytes)
        limits.limit_bytes = S_LIMIT_BYTES;
    if (!limits.block_ms)
        limits.block_ms = S_BLOCK_MS;
    return limits;
}

troupe_error_t troupe_cell_init (troupe_actor_t *cell, const troupe_host_t *host, void *host_data,
                                 const troupe_child_t *spec, uint64_t seed, bool has_parent)
{
    cell->host = host;
    cell->host_data = host_data;
    cell->behavior = spec->behavior;
    cell->limits = troupe_cell_limits (spec->mailbox);
    cell->has_parent = has_parent;
    troupe_random_seed (&cell->random, seed);
    cell->name = strdup (spec->id ? spec->id : "");
    cell->args = spec->args_size ? malloc (spec->args_size) : NULL;
    if (!cell->name || (spec->args_size && !cell->args)) {
        troupe_cell_clear (cell);
        return TROUPE_ENOMEM;
    }
    if (spec->args_size)
        memcpy (cell->args, spec->args, spec->args_size);
    cell->args_size = spec->args_size;
    return TROUPE_OK;
}

void troupe_cell_clear (troupe_actor_t *cell)
{
    troupe_mail_clear (cell);
    troupe_refs_clear (cell);
    troupe_peers_clear (cell);
    troupe_pending_clear (cell);
    troupe_callers_clear (cell);
    troupe_follows_clear (cell);
    troupe_names_clear (cell);
    troupe_timers_clear (&cell->timers);
    troupe_timers_clear (&cell->system_timers);
    troupe_reason_destroy (&cell->cause);
    troupe_words_drop (cell);
    free (cell->watchers);
    free (cell->name);
    free (cell->args);
    free (cell->endpoint);
    cell->endpoint = NULL;
    cell->watchers = NULL;
    cell->name = NULL;
    cell->args = NULL;
}

//  --- The control lane

void troupe_cell_tell_parent (troupe_actor_t *cell, troupe_control_kind_t kind, const troupe_reason_t *reason)
{
    if (!cell->has_parent)
        return;
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = kind, .incarnation = cell->incarnation, .abandoned = cell->abandoned };
    size_t size = troupe_control_write (word, &control, reason);
    cell->host->tell_parent (cell, word, size);
}

//  --- Final end

static void s_finalize (troupe_actor_t *cell)
{
    cell->cell_state = TROUPE_CELL_FINAL;
    cell->host->collect (cell);
    troupe_mail_refuse (cell);
    troupe_peers_say_gone (cell);
    troupe_listeners_close (cell);
    troupe_refs_close (cell);
    troupe_cell_flush (cell);
    troupe_cell_tell_parent (cell, TROUPE_CONTROL_GONE, &cell->reason);
}

//  --- The end of an incarnation

static void s_stop_behavior (troupe_actor_t *cell)
{
    troupe_stop_fn *stop = cell->behavior ? cell->behavior->stop : NULL;
    bool started = cell->reason.kind != TROUPE_REASON_START_FAILED || cell->state;
    if (stop && started) {
        cell->callbacks++;
        cell->doing = TROUPE_DOING_STOP;
        stop (cell, cell->state, &cell->reason);
        cell->doing = TROUPE_DOING_NOTHING;
    }
    cell->state = NULL;
}

void troupe_cell_children_gone (troupe_actor_t *cell)
{
    s_stop_behavior (cell);
    troupe_callers_fail (cell, cell->reason.kind == TROUPE_REASON_SHUTDOWN ? "shut down" : "the actor failed");
    troupe_pending_forget (cell);
    troupe_timers_clear (&cell->timers);
    troupe_streams_end (cell);
    troupe_watches_end (cell);
    troupe_zmqs_end (cell);
    troupe_names_end (cell);
    cell->on_dead_letter = NULL;
    troupe_watchers_tell (cell, &cell->reason);
    cell->cell_state = TROUPE_CELL_ENDED;
    troupe_cell_flush (cell);
    troupe_cell_tell_parent (cell, TROUPE_CONTROL_ENDED, &cell->reason);
    if (cell->release_asked || !cell->has_parent)
        s_finalize (cell);
}

void troupe_cell_end (troupe_actor_t *cell)
{
    if (cell->cell_state != TROUPE_CELL_STARTING && cell->cell_state != TROUPE_CELL_RUNNING)
        return;
    if (cell->cell_state == TROUPE_CELL_STARTING && !troupe_reason_is_normal (&cell->reason)
        && cell->reason.kind == TROUPE_REASON_FAILED)
        cell->reason.kind = TROUPE_REASON_START_FAILED;
    cell->cell_state = TROUPE_CELL_ENDING;
    troupe_pending_forget (cell);
    troupe_timers_clear (&cell->timers);
    if (!troupe_links_stop_last (cell))
        troupe_cell_children_gone (cell);
}

void troupe_cell_crash (troupe_actor_t *cell)
{
    bool lives = cell->cell_state != TROUPE_CELL_NEW && cell->cell_state < TROUPE_CELL_ENDED;
    cell->cell_state = TROUPE_CELL_FINAL;
    if (lives && cell->state)
        s_stop_behavior (cell);
    troupe_callers_fail (cell, "");
    troupe_pending_forget (cell);
    troupe_names_end (cell);
    troupe_links_clear (cell);
    troupe_streams_end (cell);
    troupe_watches_end (cell);
    troupe_zmqs_end (cell);
    troupe_listeners_close (cell);
    troupe_refs_close (cell);
    troupe_cell_clear (cell);
}

static void s_end_as (troupe_actor_t *cell, troupe_reason_kind_t kind, int code, const char *text)
{
    troupe_reason_destroy (&cell->cause);
    troupe_reason_set (&cell->reason, kind, code, cell->name, cell->incarnation, text, NULL);
    troupe_cell_end (cell);
}

//  --- Around callbacks

void troupe_cell_enter (troupe_actor_t *cell)
{
    cell->callbacks++;
    cell->doing = TROUPE_DOING_CALLBACK;
    cell->failing = false;
}

//  A callback has returned a failure and not said why. It may have handed an error on.
static void s_take_result (troupe_actor_t *cell, int result)
{
    char text [TROUPE_REASON_TEXT_MAX + 1];
    if (!troupe_words_take (cell, (troupe_error_t) result, "", text, sizeof text))
        snprintf (text, sizeof text, "a callback returned %d", result);
    troupe_reason_destroy (&cell->cause);
    troupe_reason_set (&cell->reason, TROUPE_REASON_FAILED, result, cell->name, cell->incarnation, text, NULL);
}

static void s_fail (troupe_actor_t *cell)
{
    cell->failing = false;
    //  A start that failed is told to whoever wanted it, who knows what that means.
    troupe_log_level_t level = cell->cell_state == TROUPE_CELL_STARTING ? TROUPE_LOG_DEBUG : TROUPE_LOG_WARNING;
    char line [512];
    if (troupe_log_enabled (cell, level))
        cell->host->log (cell, level, troupe_reason_print (&cell->reason, line, sizeof line));
    troupe_cell_end (cell);
}

bool troupe_cell_leave (troupe_actor_t *cell, int result)
{
    bool alive = cell->cell_state == TROUPE_CELL_STARTING || cell->cell_state == TROUPE_CELL_RUNNING;
    cell->doing = TROUPE_DOING_NOTHING;
    if (alive && result && !cell->failing)
        s_take_result (cell, result);
    if (cell->words)
        troupe_words_tell (cell);
    if (!alive)
        return false;
    if (result)
        s_fail (cell);
    else if (cell->exit_asked)
        s_end_as (cell, cell->draining ? TROUPE_REASON_SHUTDOWN : TROUPE_REASON_NORMAL, 0, NULL);
    return cell->cell_state == TROUPE_CELL_STARTING || cell->cell_state == TROUPE_CELL_RUNNING;
}

//  --- Beginning

static void s_running (troupe_actor_t *cell)
{
    cell->cell_state = TROUPE_CELL_RUNNING;
    troupe_cell_tell_parent (cell, TROUPE_CONTROL_STARTED, NULL);
}

//  Opens what the mailbox listens at besides; when that fails, so has the start.
static bool s_listen (troupe_actor_t *cell)
{
    char why [TROUPE_REASON_TEXT_MAX + 1] = "";
    troupe_error_t error = cell->host->listen_mailbox ? cell->host->listen_mailbox (cell, why, sizeof why) : TROUPE_OK;
    if (error)
        s_end_as (cell, TROUPE_REASON_START_FAILED, (int) error, *why ? why : troupe_error_text (error));
    return !error;
}

void troupe_cell_start (troupe_actor_t *cell)
{
    troupe_cell_refresh (cell);
    cell->incarnation++;
    cell->cell_state = TROUPE_CELL_STARTING;
    cell->state = NULL;
    cell->start_later = cell->exit_asked = cell->draining = false;
    if (!s_listen (cell))
        return;
    troupe_start_fn *start = cell->behavior ? cell->behavior->start : NULL;
    troupe_cell_enter (cell);
    cell->doing = TROUPE_DOING_START;
    int result = start ? start (cell, &cell->state, cell->args, cell->args_size) : 0;
    bool starts_later = cell->start_later;
    if (!result && !starts_later)
        s_running (cell);
    troupe_cell_leave (cell, result);
    troupe_cell_flush (cell);
}

void troupe_started (troupe_actor_t *self)
{
    if (self->cell_state == TROUPE_CELL_STARTING && self->start_later)
        s_running (self);
}

//  --- What the parent says

static void s_drain (troupe_actor_t *cell, bool brutal)
{
    troupe_drain_fn *drain = cell->behavior ? cell->behavior->drain : NULL;
    if (brutal)
        s_end_as (cell, TROUPE_REASON_KILLED, 0, NULL);
    else if (!drain || cell->cell_state == TROUPE_CELL_STARTING)
        s_end_as (cell, TROUPE_REASON_SHUTDOWN, 0, NULL);
    else if (!cell->draining) {
        cell->draining = true;
        troupe_cell_enter (cell);
        cell->doing = TROUPE_DOING_DRAIN;
        troupe_cell_leave (cell, drain (cell, cell->state));
    }
}

static void s_on_stop (troupe_actor_t *cell, bool brutal, bool halt)
{
    cell->release_asked = !halt;
    if (cell->cell_state == TROUPE_CELL_STARTING || cell->cell_state == TROUPE_CELL_RUNNING)
        s_drain (cell, brutal);
    else if (cell->cell_state == TROUPE_CELL_ENDED && !halt)
        s_finalize (cell);
}

void troupe_cell_parent_says (troupe_actor_t *cell, const uint8_t *data, size_t size)
{
    troupe_control_t control;
    if (!troupe_control_read (data, size, &control))
        return;
    troupe_cell_refresh (cell);
    if (control.kind == TROUPE_CONTROL_STOP)
        s_on_stop (cell, control.flag & TROUPE_CONTROL_BRUTAL, control.flag & TROUPE_CONTROL_HALT);
    else if (control.kind == TROUPE_CONTROL_RESTART && cell->cell_state == TROUPE_CELL_ENDED)
        troupe_cell_start (cell);
}

void troupe_cell_shut_down (troupe_actor_t *cell)
{
    troupe_cell_refresh (cell);
    s_on_stop (cell, false, false);
}

//  --- Turns

static void s_run_timers (troupe_actor_t *cell)
{
    troupe_timer_fn *on_timer;
    void *context;
    for (size_t count = troupe_timers_count (&cell->system_timers);
         count && troupe_timers_take (&cell->system_timers, cell->now_us, &on_timer, &context); count--)
        on_timer (cell, cell->state, context);
    bool alive = cell->cell_state == TROUPE_CELL_RUNNING || cell->cell_state == TROUPE_CELL_STARTING;
    for (size_t count = troupe_timers_count (&cell->timers);
         alive && count && troupe_timers_take (&cell->timers, cell->now_us, &on_timer, &context); count--) {
        troupe_cell_enter (cell);
        cell->doing = TROUPE_DOING_TIMER;
        alive = troupe_cell_leave (cell, on_timer (cell, cell->state, context));
    }
}

void troupe_cell_flush (troupe_actor_t *cell)
{
    if (cell->dirty_refs)
        troupe_refs_flush (cell);
    if (cell->dirty_peers)
        troupe_peers_flush (cell);
    if (cell->dirty_streams)
        troupe_streams_flush (cell);
    if (cell->words)
        troupe_words_tell (cell);
}

int64_t troupe_cell_next_us (const troupe_actor_t *cell)
{
    if (troupe_streams_due (cell) || cell->first_given_up)
        return cell->now_us;
    int64_t user_us = troupe_timers_next_us (&cell->timers);
    int64_t system_us = troupe_timers_next_us (&cell->system_timers);
    return user_us < system_us ? user_us : system_us;
}

void troupe_cell_hear (troupe_actor_t *cell)
{
    troupe_mail_handle (cell, 0);
}

bool troupe_cell_turn (troupe_actor_t *cell, size_t budget)
{
    troupe_cell_refresh (cell);
    troupe_mail_handle (cell, budget);
    if (cell->first_given_up)
        troupe_given_up_tell (cell);
    if (troupe_streams_due (cell))
        troupe_streams_turn (cell);
    if (troupe_cell_next_us (cell) <= cell->now_us)
        s_run_timers (cell);
    troupe_cell_flush (cell);
    if (cell->orphans)
        troupe_refs_reap (cell);
    return (cell->mail.count && troupe_cell_takes_mail (cell)) || troupe_streams_due (cell)
           || troupe_cell_next_us (cell) <= cell->now_us;
}
