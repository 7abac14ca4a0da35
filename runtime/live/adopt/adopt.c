/*  =========================================================================
    adopt - the behavior by which a czmq actor function is a child

    Place: runtime/live. The actor stands between the troupe and the function:
    it turns messages into frames and frames into answers. Callers wait in the
    order in which they asked, since the function answers in that order.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/adopt.h>

#include <inttypes.h>
#include <stdlib.h>

#include <troupe/ref.h>
#include <troupe/timer.h>
#include <troupe/watch.h>

#include "core/cell/cell.h"
#include "live/adopt/adopt_thread.h"

//  How many answers are taken in one turn, so that a talkative function leaves time for the rest.
#define S_BATCH 256
#define S_START_MS 10000
#define S_STOP_MS 4000

typedef struct s_waiter {
    troupe_caller_t *caller;
    struct s_waiter *next;
} s_waiter_t;

typedef struct {
    troupe_adopt_thread_t *thread;
    troupe_watch_t *mail_watch;
    troupe_watch_t *done_watch;
    s_waiter_t *first;          //  Who has asked and not been answered
    s_waiter_t **last_p;
    uint64_t unasked;           //  Messages that nobody had asked for, and that were dropped
} s_adopter_t;

//  --- Answers

static void s_drop_answer (troupe_actor_t *self, s_adopter_t *adopter, const troupe_adopt_answer_t *answer)
{
    if (answer->status >= 0)
        return;                 //  A cast that was carried out
    if (adopter->unasked++ == 0)
        troupe_log (self, TROUPE_LOG_WARNING, "a message of the adopted function is dropped, since no caller waits: "
                    "%.*s", answer->size > 100 ? 100 : (int) answer->size, answer->text);
}

static void s_answer (troupe_actor_t *self, s_adopter_t *adopter, const troupe_adopt_answer_t *answer)
{
    s_waiter_t *waiter = adopter->first;
    if (!waiter) {
        s_drop_answer (self, adopter, answer);
        return;
    }
    adopter->first = waiter->next;
    if (!adopter->first)
        adopter->last_p = &adopter->first;
    if (answer->status > 0)
        troupe_answer_failure (&waiter->caller, "status %d", answer->status);
    else
        troupe_answer (&waiter->caller, answer->text, answer->status == 0 ? 0 : answer->size);
    free (waiter);
}

static int s_take_more (troupe_actor_t *self, void *state, void *context);

//  Hands out what the function has said. The descriptor only tells of news, so it is read until it is dry.
static int s_take_answers (troupe_actor_t *self, s_adopter_t *adopter)
{
    troupe_adopt_answer_t answer;
    for (unsigned count = 0; count < S_BATCH; count++) {
        troupe_error_t error = troupe_adopt_thread_receive (adopter->thread, &answer);
        if (error == TROUPE_ENOENT)
            return 0;
        if (error)
            return troupe_fail_error (self, error, "cannot take an answer");
        s_answer (self, adopter, &answer);
    }
    if (!troupe_after (self, 0, s_take_more, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "cannot take more answers");
    return 0;
}

static int s_take_more (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    return s_take_answers (self, state);
}

static int s_on_mail (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) descriptor;
    (void) events;
    (void) context;
    return s_take_answers (self, state);
}

//  What it said before it returned is in the pipe by now.
static int s_on_done (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) descriptor;
    (void) events;
    (void) context;
    s_adopter_t *adopter = state;
    troupe_adopt_answer_t answer;
    while (troupe_adopt_thread_receive (adopter->thread, &answer) == TROUPE_OK)
        s_answer (self, adopter, &answer);
    return troupe_fail (self, 1, "the adopted function has returned by itself");
}

//  --- Start and stop

static troupe_error_t s_watch (troupe_actor_t *self, s_adopter_t *adopter)
{
    troupe_error_t error = troupe_watch (self, troupe_adopt_thread_mail_descriptor (adopter->thread),
                                         TROUPE_WATCH_READABLE, s_on_mail, NULL, &adopter->mail_watch);
    if (!error)
        error = troupe_watch (self, troupe_adopt_thread_done_descriptor (adopter->thread),
                              TROUPE_WATCH_READABLE, s_on_done, NULL, &adopter->done_watch);
    return error;
}

static int s_begin (troupe_actor_t *self, s_adopter_t *adopter, const troupe_adopted_t *adopted)
{
    troupe_error_t error = troupe_adopt_thread_new (&adopter->thread, adopted, troupe_name (self));
    if (error)
        return troupe_fail_error (self, error, "cannot begin the adopted function");
    int status = 0;
    error = troupe_adopt_thread_wait (adopter->thread, S_START_MS, &status);
    if (error == TROUPE_EFAILED)
        return troupe_fail (self, 1, "the adopted function has returned without a signal");
    if (error == TROUPE_ETIMEOUT)
        return troupe_fail (self, 1, "the adopted function has not signalled within %d ms", S_START_MS);
    if (!error && status)
        return troupe_fail (self, status, "the adopted function has signalled status %d", status);
    if (!error)
        error = s_watch (self, adopter);
    if (!error)
        return s_take_answers (self, adopter);      //  What came after the signal tells of itself no more
    return troupe_fail_error (self, error, "cannot watch the adopted function");
}

int troupe_adopt_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    const troupe_adopted_t *adopted = troupe_behavior (self)->constant;
    if (!adopted || !adopted->function)
        return troupe_fail (self, TROUPE_EINVAL, "there is no function to adopt");
    s_adopter_t *adopter = calloc (1, sizeof *adopter);
    if (!adopter)
        return troupe_fail_error (self, TROUPE_ENOMEM, "cannot adopt a function");
    adopter->last_p = &adopter->first;
    *state_p = adopter;
    return s_begin (self, adopter, adopted);
}

//  The callers that still wait end with FAILED, as all whom an incarnation holds.
static void s_forget_waiters (s_adopter_t *adopter)
{
    while (adopter->first) {
        s_waiter_t *waiter = adopter->first;
        adopter->first = waiter->next;
        troupe_answer_failure (&waiter->caller, "the adopted function has ended");
        free (waiter);
    }
}

void troupe_adopt_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) reason;
    s_adopter_t *adopter = state;
    troupe_unwatch (&adopter->mail_watch);
    troupe_unwatch (&adopter->done_watch);
    int64_t stop_ms = troupe_option_number (self, "stop_ms", S_STOP_MS, 0, INT32_MAX);
    if (troupe_adopt_thread_destroy (&adopter->thread, stop_ms)) {
        self->abandoned++;      //  As a child that is given up: the program must not wait for its sockets
        troupe_log (self, TROUPE_LOG_WARNING, "the adopted function has not ended within %" PRId64
                    " ms after $TERM; its thread is left behind", stop_ms);
    }
    if (adopter->unasked > 1)
        troupe_log (self, TROUPE_LOG_WARNING, "%" PRIu64 " messages of the adopted function were dropped in all",
                    adopter->unasked);
    s_forget_waiters (adopter);
    free (adopter);
}

//  --- Messages

static bool s_add_waiter (troupe_actor_t *self, s_adopter_t *adopter, troupe_message_t *message)
{
    s_waiter_t *waiter = calloc (1, sizeof *waiter);
    if (waiter)
        waiter->caller = troupe_defer (self, message);
    if (!waiter || !waiter->caller) {
        free (waiter);
        return false;
    }
    *adopter->last_p = waiter;
    adopter->last_p = &waiter->next;
    return true;
}

//  The last one gives its place back: what it asked has not gone out.
static void s_refuse_last (s_adopter_t *adopter, s_waiter_t **place, troupe_error_t error)
{
    s_waiter_t *waiter = *place;
    *place = NULL;
    adopter->last_p = place;
    troupe_answer_failure (&waiter->caller, "%s", troupe_error_text (error));
    free (waiter);
}

int troupe_adopt_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_adopter_t *adopter = state;
    s_waiter_t **place = adopter->last_p;
    bool is_call = troupe_message_is_call (message);
    if (is_call && !s_add_waiter (self, adopter, message))
        return 0;               //  Memory is out: the call ends with FAILED by itself
    troupe_error_t error = TROUPE_OK;
    size_t size = troupe_message_size (message);
    if (size)
        error = troupe_adopt_thread_send (adopter->thread, troupe_message_data (message), size);
    if (error && is_call)
        s_refuse_last (adopter, place, error);
    else if (error)
        troupe_log (self, TROUPE_LOG_WARNING, "a cast to the adopted function is dropped: %s",
                    troupe_error_text (error));
    if (error == TROUPE_EIO)
        return troupe_fail_error (self, error, "the pipe to the adopted function");
    return s_take_answers (self, adopter);
}
