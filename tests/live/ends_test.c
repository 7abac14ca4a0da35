/*  =========================================================================
    ends_test.c - ends on real threads: what must not be lost, or left behind

    Place: tests/live, of runtime/live/actor/dealer.c, offspring.c and runtime.c.
    The test is the guest, and so the parent; where it has to wait for another
    thread it reads a byte that the thread writes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <troupe.h>

#define DEADLINE_MS 10000
#define LEFT_BEHIND 42          //  A program that has left threads behind ends by _exit

static int s_pipe [2];          //  What threads say to the test
static int s_gate [2];          //  What lets a handler go on
static pthread_key_t s_key;     //  Its destructor runs when a thread has ended

static void s_say (void)
{
    cr_assert_eq (write (s_pipe [1], "x", 1), 1);
}

static void s_hear (void)
{
    char byte;
    cr_assert_eq (read (s_pipe [0], &byte, 1), 1);
}

static void s_on_thread_end (void *value)
{
    (void) value;
    s_say ();
}

static void s_no_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

static troupe_t *s_new (void)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_no_log };
    cr_assert_eq (pipe (s_pipe), 0);
    cr_assert_eq (pipe (s_gate), 0);
    cr_assert_eq (pthread_key_create (&s_key, s_on_thread_end), 0);
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    return troupe;
}

//  --- The parent's side

typedef struct {
    bool started, wedged, gone;
    troupe_reason_kind_t kind;
} s_life_t;

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) self;
    (void) state;
    (void) link;
    s_life_t *life = context;
    life->started |= event->kind == TROUPE_CHILD_STARTED;
    life->wedged |= event->kind == TROUPE_CHILD_WEDGED;
    life->gone |= event->kind == TROUPE_CHILD_GONE;
    if (event->reason)
        life->kind = event->reason->kind;
    return 0;
}

static troupe_link_t *s_spawn (troupe_t *troupe, const troupe_child_t *spec, s_life_t *life)
{
    troupe_link_t *link = NULL;
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), spec, s_on_child, life, &link), TROUPE_OK);
    return link;
}

static void s_run_until (troupe_t *troupe, const bool *done)
{
    while (!*done)
        cr_assert_neq (troupe_run (troupe, DEADLINE_MS), TROUPE_ETIMEOUT);
}

//  --- Actors

static int s_start_never (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_start_later (self);
    return 0;
}

//  A mailbox that nobody empties.
static const troupe_behavior_t s_closed = { .name = "closed", .start = s_start_never };

//  Sends more than there is room for.
static int s_push (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_ref_t *closed = troupe_ref (self, "closed");
    cr_assert_eq (troupe_cast (closed, 0, "", 0), TROUPE_OK);
    s_say ();
    cr_assert_eq (troupe_cast (closed, 0, "", 0), TROUPE_EFULL);
    return 0;
}

static const troupe_behavior_t s_pushing = { .name = "pushing", .receive = s_push };

static int s_echo (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    pthread_setspecific (s_key, &s_key);
    troupe_reply (self, message, "yes", 3);
    if (troupe_is_draining (self))
        troupe_exit (self);
    return 0;
}

static int s_drain (troupe_actor_t *self, void *state)
{
    (void) state;
    if (pthread_getspecific (s_key))
        troupe_exit (self);
    return 0;
}

static const troupe_behavior_t s_echoing = { .name = "echoing", .receive = s_echo };
//  Ends when it has been asked to, and has answered.
static const troupe_behavior_t s_last_words = { .name = "last words", .receive = s_echo, .drain = s_drain };

static int s_hang (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    char byte;
    s_say ();
    cr_assert_eq (read (s_gate [0], &byte, 1), 1);
    return 0;
}

static const troupe_behavior_t s_hanging = { .name = "hanging", .receive = s_hang };

//  Has a child that hangs.
static int s_start_family (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_child_t spec = { .id = "hanging", .behavior = &s_hanging, .shutdown_ms = 50 };
    pthread_setspecific (s_key, &s_key);
    return (int) troupe_spawn (self, &spec, NULL, NULL, NULL);
}

static const troupe_behavior_t s_family = { .name = "family", .start = s_start_family };

//  --- Facts

//  The word to stop ends the wait for room, and is then heard: it was read by nobody when its signal was.
Test (live_ends, sender_that_waits_for_room_hears_the_word_to_stop)
{
    troupe_t *troupe = s_new ();
    s_life_t closed = { 0 }, pushing = { 0 };
    s_spawn (troupe, &(troupe_child_t) { .id = "closed", .behavior = &s_closed,
        .mailbox = { .limit_messages = 1, .overflow = TROUPE_OVERFLOW_BLOCK, .block_ms = 60000 } }, &closed);
    troupe_link_t *link = s_spawn (troupe, &(troupe_child_t) { .id = "pushing", .behavior = &s_pushing }, &pushing);
    s_run_until (troupe, &pushing.started);
    cr_assert_eq (troupe_cast_now (troupe, "pushing", 0, "", 0), TROUPE_OK);
    s_hear ();
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    s_run_until (troupe, &pushing.gone);
    cr_assert_not (pushing.wedged);
    cr_assert_eq (pushing.kind, TROUPE_REASON_SHUTDOWN);
    troupe_destroy (&troupe);
}

//  A brutal end is quick, but it is an end: an actor that does not hang is not left behind.
Test (live_ends, brutal_kill_leaves_no_idle_actor_behind)
{
    static const troupe_child_t children [] = {
        { .id = "idle", .behavior = &s_echoing, .shutdown_ms = TROUPE_SHUTDOWN_BRUTAL_KILL, .instances = 8 },
        { .id = NULL }
    };
    static const troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = s_new ();
    for (int count = 0; count < 20; count++) {
        cr_assert_eq (troupe_start (troupe, &root, DEADLINE_MS), TROUPE_OK);
        cr_assert_eq (troupe_stop (troupe, DEADLINE_MS), TROUPE_OK, "%d", count);
    }
    troupe_destroy (&troupe);
}

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) self;
    (void) state;
    (void) reply;
    *(int *) context = (int) outcome;
    return 0;
}

//  What an actor answered before its end is an answer, even if its parent learns of both at once.
Test (live_ends, answer_before_the_end_is_not_lost)
{
    troupe_t *troupe = s_new ();
    s_life_t life = { 0 };
    troupe_link_t *link = s_spawn (troupe, &(troupe_child_t) { .id = "a", .behavior = &s_last_words }, &life);
    s_run_until (troupe, &life.started);
    int outcome = -1;
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    troupe_call (troupe_link_ref (link), 0, "", 0, DEADLINE_MS, s_on_answer, &outcome, NULL);
    troupe_flush (troupe_guest (troupe));
    s_hear ();
    s_run_until (troupe, &life.gone);
    cr_assert_eq (outcome, TROUPE_CALL_OK, "%d", outcome);
    troupe_destroy (&troupe);
}

static int s_on_down_telling (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                              void *context)
{
    (void) state;
    (void) reply;
    (void) context;
    cr_assert_eq (outcome, TROUPE_CALL_DOWN);
    return (int) troupe_cast (troupe_ref (self, "speaking"), 0, "", 0);
}

static int s_call_hanging (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return (int) troupe_call (troupe_ref (self, "hanging"), 0, "", 0, TROUPE_FOREVER, s_on_down_telling, NULL, NULL);
}

static int s_speak (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    s_say ();
    return 0;
}

static const troupe_behavior_t s_calling = { .name = "calling", .receive = s_call_hanging };
static const troupe_behavior_t s_speaking = { .name = "speaking", .receive = s_speak };

//  Who learns of an end from the directory is in no turn of its own: what it sends then must not wait for the next.
Test (live_ends, message_sent_because_of_an_end_leaves_at_once, .exit_code = LEFT_BEHIND)
{
    troupe_t *troupe = s_new ();
    s_life_t hanging = { 0 }, other = { 0 };
    troupe_link_t *link = s_spawn (troupe, &(troupe_child_t) { .id = "hanging", .behavior = &s_hanging }, &hanging);
    s_spawn (troupe, &(troupe_child_t) { .id = "speaking", .behavior = &s_speaking }, &other);
    s_spawn (troupe, &(troupe_child_t) { .id = "calling", .behavior = &s_calling }, &other);
    s_run_until (troupe, &hanging.started);
    cr_assert_eq (troupe_call_wait (troupe, "calling", TROUPE_TAG_PING, "", 0, DEADLINE_MS, NULL), TROUPE_CALL_OK);
    cr_assert_eq (troupe_cast_now (troupe, "calling", 0, "", 0), TROUPE_OK);
    s_hear ();                          //  It hangs
    troupe_link_stop (link, 1);
    s_run_until (troupe, &hanging.gone);
    s_hear ();                          //  The other one has been told
    _exit (LEFT_BEHIND);
}

//  Threads that are still there keep what all share: freeing it under them would crash.
Test (live_ends, those_left_behind_by_one_left_behind_are_counted, .exit_code = LEFT_BEHIND)
{
    troupe_t *troupe = s_new ();
    s_life_t life = { 0 };
    troupe_link_t *link = s_spawn (troupe, &(troupe_child_t) { .id = "family", .behavior = &s_family }, &life);
    s_run_until (troupe, &life.started);
    cr_assert_eq (troupe_call_wait (troupe, "hanging", TROUPE_TAG_PING, "", 0, DEADLINE_MS, NULL), TROUPE_CALL_OK);
    cr_assert_eq (troupe_cast_now (troupe, "hanging", 0, "", 0), TROUPE_OK);
    s_hear ();
    troupe_link_stop (link, 1);
    s_run_until (troupe, &life.gone);
    cr_assert (life.wedged);
    s_hear ();                          //  The family has ended, and has left its child behind
    troupe_run (troupe, 0);
    cr_assert_eq (troupe_stop (troupe, DEADLINE_MS), TROUPE_ETIMEOUT);
    _exit (LEFT_BEHIND);
}

static int s_on_timer_failing (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    return troupe_fail (self, 3, "the guest has had enough");
}

//  A guest that fails ends its children; whoever waits for something then, waits for ever otherwise.
Test (live_ends, guest_that_fails_ends_every_wait)
{
    static const troupe_child_t children [] = { { .id = "closed", .behavior = &s_echoing }, { .id = NULL } };
    static const troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = s_new ();
    cr_assert_eq (troupe_start (troupe, &root, DEADLINE_MS), TROUPE_OK);
    s_life_t life = { 0 };
    s_spawn (troupe, &(troupe_child_t) { .id = "never", .behavior = &s_closed }, &life);
    troupe_after (troupe_guest (troupe), 1, s_on_timer_failing, NULL);
    cr_assert_eq (troupe_call_wait (troupe, "never", 0, "", 0, TROUPE_FOREVER, NULL), TROUPE_CALL_CANCELLED);
    cr_assert_eq (troupe_run (troupe, DEADLINE_MS), TROUPE_EDOWN);
    cr_assert_eq (troupe_stop (troupe, DEADLINE_MS), TROUPE_OK);
    troupe_destroy (&troupe);
    cr_assert_null (troupe);
}
