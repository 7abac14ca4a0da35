/*  =========================================================================
    streams.c - streams of several actors at once, failing now and then

    Place: tests/thread, for ThreadSanitizer. Servers echo, and fail at every
    so many bytes; clients in actors of their own connect, play ball, and
    connect again when they lose the connection. Nothing may be shared.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#define S_THROWS 300
#define S_FAILS_AT 97
#define S_PAIRS 2

//  --- The server

typedef struct {
    troupe_listener_t *listener;
    unsigned thrown;
} s_server_t;

static int s_serve (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                    void *context)
{
    s_server_t *server = state;
    (void) context;
    if (event->kind == TROUPE_STREAM_END)
        troupe_stream_close (stream);
    if (event->kind != TROUPE_STREAM_BYTES)
        return 0;
    event->consumed = event->size;
    if (++server->thrown == S_FAILS_AT)
        return troupe_fail (self, 1, "on purpose");
    return troupe_stream_write (stream, event->data, event->size) ? troupe_fail (self, 2, "no room") : 0;
}

static int s_server_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    s_server_t *server = calloc (1, sizeof *server);
    *state_p = server;
    if (!server)
        return troupe_fail_error (self, TROUPE_ENOMEM, "start");
    troupe_error_t error = troupe_listen (self, "127.0.0.1:0", NULL, s_serve, NULL, &server->listener);
    return error ? troupe_fail_error (self, error, "listen") : 0;
}

static int s_server_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const s_server_t *server = state;
    return troupe_replyf (self, message, "%s", troupe_listener_address (server->listener));
}

static void s_server_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_server = {
    .name = "server", .start = s_server_start, .receive = s_server_receive, .stop = s_server_stop,
};

//  --- The client, which is told where

typedef struct {
    char where [64];
    unsigned caught;
    troupe_stream_t *stream;
    troupe_caller_t *caller;
} s_client_t;

static int s_play (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                   void *context);

static int s_connect (troupe_actor_t *self, s_client_t *client)
{
    troupe_error_t error = troupe_connect (self, client->where, NULL, s_play, NULL, &client->stream);
    return error ? troupe_fail_error (self, error, "connect") : 0;
}

static int s_play (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                   void *context)
{
    s_client_t *client = state;
    (void) context;
    if (event->kind == TROUPE_STREAM_CLOSED && client->caught < S_THROWS)
        return s_connect (self, client);
    if (event->kind == TROUPE_STREAM_END)
        troupe_stream_close (stream);
    if (event->kind == TROUPE_STREAM_BYTES) {
        event->consumed = event->size;
        client->caught++;
    }
    if (client->caught < S_THROWS && (event->kind == TROUPE_STREAM_BYTES || event->kind == TROUPE_STREAM_CONNECTED))
        troupe_stream_write (stream, "ball", 4);
    else if (client->caught == S_THROWS && event->kind == TROUPE_STREAM_BYTES) {
        troupe_stream_close (stream);
        troupe_answer (&client->caller, NULL, 0);
    }
    return 0;
}

static int s_client_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (s_client_t));
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "start");
}

static int s_client_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_client_t *client = state;
    snprintf (client->where, sizeof client->where, "%s", troupe_message_text (message));
    client->caller = troupe_defer (self, message);
    return s_connect (self, client);
}

static const troupe_behavior_t s_client = {
    .name = "client", .start = s_client_start, .receive = s_client_receive, .stop = s_server_stop,
};

static const troupe_child_t s_children [] = {
    { .id = "server", .behavior = &s_server, .instances = S_PAIRS },
    { .id = "client", .behavior = &s_client, .instances = S_PAIRS },
    { 0 },
};

static const troupe_supervisor_t s_root = { .intensity = 100, .children = s_children };

//  --- The referee

static int s_on_done (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context)
{
    unsigned *finished = context;
    (void) self;
    (void) state;
    (void) reply;
    if (outcome == TROUPE_CALL_OK)
        ++*finished;
    else
        fprintf (stderr, "a client ended with %s\n", troupe_outcome_name (outcome));
    return 0;
}

//  Tells a client where its server is.
static bool s_begin (troupe_t *troupe, unsigned pair, unsigned *finished)
{
    char server [32], client [32];
    troupe_message_t *where = NULL;
    snprintf (server, sizeof server, "server-%u", pair);
    snprintf (client, sizeof client, "client-%u", pair);
    if (troupe_call_wait (troupe, server, 0, NULL, 0, 10000, &where) != TROUPE_CALL_OK)
        return false;
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), client);
    troupe_error_t error = troupe_call (ref, 0, troupe_message_data (where), troupe_message_size (where), 60000,
                                        s_on_done, finished, NULL);
    troupe_message_destroy (&where);
    return error == TROUPE_OK;
}

int main (void)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, NULL);
    unsigned finished = 0;
    bool begun = troupe && troupe_start (troupe, &s_root, 10000) == TROUPE_OK;
    for (unsigned pair = 1; begun && pair <= S_PAIRS; pair++)
        begun = s_begin (troupe, pair, &finished);
    while (begun && finished < S_PAIRS && troupe_run (troupe, 60000) == TROUPE_OK)
        continue;
    bool stopped = troupe && troupe_stop (troupe, 10000) == TROUPE_OK;
    troupe_destroy (&troupe);
    return finished == S_PAIRS && stopped ? 0 : 1;
}
