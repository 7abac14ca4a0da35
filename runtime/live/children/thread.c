/*  =========================================================================
    live/children/thread.c - a child that is a thread of this process

    Place: runtime/live, under offspring.c. The parent makes the child's cell
    and its sockets, and the thread takes them over; the parent keeps the other
    end of the control lane, and joins the thread when the child has said that
    it is gone, which is then only closing its sockets. One that was given up
    is joined if it ends after all.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/children/offspring.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>

#define S_STACK_BYTES (1024u * 1024u)

//  --- What it says

/*  The child's last word frees 'self': reading goes word by word, and stops when it was the last. A post makes sure
    that what comes behind a word is looked at, since reading eats the signal. The first look is posted as well: libzmq
    signals only to a reader that has found nothing before.                                                */
static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_offspring_t *self = (troupe_offspring_t *) ((char *) source - offsetof (troupe_offspring_t, source));
    troupe_live_t *parent = self->parent;
    uint8_t word [TROUPE_CONTROL_MAX];
    int size = zmq_recv (self->control, word, sizeof word, ZMQ_DONTWAIT);
    if (size < 0)
        return;
    troupe_handover_receive ();
    troupe_cell_refresh (&parent->cell);
    troupe_poller_post (&parent->poller, source, TROUPE_POLL_READ);
    troupe_offspring_hear (self, word, (size_t) size);
}

//  --- The thread

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

static troupe_error_t s_start (troupe_offspring_t *self)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    if (pthread_attr_init (&attributes))
        return TROUPE_ETHREAD;
    size_t wanted = self->link->spec.stack_bytes;
    size_t stack = wanted ? wanted : S_STACK_BYTES, least = (size_t) PTHREAD_STACK_MIN;
    pthread_attr_setstacksize (&attributes, stack < least ? least : stack);
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    bool started = pthread_create (&self->thread, &attributes, s_main, self->child) == 0;
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    pthread_attr_destroy (&attributes);
    return started ? TROUPE_OK : TROUPE_ETHREAD;
}

//  --- Its sockets

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

static troupe_error_t s_open (troupe_offspring_t *self)
{
    troupe_live_t *parent = self->parent;
    troupe_child_t spec = self->link->spec;
    char path [sizeof parent->path + 24];
    snprintf (path, sizeof path, "%s.%llu", parent->path, (unsigned long long) self->number);
    if (spec.endpoint && !spec.listen && troupe_offspring_listens (spec.endpoint))
        spec.listen = spec.endpoint;
    self->child = troupe_live_new (parent->shared, &spec, path, true);
    if (!self->child)
        return TROUPE_ENOMEM;
    self->child->awaits_hearing = parent->relay;
    if (parent->relay)
        self->child->cell.incarnation = parent->relay->incarnation - 1;
    self->limits = self->child->cell.limits;
    troupe_error_t error = s_open_sockets (self);
    return error ? error : troupe_offspring_listen (self, s_ready);
}

//  --- Afterwards

//  The signal of a word from the child may be eaten by the sending.
static void s_tell (troupe_offspring_t *self, const void *data, size_t size)
{
    troupe_socket_send (self->control, data, size);
    troupe_poller_post (&self->parent->poller, &self->source, TROUPE_POLL_READ);
}

//  What was given up while it only drains shall end all the same.
static void s_abandon (troupe_offspring_t *self)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = TROUPE_CONTROL_STOP, .flag = TROUPE_CONTROL_BRUTAL };
    troupe_socket_send (self->control, word, troupe_control_write (word, &control, NULL));
}

static void s_finish (troupe_offspring_t *self)
{
    pthread_join (self->thread, NULL);
}

static void s_leave (troupe_offspring_t *self)
{
    pthread_detach (self->thread);
}

static void s_close (troupe_offspring_t *self)
{
    troupe_live_destroy (&self->child);
}

static void s_describe (troupe_offspring_t *self, char *text, size_t size)
{
    troupe_describe (self->child, troupe_clock_us (), text, size);
}

const troupe_offspring_kind_t troupe_offspring_thread = {
    .open = s_open, .start = s_start, .tell = s_tell, .abandon = s_abandon, .finish = s_finish, .leave = s_leave,
    .close = s_close, .describe = s_describe,
};
