/*  =========================================================================
    wedged_test.c - who hangs in a callback is named, once

    Place: tests/live, of runtime/live/actor/watchdog.c and describe.c. The test is
    the guest, and so the parent. Actors hang in a read from a pipe that the
    test writes to; what a parent says of that is in its log and in its events.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <troupe.h>

#define S_DEADLINE_MS 20000
#define S_WEDGED_MS 40

static int s_gate [2];              //  What lets a callback go on
static char s_log [4096];           //  What the guest has logged: other threads' lines are not looked at
static pthread_t s_guest;

static void s_on_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) context;
    if (pthread_equal (pthread_self (), s_guest) && strlen (s_log) + strlen (line) + 2 < sizeof s_log)
        sprintf (s_log + strlen (s_log), "%s\n", line);
}

static troupe_t *s_new (void)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_INFO, .log = s_on_log };
    s_guest = pthread_self ();
    cr_assert_eq (pipe (s_gate), 0);
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    return troupe;
}

//  --- Actors that hang where their args say

static int s_hang (void)
{
    char byte;
    return read (s_gate [0], &byte, 1) == 1 ? 0 : 1;
}

static bool s_is (const void *args, size_t size, const char *where)
{
    return size == strlen (where) && memcmp (args, where, size) == 0;
}

static int s_on_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    return s_hang ();
}

static int s_on_ready (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self;
    (void) state;
    (void) descriptor;
    (void) events;
    troupe_watch_t *watch = *(troupe_watch_t **) context;
    troupe_unwatch (&watch);
    return s_hang ();
}

static int s_on_accepted (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                          void *context)
{
    (void) self;
    (void) state;
    (void) stream;
    (void) event;
    (void) context;
    return 0;
}

static int s_on_stream (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                        void *context)
{
    (void) self;
    (void) state;
    (void) stream;
    (void) context;
    return event->kind == TROUPE_STREAM_CONNECTED ? s_hang () : 0;
}

static int s_connect_to_itself (troupe_actor_t *self)
{
    troupe_listener_t *listener = NULL;
    troupe_stream_t *stream = NULL;
    troupe_error_t error = troupe_listen (self, "127.0.0.1:0", NULL, s_on_accepted, NULL, &listener);
    if (error)
        return (int) error;
    return (int) troupe_connect (self, troupe_listener_address (listener), NULL, s_on_stream, NULL,
                                 &stream);
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t size)
{
    static troupe_watch_t *watch;
    *state_p = s_is (args, size, "stop") ? (void *) s_gate : NULL;
    if (s_is (args, size, "start"))
        return s_hang ();
    if (s_is (args, size, "timer"))
        return troupe_after (self, 0, s_on_timer, NULL) ? 0 : 1;
    if (s_is (args, size, "watch"))
        return (int) troupe_watch (self, s_gate [1], TROUPE_WATCH_WRITABLE, s_on_ready, &watch, &watch);
    if (s_is (args, size, "stream"))
        return s_connect_to_itself (self);
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    int result = s_hang ();
    troupe_reply (self, message, "done", 4);
    return result;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    if (state)
        s_hang ();
}

static const troupe_tag_t s_tags [] = { { 7, "SHOW" }, { 0, NULL } };
static const troupe_behavior_t s_users = {
    .name = "users", .start = s_start, .receive = s_receive, .stop = s_stop, .tags = s_tags,
};

//  --- Their parent

typedef struct {
    bool started, gone, answered;
    int wedged;
    char text [TROUPE_REASON_TEXT_MAX + 1];
} s_life_t;

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    s_life_t *life = context;
    (void) self;
    (void) state;
    (void) link;
    life->started |= event->kind == TROUPE_CHILD_STARTED;
    life->gone |= event->kind == TROUPE_CHILD_GONE;
    if (event->kind != TROUPE_CHILD_WEDGED)
        return 0;
    life->wedged++;
    snprintf (life->text, sizeof life->text, "%s", event->reason->text);
    cr_assert_eq (event->reason->kind, TROUPE_REASON_WEDGED);
    return 0;
}

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) self;
    (void) state;
    (void) reply;
    ((s_life_t *) context)->answered = outcome == TROUPE_CALL_OK;
    return 0;
}

static troupe_link_t *s_spawn (troupe_t *troupe, const char *where, s_life_t *life)
{
    troupe_link_t *link = NULL;
    troupe_child_t spec = { .id = "users", .behavior = &s_users, .args = where, .args_size = strlen (where),
                            .wedged_ms = S_WEDGED_MS };
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), &spec, s_on_child, life, &link), TROUPE_OK);
    return link;
}

static void s_call (troupe_t *troupe, troupe_link_t *link, s_life_t *life)
{
    cr_assert_eq (troupe_call (troupe_link_ref (link), 7, NULL, 0, S_DEADLINE_MS, s_on_answer, life, NULL), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
}

static void s_until (troupe_t *troupe, const bool *done)
{
    while (!*done)
        cr_assert_neq (troupe_run (troupe, S_DEADLINE_MS), TROUPE_ETIMEOUT);
}

static void s_until_wedged (troupe_t *troupe, const s_life_t *life)
{
    while (!life->wedged)
        cr_assert_neq (troupe_run (troupe, S_DEADLINE_MS), TROUPE_ETIMEOUT);
}

static void s_until_logged (troupe_t *troupe, const char *text)
{
    while (!strstr (s_log, text))
        troupe_run (troupe, S_WEDGED_MS);
}

static void s_open_gate (void)
{
    cr_assert_eq (write (s_gate [1], "x", 1), 1);
}

static size_t s_count (const char *text)
{
    size_t count = 0;
    for (const char *place = s_log; (place = strstr (place, text)); place++)
        count++;
    return count;
}

//  --- Facts

//  Who hangs, in which message, from whom: the parent is told once, and the log says it, and when it is over.
Test (live_wedged, handler_that_hangs_is_told_once_with_its_message)
{
    troupe_t *troupe = s_new ();
    s_life_t life = { 0 };
    troupe_link_t *link = s_spawn (troupe, "", &life);
    s_until (troupe, &life.started);
    s_call (troupe, link, &life);
    s_until_wedged (troupe, &life);
    cr_assert_eq (strncmp (life.text, "users has been handling SHOW from guest for ", 44), 0, "%s", life.text);
    cr_assert_geq (atoi (life.text + 44), S_WEDGED_MS);
    while (troupe_run (troupe, 4 * S_WEDGED_MS) != TROUPE_ETIMEOUT)
        ;
    cr_assert_eq (life.wedged, 1);
    cr_assert_eq (s_count ("users has been handling"), 1);
    s_open_gate ();
    s_until (troupe, &life.answered);
    s_until_logged (troupe, "users goes on after ");
    s_call (troupe, link, &life);
    while (life.wedged < 2)
        cr_assert_neq (troupe_run (troupe, S_DEADLINE_MS), TROUPE_ETIMEOUT, "the next hang is another one");
    s_open_gate ();
    troupe_destroy (&troupe);
}

//  What hangs need not be a message.
static void s_hangs_in (const char *where, const char *words)
{
    troupe_t *troupe = s_new ();
    s_life_t life = { 0 };
    troupe_link_t *link = s_spawn (troupe, where, &life);
    if (strcmp (where, "stop") == 0) {
        s_until (troupe, &life.started);
        troupe_link_stop (link, S_DEADLINE_MS);
    }
    s_until_wedged (troupe, &life);
    cr_assert_eq (strncmp (life.text, words, strlen (words)), 0, "%s", life.text);
    s_open_gate ();
    if (strcmp (where, "stop") == 0)
        s_until (troupe, &life.gone);
    troupe_destroy (&troupe);
}

Test (live_wedged, start_may_hang)
{
    s_hangs_in ("start", "users has been in start for ");
}

Test (live_wedged, timer_may_hang)
{
    s_hangs_in ("timer", "users has been in a timer callback for ");
}

Test (live_wedged, watch_may_hang)
{
    s_hangs_in ("watch", "users has been in a watch callback for ");
}

Test (live_wedged, stream_may_hang)
{
    s_hangs_in ("stream", "users has been in a stream callback for ");
}

Test (live_wedged, stop_may_hang)
{
    s_hangs_in ("stop", "users has been in stop for ");
}

//  A thread cannot be ended from outside; where the program is started again by somebody, it may be ended for it.
Test (live_wedged, program_ends_where_that_is_wanted, .exit_code = 70)
{
    troupe_t *troupe = s_new ();
    s_life_t life = { 0 };
    troupe_child_t spec = { .id = "users", .behavior = &s_users, .args = "timer", .args_size = 5,
                            .wedged_ms = S_WEDGED_MS, .wedged = TROUPE_WEDGED_EXIT };
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), &spec, s_on_child, &life, NULL), TROUPE_OK);
    while (troupe_run (troupe, S_DEADLINE_MS) == TROUPE_OK)
        ;
}

//  --- What is not hanging

//  Sends itself the next message in each.
static int s_work (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return (int) troupe_cast (troupe_ref (self, "busy"), 0, NULL, 0);
}

static const troupe_behavior_t s_busy = { .name = "busy", .receive = s_work };

//  Sends until there is no room, which the mailbox makes it wait for.
static int s_push (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    while (troupe_cast (troupe_ref (self, "closed"), 0, NULL, 0) == TROUPE_OK)
        ;
    return (int) troupe_reply (self, message, NULL, 0);
}

static int s_start_never (troupe_actor_t *self, void **state_p, const void *args, size_t size)
{
    (void) state_p;
    (void) args;
    (void) size;
    troupe_start_later (self);
    return 0;
}

static const troupe_behavior_t s_pushing = { .name = "pushing", .receive = s_push };
static const troupe_behavior_t s_closed = { .name = "closed", .start = s_start_never };

static void s_add (troupe_t *troupe, const troupe_child_t *spec, s_life_t *life)
{
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), spec, s_on_child, life, NULL), TROUPE_OK);
}

static int s_on_time (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    *(bool *) context = true;
    return 0;
}

//  Much work is not one long callback.
Test (live_wedged, quick_work_without_end_is_no_hanging)
{
    troupe_t *troupe = s_new ();
    s_life_t life = { 0 };
    s_add (troupe, &(troupe_child_t) { .id = "busy", .behavior = &s_busy, .wedged_ms = 200 }, &life);
    s_until (troupe, &life.started);
    cr_assert_eq (troupe_cast_now (troupe, "busy", 0, NULL, 0), TROUPE_OK);
    bool over = false;
    troupe_after (troupe_guest (troupe), 800, s_on_time, &over);
    s_until (troupe, &over);
    cr_assert_eq (life.wedged, 0, "%s", life.text);
    troupe_destroy (&troupe);
}

//  Who waits for room is bounded by the mailbox's own patience.
Test (live_wedged, waiting_for_room_is_no_hanging)
{
    troupe_t *troupe = s_new ();
    s_life_t closed = { 0 }, pushing = { 0 };
    s_add (troupe, &(troupe_child_t) { .id = "closed", .behavior = &s_closed, .wedged_ms = 100,
        .mailbox = { .limit_messages = 1, .overflow = TROUPE_OVERFLOW_BLOCK, .block_ms = 500 } }, &closed);
    s_add (troupe, &(troupe_child_t) { .id = "pushing", .behavior = &s_pushing, .wedged_ms = 100 }, &pushing);
    s_until (troupe, &pushing.started);
    cr_assert_eq (troupe_call_wait (troupe, "pushing", 0, NULL, 0, S_DEADLINE_MS, NULL), TROUPE_CALL_OK);
    cr_assert_eq (pushing.wedged, 0, "%s", pushing.text);
    troupe_destroy (&troupe);
}
