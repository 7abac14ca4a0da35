/*  =========================================================================
    bridge.c - one actor joins a nanomsg network and a ZeroMQ one

    Place: samples/bridge/. What is published on either side is published on
    the other. The topic is nanomsg's first word and ZeroMQ's first frame; as a
    frame of its own, a prefix does not match beyond it.

        nanomsg PUB  ->  SUB bridge PUB  ->  SUB ZeroMQ
        nanomsg SUB  <-  PUB bridge SUB  <-  PUB ZeroMQ

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nano.h"

#define S_BATCH 100             //  Messages of nanomsg's in one turn: the other side is not to wait for all of them

typedef struct bridge {
    nano_t nano;
    troupe_zmq_t *in, *out;     //  ZeroMQ's SUB and PUB
} bridge_t;

//  What others have sent does not steer this terminal.
static void s_show (const char *way, const troupe_bytes_t *frames, size_t count)
{
    printf ("%-10s", way);
    for (size_t index = 0; index < count; index++) {
        const unsigned char *text = frames [index].data;
        putchar (' ');
        for (size_t place = 0; place < frames [index].size; place++)
            putchar (text [place] < ' ' || text [place] == 127 ? '?' : text [place]);
    }
    putchar ('\n');
}

//  "Oslo/ 28 C" becomes the frames "Oslo/" and "28 C".
static int s_to_zeromq (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self, (void) descriptor, (void) events, (void) context;
    bridge_t *bridge = state;
    size_t size;
    char *text;
    for (int taken = 0; taken < S_BATCH && (text = nano_take (&bridge->nano, &size)) != NULL; taken++) {
        const char *blank = memchr (text, ' ', size);
        const size_t topic = blank ? (size_t) (blank - text) : size;
        const troupe_bytes_t frames [2] = { { text, topic }, { text + topic + 1, blank ? size - topic - 1 : 0 } };
        s_show ("to zeromq", frames, blank ? 2 : 1);
        troupe_zmq_send (bridge->out, frames, blank ? 2 : 1);
        nano_free (text);
    }
    return 0;
}

//  And the other way round.
static int s_to_nanomsg (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                         size_t count, void *context)
{
    (void) self, (void) socket, (void) context;
    bridge_t *bridge = state;
    s_show ("to nanomsg", frames, count);
    nano_publish (&bridge->nano, frames, count);
    return 0;
}

static int s_bind (troupe_actor_t *self, troupe_zmq_type_t type, const char *option, troupe_zmq_fn *on_message,
                   troupe_zmq_t **socket_p)
{
    //  Anyone may publish, with heartbeats too
    static const troupe_zmq_options_t options = { .receive_limit = TROUPE_ZMQ_NO_LIMIT };
    const char *endpoint = troupe_option (self, option, "");
    troupe_error_t error = troupe_zmq_open (self, type, &options, on_message, NULL, socket_p);
    if (!error)
        error = troupe_zmq_bind (*socket_p, endpoint);
    if (error)
        return troupe_fail_error (self, error, endpoint);
    printf ("%-12s%s\n", option, troupe_zmq_endpoint (*socket_p));
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    bridge_t *bridge = *state_p = calloc (1, sizeof *bridge);
    if (!bridge)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the bridge");
    int failed = nano_open (&bridge->nano, self, s_to_zeromq);
    if (!failed)
        failed = s_bind (self, TROUPE_ZMQ_SUB, "zmq-in", s_to_nanomsg, &bridge->in);
    if (!failed)
        failed = s_bind (self, TROUPE_ZMQ_PUB, "zmq-out", NULL, &bridge->out);
    return failed ? failed : (int) troupe_zmq_subscribe (bridge->in, "", 0);
}

//  What the runtime did not open is the actor's to close.
static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    bridge_t *bridge = state;
    nano_close (&bridge->nano);
    free (bridge);
}

static const troupe_behavior_t s_bridge = { .name = "bridge", .start = s_start, .stop = s_stop };

static const troupe_child_t s_children [] = {
    { .id = "bridge", .behavior = &s_bridge },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "nano-in", .value = "ENDPOINT", .paths = "children/bridge/nano-in", .fallback = "tcp://127.0.0.1:5581",
      .help = "Where publishers of nanomsg connect" },
    { .name = "nano-out", .value = "ENDPOINT", .paths = "children/bridge/nano-out",
      .fallback = "tcp://127.0.0.1:5582", .help = "Where subscribers of nanomsg connect" },
    { .name = "zmq-in", .value = "ENDPOINT", .paths = "children/bridge/zmq-in", .fallback = "tcp://127.0.0.1:5583",
      .help = "Where publishers of ZeroMQ connect; port * picks a free one" },
    { .name = "zmq-out", .value = "ENDPOINT", .paths = "children/bridge/zmq-out", .fallback = "tcp://127.0.0.1:5584",
      .help = "Where subscribers of ZeroMQ connect; port * picks a free one" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "bridge", .summary = "Joins a nanomsg network and a ZeroMQ one", .children = s_children,
        .options = s_options,
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
