/*  =========================================================================
    live/directory/names_table.c - names, and the places they stand for

    Place: runtime/live, inside the directory (names_parts.h). A place keeps
    the names that lead to it; with its actor all of them go. Which of these
    its parent has given it and which it has taken itself (aliases) only
    matters when one is given back.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/names_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_SCHEME "inproc://"

//  --- Entries

troupe_names_entry_t *troupe_names_entry (const troupe_names_t *self, const char *name)
{
    troupe_names_node_t *node = troupe_names_index_first (&self->entries, troupe_hash_text (name));
    while (node && strcmp (((troupe_names_entry_t *) node)->name, name) != 0)
        node = troupe_names_index_same (node);
    return (troupe_names_entry_t *) node;
}

void troupe_names_show (const troupe_names_entry_t *entry, char *endpoint, size_t size)
{
    const troupe_names_place_t *place = entry->place;
    if (strncmp (place->endpoint, S_SCHEME, sizeof S_SCHEME - 1) != 0)
        snprintf (endpoint, size, "%s", place->endpoint);
    else if (place->given)
        snprintf (endpoint, size, "%s", place->reach);
    else
        snprintf (endpoint, size, S_SCHEME "%s", entry->name);
}

static troupe_error_t s_entry_add (troupe_names_t *self, troupe_names_place_t *place, const char *name, bool alias)
{
    size_t size = strlen (name) + 1;
    troupe_names_entry_t *entry = calloc (1, sizeof *entry + size);
    if (!entry || !troupe_names_index_add (&self->entries, &entry->node, troupe_hash_text (name))) {
        free (entry);
        return TROUPE_ENOMEM;
    }
    memcpy (entry->name, name, size);
    entry->place = place;
    entry->alias = alias;
    entry->next = place->entries;
    if (entry->next)
        entry->next->previous = entry;
    place->entries = entry;
    troupe_names_changed (self, entry, TROUPE_NAME_ADDED);
    return TROUPE_OK;
}

static void s_entry_remove (troupe_names_t *self, troupe_names_entry_t *entry)
{
    troupe_names_changed (self, entry, TROUPE_NAME_REMOVED);
    troupe_names_index_remove (&self->entries, &entry->node);
    if (entry->next)
        entry->next->previous = entry->previous;
    *(entry->previous ? &entry->previous->next : &entry->place->entries) = entry->next;
    free (entry);
}

//  --- Places

troupe_names_place_t *troupe_names_place (const troupe_names_t *self, const char *endpoint)
{
    troupe_names_node_t *node = troupe_names_index_first (&self->places, troupe_hash_text (endpoint));
    while (node && strcmp (((troupe_names_place_t *) node)->endpoint, endpoint) != 0)
        node = troupe_names_index_same (node);
    return (troupe_names_place_t *) node;
}

static troupe_names_place_t *s_place_new (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    const troupe_names_word_t *word = &letter->word;
    troupe_names_place_t *place = calloc (1, sizeof *place);
    char *endpoint = strdup (word->endpoint);
    if (!place || !endpoint || !troupe_names_index_add (&self->places, &place->node, troupe_hash_text (endpoint))) {
        free (place);
        free (endpoint);
        return NULL;
    }
    place->endpoint = endpoint;
    place->registrar = letter->peer;
    place->limits = word->limits;
    place->given = *word->reach;
    memcpy (place->reach, word->reach, sizeof place->reach);
    memcpy (place->process, word->process, sizeof place->process);
    return place;
}

static void s_place_free (troupe_names_t *self, troupe_names_place_t *place)
{
    troupe_names_not_exported (self, place);
    troupe_names_index_remove (&self->places, &place->node);
    free (place->endpoint);
    free (place);
}

void troupe_names_place_release (troupe_names_t *self, troupe_names_place_t *place)
{
    if (!place->entries && !place->finders && !place->waiters)
        s_place_free (self, place);
}

//  Its actor is gone: nothing is left of it.
static void s_place_end (troupe_names_t *self, troupe_names_place_t *place, troupe_reason_kind_t cause)
{
    while (place->entries)
        s_entry_remove (self, place->entries);  //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list
    troupe_names_word_t gone = { .kind = TROUPE_NAMES_GONE, .cause = cause };
    troupe_names_answer_waiters (self, place, TROUPE_ENOENT);
    troupe_names_tell_finders (self, place, &gone, false);
    troupe_names_finders_clear (self, place);
    s_place_free (self, place);
}

//  --- Taking names, and giving them back

static troupe_error_t s_add (troupe_names_t *self, const troupe_names_letter_t *letter, bool alias)
{
    const troupe_names_word_t *word = &letter->word;
    if (!*word->name || !*word->endpoint)
        return TROUPE_EINVAL;
    if (troupe_names_entry (self, word->name))
        return TROUPE_EADDRINUSE;
    troupe_names_place_t *place = troupe_names_place (self, word->endpoint);
    if (!place)
        place = s_place_new (self, letter);
    if (!place)
        return TROUPE_ENOMEM;
    troupe_error_t error = s_entry_add (self, place, word->name, alias);
    if (error)
        troupe_names_place_release (self, place);
    return error;
}

void troupe_names_on_register (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_answer (self, letter, TROUPE_NAMES_REGISTERED, s_add (self, letter, false));
}

void troupe_names_on_alias (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_answer (self, letter, TROUPE_NAMES_ANSWER, s_add (self, letter, true));
}

//  The name, if it leads to the endpoint.
static troupe_names_entry_t *s_entry_at (const troupe_names_t *self, const troupe_names_word_t *word)
{
    troupe_names_entry_t *entry = troupe_names_entry (self, word->name);
    return entry && strcmp (entry->place->endpoint, word->endpoint) == 0 ? entry : NULL;
}

void troupe_names_on_unalias (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_entry_t *entry = s_entry_at (self, &letter->word);
    bool found = entry && entry->alias;
    if (found) {
        troupe_names_place_t *place = entry->place;
        s_entry_remove (self, entry);
        troupe_names_place_release (self, place);
    }
    troupe_names_answer (self, letter, TROUPE_NAMES_ANSWER, found ? TROUPE_OK : TROUPE_ENOENT);
}

//  Several names that parents have given lead to one place where somebody else runs it: then the others stay.
void troupe_names_on_unregister (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    const troupe_names_word_t *word = &letter->word;
    troupe_names_entry_t *entry = s_entry_at (self, word);
    troupe_names_place_t *place = troupe_names_place (self, word->endpoint);
    if (!place || (*word->name && !entry))
        return;
    bool shared = false;
    for (const troupe_names_entry_t *other = place->entries; other; other = other->next)
        shared |= other != entry && !other->alias;
    if (shared && entry)
        s_entry_remove (self, entry);
    else
        s_place_end (self, place, word->cause);
}

void troupe_names_on_down (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    const troupe_names_word_t *word = &letter->word;
    troupe_names_place_t *place = troupe_names_place (self, word->endpoint);
    troupe_names_word_t down = { .kind = TROUPE_NAMES_DOWN, .incarnation = word->incarnation,
                                 .reason = word->reason };
    if (place)
        troupe_names_tell_finders (self, place, &down, false);
}

//  --- Ends

void troupe_names_table_without (troupe_names_t *self, const char *process)
{
    size_t at = 0;
    uint64_t hash = troupe_hash_text (process);
    troupe_names_node_t *next = NULL, *node;
    while ((node = troupe_names_index_walk (&self->places, &at, &next))) {
        troupe_names_place_t *place = (troupe_names_place_t *) node;
        troupe_names_finders_without (self, place, hash);
        troupe_names_waiters_without (place, hash);
        if (strcmp (place->process, process) == 0)
            s_place_end (self, place, TROUPE_REASON_CRASHED);
        else
            troupe_names_place_release (self, place);
    }
}

//  Nobody is told: the directory ends.
static void s_place_drop (troupe_names_t *self, troupe_names_place_t *place)
{
    while (place->entries) {
        troupe_names_entry_t *entry = place->entries;
        place->entries = entry->next;
        free (entry);
    }
    while (place->waiters) {
        troupe_names_waiter_t *waiter = place->waiters;
        place->waiters = waiter->next;
        free (waiter);
    }
    troupe_names_finders_clear (self, place);
    s_place_free (self, place);
}

void troupe_names_table_clear (troupe_names_t *self)
{
    size_t at = 0;
    troupe_names_node_t *next = NULL, *node;
    while ((node = troupe_names_index_walk (&self->places, &at, &next)))
        s_place_drop (self, (troupe_names_place_t *) node);
    troupe_names_index_clear (&self->places);
    troupe_names_index_clear (&self->entries);
    troupe_names_index_clear (&self->finders);
}
