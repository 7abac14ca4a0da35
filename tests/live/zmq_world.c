/*  =========================================================================
    zmq_world.c - an actor with a ZeroMQ socket, and peers that are none of ours

    Place: tests/live; see zmq_world.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "zmq_world.h"

#define S_PEER_MS 10000

static void *s_context;
static unsigned s_peers;

//  --- The edge

static troupe_error_t s_open (troupe_actor_t *self, zmq_edge_t *edge, const zmq_plan_t *plan)
{
    troupe_error_t error = troupe_zmq_open (self, plan->type, &plan->options, plan->on_message, edge, &edge->socket);
    if (!error && plan->subscribe)
        error = troupe_zmq_subscribe (edge->socket, plan->subscribe, strlen (plan->subscribe));
    if (!error && plan->bind)
        error = troupe_zmq_bind (edge->socket, plan->bind);
    if (!error && plan->connect)
        error = troupe_zmq_connect (edge->socket, plan->connect);
    return error;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    zmq_plan_t plan;
    zmq_edge_t *edge = calloc (1, sizeof *edge);
    *state_p = edge;
    memcpy (&plan, args, args_size);
    troupe_error_t error = edge ? s_open (self, edge, &plan) : TROUPE_ENOMEM;
    return error ? troupe_fail_error (self, error, "the edge") : 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    return world_doer.receive (self, state, message);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_edge = { .name = "edge", .start = s_start, .receive = s_receive, .stop = s_stop };

static void s_no_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

troupe_t *zmq_world_set (const zmq_plan_t *plan, const char *const *settings)
{
    const troupe_child_t children [] = {
        { .id = "edge", .behavior = &s_edge, .args = plan, .args_size = sizeof *plan }, { 0 },
    };
    const troupe_supervisor_t root = { .children = children, .intensity = 100000 };
    const troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_no_log, .settings = settings };
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    cr_assert_eq (troupe_start (troupe, &root, WORLD_MS), TROUPE_OK);
    return troupe;
}

troupe_t *zmq_world_new (const zmq_plan_t *plan)
{
    return zmq_world_set (plan, NULL);
}

static int s_where (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) word;
    const zmq_edge_t *edge = state;
    return troupe_replyf (self, message, "%s", troupe_zmq_endpoint (edge->socket));
}

const char *zmq_world_where (troupe_t *troupe)
{
    return world_ask (troupe, "edge", s_where, 0, NULL) + sizeof "OK";
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) message;
    (void) word;
    return troupe_fail (self, 1, "on purpose");
}

void zmq_world_restart (troupe_t *troupe)
{
    world_tell (troupe, "edge", s_fail, 0, NULL);
    cr_assert_eq (strncmp (world_ask (troupe, "edge", s_where, 0, NULL), "OK", 2), 0);
}

static int s_take_text (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) word;
    zmq_edge_t *edge = state;
    int result = troupe_replyf (self, message, "%s", edge->text);
    edge->text [0] = 0;
    return result;
}

//  Each question is a turn of the edge's, in which what has arrived is handled first or next.
const char *zmq_world_text (troupe_t *troupe)
{
    const char *text = "";
    for (int turn = 0; turn < 100000 && !*text; turn++)
        text = world_ask (troupe, "edge", s_take_text, 0, NULL) + sizeof "OK";
    return text;
}

//  --- What edges do

int zmq_echo (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
              void *context)
{
    (void) state;
    (void) context;
    troupe_error_t error = troupe_zmq_send (socket, frames, count);
    return error ? troupe_fail_error (self, error, "echo") : 0;
}

int zmq_note (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
              void *context)
{
    (void) self;
    (void) state;
    (void) socket;
    zmq_edge_t *edge = context;
    size_t size = strlen (edge->text), room = sizeof edge->text;
    for (size_t index = 0; index < count; index++)
        size += (size_t) snprintf (edge->text + size, size < room ? room - size : 0, "%.*s%s",
                                   (int) frames [index].size, (const char *) frames [index].data,
                                   index + 1 < count ? "|" : ";");
    return 0;
}

size_t zmq_split (char *text, troupe_bytes_t *frames)
{
    size_t count = 0;
    for (char *bar; (bar = strchr (text, '|')) && count < 7; text = bar + 1)
        frames [count++] = (troupe_bytes_t) { text, (size_t) (bar - text) };
    frames [count++] = (troupe_bytes_t) { text, strlen (text) };
    return count;
}

int zmq_say (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    char text [sizeof word->text];
    troupe_bytes_t frames [8];
    zmq_edge_t *edge = state;
    strcpy (text, word->text);
    troupe_error_t error = troupe_zmq_send (edge->socket, frames, zmq_split (text, frames));
    return troupe_replyf (self, message, "%s", error ? troupe_error_name (error) : "sent");
}

//  --- Peers

static void *s_peer (int type)
{
    int wait_ms = S_PEER_MS, none = 0, few = 10;
    if (!s_context)
        s_context = zmq_ctx_new ();
    void *peer = zmq_socket (s_context, type);
    cr_assert_not_null (peer);
    zmq_setsockopt (peer, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    zmq_setsockopt (peer, ZMQ_SNDTIMEO, &wait_ms, sizeof wait_ms);
    zmq_setsockopt (peer, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt (peer, ZMQ_RCVHWM, &few, sizeof few);
    s_peers++;
    return peer;
}

void *zmq_peer_bind (int type, char *where, size_t size)
{
    void *peer = s_peer (type);
    cr_assert_eq (zmq_bind (peer, "tcp://127.0.0.1:*"), 0);
    cr_assert_eq (zmq_getsockopt (peer, ZMQ_LAST_ENDPOINT, where, &size), 0);
    return peer;
}

void *zmq_peer_connect (int type, const char *endpoint)
{
    void *peer = s_peer (type);
    cr_assert_eq (zmq_connect (peer, endpoint), 0, "%s: %s", endpoint, zmq_strerror (zmq_errno ()));
    return peer;
}

void zmq_peer_send (void *peer, const char *text)
{
    for (const char *bar; (bar = strchr (text, '|')); text = bar + 1)
        cr_assert_geq (zmq_send (peer, text, (size_t) (bar - text), ZMQ_SNDMORE), 0);
    cr_assert_geq (zmq_send (peer, text, strlen (text), 0), 0, "%s", zmq_strerror (zmq_errno ()));
}

const char *zmq_peer_receive (void *peer)
{
    static char text [1024];
    int more = 1;
    size_t size = 0, more_size = sizeof more;
    while (more) {
        int length = zmq_recv (peer, text + size, sizeof text - size - 2, 0);
        if (length < 0)
            return "(nothing)";
        size += (size_t) length;
        zmq_getsockopt (peer, ZMQ_RCVMORE, &more, &more_size);
        if (more)
            text [size++] = '|';
    }
    text [size] = 0;
    return text;
}

void zmq_peer_close (void *peer)
{
    zmq_close (peer);
    if (--s_peers)
        return;
    zmq_ctx_term (s_context);
    s_context = NULL;
}
