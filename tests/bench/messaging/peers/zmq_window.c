/*  =========================================================================
    messaging/peers/zmq_window.c - raw libzmq DEALER/ROUTER, many in flight

    Place: tests/bench. A client keeps WINDOW requests of 16 bytes in flight
    to one echoing thread. Usage: zmq_window WINDOW COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <pthread.h>
#include <zmq.h>

typedef struct {
    void *context;
    long count;
} echo_t;

static void *s_echo (void *args)
{
    const echo_t *echo = args;
    void *socket = zmq_socket (echo->context, ZMQ_ROUTER);
    zmq_connect (socket, "inproc://window");
    for (long index = 0; index < echo->count; index++) {
        char identity [64];
        char body [64];
        const int identity_size = zmq_recv (socket, identity, sizeof identity, 0);
        const int body_size = zmq_recv (socket, body, sizeof body, 0);
        zmq_send (socket, identity, (size_t) identity_size, ZMQ_SNDMORE);
        zmq_send (socket, body, (size_t) body_size, 0);
    }
    zmq_close (socket);
    return NULL;
}

int main (int argc, char **argv)
{
    const long window = bench_number (argc, argv, 1, 1000);
    echo_t echo = { zmq_ctx_new (), bench_number (argc, argv, 2, 200000) };
    void *socket = zmq_socket (echo.context, ZMQ_DEALER);
    bench_check (zmq_bind (socket, "inproc://window") == 0, "bind");

    pthread_t thread;
    bench_check (pthread_create (&thread, NULL, s_echo, &echo) == 0, "thread");
    char body [16] = { 0 };
    long sent = 0;
    const int64_t began = bench_now_ns ();
    while (sent < window && sent < echo.count)
        sent += zmq_send (socket, body, sizeof body, 0) == sizeof body;
    for (long index = 0; index < echo.count; index++) {
        bench_check (zmq_recv (socket, body, sizeof body, 0) == sizeof body, "receive");
        if (sent < echo.count)
            sent += zmq_send (socket, body, sizeof body, 0) == sizeof body;
    }
    bench_print_rate ("rate", echo.count, began);
    pthread_join (thread, NULL);
    zmq_close (socket);
    zmq_ctx_term (echo.context);
    return 0;
}
