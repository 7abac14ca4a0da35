/*  =========================================================================
    live/directory/names_index.h - a hash table for things that carry their own link

    Place: runtime/live, inside the directory. It allocates nothing but its
    buckets: when memory for more of them is out, it goes on with those that it
    has. Whoever uses it compares the keys; several things may have one hash.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_NAMES_INDEX_H_INCLUDED
#define TROUPE_LIVE_NAMES_INDEX_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/hash.h"

//  The first member of a thing.
typedef struct troupe_names_node {
    struct troupe_names_node *next;
    uint64_t hash;
} troupe_names_node_t;

//  Zeroed memory is an empty one.
typedef struct troupe_names_index {
    troupe_names_node_t **buckets;
    size_t size, count;             //  The size is a power of two, or 0
} troupe_names_index_t;

//  False when memory is out: nothing happened.
bool troupe_names_index_add (troupe_names_index_t *self, troupe_names_node_t *node, uint64_t hash);

//  The node must be in there.
void troupe_names_index_remove (troupe_names_index_t *self, troupe_names_node_t *node);

//  The first thing of that hash, and the next of the same; null when there is none.
troupe_names_node_t *troupe_names_index_first (const troupe_names_index_t *self, uint64_t hash);
troupe_names_node_t *troupe_names_index_same (const troupe_names_node_t *node);

//  Anything that is in there; null when it is empty. Each thing once: 'place' begins at 0; the thing may be removed
//  before the next is asked for.
troupe_names_node_t *troupe_names_index_walk (const troupe_names_index_t *self, size_t *place,
                                              troupe_names_node_t **next_p);

//  Frees the buckets; the things are the caller's.
void troupe_names_index_clear (troupe_names_index_t *self);

#endif
