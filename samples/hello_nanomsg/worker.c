/*  =========================================================================
    hello_nanomsg/worker.c - a nanomsg REP that says hello

    Place: samples/hello_nanomsg, a child process. It knows nothing of browsers,
    nor the bridge anything of it: it connects to where the bridge is, as any
    other program with a REP socket may.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "nanomsg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct worker {
    int socket;
} worker_t;

//  A REP receives the next request only after the answer to the last one.
static int s_ready (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self;
    (void) descriptor;
    (void) events;
    (void) context;
    static const char hello [] = "Hello World!!";
    const int socket = ((worker_t *) state)->socket;
    void *request;
    while (nn_recv (socket, &request, NN_MSG, NN_DONTWAIT) >= 0) {
        nn_freemsg (request);
        nn_send (socket, hello, strlen (hello), NN_DONTWAIT);
    }
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    const char *address = troupe_config (self, "children/worker/nanomsg", "");
    worker_t *worker = *state_p = malloc (sizeof *worker);
    if (!worker)
        return troupe_fail_error (self, TROUPE_ENOMEM, "a worker");
    const troupe_error_t error = nanomsg_open (self, AF_SP, NN_REP, false, address, s_ready, &worker->socket);
    if (error)
        return troupe_fail_error (self, error, address);
    printf ("%-10spid %ld\n", troupe_name (self), (long) getpid ());
    fflush (stdout);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    nanomsg_close (((worker_t *) state)->socket);
    free (state);
}

const troupe_behavior_t hello_worker = { .name = "worker", .start = s_start, .stop = s_stop };
