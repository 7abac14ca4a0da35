/*  =========================================================================
    context - czmq's process context, set up so that it cannot abort later

    Place: runtime/live. Called from the thread that makes the troupe, before
    any other thread of it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_CONTEXT_H_INCLUDED
#define TROUPE_LIVE_CONTEXT_H_INCLUDED

#include <troupe/error.h>

/*  *context_p is the libzmq context of czmq (zsys_init), for zmq_socket; it belongs to czmq, which ends it when the
    process exits. A program that has initialised czmq before keeps its signal handlers, one that has not gets none of
    czmq's. The limit of sockets is raised as far as the limit of descriptors goes, unless there are sockets already.
    May be repeated. Not thread-safe, as zsys_init. Does not block.
      TROUPE_EFILES, TROUPE_ETHREAD   fewer descriptors or threads are free than libzmq needs to begin without aborting
      TROUPE_ENOMEM */
troupe_error_t troupe_context_open (void **context_p);

//  Whether 'count' descriptors are free just now: to be asked before what aborts when they are not (zsock_new).
//  Other threads may take them meanwhile. Any thread.
bool troupe_context_has_descriptors (unsigned count);

#endif
