/*  =========================================================================
    live/directory/names_find.c - looking names up, and being told when they end

    Place: runtime/live, inside the directory (names_parts.h). Whoever has
    looked a name up is a finder of its place, once however often it has done
    so, until it has forgotten it as often, or nothing can be sent to it any
    more.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/names_parts.h"

#include <stdlib.h>
#include <string.h>

#define S_SCHEME "inproc://"

//  --- Finders

static uint64_t s_hash (const troupe_names_place_t *place, troupe_names_peer_t peer)
{
    return ((uint64_t) (uintptr_t) place ^ (uint64_t) peer << 32) * UINT64_C (0x9E3779B97F4A7C15);
}

static troupe_names_finder_t *s_finder (const troupe_names_t *self, const troupe_names_place_t *place,
                                        troupe_names_peer_t peer)
{
    troupe_names_node_t *node = troupe_names_index_first (&self->finders, s_hash (place, peer));
    for (; node; node = troupe_names_index_same (node)) {
        troupe_names_finder_t *finder = (troupe_names_finder_t *) node;
        if (finder->place == place && finder->peer == peer)
            return finder;
    }
    return NULL;
}

static void s_remove (troupe_names_t *self, troupe_names_finder_t *finder)
{
    troupe_names_index_remove (&self->finders, &finder->node);
    if (finder->next)
        finder->next->previous = finder->previous;
    *(finder->previous ? &finder->previous->next : &finder->place->finders) = finder->next;
    free (finder);
}

//  Remembers that a peer knows the place. False when memory is out.
static bool s_add (troupe_names_t *self, troupe_names_place_t *place, troupe_names_peer_t peer, uint64_t process,
                   bool far)
{
    troupe_names_finder_t *finder = s_finder (self, place, peer);
    if (finder) {
        finder->count++;
        return true;
    }
    finder = calloc (1, sizeof *finder);
    if (!finder || !troupe_names_index_add (&self->finders, &finder->node, s_hash (place, peer))) {
        free (finder);
        return false;
    }
    finder->place = place;
    finder->peer = peer;
    finder->process = process;
    finder->count = 1;
    finder->far = far;
    finder->next = place->finders;
    if (finder->next)
        finder->next->previous = finder;
    place->finders = finder;
    return true;
}

void troupe_names_finders_clear (troupe_names_t *self, troupe_names_place_t *place)
{
    while (place->finders)
        s_remove (self, place->finders);    //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list
}

void troupe_names_finders_without (troupe_names_t *self, troupe_names_place_t *place, uint64_t process)
{
    for (troupe_names_finder_t *finder = place->finders, *next; finder; finder = next) {
        next = finder->next;
        if (finder->process == process)
            s_remove (self, finder);
    }
}

void troupe_names_tell_finders (troupe_names_t *self, troupe_names_place_t *place, troupe_names_word_t *word,
                                bool far_only)
{
    for (troupe_names_finder_t *finder = place->finders, *next; finder; finder = next) {
        next = finder->next;
        if (far_only && !finder->far)
            continue;
        strcpy (word->endpoint, finder->far ? place->reach : place->endpoint);
        if (!troupe_names_send (self, finder->peer, word))
            s_remove (self, finder);
    }
}

//  The name may lead elsewhere by now, or nowhere.
static troupe_names_place_t *s_place_of (const troupe_names_t *self, const troupe_names_word_t *word)
{
    troupe_names_entry_t *entry = troupe_names_entry (self, word->name);
    troupe_names_place_t *place = entry ? entry->place : NULL;
    if (place && (strcmp (place->endpoint, word->endpoint) == 0 || strcmp (place->reach, word->endpoint) == 0))
        return place;
    return troupe_names_place (self, word->endpoint);
}

void troupe_names_on_forget (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_place_t *place = s_place_of (self, &letter->word);
    troupe_names_finder_t *finder = place ? s_finder (self, place, letter->peer) : NULL;
    if (!finder || --finder->count)
        return;
    s_remove (self, finder);
    troupe_names_place_release (self, place);
}

//  --- Looking up

void troupe_names_answer_found (troupe_names_t *self, troupe_names_place_t *place, troupe_names_waiter_t asker,
                                bool far)
{
    troupe_names_word_t found = { .kind = TROUPE_NAMES_FOUND, .number = asker.number, .limits = place->limits };
    strcpy (found.endpoint, far ? place->reach : place->endpoint);
    if (!s_add (self, place, asker.peer, asker.process, far))
        found.error = TROUPE_ENOMEM;
    troupe_names_send (self, asker.peer, &found);
}

void troupe_names_on_find (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    const troupe_names_word_t *word = &letter->word;
    troupe_names_entry_t *entry = troupe_names_entry (self, word->name);
    if (!entry) {
        troupe_names_answer (self, letter, TROUPE_NAMES_FOUND, TROUPE_ENOENT);
        return;
    }
    troupe_names_place_t *place = entry->place;
    troupe_names_waiter_t asker = { .peer = letter->peer, .number = word->number,
                                    .process = troupe_hash_text (word->process) };
    bool inside = strncmp (place->endpoint, S_SCHEME, sizeof S_SCHEME - 1) == 0;
    if (!inside || strcmp (word->process, place->process) == 0)
        troupe_names_answer_found (self, place, asker, false);
    else if (*place->reach && (!place->exporting || place->late))
        troupe_names_answer_found (self, place, asker, true);
    else
        troupe_names_export (self, place, letter);
}

void troupe_names_on_look (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_word_t found = { .kind = TROUPE_NAMES_FOUND, .number = letter->word.number, .error = TROUPE_ENOENT };
    troupe_names_entry_t *entry = troupe_names_entry (self, letter->word.name);
    if (entry) {
        found.error = TROUPE_OK;
        found.limits = entry->place->limits;
        troupe_names_show (entry, found.endpoint, sizeof found.endpoint);
    }
    troupe_names_send (self, letter->peer, &found);
}
