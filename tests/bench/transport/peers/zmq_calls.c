/*  =========================================================================
    transport/peers/zmq_calls.c - raw libzmq DEALER/ROUTER, the same calls

    Place: tests/bench. Blocking calls; the echo is a thread (inproc) or another
    process (ipc, tcp). Each request is a message.
    Usage: zmq_calls inproc|ipc|tcp WINDOW COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/other.h"
#include "../../common/report.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define WARM_UP 1000

typedef struct {
    void *socket;
    long window, count;
    int64_t *sent_ns;           //  For each in flight; they are answered in order
    int64_t *samples;
} caller_t;

//  Sends back what comes, behind its routing id, until something empty comes.
static void *s_echo (void *socket)
{
    char identity [64], body [64] = "";
    for (int last = 0; !last;) {
        const int identity_size = zmq_recv (socket, identity, sizeof identity, 0);
        const int body_size = zmq_recv (socket, body, sizeof body, 0);
        bench_check (identity_size > 0 && body_size >= 0, "receive");
        zmq_send (socket, identity, (size_t) identity_size, ZMQ_SNDMORE);
        zmq_send (socket, body, (size_t) body_size, 0);
        last = body_size == 0;
    }
    zmq_close (socket);
    return NULL;
}

//  A ROUTER that is at its bound drops what it is to send: the bounds are wider than any window.
static void *s_socket (void *context, int type)
{
    const int bound = 10000;
    void *socket = zmq_socket (context, type);
    bench_check (socket != NULL && zmq_setsockopt (socket, ZMQ_SNDHWM, &bound, sizeof bound) == 0
                 && zmq_setsockopt (socket, ZMQ_RCVHWM, &bound, sizeof bound) == 0, "socket");
    return socket;
}

static void *s_router (void *context, const char *wish)
{
    void *socket = s_socket (context, ZMQ_ROUTER);
    bench_check (zmq_bind (socket, wish) == 0, wish);
    return socket;
}

static void s_serve (const char *wish, void *context)
{
    char endpoint [BENCH_ENDPOINT_MAX + 1];
    size_t size = sizeof endpoint;
    void *socket = s_router (zmq_ctx_new (), wish);
    (void) context;
    bench_check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "endpoint");
    bench_other_ready (endpoint);
    s_echo (socket);
}

static void s_send (caller_t *caller, long number)
{
    const char body [16] = { 0 };
    caller->sent_ns [number % caller->window] = bench_now_ns ();
    bench_check (zmq_send (caller->socket, body, sizeof body, 0) == sizeof body, "send");
}

static void s_measure (caller_t *caller)
{
    const long all = caller->count + WARM_UP;
    char body [16];
    long sent = 0;
    int64_t began = 0;
    while (sent < caller->window && sent < all)
        s_send (caller, sent++);
    for (long index = 0; index < all; index++) {
        bench_check (zmq_recv (caller->socket, body, sizeof body, 0) == sizeof body, "receive");
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

static void s_run (caller_t *caller, void *context, const char *endpoint)
{
    caller->socket = s_socket (context, ZMQ_DEALER);
    bench_check (zmq_connect (caller->socket, endpoint) == 0, endpoint);
    caller->samples = bench_allocate ((size_t) caller->count, sizeof *caller->samples);
    caller->sent_ns = bench_allocate ((size_t) caller->window, sizeof *caller->sent_ns);
    s_measure (caller);
    zmq_send (caller->socket, "", 0, 0);
    zmq_close (caller->socket);
    free (caller->samples);
    free (caller->sent_ns);
}

static void s_run_inside (caller_t *caller)
{
    void *context = zmq_ctx_new ();
    pthread_t thread;
    bench_check (pthread_create (&thread, NULL, s_echo, s_router (context, "inproc://echo")) == 0, "thread");
    s_run (caller, context, "inproc://echo");
    pthread_join (thread, NULL);
    zmq_ctx_term (context);
}

int main (int argc, char **argv)
{
    const char *where = bench_word (argc, argv, 1, "tcp");
    caller_t caller = {
        .window = bench_number (argc, argv, 2, 64),
        .count = bench_count (argc, argv, 3, 100000),
    };
    if (strcmp (where, "inproc") == 0) {
        s_run_inside (&caller);
        return 0;
    }
    bench_other_t other;
    bench_other_start (&other, where, s_serve, NULL);
    void *context = zmq_ctx_new ();
    s_run (&caller, context, other.endpoint);
    zmq_ctx_term (context);
    bench_other_end (&other);
    return 0;
}
