/*  =========================================================================
    rpc/peers/nng_rpc.c - nng REQ/REP with contexts, the same calls

    Place: tests/bench. Over tcp to another process: at each end so many
    contexts as there are calls in flight, each with an asynchronous operation.
    Usage: nng_rpc WINDOW COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/other.h"
#include "../../common/report.h"
#include "../../common/users.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define WARM_UP 1000
#define NNG(CALL) bench_check ((CALL) == 0, #CALL)

//  --- The server

typedef struct {
    const bench_user_t *users;
    nng_ctx context;
    nng_aio *aio;
    bool answering;
} answerer_t;

static void s_on_server (void *argument)
{
    answerer_t *self = argument;
    char answer [BENCH_USERS_TEXT_MAX];
    NNG (nng_aio_result (self->aio));
    if (self->answering) {
        self->answering = false;
        nng_ctx_recv (self->context, self->aio);
        return;
    }
    nng_msg *message = nng_aio_get_msg (self->aio);
    const size_t size = bench_users_answer (self->users, nng_msg_body (message), nng_msg_len (message), answer);
    nng_msg_clear (message);
    NNG (nng_msg_append (message, answer, size));
    nng_aio_set_msg (self->aio, message);
    self->answering = true;
    nng_ctx_send (self->context, self->aio);
}

static void s_serve (const char *wish, void *window_p)
{
    const long window = *(const long *) window_p;
    nng_socket socket;
    nng_listener listener;
    nng_sockaddr address;
    char endpoint [BENCH_ENDPOINT_MAX + 1];
    answerer_t *answerers = bench_allocate ((size_t) window, sizeof *answerers);
    const bench_user_t *users = bench_users_new ();
    (void) wish;
    NNG (nng_rep0_open (&socket));
    for (long index = 0; index < window; index++) {
        answerers [index].users = users;
        NNG (nng_ctx_open (&answerers [index].context, socket));
        NNG (nng_aio_alloc (&answerers [index].aio, s_on_server, &answerers [index]));
        nng_ctx_recv (answerers [index].context, answerers [index].aio);
    }
    NNG (nng_listen (socket, "tcp://127.0.0.1:0", &listener, 0));
    NNG (nng_listener_get_addr (listener, NNG_OPT_LOCADDR, &address));
    const uint8_t *port = (const uint8_t *) &address.s_in.sa_port;
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port [0] << 8 | port [1]);
    bench_other_ready (endpoint);
    for (;;)
        poll (NULL, 0, -1);
}

//  --- The caller: its callbacks run in threads of nng

typedef struct {
    long window, count;
    bench_user_t *users;
    pthread_mutex_t lock;       //  Of what follows
    pthread_cond_t done;
    long sent, answered;
    int64_t began;
    int64_t *samples;
} caller_t;

typedef struct {
    caller_t *caller;
    nng_ctx context;
    nng_aio *aio;
    bool receiving;
    int64_t sent_ns;
    const bench_user_t *user;
} asker_t;

static void s_ask (asker_t *self)
{
    char call [BENCH_USERS_TEXT_MAX];
    nng_msg *message = NULL;
    const size_t size = bench_users_ask (self->user, call);
    self->sent_ns = bench_now_ns ();
    self->receiving = false;
    NNG (nng_msg_alloc (&message, 0));
    NNG (nng_msg_append (message, call, size));
    nng_aio_set_msg (self->aio, message);
    nng_ctx_send (self->context, self->aio);
}

//  Whom to ask for next; false when there is nothing left to do.
static bool s_next (asker_t *self)
{
    caller_t *caller = self->caller;
    pthread_mutex_lock (&caller->lock);
    const bool more = caller->sent < caller->count + WARM_UP;
    if (more)
        self->user = &caller->users [caller->sent++ % BENCH_USERS];
    pthread_mutex_unlock (&caller->lock);
    return more;
}

static void s_count (const asker_t *self)
{
    caller_t *caller = self->caller;
    pthread_mutex_lock (&caller->lock);
    const long number = caller->answered++ - WARM_UP;
    if (number >= 0)
        caller->samples [number] = bench_now_ns () - self->sent_ns;
    else if (number == -1)
        caller->began = bench_now_ns ();
    if (number + 1 == caller->count)
        pthread_cond_signal (&caller->done);
    pthread_mutex_unlock (&caller->lock);
}

static void s_on_caller (void *argument)
{
    asker_t *self = argument;
    NNG (nng_aio_result (self->aio));
    if (!self->receiving) {
        self->receiving = true;
        nng_ctx_recv (self->context, self->aio);
        return;
    }
    nng_msg *message = nng_aio_get_msg (self->aio);
    bench_users_check_text (self->user, nng_msg_body (message), nng_msg_len (message));
    nng_msg_free (message);
    s_count (self);
    if (s_next (self))
        s_ask (self);
}

static void s_run (caller_t *caller, const char *endpoint)
{
    nng_socket socket;
    asker_t *askers = bench_allocate ((size_t) caller->window, sizeof *askers);
    NNG (nng_req0_open (&socket));
    NNG (nng_dial (socket, endpoint, NULL, 0));
    for (long index = 0; index < caller->window; index++) {
        askers [index].caller = caller;
        NNG (nng_ctx_open (&askers [index].context, socket));
        NNG (nng_aio_alloc (&askers [index].aio, s_on_caller, &askers [index]));
        if (s_next (&askers [index]))
            s_ask (&askers [index]);
    }
    pthread_mutex_lock (&caller->lock);
    while (caller->answered < caller->count + WARM_UP)
        pthread_cond_wait (&caller->done, &caller->lock);
    pthread_mutex_unlock (&caller->lock);
    bench_print_rate ("rate", caller->count, caller->began);
    bench_print_percentiles ("latency", caller->samples, (size_t) caller->count);
    nng_close (socket);
    free (askers);
}

int main (int argc, char **argv)
{
    caller_t caller = {
        .window = bench_number (argc, argv, 1, 64),
        .count = bench_count (argc, argv, 2, 20000),
        .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER,
    };
    bench_other_t other;
    caller.users = bench_users_new ();
    caller.samples = bench_allocate ((size_t) caller.count, sizeof *caller.samples);
    bench_other_start (&other, "tcp", s_serve, &caller.window);
    s_run (&caller, other.endpoint);
    bench_other_end (&other);
    free (caller.samples);
    free (caller.users);
    return 0;
}
