/*  =========================================================================
    bridge/nano.c - nanomsg's side of the bridge: a SUB and a PUB

    Place: samples/bridge; see nano.h. Source: nn_pubsub(7), and NN_RCVFD in
    nn_getsockopt(3).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "nano.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
#include <stdio.h>
#include <string.h>

static int s_fail (troupe_actor_t *actor, const char *what)
{
    return troupe_fail_error (actor, troupe_error_from_errno (nn_errno ()), what);
}

static int s_bind (troupe_actor_t *actor, int protocol, const char *option, int *socket_p)
{
    const char *endpoint = troupe_option (actor, option, "");
    *socket_p = nn_socket (AF_SP, protocol);
    if (*socket_p < 0 || nn_bind (*socket_p, endpoint) < 0)
        return s_fail (actor, endpoint);
    printf ("%-12s%s\n", option, endpoint);
    return 0;
}

//  Everything is subscribed to: what is wanted on the other side is not known here.
static int s_watch (nano_t *self, troupe_actor_t *actor, troupe_watch_fn *on_ready)
{
    int descriptor = -1;
    size_t size = sizeof descriptor;
    if (nn_setsockopt (self->in, NN_SUB, NN_SUB_SUBSCRIBE, "", 0) < 0
        || nn_getsockopt (self->in, NN_SOL_SOCKET, NN_RCVFD, &descriptor, &size) < 0)
        return s_fail (actor, "nanomsg");
    troupe_error_t error = troupe_watch (actor, descriptor, TROUPE_WATCH_READABLE, on_ready, NULL, &self->watch);
    return error ? troupe_fail_error (actor, error, "nanomsg's descriptor") : 0;
}

int nano_open (nano_t *self, troupe_actor_t *actor, troupe_watch_fn *on_ready)
{
    *self = (nano_t) { .in = -1, .out = -1 };
    int failed = s_bind (actor, NN_SUB, "nano-in", &self->in);
    if (!failed)
        failed = s_bind (actor, NN_PUB, "nano-out", &self->out);
    return failed ? failed : s_watch (self, actor, on_ready);
}

char *nano_take (nano_t *self, size_t *size_p)
{
    char *text = NULL;
    const int size = nn_recv (self->in, &text, NN_MSG, NN_DONTWAIT);
    *size_p = size < 0 ? 0 : (size_t) size;
    return size < 0 ? NULL : text;
}

void nano_free (char *text)
{
    nn_freemsg (text);
}

void nano_publish (nano_t *self, const troupe_bytes_t *frames, size_t count)
{
    size_t size = count - 1, end = 0;
    for (size_t index = 0; index < count; index++)
        size += frames [index].size;
    char *text = nn_allocmsg (size, 0);
    if (!text)
        return;
    for (size_t index = 0; index < count; index++) {
        if (index)
            text [end++] = ' ';
        if (frames [index].size)
            memcpy (text + end, frames [index].data, frames [index].size);
        end += frames [index].size;
    }
    if (nn_send (self->out, &text, NN_MSG, NN_DONTWAIT) < 0)
        nn_freemsg (text);
}

void nano_close (nano_t *self)
{
    troupe_unwatch (&self->watch);
    if (self->in >= 0)
        nn_close (self->in);
    if (self->out >= 0)
        nn_close (self->out);
}
