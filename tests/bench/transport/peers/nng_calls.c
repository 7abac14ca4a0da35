/*  =========================================================================
    transport/peers/nng_calls.c - nng REQ/REP between two processes

    Place: tests/bench. One request of 16 bytes at a time.
    Usage: nng_calls ipc|tcp COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/other.h"
#include "../../common/report.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP 1000

//  It is not told which port it got through a wish: the listener is asked.
static void s_say_where (nng_listener listener, const char *wish)
{
    nng_sockaddr address;
    char endpoint [BENCH_ENDPOINT_MAX + 1];
    bench_check (nng_listener_get_addr (listener, NNG_OPT_LOCADDR, &address) == 0, wish);
    snprintf (endpoint, sizeof endpoint, "%s", wish);
    if (address.s_family == NNG_AF_INET) {
        const uint8_t *port = (const uint8_t *) &address.s_in.sa_port;
        snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port [0] << 8 | port [1]);
    }
    bench_other_ready (endpoint);
}

static void s_serve (const char *wish, void *context)
{
    nng_socket socket;
    nng_listener listener;
    const char *url = strncmp (wish, "tcp", 3) == 0? "tcp://127.0.0.1:0": wish;
    (void) context;
    bench_check (nng_rep0_open (&socket) == 0 && nng_listen (socket, url, &listener, 0) == 0, url);
    s_say_where (listener, url);
    for (;;) {
        char body [64];
        size_t size = sizeof body;
        bench_check (nng_recv (socket, body, &size, 0) == 0, "receive");
        bench_check (nng_send (socket, body, size, 0) == 0, "send");
    }
}

static void s_round_trip (nng_socket socket)
{
    char body [16] = { 0 };
    size_t size = sizeof body;
    bench_check (nng_send (socket, body, sizeof body, 0) == 0, "send");
    bench_check (nng_recv (socket, body, &size, 0) == 0 && size == sizeof body, "receive");
}

int main (int argc, char **argv)
{
    const long count = bench_count (argc, argv, 2, 20000);
    int64_t *samples = bench_allocate ((size_t) count, sizeof *samples);
    bench_other_t other;
    nng_socket socket;
    bench_other_start (&other, bench_word (argc, argv, 1, "tcp"), s_serve, NULL);
    bench_check (nng_req0_open (&socket) == 0 && nng_dial (socket, other.endpoint, NULL, 0) == 0, other.endpoint);
    for (long index = 0; index < WARM_UP; index++)
        s_round_trip (socket);
    const int64_t all = bench_now_ns ();
    for (long index = 0; index < count; index++) {
        const int64_t began = bench_now_ns ();
        s_round_trip (socket);
        samples [index] = bench_now_ns () - began;
    }
    bench_print_rate ("rate", count, all);
    bench_print_percentiles ("latency", samples, (size_t) count);
    nng_close (socket);
    bench_other_end (&other);
    free (samples);
    return 0;
}
