/*  =========================================================================
    messaging/peers/nng_one_way.c - nng PAIR over inproc, one way

    Place: tests/bench. One thread sends, one receives and counts; the send
    and receive buffers are at nng's largest. Usage: nng_one_way SIZE COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <pthread.h>

typedef struct {
    nng_socket socket;
    size_t size;
    long count;
} sender_t;

static void *s_send (void *args)
{
    const sender_t *sender = args;
    for (long index = 0; index < sender->count; index++) {
        nng_msg *message = NULL;
        bench_check (nng_msg_alloc (&message, sender->size) == 0, "memory");
        bench_check (nng_sendmsg (sender->socket, message, 0) == 0, "send");
    }
    return NULL;
}

static void s_widen (nng_socket socket)
{
    nng_socket_set_int (socket, NNG_OPT_SENDBUF, 8192);
    nng_socket_set_int (socket, NNG_OPT_RECVBUF, 8192);
}

int main (int argc, char **argv)
{
    const long size = bench_number (argc, argv, 1, 16);
    sender_t sender = { .size = (size_t) size, .count = bench_number (argc, argv, 2, 50000) };
    nng_socket receiver;
    bench_check (nng_pair0_open (&receiver) == 0 && nng_pair0_open (&sender.socket) == 0, "open");
    s_widen (receiver);
    s_widen (sender.socket);
    bench_check (nng_listen (receiver, "inproc://one-way", NULL, 0) == 0, "listen");
    bench_check (nng_dial (sender.socket, "inproc://one-way", NULL, 0) == 0, "dial");

    pthread_t thread;
    const int64_t began = bench_now_ns ();
    bench_check (pthread_create (&thread, NULL, s_send, &sender) == 0, "thread");
    for (long index = 0; index < sender.count; index++) {
        nng_msg *message = NULL;
        bench_check (nng_recvmsg (receiver, &message, 0) == 0, "receive");
        nng_msg_free (message);
    }
    bench_print_rate ("rate", sender.count, began);
    pthread_join (thread, NULL);
    nng_close (sender.socket);
    nng_close (receiver);
    return 0;
}
