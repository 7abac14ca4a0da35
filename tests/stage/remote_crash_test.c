/*  =========================================================================
    remote_crash_test.c - what holds when the process of an actor crashes

    Place: tests/stage, of runtime/core/cell/cell_remote.c and of supervisors.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <signal.h>
#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 7

static char s_arrived [64];         //  The first bytes of what the box has got
static char s_taken [64];
static int s_stops;
static int64_t s_timeout_ms;

static const char *s_got (void)
{
    memcpy (s_taken, s_arrived, sizeof s_taken);
    memset (s_arrived, 0, sizeof s_arrived);
    return s_taken;
}

//  Answers what begins with a digit with it and its incarnation, and keeps callers of the rest waiting.
static int s_box_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    char first = *troupe_message_text (message);
    s_arrived [strlen (s_arrived)] = first;
    if (first >= '0' && first <= '9')
        return (int) troupe_replyf (self, message, "%c#%u", first, (unsigned) troupe_incarnation (self));
    troupe_defer (self, message);
    return 0;
}

static const troupe_behavior_t s_box = { .name = "box", .receive = s_box_receive };

static const troupe_child_t s_children [] = {
    { .id = "box", .behavior = &s_box, .endpoint = "ipc://box" },
    { .id = "other", .behavior = &doer },
    { .id = NULL }
};

static troupe_stage_t *s_stage (troupe_strategy_t strategy)
{
    static troupe_supervisor_t spec;
    spec = (troupe_supervisor_t) { .strategy = strategy, .children = s_children, .intensity = 3 };
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_child_t root = { .id = "root", .supervisor = &spec };
    cr_assert_eq (troupe_stage_spawn_child (stage, &root), TROUPE_OK);
    doer_new (stage, "sender");
    troupe_stage_cut_off (stage, "box", false);
    s_timeout_ms = 1000;
    return stage;
}

static void s_ask (troupe_actor_t *self, const char *text)
{
    troupe_call (troupe_ref (self, "box"), 0, text, 1, s_timeout_ms, doer_on_reply, NULL, NULL);
}

static int s_call (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    s_ask (self, "1");
    s_ask (self, "2");
    return 0;
}

static int s_call_taken (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    s_ask (self, "t");
    return 0;
}

static int s_call_idempotent (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_call_idempotent (troupe_ref (self, "box"), 0, "3", 1, s_timeout_ms, doer_on_reply, NULL, NULL);
    return 0;
}

static int s_cast (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_cast (troupe_ref (self, "box"), 0, "5", 1), TROUPE_OK);
    return 0;
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self;
    (void) state;
    (void) ref;
    (void) context;
    doer_note ("%s:%d:%s", troupe_reason_kind_name (reason->kind), reason->code, reason->text);
    return 0;
}

static int s_monitor (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_monitor (troupe_ref (self, "box"), s_on_down, NULL, NULL), TROUPE_OK);
    return 0;
}

//  --- Restarts

//  A crash is an end like any other to its supervisor.
Test (remote_crash, supervisor_starts_the_next_incarnation)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_incarnation (stage, "box"), 2);
    cr_assert_eq (troupe_stage_incarnation (stage, "other"), 1);
    const troupe_reason_t *reason = troupe_stage_reason (stage, "box");
    cr_assert_eq (reason->kind, TROUPE_REASON_CRASHED);
    cr_assert_eq (reason->code, SIGSEGV);
    cr_assert_str_eq (reason->text, "SIGSEGV");
    troupe_stage_destroy (&stage);
}

//  The strategy is the supervisor's, whatever ended the child.
Test (remote_crash, one_for_all_restarts_the_others)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ALL);
    troupe_stage_crash (stage, "box", SIGABRT);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_incarnation (stage, "box"), 2);
    cr_assert_eq (troupe_stage_incarnation (stage, "other"), 2);
    troupe_stage_destroy (&stage);
}

//  Too many crashes are too many failures.
Test (remote_crash, crashing_too_often_escalates)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    for (int times = 0; times < 4; times++) {
        troupe_stage_crash (stage, "box", SIGSEGV);
        troupe_stage_run (stage);
    }
    cr_assert_eq (troupe_stage_incarnation (stage, "root"), 0);
    cr_assert_eq (troupe_stage_reason (stage, "root")->kind, TROUPE_REASON_INTENSITY);
    cr_assert_eq (troupe_stage_reason (stage, "root")->cause->kind, TROUPE_REASON_CRASHED);
    troupe_stage_destroy (&stage);
}

//  An actor without a supervisor stays down, and its name is free.
Test (remote_crash, unsupervised_actor_stays_down)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "box");
    troupe_stage_crash (stage, "box", SIGKILL);
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_incarnation (stage, "box"), 0);
    doer_new (stage, "box");
    cr_assert_eq (troupe_stage_incarnation (stage, "box"), 1);
    troupe_stage_destroy (&stage);
}

//  A process that crashes while it is being stopped has stopped.
Test (remote_crash, crash_during_a_stop_is_the_end)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    troupe_stage_hang (stage, "box", true);
    troupe_stage_crash (stage, "box", SIGKILL);
    cr_assert_eq (troupe_stage_stop (stage, "root"), TROUPE_OK);
    cr_assert_lt (troupe_stage_now_ms (stage), 100);
    troupe_stage_destroy (&stage);
}

//  A supervisor's process takes its children with it, and its own supervisor starts them anew.
Test (remote_crash, supervisor_and_its_children_start_anew)
{
    static const troupe_supervisor_t inner = { .children = s_children };
    static const troupe_child_t outer [] = { { .id = "inner", .supervisor = &inner }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = outer };
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_child_t root = { .id = "root", .supervisor = &spec };
    cr_assert_eq (troupe_stage_spawn_child (stage, &root), TROUPE_OK);
    doer_new (stage, "sender");
    doer_do (stage, "sender", s_monitor);
    troupe_stage_crash (stage, "inner", SIGSEGV);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "CRASHED:11:SIGSEGV");
    cr_assert_eq (troupe_stage_incarnation (stage, "inner"), 2);
    cr_assert_eq (troupe_stage_incarnation (stage, "box"), 1);
    cr_assert_str_eq (troupe_stage_call (stage, "box", "1"), "1#1");
    troupe_stage_destroy (&stage);
}

//  --- Who waits

//  What it had taken ends at once; what comes later goes to the next incarnation, in order.
Test (remote_crash, taken_calls_end_and_later_ones_reach_the_next_incarnation)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    doer_do (stage, "sender", s_call_taken);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_hang (stage, "root", true);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "DOWN:");
    doer_do (stage, "sender", s_call);
    cr_assert_str_eq (doer_notes (), "", "there is nobody yet");
    troupe_stage_hang (stage, "root", false);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "OK:1#2 OK:2#2");
    cr_assert_str_eq (s_got (), "t12");
    troupe_stage_destroy (&stage);
}

//  The mailbox was in the process: what lay in it is lost, and who waits for an answer is told.
Test (remote_crash, mail_is_lost_with_the_process)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    doer_do (stage, "sender", s_cast);
    troupe_stage_hang (stage, "box", true);
    doer_do (stage, "sender", s_call);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "DOWN: DOWN:");
    cr_assert_str_eq (s_got (), "5");
    cr_assert_eq (troupe_stage_mailbox_size (stage, "box"), 0);
    troupe_stage_destroy (&stage);
}

//  An answer that was given before the crash is an answer.
Test (remote_crash, answers_given_before_are_heard)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    doer_do (stage, "sender", s_call_taken);
    troupe_stage_delay (stage, "box", "sender", 50);
    doer_do (stage, "sender", s_call);
    cr_assert_str_eq (s_got (), "t12");
    troupe_stage_delay (stage, "box", "sender", 0);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_advance (stage, 100);
    cr_assert_str_eq (doer_notes (), "OK:1#1 OK:2#1 DOWN:");
    troupe_stage_destroy (&stage);
}

//  Work that may be done twice is done by the next incarnation.
Test (remote_crash, idempotent_call_goes_to_the_next_incarnation)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    doer_do (stage, "sender", s_cast);
    troupe_stage_hang (stage, "box", true);
    doer_do (stage, "sender", s_call_idempotent);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "OK:3#2");
    troupe_stage_destroy (&stage);
}

//  Exactly one DOWN, with the signal's name.
Test (remote_crash, monitor_is_told_once_of_the_signal)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    doer_do (stage, "sender", s_monitor);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_run (stage);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "CRASHED:11:SIGSEGV");
    troupe_stage_destroy (&stage);
}

//  Refs that were used before the actor was known to be elsewhere lose it, and find it anew.
Test (remote_crash, local_refs_learn_of_it_too)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    static const troupe_supervisor_t spec = { .children = s_children };
    troupe_child_t root = { .id = "root", .supervisor = &spec };
    cr_assert_eq (troupe_stage_spawn_child (stage, &root), TROUPE_OK);
    doer_new (stage, "sender");
    s_timeout_ms = 1000;
    doer_do (stage, "sender", s_monitor);
    doer_do (stage, "sender", s_call_taken);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "DOWN: CRASHED:11:SIGSEGV");
    doer_do (stage, "sender", s_call);
    cr_assert_str_eq (doer_notes (), "OK:1#2 OK:2#2");
    troupe_stage_destroy (&stage);
}

//  --- What becomes of the process itself

static int s_stoppable_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) self;
    (void) args;
    (void) args_size;
    *state_p = &s_stops;
    return 0;
}

//  Says something on its way out.
static void s_stoppable_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) state;
    (void) reason;
    s_stops++;
    troupe_castf (troupe_ref (self, "probe"), 0, "last words");
}

static const troupe_behavior_t s_stoppable = {
    .name = "stoppable", .start = s_stoppable_start, .receive = s_box_receive, .stop = s_stoppable_stop,
};

//  Its stop frees its memory, as the system would, but a crashed process has no last words.
Test (remote_crash, crashed_process_says_nothing)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_probe_t *probe = troupe_stage_probe (stage, "probe");
    troupe_stage_spawn (stage, &s_stoppable, NULL);
    troupe_stage_crash (stage, "stoppable", SIGSEGV);
    troupe_stage_run (stage);
    cr_assert_eq (s_stops, 1);
    cr_assert_null (troupe_probe_next (probe));
    troupe_stage_destroy (&stage);
    cr_assert_eq (s_stops, 1);
}

static troupe_stage_t *s_own_stage;

static int s_dereference_null (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    troupe_stage_crash (s_own_stage, troupe_name (self), SIGSEGV);
    troupe_castf (troupe_ref (self, "sender"), 0, "still here");
    return (int) troupe_replyf (self, message, "still here");
}

//  An actor may crash in a handler: nothing that this handler does gets out.
Test (remote_crash, handler_that_crashes_answers_nothing)
{
    troupe_stage_t *stage = s_own_stage = s_stage (TROUPE_ONE_FOR_ONE);
    cr_assert_str_eq (doer_ask (stage, "other", s_dereference_null, 1000), "DOWN");
    troupe_stage_run (stage);
    cr_assert_eq (troupe_stage_incarnation (stage, "other"), 2);
    troupe_stage_destroy (&stage);
}

//  What happened stands in the trace.
Test (remote_crash, trace_tells_the_story)
{
    troupe_stage_t *stage = s_stage (TROUPE_ONE_FOR_ONE);
    doer_do (stage, "sender", s_call_taken);
    troupe_stage_trace_clear (stage);
    troupe_stage_crash (stage, "box", SIGSEGV);
    troupe_stage_run (stage);
    const char *trace = troupe_stage_trace (stage);
    cr_assert_not_null (strstr (trace, "0 fault: box#1 crashes with SIGSEGV\n"), "%s", trace);
    cr_assert_not_null (strstr (trace, "0 box#1 ended: box#1 CRASHED (11): SIGSEGV\n"), "%s", trace);
    cr_assert_not_null (strstr (trace, "0 sender#1 has lost box: box#1 CRASHED (11): SIGSEGV\n"), "%s", trace);
    cr_assert_not_null (strstr (trace, "0 box#2 started\n"), "%s", trace);
    cr_assert_not_null (strstr (trace, "0 sender#1 reaches box\n"), "%s", trace);
    troupe_stage_destroy (&stage);
}
