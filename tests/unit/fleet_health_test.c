/*  =========================================================================
    fleet_health_test.c - which servers rest, who is probed, and who gets more

    Place: tests/unit, of actors/egress/fleet*.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "fleet_scene.h"

//  The field's measure: five in a row and it gets nothing for 30 s, unless it comes back by itself.
Test (fleet_health, server_that_fails_five_times_in_a_row_is_ejected_and_returns_by_a_probe)
{
    fleet_scene_t scene;
    fleet_open (&scene, 2);
    for (int failures = 0; failures < 5;) {
        fleet_post (&scene, 'a');
        bool bad = scene.servers ['a'] == 1;
        fleet_answer (&scene, 'a', bad ? TROUPE_FLEET_REFUSED : TROUPE_FLEET_GOOD);
        failures += bad;
    }
    cr_assert_eq (troupe_fleet_server (scene.fleet, 1)->health, TROUPE_FLEET_OPEN);
    fleet_notes (&scene);
    fleet_advance (&scene, 29900);
    for (char letter = 'a'; letter < 'k'; letter++)
        fleet_post (&scene, letter);
    cr_assert_str_eq (fleet_notes (&scene), "a>0 b>0 c>0 d>0 e>0 f>0 g>0 h>0 i>0 j>0");
    fleet_advance (&scene, 100);
    fleet_post (&scene, 'x');
    fleet_post (&scene, 'y');
    cr_assert_str_eq (fleet_notes (&scene), "x>1 y>0", "one probe only");
    fleet_answer (&scene, 'x', TROUPE_FLEET_GOOD);
    cr_assert_eq (troupe_fleet_server (scene.fleet, 1)->health, TROUPE_FLEET_CLOSED);
    for (const char *letter = "abcdefghijy"; *letter; letter++)
        fleet_answer (&scene, *letter, TROUPE_FLEET_GOOD);
    fleet_close (&scene);
}

//  With nobody else the rest is short, and meanwhile nothing is piled up.
Test (fleet_health, circuit_of_the_last_server_opens_and_closes)
{
    fleet_scene_t scene;
    fleet_open (&scene, 1);
    for (int failures = 0; failures < 5; failures++) {
        fleet_post (&scene, 'a');
        fleet_answer (&scene, 'a', TROUPE_FLEET_REFUSED);
    }
    cr_assert_eq (fleet_begin (&scene, 'b', false, 1000), TROUPE_EDOWN);
    fleet_notes (&scene);
    fleet_get (&scene, 'c');
    cr_assert_str_eq (fleet_notes (&scene), "", "what may be done twice can wait for the probe");
    fleet_advance (&scene, 1000);
    cr_assert_str_eq (fleet_notes (&scene), "c>0");
    cr_assert_eq (fleet_begin (&scene, 'd', false, 1000), TROUPE_EDOWN);
    fleet_answer (&scene, 'c', TROUPE_FLEET_GOOD);
    fleet_post (&scene, 'e');
    fleet_answer (&scene, 'e', TROUPE_FLEET_GOOD);
    fleet_close (&scene);
}

//  A probe that fails leaves it open.
Test (fleet_health, failed_probe_opens_again)
{
    fleet_scene_t scene;
    fleet_open (&scene, 1);
    for (int failures = 0; failures < 5; failures++) {
        fleet_post (&scene, 'a');
        fleet_answer (&scene, 'a', TROUPE_FLEET_REFUSED);
    }
    fleet_advance (&scene, 1000);
    fleet_post (&scene, 'b');
    fleet_answer (&scene, 'b', TROUPE_FLEET_REFUSED);
    cr_assert_eq (fleet_begin (&scene, 'c', false, 1000), TROUPE_EDOWN);
    cr_assert_eq (troupe_fleet_server (scene.fleet, 0)->ejections, 2);
    fleet_close (&scene);
}

//  Who was restarted is not blamed for what was before.
Test (fleet_health, ejected_server_that_comes_back_is_probed_at_once)
{
    fleet_scene_t scene;
    fleet_open (&scene, 2);
    for (int failures = 0; failures < 5;) {
        fleet_post (&scene, 'a');
        bool bad = scene.servers ['a'] == 1;
        fleet_answer (&scene, 'a', bad ? TROUPE_FLEET_GARBAGE : TROUPE_FLEET_GOOD);
        failures += bad;
    }
    troupe_fleet_lost (scene.fleet, 1, false, scene.now_us);
    troupe_fleet_up (scene.fleet, 1, scene.now_us);
    fleet_notes (&scene);
    fleet_post (&scene, 'b');
    cr_assert_str_eq (fleet_notes (&scene), "b>1");
    fleet_answer (&scene, 'b', TROUPE_FLEET_GOOD);
    fleet_close (&scene);
}

//  It would be disconnected and back a thousand times a second otherwise, with a call each time.
Test (fleet_health, server_that_talks_nonsense_rests_though_it_is_back_at_once)
{
    fleet_scene_t scene;
    fleet_open (&scene, 1);
    for (int failures = 0; failures < 5; failures++) {
        fleet_post (&scene, 'a');
        troupe_fleet_lost (scene.fleet, 0, true, scene.now_us);
        troupe_fleet_up (scene.fleet, 0, scene.now_us);
    }
    cr_assert_eq (fleet_begin (&scene, 'b', false, 1000), TROUPE_EDOWN);
    fleet_notes (&scene);
    fleet_get (&scene, 'c');
    cr_assert_str_eq (fleet_notes (&scene), "");
    fleet_advance (&scene, 1000);
    cr_assert_str_eq (fleet_notes (&scene), "c>0");
    fleet_answer (&scene, 'c', TROUPE_FLEET_GOOD);
    cr_assert_eq (troupe_fleet_server (scene.fleet, 0)->health, TROUPE_FLEET_CLOSED);
    fleet_close (&scene);
}

//  Two choices are enough to keep work away from who is slow.
Test (fleet_health, slow_server_gets_less)
{
    fleet_scene_t scene;
    fleet_open (&scene, 2);
    unsigned counts [2] = { 0, 0 };
    for (int times = 0; times < 1000; times++) {
        fleet_post (&scene, 'a');
        unsigned server = scene.servers ['a'];
        counts [server]++;
        scene.now_us += server ? 20 * FLEET_MS : FLEET_MS;
        fleet_answer (&scene, 'a', TROUPE_FLEET_GOOD);
        scene.notes [0] = 0;
    }
    cr_assert_lt (counts [1], counts [0] / 10, "%u and %u", counts [0], counts [1]);
    cr_assert_gt (counts [1], 1, "it is looked at again");
    fleet_close (&scene);
}

//  Equal servers get equal work.
Test (fleet_health, equal_servers_share_the_work)
{
    fleet_scene_t scene;
    fleet_open (&scene, 3);
    unsigned counts [3] = { 0, 0, 0 };
    for (int times = 0; times < 300; times++) {
        for (char letter = 'a'; letter < 'g'; letter++)
            fleet_post (&scene, letter);
        scene.now_us += FLEET_MS;
        for (char letter = 'a'; letter < 'g'; letter++) {
            counts [scene.servers [(int) letter]]++;
            fleet_answer (&scene, letter, TROUPE_FLEET_GOOD);
        }
        scene.notes [0] = 0;
    }
    for (unsigned server = 0; server < 3; server++)
        cr_assert (counts [server] > 500 && counts [server] < 700, "%u", counts [server]);
    fleet_close (&scene);
}
