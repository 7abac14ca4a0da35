/*  =========================================================================
    eager_client.c - a REQ socket, and a question every tenth of a second

    Place: samples/. Shows how questions queue up behind a slow server, and
    what to do when it is started again: REQ would wait for the lost answer for
    ever, so it is 'relaxed', and the question is asked again.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include <troupe.h>

//  The queue is two numbers: questions are 0, 1, 2 ..., and those from 'answered' to 'made' wait.
typedef struct client {
    troupe_zmq_t *socket;
    int64_t count, made, answered;
    bool there, asked;              //  The server is; the first of them is with it
    troupe_timer_t patience;        //  Runs while nobody is there
} client_t;

static int s_give_up (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    client_t *client = state;
    return troupe_fail (self, 1, "nobody is at %s; %d questions are not answered", troupe_option (self, "connect", ""),
                        (int) (client->made - client->answered));
}

static int s_be_patient (troupe_actor_t *self, client_t *client)
{
    int64_t seconds = troupe_option_number (self, "patience", 30, 1, 1000000);
    client->patience = troupe_after (self, 1000 * seconds, s_give_up, NULL);
    return client->patience ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "a timer");
}

//  Asks the first question that waits. If that is refused, WRITABLE comes here again.
static void s_ask (client_t *client)
{
    char question [24];
    snprintf (question, sizeof question, "%lld", (long long) client->answered);
    if (client->there && !client->asked && client->answered < client->made)
        client->asked = troupe_zmq_send_text (client->socket, question) == TROUPE_OK;
}

static int s_make (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    client_t *client = state;
    if (client->made == client->count)
        return 0;
    client->made++;
    s_ask (client);
    printf ("%lld message queued\n", (long long) (client->made - client->answered - client->asked));
    return 0;
}

//  'relaxed' lets only the answer to the last attempt through, so that it is the first question's.
static int s_answer (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                     size_t count, void *context)
{
    (void) socket;
    (void) count;
    (void) context;
    client_t *client = state;
    printf ("%.*s\n", (int) frames [0].size, (const char *) frames [0].data);
    client->answered++;
    client->asked = false;
    s_ask (client);
    if (client->answered == client->count)
        troupe_exit (self);
    return 0;
}

static int s_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                    const char *endpoint, void *context)
{
    (void) socket, (void) endpoint, (void) context;
    client_t *client = state;
    if (event == TROUPE_ZMQ_CONNECTED || event == TROUPE_ZMQ_DISCONNECTED) {
        client->there = event == TROUPE_ZMQ_CONNECTED;
        client->asked = false;
        printf ("the server is %s\n", client->there ? "there" : "gone");
        troupe_cancel (self, client->patience);
        client->patience = 0;
    }
    s_ask (client);
    return client->there || client->patience ? 0 : s_be_patient (self, client);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    //  'immediate': what is not asked yet stays here while nobody is connected, and is not asked twice afterwards
    const troupe_zmq_options_t options = { .relaxed = true, .immediate = true, .on_event = s_event };
    client_t *client = *state_p = calloc (1, sizeof *client);
    const char *endpoint = troupe_option (self, "connect", "");
    troupe_error_t error = !client ? TROUPE_ENOMEM
                         : troupe_zmq_open (self, TROUPE_ZMQ_REQ, &options, s_answer, NULL, &client->socket);
    if (error || (error = troupe_zmq_connect (client->socket, endpoint)) != TROUPE_OK)
        return troupe_fail_error (self, error, endpoint);
    client->count = troupe_option_number (self, "count", -1, 1, 1000000000);
    if (!troupe_every (self, 100, s_make, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "a timer");
    return s_be_patient (self, client);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    client_t *client = state;
    if (client->made)
        printf ("%lld asked, %lld answered\n", (long long) client->made, (long long) client->answered);
    free (client);
}

static const troupe_behavior_t s_client = { .name = "client", .start = s_start, .stop = s_stop };

static const troupe_child_t s_children [] = {
    { .id = "client", .behavior = &s_client, .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "to", .value = "ENDPOINT", .paths = "children/client/connect", .fallback = "tcp://127.0.0.1:5454",
      .help = "Where the server is, or will be" },
    { .name = "count", .value = "N", .paths = "children/client/count", .least = 1, .most = 1000000000,
      .help = "Ends after so many answers" },
    { .name = "patience", .value = "SECONDS", .paths = "children/client/patience", .fallback = "30", .least = 1,
      .most = 1000000, .help = "Gives up when nobody has been there for so long" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "eager_client", .summary = "A REQ socket, and a question every tenth of a second",
        .children = s_children, .options = s_options, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY,
        .intensity = TROUPE_INTENSITY_NONE, .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
