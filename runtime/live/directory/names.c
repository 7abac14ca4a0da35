/*  =========================================================================
    live/directory/names.c - the directory's thread

    Place: runtime/live; see names.h, and names_parts.h for how it is cut. It
    owns its tables and its ROUTER, and blocks on nothing but that.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/handover.h"
#include "live/directory/names_parts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define S_ROUTING_ID_SIZE 5u    //  A zero byte, and a number of 4 bytes

//  --- Sending

bool troupe_names_send (troupe_names_t *self, troupe_names_peer_t peer, const troupe_names_word_t *word)
{
    uint8_t id [S_ROUTING_ID_SIZE] = { 0, (uint8_t) (peer >> 24), (uint8_t) (peer >> 16), (uint8_t) (peer >> 8),
                                       (uint8_t) peer };
    troupe_handover_send ();
    return zmq_send (self->socket, id, sizeof id, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0
           && zmq_send (self->socket, word, sizeof *word, ZMQ_DONTWAIT) >= 0;
}

void troupe_names_answer (troupe_names_t *self, const troupe_names_letter_t *letter, troupe_names_kind_t kind,
                          troupe_error_t error)
{
    troupe_names_word_t answer = { .kind = kind, .number = letter->word.number, .error = error };
    troupe_names_send (self, letter->peer, &answer);
}

//  --- Receiving

static void s_drop_rest (troupe_names_t *self)
{
    int more = 1;
    size_t size = sizeof more;
    char rest;
    while (zmq_getsockopt (self->socket, ZMQ_RCVMORE, &more, &size) == 0 && more)
        if (zmq_recv (self->socket, &rest, sizeof rest, ZMQ_DONTWAIT) < 0)
            return;
}

//  What is no word is read, and nothing is done about it.
static bool s_receive (troupe_names_t *self, troupe_names_letter_t *letter, int flags)
{
    uint8_t id [S_ROUTING_ID_SIZE + 1];
    int size = zmq_recv (self->socket, id, sizeof id, flags);
    self->stopping |= size < 0 && zmq_errno () == ETERM;
    if (size < 0)
        return false;
    troupe_handover_receive ();
    letter->peer = (uint32_t) id [1] << 24 | (uint32_t) id [2] << 16 | (uint32_t) id [3] << 8 | id [4];
    int got = zmq_recv (self->socket, &letter->word, sizeof letter->word, ZMQ_DONTWAIT);
    s_drop_rest (self);
    if (size != S_ROUTING_ID_SIZE || id [0] || got < 0 || !troupe_names_word_check (&letter->word, (size_t) got))
        letter->word.kind = TROUPE_NAMES_KINDS;
    return true;
}

//  The first of a round: waits for it, or until somebody has waited long enough for an export.
static bool s_receive_first (troupe_names_t *self, troupe_names_letter_t *letter)
{
    long wait_ms = troupe_names_export_time (self);
    zmq_pollitem_t item = { .socket = self->socket, .events = ZMQ_POLLIN };
    if (wait_ms < 0)
        return s_receive (self, letter, 0);
    return zmq_poll (&item, 1, wait_ms) != 0 && s_receive (self, letter, ZMQ_DONTWAIT);
}

//  --- Taking words

static void s_stop (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    (void) letter;
    self->stopping = true;
}

static void s_take (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    static void (*const handlers [TROUPE_NAMES_KINDS + 1]) (troupe_names_t *self,
                                                            const troupe_names_letter_t *letter) = {
        [TROUPE_NAMES_REGISTER] = troupe_names_on_register,
        [TROUPE_NAMES_UNREGISTER] = troupe_names_on_unregister,
        [TROUPE_NAMES_DOWN] = troupe_names_on_down,
        [TROUPE_NAMES_PROCESS_BORN] = troupe_names_on_process_born,
        [TROUPE_NAMES_PROCESS_GONE] = troupe_names_on_process_gone,
        [TROUPE_NAMES_ALIAS] = troupe_names_on_alias,
        [TROUPE_NAMES_UNALIAS] = troupe_names_on_unalias,
        [TROUPE_NAMES_FIND] = troupe_names_on_find,
        [TROUPE_NAMES_FORGET] = troupe_names_on_forget,
        [TROUPE_NAMES_LOOK] = troupe_names_on_look,
        [TROUPE_NAMES_LIST] = troupe_names_on_list,
        [TROUPE_NAMES_WATCH] = troupe_names_on_watch,
        [TROUPE_NAMES_UNWATCH] = troupe_names_on_unwatch,
        [TROUPE_NAMES_PRIVATE] = troupe_names_on_private,
        [TROUPE_NAMES_EXPORTED] = troupe_names_on_exported,
        [TROUPE_NAMES_SUBSCRIBE] = troupe_names_on_subscribe,
        [TROUPE_NAMES_DEAD_LETTER] = troupe_names_on_publish,
        [TROUPE_NAMES_LEAVE] = troupe_names_on_leave,
        [TROUPE_NAMES_STOP] = s_stop,
    };
    if (handlers [letter->word.kind])
        handlers [letter->word.kind] (self, letter);
}

//  Whether a word has to wait until the socket is empty: for a name that is not known, perhaps not yet, or is taken,
//  perhaps not any more. libzmq takes from many senders in turn, not in the order in which they sent.
static bool s_has_to_wait (const troupe_names_t *self, const troupe_names_word_t *word)
{
    if (word->kind == TROUPE_NAMES_FIND || word->kind == TROUPE_NAMES_LOOK)
        return !troupe_names_entry (self, word->name);
    if (word->kind == TROUPE_NAMES_REGISTER || word->kind == TROUPE_NAMES_ALIAS)
        return troupe_names_entry (self, word->name);
    return word->kind == TROUPE_NAMES_LIST;
}

//  A name that is given back while it is not even taken: nobody waits for it any more.
static void s_revoke (troupe_names_letter_t *aside, size_t count, const troupe_names_word_t *word)
{
    for (size_t index = 0; index < count && word->kind == TROUPE_NAMES_UNREGISTER; index++) {
        troupe_names_word_t *other = &aside [index].word;
        if ((other->kind == TROUPE_NAMES_REGISTER || other->kind == TROUPE_NAMES_ALIAS)
            && strcmp (other->endpoint, word->endpoint) == 0)
            other->kind = TROUPE_NAMES_KINDS;
    }
}

//  Words that have to wait: a list that is emptied before the thread blocks.
typedef struct {
    troupe_names_letter_t *letters;
    size_t count, capacity;
} s_aside_t;

//  False when memory is out: then the word does not wait.
static bool s_put_aside (s_aside_t *aside, const troupe_names_letter_t *letter)
{
    if (aside->count == aside->capacity) {
        size_t capacity = aside->capacity ? aside->capacity * 2 : 4;
        troupe_names_letter_t *grown = realloc (aside->letters, capacity * sizeof *grown);
        if (!grown)
            return false;
        aside->letters = grown;
        aside->capacity = capacity;
    }
    aside->letters [aside->count++] = *letter;
    return true;
}

static void s_round (troupe_names_t *self)
{
    troupe_names_letter_t letter;
    s_aside_t aside = { 0 };
    for (bool got = s_receive_first (self, &letter); got; got = s_receive (self, &letter, ZMQ_DONTWAIT)) {
        s_revoke (aside.letters, aside.count, &letter.word);
        if (!s_has_to_wait (self, &letter.word) || !s_put_aside (&aside, &letter))
            s_take (self, &letter);
    }
    for (size_t index = 0; index < aside.count; index++)
        s_take (self, &aside.letters [index]);
    free (aside.letters);
}

static void *s_main (void *argument)
{
    troupe_names_t *self = argument;
    while (!self->stopping)
        s_round (self);
    zmq_close (self->socket);
    return NULL;
}

//  --- From outside

static void s_free (troupe_names_t *self)
{
    if (self->stopper)
        zmq_close (self->stopper);
    troupe_names_watches_clear (self);
    troupe_names_table_clear (self);
    troupe_names_letters_clear (self);
    troupe_names_processes_clear (self);
    troupe_private_remove (self->folder, self->folder_lock);
    free (self);
}

static bool s_open (troupe_names_t *self)
{
    int unbounded = 0, at_once = 0, mandatory = 1;
    int64_t largest = sizeof (troupe_names_word_t);
    self->socket = zmq_socket (self->context, ZMQ_ROUTER);
    if (!self->socket)
        return false;
    zmq_setsockopt (self->socket, ZMQ_SNDHWM, &unbounded, sizeof unbounded);
    zmq_setsockopt (self->socket, ZMQ_RCVHWM, &unbounded, sizeof unbounded);
    zmq_setsockopt (self->socket, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_setsockopt (self->socket, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory);
    zmq_setsockopt (self->socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest);
    if (zmq_bind (self->socket, self->endpoint))
        return false;
    self->stopper = zmq_socket (self->context, ZMQ_DEALER);
    return self->stopper && zmq_connect (self->stopper, self->endpoint) == 0;
}

static bool s_start (troupe_names_t *self)
{
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    bool started = pthread_create (&self->thread, NULL, s_main, self) == 0;
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    if (started)
        pthread_setname_np (self->thread, "troupe-names");
    return started;
}

troupe_names_t *troupe_names_new (void *context, const char *endpoint, troupe_error_t *error_p)
{
    troupe_names_t *self = calloc (1, sizeof *self);
    if (!self) {
        *error_p = TROUPE_ENOMEM;
        return NULL;
    }
    self->context = context;
    snprintf (self->endpoint, sizeof self->endpoint, "%s", endpoint);
    if (s_open (self) && s_start (self))
        return self;
    *error_p = self->stopper ? TROUPE_ETHREAD : TROUPE_EFILES;
    if (self->socket)
        zmq_close (self->socket);
    s_free (self);
    return NULL;
}

void troupe_names_destroy (troupe_names_t **self_p)
{
    troupe_names_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    *self_p = NULL;
    troupe_names_word_t word = { .kind = TROUPE_NAMES_STOP };
    troupe_handover_send ();
    zmq_send (self->stopper, &word, sizeof word, 0);
    pthread_join (self->thread, NULL);
    s_free (self);
}
