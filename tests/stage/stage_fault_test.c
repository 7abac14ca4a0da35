/*  =========================================================================
    stage_fault_test.c - what a test can make go wrong

    Place: tests/stage, of runtime/stage/faults.c and probe.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 23

static int s_echo_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    doer_note ("%s@%d", troupe_message_text (message), (int) troupe_now_ms (self));
    return (int) troupe_reply (self, message, troupe_message_data (message), troupe_message_size (message));
}

static const troupe_behavior_t s_echo = { .name = "echo", .receive = s_echo_receive };

static troupe_stage_t *s_stage (void)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    cr_assert_eq (troupe_stage_spawn (stage, &s_echo, NULL), TROUPE_OK);
    return stage;
}

static void s_cast (troupe_stage_t *stage, const char *text)
{
    cr_assert_eq (troupe_stage_cast (stage, "echo", 0, text, strlen (text)), TROUPE_OK);
}

static bool s_traced (troupe_stage_t *stage, const char *line)
{
    return strstr (troupe_stage_trace (stage), line);
}

//  The nth message that is handled fails, as if the handler had returned a failure; the others don't.
Test (stage_fault, nth_message_fails)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_fail_message (stage, "echo", 2);
    cr_assert_str_eq (troupe_stage_call (stage, "echo", "one"), "one");
    cr_assert_str_eq (troupe_stage_call (stage, "echo", "two"), "[FAILED] made to fail by the stage");
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_reason (stage, "echo")->kind, TROUPE_REASON_FAILED);
    cr_assert (s_traced (stage, "0 fault: echo#1 fails\n"));
    cr_assert_str_eq (doer_notes (), "one@0", "the handler has not run");
    troupe_stage_destroy (&stage);
}

//  A lost message is lost without a word.
Test (stage_fault, nth_message_is_lost)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_drop_message (stage, "guest", "echo", 2);
    s_cast (stage, "one");
    s_cast (stage, "two");
    s_cast (stage, "three");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "one@0 three@0");
    cr_assert (s_traced (stage, "0 fault: lost echo <- guest: tag 0 cast 3\n"));
    for (int reason = 0; reason < TROUPE_DEAD_REASONS; reason++)
        cr_assert_eq (troupe_stage_dead_letters (stage, (troupe_dead_reason_t) reason), 0);
    troupe_stage_destroy (&stage);
}

//  A network that loses messages must not make the mailbox smaller for ever.
Test (stage_fault, lost_messages_take_no_room)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_child_t spec = { .id = "echo", .behavior = &s_echo, .mailbox = { .limit_messages = 2 } };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    for (int round = 0; round < 10; round++) {
        troupe_stage_drop_message (stage, NULL, "echo", 1);
        s_cast (stage, "x");
        troupe_stage_run (stage);
    }
    s_cast (stage, "one");
    s_cast (stage, "two");
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "one@0 two@0");
    troupe_stage_destroy (&stage);
}

//  Held back, and still in order.
Test (stage_fault, delayed_messages_keep_their_order)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_delay (stage, "guest", "echo", 100);
    s_cast (stage, "one");
    troupe_stage_run (stage);
    troupe_stage_delay (stage, "guest", "echo", 0);
    s_cast (stage, "two");
    troupe_stage_advance (stage, 99);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_advance (stage, 1);
    cr_assert_str_eq (doer_notes (), "one@100 two@100", "the second does not overtake the first");
    troupe_stage_destroy (&stage);
}

//  Only the direction that was asked for.
Test (stage_fault, delay_has_a_direction)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_delay (stage, "echo", "guest", 30);
    cr_assert_str_eq (troupe_stage_call (stage, "echo", "x"), "x");
    cr_assert_str_eq (doer_notes (), "x@0");
    cr_assert_eq (troupe_stage_now_ms (stage), 30);
    troupe_stage_destroy (&stage);
}

//  A start that fails is found by whoever spawned.
Test (stage_fault, nth_start_fails)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_stage_fail_start (stage, "echo", 2);
    cr_assert_eq (troupe_stage_spawn (stage, &s_echo, NULL), TROUPE_OK);
    cr_assert_eq (troupe_stage_stop (stage, "echo"), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn (stage, &s_echo, NULL), TROUPE_EFAILED);
    cr_assert_eq (troupe_stage_reason (stage, "echo")->kind, TROUPE_REASON_START_FAILED);
    cr_assert_eq (troupe_stage_spawn (stage, &s_echo, NULL), TROUPE_OK);
    troupe_stage_destroy (&stage);
}

//  So is a spawn for which the system has no more to give.
Test (stage_fault, nth_spawn_fails)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_stage_fail_spawn (stage, 1, TROUPE_EFILES);
    cr_assert_eq (troupe_stage_spawn (stage, &s_echo, NULL), TROUPE_EFILES);
    cr_assert_eq (troupe_stage_spawn (stage, &s_echo, NULL), TROUPE_OK);
    cr_assert_eq (troupe_stage_spawn (stage, &s_echo, NULL), TROUPE_EADDRINUSE, "the name is taken");
    troupe_stage_destroy (&stage);
}

//  As full, whatever is in it; also for those who have not sent before.
Test (stage_fault, mailbox_refuses_as_if_full)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_fill_mailbox (stage, "echo", true);
    cr_assert_eq (troupe_stage_cast (stage, "echo", 0, "x", 1), TROUPE_EFULL);
    cr_assert_str_eq (troupe_stage_call (stage, "echo", "x"), "[FULL]");
    troupe_stage_fill_mailbox (stage, "echo", false);
    cr_assert_str_eq (troupe_stage_call (stage, "echo", "x"), "x");
    troupe_stage_fill_mailbox (stage, "echo", true);
    cr_assert_eq (troupe_stage_cast (stage, "echo", 0, "x", 1), TROUPE_EFULL);
    troupe_stage_destroy (&stage);
}

//  One that hangs takes no turn, and goes on where it was.
Test (stage_fault, hung_actor_takes_no_turn)
{
    troupe_stage_t *stage = s_stage ();
    troupe_stage_hang (stage, "echo", true);
    s_cast (stage, "one");
    troupe_stage_advance (stage, 10);
    cr_assert_eq (troupe_stage_mailbox_size (stage, "echo"), 1);
    troupe_stage_hang (stage, "echo", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "one@10");
    troupe_stage_destroy (&stage);
}

//  --- Probes

//  Shown in order, with sender and tag, also after the turn.
Test (stage_probe, messages_are_shown_in_order)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_probe_t *probe = troupe_stage_probe (stage, "users");
    cr_assert_null (troupe_probe_next (probe));
    troupe_stage_cast (stage, "users", 4, "one", 3);
    troupe_stage_cast (stage, "users", 5, "two", 3);
    troupe_stage_run (stage);
    troupe_message_t *message = troupe_probe_next (probe);
    cr_assert_str_eq (troupe_message_text (message), "one");
    cr_assert_eq (troupe_message_tag (message), 4);
    cr_assert_str_eq (troupe_message_sender (message), "guest");
    cr_assert_not (troupe_message_is_call (message));
    cr_assert_str_eq (troupe_message_text (troupe_probe_next (probe)), "two");
    cr_assert_null (troupe_probe_next (probe));
    troupe_stage_destroy (&stage);
}

//  A large payload is shared, and still there.
Test (stage_probe, large_messages_are_whole)
{
    static char large [100000];
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_probe_t *probe = troupe_stage_probe (stage, "users");
    memset (large, 'x', sizeof large);
    troupe_stage_cast (stage, "users", 0, large, sizeof large);
    troupe_stage_run (stage);
    troupe_message_t *message = troupe_probe_next (probe);
    cr_assert_eq (troupe_message_size (message), sizeof large);
    cr_assert_eq (memcmp (troupe_message_data (message), large, sizeof large), 0);
    troupe_stage_destroy (&stage);
}

//  Answers leave when the test says so.
Test (stage_probe, calls_are_answered_on_demand)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_probe_t *probe = troupe_stage_probe (stage, "users");
    troupe_actor_t *guest = troupe_stage_guest (stage);
    troupe_call (troupe_ref (guest, "users"), 0, "1", 1, TROUPE_FOREVER, doer_on_reply, NULL, NULL);
    troupe_call (troupe_ref (guest, "users"), 0, "2", 1, TROUPE_FOREVER, doer_on_reply, NULL, NULL);
    troupe_stage_advance (stage, 100000);
    cr_assert_str_eq (doer_notes (), "");
    cr_assert (troupe_message_is_call (troupe_probe_next (probe)));
    cr_assert_eq (troupe_probe_reply (probe, "yes", 3), TROUPE_OK);
    cr_assert_eq (troupe_probe_reply (probe, "yes", 3), TROUPE_ESTATE, "once");
    cr_assert_not_null (troupe_probe_next (probe));
    cr_assert_eq (troupe_probe_fail (probe, "no"), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "OK:yes FAILED:no");
    troupe_stage_destroy (&stage);
}
