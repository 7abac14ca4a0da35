/*  =========================================================================
    live/directory/names_letters.c - dead letters, to those who want them

    Place: runtime/live, inside the directory (names_parts.h). While nobody
    wants letters their senders are told so, once, and are quiet.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/names_parts.h"

#include <stdlib.h>

//  --- Sets of peers

static troupe_names_member_t *s_member (const troupe_names_index_t *set, troupe_names_peer_t peer)
{
    return (troupe_names_member_t *) troupe_names_index_first (set, peer);
}

//  One that is in there already stays. False when memory is out.
static bool s_add (troupe_names_index_t *set, const troupe_names_letter_t *letter)
{
    if (s_member (set, letter->peer))
        return true;
    troupe_names_member_t *member = calloc (1, sizeof *member);
    if (!member || !troupe_names_index_add (set, &member->node, letter->peer)) {
        free (member);
        return false;
    }
    member->peer = letter->peer;
    member->process = troupe_hash_text (letter->word.process);
    return true;
}

static void s_remove (troupe_names_index_t *set, troupe_names_member_t *member)
{
    if (!member)
        return;
    troupe_names_index_remove (set, &member->node);
    free (member);
}

static void s_tell (troupe_names_t *self, troupe_names_index_t *set, const troupe_names_word_t *word)
{
    size_t at = 0;
    troupe_names_node_t *next = NULL, *node;
    while ((node = troupe_names_index_walk (set, &at, &next)))
        if (!troupe_names_send (self, ((troupe_names_member_t *) node)->peer, word))
            s_remove (set, (troupe_names_member_t *) node);
}

static void s_without (troupe_names_index_t *set, uint64_t process)
{
    size_t at = 0;
    troupe_names_node_t *next = NULL, *node;
    while ((node = troupe_names_index_walk (set, &at, &next)))
        if (((troupe_names_member_t *) node)->process == process)
            s_remove (set, (troupe_names_member_t *) node);
}

static void s_clear (troupe_names_index_t *set)
{
    size_t at = 0;
    troupe_names_node_t *next = NULL, *node;
    while ((node = troupe_names_index_walk (set, &at, &next)))
        s_remove (set, (troupe_names_member_t *) node);
    troupe_names_index_clear (set);
}

//  --- Words

//  Whoever is quiet hears LISTEN before anything that the subscriber sends once it has its answer.
void troupe_names_on_subscribe (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_word_t listen = { .kind = TROUPE_NAMES_LISTEN };
    bool added = s_add (&self->subscribers, letter);
    if (added) {
        s_tell (self, &self->quiet, &listen);
        s_clear (&self->quiet);
    }
    troupe_names_answer (self, letter, TROUPE_NAMES_SUBSCRIBED, added ? TROUPE_OK : TROUPE_ENOMEM);
}

//  Who cannot be remembered is not made quiet, since it could not be told to listen.
void troupe_names_on_publish (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_word_t quiet = { .kind = TROUPE_NAMES_QUIET };
    if (self->subscribers.count)
        s_tell (self, &self->subscribers, &letter->word);
    else if (!s_member (&self->quiet, letter->peer) && s_add (&self->quiet, letter))
        troupe_names_send (self, letter->peer, &quiet);
}

void troupe_names_on_leave (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    s_remove (&self->subscribers, s_member (&self->subscribers, letter->peer));
    s_remove (&self->quiet, s_member (&self->quiet, letter->peer));
}

void troupe_names_letters_without (troupe_names_t *self, uint64_t process)
{
    s_without (&self->subscribers, process);
    s_without (&self->quiet, process);
}

void troupe_names_letters_clear (troupe_names_t *self)
{
    s_clear (&self->subscribers);
    s_clear (&self->quiet);
}
