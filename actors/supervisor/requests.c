/*  =========================================================================
    requests.c - what a supervisor is asked: start, stop, restart, list

    Place: actors/supervisor, private. A request is answered when what it asks
    for has happened: a start with its result, a stop when the child is gone.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

//  --------------------------------------------------------------------------
//  Answers

void troupe_supervisor_answer (troupe_supervisor_child_t *child, const troupe_reason_t *reason)
{
    char text [512];
    bool stopped = child->request == TROUPE_SUPERVISOR_STOP_CHILD && reason;
    if (child->caller && (stopped || !reason))
        troupe_answerf (&child->caller, "%s", child->id);
    else if (child->caller)
        troupe_answer_failure (&child->caller, "%s", troupe_reason_print (reason, text, sizeof text));
    child->request = 0;
}

//  One at a time may wait for a child; a later request decides.
static void s_await (troupe_actor_t *self, troupe_supervisor_child_t *child, troupe_message_t *message,
                     uint16_t request)
{
    if (child->caller)
        troupe_answer_failure (&child->caller, "a later request took over");
    child->request = request;
    child->caller = troupe_defer (self, message);
}

static int s_refuse (troupe_actor_t *self, troupe_message_t *message, const char *why)
{
    troupe_reply_failure (self, message, "%s", why);
    return 0;
}

//  --------------------------------------------------------------------------
//  Start, stop, restart

static int s_start_child (troupe_actor_t *self, troupe_supervisor_state_t *state, troupe_message_t *message)
{
    const troupe_child_t *spec = state->spec->children;
    if (state->spec->strategy != TROUPE_SIMPLE_ONE_FOR_ONE || !spec || !spec->id)
        return s_refuse (self, message, "this supervisor starts no children by request");
    if (troupe_supervision_is_ending (&state->supervision))
        return s_refuse (self, message, "the supervisor is ending");
    char why [TROUPE_REASON_TEXT_MAX + 1];
    troupe_supervisor_child_t *child = troupe_supervisor_add_dynamic (
        self, state, troupe_message_data (message), troupe_message_size (message), why, sizeof why);
    if (!child)
        return s_refuse (self, message, why);
    s_await (self, child, message, TROUPE_SUPERVISOR_START_CHILD);
    return troupe_supervisor_tell (self, state, &(troupe_supervision_event_t) {
        .kind = TROUPE_SUPERVISION_START_CHILD, .child = child->number });
}

static int s_stop_child (troupe_actor_t *self, troupe_supervisor_state_t *state, troupe_supervisor_child_t *child,
                         troupe_message_t *message)
{
    troupe_supervised_state_t now = troupe_supervision_state (&state->supervision, child->number);
    if (now == TROUPE_SUPERVISED_STOPPED)
        return s_refuse (self, message, "it is stopped");
    s_await (self, child, message, TROUPE_SUPERVISOR_STOP_CHILD);
    if (!child->link)
        troupe_supervisor_answer (child, &(troupe_reason_t) { .kind = TROUPE_REASON_SHUTDOWN });
    return troupe_supervisor_tell (self, state, &(troupe_supervision_event_t) {
        .kind = TROUPE_SUPERVISION_STOP_CHILD, .child = child->number });
}

static int s_restart_child (troupe_actor_t *self, troupe_supervisor_state_t *state, troupe_supervisor_child_t *child,
                            troupe_message_t *message)
{
    if (troupe_supervision_is_ending (&state->supervision))
        return s_refuse (self, message, "the supervisor is ending");
    if (troupe_supervision_state (&state->supervision, child->number) != TROUPE_SUPERVISED_STOPPED)
        return s_refuse (self, message, "it is not stopped");
    s_await (self, child, message, TROUPE_SUPERVISOR_RESTART_CHILD);
    return troupe_supervisor_tell (self, state, &(troupe_supervision_event_t) {
        .kind = TROUPE_SUPERVISION_START_CHILD, .child = child->number });
}

//  --------------------------------------------------------------------------
//  List

static const char *s_state_name (const troupe_supervisor_state_t *state, const troupe_supervisor_child_t *child)
{
    switch (troupe_supervision_state (&state->supervision, child->number)) {
        case TROUPE_SUPERVISED_RUNNING:
            return "running";
        case TROUPE_SUPERVISED_STARTING:
            return child->incarnation ? "restarting" : "starting";
        case TROUPE_SUPERVISED_HALTING:
        case TROUPE_SUPERVISED_HELD:
        case TROUPE_SUPERVISED_WAITING:
            return "restarting";
        default:
            return "stopped";
    }
}

//  Room for every line: an id, ten digits, a word.
static size_t s_list_size (const troupe_supervisor_state_t *state)
{
    size_t size = 1;
    for (size_t number = 0; number < state->count; number++)
        if (state->children [number])
            size += strlen (state->children [number]->id) + 32;
    return size;
}

static int s_list (troupe_actor_t *self, const troupe_supervisor_state_t *state, troupe_message_t *message)
{
    size_t size = s_list_size (state), used = 0;
    char *text = malloc (size);
    if (!text)
        return s_refuse (self, message, troupe_error_text (TROUPE_ENOMEM));
    for (size_t number = 0; number < state->count; number++) {
        const troupe_supervisor_child_t *child = state->children [number];
        if (child)
            used += (size_t) snprintf (text + used, size - used, "%s %u %s\n", child->id,
                                       (unsigned) child->incarnation, s_state_name (state, child));
    }
    troupe_reply (self, message, text, used);
    free (text);
    return 0;
}

//  --------------------------------------------------------------------------
//  All of them

int troupe_supervisor_receive (troupe_actor_t *self, void *argument, troupe_message_t *message)
{
    troupe_supervisor_state_t *state = argument;
    uint16_t tag = troupe_message_tag (message);
    if (tag == TROUPE_SUPERVISOR_LIST)
        return s_list (self, state, message);
    if (tag == TROUPE_SUPERVISOR_START_CHILD)
        return s_start_child (self, state, message);
    if (tag != TROUPE_SUPERVISOR_STOP_CHILD && tag != TROUPE_SUPERVISOR_RESTART_CHILD)
        return s_refuse (self, message, "a supervisor has no such request");
    troupe_supervisor_child_t *child = troupe_supervisor_find (state, troupe_message_text (message));
    if (!child)
        return s_refuse (self, message, "there is no child of that id");
    if (tag == TROUPE_SUPERVISOR_STOP_CHILD)
        return s_stop_child (self, state, child, message);
    return s_restart_child (self, state, child, message);
}
