/*  =========================================================================
    live/directory/names_export.c - ways to a mailbox from other processes

    Place: runtime/live, inside the directory (names_parts.h). A mailbox that
    is a thread's is bound in the private folder when somebody in another
    process looks for it the first time: whoever registered it is told to have
    that done, and says when it is. Its actor does it between two callbacks, so
    a busy one lets it wait. After half a second the finders are answered all
    the same: a connection can be tried until it is there.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/names_parts.h"

#include "live/actor/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define S_PATIENCE_MS 500

//  --- Who waits

static bool s_wait_for (troupe_names_place_t *place, const troupe_names_letter_t *letter)
{
    troupe_names_waiter_t *waiter = malloc (sizeof *waiter);
    if (!waiter)
        return false;
    *waiter = (troupe_names_waiter_t) { .next = place->waiters, .peer = letter->peer, .number = letter->word.number,
                                        .process = troupe_hash_text (letter->word.process) };
    place->waiters = waiter;
    return true;
}

void troupe_names_waiters_without (troupe_names_place_t *place, uint64_t process)
{
    troupe_names_waiter_t **link = &place->waiters;
    while (*link) {
        troupe_names_waiter_t *waiter = *link;
        if (waiter->process != process) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        free (waiter);
    }
}

void troupe_names_not_exported (troupe_names_t *self, const troupe_names_place_t *place)
{
    troupe_names_place_t **link = &self->exporting;
    while (*link && *link != place)
        link = &(*link)->next_exporting;
    if (*link)
        *link = place->next_exporting;
}

void troupe_names_answer_waiters (troupe_names_t *self, troupe_names_place_t *place, troupe_error_t error)
{
    troupe_names_not_exported (self, place);
    while (place->waiters) {
        troupe_names_waiter_t *waiter = place->waiters;
        place->waiters = waiter->next;
        troupe_names_word_t refused = { .kind = TROUPE_NAMES_FOUND, .number = waiter->number, .error = error };
        if (error)
            troupe_names_send (self, waiter->peer, &refused);
        else
            troupe_names_answer_found (self, place, *waiter, true);
        free (waiter);
    }
}

//  --- Exports

static void s_enlist (troupe_names_t *self, troupe_names_place_t *place)
{
    troupe_names_not_exported (self, place);
    place->patience_us = troupe_clock_us () + S_PATIENCE_MS * 1000;
    place->next_exporting = self->exporting;
    self->exporting = place;
}

//  False when whoever registered it is gone: its names only have not been taken back yet.
static bool s_ask (troupe_names_t *self, troupe_names_place_t *place)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_EXPORT };
    snprintf (place->reach, sizeof place->reach, "ipc://%s/m%llu", self->folder, (unsigned long long) ++self->exports);
    strcpy (word.endpoint, place->endpoint);
    strcpy (word.reach, place->reach);
    place->late = false;
    place->exporting = troupe_names_send (self, place->registrar, &word);
    if (!place->exporting)
        *place->reach = 0;
    return place->exporting;
}

void troupe_names_export (troupe_names_t *self, troupe_names_place_t *place, const troupe_names_letter_t *letter)
{
    troupe_error_t error = *self->folder ? TROUPE_OK : TROUPE_ESTATE;
    bool first = !place->waiters;
    if (!error && !place->exporting && !s_ask (self, place))
        error = TROUPE_ENOENT;
    if (!error && !s_wait_for (place, letter))
        error = TROUPE_ENOMEM;
    if (error)
        troupe_names_answer (self, letter, TROUPE_NAMES_FOUND, error);
    else if (first)
        s_enlist (self, place);
}

//  Those who have been answered already hear of a failure as of an end.
void troupe_names_on_exported (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    const troupe_names_word_t *word = &letter->word;
    troupe_names_place_t *place = troupe_names_place (self, word->endpoint);
    if (!place || !place->exporting || strcmp (place->reach, word->reach) != 0)
        return;
    place->exporting = false;
    troupe_names_word_t gone = { .kind = TROUPE_NAMES_GONE, .cause = TROUPE_REASON_UNREACHABLE };
    if (word->error)
        troupe_names_tell_finders (self, place, &gone, true);
    troupe_names_answer_waiters (self, place, word->error);
    if (word->error)
        *place->reach = 0;
}

long troupe_names_export_time (troupe_names_t *self)
{
    long wait_ms = -1;
    int64_t now_us = self->exporting ? troupe_clock_us () : 0;
    for (troupe_names_place_t *place = self->exporting, *next; place; place = next) {
        next = place->next_exporting;
        long left_ms = (long) ((place->patience_us - now_us + 999) / 1000);
        place->late |= left_ms <= 0;
        if (left_ms <= 0)
            troupe_names_answer_waiters (self, place, TROUPE_OK);
        else if (wait_ms < 0 || left_ms < wait_ms)
            wait_ms = left_ms;
    }
    return wait_ms;
}

//  --- The folder

static troupe_error_t s_listen (troupe_names_t *self)
{
    if (*self->folder)
        return TROUPE_OK;
    troupe_error_t error = troupe_private_make (self->folder, &self->folder_lock);
    if (error)
        return error;
    snprintf (self->door, sizeof self->door, "ipc://%s/names", self->folder);
    if (zmq_bind (self->socket, self->door) == 0)
        return TROUPE_OK;
    error = troupe_error_from_errno (zmq_errno ());
    troupe_private_remove (self->folder, self->folder_lock);
    *self->folder = *self->door = 0;
    return error;
}

void troupe_names_on_private (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_word_t answer = { .kind = TROUPE_NAMES_FOLDER, .number = letter->word.number };
    answer.error = s_listen (self);
    strcpy (answer.name, self->folder);
    strcpy (answer.endpoint, self->door);
    troupe_names_send (self, letter->peer, &answer);
}
