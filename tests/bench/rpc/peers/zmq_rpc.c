/*  =========================================================================
    rpc/peers/zmq_rpc.c - raw libzmq DEALER/ROUTER, the same calls

    Place: tests/bench. Blocking calls over tcp to another process, each call a
    message. There the thread of the ROUTER answers by itself ("alone"), or
    passes the call on to a worker's thread over inproc ("worker").
    Usage: zmq_rpc alone|worker WINDOW COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/other.h"
#include "../../common/report.h"
#include "../../common/users.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define WARM_UP 1000
#define IDENTITY_MAX 64

typedef struct {
    void *socket;
    long window, count;
    bench_user_t *users;
    int64_t *sent_ns;           //  For each in flight; they are answered in order
    int64_t *samples;
} caller_t;

//  A ROUTER that is at its bound drops what it is to send: the bounds are wider than any window.
static void *s_socket (void *context, int type)
{
    const int bound = 10000;
    void *socket = zmq_socket (context, type);
    bench_check (socket != NULL && zmq_setsockopt (socket, ZMQ_SNDHWM, &bound, sizeof bound) == 0
                 && zmq_setsockopt (socket, ZMQ_RCVHWM, &bound, sizeof bound) == 0, "socket");
    return socket;
}

//  --- The server

//  Answers what comes, behind its routing id.
static void *s_answer (void *socket)
{
    bench_user_t *users = bench_users_new ();
    char identity [IDENTITY_MAX], call [BENCH_USERS_TEXT_MAX], answer [BENCH_USERS_TEXT_MAX];
    for (;;) {
        const int identity_size = zmq_recv (socket, identity, sizeof identity, 0);
        const int size = zmq_recv (socket, call, sizeof call, 0);
        bench_check (identity_size > 0 && size > 0 && size <= (int) sizeof call, "receive");
        const size_t answer_size = bench_users_answer (users, call, (size_t) size, answer);
        zmq_send (socket, identity, (size_t) identity_size, ZMQ_SNDMORE);
        bench_check (zmq_send (socket, answer, answer_size, 0) == (int) answer_size, "send");
    }
    return NULL;
}

//  Moves all messages that wait, without copying them.
static void s_pass_on (void *from, void *to)
{
    zmq_msg_t part;
    zmq_msg_init (&part);
    while (zmq_msg_recv (&part, from, ZMQ_DONTWAIT) >= 0)
        bench_check (zmq_msg_send (&part, to, zmq_msg_more (&part)? ZMQ_SNDMORE: 0) >= 0, "pass on");
    zmq_msg_close (&part);
}

static void s_serve_by_worker (void *context, void *router)
{
    pthread_t thread;
    void *inside = s_socket (context, ZMQ_DEALER);
    void *worker = s_socket (context, ZMQ_DEALER);
    bench_check (zmq_bind (inside, "inproc://worker") == 0 && zmq_connect (worker, "inproc://worker") == 0, "inproc");
    bench_check (pthread_create (&thread, NULL, s_answer, worker) == 0, "thread");
    zmq_pollitem_t items [] = { { router, 0, ZMQ_POLLIN, 0 }, { inside, 0, ZMQ_POLLIN, 0 } };
    for (;;) {
        bench_check (zmq_poll (items, 2, -1) > 0, "poll");
        s_pass_on (router, inside);
        s_pass_on (inside, router);
    }
}

static void s_serve (const char *wish, void *way)
{
    char endpoint [BENCH_ENDPOINT_MAX + 1];
    size_t size = sizeof endpoint;
    void *context = zmq_ctx_new ();
    void *router = s_socket (context, ZMQ_ROUTER);
    bench_check (zmq_bind (router, wish) == 0, wish);
    bench_check (zmq_getsockopt (router, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "endpoint");
    bench_other_ready (endpoint);
    if (strcmp (way, "worker") == 0)
        s_serve_by_worker (context, router);
    s_answer (router);
}

//  --- The caller

static void s_send (caller_t *caller, long number)
{
    char call [BENCH_USERS_TEXT_MAX];
    caller->sent_ns [number % caller->window] = bench_now_ns ();
    const size_t size = bench_users_ask (&caller->users [number % BENCH_USERS], call);
    bench_check (zmq_send (caller->socket, call, size, 0) == (int) size, "send");
}

static void s_receive (const caller_t *caller, long number)
{
    char answer [BENCH_USERS_TEXT_MAX];
    const int size = zmq_recv (caller->socket, answer, sizeof answer, 0);
    bench_check (size > 0 && size <= (int) sizeof answer, "receive");
    bench_users_check_text (&caller->users [number % BENCH_USERS], answer, (size_t) size);
}

static void s_measure (caller_t *caller)
{
    const long all = caller->count + WARM_UP;
    long sent = 0;
    int64_t began = 0;
    while (sent < caller->window && sent < all)
        s_send (caller, sent++);
    for (long index = 0; index < all; index++) {
        s_receive (caller, index);
        if (index >= WARM_UP)
            caller->samples [index - WARM_UP] = bench_now_ns () - caller->sent_ns [index % caller->window];
        else if (index == WARM_UP - 1)
            began = bench_now_ns ();
        if (sent < all)
            s_send (caller, sent++);
    }
    bench_print_rate ("rate", caller->count, began);
    bench_print_percentiles ("latency", caller->samples, (size_t) caller->count);
}

static void s_run (caller_t *caller, const char *endpoint)
{
    void *context = zmq_ctx_new ();
    caller->socket = s_socket (context, ZMQ_DEALER);
    bench_check (zmq_connect (caller->socket, endpoint) == 0, endpoint);
    caller->users = bench_users_new ();
    caller->samples = bench_allocate ((size_t) caller->count, sizeof *caller->samples);
    caller->sent_ns = bench_allocate ((size_t) caller->window, sizeof *caller->sent_ns);
    s_measure (caller);
    zmq_close (caller->socket);
    zmq_ctx_term (context);
    free (caller->samples);
    free (caller->sent_ns);
    free (caller->users);
}

int main (int argc, char **argv)
{
    char way [16] = "";
    caller_t caller = {
        .window = bench_number (argc, argv, 2, 64),
        .count = bench_count (argc, argv, 3, 100000),
    };
    bench_other_t other;
    strncpy (way, bench_word (argc, argv, 1, "alone"), sizeof way - 1);
    bench_other_start (&other, "tcp", s_serve, way);
    s_run (&caller, other.endpoint);
    bench_other_end (&other);
    return 0;
}
