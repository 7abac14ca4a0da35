/*  =========================================================================
    live/directory/directory.h - what an actor asks of the directory

    Place: runtime/live; the rest is in live.h, for everybody there. All of it
    only on the actor's own thread.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_DIRECTORY_H_INCLUDED
#define TROUPE_LIVE_DIRECTORY_H_INCLUDED

#include "live/actor/live.h"

//  A word that came while another was waited for, or one of a list.
typedef struct troupe_kept_word {
    struct troupe_kept_word *next;
    troupe_names_word_t word;
} troupe_kept_word_t;

//  As troupe_directory_ask, for LIST: what is LISTED before the answer, in order; the caller frees each.
troupe_error_t troupe_directory_ask_list (troupe_live_t *live, troupe_names_word_t *word, troupe_kept_word_t **list_p);

//  The directory wants the mailbox of this actor, or of one of its children, to be bound for other processes.
void troupe_directory_export (troupe_live_t *live, const troupe_names_word_t *word);

//  The parent wants this actor's mailbox to be bound at an endpoint, which stands behind the head of its word.
void troupe_directory_bind (troupe_live_t *live, const uint8_t *data, size_t size);

//  The functions of the host's that are called name_...
troupe_error_t troupe_directory_name_register (troupe_actor_t *cell, const char *name);
troupe_error_t troupe_directory_name_unregister (troupe_actor_t *cell, const char *name);
troupe_error_t troupe_directory_name_find (troupe_actor_t *cell, const char *name, char *endpoint, size_t size);
troupe_error_t troupe_directory_name_list (troupe_actor_t *cell, const char *prefix, troupe_name_fn *on_name,
                                           void *context);
troupe_error_t troupe_directory_name_watch (troupe_actor_t *cell, const char *prefix, uint64_t number);
void troupe_directory_name_unwatch (troupe_actor_t *cell, uint64_t number);

#endif
