/*  =========================================================================
    memory/peers/zmq_links.c - what raw libzmq's connections cost, at both ends

    Place: tests/bench. LINKS DEALERs, connected to one ROUTER in another process
    that answers each with how large it is. Usage: zmq_links ipc|tcp LINKS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/other.h"
#include "../../common/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

typedef struct {
    long resident, descriptors;
} usage_t;

static usage_t s_usage (void)
{
    const usage_t usage = { .resident = bench_resident_bytes (), .descriptors = bench_descriptors () };
    return usage;
}

static void s_serve (const char *wish, void *context)
{
    void *socket = zmq_socket (zmq_ctx_new (), ZMQ_ROUTER);
    char endpoint [BENCH_ENDPOINT_MAX + 1], identity [64], body [64];
    size_t size = sizeof endpoint;
    (void) context;
    bench_check (zmq_bind (socket, wish) == 0, wish);
    bench_check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "endpoint");
    bench_other_ready (endpoint);
    for (;;) {
        const int identity_size = zmq_recv (socket, identity, sizeof identity, 0);
        bench_check (identity_size > 0 && zmq_recv (socket, body, sizeof body, 0) >= 0, "receive");
        const usage_t usage = s_usage ();
        zmq_send (socket, identity, (size_t) identity_size, ZMQ_SNDMORE);
        zmq_send (socket, &usage, sizeof usage, 0);
    }
}

static usage_t s_ask (void *socket)
{
    usage_t usage;
    bench_check (zmq_send (socket, "", 0, 0) == 0, "send");
    bench_check (zmq_recv (socket, &usage, sizeof usage, 0) == sizeof usage, "receive");
    return usage;
}

static void *s_connect (void *context, const char *endpoint)
{
    void *socket = zmq_socket (context, ZMQ_DEALER);
    bench_check (socket != NULL && zmq_connect (socket, endpoint) == 0, "connect");
    return socket;
}

static void s_print (const char *what, usage_t before, usage_t after, long links)
{
    char metric [64];
    snprintf (metric, sizeof metric, "%s_resident", what);
    bench_print (metric, (double) (after.resident - before.resident) / 1024 / (double) links, "KiB");
    snprintf (metric, sizeof metric, "%s_descriptors", what);
    bench_print (metric, (double) (after.descriptors - before.descriptors) / (double) links, "1");
}

int main (int argc, char **argv)
{
    const long links = bench_count (argc, argv, 2, 500);
    bench_other_t other;
    bench_other_start (&other, bench_word (argc, argv, 1, "tcp"), s_serve, NULL);
    void *context = zmq_ctx_new ();
    zmq_ctx_set (context, ZMQ_MAX_SOCKETS, (int) links + 16);
    void **sockets = bench_allocate ((size_t) links, sizeof *sockets);

    void *first = s_connect (context, other.endpoint);
    const usage_t there_before = s_ask (first), here_before = s_usage ();
    for (long index = 0; index < links; index++) {
        sockets [index] = s_connect (context, other.endpoint);
        s_ask (sockets [index]);
    }
    const usage_t there_after = s_ask (first), here_after = s_usage ();
    s_print ("ref", here_before, here_after, links);
    s_print ("connection", there_before, there_after, links);

    for (long index = 0; index < links; index++)
        zmq_close (sockets [index]);
    zmq_close (first);
    zmq_ctx_term (context);
    bench_other_end (&other);
    free (sockets);
    return 0;
}
