/*  =========================================================================
    live/directory.c - an actor's way to the directory

    Place: runtime/live; the other side of names.c. The socket is made when it
    is first needed. Finding a name is the one place where an actor waits for
    another thread: the directory does nothing but answer, so that takes
    microseconds.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/live.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define S_PATIENCE_MS 5000

//  --- Words that arrive

static void s_take (troupe_live_t *live, const troupe_names_word_t *word)
{
    if (word->kind == TROUPE_NAMES_REGISTERED)
        troupe_offspring_named (live, word->number, word->error);
    else if (word->kind == TROUPE_NAMES_GONE)
        troupe_dealers_gone (live, word->endpoint);
    else if (word->kind == TROUPE_NAMES_DEAD_LETTER)
        troupe_cell_dead_letter (&live->cell, &word->letter);
}

static bool s_read (troupe_live_t *live, troupe_names_word_t *word)
{
    bool got = zmq_recv (live->names, word, sizeof *word, ZMQ_DONTWAIT) == (int) sizeof *word;
    troupe_handover_receive ();
    return got;
}

static void s_take_waiting (troupe_live_t *live)
{
    while (live->names_waiting) {
        troupe_names_word_t *word = live->names_waiting;
        live->names_waiting = word->next;
        s_take (live, word);
        free (word);
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
    troupe_names_word_t *copy = malloc (sizeof *copy);
    if (!copy)
        return;
    *copy = *word;
    copy->next = NULL;
    troupe_names_word_t **end = &live->names_waiting;
    while (*end)
        end = &(*end)->next;
    *end = copy;
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
        troupe_names_word_t *word = live->names_waiting;
        live->names_waiting = word->next;
        free (word);
    }
    if (!live->names)
        return;
    troupe_poller_remove (&live->poller, &live->names_source);
    zmq_close (live->names);
    live->names = NULL;
}

bool troupe_directory_tell (troupe_live_t *live, const troupe_names_word_t *word)
{
    live->names_told = true;
    return s_open (live) == TROUPE_OK && troupe_socket_send (live->names, word, sizeof *word);
}

//  --- Finding

//  Reads until the answer to 'number' comes, and puts everything else aside.
static troupe_error_t s_await (troupe_live_t *live, uint64_t number, troupe_names_word_t *answer)
{
    int64_t until_us = troupe_clock_us () + S_PATIENCE_MS * 1000;
    for (int64_t left_us = S_PATIENCE_MS * 1000; left_us > 0; left_us = until_us - troupe_clock_us ()) {
        while (s_read (live, answer)) {
            if (answer->kind == TROUPE_NAMES_FOUND && answer->number == number)
                return answer->error;
            s_put_aside (live, answer);
        }
        zmq_pollitem_t item = { .socket = live->names, .events = ZMQ_POLLIN };
        zmq_poll (&item, 1, (long) (left_us + 999) / 1000);
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

//  --- Dead letters

void troupe_directory_dead_letter (troupe_actor_t *cell, const troupe_dead_letter_t *letter)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_DEAD_LETTER, .letter = *letter };
    troupe_directory_tell (troupe_live (cell), &word);
}

troupe_error_t troupe_directory_dead_letters (troupe_actor_t *cell)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_SUBSCRIBE };
    troupe_error_t error = s_open (troupe_live (cell));
    return error ? error : troupe_directory_tell (troupe_live (cell), &word) ? TROUPE_OK : TROUPE_EDOWN;
}
