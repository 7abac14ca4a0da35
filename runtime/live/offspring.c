/*  =========================================================================
    live/offspring.c - a link's half: the child's thread

    Place: runtime/live. The parent makes the child's cell and its sockets,
    and the thread takes them over; the parent keeps the other end of the
    control lane, and joins the thread when the child has said that it is
    gone, which is then only closing its sockets. A child that was given up
    is a zombie: its name is free, and it is joined if it ends after all.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/control.h"
#include "live/live.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_STACK_BYTES (1024u * 1024u)
#define S_SCHEME "inproc://"

struct troupe_offspring {
    troupe_source_t source;
    troupe_live_t *parent;
    troupe_link_t *link;            //  Null for a zombie
    troupe_live_t *child;
    void *control;
    pthread_t thread;
    uint64_t number;
    bool gone;                      //  A zombie that has said so
    troupe_offspring_t *next;       //  Among zombies
    troupe_offspring_t *next_unnamed;   //  Among those whose name the directory has yet to confirm, in order
    bool unnamed;
    troupe_mailbox_options_t limits;
    char name [TROUPE_NAME_MAX + 1];            //  As registered; "" for none
    char endpoint [TROUPE_ENDPOINT_MAX + 1];
};

const char *troupe_offspring_mailbox (const troupe_link_t *link, troupe_mailbox_options_t *limits)
{
    troupe_offspring_t *self = link->host;
    *limits = self->limits;
    return self->endpoint;
}

const void *troupe_offspring_child_place (const void *host)
{
    return &((const troupe_offspring_t *) host)->child;
}

const void *troupe_offspring_name_place (const void *host)
{
    return ((const troupe_offspring_t *) host)->name;
}

//  --- What the child says

//  Whom it has given up itself is this actor's share from now on.
static void s_take_of_zombie (troupe_offspring_t *self, const uint8_t *data, size_t size)
{
    troupe_control_t control;
    if (!troupe_control_read (data, size, &control) || control.kind != TROUPE_CONTROL_GONE)
        return;
    self->gone = true;
    self->parent->cell.abandoned += control.abandoned;
}

//  It has answered before it said its last word, but on another way: an answer is no end.
static void s_hear_last_answers (troupe_offspring_t *self)
{
    if (!self->link->ref || !self->link->ref->open)
        return;
    troupe_dealer_hear (self->link->ref);
    troupe_cell_hear (&self->parent->cell);
}

static void s_take (void *context, const uint8_t *data, size_t size)
{
    troupe_offspring_t *self = context;
    if (self->link && size && data [0] == TROUPE_CONTROL_GONE)
        s_hear_last_answers (self);
    if (self->link)
        troupe_cell_child_says (&self->parent->cell, self->link, data, size);
    else
        s_take_of_zombie (self, data, size);
}

/*  The child's last word frees 'self': reading goes word by word, and stops when it was the last. A post makes sure
    that what comes behind a word is looked at, since reading eats the signal. The first look is posted as well: libzmq
    signals only to a reader that has found nothing before.                                                */
static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_offspring_t *self = (troupe_offspring_t *) source;
    troupe_live_t *parent = self->parent;
    uint8_t word [TROUPE_CONTROL_MAX];
    int size = zmq_recv (self->control, word, sizeof word, ZMQ_DONTWAIT);
    if (size < 0)
        return;
    troupe_handover_receive ();
    troupe_cell_refresh (&parent->cell);
    troupe_poller_post (&parent->poller, source, TROUPE_POLL_READ);
    s_take (self, word, (size_t) size);
}

//  --- The child's thread

static void *s_main (void *argument)
{
    troupe_live_t *live = argument;
    if (troupe_live_open (live) == TROUPE_OK) {
        troupe_cell_start (&live->cell);
        troupe_live_run (live, TROUPE_FOREVER);
    }
    troupe_live_close (live);
    return NULL;
}

static bool s_start_thread (troupe_offspring_t *self, size_t stack_bytes)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    if (pthread_attr_init (&attributes))
        return false;
    size_t stack = stack_bytes ? stack_bytes : S_STACK_BYTES, least = (size_t) PTHREAD_STACK_MIN;
    pthread_attr_setstacksize (&attributes, stack < least ? least : stack);
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    bool started = pthread_create (&self->thread, &attributes, s_main, self->child) == 0;
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    pthread_attr_destroy (&attributes);
    return started;
}

