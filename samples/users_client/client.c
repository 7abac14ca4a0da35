/*  =========================================================================
    users_client/client.c - asks, counts and prints what is answered

    Place: samples/users_client/, the actor.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "users_client.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

//  What is asked, in turn.
static const struct { const char *method, *path; } s_questions [] = {
    { "GET", "/report" }, { "GET", "/users" }, { "GET", "/users/1" }, { "GET", "/users/2" }, { "POST", "/report" },
    { "GET", "/private" }, { "GET", "/fail" },
};
#define S_QUESTIONS ((int64_t) (sizeof s_questions / sizeof *s_questions))

typedef struct call {
    int64_t number, start_us;           //  0: none
} call_t;

typedef struct client {
    troupe_ref_t *users;                //  The egress
    call_t open [USERS_CLIENT_CONCURRENCY_MAX];    //  What is not answered
    char authorization [256];
    int64_t calls, concurrency, timeout_ms;
    int64_t asked, answered, latest;    //  Calls are 1, 2, 3 ...; 'latest' is the one asked last of those answered
    int64_t overtaken, unanswered;
    int64_t start_us;
    int64_t statuses [600];
} client_t;

static int s_ask (troupe_actor_t *self, client_t *client);

//  One line for each answer; of a problem its detail is shown.
static void s_show (int64_t number, const troupe_response_view_t *response, double ms)
{
    json_t *problem = response->status < 400 ? NULL : json_loadb (response->body.data, response->body.size, 0, NULL);
    const char *detail = json_string_value (json_object_get (problem, "detail"));
    const int size = response->body.size < 40 ? (int) response->body.size : 40;
    printf ("%6lld  %-4s  %-8s  %3d  %7.1f ms  %.*s\n", (long long) number,
            s_questions [number % S_QUESTIONS].method, s_questions [number % S_QUESTIONS].path, response->status, ms,
            detail ? 60 : problem ? 0 : size, detail ? detail : (const char *) response->body.data);
    json_decref (problem);
}

static int s_end (troupe_actor_t *self, const client_t *client)
{
    if (client->unanswered)
        return troupe_fail (self, 1, "%lld calls were not answered", (long long) client->unanswered);
    troupe_exit (self);
    return 0;
}

static int s_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                     const troupe_response_view_t *response, void *context)
{
    (void) outcome;
    client_t *client = state;
    call_t *call = context;
    s_show (call->number, response, (double) (troupe_now_us (self) - call->start_us) / 1000);
    client->answered++;
    client->statuses [response->status % 600]++;
    client->unanswered += response->status >= 502;
    client->overtaken += call->number < client->latest;
    client->latest = call->number > client->latest ? call->number : client->latest;
    call->number = 0;
    return client->answered == client->calls ? s_end (self, client) : s_ask (self, client);
}

static troupe_error_t s_call (troupe_actor_t *self, const client_t *client, call_t *call)
{
    const troupe_header_t token = { troupe_text ("Authorization"), troupe_text (client->authorization) };
    const troupe_request_parts_t parts = {
        .method = troupe_text (s_questions [call->number % S_QUESTIONS].method),
        .path = troupe_text (s_questions [call->number % S_QUESTIONS].path),
        .headers = &token, .header_count = *client->authorization ? 1 : 0,
    };
    return troupe_rpc_call_parts (self, "users", &parts, client->timeout_ms, s_answer, call, NULL);
}

static int s_ask (troupe_actor_t *self, client_t *client)
{
    while (client->asked < client->calls && client->asked - client->answered < client->concurrency) {
        call_t *call = client->open;
        while (call->number)
            call++;
        *call = (call_t) { ++client->asked, troupe_now_us (self) };
        troupe_error_t error = s_call (self, client, call);
        if (error)
            return troupe_fail_error (self, error, "a call");
    }
    return 0;
}

//  Says whether the service is there, and asks to be told when that changes.
static int s_there (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                    void *context)
{
    (void) self, (void) context;
    client_t *client = state;
    if (outcome != TROUPE_CALL_OK)
        return 0;
    fputs (troupe_message_text (reply), stdout);
    return troupe_call (client->users, TROUPE_EGRESS_SERVERS, troupe_message_data (reply),
                        troupe_message_size (reply), TROUPE_FOREVER, s_there, NULL, NULL);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    client_t *client = *state_p = calloc (1, sizeof *client);
    if (!client)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the client");
    const char *token = troupe_option (self, "token", NULL);
    if (token)
        snprintf (client->authorization, sizeof client->authorization, "Bearer %s", token);
    client->calls = troupe_option_number (self, "calls", 21, 1, 1000000000);
    client->concurrency = troupe_option_number (self, "concurrency", 8, 1, USERS_CLIENT_CONCURRENCY_MAX);
    client->timeout_ms = troupe_option_number (self, "timeout", 30000, 1, 3600000);
    client->start_us = troupe_now_us (self);
    client->users = troupe_ref (self, "users");
    troupe_error_t error = client->users ? troupe_call (client->users, TROUPE_EGRESS_SERVERS, NULL, 0, TROUPE_FOREVER,
                                                        s_there, NULL, NULL) : TROUPE_ENOMEM;
    return error ? troupe_fail_error (self, error, "the service") : s_ask (self, client);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) reason;
    client_t *client = state;
    printf ("%lld calls in %.3f s:", (long long) client->answered,
            (double) (troupe_now_us (self) - client->start_us) / 1e6);
    for (int status = 0; status < 600; status++)
        if (client->statuses [status])
            printf (" %lld with %d,", (long long) client->statuses [status], status);
    printf (" %lld overtaken\n", (long long) client->overtaken);
    free (client);
}

const troupe_behavior_t users_client = { .name = "client", .start = s_start, .stop = s_stop };
