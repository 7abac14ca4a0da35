/*  =========================================================================
    context - czmq's process context, set up so that it cannot abort later

    Place: runtime/live. czmq takes SIGINT and SIGTERM when it is initialised.
    There is no asking it whether it has been; but initialising it again does
    nothing, so putting the handlers back as they were is right either way.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/context.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <czmq.h>

//  What the first socket of a context takes, threads, epolls and all, with room to spare.
#define S_FIRST_DESCRIPTORS 16u

bool troupe_context_has_descriptors (unsigned count)
{
    int probes [S_FIRST_DESCRIPTORS];
    unsigned taken = 0;
    while (taken < count && taken < S_FIRST_DESCRIPTORS) {
        int probe = eventfd (0, EFD_CLOEXEC);
        if (probe < 0)
            break;
        probes [taken++] = probe;
    }
    bool enough = taken == count || taken == S_FIRST_DESCRIPTORS;
    while (taken)
        close (probes [--taken]);
    return enough;
}

//  Signals wait meanwhile, as far as this thread would take them, since for a moment the handlers are czmq's.
static void *s_initialise (void)
{
    struct sigaction interrupt, terminate;
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    sigaction (SIGINT, NULL, &interrupt);
    sigaction (SIGTERM, NULL, &terminate);
    void *context = zsys_init ();
    sigaction (SIGINT, &interrupt, NULL);
    sigaction (SIGTERM, &terminate, NULL);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    return context;
}

//  libzmq reads it at the first socket and ignores it afterwards.
static void s_raise_limit (void *context)
{
    struct rlimit files;
    int most = zmq_ctx_get (context, ZMQ_SOCKET_LIMIT);
    if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_max < (rlim_t) most)
        most = (int) files.rlim_max;
    if (most > zmq_ctx_get (context, ZMQ_MAX_SOCKETS))
        zmq_ctx_set (context, ZMQ_MAX_SOCKETS, most);
}

troupe_error_t troupe_context_open (void **context_p)
{
    if (!troupe_context_has_descriptors (S_FIRST_DESCRIPTORS))
        return TROUPE_EFILES;
    void *context = s_initialise ();
    if (!context)
        return TROUPE_ENOMEM;
    s_raise_limit (context);
    void *first = zmq_socket (context, ZMQ_PAIR);
    if (!first)
        return troupe_error_from_errno (errno);
    zmq_close (first);
    *context_p = context;
    return TROUPE_OK;
}
