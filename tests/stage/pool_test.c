/*  =========================================================================
    pool_test.c - calls through the pool: who answers, and what comes back

    Place: tests/stage, of actors/pool/pool.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "doer.h"

//  With this one w-1 is found before w-2, and so gets the first call.
#define S_SEED 38

static const troupe_pool_t s_spec = { .workers = "w", .instances = 2, .window = 1, .queue_limit = 1 };
static const troupe_behavior_t s_pool = TROUPE_POOL ("pool", &s_spec);

typedef struct s_scene {
    troupe_stage_t *stage;
    troupe_probe_t *one, *two;
} s_scene_t;

static void s_open (s_scene_t *scene)
{
    scene->stage = troupe_stage_new (S_SEED);
    scene->one = troupe_stage_probe (scene->stage, "w-1");
    scene->two = troupe_stage_probe (scene->stage, "w-2");
    cr_assert_eq (troupe_stage_spawn (scene->stage, &s_pool, NULL), TROUPE_OK);
    troupe_stage_run (scene->stage);
}

//  Lets what is unanswered time out before the stage is struck.
static void s_close (s_scene_t *scene)
{
    troupe_stage_advance (scene->stage, 2000);
    doer_notes ();
    troupe_stage_destroy (&scene->stage);
}

//  Calls the pool as the guest; the outcome is noted.
static void s_call (s_scene_t *scene, uint16_t tag, const char *data, size_t size)
{
    troupe_ref_t *pool = troupe_ref (troupe_stage_guest (scene->stage), "pool");
    cr_assert_eq (troupe_call (pool, tag, data, size, 1000, doer_on_reply, NULL, NULL), TROUPE_OK);
    troupe_stage_run (scene->stage);
}

//  An answer is passed through as it is.
Test (pool, answers_with_the_worker_s_answer)
{
    s_scene_t scene;
    s_open (&scene);
    s_call (&scene, 7, "work", 4);
    troupe_message_t *message = troupe_probe_next (scene.one);
    cr_assert_eq (troupe_message_tag (message), 7);
    cr_assert_str_eq (troupe_message_text (message), "work");
    cr_assert_eq (troupe_message_deadline_us (message), 1000000, "with what is left of its time");
    troupe_probe_reply (scene.one, "done", 4);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "OK:done");
    s_close (&scene);
}

//  A failure keeps its words.
Test (pool, passes_failures_on)
{
    s_scene_t scene;
    s_open (&scene);
    s_call (&scene, 0, "work", 4);
    troupe_probe_next (scene.one);
    troupe_probe_fail (scene.one, "no such table");
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "FAILED:no such table");
    s_close (&scene);
}

//  Two windows of one and a queue of one: the fourth call finds no room, and is told so at once.
Test (pool, refuses_what_finds_no_room)
{
    s_scene_t scene;
    s_open (&scene);
    for (const char *text = "a\0b\0c\0"; *text; text += 2)
        s_call (&scene, 0, text, 1);
    cr_assert_str_eq (doer_notes (), "");
    s_call (&scene, 0, "d", 1);
    cr_assert_str_eq (doer_notes (), "FAILED:the pool: the queue is full");
    s_close (&scene);
}

//  What nobody waits for is not given to a worker, and leaves its place to others.
Test (pool, call_that_is_given_up_leaves_the_queue)
{
    s_scene_t scene;
    s_open (&scene);
    s_call (&scene, 0, "a", 1);
    s_call (&scene, 0, "b", 1);
    troupe_actor_t *guest = troupe_stage_guest (scene.stage);
    troupe_call_t call;
    cr_assert_eq (troupe_call (troupe_ref (guest, "pool"), 0, "c", 1, 1000, doer_on_reply, NULL, &call), TROUPE_OK);
    troupe_stage_run (scene.stage);
    cr_assert (troupe_call_cancel (guest, call));
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "CANCELLED:");
    s_call (&scene, 0, "d", 1);
    cr_assert_str_eq (doer_notes (), "", "there is room for it");
    troupe_probe_next (scene.one);
    troupe_probe_reply (scene.one, "A", 1);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "OK:A");
    cr_assert_str_eq (troupe_message_text (troupe_probe_next (scene.one)), "d");
    s_close (&scene);
}

static int s_on_cancelled (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("stops");
    troupe_answer (&caller, NULL, 0);
    return 0;
}

static int s_follow (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    troupe_caller_t *caller = troupe_defer (self, message);
    doer_note ("begins%s", troupe_message_is_idempotent (message) ? "-again-if-need-be" : "");
    return (int) troupe_caller_on_cancel (caller, s_on_cancelled, NULL);
}

//  A pool in front of one doer.
static troupe_stage_t *s_open_doer (void)
{
    static const troupe_pool_t spec = { .workers = "doer" };
    static const troupe_behavior_t pool = TROUPE_POOL ("pool", &spec);
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "doer");
    cr_assert_eq (troupe_stage_spawn (stage, &pool, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    return stage;
}

//  A worker learns through the pool that it works for nobody, and the next call has its place.
Test (pool, call_that_is_given_up_is_given_up_at_its_worker)
{
    troupe_stage_t *stage = s_open_doer ();
    troupe_actor_t *guest = troupe_stage_guest (stage);
    doer_fn *fn = s_follow;
    troupe_call_t call;
    cr_assert_eq (troupe_call (troupe_ref (guest, "pool"), 0, &fn, sizeof fn, 1000, doer_on_reply, NULL, &call),
                  TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "begins");
    cr_assert (troupe_call_cancel (guest, call));
    troupe_stage_run (stage);
    const char *notes = doer_notes ();
    cr_assert (strstr (notes, "stops") && strstr (notes, "CANCELLED:"), "%s", notes);
    troupe_stage_destroy (&stage);
}

//  Whether work may be done twice is known behind the pool too.
Test (pool, passes_the_mark_of_idempotent_calls_on)
{
    troupe_stage_t *stage = s_open_doer ();
    doer_fn *fn = s_follow;
    cr_assert_eq (troupe_call_idempotent (troupe_ref (troupe_stage_guest (stage), "pool"), 0, &fn, sizeof fn, 1000,
                                          doer_on_reply, NULL, NULL), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "begins-again-if-need-be");
    troupe_stage_advance (stage, 1000);
    cr_assert_str_eq (doer_notes (), "TIMEOUT:");
    troupe_stage_destroy (&stage);
}

//  A worker that is lost leaves what may be done twice to another.
Test (pool, idempotent_calls_outlive_a_worker)
{
    s_scene_t scene;
    s_open (&scene);
    cr_assert_eq (troupe_call_idempotent (troupe_ref (troupe_stage_guest (scene.stage), "pool"), 7, "work", 4, 1000,
                                          doer_on_reply, NULL, NULL), TROUPE_OK);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (troupe_message_text (troupe_probe_next (scene.one)), "work");
    troupe_stage_crash (scene.stage, "w-1", SIGKILL);
    troupe_stage_run (scene.stage);
    troupe_message_t *again = troupe_probe_next (scene.two);
    cr_assert_str_eq (troupe_message_text (again), "work");
    cr_assert_eq (troupe_message_tag (again), 7);
    troupe_probe_reply (scene.two, "done", 4);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "OK:done");
    s_close (&scene);
}

static int s_note_status (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                          void *context)
{
    (void) self;
    (void) state;
    (void) context;
    troupe_response_view_t view;
    cr_assert_eq (outcome, TROUPE_CALL_OK);
    cr_assert_eq (troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply), &view), TROUPE_OK);
    doer_note ("%d %s", view.status, troupe_headers_find (&view.headers, "retry-after").data);
    return 0;
}

//  A request is refused in terms that its door can pass on.
Test (pool, refuses_requests_with_503)
{
    s_scene_t scene;
    s_open (&scene);
    for (const char *text = "a\0b\0c\0"; *text; text += 2)
        s_call (&scene, TROUPE_TAG_REQUEST, text, 1);
    troupe_ref_t *pool = troupe_ref (troupe_stage_guest (scene.stage), "pool");
    troupe_call (pool, TROUPE_TAG_REQUEST, "d", 1, 1000, s_note_status, NULL, NULL);
    troupe_stage_run (scene.stage);
    cr_assert_str_eq (doer_notes (), "503 1");
    s_close (&scene);
}

//  Large payloads are handed on, not copied, and arrive whole.
Test (pool, carries_large_payloads)
{
    s_scene_t scene;
    s_open (&scene);
    size_t size = 100000;
    char *large = malloc (size + 1);
    memset (large, 'x', size);
    large [size] = 0;
    s_call (&scene, 3, large, size);
    troupe_message_t *message = troupe_probe_next (scene.one);
    cr_assert_eq (troupe_message_size (message), size);
    cr_assert_eq (troupe_message_tag (message), 3);
    troupe_probe_reply (scene.one, large, size);
    troupe_stage_run (scene.stage);
    cr_assert_eq (strncmp (doer_notes (), "OK:xxxx", 7), 0);
    free (large);
    s_close (&scene);
}

//  Casts are spread as calls are.
Test (pool, spreads_casts)
{
    s_scene_t scene;
    s_open (&scene);
    for (const char *text = "a\0b\0c\0d\0"; *text; text += 2)
        cr_assert_eq (troupe_stage_cast (scene.stage, "pool", 0, text, 1), TROUPE_OK);
    troupe_stage_run (scene.stage);
    for (int round = 0; round < 2; round++) {
        cr_assert_not_null (troupe_probe_next (scene.one));
        cr_assert_not_null (troupe_probe_next (scene.two));
    }
    s_close (&scene);
}

//  What is in flight is finished before it ends.
Test (pool, ends_when_its_calls_have)
{
    s_scene_t scene;
    s_open (&scene);
    s_call (&scene, 0, "work", 4);
    troupe_probe_next (scene.one);
    troupe_stage_stop (scene.stage, "pool");
    cr_assert_eq (troupe_stage_incarnation (scene.stage, "pool"), 0);
    cr_assert_neq (troupe_stage_now_ms (scene.stage), 0, "it has waited for its worker");
    s_close (&scene);
}

//  The number of workers is the operator's choice.
Test (pool, takes_its_options_from_the_configuration)
{
    static const troupe_pool_t spec = { .workers = "w" };
    static const troupe_behavior_t behavior = TROUPE_POOL ("pool", &spec);
    s_scene_t scene = { .stage = troupe_stage_new (S_SEED) };
    troupe_stage_config (scene.stage, "children/w/instances", "2");
    troupe_stage_config (scene.stage, "children/pool/window", "1");
    scene.one = troupe_stage_probe (scene.stage, "w-1");
    scene.two = troupe_stage_probe (scene.stage, "w-2");
    cr_assert_eq (troupe_stage_spawn (scene.stage, &behavior, NULL), TROUPE_OK);
    for (const char *text = "a\0b\0c\0"; *text; text += 2)
        s_call (&scene, 0, text, 1);
    cr_assert_not_null (troupe_probe_next (scene.two));
    cr_assert_not_null (troupe_probe_next (scene.one));
    cr_assert_null (troupe_probe_next (scene.one));
    s_close (&scene);
}
