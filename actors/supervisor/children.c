/*  =========================================================================
    children.c - the children of a supervisor: made from specs, found by id

    Place: actors/supervisor, private. What the configuration may change of a
    spec is read in settings.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state.h"

#define S_WHY_MAX (TROUPE_REASON_TEXT_MAX + 1)

//  --------------------------------------------------------------------------
//  Finding: a hash table with chains, never more than one child a bucket on average

static troupe_supervisor_child_t **s_bucket (const troupe_supervisor_state_t *state, const char *id)
{
    return &state->buckets [troupe_keyed_hash (state->key, id, strlen (id)) % state->bucket_count];
}

troupe_supervisor_child_t *troupe_supervisor_find (const troupe_supervisor_state_t *state, const char *id)
{
    if (!state->bucket_count)
        return NULL;
    troupe_supervisor_child_t *child = *s_bucket (state, id);
    while (child && strcmp (child->id, id) != 0)
        child = child->next_in_bucket;
    return child;
}

static void s_enter (troupe_supervisor_state_t *state, troupe_supervisor_child_t *child)
{
    troupe_supervisor_child_t **bucket = s_bucket (state, child->id);
    child->next_in_bucket = *bucket;
    *bucket = child;
}

static void s_leave (troupe_supervisor_state_t *state, const troupe_supervisor_child_t *child)
{
    troupe_supervisor_child_t **place = s_bucket (state, child->id);
    while (*place != child)
        place = &(*place)->next_in_bucket;
    *place = child->next_in_bucket;
}

static bool s_grow_buckets (troupe_supervisor_state_t *state)
{
    size_t bucket_count = state->bucket_count ? state->bucket_count * 2 : 16;
    troupe_supervisor_child_t **buckets = calloc (bucket_count, sizeof *buckets);
    if (!buckets)
        return false;
    free (state->buckets);
    state->buckets = buckets;
    state->bucket_count = bucket_count;
    for (size_t number = 0; number < state->count; number++)
        if (state->children [number])
            s_enter (state, state->children [number]);
    return true;
}

static bool s_grow_children (troupe_supervisor_state_t *state)
{
    size_t capacity = state->capacity ? state->capacity * 2 : 16;
    troupe_supervisor_child_t **children = realloc (state->children, capacity * sizeof *children);
    if (!children)
        return false;
    state->children = children;
    state->capacity = capacity;
    return true;
}

//  --------------------------------------------------------------------------
//  Making

static void s_destroy (troupe_supervisor_child_t *child)
{
    if (!child)
        return;
    free (child->id);
    free (child->endpoint);
    free (child->listen);
    free (child->args);
    free (child);
}

//  Null, with 'why', when memory is out or the configuration makes no sense of it.
static troupe_supervisor_child_t *s_new (troupe_actor_t *self, const troupe_child_t *spec, unsigned long number,
                                         unsigned long instances, char *why, troupe_error_t *error_p)
{
    troupe_supervisor_child_t *child = calloc (1, sizeof *child);
    *error_p = TROUPE_ENOMEM;
    snprintf (why, S_WHY_MAX, "no memory for children");
    if (!child)
        return NULL;
    child->spec = *spec;
    child->spec.instances = 0;
    child->id = troupe_supervisor_numbered (spec->id, number);
    if (child->id)
        *error_p = troupe_supervisor_configure (self, child, number, instances, why, S_WHY_MAX);
    if (*error_p) {
        s_destroy (child);
        return NULL;
    }
    child->spec.id = child->id;
    return child;
}

//  Enters a child everywhere, and takes it over; on false, which means that memory is out, it has been destroyed.
static bool s_add (troupe_supervisor_state_t *state, troupe_supervisor_child_t *child)
{
    bool room = (state->count < state->capacity || s_grow_children (state))
             && (state->child_count < state->bucket_count || s_grow_buckets (state));
    size_t number = room ? troupe_supervision_add (&state->supervision, &child->spec) : TROUPE_SUPERVISION_NO_CHILD;
    if (number == TROUPE_SUPERVISION_NO_CHILD) {
        s_destroy (child);
        return false;
    }
    child->supervisor = state;
    child->number = number;
    if (number == state->count)
        state->count++;
    state->children [number] = child;
    state->child_count++;
    s_enter (state, child);
    return true;
}

static int s_load_one (troupe_actor_t *self, troupe_supervisor_state_t *state, const troupe_child_t *spec)
{
    int result = 0;
    char why [S_WHY_MAX];
    troupe_error_t error;
    unsigned long instances = troupe_supervisor_instances (self, spec, &result);
    for (unsigned long number = 1; number <= instances; number++) {
        troupe_supervisor_child_t *child = s_new (self, spec, instances > 1 ? number : 0, instances, why, &error);
        if (!child)
            return troupe_fail (self, (int) error, "%s", why);
        if (troupe_supervisor_find (state, child->id)) {
            s_destroy (child);
            return troupe_fail (self, TROUPE_EINVAL, "two children are called %s", spec->id);
        }
        if (!s_add (state, child))
            return troupe_fail_error (self, TROUPE_ENOMEM, "no memory for children");
    }
    return result;
}

int troupe_supervisor_load (troupe_actor_t *self, troupe_supervisor_state_t *state)
{
    int result = 0;
    if (state->spec->strategy == TROUPE_SIMPLE_ONE_FOR_ONE || !state->spec->children)
        return 0;
    for (const troupe_child_t *spec = state->spec->children; spec->id && result == 0; spec++)
        result = s_load_one (self, state, spec);
    return result;
}

static bool s_copy_args (troupe_supervisor_child_t *child, const void *args, size_t args_size)
{
    if (!args_size)
        return true;
    child->args = malloc (args_size);
    if (!child->args)
        return false;
    memcpy (child->args, args, args_size);
    child->spec.args = child->args;
    child->spec.args_size = args_size;
    return true;
}

troupe_supervisor_child_t *troupe_supervisor_add_dynamic (troupe_actor_t *self, troupe_supervisor_state_t *state,
                                                          const void *args, size_t args_size, char *why,
                                                          size_t why_size)
{
    char words [S_WHY_MAX];
    troupe_error_t error;
    troupe_supervisor_child_t *child = s_new (self, state->spec->children, ++state->serial, 1, words, &error);
    if (child && !s_copy_args (child, args, args_size)) {
        s_destroy (child);
        child = NULL;
    }
    if (child && s_add (state, child))
        return child;
    snprintf (why, why_size, "%s", error ? words : troupe_error_text (TROUPE_ENOMEM));
    return NULL;
}

//  --------------------------------------------------------------------------
//  Forgetting

void troupe_supervisor_forget (troupe_supervisor_state_t *state, size_t number)
{
    troupe_supervisor_child_t *child = state->children [number];
    state->children [number] = NULL;
    state->child_count--;
    s_leave (state, child);
    s_destroy (child);
}

void troupe_supervisor_forget_all (troupe_supervisor_state_t *state)
{
    for (size_t number = 0; number < state->count; number++)
        s_destroy (state->children [number]);
    free (state->children);
    free (state->buckets);
    state->children = state->buckets = NULL;
    state->count = state->capacity = state->bucket_count = state->child_count = 0;
}
