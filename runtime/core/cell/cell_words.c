/*  =========================================================================
    core/cell/cell_words.c - what went wrong, in words, and said once

    Place: runtime/core, part of the cell. An error is a number to whoever gets
    it; the words are known where it happened. They are kept while the callback
    runs: if the incarnation fails because of the error, they are its reason,
    else they go to the log when the callback has returned.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_LINE_MAX 512

struct troupe_words {
    troupe_error_t error;
    const char *place, *reason;     //  Both in 'line'
    size_t place_size;
    char line [];                   //  "a REP socket cannot bind tcp://127.0.0.1:80: no permission"
};

//  Words often begin with the place themselves, cut to fit.
static const char *s_skip_place (const char *why, const char *place)
{
    const char *rest = why;
    while (*rest && *rest == *place)
        rest++, place++;
    if (rest == why || (*place && *rest != ':'))
        return why;
    return rest + strspn (rest, ": ");
}

static troupe_words_t *s_new (troupe_error_t error, const char *line, size_t place, size_t place_size)
{
    troupe_words_t *words = malloc (sizeof *words + strlen (line) + 1);
    if (!words)
        return NULL;
    words->error = error;
    strcpy (words->line, line);
    words->place = words->line + place;
    words->place_size = place_size;
    words->reason = words->place + place_size + 2;
    return words;
}

void troupe_cell_explain (troupe_actor_t *cell, troupe_error_t error, const char *deed, const char *place,
                          const char *why)
{
    char line [S_LINE_MAX];
    troupe_words_tell (cell);
    int begin = snprintf (line, sizeof line, "%.80s%s%.250s", deed, *deed ? " " : "", place);
    snprintf (line + begin, sizeof line - (size_t) begin, ": %s", s_skip_place (why, place));
    size_t place_size = strnlen (place, 250);
    if (cell->doing != TROUPE_DOING_NOTHING || cell->current)
        cell->words = s_new (error, line, (size_t) begin - place_size, place_size);
    if (!cell->words)
        cell->host->log (cell, TROUPE_LOG_ERROR, line);
}

void troupe_words_tell (troupe_actor_t *cell)
{
    if (cell->words)
        cell->host->log (cell, TROUPE_LOG_ERROR, cell->words->line);
    troupe_words_drop (cell);
}

void troupe_words_drop (troupe_actor_t *cell)
{
    free (cell->words);
    cell->words = NULL;
}

//  Whether 'what' names the place, or as much of it as its author cares for: "127.0.0.1:80" of "tcp://127.0.0.1:80".
static bool s_names_place (const troupe_words_t *words, const char *what)
{
    char place [S_LINE_MAX];
    snprintf (place, sizeof place, "%.*s", (int) words->place_size, words->place);
    return *what && (strstr (what, place) || strstr (place, what));
}

bool troupe_words_take (troupe_actor_t *cell, troupe_error_t error, const char *what, char *text, size_t size)
{
    const troupe_words_t *words = cell->words;
    if (!words || words->error != error)
        return false;
    const char *why = s_names_place (words, what) ? words->reason : words->line;
    int length = snprintf (text, size, "%s%s%s", what, *what ? ": " : "", why);
    if (length >= 0 && (size_t) length < size)      //  What had to be cut is said in the log too
        troupe_words_drop (cell);
    return true;
}
