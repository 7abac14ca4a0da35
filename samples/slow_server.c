/*  =========================================================================
    slow_server.c - a REP socket, and every third answer takes a second

    Place: samples/. Shows that an actor may answer later: it sets a timer and
    goes on, and ZeroMQ keeps the next question until this one is answered.
    Ask it with eager_client, or with a REQ socket in any language.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include <troupe.h>

#define S_QUESTION_MAX 200

typedef struct server {
    troupe_zmq_t *socket;
    int count;                          //  Questions so far
    char answer [S_QUESTION_MAX + 20];  //  To the one question that REP has handed out
} server_t;

static int s_answer (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    server_t *server = state;
    troupe_error_t error = troupe_zmq_send_text (server->socket, server->answer);
    return error ? troupe_fail_error (self, error, "the answer") : 0;
}

//  The article's server: what it was asked, as JSON. A question that is no plain number or word is answered as such.
static int s_question (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                       size_t count, void *context)
{
    (void) socket;
    (void) context;
    server_t *server = state;
    const char *text = frames [0].data;
    bool plain = count == 1 && frames [0].size <= S_QUESTION_MAX;
    for (size_t index = 0; plain && index < frames [0].size; index++)
        plain = text [index] >= ' ' && text [index] < 127 && text [index] != '"' && text [index] != '\\';
    if (plain)
        snprintf (server->answer, sizeof server->answer, "{\"response\":\"%.*s\"}", (int) frames [0].size, text);
    else
        snprintf (server->answer, sizeof server->answer, "{\"error\":\"one short word, please\"}");
    int64_t delay_ms = ++server->count % 3 == 0 ? 1000 : 1;
    printf ("%5d  %5d ms  %s\n", server->count, (int) delay_ms, server->answer);
    return troupe_after (self, delay_ms, s_answer, NULL) ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "a timer");
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    const char *endpoint = troupe_option (self, "bind", "");
    server_t *server = *state_p = calloc (1, sizeof *server);
    troupe_error_t error = server ? troupe_zmq_open (self, TROUPE_ZMQ_REP, NULL, s_question, NULL, &server->socket)
                                  : TROUPE_ENOMEM;
    if (!error)
        error = troupe_zmq_bind (server->socket, endpoint);
    if (error)
        return troupe_fail_error (self, error, endpoint);
    printf ("slow_server ready %s\n", troupe_zmq_endpoint (server->socket));
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_server = { .name = "server", .start = s_start, .stop = s_stop };

static const troupe_child_t s_children [] = {
    { .id = "server", .behavior = &s_server },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "listen", .value = "ENDPOINT", .paths = "children/server/bind", .fallback = "tcp://127.0.0.1:5454",
      .help = "Where it is asked; port * picks a free one" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "slow_server", .summary = "A REP socket, and every third answer takes a second",
        .children = s_children, .options = s_options,
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
