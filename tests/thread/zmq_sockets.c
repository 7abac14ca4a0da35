/*  =========================================================================
    zmq_sockets.c - ZeroMQ sockets of several actors at once, failing now and then

    Place: tests/thread, for ThreadSanitizer. A server answers at an ipc path,
    through a proxy whose large frames are shared, not copied; it fails at every
    so many questions. Clients ask on, and ask again when an answer is lost.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <troupe.h>

#define S_QUESTIONS 200
#define S_FAILS_AT 67
#define S_CLIENTS 2
#define S_SIZE 4000
#define S_AGAIN_MS 200

//  Where they are: made by main before anybody starts, and not changed after.
typedef struct {
    char front [160], back [160];
} s_places_t;

//  --- The server

static int s_answer (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                     size_t count, void *context)
{
    unsigned *answered = state;
    (void) context;
    if (++*answered == S_FAILS_AT)
        return troupe_fail (self, 1, "on purpose");
    return (int) troupe_zmq_send (socket, frames, count);
}

static int s_server_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    const s_places_t *places = args;
    troupe_zmq_t *socket = NULL;
    (void) args_size;
    *state_p = calloc (1, sizeof (unsigned));
    troupe_error_t error = *state_p ? troupe_zmq_open (self, TROUPE_ZMQ_REP, NULL, s_answer, NULL, &socket)
                                    : TROUPE_ENOMEM;
    if (!error)
        error = troupe_zmq_bind (socket, places->back);
    return error ? troupe_fail_error (self, error, "server") : 0;
}

static void s_free (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_server = { .name = "server", .start = s_server_start, .stop = s_free };

//  --- The proxy

typedef struct {
    troupe_zmq_t *front, *back;
} s_proxy_t;

//  What cannot be passed on now is lost: its client asks again.
static int s_pass_on (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                      size_t count, void *context)
{
    s_proxy_t *proxy = state;
    (void) self;
    (void) context;
    troupe_zmq_send (socket == proxy->front ? proxy->back : proxy->front, frames, count);
    return 0;
}

static int s_proxy_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    const s_places_t *places = args;
    s_proxy_t *proxy = calloc (1, sizeof *proxy);
    (void) args_size;
    *state_p = proxy;
    troupe_error_t error = proxy ? TROUPE_OK : TROUPE_ENOMEM;
    if (!error)
        error = troupe_zmq_open (self, TROUPE_ZMQ_ROUTER, NULL, s_pass_on, NULL, &proxy->front);
    if (!error)
        error = troupe_zmq_open (self, TROUPE_ZMQ_DEALER, NULL, s_pass_on, NULL, &proxy->back);
    if (!error)
        error = troupe_zmq_bind (proxy->front, places->front);
    if (!error)
        error = troupe_zmq_connect (proxy->back, places->back);
    return error ? troupe_fail_error (self, error, "proxy") : 0;
}

static const troupe_behavior_t s_proxy = { .name = "proxy", .start = s_proxy_start, .stop = s_free };

//  --- The clients

typedef struct {
    troupe_zmq_t *socket;
    troupe_caller_t *caller;
    troupe_timer_t timer;
    unsigned answered;
    unsigned char question [S_SIZE];
} s_client_t;

static int s_ask (troupe_actor_t *self, void *state, void *context)
{
    s_client_t *client = state;
    const troupe_bytes_t frame = { client->question, sizeof client->question };
    (void) context;
    memset (client->question, (int) client->answered, sizeof client->question);
    troupe_zmq_send (client->socket, &frame, 1);
    client->timer = troupe_after (self, S_AGAIN_MS, s_ask, NULL);
    return 0;
}

static int s_on_answer (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                        size_t count, void *context)
{
    s_client_t *client = state;
    (void) socket;
    (void) context;
    if (count != 1 || frames [0].size != S_SIZE || memcmp (frames [0].data, client->question, S_SIZE) != 0)
        return troupe_fail (self, 2, "another's answer");
    troupe_cancel (self, client->timer);
    if (++client->answered < S_QUESTIONS)
        return s_ask (self, state, NULL);
    troupe_answer (&client->caller, NULL, 0);
    return 0;
}

static int s_client_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    const s_places_t *places = args;
    const troupe_zmq_options_t options = { .relaxed = true };
    s_client_t *client = calloc (1, sizeof *client);
    (void) args_size;
    *state_p = client;
    troupe_error_t error = client ? TROUPE_OK : TROUPE_ENOMEM;
    if (!error)
        error = troupe_zmq_open (self, TROUPE_ZMQ_REQ, &options, s_on_answer, NULL, &client->socket);
    if (!error)
        error = troupe_zmq_connect (client->socket, places->front);
    return error ? troupe_fail_error (self, error, "client") : 0;
}

static int s_client_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_client_t *client = state;
    client->caller = troupe_defer (self, message);
    return s_ask (self, state, NULL);
}

static const troupe_behavior_t s_client = {
    .name = "client", .start = s_client_start, .receive = s_client_receive, .stop = s_free,
};

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

static bool s_play (troupe_t *troupe)
{
    unsigned finished = 0;
    bool begun = true;
    for (unsigned number = 1; begun && number <= S_CLIENTS; number++) {
        char name [32];
        snprintf (name, sizeof name, "client-%u", number);
        begun = troupe_call (troupe_ref (troupe_guest (troupe), name), 0, NULL, 0, 60000, s_on_done, &finished, NULL)
                == TROUPE_OK;
    }
    while (begun && finished < S_CLIENTS && troupe_run (troupe, 60000) == TROUPE_OK)
        continue;
    return finished == S_CLIENTS;
}

static bool s_run (const s_places_t *places)
{
    const troupe_child_t children [] = {
        { .id = "server", .behavior = &s_server, .args = places, .args_size = sizeof *places },
        { .id = "proxy", .behavior = &s_proxy, .args = places, .args_size = sizeof *places },
        { .id = "client", .behavior = &s_client, .args = places, .args_size = sizeof *places,
          .instances = S_CLIENTS },
        { 0 },
    };
    const troupe_supervisor_t root = { .intensity = 100, .children = children };
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, NULL);
    bool played = troupe && troupe_start (troupe, &root, 10000) == TROUPE_OK && s_play (troupe);
    bool stopped = troupe && troupe_stop (troupe, 10000) == TROUPE_OK;
    troupe_destroy (&troupe);
    return played && stopped;
}

int main (void)
{
    s_places_t places;
    char folder [128];
    const char *base = getenv ("TMPDIR");
    snprintf (folder, sizeof folder, "%s/zmq-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp (folder))
        return 2;
    snprintf (places.front, sizeof places.front, "ipc://%s/front", folder);
    snprintf (places.back, sizeof places.back, "ipc://%s/back", folder);
    bool good = s_run (&places);
    unlink (places.front + sizeof "ipc://" - 1);
    unlink (places.back + sizeof "ipc://" - 1);
    rmdir (folder);
    return good ? 0 : 1;
}
