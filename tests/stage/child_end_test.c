/*  =========================================================================
    child_end_test.c - how children that were spawned by hand are ended

    Place: tests/stage, of runtime/core/cell/cell_child.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "parent.h"

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

static const troupe_behavior_t s_draining = {
    .name = "draining", .start = parent_child_start, .receive = parent_child_receive,
    .drain = s_drain, .stop = parent_child_stop,
};

PARENT_SPAWNER (s_spawn_b, "b", &parent_child)
PARENT_SPAWNER (s_spawn_c, "c", &parent_child)
PARENT_SPAWNER (s_spawn_draining, "d", &s_draining)

//  Who came last may lean on who came first.
Test (child_end, children_stop_in_reverse_order)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        troupe_stage_t *stage = troupe_stage_new (seed);
        doer_new (stage, "parent");
        doer_do (stage, "parent", parent_spawn_a);
        doer_do (stage, "parent", s_spawn_b);
        doer_do (stage, "parent", s_spawn_c);
        doer_notes ();
        doer_do (stage, "parent", parent_exit);
        cr_assert_str_eq (doer_notes (), "-c -b -a", "seed %lu", (unsigned long) seed);
        troupe_stage_destroy (&stage);
    }
}

//  Draining takes the time that it takes, and takes calls until its end.
Test (child_end, draining_child_ends_when_it_is_done)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_draining);
    doer_do (stage, "parent", parent_stop_link);
    troupe_stage_advance (stage, 199);
    cr_assert_str_eq (doer_notes (), "spawned +d d#1:started");
    troupe_stage_advance (stage, 1);
    cr_assert_str_eq (doer_notes (), "-d d#1:ended:SHUTDOWN d#1:gone:SHUTDOWN");
    troupe_stage_destroy (&stage);
}

//  A hung child is reported with what it hangs in, and given up: shutdown always ends.
Test (child_end, hung_child_is_wedged_then_given_up)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", parent_spawn_a);
    troupe_stage_hang (stage, "a", true);
    doer_do (stage, "parent", parent_stop_link);
    troupe_stage_advance (stage, 4999);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started");
    troupe_stage_advance (stage, 1);
    cr_assert_str_eq (doer_notes (), "a#1:wedged:WEDGED a#1:gone:KILLED");
    const char *line = "ERROR parent#1: a does not stop in time: hanging since 5000 ms";
    cr_assert_not_null (strstr (troupe_stage_log (stage), line), "%s", troupe_stage_log (stage));
    troupe_stage_destroy (&stage);
}

//  A brutal end does not wait for a drain.
Test (child_end, brutal_kill_does_not_wait)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_draining);
    doer_notes ();
    doer_do (stage, "parent", parent_kill_link);
    cr_assert_not_null (strstr (doer_notes (), "d#1:gone:KILLED"));
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  Who asked nicely may lose patience.
Test (child_end, brutal_kill_cuts_a_stop_short)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_draining);
    doer_do (stage, "parent", parent_stop_link);
    doer_notes ();
    doer_do (stage, "parent", parent_kill_link);
    cr_assert_str_eq (doer_notes (), "-d d#1:ended:KILLED d#1:gone:KILLED");
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

static int s_on_child_stopping (troupe_actor_t *self, void *state, troupe_link_t *link,
                                const troupe_child_event_t *event, void *context)
{
    parent_on_child (self, state, link, event, context);
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
    troupe_child_t spec = { .id = "a", .behavior = &parent_child };
    cr_assert_eq (troupe_spawn (self, &spec, s_on_child_stopping, NULL, &parent_link), TROUPE_OK);
    return 0;
}

//  An owner that says something even at the last event means no harm by it.
Test (child_end, nothing_can_be_said_to_one_that_is_gone)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", s_spawn_stopped);
    troupe_stage_hang (stage, "a", true);
    doer_do (stage, "parent", parent_halt_link);
    troupe_stage_advance (stage, 6000);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "gone:KILLED"), "%s", notes);
    troupe_stage_advance (stage, 1000);
    troupe_stage_destroy (&stage);
}

static int s_restart_and_halt_link (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    parent_restart_link (self, state, message);
    return parent_halt_link (self, state, message);
}

//  A child whose name is taken is not there to be halted: it must not be taken for one that hangs.
Test (child_end, taken_name_is_halted_at_once)
{
    troupe_stage_t *stage = parent_stage ();
    doer_new (stage, "a");
    doer_do (stage, "parent", parent_spawn_a);
    doer_notes ();
    doer_do (stage, "parent", s_restart_and_halt_link);
    troupe_stage_advance (stage, 10000);
    cr_assert_str_eq (doer_notes (), "a#1:ended:START_FAILED");
    troupe_stage_destroy (&stage);
}

static void s_stop_spawning (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) state;
    (void) reason;
    troupe_child_t spec = { .id = "late", .behavior = &parent_child };
    doer_note ("%s", troupe_error_name (troupe_spawn (self, &spec, NULL, NULL, NULL)));
}

static const troupe_behavior_t s_too_late = { .name = "too late", .stop = s_stop_spawning };

//  A child never outlives the incarnation that spawned it: one that has stopped its children gets no more.
Test (child_end, stop_can_spawn_nobody)
{
    troupe_stage_t *stage = parent_stage ();
    cr_assert_eq (troupe_stage_spawn (stage, &s_too_late, NULL), TROUPE_OK);
    cr_assert_eq (troupe_stage_stop (stage, "too late"), TROUPE_OK);
    cr_assert_str_eq (doer_notes (), "TROUPE_ESTATE");
    troupe_stage_destroy (&stage);
}

//  Halting keeps the mailbox: mail sent meanwhile is the next incarnation's.
Test (child_end, halted_child_keeps_its_mail)
{
    troupe_stage_t *stage = parent_stage ();
    doer_do (stage, "parent", parent_spawn_a);
    doer_do (stage, "parent", parent_halt_link);
    cr_assert_str_eq (doer_notes (), "spawned +a a#1:started -a a#1:ended:SHUTDOWN");
    troupe_call (troupe_ref (troupe_stage_guest (stage), "a"), 0, "", 0, 1000, doer_on_reply, NULL, NULL);
    troupe_stage_advance (stage, 10);
    cr_assert_str_eq (doer_notes (), "");
    doer_do (stage, "parent", parent_restart_link);
    const char *notes = doer_notes ();
    bool either = strcmp (notes, "+a a#2:started OK:here") == 0 || strcmp (notes, "+a OK:here a#2:started") == 0;
    cr_assert (either, "%s", notes);
    troupe_stage_destroy (&stage);
}
