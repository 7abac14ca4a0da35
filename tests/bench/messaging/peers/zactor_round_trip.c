/*  =========================================================================
    messaging/peers/zactor_round_trip.c - czmq zactor and zmsg, there and back

    Place: tests/bench. A zmsg of one 16-byte frame each way over the actor's
    pipe. Usage: zactor_round_trip COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <czmq.h>

static void s_echo (zsock_t *pipe, void *args)
{
    (void) args;
    zsock_signal (pipe, 0);
    for (;;) {
        zmsg_t *message = zmsg_recv (pipe);
        if (message == NULL || zframe_streq (zmsg_first (message), "$TERM")) {
            zmsg_destroy (&message);
            return;
        }
        zmsg_send (&message, pipe);
    }
}

static void s_round_trip (zactor_t *actor)
{
    const char body [16] = { 0 };
    zmsg_t *message = zmsg_new ();
    zmsg_addmem (message, body, sizeof body);
    bench_check (zmsg_send (&message, actor) == 0, "send");
    message = zmsg_recv (actor);
    bench_check (message != NULL, "receive");
    zmsg_destroy (&message);
}

int main (int argc, char **argv)
{
    const long count = bench_number (argc, argv, 1, 20000);
    int64_t *samples = bench_allocate ((size_t) count, sizeof *samples);
    zactor_t *actor = zactor_new (s_echo, NULL);
    bench_check (actor != NULL, "zactor");
    for (long index = 0; index < count; index++) {
        const int64_t began = bench_now_ns ();
        s_round_trip (actor);
        samples [index] = bench_now_ns () - began;
    }
    bench_print_percentiles ("round_trip", samples, (size_t) count);
    zactor_destroy (&actor);
    free (samples);
    return 0;
}
