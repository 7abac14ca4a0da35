/*  =========================================================================
    hello_nanomsg/front.c - browsers on a raw ZeroMQ socket

    Place: samples/hello_nanomsg, the actor that owns the socket. A ZMQ_STREAM
    is all of TCP that ZeroMQ shows: an id and some bytes. No bytes mean that a
    browser has come, the next time that it has gone; sent, that it is to go.
    What HTTP is made of is for the wire of each browser (troupe/http_wire.h).

    What remains is ZMQ_STREAM's: it accepts as long as there are descriptors,
    and then spins. That is why troupe's own door (troupe/http.h) does not use
    it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "browser.h"

#include <stdio.h>
#include <stdlib.h>

//  More than these are not served, but disconnected.
#define S_BROWSERS_MAX 1000
//  Answers that wait for one browser that does not read.
#define S_UNREAD_MAX 16
#define S_LOOK_MS 100

static void s_nothing (front_t *front, browser_t *browser, const troupe_bytes_t *id)
{
    if (browser)
        browser_leave (browser);
    else if (front->count == S_BROWSERS_MAX || troupe_is_draining (front->self) || !browser_new (front, id)) {
        const troupe_bytes_t frames [] = { *id, { "", 0 } };
        troupe_zmq_send (front->socket, frames, 2);
    }
}

//  Bytes of one that is not known come from one that has been disconnected here.
static int s_message (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                      size_t count, void *context)
{
    (void) self;
    (void) socket;
    (void) context;
    if (count != 2 || !frames [0].size)
        return 0;
    browser_t *browser = browser_find (state, &frames [0]);
    if (!frames [1].size)
        s_nothing (state, browser, &frames [0]);
    else if (browser && !browser->left)
        browser_take (browser, frames [1].data, frames [1].size);
    return 0;
}

static int s_look (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    browsers_look (state);
    return 0;
}

static troupe_error_t s_bind (front_t *front, const char *endpoint)
{
    static const troupe_zmq_options_t options = { .send_limit = S_UNREAD_MAX };
    troupe_error_t error = troupe_zmq_open (front->self, TROUPE_ZMQ_STREAM, &options, s_message, NULL, &front->socket);
    if (!error)
        error = troupe_zmq_bind (front->socket, endpoint);
    return error;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    char endpoint [300];
    front_t *front = *state_p = calloc (1, sizeof (front_t));
    if (!front || !(front->response = troupe_response_new ()) || !(front->bridge = troupe_ref (self, "bridge"))
        || !troupe_every (self, S_LOOK_MS, s_look, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "the front");
    front->self = self;
    front->deadline_ms = troupe_option_number (self, "deadline", 2000, 1, 600000);
    snprintf (endpoint, sizeof endpoint, "tcp://%s", troupe_option (self, "http", "127.0.0.1:8080"));
    const troupe_error_t error = s_bind (front, endpoint);
    if (error)
        return troupe_fail_error (self, error, endpoint);
    printf ("%-10shttp%s/\n", "browsers", troupe_zmq_endpoint (front->socket) + 3);
    fflush (stdout);
    return 0;
}

//  Who has asked gets an answer first. To unbind here would end their connections too.
static int s_drain (troupe_actor_t *self, void *state)
{
    if (!((front_t *) state)->asking)
        troupe_exit (self);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    front_t *front = state;
    browsers_free (front);
    troupe_response_destroy (&front->response);
    free (front->out);
    free (front);
}

const troupe_behavior_t hello_front = {
    .name = "front", .start = s_start, .drain = s_drain, .stop = s_stop,
};
