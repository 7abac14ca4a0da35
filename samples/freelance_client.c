/*  =========================================================================
    freelance_client.c - a client with three servers, and no broker

    Place: samples/. Shows an egress with several servers: it is connected to
    each, gives a question to one that is there and not busy, and to another
    one when that is lost or stands still. So a question is not answered only
    when nobody has been there for all of its time.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

typedef struct client {
    troupe_ref_t *servers;                      //  The egress
    bool there [TROUPE_EGRESS_SERVERS_MAX];     //  In the order of --servers
    int64_t count, timeout_ms;
    int64_t asked, answered, unanswered;        //  Questions are 1, 2, 3 ...
} client_t;

static int s_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                     const troupe_response_view_t *response, void *context)
{
    client_t *client = state;
    const bool good = outcome == TROUPE_CALL_OK && response->status == 200;
    const int size = response->body.size < 60 ? (int) response->body.size : 60;
    client->answered += good;
    client->unanswered += !good;
    if (good)
        printf ("%6u  %.*s\n", (unsigned) (uintptr_t) context, size, (const char *) response->body.data);
    else
        printf ("%6u  is not answered: %d %s\n", (unsigned) (uintptr_t) context, response->status,
                troupe_status_text (response->status));
    if (client->answered + client->unanswered < client->count)
        return 0;
    if (client->unanswered)
        return troupe_fail (self, 1, "%lld questions were not answered", (long long) client->unanswered);
    troupe_exit (self);
    return 0;
}

static int s_ask (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    client_t *client = state;
    char path [40];
    if (client->asked == client->count)
        return 0;
    snprintf (path, sizeof path, "/square/%lld", (long long) ++client->asked);
    troupe_error_t error = troupe_rpc_call (self, "servers", "GET", path, (troupe_bytes_t) { NULL, 0 },
                                            client->timeout_ms, s_answer, (void *) (uintptr_t) client->asked, NULL);
    return error ? troupe_fail_error (self, error, "a question") : 0;
}

//  "tcp://127.0.0.1:5571 up", a line for each server: says what has changed, and asks to be told of the next change.
static int s_there (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                    void *context)
{
    (void) self, (void) context;
    client_t *client = state;
    const char *text = troupe_message_text (reply);
    char endpoint [130], health [8];
    bool anybody = false;
    if (outcome != TROUPE_CALL_OK)
        return 0;
    for (int index = 0, size = 0; sscanf (text, "%129s %7s%n", endpoint, health, &size) == 2; index++, text += size) {
        const bool there = strcmp (health, "up") == 0;
        if (there != client->there [index])
            printf ("%s is %s\n", endpoint, there ? "there" : "gone");
        client->there [index] = there;
        anybody = anybody || there;
    }
    if (!anybody)
        printf ("nobody is there: questions wait\n");
    return troupe_call (client->servers, TROUPE_EGRESS_SERVERS, troupe_message_data (reply),
                        troupe_message_size (reply), TROUPE_FOREVER, s_there, NULL, NULL);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    client_t *client = *state_p = calloc (1, sizeof *client);
    if (!client)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the client");
    client->count = troupe_option_number (self, "count", INT64_MAX, 1, 1000000000);
    client->timeout_ms = troupe_option_number (self, "timeout", 2000, 1, 3600000);
    client->servers = troupe_ref (self, "servers");
    troupe_error_t error = client->servers ? troupe_call (client->servers, TROUPE_EGRESS_SERVERS, NULL, 0,
                                                          TROUPE_FOREVER, s_there, NULL, NULL) : TROUPE_ENOMEM;
    if (!error && !troupe_every (self, troupe_option_number (self, "every", 200, 1, 60000), s_ask, NULL))
        error = TROUPE_ENOMEM;
    return error ? troupe_fail_error (self, error, "the servers") : 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    client_t *client = state;
    printf ("%lld asked, %lld answered\n", (long long) client->asked, (long long) client->answered);
    free (client);
}

static const troupe_behavior_t s_client = { .name = "client", .start = s_start, .stop = s_stop };

static const troupe_egress_t s_egress = { .servers = NULL };
static const troupe_behavior_t s_servers = TROUPE_EGRESS ("servers", &s_egress);

//  The egress ends last, and then nobody waits for what it still has.
static const troupe_child_t s_children [] = {
    { .id = "servers", .behavior = &s_servers, .shutdown_ms = TROUPE_SHUTDOWN_BRUTAL_KILL },
    { .id = "client", .behavior = &s_client, .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "servers", .value = "ENDPOINTS", .paths = "children/servers/servers",
      .fallback = "tcp://127.0.0.1:5571 tcp://127.0.0.1:5572 tcp://127.0.0.1:5573",
      .help = "Where the servers are, with blanks between" },
    { .name = "every", .value = "MS", .paths = "children/client/every", .fallback = "200",
      .help = "The time between two questions", .least = 1, .most = 60000 },
    { .name = "timeout", .value = "MS", .paths = "children/client/timeout", .fallback = "2000",
      .help = "How long an answer may take; half of it is for one server", .least = 1, .most = 3600000 },
    { .name = "count", .value = "N", .paths = "children/client/count", .least = 1, .most = 1000000000,
      .help = "Ends after so many questions" },
    { .name = "format", .value = "FORMAT", .paths = "children/servers/format", .fallback = "troupe",
      .help = "How to ask: troupe; json, smile or msgpack, for servers in other languages" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "freelance_client", .summary = "A client with three servers, and no broker",
        .children = s_children, .options = s_options, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY,
        .intensity = TROUPE_INTENSITY_NONE, .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
