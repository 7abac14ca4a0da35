/*  =========================================================================
    messaging/peers/nng_round_trip.c - nng REQ/REP over inproc, there and back

    Place: tests/bench. 16 bytes each way, both sides blocking.
    Usage: nng_round_trip COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <pthread.h>

static void *s_echo (void *args)
{
    const nng_socket *socket = args;
    nng_msg *message = NULL;
    while (nng_recvmsg (*socket, &message, 0) == 0)
        if (nng_sendmsg (*socket, message, 0) != 0)
            nng_msg_free (message);
    return NULL;
}

static void s_round_trip (nng_socket socket)
{
    nng_msg *message = NULL;
    bench_check (nng_msg_alloc (&message, 16) == 0, "memory");
    bench_check (nng_sendmsg (socket, message, 0) == 0, "send");
    bench_check (nng_recvmsg (socket, &message, 0) == 0, "receive");
    nng_msg_free (message);
}

int main (int argc, char **argv)
{
    const long count = bench_number (argc, argv, 1, 10000);
    int64_t *samples = bench_allocate ((size_t) count, sizeof *samples);
    nng_socket server;
    nng_socket client = NNG_SOCKET_INITIALIZER;
    bench_check (nng_rep0_open (&server) == 0 && nng_req0_open (&client) == 0, "open");
    bench_check (nng_listen (server, "inproc://echo", NULL, 0) == 0, "listen");
    bench_check (nng_dial (client, "inproc://echo", NULL, 0) == 0, "dial");
    pthread_t thread;
    bench_check (pthread_create (&thread, NULL, s_echo, &server) == 0, "thread");
    for (long index = 0; index < count; index++) {
        const int64_t began = bench_now_ns ();
        s_round_trip (client);
        samples [index] = bench_now_ns () - began;
    }
    bench_print_percentiles ("round_trip", samples, (size_t) count);
    nng_close (client);
    nng_close (server);
    pthread_join (thread, NULL);
    return 0;
}
