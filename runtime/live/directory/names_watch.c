/*  =========================================================================
    live/directory/names_watch.c - lists of names, and who follows them

    Place: runtime/live, inside the directory (names_parts.h). A change costs
    one comparison for each watch, and a word for each that it concerns.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/names_parts.h"

#include <stdlib.h>
#include <string.h>

//  --- Lists

static int s_by_name (const void *one, const void *other)
{
    const troupe_names_entry_t *const *first = one, *const *second = other;
    return strcmp ((*first)->name, (*second)->name);
}

//  Those that begin so, sorted; the caller frees the list. Null when memory is out.
static const troupe_names_entry_t **s_sorted (const troupe_names_t *self, const char *prefix, size_t *count_p)
{
    const troupe_names_entry_t **list = malloc ((self->entries.count + 1) * sizeof (troupe_names_entry_t *));
    size_t at = 0, count = 0, size = strlen (prefix);
    troupe_names_node_t *next = NULL, *node;
    while (list && (node = troupe_names_index_walk (&self->entries, &at, &next))) {
        const troupe_names_entry_t *entry = (const troupe_names_entry_t *) node;
        if (strncmp (entry->name, prefix, size) == 0)
            list [count++] = entry;
    }
    if (list)
        qsort (list, count, sizeof (troupe_names_entry_t *), s_by_name);
    *count_p = count;
    return list;
}

static void s_tell_all (troupe_names_t *self, troupe_names_peer_t peer, troupe_names_word_t *word,
                        const troupe_names_entry_t **list, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        strcpy (word->name, list [index]->name);
        troupe_names_show (list [index], word->endpoint, sizeof word->endpoint);
        if (!troupe_names_send (self, peer, word))
            return;
    }
}

void troupe_names_on_list (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    size_t count;
    const troupe_names_entry_t **list = s_sorted (self, letter->word.name, &count);
    troupe_names_word_t listed = { .kind = TROUPE_NAMES_LISTED, .number = letter->word.number };
    s_tell_all (self, letter->peer, &listed, list, count);
    troupe_names_answer (self, letter, TROUPE_NAMES_ANSWER, list ? TROUPE_OK : TROUPE_ENOMEM);
    free (list);
}

//  --- Watches

static void s_drop (troupe_names_t *self, troupe_names_watch_t **link, troupe_names_watch_t *before)
{
    troupe_names_watch_t *watch = *link;
    *link = watch->next;
    if (self->last_watch == watch)
        self->last_watch = before;
    free (watch);
}

static troupe_names_watch_t *s_watch_new (const troupe_names_letter_t *letter)
{
    size_t size = strlen (letter->word.name);
    troupe_names_watch_t *watch = calloc (1, sizeof *watch + size + 1);
    if (!watch)
        return NULL;
    watch->peer = letter->peer;
    watch->process = troupe_hash_text (letter->word.process);
    watch->number = letter->word.watch;
    watch->size = size;
    memcpy (watch->prefix, letter->word.name, size);
    return watch;
}

void troupe_names_on_watch (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    size_t count;
    troupe_names_watch_t *watch = s_watch_new (letter);
    const troupe_names_entry_t **list = watch ? s_sorted (self, letter->word.name, &count) : NULL;
    troupe_names_answer (self, letter, TROUPE_NAMES_ANSWER, list ? TROUPE_OK : TROUPE_ENOMEM);
    if (!list) {
        free (watch);
        return;
    }
    if (self->watches)
        self->last_watch->next = watch;
    else
        self->watches = watch;
    self->last_watch = watch;
    troupe_names_word_t there = { .kind = TROUPE_NAMES_CHANGED, .watch = watch->number, .change = TROUPE_NAME_ADDED };
    s_tell_all (self, letter->peer, &there, list, count);
    free (list);
}

void troupe_names_on_unwatch (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_watch_t **link = &self->watches, *before = NULL;
    while (*link && !((*link)->peer == letter->peer && (*link)->number == letter->word.watch)) {
        before = *link;
        link = &before->next;
    }
    if (*link)
        s_drop (self, link, before);
}

void troupe_names_changed (troupe_names_t *self, const troupe_names_entry_t *entry, troupe_name_change_t change)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_CHANGED, .change = change };
    troupe_names_watch_t **link = &self->watches, *before = NULL;
    while (*link) {
        troupe_names_watch_t *watch = *link;
        bool concerns = strncmp (entry->name, watch->prefix, watch->size) == 0;
        if (concerns && !*word.name) {
            strcpy (word.name, entry->name);
            troupe_names_show (entry, word.endpoint, sizeof word.endpoint);
        }
        word.watch = watch->number;
        if (concerns && !troupe_names_send (self, watch->peer, &word)) {
            s_drop (self, link, before);
            continue;
        }
        before = watch;
        link = &watch->next;
    }
}

void troupe_names_watches_without (troupe_names_t *self, uint64_t process)
{
    troupe_names_watch_t **link = &self->watches, *before = NULL;
    while (*link) {
        if ((*link)->process == process) {
            s_drop (self, link, before);
            continue;
        }
        before = *link;
        link = &before->next;
    }
}

void troupe_names_watches_clear (troupe_names_t *self)
{
    while (self->watches)
        s_drop (self, &self->watches, NULL);
}
