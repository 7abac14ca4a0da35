/*  =========================================================================
    live/directory/directory.c - an actor's way to the directory

    Place: runtime/live; the other side of names.c. The socket is made when it
    is first needed. Questions to it are the one place where an actor waits for
    another thread: the directory does nothing but answer, so that takes
    microseconds, or a fraction of a millisecond from another process. What
    others may wait for meanwhile is done while an actor waits: its mailbox is
    bound where it is looked for (directory_names.c).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/directory.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define S_PATIENCE_MS 5000
#define S_SLICE_MS 100              //  Between two looks whether the directory is still there
#define S_CONNECT_MS 2000
#define S_FAREWELL_MS 500
#define S_RETRY_MS 10

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
    else if (word->kind == TROUPE_NAMES_DOWN)
        troupe_dealers_down (live, word->endpoint, word->incarnation, &word->reason);
    else if (word->kind == TROUPE_NAMES_DEAD_LETTER)
        s_take_letter (live, &word->letter);
    else if (word->kind == TROUPE_NAMES_CHANGED)
        troupe_cell_name_changed (&live->cell, word->watch, word->change, word->name, word->endpoint);
    else if (word->kind == TROUPE_NAMES_EXPORT)
        troupe_directory_export (live, word);
}

//  Whether letters are wanted is known as soon as it is read, whatever else waits.
static bool s_read (troupe_live_t *live, troupe_names_word_t *word)
{
    while (zmq_recv (live->names, word, sizeof *word, ZMQ_DONTWAIT) == (int) sizeof *word) {
        troupe_handover_receive ();
        live->names_lost = false;
        if (word->kind != TROUPE_NAMES_QUIET && word->kind != TROUPE_NAMES_LISTEN)
            return true;
        live->letters_unwanted = word->kind == TROUPE_NAMES_QUIET;
    }
    return false;
}

static void s_take_waiting (troupe_live_t *live)
{
    while (live->names_waiting) {
        troupe_kept_word_t *kept = live->names_waiting;
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

//  Others wait for an export, and it calls nobody back: it is not put aside.
static void s_put_aside (troupe_live_t *live, const troupe_names_word_t *word)
{
    if (word->kind == TROUPE_NAMES_EXPORT) {
        troupe_directory_export (live, word);
        return;
    }
    troupe_kept_word_t *kept = malloc (sizeof *kept);
    if (!kept)
        return;
    *kept = (troupe_kept_word_t) { .word = *word };
    if (live->names_waiting)
        live->names_waiting_last->next = kept;
    else
        live->names_waiting = kept;
    live->names_waiting_last = kept;
}

//  --- The socket

//  Whether there is a connection: a word could be sent.
static bool s_connected (troupe_live_t *live, long timeout_ms)
{
    zmq_pollitem_t item = { .socket = live->names, .events = ZMQ_POLLOUT };
    return zmq_poll (&item, 1, timeout_ms) > 0;
}

//  From another process: without a connection nothing is sent, rather than kept for a directory that never comes again;
//  and the last words get out.
static void *s_connect_far (troupe_live_t *live, troupe_error_t *error_p)
{
    int immediate = 1, unbounded = 0, farewell_ms = S_FAREWELL_MS, retry_ms = S_RETRY_MS;
    void *socket = zmq_socket (live->shared->context, ZMQ_DEALER);
    if (socket && zmq_setsockopt (socket, ZMQ_IMMEDIATE, &immediate, sizeof immediate) == 0
        && zmq_setsockopt (socket, ZMQ_SNDHWM, &unbounded, sizeof unbounded) == 0
        && zmq_setsockopt (socket, ZMQ_RCVHWM, &unbounded, sizeof unbounded) == 0
        && zmq_setsockopt (socket, ZMQ_LINGER, &farewell_ms, sizeof farewell_ms) == 0
        && zmq_setsockopt (socket, ZMQ_RECONNECT_IVL, &retry_ms, sizeof retry_ms) == 0
        && zmq_connect (socket, live->shared->names) == 0)
        return socket;
    *error_p = troupe_socket_error (zmq_errno ());
    if (socket)
        zmq_close (socket);
    return NULL;
}

static troupe_error_t s_open (troupe_live_t *live)
{
    if (live->names)
        return TROUPE_OK;
    troupe_error_t error = TROUPE_OK;
    bool far = strncmp (live->shared->names, "ipc://", 6) == 0;
    void *socket = far ? s_connect_far (live, &error)
                       : troupe_socket_new (live->shared, ZMQ_DEALER, live->shared->names, false, &error);
    if (!socket)
        return error;
    live->names_source = (troupe_source_t) { .fd = troupe_socket_descriptor (socket), .ready = s_ready };
    error = troupe_poller_add (&live->poller, &live->names_source, TROUPE_POLL_READ, false);
    if (error) {
        zmq_close (socket);
        return error;
    }
    live->names = socket;
    live->names_lost = far && !s_connected (live, S_CONNECT_MS);
    return TROUPE_OK;
}

static void s_free_list (troupe_kept_word_t *list)
{
    while (list) {
        troupe_kept_word_t *kept = list;
        list = kept->next;
        free (kept);
    }
}

void troupe_directory_close (troupe_live_t *live)
{
    s_free_list (live->names_waiting);
    live->names_waiting = NULL;
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
    troupe_names_word_t copy = *word;
    memcpy (copy.process, live->shared->prefix, sizeof copy.process);
    live->names_told = true;
    return s_open (live) == TROUPE_OK && troupe_socket_send (live->names, &copy, sizeof copy);
}

//  --- Questions

typedef struct {
    uint64_t number;
    troupe_names_word_t *answer;
    troupe_kept_word_t *listed, **listed_end;   //  What came before the answer; the end is null where none is expected
    bool incomplete;
} s_question_t;

static bool s_is_answer (troupe_names_kind_t kind)
{
    return kind == TROUPE_NAMES_FOUND || kind == TROUPE_NAMES_SUBSCRIBED || kind == TROUPE_NAMES_ANSWER
           || kind == TROUPE_NAMES_FOLDER;
}

static void s_list (s_question_t *question)
{
    troupe_kept_word_t *kept = malloc (sizeof *kept);
    question->incomplete |= !kept;
    if (!kept)
        return;
    *kept = (troupe_kept_word_t) { .word = *question->answer };
    *question->listed_end = kept;
    question->listed_end = &kept->next;
}

//  Takes in what has come; true when the answer was among it.
static bool s_answered (troupe_live_t *live, s_question_t *question)
{
    while (s_read (live, question->answer)) {
        const troupe_names_word_t *word = question->answer;
        if (s_is_answer (word->kind) && word->number == question->number)
            return true;
        if (word->kind != TROUPE_NAMES_LISTED)
            s_put_aside (live, word);
        else if (word->number == question->number && question->listed_end)
            s_list (question);
    }
    return false;
}

//  Reads until the answer comes, and puts everything else aside. What the parent asks for on behalf of others is done
//  meanwhile, since they may be whom the answer waits for.
static troupe_error_t s_await (troupe_live_t *live, s_question_t *question)
{
    int64_t until_us = troupe_clock_us () + S_PATIENCE_MS * 1000;
    zmq_pollitem_t items [] = { { .socket = live->names, .events = ZMQ_POLLIN },
                                { .socket = live->control, .events = ZMQ_POLLIN } };
    while (!s_answered (live, question)) {
        bool lost = !s_connected (live, 0);
        live->names_lost = lost || troupe_clock_us () >= until_us;
        if (live->names_lost)
            return lost ? TROUPE_EDOWN : TROUPE_ETIMEOUT;
        if (live->control)
            troupe_control_glance (live);
        live->cell.waits = true;
        zmq_poll (items, live->control ? 2 : 1, S_SLICE_MS);
        live->cell.waits = false;
    }
    return question->answer->error;
}

static troupe_error_t s_ask (troupe_live_t *live, troupe_names_word_t *word, s_question_t *question)
{
    troupe_error_t error = s_open (live);
    if (error)
        return error;
    if (live->names_lost && !s_connected (live, 0))
        return TROUPE_EDOWN;
    word->number = question->number = ++live->searches;
    return troupe_directory_tell (live, word) ? s_await (live, question) : TROUPE_EDOWN;
}

troupe_error_t troupe_directory_ask (troupe_live_t *live, troupe_names_word_t *word, troupe_names_word_t *answer)
{
    s_question_t question = { .answer = answer };
    return s_ask (live, word, &question);
}

troupe_error_t troupe_directory_ask_list (troupe_live_t *live, troupe_names_word_t *word, troupe_kept_word_t **list_p)
{
    troupe_names_word_t answer;
    s_question_t question = { .answer = &answer };
    question.listed_end = &question.listed;
    troupe_error_t error = s_ask (live, word, &question);
    if (!error && question.incomplete)
        error = TROUPE_ENOMEM;
    if (!error)
        *list_p = question.listed;
    else
        s_free_list (question.listed);
    return error;
}

troupe_error_t troupe_directory_find (troupe_live_t *live, const char *name, troupe_names_word_t *answer)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_FIND };
    if (strlen (name) > TROUPE_NAME_MAX)
        return TROUPE_ENOENT;
    strcpy (word.name, name);
    troupe_error_t error = troupe_directory_ask (live, &word, answer);
    return error == TROUPE_EDOWN ? TROUPE_ENOENT : error;
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
    troupe_names_word_t answer, word = { .kind = TROUPE_NAMES_SUBSCRIBE };
    live->letters_known = true;
    return troupe_directory_ask (live, &word, &answer);
}
