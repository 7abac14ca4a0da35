/*  =========================================================================
    tally.c - a server that counts what it does

    Place: tests/interop, driven by the scripts there. An RPC door, and one
    worker behind it that writes a line for everything it did, so that what was
    done twice is seen.

        POST /do/:what      done: a line of its own in the journal; answers with it
        GET  /get/:what     answers the same, and leaves no line
        POST /late/:ms      a line, and so much later an answer; PUT may be done
                            twice, and GET leaves no line
        GET  /done          how many lines there are

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include <troupe.h>

typedef struct tally {
    FILE *journal;
    unsigned long done;
    int64_t delay_ms;               //  Of every answer
    troupe_response_t *late;        //  The answer to who waits
} tally_t;

static int s_on_time (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    tally_t *tally = troupe_service_state (state);
    troupe_caller_t *caller = context;
    troupe_service_answer (&caller, tally->late);
    return 0;
}

static int s_answer_later (troupe_actor_t *self, const troupe_request_t *request, int64_t delay_ms)
{
    troupe_caller_t *caller = troupe_defer (self, request->message);
    if (caller && !troupe_after (self, delay_ms, s_on_time, caller))
        troupe_answer_failure (&caller, "out of memory");
    return 0;
}

//  A line is in the file before anybody is answered.
static void s_write_down (tally_t *tally, const char *what)
{
    tally->done++;
    if (tally->journal) {
        fprintf (tally->journal, "%s\n", what);
        fflush (tally->journal);
    }
}

static int s_get (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    const tally_t *tally = state;
    if (tally->delay_ms)
        return s_answer_later (self, request, tally->delay_ms);
    return troupe_response_text (response, 200, troupe_request_param (request, "what").data);
}

static int s_do (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    s_write_down (state, troupe_request_param (request, "what").data);
    return s_get (self, state, request, response);
}

static int s_late (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) response;
    if (!troupe_text_is (request->method, "GET"))
        s_write_down (state, "late");
    return s_answer_later (self, request, strtol (troupe_request_param (request, "ms").data, NULL, 10));
}

static int s_done (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) request;
    const tally_t *tally = state;
    char text [24];
    snprintf (text, sizeof text, "%lu", tally->done);
    return troupe_response_text (response, 200, text);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    const char *journal = troupe_config (self, "tally/journal", "");
    tally_t *tally = *state_p = calloc (1, sizeof *tally);
    if (!tally || !(tally->late = troupe_response_new ()) || troupe_response_text (tally->late, 200, "late"))
        return troupe_fail_error (self, TROUPE_ENOMEM, "the tally");
    tally->delay_ms = strtol (troupe_config (self, "tally/delay", "0"), NULL, 10);
    if (*journal && !(tally->journal = fopen (journal, "a")))
        return troupe_fail_error (self, TROUPE_EACCES, journal);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    tally_t *tally = state;
    if (tally->journal)
        fclose (tally->journal);
    troupe_response_destroy (&tally->late);
    free (tally);
}

static const troupe_route_t s_routes [] = {
    { .method = "POST", .pattern = "/do/:what", .handler = s_do },
    { .method = "GET", .pattern = "/get/:what", .handler = s_get, .idempotent = true },
    { .method = "GET", .pattern = "/late/:ms", .handler = s_late, .idempotent = true },
    { .method = "POST", .pattern = "/late/:ms", .handler = s_late },
    { .method = "PUT", .pattern = "/late/:ms", .handler = s_late, .idempotent = true },
    { .method = "GET", .pattern = "/done", .handler = s_done, .idempotent = true },
    { .method = NULL }
};

static const troupe_service_t s_service = { .routes = s_routes, .start = s_start, .stop = s_stop };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);
static const troupe_rpc_t s_door = { .routes = s_routes, .workers = "worker" };
static const troupe_behavior_t s_rpc = TROUPE_RPC ("rpc", &s_door);

static const troupe_child_t s_children [] = {
    { .id = "worker", .behavior = &s_worker },
    { .id = "rpc", .behavior = &s_rpc, .shutdown_ms = 10000 },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "rpc", .value = "ENDPOINT", .paths = "children/rpc/bind", .fallback = "tcp://127.0.0.1:0",
      .help = "Where to answer" },
    { .name = "journal", .value = "FILE", .paths = "tally/journal", .help = "Where it is written down" },
    { .name = "delay", .value = "MS", .paths = "tally/delay", .help = "Answers to /get and /do come so much later" },
    { .name = NULL }
};

static int s_ready (troupe_t *troupe)
{
    troupe_message_t *where = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, "rpc", TROUPE_RPC_ADDRESS, NULL, 0, 5000, &where);
    if (outcome == TROUPE_CALL_OK)
        printf ("tally ready %s\n", troupe_message_text (where));
    fflush (stdout);
    troupe_message_destroy (&where);
    return outcome == TROUPE_CALL_OK ? 0 : 1;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "tally", .summary = "A server that counts what it does",
        .children = s_children, .options = s_options, .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
