/*  =========================================================================
    live/security/security_gate.c - the gatekeeper: libzmq asks it who may come in

    Place: runtime/live; see security_gate.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/security/security_gate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>
#include <zmq.h>

#include "live/actor/handover.h"
#include "live/security/security_refusal.h"

//  RFC 27: no frame of a request that matters is longer.
#define S_FRAME_MAX 255u

typedef enum {
    S_PEER,             //  To whom the answer goes: ROUTER's own
    S_DELIMITER,
    S_VERSION,
    S_REQUEST,          //  Its number
    S_DOMAIN,
    S_ADDRESS,
    S_IDENTITY,
    S_MECHANISM,
    S_CREDENTIALS,      //  CURVE: the key
    S_FRAMES
} s_frame_kind_t;

typedef struct {
    size_t size;
    char bytes [S_FRAME_MAX + 1];       //  And a null
} s_frame_t;

typedef struct {
    size_t count;
    s_frame_t frames [S_FRAMES];
} s_question_t;

//  Of the mark in front of user ids, in hexadecimal digits.
#define S_MARK_SIZE 32u
#define S_USER_MAX (S_MARK_SIZE + TROUPE_ALLOWED_NAME_MAX)

struct troupe_gate {
    char mark [S_MARK_SIZE + 1];        //  Constant once made
    void *socket;                       //  ROUTER
    int stop;                           //  An eventfd
    pthread_t thread;
    troupe_allowed_t *allowed;
    troupe_logger_t logger;
    troupe_refusals_t refusals;
};

//  --- Questions

static bool s_says (const s_question_t *question, s_frame_kind_t kind, const char *text)
{
    const s_frame_t *frame = &question->frames [kind];
    return question->count > (size_t) kind && frame->size == strlen (text)
        && memcmp (frame->bytes, text, frame->size) == 0;
}

//  One more frame; false when it was the last, or none is there.
static bool s_receive_frame (troupe_gate_t *self, s_question_t *question)
{
    s_frame_t unwanted, *frame = question->count < S_FRAMES ? &question->frames [question->count] : &unwanted;
    int more = 0, size = zmq_recv (self->socket, frame->bytes, S_FRAME_MAX, ZMQ_DONTWAIT);
    size_t option_size = sizeof more;
    if (size < 0)
        return false;
    frame->size = (size_t) size <= S_FRAME_MAX ? (size_t) size : S_FRAME_MAX;
    frame->bytes [frame->size] = 0;
    question->count += question->count < S_FRAMES;
    return zmq_getsockopt (self->socket, ZMQ_RCVMORE, &more, &option_size) == 0 && more;
}

static bool s_receive (troupe_gate_t *self, s_question_t *question)
{
    question->count = 0;
    while (s_receive_frame (self, question))
        continue;
    troupe_handover_receive ();
    return question->count > 0;
}

//  What libzmq cannot send goes nowhere: the handshake runs out of time.
static void s_answer (troupe_gate_t *self, const s_question_t *question, const char *status, const char *text,
                      const char *user)
{
    const s_frame_t *peer = &question->frames [S_PEER], *request = &question->frames [S_REQUEST];
    troupe_handover_send ();
    if (zmq_send (self->socket, peer->bytes, peer->size, ZMQ_SNDMORE) >= 0
        && zmq_send (self->socket, "", 0, ZMQ_SNDMORE) >= 0
        && zmq_send (self->socket, "1.0", 3, ZMQ_SNDMORE) >= 0
        && zmq_send (self->socket, request->bytes, request->size, ZMQ_SNDMORE) >= 0
        && zmq_send (self->socket, status, strlen (status), ZMQ_SNDMORE) >= 0
        && zmq_send (self->socket, text, strlen (text), ZMQ_SNDMORE) >= 0
        && zmq_send (self->socket, user, strlen (user), ZMQ_SNDMORE) >= 0)
        zmq_send (self->socket, "", 0, 0);
}

//  Who it is, "" when that is not asked; null: nobody who is let in.
static const char *s_find (troupe_gate_t *self, const s_question_t *question)
{
    if (s_says (question, S_MECHANISM, "NULL"))
        return "";
    const s_frame_t *key = &question->frames [S_CREDENTIALS];
    bool whole = s_says (question, S_MECHANISM, "CURVE") && question->count == S_FRAMES && key->size == TROUPE_KEY_SIZE;
    return whole ? troupe_allowed_find (self->allowed, (const uint8_t *) key->bytes) : NULL;
}

static void s_welcome (troupe_gate_t *self, const s_question_t *question, const char *name)
{
    char user [S_USER_MAX + 1] = "";
    if (*name)
        snprintf (user, sizeof user, "%s%s", self->mark, name);
    s_answer (self, question, "200", "OK", user);
}

static void s_judge (troupe_gate_t *self, const s_question_t *question)
{
    if (question->count < S_CREDENTIALS || !s_says (question, S_VERSION, "1.0"))
        return;
    const char *name = s_find (self, question);
    if (name) {
        s_welcome (self, question, name);
        return;
    }
    const char *address = question->frames [S_ADDRESS].bytes;
    troupe_refusal_tell (&self->refusals, &self->logger, *address ? address : "somebody",
                         "its key is not in security/allowed");
    s_answer (self, question, "300", "not now", "");
}

//  --- The thread

static void *s_main (void *argument)
{
    troupe_gate_t *self = argument;
    s_question_t question;
    zmq_pollitem_t items [] = { { .socket = self->socket, .events = ZMQ_POLLIN },
                                { .fd = self->stop, .events = ZMQ_POLLIN } };
    while (zmq_poll (items, 2, -1) >= 0 || zmq_errno () == EINTR) {
        while (s_receive (self, &question))
            s_judge (self, &question);
        if (items [1].revents)
            break;
    }
    //  At once, where closing alone would leave the name taken for a while.
    zmq_unbind (self->socket, TROUPE_GATE_ENDPOINT);
    zmq_close (self->socket);
    return NULL;
}

//  --- From outside

static troupe_error_t s_draw_mark (troupe_gate_t *self)
{
    uint8_t bytes [S_MARK_SIZE / 2];
    if (getrandom (bytes, sizeof bytes, 0) != (ssize_t) sizeof bytes)
        return troupe_error_from_errno (errno);
    for (size_t index = 0; index < sizeof bytes; index++)
        snprintf (self->mark + 2 * index, 3, "%02x", bytes [index]);
    return TROUPE_OK;
}

static troupe_error_t s_open (troupe_gate_t *self, void *context)
{
    int at_once = 0, unbounded = 0;
    troupe_error_t error = s_draw_mark (self);
    if (error)
        return error;
    self->stop = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->stop < 0)
        return TROUPE_EFILES;
    self->socket = zmq_socket (context, ZMQ_ROUTER);
    if (!self->socket)
        return zmq_errno () == ENOMEM ? TROUPE_ENOMEM : TROUPE_EFILES;
    zmq_setsockopt (self->socket, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_setsockopt (self->socket, ZMQ_RCVHWM, &unbounded, sizeof unbounded);
    zmq_setsockopt (self->socket, ZMQ_SNDHWM, &unbounded, sizeof unbounded);
    return zmq_bind (self->socket, TROUPE_GATE_ENDPOINT) ? troupe_error_from_errno (zmq_errno ()) : TROUPE_OK;
}

static troupe_error_t s_start (troupe_gate_t *self)
{
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    int failure = pthread_create (&self->thread, NULL, s_main, self);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    if (failure)
        return TROUPE_ETHREAD;
    pthread_setname_np (self->thread, "troupe-gate");
    return TROUPE_OK;
}

static void s_free (troupe_gate_t *self)
{
    if (self->stop >= 0)
        close (self->stop);
    troupe_allowed_destroy (&self->allowed);
    free (self);
}

troupe_gate_t *troupe_gate_new (void *context, troupe_allowed_t **allowed_p, const troupe_logger_t *logger,
                                troupe_error_t *error_p)
{
    troupe_gate_t *self = calloc (1, sizeof *self);
    if (!self) {
        *error_p = TROUPE_ENOMEM;
        return NULL;
    }
    self->logger = *logger;
    self->allowed = *allowed_p;
    troupe_error_t error = s_open (self, context);
    if (!error)
        error = s_start (self);
    if (!error) {
        *allowed_p = NULL;
        return self;
    }
    if (self->socket) {
        zmq_unbind (self->socket, TROUPE_GATE_ENDPOINT);
        zmq_close (self->socket);
    }
    self->allowed = NULL;
    s_free (self);
    *error_p = error;
    return NULL;
}

const char *troupe_gate_user (const troupe_gate_t *self, const char *property)
{
    return strncmp (property, self->mark, S_MARK_SIZE) == 0 ? property + S_MARK_SIZE : "";
}

void troupe_gate_destroy (troupe_gate_t **self_p)
{
    troupe_gate_t *self = *self_p;
    if (!self)
        return;
    eventfd_write (self->stop, 1);
    pthread_join (self->thread, NULL);
    s_free (self);
    *self_p = NULL;
}
