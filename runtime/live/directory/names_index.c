/*  =========================================================================
    live/directory/names_index.c - a hash table for things that carry their own link

    Place: runtime/live, inside the directory; see names_index.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/names_index.h"

#include <stdlib.h>

#define S_FIRST_SIZE 16u

//  The high bits too: the low ones of numbers that count up are enough, those of addresses are not.
static troupe_names_node_t **s_bucket (const troupe_names_index_t *self, uint64_t hash)
{
    return &self->buckets [(hash ^ hash >> 32) & (self->size - 1)];
}

static void s_put (troupe_names_index_t *self, troupe_names_node_t *node)
{
    troupe_names_node_t **bucket = s_bucket (self, node->hash);
    node->next = *bucket;
    *bucket = node;
}

static bool s_grow (troupe_names_index_t *self)
{
    troupe_names_index_t larger = { .size = self->size ? self->size * 2 : S_FIRST_SIZE, .count = self->count };
    larger.buckets = calloc (larger.size, sizeof (troupe_names_node_t *));
    if (!larger.buckets)
        return self->size > 0;
    for (size_t index = 0; index < self->size; index++)
        for (troupe_names_node_t *node = self->buckets [index], *next; node; node = next) {
            next = node->next;
            s_put (&larger, node);
        }
    free (self->buckets);
    *self = larger;
    return true;
}

bool troupe_names_index_add (troupe_names_index_t *self, troupe_names_node_t *node, uint64_t hash)
{
    if (self->count >= self->size && !s_grow (self))
        return false;
    node->hash = hash;
    s_put (self, node);
    self->count++;
    return true;
}

void troupe_names_index_remove (troupe_names_index_t *self, troupe_names_node_t *node)
{
    troupe_names_node_t **place = s_bucket (self, node->hash);
    while (*place != node)
        place = &(*place)->next;
    *place = node->next;
    self->count--;
}

troupe_names_node_t *troupe_names_index_first (const troupe_names_index_t *self, uint64_t hash)
{
    troupe_names_node_t *node = self->size ? *s_bucket (self, hash) : NULL;
    while (node && node->hash != hash)
        node = node->next;
    return node;
}

troupe_names_node_t *troupe_names_index_same (const troupe_names_node_t *node)
{
    uint64_t hash = node->hash;
    do
        node = node->next;
    while (node && node->hash != hash);
    return (troupe_names_node_t *) (uintptr_t) node;
}

troupe_names_node_t *troupe_names_index_walk (const troupe_names_index_t *self, size_t *place,
                                              troupe_names_node_t **next_p)
{
    troupe_names_node_t *node = *next_p;
    while (!node && *place < self->size)
        node = self->buckets [(*place)++];
    *next_p = node ? node->next : NULL;
    return node;
}

void troupe_names_index_clear (troupe_names_index_t *self)
{
    free (self->buckets);
    *self = (troupe_names_index_t) { 0 };
}
