/*  =========================================================================
    restart_test.c - what survives a restart in place, and what does not

    Place: tests/stage, of runtime/core/cell/cell.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 5

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 5, "broken");
}

static int s_note_life (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    doer_note ("life-%u", troupe_incarnation (self));
    return (int) troupe_replyf (self, message, "life %u", troupe_incarnation (self));
}

static int s_defer (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    cr_assert_not_null (troupe_defer (self, message));
    return 0;
}

static int s_on_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("timer");
    return 0;
}

static int s_set_timers (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_after (self, 100, s_on_timer, NULL);
    troupe_every (self, 10, s_on_timer, NULL);
    return 0;
}

static int s_call_box (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_call (troupe_ref (self, "box"), 0, "", 0, 100, doer_on_reply, NULL, NULL);
    return 0;
}

//  --- A parent that restarts whatever ends

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    if (event->kind == TROUPE_CHILD_ENDED && event->reason->kind != TROUPE_REASON_SHUTDOWN)
        troupe_link_restart (link);
    return 0;
}

static int s_spawn_child (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    static const troupe_child_t spec = { .id = "a", .behavior = &doer };
    troupe_link_t *link;
    cr_assert_eq (troupe_spawn (self, &spec, s_on_child, NULL, &link), TROUPE_OK);
    return 0;
}

static troupe_stage_t *s_stage (void)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "parent");
    doer_do (stage, "parent", s_spawn_child);
    cr_assert_eq (troupe_stage_incarnation (stage, "a"), 1);
    return stage;
}

//  The promise of restarting in place: nobody's ref goes bad and no mail is lost.
Test (restart, queued_mail_survives)
{
    troupe_stage_t *stage = s_stage ();
    doer_later (stage, "a", s_note_life);
    doer_later (stage, "a", s_fail);
    doer_later (stage, "a", s_note_life);
    doer_later (stage, "a", s_note_life);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "life-1 life-2 life-2");
    cr_assert_eq (troupe_stage_incarnation (stage, "a"), 2);
    troupe_stage_destroy (&stage);
}

//  A call that waits in the mailbox is answered by the next incarnation.
Test (restart, queued_call_is_answered_by_the_next_life)
{
    troupe_stage_t *stage = s_stage ();
    doer_later (stage, "a", s_fail);
    cr_assert_str_eq (doer_ask (stage, "a", s_note_life, 100), "OK life 2");
    troupe_stage_destroy (&stage);
}

//  What the dead incarnation had taken on is nobody's any more.
Test (restart, deferred_callers_are_failed)
{
    troupe_stage_t *stage = s_stage ();
    doer_fn *fn = s_defer;
    troupe_call (troupe_ref (troupe_stage_guest (stage), "a"), 0, &fn, sizeof fn, 1000, doer_on_reply, NULL, NULL);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "");
    doer_do (stage, "a", s_fail);
    cr_assert_eq (strncmp (doer_notes (), "FAILED:", 7), 0);
    cr_assert_eq (troupe_stage_now_ms (stage), 0);
    troupe_stage_destroy (&stage);
}

//  A timer would call back with a state that is gone.
Test (restart, timers_are_gone)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "a", s_set_timers);
    doer_do (stage, "a", s_fail);
    troupe_stage_advance (stage, 1000);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  So would an answer.
Test (restart, answers_to_the_dead_go_nowhere)
{
    troupe_stage_t *stage = s_stage ();
    troupe_probe_t *probe = troupe_stage_probe (stage, "box");
    doer_do (stage, "a", s_call_box);
    doer_do (stage, "a", s_fail);
    if (troupe_probe_next (probe))
        troupe_probe_reply (probe, "x", 1);
    troupe_stage_advance (stage, 1000);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  Refs of others, and the ref that one's own next incarnation asks for again, go on working.
Test (restart, refs_stay_good_in_both_directions)
{
    troupe_stage_t *stage = s_stage ();
    doer_new (stage, "box");
    for (int life = 1; life <= 5; life++) {
        doer_do (stage, "a", s_note_life);
        doer_do (stage, "a", s_fail);
    }
    cr_assert_str_eq (doer_notes (), "life-1 life-2 life-3 life-4 life-5");
    cr_assert_eq (troupe_stage_dead_letters (stage, TROUPE_DEAD_DOWN), 0);
    troupe_stage_destroy (&stage);
}

//  A supervisor that cannot start its child again must hear so, and may try again.
Test (restart, failed_start_of_a_restart_is_an_end_too)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_fail_start (stage, "a", 1);
    doer_do (stage, "a", s_fail);
    cr_assert_eq (troupe_stage_incarnation (stage, "a"), 3, "the second one failed to start");
    cr_assert_eq (troupe_stage_reason (stage, "a")->kind, TROUPE_REASON_START_FAILED);
    troupe_stage_destroy (&stage);
}
