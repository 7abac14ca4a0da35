/*  =========================================================================
    rpc_call.c - asks a server over ZeroMQ, once or very often

    Place: samples/rpc_call, the one with main. An actor that owns a DEALER asks
    in a format of the world; in troupe's own framing an egress asks for it. What
    is asked comes back: status and body, or how long it took.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"

enum { CALL_GO = 1 };

#define S_BAR 40
#define S_STATUS_MAX 600

typedef struct caller {
    words_t words;
    const char *endpoint, *method, *path, *body, *token;
    int64_t timeout_ms;
    size_t repeat, concurrency, asked, answered;
    int64_t *began_us;              //  By number
    int64_t *took_us;               //  Of those that are answered
    int64_t start_us;
    size_t statuses [S_STATUS_MAX]; //  How many answers had each
    int status;                     //  Of the last answer
    char *answer;                   //  Its body; malloc'd
    troupe_caller_t *waiting;       //  Who is told when all is over
    troupe_zmq_t *socket;
    void *question;
    size_t question_size;
    troupe_egress_t egress;
    troupe_behavior_t server;
} caller_t;

//  --- The end

static int s_compare (const void *one, const void *other)
{
    const int64_t first = *(const int64_t *) one, second = *(const int64_t *) other;
    return (first > second) - (first < second);
}

static size_t s_good (const caller_t *caller)
{
    size_t good = 0;
    for (int status = 200; status < 300; status++)
        good += caller->statuses [status];
    return good;
}

static double s_percentile_ms (const caller_t *caller, size_t percent)
{
    const size_t index = (caller->answered - 1) * percent / 100;
    return (double) caller->took_us [index] / 1e3;
}

//  How many there were, and how long they took, also when not all of them are answered.
static void s_summarize (troupe_actor_t *self, const caller_t *caller)
{
    const double seconds = (double) (troupe_now_us (self) - caller->start_us) / 1e6;
    if (caller->answered < caller->repeat)
        printf ("%zu of ", caller->answered);
    printf ("%zu calls, %zu with 2xx", caller->repeat, s_good (caller));
    for (int status = 0; status < S_STATUS_MAX; status++)
        if (caller->statuses [status] && (status < 200 || status > 299))
            printf (", %zu with %d", caller->statuses [status], status);
    printf (", in %.3f s: %.0f/s\n", seconds, (double) caller->answered / (seconds > 0 ? seconds : 1e-6));
    if (!caller->answered)
        return;
    qsort (caller->took_us, caller->answered, sizeof *caller->took_us, s_compare);
    printf ("p50 %.3f ms, p95 %.3f ms, p99 %.3f ms, max %.3f ms\n", s_percentile_ms (caller, 50),
            s_percentile_ms (caller, 95), s_percentile_ms (caller, 99), s_percentile_ms (caller, 100));
}

static void s_clear_progress (const caller_t *caller)
{
    if (caller->repeat > 1 && isatty (STDERR_FILENO))
        fprintf (stderr, "\r%*s\r", S_BAR + 40, "");
}

static void s_finish (troupe_actor_t *self, caller_t *caller)
{
    s_clear_progress (caller);
    if (caller->repeat > 1)
        s_summarize (self, caller);
    else
        printf ("%d\n%s%s", caller->status, caller->answer ? caller->answer : "",
                caller->answer && *caller->answer ? "\n" : "");
    fflush (stdout);
    troupe_answerf (&caller->waiting, "%s", s_good (caller) == caller->repeat ? "fine" : "");
}

static int s_give_up (troupe_actor_t *self, caller_t *caller, const char *why)
{
    if (!caller->waiting)
        return 0;
    s_clear_progress (caller);
    if (caller->repeat > 1 && caller->answered)
        s_summarize (self, caller);
    fflush (stdout);
    const bool named = strncmp (why, caller->endpoint, strlen (caller->endpoint)) == 0;
    troupe_answer_failure (&caller->waiting, "%s%s%s", named ? "" : caller->endpoint, named ? "" : ": ", why);
    return 0;
}

//  --- Asking

static void s_ask_more (troupe_actor_t *self, caller_t *caller);

static void s_take_answer (troupe_actor_t *self, caller_t *caller, size_t number, int status)
{
    caller->took_us [caller->answered++] = troupe_now_us (self) - caller->began_us [number];
    caller->status = status;
    caller->statuses [status > 0 && status < S_STATUS_MAX ? status : 0]++;
    if (caller->waiting && caller->answered == caller->repeat)
        s_finish (self, caller);
    else
        s_ask_more (self, caller);
}

//  Bytes as text, with a null behind.
static void s_keep_answer (caller_t *caller, const void *data, size_t size)
{
    free (caller->answer);
    caller->answer = malloc (size + 1);
    if (!caller->answer)
        return;
    memcpy (caller->answer, data, size);
    caller->answer [size] = 0;
}

static int s_on_response (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                          const troupe_response_view_t *response, void *context)
{
    caller_t *caller = state;
    if (outcome == TROUPE_CALL_TIMEOUT)
        return s_give_up (self, caller, "no answer in time");
    if (caller->repeat == 1)
        s_keep_answer (caller, response->body.data, response->body.size);
    s_take_answer (self, caller, (size_t) (uintptr_t) context, response->status);
    return 0;
}

static troupe_error_t s_ask_troupe (troupe_actor_t *self, caller_t *caller, size_t number)
{
    char bearer [512];
    snprintf (bearer, sizeof bearer, "Bearer %s", caller->token);
    const size_t path = strcspn (caller->path, "?");
    const troupe_header_t header = { troupe_text ("Authorization"), troupe_text (bearer) };
    const troupe_request_parts_t parts = {
        .method = troupe_text (caller->method), .path = { caller->path, path },
        .query = troupe_text (caller->path [path] ? caller->path + path + 1 : ""),
        .headers = &header, .header_count = *caller->token ? 1 : 0, .body = { caller->body, strlen (caller->body) },
    };
    return troupe_rpc_call_parts (self, "server", &parts, caller->timeout_ms, s_on_response,
                                  (void *) (uintptr_t) number, NULL);
}

//  The number stands in front, as a queue would put an address there: it comes back with the answer.
static troupe_error_t s_ask_document (caller_t *caller, size_t number)
{
    char address [24];
    const int size = snprintf (address, sizeof address, "%zu", number);
    const troupe_bytes_t frames [] = {
        { address, (size_t) size }, { "", 0 }, { caller->question, caller->question_size },
    };
    return troupe_zmq_send (caller->socket, frames, 3);
}

static void s_ask_more (troupe_actor_t *self, caller_t *caller)
{
    while (caller->waiting && caller->asked < caller->repeat
           && caller->asked - caller->answered < caller->concurrency) {
        const size_t number = caller->asked++;
        caller->began_us [number] = troupe_now_us (self);
        const troupe_error_t error = caller->socket ? s_ask_document (caller, number)
                                                    : s_ask_troupe (self, caller, number);
        if (error)
            s_give_up (self, caller, troupe_error_text (error));
    }
}

static int s_on_message (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                         size_t count, void *context)
{
    (void) socket;
    (void) context;
    caller_t *caller = state;
    char number [24] = "";
    if (count != 3 || frames [0].size >= sizeof number)
        return s_give_up (self, caller, "the answer is none");
    memcpy (number, frames [0].data, frames [0].size);
    const size_t which = strtoul (number, NULL, 10);
    json_t *answer = words_read (caller->words, frames [2].data, frames [2].size);
    const json_t *body = json_object_get (answer, "body");
    if (!answer || which >= caller->asked) {
        json_decref (answer);
        return s_give_up (self, caller, "the answer is none");
    }
    if (caller->repeat == 1 && json_is_string (body))
        s_keep_answer (caller, json_string_value (body), json_string_length (body));
    else if (caller->repeat == 1 && body && !json_is_null (body))
        caller->answer = json_dumps (body, JSON_COMPACT | JSON_ENCODE_ANY);
    s_take_answer (self, caller, which, (int) json_integer_value (json_object_get (answer, "status")));
    json_decref (answer);
    return 0;
}

//  Fires when nothing was answered for that long.
static int s_on_silence (troupe_actor_t *self, void *state, void *context)
{
    caller_t *caller = state;
    const size_t answered = (size_t) (uintptr_t) context;
    if (answered == caller->answered)
        return s_give_up (self, caller, "no answer in time");
    troupe_after (self, caller->timeout_ms, s_on_silence, (void *) (uintptr_t) caller->answered);
    return 0;
}

static int s_on_progress (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    const caller_t *caller = state;
    const int done = (int) (caller->answered * S_BAR / caller->repeat);
    if (caller->waiting)    //  Else the bar has been cleared
        fprintf (stderr, "\r[%.*s%*s] %zu of %zu", done, "########################################", S_BAR - done, "",
                 caller->answered, caller->repeat);
    return 0;
}

//  --- The beginning

static bool s_is_utf8 (const char *text)
{
    json_t *value = json_string (text);
    json_decref (value);
    return value != NULL;
}

//  The body as what it looks like: JSON, or else a text.
static json_t *s_body (const char *body)
{
    json_t *value = *body ? json_loads (body, JSON_DECODE_ANY, NULL) : json_null ();
    return value ? value : json_string (body);
}

static troupe_error_t s_prepare_question (caller_t *caller)
{
    json_t *map = json_pack ("{s:s, s:s, s:o}", "method", caller->method, "path", caller->path, "body",
                             s_body (caller->body));
    if (map && *caller->token)
        json_object_set_new (map, "headers", json_pack ("{s:s+}", "Authorization", "Bearer ", caller->token));
    caller->question = map ? words_write (caller->words, map, &caller->question_size) : NULL;
    json_decref (map);
    return caller->question ? TROUPE_OK : TROUPE_ENOMEM;
}

static troupe_error_t s_connect (troupe_actor_t *self, caller_t *caller)
{
    const troupe_zmq_options_t options = { .message_bytes = 1 << 26, .send_limit = 100000 };
    troupe_error_t error = troupe_zmq_open (self, TROUPE_ZMQ_DEALER, &options, s_on_message, NULL, &caller->socket);
    return error ? error : troupe_zmq_connect (caller->socket, caller->endpoint);
}

static int s_on_server (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                        void *context)
{
    (void) link;
    (void) context;
    if (event->kind == TROUPE_CHILD_ENDED)
        return s_give_up (self, state, event->reason->text);
    return 0;
}

static troupe_error_t s_spawn (troupe_actor_t *self, caller_t *caller)
{
    caller->egress = (troupe_egress_t) { .servers = caller->endpoint };
    caller->server = (troupe_behavior_t) TROUPE_EGRESS ("egress", &caller->egress);
    const troupe_child_t child = { .id = "server", .behavior = &caller->server,
                                   .shutdown_ms = TROUPE_SHUTDOWN_BRUTAL_KILL };
    return troupe_spawn (self, &child, s_on_server, NULL, NULL);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    caller_t *caller = calloc (1, sizeof *caller);
    if (!caller)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the caller");
    *state_p = caller;
    caller->method = troupe_config (self, "call/method", "");
    caller->path = troupe_config (self, "call/path", "");
    caller->body = troupe_config (self, "call/body", "");
    caller->token = troupe_config (self, "call/token", "");
    caller->endpoint = troupe_config (self, "call/endpoint", "");
    caller->words = words_find (troupe_config (self, "call/format", "troupe"));
    caller->repeat = strtoul (troupe_config (self, "call/repeat", "1"), NULL, 10);
    caller->concurrency = strtoul (troupe_config (self, "call/concurrency", "1"), NULL, 10);
    caller->timeout_ms = strtol (troupe_config (self, "call/timeout_ms", "5000"), NULL, 10);
    caller->began_us = calloc (caller->repeat, sizeof *caller->began_us);
    caller->took_us = calloc (caller->repeat, sizeof *caller->took_us);
    if (!caller->began_us || !caller->took_us)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the times");
    const troupe_error_t error = caller->words == WORDS_TROUPE ? TROUPE_OK : s_connect (self, caller);
    return error ? troupe_fail_error (self, error, caller->endpoint) : 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    caller_t *caller = state;
    caller->waiting = troupe_defer (self, message);
    caller->start_us = troupe_now_us (self);
    const troupe_error_t error = caller->words == WORDS_TROUPE ? s_spawn (self, caller)
                                                               : s_prepare_question (caller);
    if (error)
        return s_give_up (self, caller, troupe_error_text (error));
    if (caller->repeat > 1 && isatty (STDERR_FILENO))
        troupe_every (self, 100, s_on_progress, NULL);
    if (caller->socket)
        troupe_after (self, caller->timeout_ms, s_on_silence, NULL);
    s_ask_more (self, caller);
    return 0;
}

//  Somebody is still waiting when it was interrupted: what there is so far is said.
static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) reason;
    caller_t *caller = state;
    if (caller->waiting)
        s_give_up (self, caller, "interrupted");
    free (caller->answer);
    free (caller->question);
    free (caller->began_us);
    free (caller->took_us);
    free (caller);
}

//  --- The program

static const troupe_behavior_t s_caller = {
    .name = "caller", .start = s_start, .receive = s_receive, .stop = s_stop,
};

static const troupe_child_t s_children [] = {
    { .id = "caller", .behavior = &s_caller, .restart = TROUPE_TEMPORARY },
    { .id = NULL }
};

static const troupe_app_option_t s_arguments [] = {
    { .name = "ENDPOINT", .paths = "call/endpoint", .help = "Where the server is: tcp://127.0.0.1:5555" },
    { .name = "METHOD", .paths = "call/method", .help = "GET, POST, ..." },
    { .name = "PATH", .paths = "call/path", .help = "/users/1, say" },
    { .name = "[BODY]", .paths = "call/body", .help = "JSON, or any other text" },
    { .name = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "format", .value = "FORMAT", .paths = "call/format", .fallback = "troupe",
      .help = "How to ask: troupe, json, smile or msgpack" },
    { .name = "repeat", .value = "N", .paths = "call/repeat", .fallback = "1",
      .help = "Ask so often, and say how long it took", .least = 1, .most = 10000000 },
    { .name = "concurrency", .value = "N", .paths = "call/concurrency", .fallback = "1",
      .help = "So many calls at a time", .least = 1, .most = 100000 },
    { .name = "token", .value = "TEXT", .paths = "call/token", .help = "Say Authorization: Bearer TEXT" },
    { .name = "timeout", .value = "MS", .paths = "call/timeout_ms", .fallback = "5000",
      .help = "How long an answer may take", .least = 1, .most = 3600000 },
    { .name = NULL }
};

//  What is wrong with what the user has said; null when nothing is.
static const char *s_mistake (troupe_actor_t *guest)
{
    static const char *const texts [] = { "call/method", "call/path", "call/body", "call/token" };
    const char *endpoint = troupe_config (guest, "call/endpoint", "");
    const words_t words = words_find (troupe_config (guest, "call/format", "troupe"));
    if (words == WORDS_NONE)
        return "--format is none of troupe, json, smile, msgpack";
    if (!strstr (endpoint, "://") || (strncmp (endpoint, "tcp:", 4) == 0 && !strchr (endpoint + 6, ':')))
        return "ENDPOINT is none, such as tcp://127.0.0.1:5555";
    if (*troupe_config (guest, "call/path", "") != '/')
        return "PATH does not begin with '/'";
    for (size_t index = 0; words != WORDS_TROUPE && index < 4; index++)
        if (!s_is_utf8 (troupe_config (guest, texts [index], "")))
            return "what is asked is not UTF-8, as the format wants it";
    return NULL;
}

//  0 for 2xx only.
static int s_ready (troupe_t *troupe)
{
    const char *mistake = s_mistake (troupe_guest (troupe));
    if (mistake) {
        fprintf (stderr, "rpc_call: %s; try --help\n", mistake);
        return 2;
    }
    troupe_message_t *said = NULL;
    const troupe_outcome_t outcome = troupe_call_wait (troupe, "caller", CALL_GO, NULL, 0, TROUPE_FOREVER, &said);
    const char *text = troupe_message_text (said);
    const bool fine = outcome == TROUPE_CALL_OK && *text;
    if (outcome != TROUPE_CALL_OK && outcome != TROUPE_CALL_CANCELLED)
        fprintf (stderr, "rpc_call: %s\n", *text ? text : troupe_outcome_name (outcome));
    troupe_message_destroy (&said);
    return fine ? -1 : 1;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "rpc_call", .summary = "Asks a server over ZeroMQ: prints status and body", .children = s_children,
        .options = s_options, .arguments = s_arguments, .ready = s_ready, .log = "error",
    };
    return troupe_main (&app, argc, argv);
}
