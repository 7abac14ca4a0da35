/*  =========================================================================
    balancer_test.c - who gets a call, who waits, and what a failure costs

    Place: tests/stage, of actors/pool/balancer*.c. The guest embeds the
    balancer; the workers are probes, or actors that fail on demand.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "doer.h"

#define S_SEED 23

typedef struct s_scene {
    troupe_stage_t *stage;
    troupe_actor_t *guest;
    troupe_balancer_t *balancer;
    troupe_probe_t *one, *two;
} s_scene_t;

static void s_open (s_scene_t *scene, uint32_t window, uint32_t queue_limit)
{
    troupe_balancer_options_t options = { window, queue_limit };
    scene->stage = troupe_stage_new (S_SEED);
    scene->guest = troupe_stage_guest (scene->stage);
    scene->balancer = troupe_balancer_new (scene->guest, &options);
    cr_assert_not_null (scene->balancer);
}

static troupe_probe_t *s_add_probe (s_scene_t *scene, const char *name)
{
    troupe_probe_t *probe = troupe_stage_probe (scene->stage, name);
    cr_assert_eq (troupe_balancer_add (scene->balancer, troupe_ref (scene->guest, name)), TROUPE_OK);
    troupe_stage_run (scene->stage);
    return probe;
}

//  Two probes, "w-1" and "w-2", which are found in this order.
static void s_open_probes (s_scene_t *scene, uint32_t window, uint32_t queue_limit)
{
    s_open (scene, window, queue_limit);
    scene->one = s_add_probe (scene, "w-1");
    scene->two = s_add_probe (scene, "w-2");
}

static void s_close (s_scene_t *scene)
{
    troupe_stage_run (scene->stage);
    troupe_balancer_destroy (&scene->balancer);
    troupe_stage_destroy (&scene->stage);
}

//  Its outcome is noted as "NAME=OK:text".
static troupe_error_t s_call (s_scene_t *scene, const char *text, int64_t timeout_ms)
{
    static char names [16] [16];
    static size_t used;
    char *name = names [used++ % 16];
    strcpy (name, text);
    strcat (name, "=");
    return troupe_balancer_call (scene->balancer, 0, text, strlen (text), timeout_ms, doer_on_reply, name, NULL);
}

//  What the probe has got that it has not shown yet: "a b".
static const char *s_got (troupe_probe_t *probe)
{
    troupe_message_t *message;
    while ((message = troupe_probe_next (probe)))
        doer_note ("%s", troupe_message_text (message));
    return doer_notes ();
}

//  Each of the words must be among the notes, whatever the order that the seed has chosen. Takes the notes.
static size_t s_noted_some (const char *words)
{
    const char *notes = doer_notes ();
    for (; *words; words += strspn (words, " ")) {
        char word [64] = "";
        size_t size = strcspn (words, " ");
        memcpy (word, words, size);
        cr_assert_not_null (strstr (notes, word), "%s not in: %s", word, notes);
        words += size;
    }
    return strlen (notes);
}

//  And there must be no others.
static void s_noted (const char *words)
{
    cr_assert_eq (s_noted_some (words), strlen (words));
}

static troupe_balancer_stats_t s_stats (const s_scene_t *scene)
{
    troupe_balancer_stats_t stats;
    troupe_balancer_stats (scene->balancer, &stats);
    return stats;
}

//  Fails on "fail", answers the rest with itself.
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    if (strcmp (troupe_message_text (message), "fail") == 0)
        return troupe_fail (self, 3, "as told");
    doer_note ("%s>%s", troupe_name (self), troupe_message_text (message));
    troupe_replyf (self, message, "%s", troupe_message_text (message));
    return 0;
}

static const troupe_behavior_t s_fragile = { .name = "fragile", .receive = s_receive };

static void s_add_fragile (s_scene_t *scene, unsigned instances, int64_t backoff_ms)
{
    static troupe_child_t children [2];
    static troupe_supervisor_t supervisor;
    children [0] = (troupe_child_t) { .id = "f", .behavior = &s_fragile, .instances = instances,
                                      .backoff = { .min_ms = backoff_ms } };
    supervisor = (troupe_supervisor_t) { .intensity = 1000, .children = children };
    troupe_child_t spec = { .id = "fragiles", .supervisor = &supervisor };
    cr_assert_eq (troupe_stage_spawn_child (scene->stage, &spec), TROUPE_OK);
    cr_assert_eq (troupe_balancer_add_instances (scene->balancer, "f", instances), TROUPE_OK);
    troupe_stage_run (scene->stage);
}

//  Equals take turns, so that the first of them is not the only one that works.
Test (balancer, equals_take_turns)
{
    s_scene_t scene;
    s_open_probes (&scene, 2, 8);
    for (const char *text = "a\0b\0c\0d\0"; *text; text += 2)
        cr_assert_eq (s_call (&scene, text, 1000), TROUPE_OK);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (s_got (scene.one), "a c");
    cr_assert_str_eq (s_got (scene.two), "b d");
    troupe_stage_advance (scene.stage, 1000);
    s_close (&scene);
}

//  Who has answered most has least to do, and gets the next one.
Test (balancer, least_busy_gets_the_next_call)
{
    s_scene_t scene;
    s_open_probes (&scene, 8, 8);
    for (const char *text = "a\0b\0c\0"; *text; text += 2)
        s_call (&scene, text, 1000);
    troupe_stage_run (scene.stage);
    troupe_probe_next (scene.one);
    troupe_probe_reply (scene.one, "1", 1);
    troupe_probe_next (scene.one);
    troupe_probe_reply (scene.one, "2", 1);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "a=OK:1 c=OK:2");
    for (const char *text = "d\0e\0f\0"; *text; text += 2)
        s_call (&scene, text, 1000);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (s_got (scene.one), "d f", "it had none, then as many as the other");
    cr_assert_str_eq (s_got (scene.two), "b e");
    troupe_stage_advance (scene.stage, 1000);
    s_close (&scene);
}

//  The window holds calls back here, where they can still go to whoever is free first.
Test (balancer, full_windows_make_calls_wait)
{
    s_scene_t scene;
    s_open_probes (&scene, 1, 8);
    for (const char *text = "a\0b\0c\0d\0"; *text; text += 2)
        cr_assert_eq (s_call (&scene, text, 1000), TROUPE_OK);
    troupe_stage_run (scene.stage);
    cr_assert_eq (s_stats (&scene).outstanding, 2);
    cr_assert_eq (s_stats (&scene).queued, 2);
    troupe_probe_next (scene.two);
    troupe_probe_reply (scene.two, "2", 1);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "b=OK:2");
    cr_assert_str_eq (s_got (scene.two), "c", "in order");
    cr_assert_str_eq (s_got (scene.one), "a");
    troupe_stage_advance (scene.stage, 1000);
    s_close (&scene);
}

//  A queue without a bound would hide the overload until memory is out.
Test (balancer, full_queue_refuses_at_once)
{
    s_scene_t scene;
    s_open_probes (&scene, 1, 1);
    for (const char *text = "a\0b\0c\0"; *text; text += 2)
        cr_assert_eq (s_call (&scene, text, 1000), TROUPE_OK);
    cr_assert_eq (s_call (&scene, "d", 1000), TROUPE_EFULL);
    cr_assert_eq (s_stats (&scene).refused, 1);
    cr_assert_eq (s_stats (&scene).queued_high, 1);
    cr_assert_eq (s_stats (&scene).calls, 3);
    troupe_stage_advance (scene.stage, 1000);
    s_close (&scene);
}

//  Work that nobody waits for any more is not begun.
Test (balancer, calls_expire_in_the_queue)
{
    s_scene_t scene;
    s_open_probes (&scene, 1, 8);
    s_call (&scene, "a", 1000);
    s_call (&scene, "b", 1000);
    s_call (&scene, "c", 300);
    s_call (&scene, "d", 100);
    troupe_stage_advance (scene.stage, 99);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_advance (scene.stage, 1);
    cr_assert_str_eq (doer_notes (), "d=TIMEOUT:");
    troupe_stage_advance (scene.stage, 200);
    cr_assert_str_eq (doer_notes (), "c=TIMEOUT:");
    cr_assert_eq (s_stats (&scene).expired, 2);
    cr_assert_str_eq (s_got (scene.one), "a");
    troupe_stage_advance (scene.stage, 1000);
    s_close (&scene);
}

//  What is left of the deadline travels on, not the whole of it again.
Test (balancer, queued_call_keeps_its_deadline)
{
    s_scene_t scene;
    s_open_probes (&scene, 1, 8);
    s_call (&scene, "a", 1000);
    s_call (&scene, "b", 1000);
    s_call (&scene, "c", 500);
    troupe_stage_advance (scene.stage, 400);
    troupe_probe_next (scene.one);
    troupe_probe_reply (scene.one, "1", 1);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "a=OK:1");
    troupe_message_t *message = troupe_probe_next (scene.one);
    cr_assert_str_eq (troupe_message_text (message), "c");
    cr_assert_eq (troupe_message_deadline_us (message), 500000);
    troupe_stage_advance (scene.stage, 1000);
    s_close (&scene);
}

//  The promise of the pool: a failure ends the call that caused it, and no other.
Test (balancer, failing_worker_loses_nothing_but_its_call)
{
    s_scene_t scene;
    s_open (&scene, 2, 16);
    s_add_fragile (&scene, 2, 0);
    for (int round = 0; round < 5; round++)
        s_call (&scene, "fail", 1000);
    for (const char *text = "a\0b\0c\0d\0"; *text; text += 2)
        s_call (&scene, text, 1000);
    troupe_stage_run (scene.stage);
    cr_assert_eq (s_stats (&scene).queued + s_stats (&scene).outstanding, 0);
    s_noted_some ("a=OK:a b=OK:b c=OK:c d=OK:d");
    cr_assert_eq (troupe_stage_now_ms (scene.stage), 0, "nobody had to wait");
    s_close (&scene);
}

//  DOWN is told at once, so its caller need not wait for the deadline.
Test (balancer, failed_call_ends_at_once)
{
    s_scene_t scene;
    s_open (&scene, 1, 4);
    s_add_fragile (&scene, 1, 500);
    s_call (&scene, "fail", 1000);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "fail=FAILED:as told");
    cr_assert_eq (troupe_stage_now_ms (scene.stage), 0);
    s_close (&scene);
}

//  A worker in its backoff would let its calls wait for nothing while others are free.
Test (balancer, worker_gets_nothing_until_it_is_up_again)
{
    s_scene_t scene;
    s_open (&scene, 4, 16);
    s_add_fragile (&scene, 2, 500);
    s_call (&scene, "fail", 1000);
    troupe_stage_run (scene.stage);
    doer_notes ();
    cr_assert_eq (s_stats (&scene).workers_up, 1);
    for (const char *text = "a\0b\0c\0"; *text; text += 2) {
        s_call (&scene, text, 1000);
        troupe_stage_run (scene.stage);
    }
    s_noted ("f-2>a a=OK:a f-2>b b=OK:b f-2>c c=OK:c");
    troupe_stage_advance (scene.stage, 500);
    cr_assert_eq (s_stats (&scene).workers_up, 2);
    cr_assert_eq (s_stats (&scene).restarts, 1);
    s_call (&scene, "d", 1000);
    s_call (&scene, "e", 1000);
    troupe_stage_run (scene.stage);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "f-1>"), "%s", notes);
    s_close (&scene);
}

//  With nobody else there, waiting here keeps order and bounds; the restart brings them on their way.
Test (balancer, queue_waits_for_the_next_incarnation)
{
    s_scene_t scene;
    s_open (&scene, 4, 16);
    s_add_fragile (&scene, 1, 300);
    s_call (&scene, "fail", 1000);
    troupe_stage_run (scene.stage);
    s_call (&scene, "a", 1000);
    s_call (&scene, "b", 1000);
    troupe_stage_run (scene.stage);
    cr_assert_eq (s_stats (&scene).queued, 2);
    cr_assert_str_eq (doer_notes (), "fail=FAILED:as told");
    troupe_stage_advance (scene.stage, 300);
    s_noted ("f>a f>b a=OK:a b=OK:b");
    s_close (&scene);
}

//  A worker may come later than its balancer, and be asked about in between.
Test (balancer, absent_worker_is_found_when_it_comes)
{
    s_scene_t scene;
    s_open (&scene, 4, 16);
    cr_assert_eq (troupe_balancer_add (scene.balancer, troupe_ref (scene.guest, "late")), TROUPE_OK);
    troupe_stage_advance (scene.stage, 100);
    cr_assert_eq (s_stats (&scene).workers_up, 0);
    s_call (&scene, "a", 5000);
    troupe_child_t spec = { .id = "late", .behavior = &s_fragile };
    cr_assert_eq (troupe_stage_spawn_child (scene.stage, &spec), TROUPE_OK);
    troupe_stage_advance (scene.stage, 1000);
    cr_assert_str_eq (doer_notes (), "late>a a=OK:a");
    s_close (&scene);
}

//  A hung worker must not go on collecting work; when it wakes it is welcome.
Test (balancer, silent_worker_gets_no_more_until_it_answers)
{
    s_scene_t scene;
    s_open (&scene, 8, 16);
    s_add_fragile (&scene, 2, 0);
    troupe_stage_hang (scene.stage, "f-1", true);
    s_call (&scene, "a", 60000);
    troupe_stage_advance (scene.stage, 5000);
    cr_assert_str_eq (doer_notes (), "");
    cr_assert_eq (s_stats (&scene).workers_up, 1);
    s_call (&scene, "b", 1000);
    s_call (&scene, "c", 1000);
    troupe_stage_run (scene.stage);
    s_noted ("f-2>b f-2>c b=OK:b c=OK:c");
    troupe_stage_hang (scene.stage, "f-1", false);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "f-1>a a=OK:a");
    cr_assert_eq (s_stats (&scene).workers_up, 2);
    s_close (&scene);
}

//  Who answers later is not hung: the ping tells the two apart.
Test (balancer, worker_that_answers_later_is_not_silent)
{
    s_scene_t scene;
    s_open_probes (&scene, 8, 8);
    s_call (&scene, "a", 20000);
    troupe_stage_advance (scene.stage, 10000);
    cr_assert_eq (s_stats (&scene).workers_up, 2);
    troupe_probe_next (scene.one);
    troupe_probe_reply (scene.one, "1", 1);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "a=OK:1");
    s_close (&scene);
}

//  A caller that has gone away takes its work with it, wherever that is.
Test (balancer, cancelled_calls_end_once)
{
    s_scene_t scene;
    troupe_call_t sent = 0, queued = 0;
    s_open_probes (&scene, 1, 8);
    troupe_balancer_call (scene.balancer, 0, "a", 1, 1000, doer_on_reply, NULL, &sent);
    s_call (&scene, "b", 1000);
    troupe_balancer_call (scene.balancer, 0, "c", 1, 1000, doer_on_reply, NULL, &queued);
    troupe_stage_run (scene.stage);
    cr_assert (troupe_balancer_cancel (scene.balancer, queued));
    cr_assert_not (troupe_balancer_cancel (scene.balancer, queued));
    cr_assert_str_eq (doer_notes (), "", "never from within");
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "CANCELLED:");
    cr_assert (troupe_balancer_cancel (scene.balancer, sent));
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "CANCELLED:");
    cr_assert_not (troupe_balancer_cancel (scene.balancer, sent));
    cr_assert_not (troupe_balancer_cancel (scene.balancer, 0));
    cr_assert_eq (s_stats (&scene).outstanding, 1);
    troupe_stage_advance (scene.stage, 1000);
    s_close (&scene);
}

//  Shrinking is orderly: what a worker has, it finishes.
Test (balancer, removed_worker_gets_no_more)
{
    s_scene_t scene;
    s_open_probes (&scene, 4, 8);
    troupe_ref_t *one = troupe_ref (scene.guest, "w-1");
    s_call (&scene, "a", 1000);
    cr_assert_eq (troupe_balancer_remove (scene.balancer, one), TROUPE_OK);
    cr_assert_eq (troupe_balancer_remove (scene.balancer, one), TROUPE_ENOENT);
    s_call (&scene, "b", 1000);
    s_call (&scene, "c", 1000);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (s_got (scene.two), "b c");
    troupe_probe_next (scene.one);
    troupe_probe_reply (scene.one, "1", 1);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "a=OK:1");
    cr_assert_eq (troupe_balancer_add (scene.balancer, one), TROUPE_OK);
    cr_assert_eq (troupe_balancer_add (scene.balancer, one), TROUPE_EADDRINUSE);
    cr_assert_eq (s_stats (&scene).workers, 2);
    troupe_stage_advance (scene.stage, 1000);
    s_close (&scene);
}

//  Without workers there is nothing to wait for.
Test (balancer, nobody_to_call_is_an_error)
{
    s_scene_t scene;
    s_open (&scene, 0, 0);
    cr_assert_eq (s_call (&scene, "a", 1000), TROUPE_ENOENT);
    cr_assert_eq (troupe_balancer_cast (scene.balancer, 0, "a", 1), TROUPE_ENOENT);
    cr_assert_eq (troupe_balancer_add (scene.balancer, NULL), TROUPE_EINVAL);
    s_close (&scene);
}

//  Casts are work too.
Test (balancer, casts_are_spread)
{
    s_scene_t scene;
    s_open_probes (&scene, 4, 8);
    for (const char *text = "a\0b\0c\0d\0"; *text; text += 2)
        cr_assert_eq (troupe_balancer_cast (scene.balancer, 0, text, 1), TROUPE_OK);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (s_got (scene.one), "a c");
    cr_assert_str_eq (s_got (scene.two), "b d");
    s_close (&scene);
}
