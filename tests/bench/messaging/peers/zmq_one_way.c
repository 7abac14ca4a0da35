/*  =========================================================================
    messaging/peers/zmq_one_way.c - raw libzmq PAIR, one way

    Place: tests/bench. One thread sends, one receives and counts; a message
    each, no packing. Together the two ends hold 10,000 messages, as the
    project's mailbox does. Usage: zmq_one_way SIZE COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <pthread.h>
#include <zmq.h>

typedef struct {
    void *context;
    size_t size;
    long count;
} sender_t;

static void *s_socket (void *context)
{
    const int limit = 5000;
    void *socket = zmq_socket (context, ZMQ_PAIR);
    zmq_setsockopt (socket, ZMQ_SNDHWM, &limit, sizeof limit);
    zmq_setsockopt (socket, ZMQ_RCVHWM, &limit, sizeof limit);
    return socket;
}

static void *s_send (void *args)
{
    const sender_t *sender = args;
    char *body = bench_allocate (1, sender->size);
    void *socket = s_socket (sender->context);
    zmq_connect (socket, "inproc://one-way");
    for (long index = 0; index < sender->count; index++)
        zmq_send (socket, body, sender->size, 0);
    zmq_close (socket);
    return body;
}

int main (int argc, char **argv)
{
    const long size = bench_number (argc, argv, 1, 16);
    sender_t sender = { zmq_ctx_new (), (size_t) size, bench_number (argc, argv, 2, 1000000) };
    void *socket = s_socket (sender.context);
    bench_check (zmq_bind (socket, "inproc://one-way") == 0, "bind");

    pthread_t thread;
    const int64_t began = bench_now_ns ();
    bench_check (pthread_create (&thread, NULL, s_send, &sender) == 0, "thread");
    zmq_msg_t message;
    zmq_msg_init (&message);
    for (long index = 0; index < sender.count; index++)
        bench_check (zmq_msg_recv (&message, socket, 0) == (int) size, "receive");
    bench_print_rate ("rate", sender.count, began);
    zmq_msg_close (&message);
    pthread_join (thread, NULL);
    zmq_close (socket);
    zmq_ctx_term (sender.context);
    return 0;
}
