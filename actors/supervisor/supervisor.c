/*  =========================================================================
    supervisor.c - the actor that starts, restarts and stops its children

    Place: actors/supervisor, on the public interface. A thin shell: all
    decisions are made by core/supervision/supervision.h. What happens to a child arrives
    as an event with the child as its context, is told to the decisions, and
    what they want is done at once; nothing here waits.

    A child is owned by the state. It is freed when the decisions forget it
    (dynamic ones) or when this incarnation stops; by then its link is dead.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state.h"

//  --------------------------------------------------------------------------
//  What happens to a child

static int s_tell_child (troupe_actor_t *self, troupe_supervisor_child_t *child,
                         troupe_supervision_event_kind_t kind, const troupe_reason_t *reason)
{
    troupe_supervision_event_t event = { .kind = kind, .child = child->number, .reason = reason };
    if (reason) {
        event.now_ms = troupe_now_ms (self);
        event.random = troupe_random (self);
    }
    return troupe_supervisor_tell (self, child->supervisor, &event);
}

//  A failure has been logged by the child itself, with the message that it was handling; a start that failed among the
//  first ones is passed on upward, and told there once.
static void s_log_end (troupe_actor_t *self, const troupe_supervisor_child_t *child, const troupe_reason_t *reason)
{
    const troupe_supervision_t *supervision = &child->supervisor->supervision;
    troupe_log_level_t level = TROUPE_LOG_WARNING;
    if (troupe_reason_is_normal (reason) || reason->kind == TROUPE_REASON_FAILED
    ||  (supervision->initial && reason->kind == TROUPE_REASON_START_FAILED)
    ||  troupe_supervision_is_ending (supervision))
        level = TROUPE_LOG_DEBUG;
    char text [512];
    if (troupe_log_enabled (self, level))
        troupe_log (self, level, "child ended: %s", troupe_reason_print (reason, text, sizeof text));
}

static int s_started (troupe_actor_t *self, troupe_supervisor_child_t *child)
{
    if (child->request != TROUPE_SUPERVISOR_STOP_CHILD)
        troupe_supervisor_answer (child, NULL);
    return s_tell_child (self, child, TROUPE_SUPERVISION_CHILD_STARTED, NULL);
}

static int s_ended (troupe_actor_t *self, troupe_supervisor_child_t *child, const troupe_reason_t *reason)
{
    troupe_supervised_state_t state = troupe_supervision_state (&child->supervisor->supervision, child->number);
    s_log_end (self, child, reason);
    if (state == TROUPE_SUPERVISED_STARTING)
        troupe_supervisor_answer (child, reason);
    return s_tell_child (self, child, TROUPE_SUPERVISION_CHILD_ENDED, reason);
}

static int s_gone (troupe_actor_t *self, troupe_supervisor_child_t *child, const troupe_reason_t *reason)
{
    child->link = NULL;
    troupe_supervisor_answer (child, reason);
    return s_tell_child (self, child, TROUPE_SUPERVISION_CHILD_GONE, reason);
}

static int s_on_event (troupe_actor_t *self, void *state, troupe_link_t *link,
                       const troupe_child_event_t *event, void *context)
{
    troupe_supervisor_child_t *child = context;
    (void) state;
    (void) link;
    child->incarnation = event->incarnation ? event->incarnation : child->incarnation;
    switch (event->kind) {
        case TROUPE_CHILD_STARTED:
            return s_started (self, child);
        case TROUPE_CHILD_ENDED:
            return s_ended (self, child, event->reason);
        case TROUPE_CHILD_GONE:
            return s_gone (self, child, event->reason);
        default:
            return 0;
    }
}

//  A spawn that failed at once has no link whose events could tell of it.
static int s_spawn_failed (troupe_actor_t *self, troupe_supervisor_child_t *child)
{
    troupe_reason_t reason = { .kind = TROUPE_REASON_START_FAILED, .code = (int) child->spawn_error };
    snprintf (reason.actor, sizeof reason.actor, "%s", child->id);
    troupe_supervisor_explain (&child->spec, child->spawn_error, reason.text, sizeof reason.text);
    s_log_end (self, child, &reason);
    return s_gone (self, child, &reason);
}

static int s_on_spawn_failed (troupe_actor_t *self, void *state, void *context)
{
    troupe_supervisor_child_t *child = context;
    (void) state;
    child->timer = 0;
    return s_spawn_failed (self, child);
}

static int s_on_backoff_over (troupe_actor_t *self, void *state, void *context)
{
    troupe_supervisor_child_t *child = context;
    (void) state;
    child->timer = 0;
    return s_tell_child (self, child, TROUPE_SUPERVISION_BACKOFF_OVER, NULL);
}

//  --------------------------------------------------------------------------
//  What is to be done

static int s_arm (troupe_actor_t *self, troupe_supervisor_child_t *child, int64_t delay_ms, troupe_timer_fn *on_timer)
{
    child->timer = troupe_after (self, delay_ms, on_timer, child);
    return child->timer ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "no memory for a timer");
}

static void s_disarm (troupe_actor_t *self, troupe_supervisor_child_t *child)
{
    troupe_cancel (self, child->timer);
    child->timer = 0;
}

//  A refused spawn is reported in the next turn: however often it is tried again, this turn ends.
static int s_spawn (troupe_actor_t *self, troupe_supervisor_child_t *child)
{
    child->incarnation = 0;
    child->spawn_error = troupe_spawn (self, &child->spec, s_on_event, child, &child->link);
    if (child->spawn_error == TROUPE_OK)
        return 0;
    child->link = NULL;
    return s_arm (self, child, 0, s_on_spawn_failed);
}

//  Without a link there is only the report of a failed spawn on its way; it need not be waited for.
static int s_end_child (troupe_actor_t *self, troupe_supervisor_child_t *child, bool halt)
{
    if (!child->link) {
        troupe_reason_t reason = { .kind = TROUPE_REASON_SHUTDOWN };
        troupe_supervision_event_t event = { .kind = TROUPE_SUPERVISION_CHILD_GONE, .child = child->number,
            .reason = &reason, .now_ms = troupe_now_ms (self) };
        s_disarm (self, child);
        troupe_supervisor_answer (child, &reason);
        troupe_supervision_handle (&child->supervisor->supervision, &event);
    }
    else if (halt)
        troupe_link_halt (child->link, TROUPE_SHUTDOWN_DEFAULT);
    else
        troupe_link_stop (child->link, TROUPE_SHUTDOWN_DEFAULT);
    return 0;
}

static int s_fail (troupe_actor_t *self, const troupe_supervisor_state_t *state,
                   const troupe_supervision_action_t *action)
{
    if (action->reason_kind == TROUPE_REASON_INTENSITY)
        return troupe_fail_because (self, action->reason_kind, action->cause, "more than %zu restarts in %lld ms",
                                    state->supervision.window.limit, (long long) state->supervision.window.period_ms);
    return troupe_fail_because (self, action->reason_kind, action->cause, "a child did not start");
}

//  The end of a start that nobody asked to be ended was a start all the same.
static int s_exit (troupe_actor_t *self, troupe_supervisor_state_t *state)
{
    if (!state->started && !troupe_is_draining (self))
        troupe_started (self);
    troupe_exit (self);
    return 0;
}

static int s_do_child (troupe_actor_t *self, troupe_supervisor_state_t *state,
                       const troupe_supervision_action_t *action)
{
    troupe_supervisor_child_t *child = state->children [action->child];
    switch (action->kind) {
        case TROUPE_SUPERVISION_SPAWN:
            return s_spawn (self, child);
        case TROUPE_SUPERVISION_RESTART:
            troupe_log (self, TROUPE_LOG_INFO, "restarting %s", child->id);
            troupe_link_restart (child->link);
            return 0;
        case TROUPE_SUPERVISION_HALT:
        case TROUPE_SUPERVISION_STOP:
            return s_end_child (self, child, action->kind == TROUPE_SUPERVISION_HALT);
        case TROUPE_SUPERVISION_ARM:
            troupe_log (self, TROUPE_LOG_INFO, "restarting %s in %lld ms", child->id, (long long) action->delay_ms);
            return s_arm (self, child, action->delay_ms, s_on_backoff_over);
        case TROUPE_SUPERVISION_DISARM:
            s_disarm (self, child);
            return 0;
        default:
            troupe_supervisor_forget (state, action->child);
            return 0;
    }
}

static int s_do (troupe_actor_t *self, troupe_supervisor_state_t *state, const troupe_supervision_action_t *action)
{
    switch (action->kind) {
        case TROUPE_SUPERVISION_STARTED:
            state->started = true;
            troupe_started (self);
            return 0;
        case TROUPE_SUPERVISION_FAIL:
            return s_fail (self, state, action);
        case TROUPE_SUPERVISION_EXIT:
            return s_exit (self, state);
        default:
            return s_do_child (self, state, action);
    }
}

int troupe_supervisor_tell (troupe_actor_t *self, troupe_supervisor_state_t *state,
                            const troupe_supervision_event_t *event)
{
    troupe_supervision_action_t action;
    int result = 0;
    troupe_supervision_handle (&state->supervision, event);
    while (result == 0 && troupe_supervision_next (&state->supervision, &action))
        result = s_do (self, state, &action);
    return result;
}

//  --------------------------------------------------------------------------
//  The behavior

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    const troupe_supervisor_t *spec = NULL;
    if (args_size == sizeof spec)
        memcpy (&spec, args, sizeof spec);
    if (!spec)
        return troupe_fail_error (self, TROUPE_EINVAL, "a supervisor is started by a spec that names it");
    troupe_supervisor_state_t *state = calloc (1, sizeof *state);
    if (!state)
        return troupe_fail_error (self, TROUPE_ENOMEM, "no memory for the supervisor");
    *state_p = state;
    state->spec = spec;
    troupe_hash_key (self, state->key);
    troupe_supervision_init (&state->supervision, spec);
    int result = troupe_supervisor_load (self, state);
    if (result)
        return result;
    troupe_start_later (self);
    return troupe_supervisor_tell (self, state, &(troupe_supervision_event_t) { .kind = TROUPE_SUPERVISION_BEGIN });
}

static int s_drain (troupe_actor_t *self, void *state)
{
    return troupe_supervisor_tell (self, state, &(troupe_supervision_event_t) { .kind = TROUPE_SUPERVISION_END });
}

static void s_stop (troupe_actor_t *self, void *argument, const troupe_reason_t *reason)
{
    troupe_supervisor_state_t *state = argument;
    (void) self;
    (void) reason;
    if (!state)
        return;
    troupe_supervisor_forget_all (state);
    troupe_supervision_clear (&state->supervision);
    free (state);
}

static const troupe_tag_t s_tags [] = {
    { TROUPE_SUPERVISOR_START_CHILD, "START_CHILD" },
    { TROUPE_SUPERVISOR_STOP_CHILD, "STOP_CHILD" },
    { TROUPE_SUPERVISOR_RESTART_CHILD, "RESTART_CHILD" },
    { TROUPE_SUPERVISOR_LIST, "LIST" },
    { 0, NULL },
};

const troupe_behavior_t troupe_supervisor_behavior = {
    .name = "supervisor",
    .start = s_start,
    .receive = troupe_supervisor_receive,
    .drain = s_drain,
    .stop = s_stop,
    .tags = s_tags,
};
