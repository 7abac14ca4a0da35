/*  =========================================================================
    fleet_test.c - which server answers which call, and what if not

    Place: tests/unit, of actors/egress/fleet*.c. Time is a number here, and
    the servers are the test itself: what is to be sent, cancelled and ended
    is noted, a letter for each call.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "egress/fleet.h"

#define S_MS INT64_C (1000)
#define S_SECOND INT64_C (1000000)

//  The last attempt of each call, by its letter.
typedef struct s_scene {
    troupe_fleet_t *fleet;
    int64_t now_us;
    bool blocked;
    char notes [4096];
    uint64_t ids [128];
    unsigned servers [128];
} s_scene_t;

static char s_letters [128];

static void s_note (s_scene_t *scene, const char *what, char letter, const char *more)
{
    size_t used = strlen (scene->notes);
    snprintf (scene->notes + used, sizeof scene->notes - used, "%s%c%s ", what, letter, more);
}

static bool s_send (void *owner, void *context, unsigned server, uint64_t id, int64_t deadline_us)
{
    s_scene_t *scene = owner;
    char letter = *(char *) context, more [16];
    (void) deadline_us;
    if (scene->blocked)
        return false;
    scene->ids [(int) letter] = id;
    scene->servers [(int) letter] = server;
    snprintf (more, sizeof more, ">%u", server);
    s_note (scene, "", letter, more);
    return true;
}

static void s_cancel (void *owner, unsigned server, uint64_t id)
{
    (void) id;
    s_note (owner, "cancel", '>', server == 0 ? "0" : server == 1 ? "1" : "2");
}

static void s_end (void *owner, void *context, troupe_outcome_t outcome)
{
    s_note (owner, "", *(char *) context, outcome == TROUPE_CALL_TIMEOUT ? "=TIMEOUT" : "=DOWN");
}

static const troupe_fleet_ops_t s_ops = { s_send, s_cancel, s_end };

static void s_open_as (s_scene_t *scene, const troupe_fleet_options_t *options)
{
    memset (scene, 0, sizeof *scene);
    scene->now_us = 100 * S_SECOND;
    scene->fleet = troupe_fleet_new (options, &s_ops, scene);
    cr_assert_not_null (scene->fleet);
    for (unsigned server = 0; server < options->servers; server++)
        troupe_fleet_up (scene->fleet, server, scene->now_us);
}

static void s_open (s_scene_t *scene, unsigned servers)
{
    troupe_fleet_options_t options = troupe_fleet_defaults (servers);
    s_open_as (scene, &options);
}

//  Everything must have ended.
static void s_close (s_scene_t *scene)
{
    troupe_fleet_stats_t stats;
    troupe_fleet_stats (scene->fleet, &stats);
    cr_assert_eq (stats.outstanding, 0);
    cr_assert_eq (stats.queued, 0);
    cr_assert_eq (stats.calls, stats.answered + stats.expired + stats.down);
    for (unsigned server = 0; server < 3; server++)
        cr_assert_eq (troupe_fleet_server (scene->fleet, server)->outstanding, 0);
    troupe_fleet_destroy (&scene->fleet);
}

static const char *s_notes (s_scene_t *scene)
{
    static char notes [4096];
    strcpy (notes, scene->notes);
    if (notes [0])
        notes [strlen (notes) - 1] = 0;
    scene->notes [0] = 0;
    return notes;
}

static troupe_error_t s_begin (s_scene_t *scene, char letter, bool idempotent, int64_t timeout_ms)
{
    s_letters [(int) letter] = letter;
    return troupe_fleet_call (scene->fleet, &s_letters [(int) letter], idempotent, scene->now_us + timeout_ms * S_MS,
                              scene->now_us);
}

static void s_get (s_scene_t *scene, char letter)
{
    cr_assert_eq (s_begin (scene, letter, true, 10000), TROUPE_OK);
}

static void s_post (s_scene_t *scene, char letter)
{
    cr_assert_eq (s_begin (scene, letter, false, 10000), TROUPE_OK);
}

static bool s_answer (s_scene_t *scene, char letter, troupe_fleet_verdict_t verdict)
{
    void *context = NULL;
    bool taken = troupe_fleet_answered (scene->fleet, scene->ids [(int) letter], verdict, scene->now_us, &context);
    cr_assert (!taken || *(char *) context == letter);
    return taken;
}

//  Time goes from one due time to the next.
static void s_advance (s_scene_t *scene, int64_t ms)
{
    int64_t end_us = scene->now_us + ms * S_MS;
    for (int steps = 0; troupe_fleet_due_us (scene->fleet) <= end_us; steps++) {
        cr_assert_lt (steps, 100000, "it does not come to rest");
        if (troupe_fleet_due_us (scene->fleet) > scene->now_us)
            scene->now_us = troupe_fleet_due_us (scene->fleet);
        troupe_fleet_tick (scene->fleet, scene->now_us);
    }
    scene->now_us = end_us;
}

static troupe_fleet_stats_t s_stats (const s_scene_t *scene)
{
    troupe_fleet_stats_t stats;
    troupe_fleet_stats (scene->fleet, &stats);
    return stats;
}

//  What is asked of nobody waits for somebody.
Test (fleet, calls_wait_for_the_first_server_in_order)
{
    s_scene_t scene;
    s_open (&scene, 1);
    troupe_fleet_lost (scene.fleet, 0, false, scene.now_us);
    s_post (&scene, 'a');
    s_get (&scene, 'b');
    cr_assert_str_eq (s_notes (&scene), "");
    troupe_fleet_up (scene.fleet, 0, scene.now_us);
    cr_assert_str_eq (s_notes (&scene), "a>0 b>0");
    cr_assert (s_answer (&scene, 'b', TROUPE_FLEET_GOOD));
    cr_assert (s_answer (&scene, 'a', TROUPE_FLEET_GOOD));
    cr_assert_not (s_answer (&scene, 'a', TROUPE_FLEET_GOOD), "a second answer finds nobody");
    s_close (&scene);
}

//  Memory is bounded whatever is asked.
Test (fleet, queue_is_bounded)
{
    s_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (1);
    options.window = 1;
    options.queue_limit = 2;
    s_open_as (&scene, &options);
    s_post (&scene, 'a');
    s_post (&scene, 'b');
    s_post (&scene, 'c');
    cr_assert_eq (s_begin (&scene, 'd', false, 1000), TROUPE_EFULL);
    for (const char *letter = "abc"; *letter; letter++)
        s_answer (&scene, *letter, TROUPE_FLEET_GOOD);
    cr_assert_str_eq (s_notes (&scene), "a>0 b>0 c>0");
    s_close (&scene);
}

//  Nobody waits for longer than was said, with a server or without one.
Test (fleet, deadline_ends_a_call_that_waits_and_one_that_was_sent)
{
    s_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (1);
    options.window = 1;
    s_open_as (&scene, &options);
    s_begin (&scene, 'a', false, 100);
    s_begin (&scene, 'b', false, 50);
    s_advance (&scene, 50);
    cr_assert_str_eq (s_notes (&scene), "a>0 b=TIMEOUT");
    s_advance (&scene, 49);
    cr_assert_str_eq (s_notes (&scene), "");
    s_advance (&scene, 1);
    cr_assert_str_eq (s_notes (&scene), "cancel>0 a=TIMEOUT");
    s_close (&scene);
}

//  The promise of failover: work that may be done twice does not notice; other work ends, at once.
Test (fleet, loss_of_a_server_moves_idempotent_calls_and_ends_others)
{
    s_scene_t scene;
    s_open (&scene, 2);
    troupe_fleet_lost (scene.fleet, 1, false, scene.now_us);
    s_get (&scene, 'a');
    s_post (&scene, 'b');
    troupe_fleet_up (scene.fleet, 1, scene.now_us);
    s_notes (&scene);
    troupe_fleet_lost (scene.fleet, 0, false, scene.now_us);
    cr_assert_str_eq (s_notes (&scene), "b=DOWN a>1");
    cr_assert_eq (s_stats (&scene).failovers, 1);
    s_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    s_close (&scene);
}

//  A restart of the only server loses nothing that may be done twice.
Test (fleet, idempotent_calls_outlive_a_restart_of_the_only_server)
{
    s_scene_t scene;
    s_open (&scene, 1);
    s_get (&scene, 'a');
    s_notes (&scene);
    troupe_fleet_lost (scene.fleet, 0, false, scene.now_us);
    s_advance (&scene, 500);
    s_post (&scene, 'b');
    troupe_fleet_up (scene.fleet, 0, scene.now_us);
    cr_assert_str_eq (s_notes (&scene), "a>0 b>0");
    s_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    s_answer (&scene, 'b', TROUPE_FLEET_GOOD);
    s_close (&scene);
}

//  Work that kills whoever does it must not kill them for ever.
Test (fleet, call_has_a_last_attempt)
{
    s_scene_t scene;
    s_open (&scene, 3);
    s_get (&scene, 'a');
    for (int times = 0; times < 4; times++) {
        troupe_fleet_lost (scene.fleet, scene.servers ['a'], true, scene.now_us);
        for (unsigned server = 0; server < 3; server++)
            troupe_fleet_up (scene.fleet, server, scene.now_us);
    }
    const char *notes = s_notes (&scene);
    cr_assert_not_null (strstr (notes, "a=DOWN"), "%s", notes);
    cr_assert_eq (s_stats (&scene).failovers, 3);
    s_close (&scene);
}

//  A server that is at its limit is left alone for a moment, by chance a different one for each call.
Test (fleet, refused_call_is_tried_elsewhere_after_a_random_delay)
{
    s_scene_t scene;
    s_open (&scene, 2);
    s_get (&scene, 'a');
    unsigned first = scene.servers ['a'];
    s_notes (&scene);
    cr_assert_not (s_answer (&scene, 'a', TROUPE_FLEET_REFUSED));
    s_advance (&scene, 24);
    cr_assert_str_eq (s_notes (&scene), "");
    s_advance (&scene, 26);
    cr_assert_str_eq (s_notes (&scene), first ? "a>0" : "a>1");
    cr_assert (s_answer (&scene, 'a', TROUPE_FLEET_GOOD));
    cr_assert_eq (s_stats (&scene).retries, 1);
    s_close (&scene);
}

//  A refusal is the caller's own to see when the work must not be done twice.
Test (fleet, refusal_of_other_calls_is_passed_on)
{
    s_scene_t scene;
    s_open (&scene, 2);
    s_post (&scene, 'a');
    cr_assert (s_answer (&scene, 'a', TROUPE_FLEET_REFUSED));
    s_post (&scene, 'b');
    cr_assert_not (s_answer (&scene, 'b', TROUPE_FLEET_GARBAGE));
    const char *notes = s_notes (&scene);
    cr_assert_not_null (strstr (notes, "b=DOWN"), "%s", notes);
    s_close (&scene);
}

//  Retries must not make an overload worse: three, or a fifth of the calls.
Test (fleet, retries_have_a_budget)
{
    s_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (2);
    options.failures = 1000;
    s_open_as (&scene, &options);
    unsigned passed_on = 0;
    for (char letter = 'A'; letter < 'A' + 40; letter++) {
        s_get (&scene, letter);
        passed_on += s_answer (&scene, letter, TROUPE_FLEET_REFUSED);
    }
    cr_assert_eq (s_stats (&scene).retries, 8);
    cr_assert_eq (passed_on, 32);
    s_advance (&scene, 20000);
    s_notes (&scene);
    s_close (&scene);
}

//  The field's measure: five in a row and it gets nothing for 30 s, unless it comes back by itself.
Test (fleet, server_that_fails_five_times_in_a_row_is_ejected_and_returns_by_a_probe)
{
    s_scene_t scene;
    s_open (&scene, 2);
    for (int failures = 0; failures < 5;) {
        s_post (&scene, 'a');
        bool bad = scene.servers ['a'] == 1;
        s_answer (&scene, 'a', bad ? TROUPE_FLEET_REFUSED : TROUPE_FLEET_GOOD);
        failures += bad;
    }
    cr_assert_eq (troupe_fleet_server (scene.fleet, 1)->health, TROUPE_FLEET_OPEN);
    s_notes (&scene);
    s_advance (&scene, 29900);
    for (char letter = 'a'; letter < 'k'; letter++)
        s_post (&scene, letter);
    cr_assert_str_eq (s_notes (&scene), "a>0 b>0 c>0 d>0 e>0 f>0 g>0 h>0 i>0 j>0");
    s_advance (&scene, 100);
    s_post (&scene, 'x');
    s_post (&scene, 'y');
    cr_assert_str_eq (s_notes (&scene), "x>1 y>0", "one probe only");
    s_answer (&scene, 'x', TROUPE_FLEET_GOOD);
    cr_assert_eq (troupe_fleet_server (scene.fleet, 1)->health, TROUPE_FLEET_CLOSED);
    for (const char *letter = "abcdefghijy"; *letter; letter++)
        s_answer (&scene, *letter, TROUPE_FLEET_GOOD);
    s_close (&scene);
}

//  With nobody else the rest is short, and meanwhile nothing is piled up.
Test (fleet, circuit_of_the_last_server_opens_and_closes)
{
    s_scene_t scene;
    s_open (&scene, 1);
    for (int failures = 0; failures < 5; failures++) {
        s_post (&scene, 'a');
        s_answer (&scene, 'a', TROUPE_FLEET_REFUSED);
    }
    cr_assert_eq (s_begin (&scene, 'b', false, 1000), TROUPE_EDOWN);
    s_notes (&scene);
    s_get (&scene, 'c');
    cr_assert_str_eq (s_notes (&scene), "", "what may be done twice can wait for the probe");
    s_advance (&scene, 1000);
    cr_assert_str_eq (s_notes (&scene), "c>0");
    cr_assert_eq (s_begin (&scene, 'd', false, 1000), TROUPE_EDOWN);
    s_answer (&scene, 'c', TROUPE_FLEET_GOOD);
    s_post (&scene, 'e');
    s_answer (&scene, 'e', TROUPE_FLEET_GOOD);
    s_close (&scene);
}

//  A probe that fails leaves it open.
Test (fleet, failed_probe_opens_again)
{
    s_scene_t scene;
    s_open (&scene, 1);
    for (int failures = 0; failures < 5; failures++) {
        s_post (&scene, 'a');
        s_answer (&scene, 'a', TROUPE_FLEET_REFUSED);
    }
    s_advance (&scene, 1000);
    s_post (&scene, 'b');
    s_answer (&scene, 'b', TROUPE_FLEET_REFUSED);
    cr_assert_eq (s_begin (&scene, 'c', false, 1000), TROUPE_EDOWN);
    cr_assert_eq (troupe_fleet_server (scene.fleet, 0)->ejections, 2);
    s_close (&scene);
}

//  Who was restarted is not blamed for what was before.
Test (fleet, ejected_server_that_comes_back_is_probed_at_once)
{
    s_scene_t scene;
    s_open (&scene, 2);
    for (int failures = 0; failures < 5;) {
        s_post (&scene, 'a');
        bool bad = scene.servers ['a'] == 1;
        s_answer (&scene, 'a', bad ? TROUPE_FLEET_GARBAGE : TROUPE_FLEET_GOOD);
        failures += bad;
    }
    troupe_fleet_lost (scene.fleet, 1, false, scene.now_us);
    troupe_fleet_up (scene.fleet, 1, scene.now_us);
    s_notes (&scene);
    s_post (&scene, 'b');
    cr_assert_str_eq (s_notes (&scene), "b>1");
    s_answer (&scene, 'b', TROUPE_FLEET_GOOD);
    s_close (&scene);
}

//  Two choices are enough to keep work away from who is slow.
Test (fleet, slow_server_gets_less)
{
    s_scene_t scene;
    s_open (&scene, 2);
    unsigned counts [2] = { 0, 0 };
    for (int times = 0; times < 1000; times++) {
        s_post (&scene, 'a');
        unsigned server = scene.servers ['a'];
        counts [server]++;
        scene.now_us += server ? 20 * S_MS : S_MS;
        s_answer (&scene, 'a', TROUPE_FLEET_GOOD);
        scene.notes [0] = 0;
    }
    cr_assert_lt (counts [1], counts [0] / 10, "%u and %u", counts [0], counts [1]);
    cr_assert_gt (counts [1], 1, "it is looked at again");
    s_close (&scene);
}

//  Equal servers get equal work.
Test (fleet, equal_servers_share_the_work)
{
    s_scene_t scene;
    s_open (&scene, 3);
    unsigned counts [3] = { 0, 0, 0 };
    for (int times = 0; times < 300; times++) {
        for (char letter = 'a'; letter < 'g'; letter++)
            s_post (&scene, letter);
        scene.now_us += S_MS;
        for (char letter = 'a'; letter < 'g'; letter++) {
            counts [scene.servers [(int) letter]]++;
            s_answer (&scene, letter, TROUPE_FLEET_GOOD);
        }
        scene.notes [0] = 0;
    }
    for (unsigned server = 0; server < 3; server++)
        cr_assert (counts [server] > 500 && counts [server] < 700, "%u", counts [server]);
    s_close (&scene);
}

//  Half of the time is for the one that has it; what is left goes to another.
Test (fleet, call_that_takes_too_long_is_switched_to_another)
{
    s_scene_t scene;
    s_open (&scene, 2);
    s_begin (&scene, 'a', true, 1000);
    s_begin (&scene, 'b', false, 1000);
    unsigned first = scene.servers ['a'];
    s_answer (&scene, 'b', TROUPE_FLEET_GOOD);
    s_notes (&scene);
    s_advance (&scene, 499);
    cr_assert_str_eq (s_notes (&scene), "");
    s_advance (&scene, 1);
    cr_assert_str_eq (s_notes (&scene), first ? "cancel>1 a>0" : "cancel>0 a>1");
    cr_assert_eq (s_stats (&scene).switches, 1);
    s_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    s_close (&scene);
}

//  The tail of the latency is cut by asking a second one; whoever is first is taken, the other is told.
Test (fleet, hedged_call_takes_the_first_answer)
{
    s_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (2);
    options.hedge_us = 10 * S_MS;
    s_open_as (&scene, &options);
    s_get (&scene, 'a');
    s_post (&scene, 'b');
    unsigned first = scene.servers ['a'];
    s_answer (&scene, 'b', TROUPE_FLEET_GOOD);
    s_notes (&scene);
    s_advance (&scene, 10);
    cr_assert_str_eq (s_notes (&scene), first ? "a>0" : "a>1");
    cr_assert (s_answer (&scene, 'a', TROUPE_FLEET_GOOD));
    cr_assert_str_eq (s_notes (&scene), first ? "cancel>1" : "cancel>0");
    cr_assert_eq (s_stats (&scene).hedges_won, 1);
    s_close (&scene);
}

//  One of two attempts may be lost without anybody noticing.
Test (fleet, hedged_call_survives_the_loss_of_either_attempt)
{
    s_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (2);
    options.hedge_us = 10 * S_MS;
    s_open_as (&scene, &options);
    s_get (&scene, 'a');
    s_advance (&scene, 10);
    unsigned second = scene.servers ['a'];
    s_notes (&scene);
    troupe_fleet_lost (scene.fleet, 1 - second, false, scene.now_us);
    cr_assert_str_eq (s_notes (&scene), "");
    cr_assert (s_answer (&scene, 'a', TROUPE_FLEET_GOOD));
    s_close (&scene);
}

//  Late is what 95 of a hundred are not; as long as that is not known nothing is hedged.
Test (fleet, hedging_after_p95_waits_until_it_is_known)
{
    s_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (2);
    options.hedge_us = TROUPE_FLEET_HEDGE_P95;
    s_open_as (&scene, &options);
    for (int times = 0; times < 40; times++) {
        s_get (&scene, 'a');
        s_advance (&scene, times == 0 ? 100 : 8);
        s_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    }
    cr_assert_eq (s_stats (&scene).hedges, 0);
    s_get (&scene, 'a');
    s_advance (&scene, 11);
    cr_assert_eq (s_stats (&scene).hedges, 1);
    s_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    s_close (&scene);
}

//  A queue in the network that is full is no failure of anybody.
Test (fleet, what_cannot_be_sent_waits_until_it_can)
{
    s_scene_t scene;
    s_open (&scene, 1);
    scene.blocked = true;
    s_post (&scene, 'a');
    cr_assert_str_eq (s_notes (&scene), "");
    scene.blocked = false;
    troupe_fleet_writable (scene.fleet, 0, scene.now_us);
    cr_assert_str_eq (s_notes (&scene), "a>0");
    s_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    s_close (&scene);
}
