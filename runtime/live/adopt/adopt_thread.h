/*  =========================================================================
    adopt_thread - a czmq actor function on a thread of its own, and its pipe

    Place: runtime/live, under adopt. What zactor_new does, without its faults:
    the status of the function's start is kept, running out of threads is an
    error, the thread is joined, and nothing waits without a limit.

    Who owns what: the function's end of the pipe is made here before the
    thread begins, used by the thread alone while it runs, and closed here
    after it was joined; beginning and joining are the fences that ZeroMQ asks
    for. That the function has returned is told by 'done', an eventfd, since
    the pipe may be full. A function that does not end in time is left behind
    with its end of the pipe: nobody can close it under its hands.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_ADOPT_THREAD_H_INCLUDED
#define TROUPE_LIVE_ADOPT_THREAD_H_INCLUDED

#include <troupe/adopt.h>

typedef struct troupe_adopt_thread troupe_adopt_thread_t;

//  What came out of the pipe. 'text' lives until the next one.
typedef struct troupe_adopt_answer {
    const char *text;       //  The frames, a line each
    size_t size;
    int status;             //  Of a signal (zsock_signal), from 0 to 255; -1: no signal, but frames
} troupe_adopt_answer_t;

/*  Makes the pipe and begins the thread, with all signals blocked. The caller owns *thread_p. TROUPE_ENOMEM,
    TROUPE_EFILES, TROUPE_ETHREAD: nothing was started. */
troupe_error_t troupe_adopt_thread_new (troupe_adopt_thread_t **thread_p, const troupe_adopted_t *adopted,
                                        const char *name);

/*  Waits until the function signals that it is ready, and gives the status of that: 0 is well. TROUPE_ETIMEOUT,
    TROUPE_EFAILED when it returned instead, TROUPE_ENOMEM. Blocks up to 'timeout_ms'. */
troupe_error_t troupe_adopt_thread_wait (troupe_adopt_thread_t *self, int64_t timeout_ms, int *status_p);

/*  Sends one message with a frame for each line of 'text'; a line end at the very end adds none. Does not block.
    TROUPE_EFULL: nothing was sent. TROUPE_EIO: it was sent in part, and the pipe is of no use any more. */
troupe_error_t troupe_adopt_thread_send (troupe_adopt_thread_t *self, const char *text, size_t size);

//  Takes the next message out of the pipe. TROUPE_ENOENT when there is none; TROUPE_ENOMEM when it had to be dropped.
troupe_error_t troupe_adopt_thread_receive (troupe_adopt_thread_t *self, troupe_adopt_answer_t *answer);

//  What to watch for: messages (edge-triggered: after every send and receive look for more), and the function's return.
int troupe_adopt_thread_mail_descriptor (const troupe_adopt_thread_t *self);
int troupe_adopt_thread_done_descriptor (const troupe_adopt_thread_t *self);

/*  Tells the function to end ($TERM), waits for that, up to 'timeout_ms', throwing away what it still says, and frees
    everything; nulls the pointer. TROUPE_ETIMEOUT: the thread is left behind. Does nothing with a null pointer. */
troupe_error_t troupe_adopt_thread_destroy (troupe_adopt_thread_t **self_p, int64_t timeout_ms);

#endif
