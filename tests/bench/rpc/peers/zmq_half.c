/*  =========================================================================
    rpc/peers/zmq_half.c - raw libzmq at half of its highest rate

    Place: tests/bench. What rpc_half does, with a DEALER and a ROUTER whose
    thread answers: 64 calls in flight for a moment, then calls at half of that
    rate, due at even intervals and timed from when they were due; a timer
    beats every 100 microseconds. Usage: zmq_half MILLISECONDS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/other.h"
#include "../../common/report.h"
#include "../../common/users.h"

#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <zmq.h>

#define WINDOW 64
#define WARM_UP 5000
#define SKIPPED_OF 5
#define BEAT_NS 100000

typedef struct {
    void *socket;
    bench_user_t *users;
    long sent, answered, count;
    double rate;
    int64_t began_ns;
    int64_t *samples;
} caller_t;

static void *s_socket (void *context, int type)
{
    const int bound = 10000;
    void *socket = zmq_socket (context, type);
    bench_check (socket != NULL && zmq_setsockopt (socket, ZMQ_SNDHWM, &bound, sizeof bound) == 0
                 && zmq_setsockopt (socket, ZMQ_RCVHWM, &bound, sizeof bound) == 0, "socket");
    return socket;
}

static void s_serve (const char *wish, void *unused)
{
    char endpoint [BENCH_ENDPOINT_MAX + 1], identity [64], call [BENCH_USERS_TEXT_MAX], answer [BENCH_USERS_TEXT_MAX];
    size_t size = sizeof endpoint;
    void *socket = s_socket (zmq_ctx_new (), ZMQ_ROUTER);
    const bench_user_t *users = bench_users_new ();
    (void) unused;
    bench_check (zmq_bind (socket, wish) == 0, wish);
    bench_check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "endpoint");
    bench_other_ready (endpoint);
    for (;;) {
        const int identity_size = zmq_recv (socket, identity, sizeof identity, 0);
        const int call_size = zmq_recv (socket, call, sizeof call, 0);
        bench_check (identity_size > 0 && call_size > 0, "receive");
        const size_t answer_size = bench_users_answer (users, call, (size_t) call_size, answer);
        zmq_send (socket, identity, (size_t) identity_size, ZMQ_SNDMORE);
        zmq_send (socket, answer, answer_size, 0);
    }
}

static void s_ask (caller_t *caller)
{
    char call [BENCH_USERS_TEXT_MAX];
    const size_t size = bench_users_ask (&caller->users [caller->sent++ % BENCH_USERS], call);
    bench_check (zmq_send (caller->socket, call, size, 0) == (int) size, "send");
}

//  Takes the next answer; false when there is none just now.
static int s_take (caller_t *caller, int flags)
{
    char answer [BENCH_USERS_TEXT_MAX];
    const int size = zmq_recv (caller->socket, answer, sizeof answer, flags);
    if (size < 0)
        return 0;
    bench_users_check_text (&caller->users [caller->answered++ % BENCH_USERS], answer, (size_t) size);
    return 1;
}

static double s_peak (caller_t *caller, long time_ms)
{
    int64_t began = 0;
    long counted = 0;
    while (caller->sent < WINDOW)
        s_ask (caller);
    while (began == 0 || bench_now_ns () < began + time_ms * 1000000) {
        s_take (caller, 0);
        s_ask (caller);
        if (caller->answered == WARM_UP)
            began = bench_now_ns ();
        counted += began > 0;
    }
    const double rate = (double) counted / ((double) (bench_now_ns () - began) / 1e9);
    while (caller->answered < caller->sent)
        s_take (caller, 0);
    return rate;
}

static int64_t s_due_ns (const caller_t *caller, long number)
{
    return caller->began_ns + (int64_t) ((double) number * 1e9 / caller->rate);
}

static void s_beat (caller_t *caller, int timer)
{
    uint64_t beats = 0;
    zmq_pollitem_t items [] = { { caller->socket, 0, ZMQ_POLLIN, 0 }, { NULL, timer, ZMQ_POLLIN, 0 } };
    while (caller->answered < caller->count) {
        bench_check (zmq_poll (items, 2, -1) > 0, "poll");
        for (long number = caller->answered; s_take (caller, ZMQ_DONTWAIT); number++)
            caller->samples [number] = bench_now_ns () - s_due_ns (caller, number);
        if (items [1].revents == 0 || read (timer, &beats, sizeof beats) != sizeof beats)
            continue;
        const int64_t now = bench_now_ns ();
        while (caller->sent < caller->count && s_due_ns (caller, caller->sent) <= now)
            s_ask (caller);
    }
}

static void s_measure (caller_t *caller, long time_ms)
{
    const struct itimerspec beats = { .it_interval = { .tv_nsec = BEAT_NS }, .it_value = { .tv_nsec = BEAT_NS } };
    const double peak = s_peak (caller, time_ms);
    caller->rate = peak / 2;
    caller->count = (long) (caller->rate * (double) time_ms / 1e3) + 1;
    caller->samples = bench_allocate ((size_t) caller->count, sizeof *caller->samples);
    caller->sent = caller->answered = 0;
    const int timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK);
    bench_check (timer >= 0 && timerfd_settime (timer, 0, &beats, NULL) == 0, "timer");
    caller->began_ns = bench_now_ns ();
    s_beat (caller, timer);
    bench_print ("peak_rate", peak, "1/s");
    bench_print ("rate", (double) caller->count / ((double) (bench_now_ns () - caller->began_ns) / 1e9), "1/s");
    const long skipped = caller->count / SKIPPED_OF;
    const size_t timed = (size_t) (caller->count - skipped);
    int64_t *samples = caller->samples + skipped;
    bench_print_percentiles ("latency", samples, timed);
    bench_print ("p99_to_p50", (double) samples [timed * 99 / 100] / (double) samples [timed / 2], "1");
    close (timer);
    free (caller->samples);
}

int main (int argc, char **argv)
{
    const long time_ms = bench_count (argc, argv, 1, 2000);
    caller_t caller = { .users = NULL };
    bench_other_t other;
    bench_other_start (&other, "tcp", s_serve, NULL);
    void *context = zmq_ctx_new ();
    caller.users = bench_users_new ();
    caller.socket = s_socket (context, ZMQ_DEALER);
    bench_check (zmq_connect (caller.socket, other.endpoint) == 0, other.endpoint);
    s_measure (&caller, time_ms);
    zmq_close (caller.socket);
    zmq_ctx_term (context);
    bench_other_end (&other);
    free (caller.users);
    return 0;
}
