/*  =========================================================================
    context - czmq's process context, set up so that it cannot abort later

    Place: runtime/live. czmq takes SIGINT and SIGTERM when it is initialised.
    There is no asking it whether it has been; but initialising it again does
    nothing, so putting the handlers back as they were is right either way.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/context.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <czmq.h>

//  What the first socket of a context takes, epolls and all, with room to spare.
#define S_FIRST_DESCRIPTORS 16u
//  libzmq's own: the one for I/O and the reaper.
#define S_FIRST_THREADS 2u
//  What the table of descriptors is made to hold: 4,000 actors and their connections.
#define S_TABLE_DESCRIPTORS 16384u

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

static void *s_wait_for_word (void *argument)
{
    eventfd_t word;
    eventfd_read (*(int *) argument, &word);
    return NULL;
}

//  Whether so many threads can be had at once, found out by having them: libzmq aborts when it cannot have its own.
static bool s_has_threads (void)
{
    pthread_t threads [S_FIRST_THREADS];
    unsigned count = 0;
    int word = eventfd (0, EFD_CLOEXEC | EFD_SEMAPHORE);
    if (word < 0)
        return false;
    while (count < S_FIRST_THREADS && pthread_create (&threads [count], NULL, s_wait_for_word, &word) == 0)
        count++;
    bool enough = count == S_FIRST_THREADS;
    eventfd_write (word, S_FIRST_THREADS);
    while (count)
        pthread_join (threads [--count], NULL);
    close (word);
    return enough;
}

//  Signals are blocked meanwhile, since for a moment the handlers are czmq's.
static void *s_initialise (void)
{
    struct sigaction interrupt, terminate;
    sigaction (SIGINT, NULL, &interrupt);
    sigaction (SIGTERM, NULL, &terminate);
    void *context = zsys_init ();
    sigaction (SIGINT, &interrupt, NULL);
    sigaction (SIGTERM, &terminate, NULL);
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

/*  The system enlarges a process's table of descriptors by doubling it, and with several threads waits each time for
    all processors to take notice: milliseconds, again and again, while actors are spawned. One descriptor with a
    high number makes the table large at once; it takes 8 bytes an entry.                                  */
static void s_widen_descriptor_table (void)
{
    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files))
        return;
    rlim_t highest = files.rlim_cur < S_TABLE_DESCRIPTORS ? files.rlim_cur : S_TABLE_DESCRIPTORS;
    int low = eventfd (0, EFD_CLOEXEC);
    int high = low < 0 || highest < 1 ? -1 : fcntl (low, F_DUPFD_CLOEXEC, (int) highest - 1);
    if (high >= 0)
        close (high);
    if (low >= 0)
        close (low);
}

static troupe_error_t s_open (void **context_p)
{
    if (!troupe_context_has_descriptors (S_FIRST_DESCRIPTORS))
        return TROUPE_EFILES;
    s_widen_descriptor_table ();
    if (!s_has_threads ())
        return TROUPE_ETHREAD;
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

troupe_error_t troupe_context_open (void **context_p)
{
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    troupe_error_t error = s_open (context_p);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    return error;
}
