/*  =========================================================================
    messaging/peers/zmq_round_trip.c - raw libzmq, there and back

    Place: tests/bench. Two threads that block in zmq_recv, 16 bytes each way.
    Usage: zmq_round_trip pair|router COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <pthread.h>
#include <string.h>
#include <zmq.h>

#define WARM_UP 1000

typedef struct {
    void *context;
    int type;
    long count;
} echo_t;

//  Sends back what comes, behind its identity frame if there is one.
static void *s_echo (void *args)
{
    const echo_t *echo = args;
    void *socket = zmq_socket (echo->context, echo->type);
    zmq_connect (socket, "inproc://echo");
    for (long index = 0; index < echo->count; index++) {
        char identity [64];
        char body [64];
        if (echo->type == ZMQ_ROUTER) {
            const int size = zmq_recv (socket, identity, sizeof identity, 0);
            zmq_send (socket, identity, (size_t) size, ZMQ_SNDMORE);
        }
        const int size = zmq_recv (socket, body, sizeof body, 0);
        zmq_send (socket, body, (size_t) size, 0);
    }
    zmq_close (socket);
    return NULL;
}

static void s_round_trip (void *socket)
{
    char body [16] = { 0 };
    bench_check (zmq_send (socket, body, sizeof body, 0) == sizeof body, "send");
    bench_check (zmq_recv (socket, body, sizeof body, 0) == sizeof body, "receive");
}

int main (int argc, char **argv)
{
    const int router = strcmp (bench_word (argc, argv, 1, "pair"), "router") == 0;
    const long count = bench_number (argc, argv, 2, 20000);
    int64_t *samples = bench_allocate ((size_t) count, sizeof *samples);
    echo_t echo = { .context = zmq_ctx_new (), .type = router? ZMQ_ROUTER: ZMQ_PAIR, .count = count + WARM_UP };

    void *socket = zmq_socket (echo.context, router? ZMQ_DEALER: ZMQ_PAIR);
    bench_check (zmq_bind (socket, "inproc://echo") == 0, "bind");
    pthread_t thread;
    bench_check (pthread_create (&thread, NULL, s_echo, &echo) == 0, "thread");
    for (long index = 0; index < WARM_UP; index++)
        s_round_trip (socket);
    for (long index = 0; index < count; index++) {
        const int64_t began = bench_now_ns ();
        s_round_trip (socket);
        samples [index] = bench_now_ns () - began;
    }
    pthread_join (thread, NULL);
    bench_print_percentiles ("round_trip", samples, (size_t) count);
    zmq_close (socket);
    zmq_ctx_term (echo.context);
    return 0;
}
