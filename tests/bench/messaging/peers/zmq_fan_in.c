/*  =========================================================================
    messaging/peers/zmq_fan_in.c - raw libzmq PUSH to PULL, many to one

    Place: tests/bench. Every sender is a thread of its own; 16 bytes a
    message. Usage: zmq_fan_in SENDERS COUNT (in all)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <pthread.h>
#include <stdlib.h>
#include <zmq.h>

typedef struct {
    void *context;
    long count;
} sender_t;

static void *s_send (void *args)
{
    const sender_t *sender = args;
    const char body [16] = { 0 };
    void *socket = zmq_socket (sender->context, ZMQ_PUSH);
    zmq_connect (socket, "inproc://fan-in");
    for (long index = 0; index < sender->count; index++)
        zmq_send (socket, body, sizeof body, 0);
    zmq_close (socket);
    return NULL;
}

int main (int argc, char **argv)
{
    const long senders = bench_number (argc, argv, 1, 4);
    sender_t sender = { zmq_ctx_new (), bench_number (argc, argv, 2, 1000000) / senders };
    const long count = sender.count * senders;
    void *socket = zmq_socket (sender.context, ZMQ_PULL);
    const int limit = 10000;
    zmq_setsockopt (socket, ZMQ_RCVHWM, &limit, sizeof limit);
    bench_check (zmq_bind (socket, "inproc://fan-in") == 0, "bind");

    pthread_t *threads = bench_allocate ((size_t) senders, sizeof *threads);
    const int64_t began = bench_now_ns ();
    for (long index = 0; index < senders; index++)
        bench_check (pthread_create (&threads [index], NULL, s_send, &sender) == 0, "thread");
    char body [16];
    for (long index = 0; index < count; index++)
        bench_check (zmq_recv (socket, body, sizeof body, 0) == sizeof body, "receive");
    bench_print_rate ("rate", count, began);
    for (long index = 0; index < senders; index++)
        pthread_join (threads [index], NULL);
    free (threads);
    zmq_close (socket);
    zmq_ctx_term (sender.context);
    return 0;
}
