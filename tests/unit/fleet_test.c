/*  =========================================================================
    fleet_test.c - which server answers which call, and what if not

    Place: tests/unit, of actors/egress/fleet*.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "fleet_scene.h"

//  What is asked of nobody waits for somebody.
Test (fleet, calls_wait_for_the_first_server_in_order)
{
    fleet_scene_t scene;
    fleet_open (&scene, 1);
    troupe_fleet_lost (scene.fleet, 0, false, scene.now_us);
    fleet_post (&scene, 'a');
    fleet_get (&scene, 'b');
    cr_assert_str_eq (fleet_notes (&scene), "");
    troupe_fleet_up (scene.fleet, 0, scene.now_us);
    cr_assert_str_eq (fleet_notes (&scene), "a>0 b>0");
    cr_assert (fleet_answer (&scene, 'b', TROUPE_FLEET_GOOD));
    cr_assert (fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD));
    cr_assert_not (fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD), "a second answer finds nobody");
    fleet_close (&scene);
}

//  Memory is bounded whatever is asked.
Test (fleet, queue_is_bounded)
{
    fleet_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (1);
    options.window = 1;
    options.queue_limit = 2;
    fleet_open_as (&scene, &options);
    fleet_post (&scene, 'a');
    fleet_post (&scene, 'b');
    fleet_post (&scene, 'c');
    cr_assert_eq (fleet_begin (&scene, 'd', false, 1000), TROUPE_EFULL);
    for (const char *letter = "abc"; *letter; letter++)
        fleet_answer (&scene, *letter, TROUPE_FLEET_GOOD);
    cr_assert_str_eq (fleet_notes (&scene), "a>0 b>0 c>0");
    fleet_close (&scene);
}

//  Nobody waits for longer than was said, with a server or without one.
Test (fleet, deadline_ends_a_call_that_waits_and_one_that_was_sent)
{
    fleet_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (1);
    options.window = 1;
    fleet_open_as (&scene, &options);
    fleet_begin (&scene, 'a', false, 100);
    fleet_begin (&scene, 'b', false, 50);
    fleet_advance (&scene, 50);
    cr_assert_str_eq (fleet_notes (&scene), "a>0 b=TIMEOUT");
    fleet_advance (&scene, 49);
    cr_assert_str_eq (fleet_notes (&scene), "");
    fleet_advance (&scene, 1);
    cr_assert_str_eq (fleet_notes (&scene), "cancel>0 a=TIMEOUT");
    fleet_close (&scene);
}

//  What nobody waits for makes room, in the queue and at the server.
Test (fleet, call_that_is_given_up_is_over)
{
    fleet_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (1);
    options.window = 1;
    fleet_open_as (&scene, &options);
    for (const char *letter = "abcd"; *letter; letter++)
        fleet_get (&scene, *letter);
    cr_assert_str_eq (fleet_notes (&scene), "a>0");
    troupe_fleet_give_up (scene.fleet, scene.numbers ['c'], scene.now_us);
    troupe_fleet_give_up (scene.fleet, scene.numbers ['a'], scene.now_us);
    cr_assert_str_eq (fleet_notes (&scene), "cancel>0 b>0");
    cr_assert_not (fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD), "nobody wants it");
    cr_assert (fleet_answer (&scene, 'b', TROUPE_FLEET_GOOD));
    cr_assert (fleet_answer (&scene, 'd', TROUPE_FLEET_GOOD));
    cr_assert_eq (fleet_stats (&scene).given_up, 2);
    fleet_close (&scene);
}

//  The promise of failover: work that may be done twice does not notice; other work ends, at once.
Test (fleet, loss_of_a_server_moves_idempotent_calls_and_ends_others)
{
    fleet_scene_t scene;
    fleet_open (&scene, 2);
    troupe_fleet_lost (scene.fleet, 1, false, scene.now_us);
    fleet_get (&scene, 'a');
    fleet_post (&scene, 'b');
    troupe_fleet_up (scene.fleet, 1, scene.now_us);
    fleet_notes (&scene);
    troupe_fleet_lost (scene.fleet, 0, false, scene.now_us);
    cr_assert_str_eq (fleet_notes (&scene), "b=DOWN a>1");
    cr_assert_eq (fleet_stats (&scene).failovers, 1);
    fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    fleet_close (&scene);
}

//  A restart of the only server loses nothing that may be done twice.
Test (fleet, idempotent_calls_outlive_a_restart_of_the_only_server)
{
    fleet_scene_t scene;
    fleet_open (&scene, 1);
    fleet_get (&scene, 'a');
    fleet_notes (&scene);
    troupe_fleet_lost (scene.fleet, 0, false, scene.now_us);
    fleet_advance (&scene, 500);
    fleet_post (&scene, 'b');
    troupe_fleet_up (scene.fleet, 0, scene.now_us);
    cr_assert_str_eq (fleet_notes (&scene), "a>0 b>0");
    fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    fleet_answer (&scene, 'b', TROUPE_FLEET_GOOD);
    fleet_close (&scene);
}

//  Work that kills whoever does it must not kill them for ever.
Test (fleet, call_has_a_last_attempt)
{
    fleet_scene_t scene;
    fleet_open (&scene, 3);
    fleet_get (&scene, 'a');
    for (int times = 0; times < 4; times++) {
        troupe_fleet_lost (scene.fleet, scene.servers ['a'], true, scene.now_us);
        for (unsigned server = 0; server < 3; server++)
            troupe_fleet_up (scene.fleet, server, scene.now_us);
    }
    const char *notes = fleet_notes (&scene);
    cr_assert_not_null (strstr (notes, "a=DOWN"), "%s", notes);
    cr_assert_eq (fleet_stats (&scene).failovers, 3);
    fleet_close (&scene);
}

//  A server that is at its limit is left alone for a moment, by chance a different one for each call.
Test (fleet, refused_call_is_tried_elsewhere_after_a_random_delay)
{
    fleet_scene_t scene;
    fleet_open (&scene, 2);
    fleet_get (&scene, 'a');
    unsigned first = scene.servers ['a'];
    fleet_notes (&scene);
    cr_assert_not (fleet_answer (&scene, 'a', TROUPE_FLEET_REFUSED));
    fleet_advance (&scene, 24);
    cr_assert_str_eq (fleet_notes (&scene), "");
    fleet_advance (&scene, 26);
    cr_assert_str_eq (fleet_notes (&scene), first ? "a>0" : "a>1");
    cr_assert (fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD));
    cr_assert_eq (fleet_stats (&scene).retries, 1);
    fleet_close (&scene);
}

//  A refusal is the caller's own to see when the work must not be done twice.
Test (fleet, refusal_of_other_calls_is_passed_on)
{
    fleet_scene_t scene;
    fleet_open (&scene, 2);
    fleet_post (&scene, 'a');
    cr_assert (fleet_answer (&scene, 'a', TROUPE_FLEET_REFUSED));
    fleet_post (&scene, 'b');
    cr_assert_not (fleet_answer (&scene, 'b', TROUPE_FLEET_GARBAGE));
    const char *notes = fleet_notes (&scene);
    cr_assert_not_null (strstr (notes, "b=FAILED"), "%s", notes);
    fleet_close (&scene);
}

//  Retries must not make an overload worse: three, or a fifth of the calls.
Test (fleet, retries_have_a_budget)
{
    fleet_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (2);
    options.failures = 1000;
    fleet_open_as (&scene, &options);
    unsigned passed_on = 0;
    for (char letter = 'A'; letter < 'A' + 40; letter++) {
        fleet_get (&scene, letter);
        passed_on += fleet_answer (&scene, letter, TROUPE_FLEET_REFUSED);
    }
    cr_assert_eq (fleet_stats (&scene).retries, 8);
    cr_assert_eq (passed_on, 32);
    fleet_advance (&scene, 20000);
    fleet_notes (&scene);
    fleet_close (&scene);
}

//  Half of the time is for the one that has it; what is left goes to another.
Test (fleet, call_that_takes_too_long_is_switched_to_another)
{
    fleet_scene_t scene;
    fleet_open (&scene, 2);
    fleet_begin (&scene, 'a', true, 1000);
    fleet_begin (&scene, 'b', false, 1000);
    unsigned first = scene.servers ['a'];
    fleet_answer (&scene, 'b', TROUPE_FLEET_GOOD);
    fleet_notes (&scene);
    fleet_advance (&scene, 499);
    cr_assert_str_eq (fleet_notes (&scene), "");
    fleet_advance (&scene, 1);
    cr_assert_str_eq (fleet_notes (&scene), first ? "cancel>1 a>0" : "cancel>0 a>1");
    cr_assert_eq (fleet_stats (&scene).switches, 1);
    fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    fleet_close (&scene);
}

//  The tail of the latency is cut by asking a second one; whoever is first is taken, the other is told.
Test (fleet, hedged_call_takes_the_first_answer)
{
    fleet_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (2);
    options.hedge_us = 10 * FLEET_MS;
    fleet_open_as (&scene, &options);
    fleet_get (&scene, 'a');
    fleet_post (&scene, 'b');
    unsigned first = scene.servers ['a'];
    fleet_answer (&scene, 'b', TROUPE_FLEET_GOOD);
    fleet_notes (&scene);
    fleet_advance (&scene, 10);
    cr_assert_str_eq (fleet_notes (&scene), first ? "a>0" : "a>1");
    cr_assert (fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD));
    cr_assert_str_eq (fleet_notes (&scene), first ? "cancel>1" : "cancel>0");
    cr_assert_eq (fleet_stats (&scene).hedges_won, 1);
    fleet_close (&scene);
}

//  One of two attempts may be lost without anybody noticing.
Test (fleet, hedged_call_survives_the_loss_of_either_attempt)
{
    fleet_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (2);
    options.hedge_us = 10 * FLEET_MS;
    fleet_open_as (&scene, &options);
    fleet_get (&scene, 'a');
    fleet_advance (&scene, 10);
    unsigned second = scene.servers ['a'];
    fleet_notes (&scene);
    troupe_fleet_lost (scene.fleet, 1 - second, false, scene.now_us);
    cr_assert_str_eq (fleet_notes (&scene), "");
    cr_assert (fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD));
    fleet_close (&scene);
}

//  Late is what 95 of a hundred are not; as long as that is not known nothing is hedged.
Test (fleet, hedging_after_p95_waits_until_it_is_known)
{
    fleet_scene_t scene;
    troupe_fleet_options_t options = troupe_fleet_defaults (2);
    options.hedge_us = TROUPE_FLEET_HEDGE_P95;
    fleet_open_as (&scene, &options);
    for (int times = 0; times < 40; times++) {
        fleet_get (&scene, 'a');
        fleet_advance (&scene, times == 0 ? 100 : 8);
        fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    }
    cr_assert_eq (fleet_stats (&scene).hedges, 0);
    fleet_get (&scene, 'a');
    fleet_advance (&scene, 11);
    cr_assert_eq (fleet_stats (&scene).hedges, 1);
    fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    fleet_close (&scene);
}

//  A queue in the network that is full is no failure of anybody.
Test (fleet, what_cannot_be_sent_waits_until_it_can)
{
    fleet_scene_t scene;
    fleet_open (&scene, 1);
    scene.blocked = true;
    fleet_post (&scene, 'a');
    cr_assert_str_eq (fleet_notes (&scene), "");
    scene.blocked = false;
    troupe_fleet_writable (scene.fleet, 0, scene.now_us);
    cr_assert_str_eq (fleet_notes (&scene), "a>0");
    fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD);
    fleet_close (&scene);
}
