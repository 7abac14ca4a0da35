/*  =========================================================================
    body_test.c - a service of one's own that takes and gives bodies in pieces

    Place: tests/stage, of actors/body and what actors/http makes of it. The
    service "echo" says back what it is told, as it is told, with the helper of
    troupe/body.h; and a guest, or a client of the door, is whoever asks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe/body.h>
#include <troupe/http.h>
#include <troupe/service.h>
#include <troupe/stage.h>

#define ID 7u
#define ANSWERS 16

//  --- The service

typedef struct echo {
    troupe_bodies_t *bodies;
    troupe_response_t *response;
    troupe_body_t *kept;            //  One that "/keep" leaves alone
} echo_t;

static unsigned s_gone;             //  So many bodies have been
static const char *s_word;          //  What "/word" says behind "ab", having told that it says five; "!": it fails

//  A piece goes back as soon as it is wanted, and is taken then.
static int s_on_body (troupe_actor_t *self, void *state, troupe_body_t *body, troupe_body_event_t *event,
                      void *context)
{
    (void) self;
    (void) context;
    s_gone += event->kind == TROUPE_BODY_GONE;
    if (event->kind == TROUPE_BODY_WANTED)
        return troupe_body_resume (body, state);
    if (event->kind == TROUPE_BODY_GONE)
        return 0;
    troupe_error_t error = event->last ? troupe_body_end (&body, event->data, event->size)
                                       : troupe_body_write (body, event->data, event->size);
    event->taken = error != TROUPE_EFULL;
    return event->taken ? (int) error : 0;
}

static int s_on_kept (troupe_actor_t *self, void *state, troupe_body_t *body, troupe_body_event_t *event,
                      void *context)
{
    (void) self;
    (void) body;
    (void) context;
    echo_t *echo = state;
    if (event->kind == TROUPE_BODY_GONE)
        echo->kept = NULL;
    s_gone += event->kind == TROUPE_BODY_GONE;
    event->taken = false;
    return 0;
}

static int s_on_word (troupe_actor_t *self, void *state, troupe_body_t *body, troupe_body_event_t *event,
                      void *context)
{
    (void) self;
    (void) state;
    (void) context;
    if (event->kind != TROUPE_BODY_WANTED)
        return 0;
    if (strcmp (s_word, "!") == 0)
        troupe_body_fail (&body, "on purpose");
    else
        troupe_body_end (&body, s_word, strlen (s_word));
    return 0;
}

static troupe_body_fn *s_whose (const troupe_request_t *request)
{
    return troupe_text_is (request->path, "/keep") ? s_on_kept
        : troupe_text_is (request->path, "/word") ? s_on_word : s_on_body;
}

static int s_begin (troupe_actor_t *self, echo_t *echo, troupe_message_t *message)
{
    troupe_request_t request;
    uint64_t length;
    troupe_body_t *body;
    if (troupe_body_request (message, &request, &length) != TROUPE_OK)
        return (int) troupe_reply_failure (self, message, "malformed");
    troupe_body_fn *on_event = s_whose (&request);
    if (troupe_body_open (echo->bodies, message, on_event, NULL, &body) != TROUPE_OK)
        return (int) troupe_reply_failure (self, message, "not opened");
    troupe_response_reset (echo->response);
    if (on_event == s_on_kept)
        echo->kept = body;
    else if (on_event == s_on_word) {
        troupe_response_body (echo->response, "ab", 2);
        troupe_body_begin (body, echo->response, 5);
    }
    else if (length == request.body.size) {
        troupe_response_body (echo->response, request.body.data, request.body.size);
        troupe_body_reply (&body, echo->response);
    }
    else
        troupe_body_begin (body, echo->response, length);
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    echo_t *echo = state;
    if (troupe_message_tag (message) == TROUPE_TAG_REQUEST_STREAM)
        return s_begin (self, echo, message);
    if (troupe_body_is_event (message))
        return troupe_bodies_receive (echo->bodies, state, message);
    if (strcmp (troupe_message_text (message), "fail") == 0)
        troupe_body_fail (&echo->kept, "on purpose");
    else if (strcmp (troupe_message_text (message), "end") == 0)
        troupe_body_end (&echo->kept, NULL, 0);
    else if (strcmp (troupe_message_text (message), "begin") == 0)
        troupe_body_begin (echo->kept, echo->response, TROUPE_BODY_UNKNOWN);
    return troupe_reply (self, message, NULL, 0);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    echo_t *echo = calloc (1, sizeof *echo);
    *state_p = echo;
    echo->bodies = troupe_bodies_new (self, 0);
    echo->response = troupe_response_new ();
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    echo_t *echo = state;
    troupe_bodies_destroy (&echo->bodies);
    troupe_response_destroy (&echo->response);
    free (echo);
}

static const troupe_behavior_t s_echo = { .name = "echo", .start = s_start, .receive = s_receive, .stop = s_stop };

//  --- The guest

static char s_answers [ANSWERS] [64];
static unsigned s_come, s_shown;

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    const bool asks = context != NULL;
    const unsigned tag = troupe_message_tag (reply);
    char *text = s_answers [s_come++ % ANSWERS];
    if (outcome != TROUPE_CALL_OK)
        snprintf (text, sizeof *s_answers, "%s", troupe_outcome_name (outcome));
    else if (asks)
        snprintf (text, sizeof *s_answers, "%s '%s'", tag == TROUPE_TAG_BODY_LAST ? "last" : "piece",
                  troupe_message_text (reply));
    else
        snprintf (text, sizeof *s_answers, "%s", tag == TROUPE_TAG_RESPONSE_STREAM ? "begun" : "taken");
    return 0;
}

//  The answers that have come and not been shown, separated by blanks.
static const char *s_heard (troupe_stage_t *stage)
{
    static char line [1024];
    line [0] = 0;
    troupe_stage_run (stage);
    while (s_shown < s_come) {
        strcat (line, line [0] ? ", " : "");
        strcat (line, s_answers [s_shown++ % ANSWERS]);
    }
    return line;
}

static void s_put (uint8_t *at, uint64_t number)
{
    for (unsigned index = 0; index < 8; index++)
        at [index] = (uint8_t) (number >> (8 * index));
}

static const char *s_says (troupe_stage_t *stage, uint16_t tag, const char *text)
{
    uint8_t bytes [256];
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), "echo");
    s_put (bytes, ID);
    memcpy (bytes + 8, text, strlen (text));
    cr_assert_eq (troupe_call (ref, tag, bytes, 8 + strlen (text), 600000, s_on_reply,
                               tag == TROUPE_TAG_BODY_NEXT ? s_answers : NULL, NULL), TROUPE_OK);
    return s_heard (stage);
}

static const char *s_asks (troupe_stage_t *stage, uint64_t id, uint64_t length, const char *path)
{
    uint8_t bytes [256];
    size_t size = 0;
    const troupe_request_parts_t parts = { .method = troupe_text ("POST"), .path = troupe_text (path) };
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), "echo");
    s_put (bytes, id);
    s_put (bytes + 8, length);
    cr_assert_eq (troupe_request_encode (&parts, bytes + 16, sizeof bytes - 16, &size), TROUPE_OK);
    cr_assert_eq (troupe_call (ref, TROUPE_TAG_REQUEST_STREAM, bytes, 16 + size, 600000, s_on_reply, NULL, NULL),
                  TROUPE_OK);
    return s_heard (stage);
}

static troupe_stage_t *s_open (void)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    s_come = s_shown = s_gone = 0;
    cr_assert_eq (troupe_stage_spawn (stage, &s_echo, NULL), TROUPE_OK);
    return stage;
}

#define PIECE(TEXT) s_says (stage, TROUPE_TAG_BODY_PIECE, TEXT)
#define LAST(TEXT) s_says (stage, TROUPE_TAG_BODY_LAST, TEXT)
#define NEXT() s_says (stage, TROUPE_TAG_BODY_NEXT, "")

//  The contract, as others may speak it: a piece is taken when there is room for what becomes of it.
Test (body, pieces_are_given_for_pieces)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (s_asks (stage, ID, TROUPE_BODY_UNKNOWN, "/"), "begun");
    cr_assert_str_eq (PIECE ("ab"), "");
    cr_assert_str_eq (NEXT (), "piece 'ab', taken");
    cr_assert_str_eq (NEXT (), "");
    cr_assert_str_eq (PIECE ("cd"), "piece 'cd', taken");
    cr_assert_str_eq (PIECE ("ef"), "");
    cr_assert_str_eq (LAST ("g"), "");
    cr_assert_str_eq (NEXT (), "piece 'ef', taken");
    cr_assert_str_eq (NEXT (), "last 'g', taken");
    cr_assert_str_eq (NEXT (), "FAILED", "it is forgotten");
    cr_assert_eq (s_gone, 0);
    troupe_stage_destroy (&stage);
}

//  Whoever calls may be wrong, or mean it badly: nothing of it reaches the service.
Test (body, a_caller_that_breaks_the_rules_is_refused)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_str_eq (PIECE ("ab"), "FAILED", "there is none yet");
    cr_assert_str_eq (NEXT (), "FAILED");
    cr_assert_str_eq (s_asks (stage, ID, 4, "/keep"), "");
    cr_assert_str_eq (s_asks (stage, ID, 4, "/"), "FAILED", "the id is in use");
    cr_assert_str_eq (NEXT (), "FAILED", "nothing has begun");
    cr_assert_str_eq (PIECE ("a"), "");
    cr_assert_str_eq (PIECE ("b"), "");
    cr_assert_str_eq (PIECE ("c"), "FAILED, FAILED, FAILED, FAILED", "it is one too many, and the end");
    cr_assert_eq (s_gone, 1);
    static const struct { const char *piece, *last; } wrong [] = { { "abcde", NULL }, { "ab", "c" }, { "abc", "de" } };
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        cr_assert_str_eq (s_asks (stage, ID, 4, "/"), "begun");
        NEXT ();
        if (wrong [index].last)
            PIECE (wrong [index].piece);
        cr_assert_str_eq (wrong [index].last ? LAST (wrong [index].last) : PIECE (wrong [index].piece),
                          wrong [index].last ? "FAILED" : "FAILED, FAILED", "case %zu", index);
        cr_assert_eq (s_gone, 2 + index);
    }
    troupe_stage_cast (stage, "echo", TROUPE_TAG_BODY_DROP, "abc", 3);
    troupe_stage_cast (stage, "echo", TROUPE_TAG_BODY_HOLD, NULL, 0);
    troupe_stage_destroy (&stage);
}

//  The service may be done before it has been asked: who asks then is told.
Test (body, its_end_is_kept_for_who_asks)
{
    static const struct { const char *word, *told; } cases [] = { { "end", "last ''" }, { "fail", "FAILED" } };
    for (size_t index = 0; index < 2; index++) {
        troupe_stage_t *stage = s_open ();
        s_asks (stage, ID, TROUPE_BODY_UNKNOWN, "/keep");
        cr_assert_str_eq (troupe_stage_call (stage, "echo", "begin"), "");
        cr_assert_str_eq (s_heard (stage), "begun");
        troupe_stage_call (stage, "echo", cases [index].word);
        cr_assert_str_eq (PIECE ("a"), "FAILED");
        cr_assert_str_eq (NEXT (), cases [index].told);
        cr_assert_str_eq (NEXT (), "FAILED");
        s_asks (stage, ID, TROUPE_BODY_UNKNOWN, "/keep");
        troupe_stage_call (stage, "echo", "begin");
        NEXT ();
        NEXT ();
        troupe_stage_call (stage, "echo", cases [index].word);
        cr_assert (strstr (s_heard (stage), cases [index].told));
        cr_assert_str_eq (NEXT (), "FAILED");
        troupe_stage_destroy (&stage);
    }
}

//  One whose caller says nothing for a minute is gone; HOLD is something, and so is a service that owes an answer.
Test (body, a_caller_that_falls_silent_is_gone)
{
    const uint8_t id [8] = { ID };
    troupe_stage_t *stage = s_open ();
    s_asks (stage, ID, TROUPE_BODY_UNKNOWN, "/");
    for (int minute = 0; minute < 5; minute++) {
        troupe_stage_advance (stage, 59000);
        troupe_stage_cast (stage, "echo", TROUPE_TAG_BODY_HOLD, id, sizeof id);
    }
    troupe_stage_advance (stage, 59000);
    cr_assert_eq (s_gone, 0);
    NEXT ();
    troupe_stage_advance (stage, 500000);
    cr_assert_eq (s_gone, 0, "it is the service's turn");
    cr_assert_str_eq (PIECE ("a"), "piece 'a', taken");
    troupe_stage_advance (stage, 120000);
    cr_assert_eq (s_gone, 1);
    troupe_stage_destroy (&stage);
}

//  One that asks and then dies is known to be gone: nobody writes for it until the minute is over.
Test (body, a_caller_that_is_lost_is_gone)
{
    const uint8_t id [8] = { ID };
    troupe_stage_t *stage = s_open ();
    s_asks (stage, ID, TROUPE_BODY_UNKNOWN, "/");
    troupe_stage_cast (stage, "echo", TROUPE_TAG_BODY_DROP, id, sizeof id);
    troupe_stage_run (stage);
    cr_assert_eq (s_gone, 1);
    s_asks (stage, ID, TROUPE_BODY_UNKNOWN, "/");
    troupe_call_t call;
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), "echo");
    troupe_call (ref, TROUPE_TAG_BODY_NEXT, id, sizeof id, 600000, s_on_reply, NULL, &call);
    troupe_stage_run (stage);
    troupe_call_cancel (troupe_stage_guest (stage), call);
    troupe_stage_run (stage);
    cr_assert_eq (s_gone, 2);
    troupe_stage_destroy (&stage);
}

//  --- Behind the door

static const troupe_route_t s_routes [] = {
    { .method = "POST", .pattern = "/", .service = "echo", .streamed = true },
    { .method = "GET", .pattern = "/word", .service = "echo", .streamed = true },
    { .method = "GET", .pattern = "/probe", .service = "probe", .streamed = true },
    { 0 }
};
static const troupe_http_t s_door = { .listen = "127.0.0.1:8080", .routes = s_routes };
static const troupe_behavior_t s_http = TROUPE_HTTP ("http", &s_door);

static troupe_stage_peer_t *s_client (troupe_stage_t *stage, const char *text)
{
    troupe_stage_peer_t *peer = troupe_stage_connect (stage, "127.0.0.1:8080");
    cr_assert_not_null (peer);
    troupe_stage_peer_send (peer, text, strlen (text), 0);
    troupe_stage_run (stage);
    return peer;
}

static const char *s_client_hears (troupe_stage_t *stage, troupe_stage_peer_t *peer)
{
    troupe_stage_run (stage);
    return troupe_stage_peer_received (peer, NULL);
}

//  The door wants both ways at once of any service, wherever that is.
Test (body, an_echo_is_heard_while_one_speaks)
{
    for (int remote = 0; remote < 2; remote++) {
        troupe_stage_t *stage = s_open ();
        cr_assert_eq (troupe_stage_spawn (stage, &s_http, NULL), TROUPE_OK);
        if (remote)
            troupe_stage_cut_off (stage, "echo", false);
        troupe_stage_peer_t *peer = s_client (stage, "POST / HTTP/1.1\r\nHost: a\r\n"
                                              "Transfer-Encoding: chunked\r\n\r\n");
        cr_assert_not_null (strstr (s_client_hears (stage, peer), "200 OK"));
        troupe_stage_peer_send (peer, "5\r\nhello\r\n", 10, 0);
        cr_assert_str_eq (s_client_hears (stage, peer), "5\r\nhello");
        troupe_stage_peer_send (peer, "2\r\nyo\r\n", 7, 0);
        cr_assert_str_eq (s_client_hears (stage, peer), "\r\n2\r\nyo");
        troupe_stage_peer_send (peer, "0\r\n\r\n", 5, 0);
        cr_assert_str_eq (s_client_hears (stage, peer), "\r\n0\r\n\r\n");
        cr_assert_not (troupe_stage_peer_closed (peer));
        troupe_stage_destroy (&stage);
    }
}

//  Its process is lost in the middle: the client sees half an answer, never the end of one.
Test (body, a_service_that_is_lost_cuts_it_off)
{
    troupe_stage_t *stage = s_open ();
    cr_assert_eq (troupe_stage_spawn (stage, &s_http, NULL), TROUPE_OK);
    troupe_stage_cut_off (stage, "echo", false);
    troupe_stage_peer_t *peer = s_client (stage, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello");
    cr_assert_not_null (strstr (s_client_hears (stage, peer), "hello"));
    troupe_stage_cut_off (stage, "echo", true);
    troupe_stage_run (stage);
    cr_assert (troupe_stage_peer_closed (peer));
    cr_assert_str_eq (s_client_hears (stage, peer), "");
    troupe_stage_cut_off (stage, "echo", false);
    troupe_stage_destroy (&stage);
}

//  A door that has told a length holds the service to it: what is not so long is no answer.
Test (body, a_service_that_breaks_its_word_is_cut_off)
{
    static const struct { const char *rest, *heard; bool closed; } cases [] = {
        { "cde", "cde", false }, { "cd", "", true }, { "cdef", "", true }, { "!", "", true },
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        troupe_stage_t *stage = s_open ();
        s_word = cases [index].rest;
        cr_assert_eq (troupe_stage_spawn (stage, &s_http, NULL), TROUPE_OK);
        troupe_stage_peer_t *peer = s_client (stage, "GET /word HTTP/1.1\r\nHost: a\r\n\r\n");
        const char *heard = s_client_hears (stage, peer);
        const char *body = strstr (heard, "\r\n\r\nab");
        cr_assert_eq (troupe_stage_peer_closed (peer), cases [index].closed, "case %zu", index);
        if (!cases [index].closed)
            cr_assert_str_eq (body + strlen ("\r\n\r\nab"), cases [index].heard);
        troupe_stage_destroy (&stage);
    }
}

//  A service that answers whole, with whatever tag it was asked with, and nonsense.
Test (body, an_answer_with_another_tag_is_a_whole_one)
{
    static const struct { const char *text, *status; } cases [] = { { NULL, "200 OK" }, { "nonsense", "502 Bad" } };
    for (size_t index = 0; index < 2; index++) {
        troupe_stage_t *stage = s_open ();
        troupe_probe_t *probe = troupe_stage_probe (stage, "probe");
        troupe_response_t *response = troupe_response_new ();
        cr_assert_eq (troupe_stage_spawn (stage, &s_http, NULL), TROUPE_OK);
        troupe_stage_peer_t *peer = s_client (stage, "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n");
        const troupe_bytes_t bytes = troupe_response_encoded (response);
        cr_assert_eq (troupe_message_tag (troupe_probe_next (probe)), TROUPE_TAG_REQUEST_STREAM);
        troupe_probe_reply (probe, index ? cases [index].text : bytes.data, index ? 8 : bytes.size);
        cr_assert_not_null (strstr (s_client_hears (stage, peer), cases [index].status));
        troupe_response_destroy (&response);
        troupe_stage_destroy (&stage);
    }
}
