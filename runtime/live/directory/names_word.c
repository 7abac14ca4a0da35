/*  =========================================================================
    live/directory/names_word.c - whether bytes are a word of the directory's

    Place: runtime/live; see names.h. Words come from other processes too.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/names.h"

#include <string.h>

static bool s_ends (const char *text, size_t size)
{
    return memchr (text, 0, size) != NULL;
}

static bool s_has_texts (const troupe_names_word_t *word)
{
    return s_ends (word->name, sizeof word->name) && s_ends (word->endpoint, sizeof word->endpoint)
           && s_ends (word->reach, sizeof word->reach) && s_ends (word->process, sizeof word->process)
           && s_ends (word->letter.from, sizeof word->letter.from)
           && s_ends (word->letter.to, sizeof word->letter.to)
           && s_ends (word->reason.actor, sizeof word->reason.actor)
           && s_ends (word->reason.text, sizeof word->reason.text);
}

bool troupe_names_word_check (troupe_names_word_t *word, size_t size)
{
    if (size != sizeof *word || !s_has_texts (word))
        return false;
    word->reason.cause = NULL;
    return (unsigned) word->kind > 0 && (unsigned) word->kind < TROUPE_NAMES_KINDS
           && (unsigned) word->letter.reason < TROUPE_DEAD_REASONS
           && (unsigned) word->cause <= TROUPE_REASON_NO_SUCH_ACTOR
           && (unsigned) word->reason.kind <= TROUPE_REASON_NO_SUCH_ACTOR
           && (unsigned) word->change <= TROUPE_NAME_REMOVED
           && (unsigned) word->limits.overflow <= TROUPE_OVERFLOW_DROP_OLDEST;
}
