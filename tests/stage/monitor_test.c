/*  =========================================================================
    monitor_test.c - whoever asks is told once that an actor is down, and why

    Place: tests/stage, of runtime/core/cell/cell_monitor.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 13

static troupe_monitor_t s_monitor;

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("%s:%s:%d", troupe_ref_address (ref), troupe_reason_kind_name (reason->kind), reason->code);
    return 0;
}

static int s_watch_a (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_monitor (troupe_ref (self, "a"), s_on_down, NULL, &s_monitor), TROUPE_OK);
    doer_note ("asked");
    return 0;
}

static int s_unwatch (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    doer_note ("%s", troupe_demonitor (self, s_monitor) ? "taken-back" : "too-late");
    return 0;
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 5, "broken");
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
    doer_new (stage, "a");
    doer_new (stage, "watcher");
    return stage;
}

//  Down is told with its reason, and once.
Test (monitor, failure_is_told_once_with_its_reason)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "watcher", s_watch_a);
    doer_do (stage, "a", s_fail);
    troupe_stage_advance (stage, 10000);
    cr_assert_str_eq (doer_notes (), "asked a:FAILED:5");
    troupe_stage_destroy (&stage);
}

//  A normal end is an end.
Test (monitor, normal_end_is_told)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "watcher", s_watch_a);
    doer_do (stage, "a", s_exit);
    cr_assert_str_eq (doer_notes (), "asked a:NORMAL:0");
    troupe_stage_destroy (&stage);
}

//  So is being asked to stop.
Test (monitor, shutdown_is_told)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "watcher", s_watch_a);
    troupe_stage_stop (stage, "a");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "asked a:SHUTDOWN:0");
    troupe_stage_destroy (&stage);
}

//  Two monitors are two requests.
Test (monitor, each_request_is_answered)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "watcher", s_watch_a);
    doer_do (stage, "watcher", s_watch_a);
    doer_do (stage, "a", s_fail);
    cr_assert_str_eq (doer_notes (), "asked asked a:FAILED:5 a:FAILED:5");
    troupe_stage_destroy (&stage);
}

//  There is nothing to wait for when nobody is there: told at once, but never from within the request.
Test (monitor, nobody_there_is_told_at_once)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "watcher");
    doer_do (stage, "watcher", s_watch_a);
    cr_assert_str_eq (doer_notes (), "asked a:NO_SUCH_ACTOR:0");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  What was taken back does not call into freed state.
Test (monitor, taken_back_is_silent)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "watcher", s_watch_a);
    doer_do (stage, "watcher", s_unwatch);
    doer_do (stage, "a", s_fail);
    doer_do (stage, "watcher", s_unwatch);
    cr_assert_str_eq (doer_notes (), "asked taken-back too-late");
    troupe_stage_destroy (&stage);
}

//  A watcher that has ended is not spoken to, and harms nobody.
Test (monitor, dead_watchers_are_forgotten)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "watcher", s_watch_a);
    doer_do (stage, "watcher", s_fail);
    doer_do (stage, "a", s_fail);
    cr_assert_str_eq (doer_notes (), "asked");
    troupe_stage_destroy (&stage);
}

//  An actor that hangs cannot say that it has been given up: the runtime says it.
Test (monitor, actor_that_is_given_up_is_killed)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "watcher", s_watch_a);
    troupe_stage_hang (stage, "a", true);
    troupe_stage_stop (stage, "a");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "asked a:KILLED:0");
    cr_assert_eq (troupe_stage_now_ms (stage), 5000);
    troupe_stage_destroy (&stage);
}
