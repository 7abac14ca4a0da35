/*  =========================================================================
    stage_order_test.c - one seed, one run; another seed, another order

    Place: tests/stage, of runtime/stage/schedule.c and ways.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SENDERS 3
#define S_EACH 8

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) self;
    (void) state;
    doer_note ("%s%s", troupe_message_sender (message), troupe_message_text (message));
    return 0;
}

static const troupe_tag_t s_tags [] = { { 7, "GET" }, { 0, NULL } };
static const troupe_behavior_t s_box = { .name = "box", .receive = s_receive, .tags = s_tags };

static int s_send (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    for (int index = 0; index < S_EACH; index++)
        troupe_castf (troupe_ref (self, "box"), 7, "%d", index);
    return 0;
}

static int s_on_beat (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    troupe_castf (troupe_ref (self, "box"), 7, "~%d", (int) troupe_random_below (self, 100));
    return 0;
}

static int s_beat (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_every (self, 10, s_on_beat, NULL);
    return 0;
}

static troupe_stage_t *s_stage (uint64_t seed)
{
    troupe_stage_t *stage = troupe_stage_new (seed);
    troupe_stage_spawn (stage, &s_box, NULL);
    doer_new (stage, "a");
    doer_new (stage, "b");
    doer_new (stage, "c");
    return stage;
}

static void s_send_from_all (troupe_stage_t *stage)
{
    doer_later (stage, "a", s_send);
    doer_later (stage, "b", s_send);
    doer_later (stage, "c", s_send);
    troupe_stage_run (stage);
}

//  A whole run as a text: what the trace, the notes and the log say.
static char *s_story (uint64_t seed)
{
    troupe_stage_t *stage = s_stage (seed);
    s_send_from_all (stage);
    doer_do (stage, "a", s_beat);
    doer_do (stage, "b", s_beat);
    troupe_stage_fail_message (stage, "c", 1);
    doer_do (stage, "c", s_send);
    troupe_stage_advance (stage, 100);
    char *story = NULL;
    cr_assert_gt (asprintf (&story, "%s%s%s", troupe_stage_trace (stage), troupe_stage_log (stage), doer_notes ()), 0);
    troupe_stage_destroy (&stage);
    return story;
}

//  The promise that makes a failure worth reporting: it can be had again.
Test (stage, same_seed_same_story)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        char *first = s_story (seed), *second = s_story (seed);
        cr_assert_str_eq (first, second, "seed %lu", (unsigned long) seed);
        free (first);
        free (second);
    }
}

//  Otherwise there would be nothing to find with seeds.
Test (stage, different_seeds_different_orders)
{
    int different = 0;
    char *first = s_story (0);
    for (uint64_t seed = 1; seed < 20; seed++) {
        char *other = s_story (seed);
        different += strcmp (first, other) != 0;
        free (other);
    }
    free (first);
    cr_assert_eq (different, 19);
}

//  Whatever the seed does, messages from one sender to one ref keep their order.
Test (stage, each_sender_keeps_its_order)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        troupe_stage_t *stage = s_stage (seed);
        s_send_from_all (stage);
        const char *notes = doer_notes ();
        for (char sender = 'a'; sender <= 'c'; sender++) {
            const char *place = notes;
            for (int index = 0; index < S_EACH; index++) {
                char text [3] = { sender, (char) ('0' + index), 0 };
                place = strstr (place, text);
                cr_assert_not_null (place, "seed %lu: no %s in order in '%s'", (unsigned long) seed, text, notes);
            }
        }
        cr_assert_eq (strlen (notes), S_SENDERS * S_EACH * 3 - 1);
        troupe_stage_destroy (&stage);
    }
}

//  What one turn has packed together is still one message after the other, between which others may come.
Test (stage, packs_of_different_senders_mix)
{
    int mixed = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        troupe_stage_t *stage = s_stage (seed);
        s_send_from_all (stage);
        mixed += strstr (doer_notes (), "a0 a1 a2 a3 a4 a5 a6 a7") == NULL;
        troupe_stage_destroy (&stage);
    }
    cr_assert_gt (mixed, 15);
}

//  The environment replays what a log has reported.
Test (stage, seed_of_the_environment_goes_first)
{
    char *wanted = s_story (5);
    setenv ("TROUPE_STAGE_SEED", "5", 1);
    char *replayed = s_story (6);
    cr_assert_str_eq (wanted, replayed);
    free (wanted);
    free (replayed);
}

//  A turn is one message: a test can look in between.
Test (stage, a_step_is_one_message)
{
    troupe_stage_t *stage = s_stage (1);
    doer_later (stage, "a", s_send);
    while (troupe_stage_mailbox_size (stage, "box") == 0)
        cr_assert (troupe_stage_step (stage));
    for (size_t left = troupe_stage_mailbox_size (stage, "box"); left > 0; ) {
        cr_assert (troupe_stage_step (stage));
        size_t now = troupe_stage_mailbox_size (stage, "box");
        cr_assert (now == left || now == left - 1);
        left = now;
    }
    troupe_stage_run (stage);
    cr_assert_not (troupe_stage_step (stage), "all is quiet");
    cr_assert_eq (troupe_stage_run (stage), 0);
    troupe_stage_destroy (&stage);
}

//  A trace is read by people: who, from whom, what, how large, when.
Test (stage, trace_says_what_happened)
{
    troupe_stage_t *stage = troupe_stage_new (1);
    troupe_stage_spawn (stage, &s_box, NULL);
    troupe_stage_advance (stage, 12);
    troupe_stage_call_bytes (stage, "box", 7, "0123456789abcdef", 16, 100, NULL);
    troupe_stage_stop (stage, "box");
    cr_assert_str_eq (troupe_stage_trace (stage), "0 guest spawns box\n"
                                                  "0 box#1 started\n"
                                                  "12 box#1 <- guest: GET call 16\n"
                                                  "12 guest#1 <- box: reply FAILED 26\n"
                                                  "12 box#1 ended: box#1 SHUTDOWN\n"
                                                  "12 box gone\n");
    troupe_stage_trace_clear (stage);
    cr_assert_str_eq (troupe_stage_trace (stage), "");
    troupe_stage_destroy (&stage);
}

static int s_log (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_log (self, TROUPE_LOG_INFO, "%d rows", 3);
    return 0;
}

//  Log lines name the actor, its incarnation and the message in hand, as in the live runtime.
Test (stage, log_lines_are_kept)
{
    troupe_stage_t *stage = s_stage (1);
    doer_do (stage, "a", s_log);
    cr_assert_str_eq (troupe_stage_log (stage), "INFO a#1: 3 rows (handling tag 0 from guest)\n");
    troupe_stage_destroy (&stage);
}

static int s_note_world (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    doer_note ("%lld %s %lld", (long long) troupe_wall_clock_ms (self), troupe_config (self, "color", "none"),
               (long long) troupe_option_number (self, "size", 1, 0, 10));
    return 0;
}

//  The wall clock begins at a fixed date; configuration is the test's to set.
Test (stage, clock_and_configuration_are_virtual)
{
    troupe_stage_t *stage = s_stage (1);
    doer_do (stage, "a", s_note_world);
    cr_assert_str_eq (doer_notes (), "1767225600000 none 1");
    troupe_stage_config (stage, "color", "red");
    troupe_stage_config (stage, "children/a/size", "4");
    troupe_stage_advance (stage, 1500);
    doer_do (stage, "a", s_note_world);
    cr_assert_str_eq (doer_notes (), "1767225601500 red 4");
    troupe_stage_destroy (&stage);
}

static int s_note_errors (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    doer_note ("%s", troupe_error_name (troupe_cast (troupe_ref (self, "ipc://resizer"), 7, "i", 2)));
    doer_note ("%s", troupe_error_name (troupe_cast (troupe_ref (self, "resizer"), 7, "n", 2)));
    doer_note ("%s", troupe_error_name (troupe_cast (troupe_ref (self, "inproc://resizer"), 7, "p", 2)));
    doer_note ("%s", troupe_error_name (troupe_cast (troupe_ref (self, "tcp://10.0.0.7:5560"), 7, "t", 2)));
    return 0;
}

//  An actor that runs elsewhere in production is an actor here, by both of its names.
Test (stage, endpoints_elsewhere_are_names)
{
    troupe_stage_t *stage = s_stage (1);
    troupe_child_t spec = { .id = "resizer", .behavior = &s_box, .endpoint = "ipc://resizer" };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    doer_do (stage, "a", s_note_errors);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "TROUPE_OK TROUPE_OK TROUPE_OK TROUPE_ENOENT"), "%s", notes);
    troupe_stage_destroy (&stage);
}
