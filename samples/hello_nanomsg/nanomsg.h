/*  =========================================================================
    hello_nanomsg/nanomsg.h - nanomsg's sockets, in troupe's errors

    Place: samples/hello_nanomsg, for bridge.c and worker.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef NANOMSG_H_INCLUDED
#define NANOMSG_H_INCLUDED

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

#include "hello.h"

//  Opens a socket of a domain and protocol, bound to or connected with 'address', and watches it: 'on_ready' is
//  called when there is something to receive. nanomsg's threads do the rest. The caller closes *socket_p, which is -1
//  at first.
troupe_error_t nanomsg_open (troupe_actor_t *self, int domain, int protocol, bool binds, const char *address,
                             troupe_watch_fn *on_ready, int *socket_p);

//  Closes it, unless it is -1.
void nanomsg_close (int socket);

//  The largest number of a request.
#define NANOMSG_NUMBER_MAX 0x7FFFFFFFu

//  Sends a request on a raw REQ socket, with a number that its answer will have. False: no worker is there, or none
//  takes more.
bool nanomsg_ask (int socket, uint32_t number, const void *data, size_t size);

//  Receives an answer, which nn_freemsg frees, and its number. Its size, or -1 when there is none.
int nanomsg_answer (int socket, uint32_t *number_p, void **data_p);

//  Prints how many workers are connected, if it is not the count of the last time.
void nanomsg_print_peers (int socket, uint64_t *count);

#endif
