/*  =========================================================================
    parent.c - a parent that spawns children by hand, and what it says to them

    Place: tests/stage. See parent.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "parent.h"

troupe_link_t *parent_link;
bool parent_restarts;

int parent_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    static const char *const names [] = { "started", "ended", "wedged", "gone" };
    (void) self;
    (void) state;
    (void) context;
    if (event->kind == TROUPE_CHILD_STARTED)
        doer_note ("%s#%u:started", troupe_link_id (link), event->incarnation);
    else
        doer_note ("%s#%u:%s:%s", troupe_link_id (link), event->incarnation, names [event->kind],
                   troupe_reason_kind_name (event->reason->kind));
    if (event->kind == TROUPE_CHILD_ENDED && parent_restarts)
        troupe_link_restart (link);
    return 0;
}

int parent_child_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    doer_note ("+%s%.*s", troupe_name (self), (int) args_size, (const char *) args);
    return 0;
}

int parent_child_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_replyf (self, message, "here");
}

void parent_child_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) state;
    (void) reason;
    doer_note ("-%s", troupe_name (self));
}

const troupe_behavior_t parent_child = {
    .name = "child", .start = parent_child_start, .receive = parent_child_receive, .stop = parent_child_stop,
};

void parent_spawn (troupe_actor_t *self, const char *id, const troupe_behavior_t *behavior)
{
    troupe_child_t spec = { .id = id, .behavior = behavior };
    troupe_error_t error = troupe_spawn (self, &spec, parent_on_child, NULL, &parent_link);
    doer_note ("%s", error ? troupe_error_name (error) : "spawned");
}

int parent_spawn_a (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    parent_spawn (self, "a", &parent_child);
    return 0;
}

int parent_call_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_call (troupe_link_ref (parent_link), 0, "", 0, 100, doer_on_reply, NULL, NULL);
    return 0;
}

int parent_stop_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_link_stop (parent_link, TROUPE_SHUTDOWN_DEFAULT);
    return 0;
}

int parent_halt_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_link_halt (parent_link, TROUPE_SHUTDOWN_DEFAULT);
    return 0;
}

int parent_kill_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_link_stop (parent_link, TROUPE_SHUTDOWN_BRUTAL_KILL);
    return 0;
}

int parent_restart_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_link_restart (parent_link);
    return 0;
}

int parent_exit (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_exit (self);
    return 0;
}

troupe_stage_t *parent_stage (void)
{
    troupe_stage_t *stage = troupe_stage_new (PARENT_SEED);
    doer_new (stage, "parent");
    return stage;
}
