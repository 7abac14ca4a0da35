/*  =========================================================================
    adopt_thread - a czmq actor function on a thread of its own, and its pipe

    Place: runtime/live, under adopt; see adopt_thread.h for who owns what.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/adopt/adopt_thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <czmq.h>

#include "live/actor/context.h"

//  For the pipe, with some for the sockets that the function will make: czmq asserts when there are none left.
#define S_DESCRIPTORS 16u
//  What zsock_signal sends, but for the status in its lowest byte.
#define S_SIGNAL UINT64_C (0x7766554433221100)

struct troupe_adopt_thread {
    zsock_t *pipe;              //  Ours
    zsock_t *inner;             //  The function's
    troupe_zactor_fn *function;
    void *args;
    int done;
    pthread_t thread;
    char *text;                 //  Of the last answer
    size_t capacity;
};

static void *s_run (void *argument)
{
    troupe_adopt_thread_t *self = argument;
    self->function (self->inner, self->args);
    eventfd_write (self->done, 1);
    return NULL;
}

//  The thread takes no signals: the new thread's mask is the one in force when it is made.
static troupe_error_t s_begin (troupe_adopt_thread_t *self, const char *name)
{
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    int error_number = pthread_create (&self->thread, NULL, s_run, self);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    if (error_number)
        return error_number == ENOMEM ? TROUPE_ENOMEM : TROUPE_ETHREAD;
    char short_name [16];
    snprintf (short_name, sizeof short_name, "%s", name);
    pthread_setname_np (self->thread, short_name);
    return TROUPE_OK;
}

static void s_free (troupe_adopt_thread_t *self)
{
    zsock_destroy (&self->inner);
    zsock_destroy (&self->pipe);
    if (self->done >= 0)
        close (self->done);
    free (self->text);
    free (self);
}

troupe_error_t troupe_adopt_thread_new (troupe_adopt_thread_t **thread_p, const troupe_adopted_t *adopted,
                                        const char *name)
{
    if (!troupe_context_has_descriptors (S_DESCRIPTORS))
        return TROUPE_EFILES;
    troupe_adopt_thread_t *self = calloc (1, sizeof *self);
    if (!self)
        return TROUPE_ENOMEM;
    self->function = adopted->function;
    self->args = adopted->args;
    self->done = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->pipe = zsys_create_pipe (&self->inner);
    troupe_error_t error = TROUPE_EFILES;
    if (self->done >= 0 && self->pipe)
        error = s_begin (self, name);
    if (error)
        s_free (self);
    else
        *thread_p = self;
    return error;
}

int troupe_adopt_thread_mail_descriptor (const troupe_adopt_thread_t *self)
{
    return zsock_fd (self->pipe);
}

int troupe_adopt_thread_done_descriptor (const troupe_adopt_thread_t *self)
{
    return self->done;
}

static bool s_is_done (const troupe_adopt_thread_t *self)
{
    struct pollfd done = { .fd = self->done, .events = POLLIN };
    return poll (&done, 1, 0) == 1;
}

//  Waits for mail or for the function's return, until 'until_ms'.
static void s_wait (const troupe_adopt_thread_t *self, int64_t until_ms)
{
    int64_t left_ms = until_ms - zclock_mono ();
    struct pollfd both [] = {
        { .fd = troupe_adopt_thread_mail_descriptor (self), .events = POLLIN },
        { .fd = self->done, .events = POLLIN },
    };
    if (left_ms > 0)
        poll (both, 2, left_ms > 60000 ? 60000 : (int) left_ms);
}

//  Adds a frame to the text of the answer, and a line end in front of all but the first.
static bool s_append (troupe_adopt_thread_t *self, size_t *size_p, zmq_msg_t *frame, bool is_first)
{
    size_t size = zmq_msg_size (frame);
    size_t needed = *size_p + size + 2;
    if (needed > self->capacity) {
        char *text = realloc (self->text, 2 * needed);
        if (!text)
            return false;
        self->text = text;
        self->capacity = 2 * needed;
    }
    if (!is_first)
        self->text [(*size_p)++] = '\n';
    memcpy (self->text + *size_p, zmq_msg_data (frame), size);
    *size_p += size;
    self->text [*size_p] = 0;
    return true;
}

static int s_signal_status (const char *text, size_t size, bool is_single)
{
    uint64_t word = 0;
    if (!is_single || size != sizeof word)
        return -1;
    memcpy (&word, text, sizeof word);
    return (word & ~UINT64_C (0xFF)) == S_SIGNAL ? (int) (word & 0xFF) : -1;
}

troupe_error_t troupe_adopt_thread_receive (troupe_adopt_thread_t *self, troupe_adopt_answer_t *answer)
{
    void *socket = zsock_resolve (self->pipe);
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    size_t count = 0;
    size_t size = 0;
    bool kept = true;
    bool more = true;
    while (more && zmq_msg_recv (&frame, socket, ZMQ_DONTWAIT) >= 0) {
        kept = kept && s_append (self, &size, &frame, count == 0);
        count++;
        more = zmq_msg_more (&frame);
    }
    zmq_msg_close (&frame);
    if (count == 0)
        return TROUPE_ENOENT;
    if (!kept)
        return TROUPE_ENOMEM;
    *answer = (troupe_adopt_answer_t) { self->text, size, s_signal_status (self->text, size, count == 1) };
    return TROUPE_OK;
}

troupe_error_t troupe_adopt_thread_wait (troupe_adopt_thread_t *self, int64_t timeout_ms, int *status_p)
{
    int64_t until_ms = zclock_mono () + timeout_ms;
    while (true) {
        //  In this order, for what it said last is there before it is done.
        bool is_done = s_is_done (self);
        troupe_adopt_answer_t answer;
        troupe_error_t error = troupe_adopt_thread_receive (self, &answer);
        if (error == TROUPE_ENOMEM)
            return error;
        if (error == TROUPE_OK && answer.status >= 0) {
            *status_p = answer.status;
            return TROUPE_OK;
        }
        if (error == TROUPE_OK)
            continue;           //  As zsock_wait: only a signal counts
        if (is_done)
            return TROUPE_EFAILED;
        if (zclock_mono () >= until_ms)
            return TROUPE_ETIMEOUT;
        s_wait (self, until_ms);
    }
}

troupe_error_t troupe_adopt_thread_send (troupe_adopt_thread_t *self, const char *text, size_t size)
{
    void *socket = zsock_resolve (self->pipe);
    if (size && text [size - 1] == '\n')
        size--;
    const char *end = text + size;
    bool is_first = true;
    while (true) {
        const char *line_end = memchr (text, '\n', (size_t) (end - text));
        size_t length = (size_t) ((line_end ? line_end : end) - text);
        if (zmq_send (socket, text, length, ZMQ_DONTWAIT | (line_end ? ZMQ_SNDMORE : 0)) < 0)
            return is_first ? TROUPE_EFULL : TROUPE_EIO;
        if (!line_end)
            return TROUPE_OK;
        text = line_end + 1;
        is_first = false;
    }
}

static void s_discard (troupe_adopt_thread_t *self)
{
    troupe_adopt_answer_t answer;
    while (troupe_adopt_thread_receive (self, &answer) != TROUPE_ENOENT)
        ;
}

//  Tells it to end as soon as there is room in the pipe, and makes room for what it still has to say.
static bool s_end (troupe_adopt_thread_t *self, int64_t timeout_ms)
{
    int64_t until_ms = zclock_mono () + timeout_ms;
    bool told = false;
    while (!s_is_done (self) && zclock_mono () < until_ms) {
        if (!told)
            told = troupe_adopt_thread_send (self, "$TERM", 5) == TROUPE_OK;
        s_discard (self);
        s_wait (self, until_ms);
    }
    return s_is_done (self);
}

troupe_error_t troupe_adopt_thread_destroy (troupe_adopt_thread_t **self_p, int64_t timeout_ms)
{
    troupe_adopt_thread_t *self = *self_p;
    if (!self)
        return TROUPE_OK;
    *self_p = NULL;
    if (s_end (self, timeout_ms)) {
        pthread_join (self->thread, NULL);
        s_free (self);
        return TROUPE_OK;
    }
    pthread_detach (self->thread);      //  What the thread may still touch is left to it
    return TROUPE_ETIMEOUT;
}
