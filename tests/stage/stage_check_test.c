/*  =========================================================================
    stage_check_test.c - what a stage does not let pass at its end

    Place: tests/stage, of runtime/stage/check.c. Each of these ends with
    abort (), with one line that says why, and how to replay it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <signal.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include "doer.h"

static void s_quiet (void)
{
    cr_redirect_stderr ();
}

static int s_keep (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    cr_assert_not_null (troupe_message_keep (message));
    return 0;
}

static int s_ask_for_ever (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_call (troupe_ref (self, "users"), 0, "", 0, TROUPE_FOREVER, doer_on_reply, NULL, NULL);
    return 0;
}

static int s_on_again (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    troupe_after (self, 0, s_on_again, NULL);
    return 0;
}

static int s_go_round (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) message;
    return s_on_again (self, state, NULL);
}

//  A program that waits for ever is a bug, even when nothing else shows it.
Test (stage_check, unanswered_call_without_deadline_aborts, .init = s_quiet, .signal = SIGABRT)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_stage_probe (stage, "users");
    doer_new (stage, "a");
    doer_do (stage, "a", s_ask_for_ever);
    troupe_stage_destroy (&stage);
}

//  With a deadline it ends by itself, and that is no leak.
Test (stage_check, unanswered_call_with_deadline_passes)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_stage_probe (stage, "users");
    troupe_call (troupe_ref (troupe_stage_guest (stage), "users"), 0, "", 0, 1000, doer_on_reply, NULL, NULL);
    troupe_stage_destroy (&stage);
}

//  A message that was kept and never destroyed.
Test (stage_check, kept_message_aborts, .init = s_quiet, .signal = SIGABRT)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    doer_new (stage, "a");
    doer_do (stage, "a", s_keep);
    troupe_stage_destroy (&stage);
}

//  Also of an actor that has ended long ago.
Test (stage_check, kept_message_of_the_dead_aborts, .init = s_quiet, .signal = SIGABRT)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    doer_new (stage, "a");
    doer_do (stage, "a", s_keep);
    troupe_stage_stop (stage, "a");
    troupe_stage_destroy (&stage);
}

//  Two that wait for each other's every turn never let the clock move.
Test (stage_check, endless_turns_abort, .init = s_quiet, .signal = SIGABRT)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    doer_new (stage, "a");
    doer_do (stage, "a", s_go_round);
}

//  A test that waits for an answer that cannot come is told so.
Test (stage_check, guest_that_waits_for_ever_aborts, .init = s_quiet, .signal = SIGABRT)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_stage_probe (stage, "users");
    troupe_stage_call_bytes (stage, "users", 0, "", 0, TROUPE_FOREVER, NULL);
}

//  Answering what is no call is the test's own mistake.
Test (stage_check, answering_nothing_aborts, .init = s_quiet, .signal = SIGABRT)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_probe_t *probe = troupe_stage_probe (stage, "users");
    troupe_probe_reply (probe, "", 0);
}

static int s_never_ends (troupe_actor_t *self, void *state)
{
    (void) self;
    (void) state;
    return 0;
}

static const troupe_behavior_t s_stubborn = { .name = "stubborn", .drain = s_never_ends };

//  An end that takes for ever names the one who does not end.
Test (stage_check, endless_shutdown_aborts, .init = s_quiet, .signal = SIGABRT)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_child_t spec = { .id = "stubborn", .behavior = &s_stubborn, .shutdown_ms = TROUPE_SHUTDOWN_INFINITY };
    troupe_stage_spawn_child (stage, &spec);
    troupe_stage_destroy (&stage);
}

//  One that has been given up is over in the end, whatever it waited for.
Test (stage_check, given_up_is_over)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_child_t spec = { .id = "stubborn", .behavior = &s_stubborn, .shutdown_ms = 100 };
    troupe_stage_spawn_child (stage, &spec);
    troupe_stage_destroy (&stage);
    cr_assert_null (stage);
    troupe_stage_destroy (&stage);
}
