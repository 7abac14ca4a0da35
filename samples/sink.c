/*  =========================================================================
    sink.c - a PULL socket takes its share of the pieces

    Place: samples/. The other side of ventilator: start several, at any time,
    and they share the pieces. It answers nothing, and leaves at "done".

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

typedef struct sink {
    troupe_zmq_t *socket;
    int64_t pieces;
    troupe_timer_t patience;    //  Runs while the ventilator is not there
} sink_t;

static int s_give_up (troupe_actor_t *self, void *state, void *context)
{
    (void) state, (void) context;
    return troupe_fail (self, 1, "nobody is at %s", troupe_option (self, "connect", ""));
}

static int s_be_patient (troupe_actor_t *self, sink_t *sink)
{
    int64_t seconds = troupe_option_number (self, "patience", 30, 1, 1000000);
    troupe_cancel (self, sink->patience);
    sink->patience = troupe_after (self, 1000 * seconds, s_give_up, NULL);
    return sink->patience ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "a timer");
}

static int s_piece (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                    size_t count, void *context)
{
    (void) socket, (void) count, (void) context;
    sink_t *sink = state;
    if (frames [0].size == 4 && memcmp (frames [0].data, "done", 4) == 0) {
        troupe_exit (self);
        return 0;
    }
    sink->pieces++;
    printf ("piece %.*s\n", (int) frames [0].size, (const char *) frames [0].data);
    return 0;
}

static int s_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                    const char *endpoint, void *context)
{
    (void) socket, (void) endpoint, (void) context;
    sink_t *sink = state;
    if (event == TROUPE_ZMQ_CONNECTED) {
        puts ("the ventilator is there");
        troupe_cancel (self, sink->patience);
    }
    if (event != TROUPE_ZMQ_DISCONNECTED)
        return 0;
    puts ("the ventilator is gone");
    return s_be_patient (self, sink);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    //  Heartbeats tell both ends that the other hangs: they need a socket that is always read
    const troupe_zmq_options_t options = {
        .heartbeat_ms = 1000, .receive_limit = TROUPE_ZMQ_NO_LIMIT, .on_event = s_event,
    };
    const char *endpoint = troupe_option (self, "connect", "");
    sink_t *sink = *state_p = calloc (1, sizeof *sink);
    troupe_error_t error = !sink ? TROUPE_ENOMEM
                         : troupe_zmq_open (self, TROUPE_ZMQ_PULL, &options, s_piece, NULL, &sink->socket);
    if (error || (error = troupe_zmq_connect (sink->socket, endpoint)) != TROUPE_OK)
        return troupe_fail_error (self, error, endpoint);
    return s_be_patient (self, sink);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    sink_t *sink = state;
    if (reason->kind != TROUPE_REASON_START_FAILED)
        printf ("%lld pieces\n", (long long) sink->pieces);
    free (sink);
}

static const troupe_behavior_t s_sink = { .name = "sink", .start = s_start, .stop = s_stop };

static const troupe_child_t s_children [] = {
    { .id = "sink", .behavior = &s_sink, .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "from", .value = "ENDPOINT", .paths = "children/sink/connect", .fallback = "tcp://127.0.0.1:5558",
      .help = "Where the ventilator is, or will be" },
    { .name = "patience", .value = "SECONDS", .paths = "children/sink/patience", .fallback = "30", .least = 1,
      .most = 1000000, .help = "Gives up when the ventilator has been away for so long" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "sink", .summary = "A PULL socket takes its share of the pieces", .children = s_children,
        .options = s_options, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY, .intensity = TROUPE_INTENSITY_NONE,
        .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
