/*  =========================================================================
    stage/names.c - the directory of a stage

    Place: runtime/stage. Who has which name is known at once and to everybody;
    what a watch is told waits in a lane of its player, and keeps its order
    there. A player's own name comes and goes with it (players.c); here are
    those that it takes besides, and who follows them.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include <stdio.h>
#include <stdlib.h>

#define S_ENDPOINT_MAX 159

struct troupe_stage_alias {
    struct troupe_stage_alias *next;
    troupe_stage_player_t *player;
    char *name;
};
typedef struct troupe_stage_alias s_alias_t;

struct troupe_stage_follower {
    struct troupe_stage_follower *next;
    troupe_stage_player_t *player;
    uint64_t number;
    char *prefix;
};
typedef struct troupe_stage_follower s_follower_t;

//  --- Telling those who follow

//  A thread that listens for others is a thread all the same.
static bool s_is_elsewhere (const troupe_stage_player_t *player)
{
    const char *endpoint = player->endpoint;
    return endpoint && strncmp (endpoint, "tcp://0.0.0.0:", 14) != 0 && strncmp (endpoint, "tcp://*:", 8) != 0
           && strncmp (endpoint, "tcp://[::]:", 11) != 0;
}

static void s_endpoint (const troupe_stage_player_t *player, const char *name, char *text, size_t size)
{
    bool elsewhere = s_is_elsewhere (player);
    snprintf (text, size, "%s%s", elsewhere ? "" : "inproc://", elsewhere ? player->endpoint : name);
}

static void s_tell (const s_follower_t *follower, troupe_name_change_t change, const char *name, const char *endpoint)
{
    troupe_stage_t *stage = follower->player->stage;
    troupe_stage_item_t *item = troupe_stage_item_new (TROUPE_STAGE_NAME);
    size_t first = strlen (name) + 1, second = strlen (endpoint) + 1;
    char *text = troupe_stage_memory (first + second);
    memcpy (text, name, first);
    memcpy (text + first, endpoint, second);
    item->block = troupe_stage_block (stage, text, first + second);
    item->size = (size_t) follower->number;
    item->flags = (uint8_t) change;
    free (text);
    troupe_stage_lane_add (&follower->player->changes, item);
}

static void s_changed (const troupe_stage_player_t *player, troupe_name_change_t change, const char *name)
{
    char endpoint [S_ENDPOINT_MAX + 1];
    s_endpoint (player, name, endpoint, sizeof endpoint);
    for (const s_follower_t *follower = player->stage->followers; follower; follower = follower->next)
        if (strncmp (name, follower->prefix, strlen (follower->prefix)) == 0)
            s_tell (follower, change, name, endpoint);
}

void troupe_stage_name_deliver (troupe_stage_lane_t *lane, const troupe_stage_item_t *item)
{
    char who [TROUPE_STAGE_WHO_MAX];
    const char *name = (const char *) item->block->data, *endpoint = name + strlen (name) + 1;
    troupe_name_change_t change = (troupe_name_change_t) item->flags;
    troupe_stage_note (lane->to->stage, "%s <- name %s %s %s", troupe_stage_who (lane->to, who, sizeof who),
                       change == TROUPE_NAME_ADDED ? "added:" : "removed:", name, endpoint);
    troupe_cell_name_changed (&lane->to->cell, item->size, change, name, endpoint);
}

//  --- Players' own names

void troupe_stage_name_own (troupe_stage_player_t *player, bool named)
{
    if (player->named == named)
        return;
    player->named = named;
    s_changed (player, named ? TROUPE_NAME_ADDED : TROUPE_NAME_REMOVED, player->name);
}

//  --- Names taken besides

static s_alias_t **s_alias (troupe_stage_t *stage, const char *name)
{
    s_alias_t **place = &stage->aliases;
    while (*place && strcmp ((*place)->name, name) != 0)
        place = &(*place)->next;
    return place;
}

troupe_stage_player_t *troupe_stage_name_alias (troupe_stage_t *stage, const char *name)
{
    const s_alias_t *alias = *s_alias (stage, name);
    return alias ? alias->player : NULL;
}

troupe_error_t troupe_stage_name_register (troupe_actor_t *cell, const char *name)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    if (troupe_stage_find_named (player->stage, name))
        return TROUPE_EADDRINUSE;
    s_alias_t *alias = troupe_stage_memory (sizeof *alias);
    *alias = (s_alias_t) { .player = player, .name = troupe_stage_string (name), .next = player->stage->aliases };
    player->stage->aliases = alias;
    troupe_stage_note (player->stage, "%s takes the name %s", player->label, name);
    s_changed (player, TROUPE_NAME_ADDED, name);
    return TROUPE_OK;
}

static void s_give_back (s_alias_t **place)
{
    s_alias_t *alias = *place;
    *place = alias->next;
    troupe_stage_note (alias->player->stage, "%s gives the name %s back", alias->player->label, alias->name);
    s_changed (alias->player, TROUPE_NAME_REMOVED, alias->name);
    free (alias->name);
    free (alias);
}

troupe_error_t troupe_stage_name_unregister (troupe_actor_t *cell, const char *name)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    s_alias_t **place = s_alias (player->stage, name);
    if (!*place || (*place)->player != player)
        return TROUPE_ENOENT;
    s_give_back (place);
    return TROUPE_OK;
}

//  --- Looking up

//  A name, and nothing else that a ref may lead to.
static troupe_stage_player_t *s_owner (troupe_stage_t *stage, const char *name)
{
    troupe_stage_player_t *player = stage->players;
    while (player && !(player->named && strcmp (player->name, name) == 0))
        player = player->next;
    return player ? player : troupe_stage_name_alias (stage, name);
}

troupe_error_t troupe_stage_name_find (troupe_actor_t *cell, const char *name, char *endpoint, size_t size)
{
    const troupe_stage_player_t *player = s_owner (troupe_stage_player (cell)->stage, name);
    if (!player)
        return TROUPE_ENOENT;
    if (size)
        s_endpoint (player, name, endpoint, size);
    return TROUPE_OK;
}

typedef struct {
    const troupe_stage_player_t *player;
    char *name;
} s_named_t;

typedef struct {
    s_named_t *items;
    size_t count, capacity;
} s_list_t;

static int s_by_name (const void *one, const void *other)
{
    return strcmp (((const s_named_t *) one)->name, ((const s_named_t *) other)->name);
}

static void s_list_add (s_list_t *list, const troupe_stage_player_t *player, const char *name, const char *prefix)
{
    if (strncmp (name, prefix, strlen (prefix)) != 0)
        return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 16;
        s_named_t *items = troupe_stage_memory (capacity * sizeof *items);
        if (list->count)
            memcpy (items, list->items, list->count * sizeof *items);
        free (list->items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items [list->count++] = (s_named_t) { .player = player, .name = troupe_stage_string (name) };
}

static s_list_t s_sorted (troupe_stage_t *stage, const char *prefix)
{
    s_list_t list = { 0 };
    for (const troupe_stage_player_t *player = stage->players; player; player = player->next)
        if (player->named)
            s_list_add (&list, player, player->name, prefix);
    for (const s_alias_t *alias = stage->aliases; alias; alias = alias->next)
        s_list_add (&list, alias->player, alias->name, prefix);
    if (list.count)
        qsort (list.items, list.count, sizeof *list.items, s_by_name);
    return list;
}

static void s_list_free (s_list_t *list)
{
    for (size_t index = 0; index < list->count; index++)
        free (list->items [index].name);
    free (list->items);
}

troupe_error_t troupe_stage_name_list (troupe_actor_t *cell, const char *prefix, troupe_name_fn *on_name,
                                       void *context)
{
    char endpoint [S_ENDPOINT_MAX + 1];
    s_list_t list = s_sorted (troupe_stage_player (cell)->stage, prefix);
    for (size_t index = 0; index < list.count; index++) {
        const s_named_t *named = &list.items [index];
        s_endpoint (named->player, named->name, endpoint, sizeof endpoint);
        on_name (cell, cell->state, TROUPE_NAME_ADDED, named->name, endpoint, context);
    }
    s_list_free (&list);
    return TROUPE_OK;
}

//  --- Following

troupe_error_t troupe_stage_name_watch (troupe_actor_t *cell, const char *prefix, uint64_t number)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    char endpoint [S_ENDPOINT_MAX + 1];
    s_follower_t *follower = troupe_stage_memory (sizeof *follower);
    *follower = (s_follower_t) { .player = player, .number = number, .prefix = troupe_stage_string (prefix) };
    s_follower_t **place = &player->stage->followers;
    while (*place)
        place = &(*place)->next;
    *place = follower;
    s_list_t list = s_sorted (player->stage, prefix);
    for (size_t index = 0; index < list.count; index++) {
        const s_named_t *named = &list.items [index];
        s_endpoint (named->player, named->name, endpoint, sizeof endpoint);
        s_tell (follower, TROUPE_NAME_ADDED, named->name, endpoint);
    }
    s_list_free (&list);
    return TROUPE_OK;
}

static void s_follower_remove (s_follower_t **place)
{
    s_follower_t *follower = *place;
    *place = follower->next;
    free (follower->prefix);
    free (follower);
}

//  What it has not been told yet finds no watch of that number in the cell.
void troupe_stage_name_unwatch (troupe_actor_t *cell, uint64_t number)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    s_follower_t **place = &player->stage->followers;
    while (*place && !((*place)->player == player && (*place)->number == number))
        place = &(*place)->next;
    if (*place)
        s_follower_remove (place);
}

//  --- Ends

void troupe_stage_names_leave (troupe_stage_player_t *player)
{
    troupe_stage_name_own (player, false);
    for (s_alias_t **place = &player->stage->aliases; *place; )
        if ((*place)->player == player)
            s_give_back (place);
        else
            place = &(*place)->next;
}

void troupe_stage_names_forget (troupe_stage_player_t *player)
{
    for (s_follower_t **place = &player->stage->followers; *place; )
        if ((*place)->player == player)
            s_follower_remove (place);
        else
            place = &(*place)->next;
}
