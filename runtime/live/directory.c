/*  =========================================================================
    live/directory.c - an actor's way to the directory

    Place: runtime/live; the other side of names.c. The socket is made when it
    is first needed. Questions to it are the one place where an actor waits for
    another thread: the directory does nothing but answer, so that takes
    microseconds.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/live.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define S_PATIENCE_MS 5000

typedef struct troupe_kept_word {
    struct troupe_kept_word *next;
    troupe_names_word_t word;
} s_kept_t;

//  --- Words that arrive

//  One that comes for an incarnation that did not ask is the last.
static void s_take_letter (troupe_live_t *live, const troupe_dead_letter_t *letter)
{
    if (live->cell.on_dead_letter)
        troupe_cell_dead_letter (&live->cell, letter);
    else
        troupe_directory_tell (live, &(troupe_names_word_t) { .kind = TROUPE_NAMES_LEAVE });
}

static void s_take (troupe_live_t *live, const troupe_names_word_t *word)
{
    if (word->kind == TROUPE_NAMES_REGISTERED)
        troupe_offspring_named (live, word->number, word->error);
    else if (word->kind == TROUPE_NAMES_GONE)
        troupe_dealers_gone (live, word->endpoint, word->cause);
    else if (word->kind == TROUPE_NAMES_DEAD_LETTER)
        s_take_letter (live, &word->letter);
}

//  Whether letters are wanted is known as soon as it is read, whatever else waits.
static bool s_read (troupe_live_t *live, troupe_names_word_t *word)
{
    while (zmq_recv (live->names, word, sizeof *word, ZMQ_DONTWAIT) == (int) sizeof *word) {
        troupe_handover_receive ();
        if (word->kind != TROUPE_NAMES_QUIET && word->kind != TROUPE_NAMES_LISTEN)
            return true;
        live->letters_unwanted = word->kind == TROUPE_NAMES_QUIET;
    }
    return false;
}

static void s_take_waiting (troupe_live_t *live)
{
    while (live->names_waiting) {
        s_kept_t *kept = live->names_waiting;
        live->names_waiting = kept->next;
        s_take (live, &kept->word);
        free (kept);
    }
}

//  Words in the order in which they came: those that were put aside are older.
void troupe_directory_turn (troupe_live_t *live)
{
    troupe_names_word_t word;
    s_take_waiting (live);
    while (live->names && s_read (live, &word)) {
        s_take (live, &word);
        s_take_waiting (live);
    }
}

static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_directory_turn ((troupe_live_t *) ((char *) source - offsetof (troupe_live_t, names_source)));
}

static void s_put_aside (troupe_live_t *live, const troupe_names_word_t *word)
{
    s_kept_t *kept = malloc (sizeof *kept);
    if (!kept)
        return;
    *kept = (s_kept_t) { .word = *word };
    if (live->names_waiting)
        live->names_waiting_last->next = kept;
    else
        live->names_waiting = kept;
    live->names_waiting_last = kept;
}

//  --- The socket

static troupe_error_t s_open (troupe_live_t *live)
{
    if (live->names)
        return TROUPE_OK;
    troupe_error_t error = TROUPE_OK;
    void *socket = troupe_socket_new (live->shared, ZMQ_DEALER, live->shared->names, false, &error);
    if (!socket)
        return error;
    live->names_source = (troupe_source_t) { .fd = troupe_socket_descriptor (socket), .ready = s_ready };
    error = troupe_poller_add (&live->poller, &live->names_source, TROUPE_POLL_READ, false);
    if (error)
        zmq_close (socket);
    else
        live->names = socket;
    return error;
}

void troupe_directory_close (troupe_live_t *live)
{
    while (live->names_waiting) {
        s_kept_t *kept = live->names_waiting;
        live->names_waiting = kept->next;
        free (kept);
    }
    troupe_directory_flush (live);
    if (!live->names)
        return;
    if (live->letters_known)
        troupe_directory_tell (live, &(troupe_names_word_t) { .kind = TROUPE_NAMES_LEAVE });
    troupe_poller_remove (&live->poller, &live->names_source);
    zmq_close (live->names);
    live->names = NULL;
}

bool troupe_directory_tell (troupe_live_t *live, const troupe_names_word_t *word)
{
    live->names_told = true;
    return s_open (live) == TROUPE_OK && troupe_socket_send (live->names, word, sizeof *word);
}

//  --- Questions

//  Reads until the answer to 'number' comes, and puts everything else aside.
static troupe_error_t s_await (troupe_live_t *live, uint64_t number, troupe_names_word_t *answer)
{
    int64_t until_us = troupe_clock_us () + S_PATIENCE_MS * 1000;
    for (int64_t left_us = S_PATIENCE_MS * 1000; left_us > 0; left_us = until_us - troupe_clock_us ()) {
        while (s_read (live, answer)) {
            bool answers = answer->kind == TROUPE_NAMES_FOUND || answer->kind == TROUPE_NAMES_SUBSCRIBED;
            if (answers && answer->number == number)
                return answer->error;
            s_put_aside (live, answer);
        }
        zmq_pollitem_t item = { .socket = live->names, .events = ZMQ_POLLIN };
        live->cell.waits = true;
        zmq_poll (&item, 1, (long) (left_us + 999) / 1000);
        live->cell.waits = false;
    }
    return TROUPE_ETIMEOUT;
}

troupe_error_t troupe_directory_find (troupe_live_t *live, const char *name, troupe_names_word_t *answer)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_FIND, .number = ++live->searches };
    if (strlen (name) > TROUPE_NAME_MAX)
        return TROUPE_ENOENT;
    strcpy (word.name, name);
    troupe_error_t error = s_open (live);
    if (error)
        return error;
    return troupe_directory_tell (live, &word) ? s_await (live, word.number, answer) : TROUPE_ENOENT;
}

//  A ref that was found by its name is closed: its end is of no interest any more.
void troupe_directory_forget (troupe_live_t *live, const char *name, const char *endpoint)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_FORGET };
    strcpy (word.name, name);
    strcpy (word.endpoint, endpoint);
    if (live->names)
        troupe_directory_tell (live, &word);
}

//  --- Dead letters

void troupe_directory_flush (troupe_live_t *live)
{
    if (!live->letter.count)
        return;
    troupe_names_word_t word = { .kind = TROUPE_NAMES_DEAD_LETTER, .letter = live->letter };
    live->letter.count = 0;
    live->letters_known = true;
    troupe_directory_tell (live, &word);
}

static bool s_are_alike (const troupe_dead_letter_t *one, const troupe_dead_letter_t *other)
{
    return one->reason == other->reason && one->tag == other->tag && one->size == other->size
           && strcmp (one->from, other->from) == 0 && strcmp (one->to, other->to) == 0;
}

//  What is alike within a turn is one letter. Nothing is sent while nobody wants it, which may have changed just now.
void troupe_directory_dead_letter (troupe_actor_t *cell, const troupe_dead_letter_t *letter)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_names_word_t word;
    while (live->letters_unwanted && s_read (live, &word))
        s_put_aside (live, &word);
    if (live->letters_unwanted || cell->reads_letter)
        return;
    if (live->letter.count && s_are_alike (&live->letter, letter)) {
        live->letter.count += letter->count;
        return;
    }
    troupe_directory_flush (live);
    live->letter = *letter;
}

troupe_error_t troupe_directory_dead_letters (troupe_actor_t *cell)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_names_word_t answer, word = { .kind = TROUPE_NAMES_SUBSCRIBE, .number = ++live->searches };
    troupe_error_t error = s_open (live);
    if (error)
        return error;
    live->letters_known = true;
    return troupe_directory_tell (live, &word) ? s_await (live, word.number, &answer) : TROUPE_EDOWN;
}