//  --- Spawning

//  The name that an endpoint means: inproc://NAME; null: the id's. False for other kinds of endpoint.
static bool s_name_of (const troupe_child_t *spec, char *name)
{
    const char *text = spec->endpoint ? spec->endpoint : spec->id;
    if (spec->endpoint && *text) {
        if (strncmp (text, S_SCHEME, sizeof S_SCHEME - 1) != 0)
            return false;
        text += sizeof S_SCHEME - 1;
    }
    return snprintf (name, TROUPE_NAME_MAX + 1, "%s", text) <= TROUPE_NAME_MAX;
}

static troupe_error_t s_open_sockets (troupe_offspring_t *self)
{
    char endpoint [TROUPE_ENDPOINT_MAX + 1];
    const troupe_shared_t *shared = self->parent->shared;
    troupe_error_t error = TROUPE_OK;
    snprintf (self->endpoint, sizeof self->endpoint, "%s/mail", self->child->path);
    snprintf (endpoint, sizeof endpoint, "%s/control", self->child->path);
    self->control = troupe_socket_new (shared, ZMQ_PAIR, endpoint, true, &error);
    if (self->control)
        self->child->control = troupe_socket_new (shared, ZMQ_PAIR, endpoint, false, &error);
    //  Connected is connected; libzmq walks over all bound endpoints whenever a socket is closed.
    if (self->child->control)
        zmq_unbind (self->control, endpoint);
    if (self->child->control)
        self->child->mailbox = troupe_socket_new (shared, ZMQ_ROUTER, self->endpoint, true, &error);
    return self->child->mailbox ? TROUPE_OK : error;
}

//  --- Names that are not confirmed yet: the directory answers nearly in the order in which it was asked

static void s_expect_name (troupe_offspring_t *self)
{
    troupe_live_t *parent = self->parent;
    self->unnamed = true;
    if (parent->last_unnamed)
        parent->last_unnamed->next_unnamed = self;
    else
        parent->first_unnamed = self;
    parent->last_unnamed = self;
}

static void s_expect_no_name (troupe_offspring_t *self)
{
    if (!self->unnamed)
        return;
    troupe_live_t *parent = self->parent;
    troupe_offspring_t *before = NULL;
    for (troupe_offspring_t *one = parent->first_unnamed; one != self; one = one->next_unnamed)
        before = one;
    *(before ? &before->next_unnamed : &parent->first_unnamed) = self->next_unnamed;
    if (parent->last_unnamed == self)
        parent->last_unnamed = before;
    self->next_unnamed = NULL;
    self->unnamed = false;
}

static void s_free (troupe_offspring_t *self)
{
    s_expect_no_name (self);
    troupe_poller_remove (&self->parent->poller, &self->source);
    if (self->control)
        zmq_close (self->control);
    troupe_live_destroy (&self->child);
    free (self);
}

//  False when there is no way to the directory.
static bool s_say_name (troupe_offspring_t *self, troupe_names_kind_t kind)
{
    if (!*self->name)
        return true;
    const troupe_reason_t *reason = self->link->reason;
    troupe_names_word_t word = { .kind = kind, .number = self->number, .limits = self->limits,
                                 .cause = reason ? reason->kind : TROUPE_REASON_UNREACHABLE };
    memcpy (word.name, self->name, sizeof word.name);
    memcpy (word.endpoint, self->endpoint, sizeof word.endpoint);
    return troupe_directory_tell (self->parent, &word);
}

