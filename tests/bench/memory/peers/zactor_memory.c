/*  =========================================================================
    memory/peers/zactor_memory.c - what an idle zactor costs

    Place: tests/bench. As memory/memory.c. Usage: zactor_memory ACTORS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <czmq.h>

static void s_idle (zsock_t *pipe, void *args)
{
    (void) args;
    zsock_signal (pipe, 0);
    zmsg_t *message = zmsg_recv (pipe);
    zmsg_destroy (&message);
}

int main (int argc, char **argv)
{
    const long count = bench_number (argc, argv, 1, 4000);
    zactor_t **actors = bench_allocate ((size_t) count, sizeof *actors);
    zsys_set_max_sockets (0);
    zsys_init ();
    const long resident = bench_resident_bytes ();
    const long descriptors = bench_descriptors ();
    for (long index = 0; index < count; index++) {
        actors [index] = zactor_new (s_idle, NULL);
        bench_check (actors [index] != NULL, "zactor");
    }
    bench_print_idle (resident, descriptors, count);
    for (long index = 0; index < count; index++)
        zactor_destroy (&actors [index]);
    free (actors);
    return 0;
}
