/*  =========================================================================
    child_test.c - spawning by hand: events, their order, and ends

    Place: tests/stage, of runtime/core/cell_child.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"
#include "stage/world.h"

#define S_SEED 19

static troupe_link_t *s_link;
static bool s_restarts;

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    static const char *const names [] = { "started", "ended", "wedged", "gone" };
    (void) self;
    (void) state;
    (void) context;
    if (event->kind == TROUPE_CHILD_STARTED)
        doer_note ("%s#%u:started", troupe_link_id (link), event->incarnation);
    else
        doer_note ("%s#%u:%s:%s", troupe_link_id (link), event->incarnation, names [event->kind],
                   troupe_reason_kind_name (event->reason->kind));
    if (event->kind == TROUPE_CHILD_ENDED && s_restarts)
        troupe_link_restart (link);
    return 0;
}

//  --- Children that tell of their lives

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    doer_note ("+%s%.*s", troupe_name (self), (int) args_size, (const char *) args);
    return 0;
}

static int s_start_failing (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    return troupe_fail (self, 4, "cannot");
}

static int s_on_ready (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    troupe_started (self);
    return 0;
}

static int s_start_slowly (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_start_later (self);
    troupe_after (self, 100, s_on_ready, NULL);
    return 0;
}

static int s_on_not_ready (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    return troupe_fail (self, 6, "not ready");
}

static int s_start_slowly_failing (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_start_later (self);
    troupe_after (self, 100, s_on_not_ready, NULL);
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_replyf (self, message, "here");
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) state;
    (void) reason;
    doer_note ("-%s", troupe_name (self));
}

static int s_on_drained (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    troupe_exit (self);
    return 0;
}

static int s_drain (troupe_actor_t *self, void *state)
{
    (void) state;
    cr_assert (troupe_is_draining (self));
    troupe_after (self, 200, s_on_drained, NULL);
    return 0;
}

static const troupe_behavior_t s_child = { .name = "child", .start = s_start, .receive = s_receive, .stop = s_stop };
static const troupe_behavior_t s_failing = { .name = "failing", .start = s_start_failing, .stop = s_stop };
static const troupe_behavior_t s_slow = { .name = "slow", .start = s_start_slowly, .receive = s_receive };
static const troupe_behavior_t s_slow_failing = { .name = "slow", .start = s_start_slowly_failing };
static const troupe_behavior_t s_draining = { .name = "draining", .start = s_start, .receive = s_receive,
                                              .drain = s_drain, .stop = s_stop };

//  --- What the parent does

static void s_spawn (troupe_actor_t *self, const char *id, const troupe_behavior_t *behavior)
{
    troupe_child_t spec = { .id = id, .behavior = behavior };
    troupe_error_t error = troupe_spawn (self, &spec, s_on_child, NULL, &s_link);
    doer_note ("%s", error ? troupe_error_name (error) : "spawned");
}

#define S_SPAWNER(name, id, behavior) \
    static int name (troupe_actor_t *self, void *state, troupe_message_t *message) \
    { \
        (void) state; \
        (void) message; \
        s_spawn (self, id, behavior); \
        return 0; \
    }

S_SPAWNER (s_spawn_a, "a", &s_child)
S_SPAWNER (s_spawn_b, "b", &s_child)
S_SPAWNER (s_spawn_c, "c", &s_child)
S_SPAWNER (s_spawn_failing, "f", &s_failing)
S_SPAWNER (s_spawn_slow, "s", &s_slow)
S_SPAWNER (s_spawn_slow_failing, "s", &s_slow_failing)
S_SPAWNER (s_spawn_draining, "d", &s_draining)
S_SPAWNER (s_spawn_doer, "x", &doer)

static int s_spawn_with_args (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    char args [] = "-args";
    troupe_child_t spec = { .id = "a", .behavior = &s_child, .args = args, .args_size = 5 };
    cr_assert_eq (troupe_spawn (self, &spec, s_on_child, NULL, &s_link), TROUPE_OK);
    memset (args, 'x', sizeof args);
    return 0;
}

static int s_spawn_nameless (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_child_t spec = { .id = "secret", .behavior = &s_child, .endpoint = "" };
    cr_assert_eq (troupe_spawn (self, &spec, s_on_child, NULL, &s_link), TROUPE_OK);
    return 0;
}

static int s_call_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_call (troupe_link_ref (s_link), 0, "", 0, 100, doer_on_reply, NULL, NULL);
    return 0;
}

static int s_stop_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_link_stop (s_link, TROUPE_SHUTDOWN_DEFAULT);
    return 0;
}

static int s_halt_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_link_halt (s_link, TROUPE_SHUTDOWN_DEFAULT);
    return 0;
}

static int s_kill_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_link_stop (s_link, TROUPE_SHUTDOWN_BRUTAL_KILL);
    return 0;
}

static int s_restart_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    (void) message;
    troupe_link_restart (s_link);
    return 0;
}

static int s_exit (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_exit (self);
    return 0;
}

static troupe_stage_t *s_stage (void)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "parent");
    return stage;
}

//  --- Facts

//  STARTED never comes from within troupe_spawn, which the caller could not follow.
Test (child, spawn_is_followed_by_started)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_a);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started");
    cr_assert_str_eq (troupe_stage_call (stage, "a", ""), "here");
    troupe_stage_destroy (&stage);
    cr_assert_str_eq (doer_notes (), "-a", "a child never outlives its parent");
}

//  Sharing nothing is true by construction.
Test (child, args_are_copied)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_with_args);
    cr_assert_str_eq (doer_notes (), "+a-args a#1:started");
    troupe_stage_destroy (&stage);
}

//  A failed start is an end with its reason; the link waits for a word.
Test (child, failed_start_is_an_end)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_failing);
    cr_assert_str_eq (doer_notes (), "spawned f#1:ended:START_FAILED");
    cr_assert_eq (troupe_stage_reason (stage, "f")->code, 4);
    doer_do (stage, "parent", s_restart_link);
    cr_assert_str_eq (doer_notes (), "f#2:ended:START_FAILED");
    doer_do (stage, "parent", s_stop_link);
    cr_assert_str_eq (doer_notes (), "f#2:gone:START_FAILED");
    troupe_stage_destroy (&stage);
}

//  Two actors of one name would take each other's mail.
Test (child, taken_name_is_a_failed_start)
{
    troupe_stage_t *stage = s_stage ();
    doer_new (stage, "a");
    doer_do (stage, "parent", s_spawn_a);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "a#1:ended:START_FAILED"), "%s", notes);
    cr_assert_null (strstr (notes, "started"));
    doer_do (stage, "parent", s_stop_link);
    cr_assert_not_null (strstr (doer_notes (), "a#1:gone:START_FAILED"));
    troupe_stage_destroy (&stage);
}

//  The name is free at GONE, and can be used again.
Test (child, name_is_free_after_gone)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_a);
    doer_do (stage, "parent", s_stop_link);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started -a a#1:ended:SHUTDOWN a#1:gone:SHUTDOWN");
    cr_assert_str_eq (troupe_stage_call (stage, "a", ""), "[NO_SUCH_ACTOR]");
    doer_do (stage, "parent", s_spawn_a);
    cr_assert_str_eq (troupe_stage_call (stage, "a", ""), "here");
    troupe_stage_destroy (&stage);
}

//  Without a name only its parent reaches it.
Test (child, nameless_child_is_reached_by_its_link)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_nameless);
    doer_notes ();
    cr_assert_str_eq (troupe_stage_call (stage, "secret", ""), "[NO_SUCH_ACTOR]");
    doer_do (stage, "parent", s_call_link);
    cr_assert_str_eq (doer_notes (), "OK:here");
    troupe_stage_destroy (&stage);
}

//  Who came last may lean on who came first.
Test (child, children_stop_in_reverse_order)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        troupe_stage_t *stage = troupe_stage_new (seed);
        doer_new (stage, "parent");
        doer_do (stage, "parent", s_spawn_a);
        doer_do (stage, "parent", s_spawn_b);
        doer_do (stage, "parent", s_spawn_c);
        doer_notes ();
        doer_do (stage, "parent", s_exit);
        cr_assert_str_eq (doer_notes (), "-c -b -a", "seed %lu", (unsigned long) seed);
        troupe_stage_destroy (&stage);
    }
}

//  A start that needs others' answers does not block its thread: mail waits meanwhile.
Test (child, start_later_is_started_when_it_says_so)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_slow);
    troupe_stage_advance (stage, 50);
    cr_assert_str_eq (doer_notes (), "spawned");
    troupe_call (troupe_ref (troupe_stage_guest (stage), "s"), 0, "", 0, 1000, doer_on_reply, NULL, NULL);
    troupe_stage_advance (stage, 49);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_advance (stage, 1);
    const char *notes = doer_notes ();
    cr_assert (strcmp (notes, "s#1:started OK:here") == 0 || strcmp (notes, "OK:here s#1:started") == 0, "%s", notes);
    troupe_stage_destroy (&stage);
}

//  Failing before that is a failed start, whatever callback it was in.
Test (child, start_later_may_fail)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_slow_failing);
    troupe_stage_advance (stage, 100);
    cr_assert_str_eq (doer_notes (), "spawned s#1:ended:START_FAILED");
    troupe_stage_destroy (&stage);
}

//  Draining takes the time that it takes, and takes calls until its end.
Test (child, draining_child_ends_when_it_is_done)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_draining);
    doer_do (stage, "parent", s_stop_link);
    troupe_stage_advance (stage, 199);
    cr_assert_str_eq (doer_notes (), "spawned +d d#1:started");
    troupe_stage_advance (stage, 1);
    cr_assert_str_eq (doer_notes (), "-d d#1:ended:SHUTDOWN d#1:gone:SHUTDOWN");
    troupe_stage_destroy (&stage);
}

//  A hung child is reported with what it hangs in, and given up: shutdown always ends.
Test (child, hung_child_is_wedged_then_given_up)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_a);
    troupe_stage_hang (stage, "a", true);
    doer_do (stage, "parent", s_stop_link);
    troupe_stage_advance (stage, 4999);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started");
    troupe_stage_advance (stage, 1);
    cr_assert_str_eq (doer_notes (), "a#1:wedged:WEDGED a#1:gone:KILLED");
    const char *line = "ERROR parent#1: a does not stop in time: hanging since 5000 ms";
    cr_assert_not_null (strstr (troupe_stage_log (stage), line), "%s", troupe_stage_log (stage));
    troupe_stage_destroy (&stage);
}

//  A brutal end does not wait for a drain.
Test (child, brutal_kill_does_not_wait)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_draining);
    doer_notes ();
    doer_do (stage, "parent", s_kill_link);
    cr_assert_not_null (strstr (doer_notes (), "d#1:gone:KILLED"));
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  Who asked nicely may lose patience.
Test (child, brutal_kill_cuts_a_stop_short)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_draining);
    doer_do (stage, "parent", s_stop_link);
    doer_notes ();
    doer_do (stage, "parent", s_kill_link);
    cr_assert_str_eq (doer_notes (), "-d d#1:ended:KILLED d#1:gone:KILLED");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

static int s_on_child_stopping (troupe_actor_t *self, void *state, troupe_link_t *link,
                                const troupe_child_event_t *event, void *context)
{
    s_on_child (self, state, link, event, context);
    if (event->kind == TROUPE_CHILD_GONE) {
        troupe_link_stop (link, 100);
        troupe_link_halt (link, 100);
        troupe_link_restart (link);
    }
    return 0;
}

static int s_spawn_stopped (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_child_t spec = { .id = "a", .behavior = &s_child };
    cr_assert_eq (troupe_spawn (self, &spec, s_on_child_stopping, NULL, &s_link), TROUPE_OK);
    return 0;
}

//  An owner that says something even at the last event means no harm by it.
Test (child, nothing_can_be_said_to_one_that_is_gone)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_stopped);
    troupe_stage_hang (stage, "a", true);
    doer_do (stage, "parent", s_halt_link);
    troupe_stage_advance (stage, 6000);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "gone:KILLED"), "%s", notes);
    troupe_stage_advance (stage, 1000);
    troupe_stage_destroy (&stage);
}

static int s_restart_and_halt_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_restart_link (self, state, message);
    return s_halt_link (self, state, message);
}

//  A child whose name is taken is not there to be halted: it must not be taken for one that hangs.
Test (child, taken_name_is_halted_at_once)
{
    troupe_stage_t *stage = s_stage ();
    doer_new (stage, "a");
    doer_do (stage, "parent", s_spawn_a);
    doer_notes ();
    doer_do (stage, "parent", s_restart_and_halt_link);
    troupe_stage_advance (stage, 10000);
    cr_assert_str_eq (doer_notes (), "a#1:ended:START_FAILED");
    troupe_stage_destroy (&stage);
}

static int s_beat (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("beat");
    return 0;
}

static int s_start_beating (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    troupe_every (self, 10, s_beat, NULL);
    return 0;
}

static const troupe_behavior_t s_beating = { .name = "beating", .start = s_start_beating };
S_SPAWNER (s_spawn_beating, "a", &s_beating)

//  It was reported as ended: then it must not go on working, unseen.
Test (child, taken_name_does_not_go_on_working)
{
    troupe_stage_t *stage = s_stage ();
    doer_new (stage, "a");
    doer_do (stage, "parent", s_spawn_beating);
    troupe_stage_advance (stage, 100);
    cr_assert_str_eq (doer_notes (), "spawned a#1:ended:START_FAILED");
    troupe_stage_destroy (&stage);
}

static void s_stop_spawning (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) state;
    (void) reason;
    troupe_child_t spec = { .id = "late", .behavior = &s_child };
    doer_note ("%s", troupe_error_name (troupe_spawn (self, &spec, NULL, NULL, NULL)));
}

static const troupe_behavior_t s_too_late = { .name = "too late", .stop = s_stop_spawning };

//  A child never outlives the incarnation that spawned it: one that has stopped its children gets no more.
Test (child, stop_can_spawn_nobody)
{
    troupe_stage_t *stage = s_stage ();
    cr_assert_eq (troupe_stage_spawn (stage, &s_too_late, NULL), TROUPE_OK);
    cr_assert_eq (troupe_stage_stop (stage, "too late"), TROUPE_OK);
    cr_assert_str_eq (doer_notes (), "TROUPE_ESTATE");
    troupe_stage_destroy (&stage);
}

//  Halting keeps the mailbox: mail sent meanwhile is the next incarnation's.
Test (child, halted_child_keeps_its_mail)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "parent", s_spawn_a);
    doer_do (stage, "parent", s_halt_link);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started -a a#1:ended:SHUTDOWN");
    troupe_call (troupe_ref (troupe_stage_guest (stage), "a"), 0, "", 0, 1000, doer_on_reply, NULL, NULL);
    troupe_stage_advance (stage, 10);
    cr_assert_str_eq (doer_notes (), "");
    doer_do (stage, "parent", s_restart_link);
    const char *notes = doer_notes ();
    bool either = strcmp (notes, "+a a#2:started OK:here") == 0 || strcmp (notes, "+a OK:here a#2:started") == 0;
    cr_assert (either, "%s", notes);
    troupe_stage_destroy (&stage);
}

//  Out of threads is an error of spawn's, and nothing is left behind.
Test (child, spawn_that_fails_starts_nothing)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_fail_spawn (stage, 1, TROUPE_ETHREAD);
    doer_do (stage, "parent", s_spawn_a);
    cr_assert_str_eq (doer_notes (), "TROUPE_ETHREAD");
    doer_do (stage, "parent", s_spawn_a);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started");
    troupe_stage_destroy (&stage);
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 5, "broken");
}

//  Events of one child come in the order of its life.
Test (child, events_follow_the_life_of_a_child)
{
    troupe_stage_t *stage = s_stage ();
    s_restarts = true;
    doer_do (stage, "parent", s_spawn_doer);
    doer_do (stage, "x", s_fail);
    s_restarts = false;
    doer_do (stage, "x", s_exit);
    cr_assert_str_eq (doer_notes (), "spawned x#1:started x#1:ended:FAILED x#2:started x#2:ended:NORMAL");
    doer_do (stage, "parent", s_stop_link);
    cr_assert_str_eq (doer_notes (), "x#2:gone:NORMAL");
    troupe_stage_destroy (&stage);
}

static int s_call_and_stop_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_call_link (self, state, message);
    return s_stop_link (self, state, message);
}

//  A parent that has a child for each job, and talks to it by its link, must not keep a way to every one that ever was.
Test (child, refs_of_links_go_with_them)
{
    troupe_stage_t *stage = s_stage ();
    for (int count = 0; count < 10; count++) {
        doer_do (stage, "parent", s_spawn_nameless);
        doer_do (stage, "parent", s_call_link);
        doer_do (stage, "parent", s_call_and_stop_link);
        doer_notes ();
    }
    troupe_stage_advance (stage, 200);
    cr_assert_null (troupe_stage_find (stage, "parent")->cell.refs);
    troupe_stage_destroy (&stage);
}
