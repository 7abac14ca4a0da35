/*  =========================================================================
    live/names.c - the directory's thread

    Place: runtime/live; see names.h. It owns its table and its ROUTER, and
    blocks on nothing but that.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/handover.h"
#include "live/names.h"

#include <czmq.h>
#include <pthread.h>
#include <signal.h>

#define S_ROUTING_ID_SIZE 5u    //  A zero byte, and a number of 4 bytes

typedef struct {
    uint8_t bytes [8];
    size_t size;
} s_peer_t;

typedef struct {
    char endpoint [TROUPE_ENDPOINT_MAX + 1];
    troupe_mailbox_options_t limits;
    zhashx_t *finders;          //  Peers who are told when it is gone; null: none yet
} s_entry_t;

struct troupe_names {
    pthread_t thread;
    void *socket;               //  The directory's own; handed over with the thread's creation
    void *stopper;              //  The maker's, to end the thread with: at the end there may be no descriptor for it
    void *context;
    char endpoint [64];
    zhashx_t *table;            //  Entries by name
    zhashx_t *subscribers;      //  Peers who want dead letters
    zhashx_t *quiet;            //  Peers who know that nobody does
    bool stopping;
};

typedef struct {
    s_peer_t peer;
    troupe_names_word_t word;
} s_letter_t;

//  --- Sets of peers: by the number in the routing id that libzmq gave them

static void *s_key (const s_peer_t *peer)
{
    uintptr_t number = 1;
    for (size_t index = 1; index < peer->size; index++)
        number = number << 8 | peer->bytes [index];
    return (void *) number;
}

static s_peer_t s_peer (const void *key)
{
    uintptr_t number = (uintptr_t) key;
    return (s_peer_t) { .bytes = { 0, (uint8_t) (number >> 24), (uint8_t) (number >> 16), (uint8_t) (number >> 8),
                                   (uint8_t) number }, .size = S_ROUTING_ID_SIZE };
}

static size_t s_hash (const void *key)
{
    return (size_t) ((uint64_t) (uintptr_t) key * UINT64_C (0x9E3779B97F4A7C15) >> 32);
}

static int s_compare (const void *one, const void *other)
{
    return one == other ? 0 : (uintptr_t) one < (uintptr_t) other ? -1 : 1;
}

static zhashx_t *s_peers_new (void)
{
    zhashx_t *self = zhashx_new ();
    zhashx_set_key_hasher (self, s_hash);
    zhashx_set_key_comparator (self, s_compare);
    zhashx_set_key_duplicator (self, NULL);
    zhashx_set_key_destructor (self, NULL);
    return self;
}

//  False when it was in there before.
static bool s_peers_add (zhashx_t *self, const s_peer_t *peer)
{
    void *key = s_key (peer);
    return zhashx_insert (self, key, key) == 0;
}

static void s_peers_remove (zhashx_t *self, const s_peer_t *peer)
{
    if (self)
        zhashx_delete (self, s_key (peer));
}

//  One that is gone gets nothing.
static void s_send (troupe_names_t *self, const s_peer_t *peer, const troupe_names_word_t *word)
{
    troupe_handover_send ();
    if (zmq_send (self->socket, peer->bytes, peer->size, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0)
        zmq_send (self->socket, word, sizeof *word, ZMQ_DONTWAIT);
}

static void s_peers_tell (troupe_names_t *self, zhashx_t *peers, const troupe_names_word_t *word)
{
    for (void *key = peers ? zhashx_first (peers) : NULL; key; key = zhashx_next (peers)) {
        s_peer_t peer = s_peer (key);
        s_send (self, &peer, word);
    }
}

//  --- The table

static void s_entry_destroy (void **item_p)
{
    s_entry_t *entry = *item_p;
    zhashx_destroy (&entry->finders);
    free (entry);
    *item_p = NULL;
}

static troupe_error_t s_register (troupe_names_t *self, const troupe_names_word_t *word)
{
    if (zhashx_lookup (self->table, word->name))
        return TROUPE_EADDRINUSE;
    s_entry_t *entry = calloc (1, sizeof *entry);
    if (!entry)
        return TROUPE_ENOMEM;
    memcpy (entry->endpoint, word->endpoint, sizeof entry->endpoint);
    entry->limits = word->limits;
    zhashx_insert (self->table, word->name, entry);
    return TROUPE_OK;
}

static void s_unregister (troupe_names_t *self, const s_letter_t *letter)
{
    const troupe_names_word_t *word = &letter->word;
    s_entry_t *entry = zhashx_lookup (self->table, word->name);
    if (!entry || strcmp (entry->endpoint, word->endpoint) != 0)
        return;
    troupe_names_word_t gone = { .kind = TROUPE_NAMES_GONE, .cause = word->cause };
    memcpy (gone.endpoint, entry->endpoint, sizeof gone.endpoint);
    s_peers_tell (self, entry->finders, &gone);
    zhashx_delete (self->table, word->name);
}

static void s_find (troupe_names_t *self, const s_letter_t *letter)
{
    troupe_names_word_t found = { .kind = TROUPE_NAMES_FOUND, .number = letter->word.number, .error = TROUPE_ENOENT };
    s_entry_t *entry = zhashx_lookup (self->table, letter->word.name);
    if (entry) {
        found.error = TROUPE_OK;
        found.limits = entry->limits;
        memcpy (found.endpoint, entry->endpoint, sizeof found.endpoint);
        if (!entry->finders)
            entry->finders = s_peers_new ();
        s_peers_add (entry->finders, &letter->peer);
    }
    s_send (self, &letter->peer, &found);
}

static void s_forget (troupe_names_t *self, const s_letter_t *letter)
{
    s_entry_t *entry = zhashx_lookup (self->table, letter->word.name);
    if (entry && strcmp (entry->endpoint, letter->word.endpoint) == 0)
        s_peers_remove (entry->finders, &letter->peer);
}

static void s_answer_register (troupe_names_t *self, const s_letter_t *letter)
{
    troupe_names_word_t answer = { .kind = TROUPE_NAMES_REGISTERED, .number = letter->word.number };
    answer.error = s_register (self, &letter->word);
    s_send (self, &letter->peer, &answer);
}

//  --- Dead letters

//  Whoever is quiet hears LISTEN before anything that the subscriber sends once it has its answer.
static void s_subscribe (troupe_names_t *self, const s_letter_t *letter)
{
    troupe_names_word_t listen = { .kind = TROUPE_NAMES_LISTEN };
    troupe_names_word_t answer = { .kind = TROUPE_NAMES_SUBSCRIBED, .number = letter->word.number };
    s_peers_tell (self, self->quiet, &listen);
    zhashx_purge (self->quiet);
    s_peers_add (self->subscribers, &letter->peer);
    s_send (self, &letter->peer, &answer);
}

static void s_publish (troupe_names_t *self, const s_letter_t *letter)
{
    troupe_names_word_t quiet = { .kind = TROUPE_NAMES_QUIET };
    if (zhashx_size (self->subscribers))
        s_peers_tell (self, self->subscribers, &letter->word);
    else if (s_peers_add (self->quiet, &letter->peer))
        s_send (self, &letter->peer, &quiet);
}

static void s_stop (troupe_names_t *self, const s_letter_t *letter)
{
    (void) letter;
    self->stopping = true;
}

static void s_leave (troupe_names_t *self, const s_letter_t *letter)
{
    s_peers_remove (self->subscribers, &letter->peer);
    s_peers_remove (self->quiet, &letter->peer);
}

//  --- The thread

static void s_take (troupe_names_t *self, const s_letter_t *letter)
{
    static void (*const handlers [TROUPE_NAMES_KINDS]) (troupe_names_t *self, const s_letter_t *letter) = {
        [TROUPE_NAMES_REGISTER] = s_answer_register,
        [TROUPE_NAMES_UNREGISTER] = s_unregister,
        [TROUPE_NAMES_FIND] = s_find,
        [TROUPE_NAMES_FORGET] = s_forget,
        [TROUPE_NAMES_SUBSCRIBE] = s_subscribe,
        [TROUPE_NAMES_DEAD_LETTER] = s_publish,
        [TROUPE_NAMES_LEAVE] = s_leave,
        [TROUPE_NAMES_STOP] = s_stop,
    };
    troupe_names_kind_t kind = letter->word.kind;
    if ((unsigned) kind < TROUPE_NAMES_KINDS && handlers [kind])
        handlers [kind] (self, letter);
}

//  Whether a word has to wait until the socket is empty: for a name that is not known, perhaps not yet, or is taken,
//  perhaps not any more. libzmq takes from many senders in turn, not in the order in which they sent.
static bool s_has_to_wait (troupe_names_t *self, const troupe_names_word_t *word)
{
    if (word->kind == TROUPE_NAMES_FIND)
        return !zhashx_lookup (self->table, word->name);
    return word->kind == TROUPE_NAMES_REGISTER && zhashx_lookup (self->table, word->name);
}

//  A name that is given back while it is not even taken: nobody waits for it any more.
static void s_revoke (s_letter_t *aside, size_t count, const troupe_names_word_t *word)
{
    for (size_t index = 0; index < count && word->kind == TROUPE_NAMES_UNREGISTER; index++)
        if (aside [index].word.kind == TROUPE_NAMES_REGISTER
            && strcmp (aside [index].word.endpoint, word->endpoint) == 0)
            aside [index].word.kind = TROUPE_NAMES_KINDS;
}

static bool s_receive (troupe_names_t *self, s_letter_t *letter, int flags)
{
    int size = zmq_recv (self->socket, letter->peer.bytes, sizeof letter->peer.bytes, flags);
    self->stopping |= size < 0 && zmq_errno () == ETERM;
    if (size < 0)
        return false;
    letter->peer.size = (size_t) size;
    troupe_handover_receive ();
    return zmq_recv (self->socket, &letter->word, sizeof letter->word, ZMQ_DONTWAIT) == (int) sizeof letter->word;
}

//  Words that have to wait: a list that is emptied before the thread blocks.
static s_letter_t *s_put_aside (s_letter_t *aside, size_t count, const s_letter_t *letter)
{
    s_letter_t *grown = realloc (aside, (count + 1) * sizeof *aside);
    if (grown)
        grown [count] = *letter;
    return grown;
}

static void s_round (troupe_names_t *self)
{
    s_letter_t letter, *aside = NULL;
    size_t waiting = 0;
    for (bool got = s_receive (self, &letter, 0); got; got = s_receive (self, &letter, ZMQ_DONTWAIT)) {
        s_revoke (aside, waiting, &letter.word);
        bool waits = s_has_to_wait (self, &letter.word);
        s_letter_t *grown = waits ? s_put_aside (aside, waiting, &letter) : NULL;
        if (!grown) {
            s_take (self, &letter);
            continue;
        }
        aside = grown;
        waiting++;
    }
    for (size_t index = 0; index < waiting; index++)
        s_take (self, &aside [index]);
    free (aside);
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
    zhashx_destroy (&self->table);
    zhashx_destroy (&self->subscribers);
    zhashx_destroy (&self->quiet);
    free (self);
}

static bool s_open (troupe_names_t *self)
{
    int unbounded = 0, at_once = 0, mandatory = 1;
    self->socket = zmq_socket (self->context, ZMQ_ROUTER);
    if (!self->socket)
        return false;
    zmq_setsockopt (self->socket, ZMQ_SNDHWM, &unbounded, sizeof unbounded);
    zmq_setsockopt (self->socket, ZMQ_RCVHWM, &unbounded, sizeof unbounded);
    zmq_setsockopt (self->socket, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_setsockopt (self->socket, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory);
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
    self->table = zhashx_new ();
    zhashx_set_destructor (self->table, s_entry_destroy);
    self->subscribers = s_peers_new ();
    self->quiet = s_peers_new ();
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
