/*  =========================================================================
    stage/probe.c - an actor that only records what it gets

    Place: runtime/stage. A probe keeps every message, puts every call off, and
    shows them to the test in the order in which they came. Its behavior is
    the stage's own; its args are the address of the probe.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include <stdlib.h>

typedef struct s_entry {
    struct s_entry *next;
    troupe_message_t *message;
    troupe_caller_t *caller;            //  Null for a cast, and once it is answered
    troupe_peer_t sender;               //  Stands in for the real one, for its name only
} s_entry_t;

struct troupe_probe {
    troupe_probe_t *next;
    troupe_stage_t *stage;
    troupe_stage_player_t *player;
    s_entry_t *first, *last;            //  Not shown yet
    s_entry_t *shown;                   //  The last one that was
    s_entry_t *asked;                   //  Shown before, with a caller who still waits
};

//  --- The behavior

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) self;
    (void) args_size;
    memcpy (state_p, args, sizeof *state_p);
    return 0;
}

//  What is kept looks like the view that it was: a call, with its sender.
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    troupe_probe_t *probe = state;
    s_entry_t *entry = troupe_stage_memory (sizeof *entry);
    entry->message = troupe_message_keep (message);
    if (!entry->message)
        troupe_stage_die (probe->stage, "out of memory");
    memcpy (entry->sender.name, message->peer->name, sizeof entry->sender.name);
    entry->message->peer = &entry->sender;
    entry->message->call = message->call;
    entry->message->deadline_us = message->deadline_us;
    if (message->call)
        entry->caller = troupe_defer (self, message);
    if (probe->last)
        probe->last->next = entry;
    else
        probe->first = entry;
    probe->last = entry;
    return 0;
}

static void s_free (s_entry_t *entry)
{
    if (entry)
        troupe_message_destroy (&entry->message);
    free (entry);
}

static void s_free_list (s_entry_t **entries)
{
    while (*entries) {
        s_entry_t *entry = *entries;
        *entries = entry->next;
        s_free (entry);
    }
}

//  Callers that were not answered are the cell's to fail.
static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    troupe_probe_t *probe = state;
    s_free_list (&probe->first);
    s_free_list (&probe->asked);
    s_free (probe->shown);
    probe->shown = probe->last = NULL;
}

static const troupe_behavior_t s_behavior = {
    .name = "probe", .start = s_start, .receive = s_receive, .stop = s_stop,
};

//  --- For the test

troupe_probe_t *troupe_stage_probe (troupe_stage_t *stage, const char *name)
{
    troupe_probe_t *probe = troupe_stage_memory (sizeof *probe);
    troupe_child_t spec = { .id = name, .behavior = &s_behavior, .args = &probe, .args_size = sizeof probe };
    probe->stage = stage;
    probe->next = stage->probes;
    stage->probes = probe;
    troupe_error_t error = troupe_stage_spawn_child (stage, &spec);
    if (error)
        troupe_stage_die (stage, "no probe called %s: %s", name, troupe_error_text (error));
    probe->player = troupe_stage_find (stage, name);
    return probe;
}

//  A caller who was shown and not answered still waits, until the end of the probe.
static void s_put_away (troupe_probe_t *probe)
{
    s_entry_t *entry = probe->shown;
    probe->shown = NULL;
    if (!entry || !entry->caller) {
        s_free (entry);
        return;
    }
    entry->next = probe->asked;
    probe->asked = entry;
}

troupe_message_t *troupe_probe_next (troupe_probe_t *probe)
{
    s_put_away (probe);
    s_entry_t *entry = probe->first;
    if (!entry)
        return NULL;
    probe->first = entry->next;
    if (!probe->first)
        probe->last = NULL;
    entry->next = NULL;
    probe->shown = entry;
    return entry->message;
}

static troupe_caller_t **s_caller (troupe_probe_t *probe)
{
    if (!probe->shown || !probe->shown->message->call)
        troupe_stage_die (probe->stage, "the probe %s has shown no call to answer", probe->player->label);
    troupe_cell_refresh (&probe->player->cell);
    return &probe->shown->caller;
}

troupe_error_t troupe_probe_reply (troupe_probe_t *probe, const void *data, size_t size)
{
    troupe_error_t error = troupe_answer (s_caller (probe), data, size);
    troupe_cell_flush (&probe->player->cell);
    return error;
}

troupe_error_t troupe_probe_fail (troupe_probe_t *probe, const char *text)
{
    troupe_error_t error = troupe_answer_failure (s_caller (probe), "%s", text);
    troupe_cell_flush (&probe->player->cell);
    return error;
}

void troupe_stage_probes_free (troupe_stage_t *stage)
{
    while (stage->probes) {
        troupe_probe_t *probe = stage->probes;
        stage->probes = probe->next;
        free (probe);
    }
}
