/*  =========================================================================
    core/cell/cell_names.c - names that an actor takes, and those it follows

    Place: runtime/core, part of the cell; implements troupe/names.h. The host
    knows the directory (host.h). Here is what belongs to the incarnation: the
    names that it has taken, which are given back before anybody is told that
    it has ended, and its watches. The number of a watch is never used again,
    so that what comes late for one that has ended is nobody's.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdlib.h>
#include <string.h>

#define S_NAME_MAX 255u

struct troupe_own_name {
    troupe_own_name_t *next;
    char name [];
};

struct troupe_name_follower {
    troupe_name_follower_t *next;
    uint64_t number;
    troupe_name_fn *on_name;
    void *context;
};

static bool s_lives (const troupe_actor_t *cell)
{
    return cell->cell_state == TROUPE_CELL_STARTING || cell->cell_state == TROUPE_CELL_RUNNING;
}

//  Printable, without blanks.
static bool s_is_text (const char *text, size_t least)
{
    size_t size = text ? strnlen (text, S_NAME_MAX + 1) : S_NAME_MAX + 1;
    if (size < least || size > S_NAME_MAX)
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

//  --- Names of one's own

static troupe_own_name_t **s_find (troupe_actor_t *cell, const char *name)
{
    troupe_own_name_t **place = &cell->own_names;
    while (*place && strcmp ((*place)->name, name) != 0)
        place = &(*place)->next;
    return place;
}

//  What has "://" in it is an endpoint to every ref.
troupe_error_t troupe_name_register (troupe_actor_t *self, const char *name)
{
    if (!s_is_text (name, 1) || strstr (name, "://"))
        return TROUPE_EINVAL;
    if (!self->has_parent || !s_lives (self))
        return TROUPE_ESTATE;
    size_t size = strlen (name) + 1;
    troupe_own_name_t *own = malloc (sizeof *own + size);
    if (!own)
        return TROUPE_ENOMEM;
    troupe_error_t error = self->host->name_register (self, name);
    if (error) {
        free (own);
        return error;
    }
    memcpy (own->name, name, size);
    own->next = self->own_names;
    self->own_names = own;
    return TROUPE_OK;
}

static troupe_error_t s_give_back (troupe_actor_t *cell, troupe_own_name_t **place)
{
    troupe_own_name_t *own = *place;
    *place = own->next;
    troupe_error_t error = cell->host->name_unregister (cell, own->name);
    free (own);
    return error;
}

troupe_error_t troupe_name_unregister (troupe_actor_t *self, const char *name)
{
    troupe_own_name_t **place = name ? s_find (self, name) : NULL;
    return place && *place ? s_give_back (self, place) : TROUPE_ENOENT;
}

//  --- Looking up

troupe_error_t troupe_name_find (troupe_actor_t *self, const char *name, char *endpoint, size_t size)
{
    if (!s_is_text (name, 1))
        return TROUPE_EINVAL;
    return self->host->name_find (self, name, endpoint, size);
}

troupe_error_t troupe_names_list (troupe_actor_t *self, const char *prefix, troupe_name_fn *on_name, void *context)
{
    if (!s_is_text (prefix, 0) || !on_name)
        return TROUPE_EINVAL;
    return self->host->name_list (self, prefix, on_name, context);
}

//  --- Following

troupe_error_t troupe_names_watch (troupe_actor_t *self, const char *prefix, troupe_name_fn *on_name, void *context,
                                   troupe_name_watch_t *watch_p)
{
    if (!s_is_text (prefix, 0) || !on_name)
        return TROUPE_EINVAL;
    if (!s_lives (self))
        return TROUPE_ESTATE;
    troupe_name_follower_t *follower = malloc (sizeof *follower);
    if (!follower)
        return TROUPE_ENOMEM;
    *follower = (troupe_name_follower_t) { .next = self->followers, .number = ++self->followed, .on_name = on_name,
                                           .context = context };
    troupe_error_t error = self->host->name_watch (self, prefix, follower->number);
    if (error) {
        free (follower);
        return error;
    }
    self->followers = follower;
    if (watch_p)
        *watch_p = follower->number;
    return TROUPE_OK;
}

static troupe_name_follower_t **s_follower (troupe_actor_t *cell, uint64_t number)
{
    troupe_name_follower_t **place = &cell->followers;
    while (*place && (*place)->number != number)
        place = &(*place)->next;
    return place;
}

bool troupe_names_unwatch (troupe_actor_t *self, troupe_name_watch_t watch)
{
    troupe_name_follower_t **place = s_follower (self, watch);
    troupe_name_follower_t *follower = *place;
    if (!follower)
        return false;
    *place = follower->next;
    free (follower);
    self->host->name_unwatch (self, watch);
    return true;
}

//  The callback may end its own watch.
void troupe_cell_name_changed (troupe_actor_t *cell, uint64_t number, troupe_name_change_t change, const char *name,
                               const char *endpoint)
{
    const troupe_name_follower_t *follower = *s_follower (cell, number);
    if (!follower || !s_lives (cell))
        return;
    troupe_cell_enter (cell);
    troupe_cell_leave (cell, follower->on_name (cell, cell->state, change, name, endpoint, follower->context));
}

//  --- The end of the incarnation

void troupe_names_end (troupe_actor_t *cell)
{
    while (cell->followers)
        troupe_names_unwatch (cell, cell->followers->number);
    while (cell->own_names)
        s_give_back (cell, &cell->own_names);
}

//  Of a cell that is freed before its incarnation has ended: the host forgets it as a whole.
void troupe_names_clear (troupe_actor_t *cell)
{
    while (cell->followers) {
        troupe_name_follower_t *follower = cell->followers;
        cell->followers = follower->next;
        free (follower);
    }
    while (cell->own_names) {
        troupe_own_name_t *own = cell->own_names;
        cell->own_names = own->next;
        free (own);
    }
}