static troupe_error_t s_begin (troupe_offspring_t *self)
{
    troupe_error_t error = s_open_sockets (self);
    if (error)
        return error;
    self->limits = self->child->cell.limits;
    self->source = (troupe_source_t) { .fd = troupe_socket_descriptor (self->control), .ready = s_ready };
    error = troupe_poller_add (&self->parent->poller, &self->source, TROUPE_POLL_READ, false);
    if (error)
        return error;
    //  The signal of the connection has been eaten, and a pipe that was never looked into gives none for its first
    //  word.
    troupe_poller_post (&self->parent->poller, &self->source, TROUPE_POLL_READ);
    if (*self->name) {
        if (!s_say_name (self, TROUPE_NAMES_REGISTER))
            return TROUPE_EFILES;
        s_expect_name (self);
    }
    if (s_start_thread (self, self->link->spec.stack_bytes))
        return TROUPE_OK;
    s_say_name (self, TROUPE_NAMES_UNREGISTER);
    return TROUPE_ETHREAD;
}

troupe_error_t troupe_offspring_spawn (troupe_actor_t *cell, troupe_link_t *link)
{
    troupe_live_t *parent = troupe_live (cell);
    troupe_offspring_t *self = calloc (1, sizeof *self);
    if (!self)
        return TROUPE_ENOMEM;
    char path [sizeof parent->path + 24];
    self->parent = parent;
    self->link = link;
    self->number = ++parent->spawned;
    troupe_error_t error = TROUPE_ENOTSUP;
    snprintf (path, sizeof path, "%s.%llu", parent->path, (unsigned long long) self->number);
    if (s_name_of (&link->spec, self->name)) {
        self->child = troupe_live_new (parent->shared, &link->spec, path, true);
        error = self->child ? s_begin (self) : TROUPE_ENOMEM;
    }
    if (error) {
        s_free (self);
        return error;
    }
    link->host = self;
    troupe_watchdog_add (cell, link);
    return TROUPE_OK;
}

//  An answer for a child that is gone already has no number in the list.
void troupe_offspring_named (troupe_live_t *live, uint64_t number, troupe_error_t error)
{
    troupe_offspring_t *self = live->first_unnamed;
    while (self && self->number != number)
        self = self->next_unnamed;
    if (!self)
        return;
    s_expect_no_name (self);
    if (error)
        *self->name = 0;
    if (self->link)
        troupe_cell_child_named (&live->cell, self->link, error);
}

//  --- Afterwards

//  The signal of a word from the child may be eaten by the sending.
void troupe_offspring_tell (troupe_actor_t *cell, troupe_link_t *link, const void *data, size_t size)
{
    troupe_offspring_t *self = link->host;
    troupe_socket_send (self->control, data, size);
    troupe_poller_post (&troupe_live (cell)->poller, &self->source, TROUPE_POLL_READ);
}

//  What was given up while it only drains shall end all the same.
static void s_end_brutally (troupe_offspring_t *self)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = TROUPE_CONTROL_STOP, .flag = TROUPE_CONTROL_BRUTAL };
    troupe_socket_send (self->control, word, troupe_control_write (word, &control, NULL));
}

void troupe_offspring_forget (troupe_actor_t *cell, troupe_link_t *link, bool abandoned)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_offspring_t *self = link->host;
    link->host = NULL;
    s_say_name (self, TROUPE_NAMES_UNREGISTER);
    if (abandoned) {
        s_end_brutally (self);
        self->link = NULL;
        self->next = live->zombies;
        live->zombies = self;
        cell->abandoned++;
        return;
    }
    pthread_join (self->thread, NULL);
    s_free (self);
}

void troupe_zombies_bury (troupe_live_t *live)
{
    troupe_offspring_t **place = &live->zombies;
    while (*place) {
        troupe_offspring_t *self = *place;
        if (!self->gone) {
            place = &self->next;
            continue;
        }
        *place = self->next;
        pthread_join (self->thread, NULL);
        s_free (self);
        live->cell.abandoned--;
    }
}

void troupe_zombies_leave (troupe_live_t *live)
{
    while (live->zombies) {
        troupe_offspring_t *self = live->zombies;
        live->zombies = self->next;
        troupe_poller_remove (&live->poller, &self->source);
        zmq_close (self->control);
        pthread_detach (self->thread);
    }
}

void troupe_offspring_describe (troupe_actor_t *cell, troupe_link_t *link, char *text, size_t size)
{
    (void) cell;
    troupe_offspring_t *self = link->host;
    troupe_describe (self->child, troupe_clock_us (), text, size);
}
