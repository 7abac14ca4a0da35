/*  =========================================================================
    transport/peers/socket_calls.c - two processes and a socket between them

    Place: tests/bench. One request of 16 bytes at a time, with blocking system
    calls and nothing else: the floor. Usage: socket_calls ipc|tcp COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/other.h"
#include "../../common/report.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WARM_UP 1000

typedef union {
    struct sockaddr any;
    struct sockaddr_in tcp;
    struct sockaddr_un ipc;
} address_t;

//  The address of "ipc://PATH" or of "tcp://127.0.0.1:PORT"; any port for "*".
static socklen_t s_address (const char *endpoint, address_t *address)
{
    memset (address, 0, sizeof *address);
    if (strncmp (endpoint, "ipc://", 6) == 0) {
        address->ipc.sun_family = AF_UNIX;
        snprintf (address->ipc.sun_path, sizeof address->ipc.sun_path, "%s", endpoint + 6);
        return sizeof address->ipc;
    }
    address->tcp.sin_family = AF_INET;
    address->tcp.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    address->tcp.sin_port = htons ((uint16_t) strtol (strrchr (endpoint, ':') + 1, NULL, 10));
    return sizeof address->tcp;
}

static int s_socket (const address_t *address)
{
    const int on = 1;
    const int descriptor = socket (address->any.sa_family, SOCK_STREAM, 0);
    bench_check (descriptor >= 0, "socket");
    if (address->any.sa_family == AF_INET)
        setsockopt (descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

static void s_echo (int descriptor)
{
    char body [16];
    while (recv (descriptor, body, sizeof body, MSG_WAITALL) == sizeof body)
        bench_check (send (descriptor, body, sizeof body, 0) == sizeof body, "send");
}

static void s_serve (const char *wish, void *context)
{
    address_t address;
    char endpoint [BENCH_ENDPOINT_MAX + 1];
    socklen_t size = s_address (wish, &address);
    const int listener = s_socket (&address);
    (void) context;
    bench_check (bind (listener, &address.any, size) == 0 && listen (listener, 1) == 0, wish);
    bench_check (getsockname (listener, &address.any, &size) == 0, wish);
    if (address.any.sa_family == AF_INET)
        snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", ntohs (address.tcp.sin_port));
    bench_other_ready (address.any.sa_family == AF_INET? endpoint: wish);
    const int peer = accept (listener, NULL, NULL);
    const int on = 1;
    if (address.any.sa_family == AF_INET)
        setsockopt (peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    s_echo (peer);
}

static void s_round_trip (int descriptor)
{
    char body [16] = { 0 };
    bench_check (send (descriptor, body, sizeof body, 0) == sizeof body, "send");
    bench_check (recv (descriptor, body, sizeof body, MSG_WAITALL) == sizeof body, "receive");
}

int main (int argc, char **argv)
{
    const long count = bench_count (argc, argv, 2, 20000);
    int64_t *samples = bench_allocate ((size_t) count, sizeof *samples);
    bench_other_t other;
    address_t address;
    bench_other_start (&other, bench_word (argc, argv, 1, "tcp"), s_serve, NULL);
    const socklen_t size = s_address (other.endpoint, &address);
    const int descriptor = s_socket (&address);
    bench_check (connect (descriptor, &address.any, size) == 0, other.endpoint);
    for (long index = 0; index < WARM_UP; index++)
        s_round_trip (descriptor);
    const int64_t all = bench_now_ns ();
    for (long index = 0; index < count; index++) {
        const int64_t began = bench_now_ns ();
        s_round_trip (descriptor);
        samples [index] = bench_now_ns () - began;
    }
    bench_print_rate ("rate", count, all);
    bench_print_percentiles ("latency", samples, (size_t) count);
    close (descriptor);
    bench_other_end (&other);
    free (samples);
    return 0;
}
