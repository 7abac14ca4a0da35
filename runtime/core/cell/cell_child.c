/*  =========================================================================
    core/cell/cell_child.c - a cell as parent

    Place: runtime/core, part of the cell; implements troupe/child.h. A link is
    in one of these states, and every word from the child or the directory
    moves it on:

        starting -> running -> ended -> (restart) starting -> ...
                       \          \
                        stopping   -> GONE, freed

    Links stand in order of spawning; when the parent's incarnation ends they
    are stopped from the last to the first, one after the other.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <troupe/supervisor.h>

#include <stdio.h>
#include <stdlib.h>

#define S_WORKER_SHUTDOWN_MS 5000
//  What a brutal end may take: a thread that does not hang only has to get the processor.
#define S_KILL_MS 1000

//  --- Making and freeing

static void s_free (troupe_link_t *link)
{
    free ((void *) (uintptr_t) link->spec.id);
    free ((void *) (uintptr_t) link->spec.endpoint);
    free ((void *) (uintptr_t) link->spec.listen);
    free ((void *) (uintptr_t) link->spec.args);
    troupe_reason_destroy (&link->reason);
    free (link);
}

//  A supervisor's args are the address of its spec, which is constant data of the program.
static bool s_copy_args (troupe_child_t *copy, const troupe_child_t *spec)
{
    const void *args = spec->args;
    copy->args_size = spec->args_size;
    if (spec->supervisor) {
        copy->behavior = &troupe_supervisor_behavior;
        args = &spec->supervisor;
        copy->args_size = sizeof spec->supervisor;
    }
    void *bytes = copy->args_size ? malloc (copy->args_size) : NULL;
    if (bytes)
        memcpy (bytes, args, copy->args_size);
    copy->args = bytes;
    return bytes || copy->args_size == 0;
}

static troupe_link_t *s_new (troupe_actor_t *cell, const troupe_child_t *spec)
{
    troupe_link_t *link = calloc (1, sizeof *link);
    if (!link)
        return NULL;
    link->cell = cell;
    link->spec = *spec;
    link->spec.id = strdup (spec->id);
    link->spec.endpoint = spec->endpoint ? strdup (spec->endpoint) : NULL;
    link->spec.listen = spec->listen ? strdup (spec->listen) : NULL;
    link->spec.args = NULL;
    if (s_copy_args (&link->spec, spec) && link->spec.id && (link->spec.endpoint || !spec->endpoint)
        && (link->spec.listen || !spec->listen))
        return link;
    s_free (link);
    return NULL;
}

static void s_append (troupe_link_t *link)
{
    troupe_actor_t *cell = link->cell;
    link->previous = cell->last_link;
    if (link->previous)
        link->previous->next = link;
    else
        cell->first_link = link;
    cell->last_link = link;
}

static void s_remove (troupe_link_t *link)
{
    troupe_actor_t *cell = link->cell;
    if (link->previous)
        link->previous->next = link->next;
    else
        cell->first_link = link->next;
    if (link->next)
        link->next->previous = link->previous;
    else
        cell->last_link = link->previous;
}

//  Somebody else runs it: it needs no behavior here.
static bool s_is_elsewhere (const troupe_child_t *spec)
{
    return spec->endpoint && strncmp (spec->endpoint, "tcp://", 6) == 0;
}

troupe_error_t troupe_spawn (troupe_actor_t *self, const troupe_child_t *spec, troupe_child_fn *on_event,
                             void *context, troupe_link_t **link_p)
{
    if (self->cell_state != TROUPE_CELL_STARTING && self->cell_state != TROUPE_CELL_RUNNING)
        return TROUPE_ESTATE;
    if (!spec || !spec->id || !*spec->id || (!spec->behavior && !spec->supervisor && !s_is_elsewhere (spec)))
        return TROUPE_EINVAL;
    troupe_link_t *link = s_new (self, spec);
    if (!link)
        return TROUPE_ENOMEM;
    link->on_event = on_event;
    link->context = context;
    link->incarnation = 1;
    link->name_pending = !spec->endpoint || *spec->endpoint;
    s_append (link);
    troupe_error_t error = self->host->spawn (self, link);
    if (error) {
        s_remove (link);
        s_free (link);
    }
    else if (link_p)
        *link_p = link;
    return error;
}

const char *troupe_link_id (const troupe_link_t *link)
{
    return link->spec.id;
}

//  --- Telling the owner

//  False when the incarnation is over.
static bool s_event (troupe_link_t *link, troupe_child_event_kind_t kind, const troupe_reason_t *reason)
{
    troupe_actor_t *cell = link->cell;
    bool alive = cell->cell_state == TROUPE_CELL_STARTING || cell->cell_state == TROUPE_CELL_RUNNING;
    if (!link->on_event || !alive)
        return alive;
    troupe_reason_t lost;
    troupe_reason_set (&lost, TROUPE_REASON_FAILED, TROUPE_ENOMEM, link->spec.id, link->incarnation,
                       "the reason itself is lost: out of memory", NULL);
    troupe_child_event_t event = { .kind = kind, .incarnation = link->incarnation,
                                   .reason = reason || kind == TROUPE_CHILD_STARTED ? reason : &lost };
    troupe_cell_enter (cell);
    cell->doing = TROUPE_DOING_CHILD;
    return troupe_cell_leave (cell, link->on_event (cell, cell->state, link, &event, link->context));
}

static void s_set_reason (troupe_link_t *link, troupe_reason_kind_t kind, int code, const char *text)
{
    troupe_reason_t reason;
    troupe_reason_set (&reason, kind, code, link->spec.id, link->incarnation, text, NULL);
    troupe_reason_t *copy = troupe_reason_copy (&reason);
    if (copy) {
        troupe_reason_destroy (&link->reason);
        link->reason = copy;
    }
}

static void s_take_reason (troupe_link_t *link, const troupe_control_t *control)
{
    troupe_reason_t *reason = control->reason ? troupe_reason_decode (control->reason, control->reason_size) : NULL;
    if (reason) {
        troupe_reason_destroy (&link->reason);
        link->reason = reason;
    }
}

//  --- Stopping

static void s_cancel_timer (troupe_link_t *link)
{
    if (link->timer)
        troupe_timers_cancel (&link->cell->system_timers, link->timer);
    link->timer = 0;
}

static void s_gone (troupe_link_t *link, bool abandoned)
{
    troupe_actor_t *cell = link->cell;
    link->gone = true;
    s_cancel_timer (link);
    if (link->ref) {
        troupe_ref_gone (link->ref, NULL, link->reason);
        troupe_ref_orphan (link->ref);
    }
    cell->host->forget (cell, link, abandoned);
    s_remove (link);
    s_event (link, TROUPE_CHILD_GONE, link->reason);
    s_free (link);
    if (cell->cell_state == TROUPE_CELL_ENDING && !troupe_links_stop_last (cell))
        troupe_cell_children_gone (cell);
}

static int s_on_kill_timer (troupe_actor_t *cell, void *state, void *context);

static void s_tell (troupe_link_t *link, troupe_control_kind_t kind, uint8_t flag)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = kind, .flag = flag };
    size_t size = troupe_control_write (word, &control, NULL);
    link->cell->host->tell_child (link->cell, link, word, size);
}

//  What can be killed need not be given up: its end is told as any other.
static void s_kill (troupe_link_t *link)
{
    uint8_t flag = TROUPE_CONTROL_BRUTAL | (link->halting ? TROUPE_CONTROL_HALT : 0);
    link->killing = true;
    link->timer = troupe_timers_add (&link->cell->system_timers, link->cell->now_us + S_KILL_MS * 1000, 0,
                                     s_on_kill_timer, link);
    s_tell (link, TROUPE_CONTROL_STOP, flag);
}

//  Past its time: says what it hangs in, and gives it up.
static int s_on_shutdown_timer (troupe_actor_t *cell, void *state, void *context)
{
    (void) state;
    troupe_link_t *link = context;
    char doing [160] = "", text [256];
    link->timer = 0;
    cell->host->describe (cell, link, doing, sizeof doing);
    snprintf (text, sizeof text, "%s does not stop in time%s%s", link->spec.id, *doing ? ": " : "", doing);
    cell->host->log (cell, TROUPE_LOG_ERROR, text);
    s_set_reason (link, TROUPE_REASON_WEDGED, 0, doing);
    s_event (link, TROUPE_CHILD_WEDGED, link->reason);
    if (link->killable) {
        s_kill (link);
        return 0;
    }
    s_set_reason (link, TROUPE_REASON_KILLED, 0, doing);
    s_gone (link, true);
    return 0;
}

static int s_on_kill_timer (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    troupe_link_t *link = context;
    link->timer = 0;
    s_set_reason (link, TROUPE_REASON_KILLED, 0, "brutal_kill");
    s_gone (link, true);
    return 0;
}

static int64_t s_shutdown_ms (const troupe_link_t *link, int64_t shutdown_ms)
{
    if (shutdown_ms == TROUPE_SHUTDOWN_DEFAULT)
        shutdown_ms = link->spec.shutdown_ms;
    if (shutdown_ms == TROUPE_SHUTDOWN_DEFAULT)
        return link->spec.supervisor ? TROUPE_SHUTDOWN_INFINITY : S_WORKER_SHUTDOWN_MS;
    return shutdown_ms;
}

//  Whether that is under way already. Only a brutal end cuts one short that has time; one that nobody can be told of
//  any more, or whose name is taken, needs no halting.
static bool s_is_stopped (const troupe_link_t *link, bool brutal, bool halt)
{
    if (link->gone)
        return true;
    if (halt)
        return link->stopping || link->halting || link->ended || link->name_taken;
    return link->stopping && (link->killing || !brutal);
}

static void s_stop (troupe_link_t *link, int64_t shutdown_ms, bool halt)
{
    troupe_actor_t *cell = link->cell;
    int64_t limit_ms = s_shutdown_ms (link, shutdown_ms);
    bool brutal = limit_ms == TROUPE_SHUTDOWN_BRUTAL_KILL;
    if (s_is_stopped (link, brutal, halt))
        return;
    link->stopping = !halt;
    link->killing = brutal;
    link->halting = halt;
    s_cancel_timer (link);
    s_tell (link, TROUPE_CONTROL_STOP,
            (uint8_t) ((brutal ? TROUPE_CONTROL_BRUTAL : 0) | (halt ? TROUPE_CONTROL_HALT : 0)));
    if (limit_ms == TROUPE_SHUTDOWN_INFINITY || limit_ms >= (TROUPE_FOREVER - cell->now_us) / 1000)
        return;
    //  A halted child keeps its mailbox: it gets the time that its brutal end takes.
    if (brutal)
        limit_ms = halt ? S_WORKER_SHUTDOWN_MS : S_KILL_MS;
    int64_t due_us = cell->now_us + limit_ms * 1000;
    link->timer = troupe_timers_add (&cell->system_timers, due_us, 0,
                                     brutal && !halt ? s_on_kill_timer : s_on_shutdown_timer, link);
}

void troupe_link_stop (troupe_link_t *link, int64_t shutdown_ms)
{
    s_stop (link, shutdown_ms, false);
}

void troupe_link_halt (troupe_link_t *link, int64_t shutdown_ms)
{
    s_stop (link, shutdown_ms, true);
}

void troupe_links_clear (troupe_actor_t *cell)
{
    while (cell->first_link) {
        troupe_link_t *link = cell->first_link;
        s_remove (link);    //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list
        s_free (link);
    }
}

bool troupe_links_stop_last (troupe_actor_t *cell)
{
    if (!cell->last_link)
        return false;
    troupe_link_stop (cell->last_link, TROUPE_SHUTDOWN_DEFAULT);
    return true;
}

//  --- Hanging

void troupe_cell_child_wedged (troupe_actor_t *cell, troupe_link_t *link, const char *doing)
{
    if (link->wedged || link->gone)
        return;
    link->wedged = true;
    cell->host->log (cell, TROUPE_LOG_ERROR, doing);
    s_set_reason (link, TROUPE_REASON_WEDGED, 0, doing);
    s_event (link, TROUPE_CHILD_WEDGED, link->reason);
}

void troupe_cell_child_goes_on (troupe_actor_t *cell, troupe_link_t *link, int64_t after_ms)
{
    if (!link->wedged)
        return;
    link->wedged = false;
    if (!troupe_log_enabled (cell, TROUPE_LOG_INFO))
        return;
    char text [160];
    snprintf (text, sizeof text, "%s goes on after %lld ms", link->spec.id, (long long) after_ms);
    cell->host->log (cell, TROUPE_LOG_INFO, text);
}

//  --- Restarting

//  A name that was taken is still taken: the same end again, in a turn of its own.
static int s_on_still_taken (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    troupe_link_t *link = context;
    link->timer = 0;
    link->ended = true;
    s_event (link, TROUPE_CHILD_ENDED, link->reason);
    return 0;
}

void troupe_link_restart (troupe_link_t *link)
{
    if (!link->ended || link->stopping || link->gone)
        return;
    link->ended = link->halting = false;
    if (link->name_taken) {
        s_cancel_timer (link);
        link->timer = troupe_timers_add (&link->cell->system_timers, link->cell->now_us, 0, s_on_still_taken, link);
        return;
    }
    link->incarnation++;
    s_tell (link, TROUPE_CONTROL_RESTART, 0);
}

//  --- What the child and the directory say

static void s_on_started (troupe_link_t *link, uint32_t incarnation)
{
    link->incarnation = incarnation;
    link->started_pending = link->name_pending;
    if (!link->name_pending && !link->name_taken)
        s_event (link, TROUPE_CHILD_STARTED, NULL);
}

//  A child may end before the directory has answered: that it had started is told first, or its end would look like a
//  start that failed.
static void s_on_ended (troupe_link_t *link, const troupe_control_t *control)
{
    bool started = link->started_pending;
    link->started_pending = false;
    if (link->name_taken || (started && !s_event (link, TROUPE_CHILD_STARTED, NULL)))
        return;
    link->incarnation = control->incarnation;
    s_take_reason (link, control);
    link->ended = true;
    link->wedged = false;
    if (link->halting)
        s_cancel_timer (link);
    if (s_event (link, TROUPE_CHILD_ENDED, link->reason) && !link->on_event && !link->stopping)
        troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
}

//  A child process has looked at its actor itself.
static void s_on_wedged (troupe_link_t *link, const troupe_control_t *control)
{
    troupe_reason_t *reason = control->reason ? troupe_reason_decode (control->reason, control->reason_size) : NULL;
    troupe_cell_child_wedged (link->cell, link, reason ? reason->text : "it hangs");
    troupe_reason_destroy (&reason);
}

void troupe_cell_child_says (troupe_actor_t *cell, troupe_link_t *link, const uint8_t *data, size_t size)
{
    troupe_control_t control;
    if (!troupe_control_read (data, size, &control))
        return;
    if (control.kind == TROUPE_CONTROL_STARTED)
        s_on_started (link, control.incarnation);
    else if (control.kind == TROUPE_CONTROL_ENDED)
        s_on_ended (link, &control);
    else if (control.kind == TROUPE_CONTROL_WEDGED)
        s_on_wedged (link, &control);
    else if (control.kind == TROUPE_CONTROL_GONE) {
        cell->abandoned += control.abandoned;
        if (!link->name_taken)
            s_take_reason (link, &control);
        s_gone (link, false);
    }
}

void troupe_cell_child_named (troupe_actor_t *cell, troupe_link_t *link, troupe_error_t error)
{
    (void) cell;
    link->name_pending = false;
    if (!error) {
        if (link->started_pending) {
            link->started_pending = false;
            s_event (link, TROUPE_CHILD_STARTED, NULL);
        }
        return;
    }
    //  What runs without its name is of no use, and must not do its work a second time.
    if (!link->stopping)
        s_tell (link, TROUPE_CONTROL_STOP, TROUPE_CONTROL_BRUTAL | TROUPE_CONTROL_HALT);
    link->name_taken = true;
    link->ended = true;
    s_set_reason (link, TROUPE_REASON_START_FAILED, (int) error, "an actor of that name is running already");
    if (s_event (link, TROUPE_CHILD_ENDED, link->reason) && !link->on_event && !link->stopping)
        troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
}
