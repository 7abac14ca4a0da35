/*  =========================================================================
    hello_nanomsg/bridge.c - from troupe's calls to nanomsg's requests

    Place: samples/hello_nanomsg, the actor that owns the nanomsg socket, a raw
    REQ that workers connect to. Requests are numbered and given to the workers
    in turn; answers come in any order. nanomsg does not tell when a worker dies
    with a request: one that may be asked twice, a GET or the like, goes to the
    next worker after a quarter of a second, as a REQ does it after a minute. What
    is answered a second time is dropped. Whatever has no answer in time gets
    504, or 503 if no worker was there to take it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "nanomsg.h"
#include "waiting.h"

#include <stdio.h>
#include <stdlib.h>

#define S_WAITING_MAX 1000
#define S_AGAIN_MS 250
#define S_LOOK_MS 50

typedef struct bridge {
    int socket;
    troupe_response_t *response;
    waiting_t *first;
    size_t count;
    uint32_t last_number;
    uint64_t workers;               //  That were connected when that was looked at last
} bridge_t;

static void s_end (bridge_t *bridge, waiting_t **place)
{
    waiting_end (place, bridge->response);
    bridge->count--;
}

//  What finds no room, or no worker, is tried again later.
static void s_send (bridge_t *bridge, waiting_t *waiting, int64_t now_ms)
{
    if (!nanomsg_ask (bridge->socket, waiting->number, waiting->text, waiting->size))
        return;
    waiting->sent = true;
    waiting->again_ms = waiting->repeatable ? now_ms + S_AGAIN_MS : INT64_MAX;
}

//  Before the caller's time is over, so that it hears why.
static int s_look (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    bridge_t *bridge = state;
    const int64_t now_ms = troupe_now_ms (self);
    waiting_t **place = &bridge->first;
    nanomsg_print_peers (bridge->socket, &bridge->workers);
    while (*place) {
        waiting_t *waiting = *place;
        if (waiting_is_over (waiting, now_ms, 2 * S_LOOK_MS)) {
            waiting_apologise (waiting, bridge->response);
            s_end (bridge, place);
            continue;
        }
        if (now_ms >= waiting->again_ms)
            s_send (bridge, waiting, now_ms);
        place = &waiting->next;
    }
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    bridge_t *bridge = state;
    troupe_request_t request;
    if (troupe_message_tag (message) != TROUPE_TAG_REQUEST
        || troupe_request_from_message (message, &request) != TROUPE_OK)
        return (int) troupe_reply_failure (self, message, "this is no request");
    if (bridge->count == S_WAITING_MAX)
        return waiting_refuse (self, message, bridge->response, "Too many requests are waiting.");
    waiting_t *waiting = waiting_new (&bridge->first, self, message, &request);
    if (!waiting)
        return waiting_refuse (self, message, bridge->response, "There is no memory for the request.");
    bridge->count++;
    waiting->number = bridge->last_number = (bridge->last_number + 1) & NANOMSG_NUMBER_MAX;
    s_send (bridge, waiting, troupe_now_ms (self));
    return 0;
}

static void s_answer (bridge_t *bridge, uint32_t number, const void *text, size_t size)
{
    waiting_t **place = waiting_find (&bridge->first, number);
    if (!place)
        return;
    troupe_response_reset (bridge->response);
    troupe_response_type (bridge->response, "text/plain; charset=utf-8");
    troupe_response_body (bridge->response, text, size);
    s_end (bridge, place);
}

static int s_ready (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self, (void) descriptor, (void) events, (void) context;
    bridge_t *bridge = state;
    void *text;
    uint32_t number;
    for (int size; (size = nanomsg_answer (bridge->socket, &number, &text)) >= 0;) {
        s_answer (bridge, number, text, (size_t) size);
        nn_freemsg (text);
    }
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    const char *address = troupe_option (self, "nanomsg", "");
    bridge_t *bridge = *state_p = calloc (1, sizeof *bridge);
    if (!bridge)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the bridge");
    bridge->socket = -1;
    bridge->response = troupe_response_new ();
    if (!bridge->response || !troupe_every (self, S_LOOK_MS, s_look, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "the bridge");
    const troupe_error_t error = nanomsg_open (self, AF_SP_RAW, NN_REQ, true, address, s_ready, &bridge->socket);
    if (error)
        return troupe_fail_error (self, error, address);
    printf ("%-10s%s\n", "nanomsg", address);
    fflush (stdout);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    bridge_t *bridge = state;
    while (bridge->first) {
        troupe_response_problem (bridge->response, 503, "The bridge has ended.");
        waiting_end (&bridge->first, bridge->response);
    }
    nanomsg_close (bridge->socket);
    troupe_response_destroy (&bridge->response);
    free (bridge);
}

const troupe_behavior_t hello_bridge = {
    .name = "bridge", .start = s_start, .receive = s_receive, .stop = s_stop,
};
