/*  =========================================================================
    reactor.c - two sockets, a timer and a descriptor in one actor

    Place: samples/. What an actor waits for is told to it one thing at a
    time, on its own thread: jobs that come by a PULL socket, questions that
    come by a REP socket, lines that are typed, and the clock. All of them
    count in the same state, and nothing has to be locked. There is no loop
    to be written either: the runtime has it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <troupe.h>

typedef struct reactor {
    troupe_watch_t *input;
    unsigned jobs, questions, lines, beats;
} reactor_t;

static int s_job (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
                  void *context)
{
    (void) self;
    (void) socket;
    (void) count;
    (void) context;
    ((reactor_t *) state)->jobs++;
    printf ("%-10s%.*s\n", "job", (int) frames [0].size, (const char *) frames [0].data);
    fflush (stdout);
    return 0;
}

//  Whatever the question is.
static int s_question (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                       size_t count, void *context)
{
    (void) self;
    (void) frames;
    (void) count;
    (void) context;
    reactor_t *reactor = state;
    char text [128];
    snprintf (text, sizeof text, "%u jobs, %u questions, %u lines, %u beats", reactor->jobs, ++reactor->questions,
              reactor->lines, reactor->beats);
    printf ("%-10s%s\n", "question", text);
    fflush (stdout);
    troupe_zmq_send_text (socket, text);
    return 0;
}

//  Something has been typed, or nobody types any more.
static int s_input (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self;
    (void) events;
    (void) context;
    reactor_t *reactor = state;
    char text [512];
    const ssize_t size = read (descriptor, text, sizeof text);
    if (size <= 0)
        troupe_unwatch (&reactor->input);
    for (ssize_t index = 0; index < size; index++)
        reactor->lines += text [index] == '\n';
    printf ("%-10s%zd bytes\n", size > 0 ? "typed" : "no input", size > 0 ? size : 0);
    fflush (stdout);
    return 0;
}

static int s_beat (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    printf ("%-10s%u\n", "beat", ++((reactor_t *) state)->beats);
    fflush (stdout);
    return 0;
}

static int s_bind (troupe_actor_t *self, troupe_zmq_type_t type, const char *what, troupe_zmq_fn *on_message)
{
    const char *endpoint = troupe_option (self, what, "");
    troupe_zmq_t *socket = NULL;
    troupe_error_t error = troupe_zmq_open (self, type, NULL, on_message, NULL, &socket);
    if (!error)
        error = troupe_zmq_bind (socket, endpoint);
    if (error)
        return troupe_fail_error (self, error, endpoint);
    printf ("%-10s%s\n", what, troupe_zmq_endpoint (socket));
    fflush (stdout);
    return 0;
}

//  Sockets, timers and watches end with the incarnation: here is nothing of them to be freed in stop.
static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    reactor_t *reactor = *state_p = calloc (1, sizeof (reactor_t));
    const int64_t every_ms = troupe_option_number (self, "every", 1000, 1, 3600000);
    if (!reactor || !troupe_every (self, every_ms, s_beat, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "the reactor");
    //  A file is always ready, so the system waits for none; then there is one source less
    if (troupe_watch (self, STDIN_FILENO, TROUPE_WATCH_READABLE, s_input, NULL, &reactor->input) != TROUPE_OK)
        printf ("%-10sstandard input is neither a terminal nor a pipe\n", "no input");
    const int failed = s_bind (self, TROUPE_ZMQ_PULL, "jobs", s_job);
    return failed ? failed : s_bind (self, TROUPE_ZMQ_REP, "questions", s_question);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_reactor = { .name = "reactor", .start = s_start, .stop = s_stop };

static const troupe_child_t s_children [] = {
    { .id = "reactor", .behavior = &s_reactor },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "jobs", .value = "ENDPOINT", .paths = "children/reactor/jobs", .fallback = "tcp://127.0.0.1:5558",
      .help = "Where a PULL takes jobs; port * picks a free one" },
    { .name = "questions", .value = "ENDPOINT", .paths = "children/reactor/questions",
      .fallback = "tcp://127.0.0.1:5559", .help = "Where a REP answers questions; port * picks a free one" },
    { .name = "every", .value = "MS", .paths = "children/reactor/every", .fallback = "1000",
      .help = "The time between two beats, in milliseconds", .least = 1, .most = 3600000 },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "reactor", .summary = "Two sockets, a timer and a descriptor in one actor",
        .children = s_children, .options = s_options,
    };
    return troupe_main (&app, argc, argv);
}
