/*  =========================================================================
    watchdog.c - a parent looks at busy children all the time, under TSan

    Place: tests/thread. Children call each other as fast as they can while
    their parent looks at them every millisecond; one of them hangs now and
    then, and is told. Exits 0 when all went as it should.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <troupe.h>

#define DEADLINE_MS 60000
#define BUSY 6
#define HANGS 10

#define CHECK(condition) \
    do { if (!(condition)) { fprintf (stderr, "line %d: %s\n", __LINE__, #condition); exit (1); } } while (0)

typedef struct {
    int gate;
    unsigned number;
} s_args_t;

//  Passes on to its neighbour what it gets.
static int s_pass (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    char next [16];
    (void) message;
    snprintf (next, sizeof next, "busy%u", (((s_args_t *) state)->number + 1) % BUSY);
    return (int) troupe_cast (troupe_ref (self, next), 1, "round", 5);
}

static int s_hang (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    char byte;
    CHECK (read (((s_args_t *) state)->gate, &byte, 1) == 1);
    return (int) troupe_reply (self, message, "on", 2);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t size)
{
    (void) self;
    *state_p = malloc (size);
    CHECK (*state_p);
    memcpy (*state_p, args, size);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_busy = { .name = "busy", .start = s_start, .receive = s_pass, .stop = s_stop };
static const troupe_behavior_t s_stuck = { .name = "stuck", .start = s_start, .receive = s_hang, .stop = s_stop };

//  What the parent has been told.
typedef struct {
    unsigned started, wedged, answered;
    int gate;
} s_told_t;

//  Who hangs is let go.
static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    s_told_t *told = context;
    (void) self;
    (void) state;
    told->started += event->kind == TROUPE_CHILD_STARTED;
    if (event->kind != TROUPE_CHILD_WEDGED || strcmp (troupe_link_id (link), "stuck") != 0)
        return 0;
    told->wedged++;
    CHECK (write (told->gate, "x", 1) == 1);
    return 0;
}

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) self;
    (void) state;
    (void) reply;
    CHECK (outcome == TROUPE_CALL_OK);
    ((s_told_t *) context)->answered++;
    return 0;
}

static void s_add (troupe_t *troupe, const char *id, const troupe_behavior_t *behavior, s_args_t args, s_told_t *told)
{
    troupe_link_t *link = NULL;
    troupe_child_t spec = { .id = id, .behavior = behavior, .args = &args, .args_size = sizeof args, .wedged_ms = 4 };
    CHECK (troupe_spawn (troupe_guest (troupe), &spec, s_on_child, told, &link) == TROUPE_OK);
}

static void s_no_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

static void s_until (troupe_t *troupe, const unsigned *count, unsigned wanted)
{
    while (*count < wanted)
        CHECK (troupe_run (troupe, DEADLINE_MS) != TROUPE_ETIMEOUT);
}

int main (void)
{
    static const troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_no_log };
    int gate [2];
    s_told_t told = { 0 };
    CHECK (pipe (gate) == 0);
    told.gate = gate [1];
    troupe_t *troupe = troupe_new (&options, NULL);
    CHECK (troupe);
    for (unsigned number = 0; number < BUSY; number++) {
        char id [16];
        snprintf (id, sizeof id, "busy%u", number);
        s_add (troupe, id, &s_busy, (s_args_t) { .number = number }, &told);
    }
    s_add (troupe, "stuck", &s_stuck, (s_args_t) { .gate = gate [0] }, &told);
    s_until (troupe, &told.started, BUSY + 1);
    CHECK (troupe_cast_now (troupe, "busy0", 1, "round", 5) == TROUPE_OK);
    for (unsigned hang = 1; hang <= HANGS; hang++) {
        troupe_ref_t *stuck = troupe_ref (troupe_guest (troupe), "stuck");
        CHECK (troupe_call (stuck, 2, "", 0, DEADLINE_MS, s_on_answer, &told, NULL) == TROUPE_OK);
        troupe_flush (troupe_guest (troupe));
        s_until (troupe, &told.answered, hang);
    }
    CHECK (told.wedged == HANGS);
    troupe_destroy (&troupe);
    return 0;
}
