/*  =========================================================================
    lost_worker_test.c - workers that are lost: crashed, cut off, gone for good

    Place: tests/stage, of actors/pool/balancer*.c. The guest embeds the
    balancer; its workers run elsewhere, or end for good.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "doer.h"

#define S_SEED 47

typedef struct s_scene {
    troupe_stage_t *stage;
    troupe_actor_t *guest;
    troupe_balancer_t *balancer;
} s_scene_t;

//  Notes "NAME>TEXT" and answers with its name; fails on "fail", ends on "exit".
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    const char *text = troupe_message_text (message);
    doer_note ("%s>%s", troupe_name (self), text);
    if (strcmp (text, "fail") == 0)
        return troupe_fail (self, 3, "as told");
    if (strcmp (text, "exit") == 0)
        troupe_exit (self);
    troupe_replyf (self, message, "%s", troupe_name (self));
    return 0;
}

static const troupe_behavior_t s_worker = { .name = "worker", .receive = s_receive };

//  Workers "w-1", "w-2", ..., found in this order; each is restarted 'backoff_ms' after its end, or never.
static void s_open (s_scene_t *scene, unsigned workers, uint32_t window, troupe_restart_t restart, int64_t backoff_ms)
{
    static troupe_child_t children [2];
    static troupe_supervisor_t supervisor;
    troupe_balancer_options_t options = { window, 16 };
    children [0] = (troupe_child_t) { .id = "w", .behavior = &s_worker, .instances = workers, .restart = restart,
                                      .backoff = { .min_ms = backoff_ms } };
    supervisor = (troupe_supervisor_t) { .intensity = 1000, .children = children };
    troupe_child_t spec = { .id = "workers", .supervisor = &supervisor };
    scene->stage = troupe_stage_new (S_SEED);
    scene->guest = troupe_stage_guest (scene->stage);
    scene->balancer = troupe_balancer_new (scene->guest, &options);
    cr_assert_eq (troupe_stage_spawn_child (scene->stage, &spec), TROUPE_OK);
}

static void s_add (s_scene_t *scene, const char *name)
{
    cr_assert_eq (troupe_balancer_add (scene->balancer, troupe_ref (scene->guest, name)), TROUPE_OK);
    troupe_stage_run (scene->stage);
}

//  The usual scene: two workers in other processes that come back after 100 ms.
static void s_open_two (s_scene_t *scene, uint32_t window)
{
    s_open (scene, 2, window, TROUPE_PERMANENT, 100);
    troupe_stage_cut_off (scene->stage, "w-1", false);
    troupe_stage_cut_off (scene->stage, "w-2", false);
    s_add (scene, "w-1");
    s_add (scene, "w-2");
}

static void s_close (s_scene_t *scene)
{
    doer_notes ();
    troupe_stage_run (scene->stage);
    troupe_balancer_destroy (&scene->balancer);
    troupe_stage_destroy (&scene->stage);
}

//  Its outcome is noted as "NAME=OK:text".
static void s_call (s_scene_t *scene, bool idempotent, const char *text, int64_t timeout_ms)
{
    static char names [16] [16];
    static size_t used;
    char *name = names [used++ % 16];
    strcpy (name, text);
    strcat (name, "=");
    size_t size = strlen (text);
    troupe_error_t error = idempotent
        ? troupe_balancer_call_idempotent (scene->balancer, 0, text, size, timeout_ms, doer_on_reply, name, NULL)
        : troupe_balancer_call (scene->balancer, 0, text, size, timeout_ms, doer_on_reply, name, NULL);
    cr_assert_eq (error, TROUPE_OK);
}

static troupe_balancer_stats_t s_stats (const s_scene_t *scene)
{
    troupe_balancer_stats_t stats;
    troupe_balancer_stats (scene->balancer, &stats);
    return stats;
}

//  The promise: work that may be done twice does not notice the loss of who had it.
Test (lost_worker, idempotent_call_goes_to_another)
{
    s_scene_t scene;
    s_open_two (&scene, 4);
    troupe_stage_hang (scene.stage, "w-1", true);
    s_call (&scene, true, "a", 1000);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_crash (scene.stage, "w-1", SIGSEGV);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "w-2>a a=OK:w-2");
    cr_assert_eq (troupe_stage_now_ms (scene.stage), 0, "at once");
    cr_assert_eq (s_stats (&scene).repeated, 1);
    cr_assert_eq (s_stats (&scene).workers_up, 1);
    troupe_stage_advance (scene.stage, 200);
    cr_assert_eq (s_stats (&scene).workers_up, 2);
    s_close (&scene);
}

//  Nobody knows whether the work was done: only its caller can say whether that matters.
Test (lost_worker, plain_call_ends_with_down_at_once)
{
    s_scene_t scene;
    s_open_two (&scene, 4);
    troupe_stage_hang (scene.stage, "w-1", true);
    s_call (&scene, false, "a", 1000);
    troupe_stage_run (scene.stage);
    troupe_stage_crash (scene.stage, "w-1", SIGSEGV);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "a=DOWN:");
    cr_assert_eq (troupe_stage_now_ms (scene.stage), 0);
    s_close (&scene);
}

//  What was not given to anybody is not lost with anybody.
Test (lost_worker, queued_calls_go_to_others)
{
    s_scene_t scene;
    s_open_two (&scene, 1);
    troupe_stage_hang (scene.stage, "w-1", true);
    troupe_stage_hang (scene.stage, "w-2", true);
    for (const char *text = "a\0b\0c\0d\0"; *text; text += 2)
        s_call (&scene, false, text, 1000);
    troupe_stage_run (scene.stage);
    cr_assert_eq (s_stats (&scene).queued, 2);
    troupe_stage_crash (scene.stage, "w-1", SIGKILL);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "a=DOWN:");
    troupe_stage_hang (scene.stage, "w-2", false);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "w-2>b b=OK:w-2 w-2>c c=OK:w-2 w-2>d d=OK:w-2");
    s_close (&scene);
}

//  With nobody else there it waits for the next incarnation, in front of what came later.
Test (lost_worker, idempotent_call_waits_for_the_next_incarnation)
{
    s_scene_t scene;
    s_open (&scene, 1, 1, TROUPE_PERMANENT, 100);
    troupe_stage_cut_off (scene.stage, "w", false);
    s_add (&scene, "w");
    troupe_stage_hang (scene.stage, "w", true);
    s_call (&scene, true, "a", 1000);
    s_call (&scene, false, "b", 1000);
    troupe_stage_run (scene.stage);
    troupe_stage_crash (scene.stage, "w", SIGSEGV);
    troupe_stage_run (scene.stage);
    cr_assert_eq (s_stats (&scene).queued, 2);
    troupe_stage_hang (scene.stage, "w", false);
    troupe_stage_advance (scene.stage, 200);
    cr_assert_str_eq (doer_notes (), "w>a a=OK:w w>b b=OK:w");
    s_close (&scene);
}

//  Work that kills whoever does it must not kill them all.
Test (lost_worker, call_is_repeated_only_once)
{
    s_scene_t scene;
    s_open_two (&scene, 4);
    troupe_stage_hang (scene.stage, "w-1", true);
    troupe_stage_hang (scene.stage, "w-2", true);
    s_call (&scene, true, "a", 1000);
    troupe_stage_run (scene.stage);
    troupe_stage_crash (scene.stage, "w-1", SIGSEGV);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_crash (scene.stage, "w-2", SIGSEGV);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "a=DOWN:");
    s_close (&scene);
}

//  The deadline is the caller's, and repeating does not stretch it.
Test (lost_worker, repeated_call_keeps_its_deadline)
{
    s_scene_t scene;
    s_open (&scene, 1, 4, TROUPE_PERMANENT, 5000);
    troupe_stage_cut_off (scene.stage, "w", false);
    s_add (&scene, "w");
    troupe_stage_hang (scene.stage, "w", true);
    s_call (&scene, true, "a", 1000);
    troupe_stage_advance (scene.stage, 500);
    troupe_stage_crash (scene.stage, "w", SIGSEGV);
    troupe_stage_advance (scene.stage, 499);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_advance (scene.stage, 1);
    cr_assert_str_eq (doer_notes (), "a=TIMEOUT:");
    s_close (&scene);
}

//  A handler that failed has run, and would fail again.
Test (lost_worker, failed_call_is_not_repeated)
{
    s_scene_t scene;
    s_open_two (&scene, 4);
    s_call (&scene, true, "fail", 1000);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "w-1>fail fail=FAILED:as told");
    cr_assert_eq (s_stats (&scene).repeated, 0);
    s_close (&scene);
}

//  A caller that has gone away is not served again.
Test (lost_worker, repeated_call_can_be_cancelled)
{
    s_scene_t scene;
    troupe_call_t call = 0;
    s_open (&scene, 1, 4, TROUPE_PERMANENT, 500);
    troupe_stage_cut_off (scene.stage, "w", false);
    s_add (&scene, "w");
    troupe_stage_hang (scene.stage, "w", true);
    troupe_balancer_call_idempotent (scene.balancer, 0, "a", 1, 2000, doer_on_reply, NULL, &call);
    troupe_stage_run (scene.stage);
    troupe_stage_crash (scene.stage, "w", SIGSEGV);
    troupe_stage_run (scene.stage);
    cr_assert (troupe_balancer_cancel (scene.balancer, call));
    troupe_stage_hang (scene.stage, "w", false);
    troupe_stage_advance (scene.stage, 2000);
    cr_assert_str_eq (doer_notes (), "CANCELLED:");
    s_close (&scene);
}

//  A thread that ends for good loses its mail too.
Test (lost_worker, worker_that_ends_for_good_is_lost_too)
{
    s_scene_t scene;
    s_open (&scene, 2, 4, TROUPE_TEMPORARY, 0);
    s_add (&scene, "w-1");
    s_add (&scene, "w-2");
    s_call (&scene, false, "exit", 1000);
    troupe_stage_hang (scene.stage, "w-2", true);
    s_call (&scene, false, "b", 1000);
    s_call (&scene, true, "c", 1000);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "w-1>exit exit=OK:w-1");
    troupe_stage_hang (scene.stage, "w-2", false);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "w-2>b b=OK:w-2 w-2>c c=OK:w-2");
    s_close (&scene);
}

//  Who cannot be reached must not collect work while others are free for it.
Test (lost_worker, cut_off_worker_gets_nothing_until_it_is_back)
{
    s_scene_t scene;
    s_open_two (&scene, 4);
    troupe_stage_cut_off (scene.stage, "w-1", true);
    troupe_stage_run (scene.stage);
    cr_assert_eq (s_stats (&scene).workers_up, 1);
    for (const char *text = "a\0b\0c\0"; *text; text += 2) {
        s_call (&scene, false, text, 1000);
        troupe_stage_run (scene.stage);
    }
    cr_assert_str_eq (doer_notes (), "w-2>a a=OK:w-2 w-2>b b=OK:w-2 w-2>c c=OK:w-2");
    troupe_stage_advance (scene.stage, 60000);
    troupe_stage_cut_off (scene.stage, "w-1", false);
    troupe_stage_advance (scene.stage, 2000);
    cr_assert_eq (s_stats (&scene).workers_up, 2);
    cr_assert_eq (s_stats (&scene).restarts, 1, "lost once, however often it was looked for");
    s_call (&scene, false, "d", 1000);
    s_call (&scene, false, "e", 1000);
    troupe_stage_run (scene.stage);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "=OK:w-1"), "%s", notes);
    s_close (&scene);
}

//  Here it can still go to whoever is back first; in a ref it would wait for that one.
Test (lost_worker, calls_wait_in_the_queue_when_all_are_cut_off)
{
    s_scene_t scene;
    s_open_two (&scene, 4);
    troupe_stage_cut_off (scene.stage, "w-1", true);
    troupe_stage_cut_off (scene.stage, "w-2", true);
    troupe_stage_run (scene.stage);
    s_call (&scene, false, "a", 5000);
    s_call (&scene, true, "b", 5000);
    troupe_stage_advance (scene.stage, 1000);
    cr_assert_eq (s_stats (&scene).queued, 2);
    cr_assert_eq (s_stats (&scene).outstanding, 0);
    troupe_stage_cut_off (scene.stage, "w-2", false);
    troupe_stage_advance (scene.stage, 2000);
    cr_assert_str_eq (doer_notes (), "w-2>a w-2>b a=OK:w-2 b=OK:w-2");
    s_close (&scene);
}

//  An address that nobody has ever answered at is not a worker yet.
Test (lost_worker, worker_never_reached_gets_nothing)
{
    s_scene_t scene;
    s_open (&scene, 2, 4, TROUPE_PERMANENT, 100);
    troupe_stage_cut_off (scene.stage, "w-1", true);
    s_add (&scene, "w-1");
    s_add (&scene, "w-2");
    for (const char *text = "a\0b\0"; *text; text += 2)
        s_call (&scene, false, text, 1000);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "w-2>a w-2>b a=OK:w-2 b=OK:w-2");
    s_close (&scene);
}

//  What was given to it before the cut ends with it: the answer, if there is one, has nobody to come to.
Test (lost_worker, calls_of_a_cut_off_worker_end_once)
{
    s_scene_t scene;
    s_open_two (&scene, 4);
    troupe_stage_hang (scene.stage, "w-1", true);
    s_call (&scene, false, "a", 5000);
    s_call (&scene, false, "b", 5000);
    s_call (&scene, true, "c", 5000);
    troupe_stage_run (scene.stage);
    doer_notes ();
    troupe_stage_cut_off (scene.stage, "w-1", true);
    troupe_stage_run (scene.stage);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "a=DOWN:"), "%s", notes);
    cr_assert_not_null (strstr (notes, "c=OK:w-2"), "%s", notes);
    troupe_stage_hang (scene.stage, "w-1", false);
    troupe_stage_cut_off (scene.stage, "w-1", false);
    troupe_stage_advance (scene.stage, 5000);
    cr_assert_null (strstr (doer_notes (), "="), "nothing ends twice");
    s_close (&scene);
}

//  What a balancer asks for itself is nobody's business: its owner only sees that nothing of his is in flight.
Test (lost_worker, a_ping_on_its_way_outlives_its_balancer)
{
    s_scene_t scene;
    s_open_two (&scene, 4);
    troupe_stage_cut_off (scene.stage, "w-1", true);
    troupe_stage_advance (scene.stage, 3000);
    troupe_balancer_destroy (&scene.balancer);
    troupe_stage_cut_off (scene.stage, "w-1", false);
    troupe_stage_advance (scene.stage, 3000);
    s_close (&scene);
}
