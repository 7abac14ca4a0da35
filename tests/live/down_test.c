/*  =========================================================================
    down_test.c - monitors, names that come and go, and the ends of actors

    Place: tests/live. What others learn of an actor's end, between threads.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "troupe_world.h"

//  --- A child of the guest's own

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    static const char *const names [] = { "started", "ended", "wedged", "gone" };
    (void) self;
    (void) state;
    (void) link;
    (void) context;
    world_note ("%s%u%s%s", names [event->kind], (unsigned) event->incarnation, event->reason ? ":" : "",
                event->reason ? troupe_reason_kind_name (event->reason->kind) : "");
    return 0;
}

static troupe_link_t *s_spawn (troupe_t *troupe, const char *id)
{
    troupe_child_t spec = { .id = id, .behavior = &world_doer };
    troupe_link_t *link = NULL;
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), &spec, s_on_child, NULL, &link), TROUPE_OK);
    return link;
}

static void s_monitor (troupe_t *troupe, const char *name)
{
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), name);
    cr_assert_eq (troupe_monitor (ref, world_on_down, NULL, NULL), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
}

//  A whole life, told in order.
Test (live_down, events_follow_the_life_of_a_child)
{
    troupe_t *troupe = world_new ();
    troupe_link_t *link = s_spawn (troupe, "a");
    cr_assert_str_eq (world_notes (troupe, 1), "started1");
    cr_assert_str_eq (world_ask (troupe, "a", world_fail, 0, NULL), "FAILED told to");
    cr_assert_str_eq (world_notes (troupe, 1), "ended1:FAILED");
    world_call (troupe, "a", world_echo, 1, "waits", WORLD_MS);
    troupe_link_restart (link);
    const char *notes = world_notes (troupe, 2);     //  They come on two ways
    cr_assert (strcmp (notes, "started2 OK:waits 1") == 0 || strcmp (notes, "OK:waits 1 started2") == 0, "%s", notes);
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    cr_assert_str_eq (world_notes (troupe, 2), "ended2:SHUTDOWN gone2:SHUTDOWN");
    troupe_destroy (&troupe);
}

//  The name is free at GONE: whoever comes next is found under it, by refs of before too.
Test (live_down, names_are_used_again)
{
    troupe_t *troupe = world_new ();
    for (int time = 0; time < 20; time++) {
        const char *early = world_ask (troupe, "a", world_echo, 1, "x");
        cr_assert (strcmp (early, "DOWN") == 0 || strcmp (early, "NO_SUCH_ACTOR") == 0, "%s", early);
        troupe_link_t *link = s_spawn (troupe, "a");
        cr_assert_str_eq (world_notes (troupe, 1), "started1");
        cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "x"), "OK x 1");
        troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
        cr_assert_str_eq (world_notes (troupe, 2), "ended1:SHUTDOWN gone1:SHUTDOWN");
        const char *late = world_ask (troupe, "a", world_echo, 1, "x");
        cr_assert (strcmp (late, "DOWN") == 0 || strcmp (late, "NO_SUCH_ACTOR") == 0, "%s", late);
    }
    troupe_destroy (&troupe);
}

//  Two actors of one name would take each other's mail.
Test (live_down, taken_name_is_a_failed_start)
{
    troupe_t *troupe = world_new ();
    s_spawn (troupe, "a");
    cr_assert_str_eq (world_notes (troupe, 1), "started1");
    troupe_link_t *second = s_spawn (troupe, "a");
    cr_assert_str_eq (world_notes (troupe, 1), "ended1:START_FAILED");
    troupe_link_stop (second, TROUPE_SHUTDOWN_DEFAULT);
    cr_assert_str_eq (world_notes (troupe, 1), "gone1:START_FAILED");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "first"), "OK first 1");
    troupe_destroy (&troupe);
}

//  Every monitor is told of the end of the incarnation it was set on, once, and why.
Test (live_down, each_monitor_is_told_once)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    s_monitor (troupe, "a");
    s_monitor (troupe, "a");
    cr_assert_str_eq (world_ask (troupe, "a", world_fail, 0, NULL), "FAILED told to");
    cr_assert_str_eq (world_notes (troupe, 2), "down:FAILED down:FAILED");
    cr_assert_str_eq (world_ask (troupe, "a", world_fail, 0, NULL), "FAILED told to");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 0, "x"), "OK x 0");
    cr_assert_str_eq (world_notes (troupe, 0), "", "they were told already");
    s_monitor (troupe, "a");
    world_tell (troupe, "a", world_exit, 0, NULL);
    cr_assert_str_eq (world_notes (troupe, 1), "down:NORMAL");
    s_monitor (troupe, "b");
    cr_assert_str_eq (world_ask (troupe, "b", world_echo, 0, "b"), "OK b 0");
    cr_assert_eq (troupe_stop (troupe, WORLD_MS), TROUPE_OK);
    cr_assert_str_eq (world_notes (troupe, 1), "down:SHUTDOWN");
    troupe_destroy (&troupe);
}

//  Nobody there is told too, later; what was taken back is not.
Test (live_down, nobody_there_is_told)
{
    troupe_t *troupe = world_with (world_doers ("a", NULL, NULL));
    troupe_monitor_t monitor = 0;
    s_monitor (troupe, "nobody");
    cr_assert_str_eq (world_notes (troupe, 1), "down:NO_SUCH_ACTOR");
    cr_assert_eq (troupe_monitor (troupe_ref (troupe_guest (troupe), "a"), world_on_down, NULL, &monitor), TROUPE_OK);
    cr_assert (troupe_demonitor (troupe_guest (troupe), monitor));
    cr_assert_str_eq (world_ask (troupe, "a", world_fail, 0, NULL), "FAILED told to");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 0, "x"), "OK x 0");
    cr_assert_str_eq (world_notes (troupe, 0), "");
    world_end (troupe);
}

//  One that hangs cannot say anything itself: the runtime does, to monitors and callers, and the name is free. When it
//  comes to its end after all it is buried, and nothing is left.
Test (live_down, given_up_child_is_killed_and_buried)
{
    world_gate_make ();
    troupe_t *troupe = world_new ();
    size_t threads = world_count ("task");
    troupe_link_t *link = s_spawn (troupe, "a");
    cr_assert_str_eq (world_notes (troupe, 1), "started1");
    s_monitor (troupe, "a");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 0, "x"), "OK x 0");
    world_hold (troupe, "a");
    world_call (troupe, "a", world_echo, 0, "behind", TROUPE_FOREVER);
    troupe_link_stop (link, 10);
    const char *notes = world_notes (troupe, 4);
    cr_assert_eq (strncmp (notes, "wedged1:WEDGED ", 15), 0, "%s", notes);
    cr_assert_not_null (strstr (notes, "gone1:KILLED"), "%s", notes);
    cr_assert_not_null (strstr (notes, "down:KILLED"), "%s", notes);
    cr_assert_not_null (strstr (notes, "DOWN:"), "%s", notes);
    link = s_spawn (troupe, "a");
    cr_assert_str_eq (world_notes (troupe, 1), "started1");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 1, "another"), "OK another 1");
    world_gate_open ();
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    cr_assert_str_eq (world_notes (troupe, 2), "ended1:SHUTDOWN gone1:SHUTDOWN");
    while (world_count ("task") > threads)
        cr_assert_neq (troupe_run (troupe, 10), TROUPE_EDOWN);
    cr_assert_eq (troupe_stop (troupe, WORLD_MS), TROUPE_OK, "nobody was left behind");
    troupe_destroy (&troupe);
}

//  Names that come later are found by refs that were there before.
Test (live_down, refs_find_names_that_come_later)
{
    static const troupe_child_t specs [] = { { .id = "d", .behavior = &world_doer }, { .id = NULL } };
    static const troupe_supervisor_t dynamic = { .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .children = specs };
    const troupe_child_t children [] = { { .id = "dynamic", .supervisor = &dynamic }, { .id = NULL } };
    troupe_t *troupe = world_with (children);
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), "d-1");
    cr_assert_str_eq (world_ask (troupe, "d-1", world_echo, 0, "x"), "NO_SUCH_ACTOR");
    cr_assert_eq (troupe_call_wait (troupe, "dynamic", TROUPE_SUPERVISOR_START_CHILD, "", 0, WORLD_MS, NULL),
                  TROUPE_CALL_OK);
    cr_assert_str_eq (world_ask (troupe, "d-1", world_echo, 0, "x"), "OK x 0");
    cr_assert_eq (troupe_ref (troupe_guest (troupe), "d-1"), ref);
    cr_assert_eq (troupe_call_wait (troupe, "dynamic", TROUPE_SUPERVISOR_STOP_CHILD, "d-1", 3, WORLD_MS, NULL),
                  TROUPE_CALL_OK);
    const char *late = world_ask (troupe, "d-1", world_echo, 0, "x");
    cr_assert (strcmp (late, "DOWN") == 0 || strcmp (late, "NO_SUCH_ACTOR") == 0, "%s", late);
    world_end (troupe);
}

//  Without a name only its parent reaches it.
Test (live_down, nameless_child_is_reached_by_its_link)
{
    troupe_t *troupe = world_new ();
    troupe_child_t spec = { .id = "a", .behavior = &world_doer, .endpoint = "" };
    troupe_link_t *link = NULL;
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), &spec, s_on_child, NULL, &link), TROUPE_OK);
    cr_assert_str_eq (world_notes (troupe, 1), "started1");
    cr_assert_str_eq (world_ask (troupe, "a", world_echo, 0, "x"), "NO_SUCH_ACTOR");
    world_word_t word = { .fn = world_echo, .number = 2, .text = "link" };
    cr_assert_eq (troupe_call (troupe_link_ref (link), 0, &word, sizeof word, WORLD_MS, world_on_reply, NULL, NULL),
                  TROUPE_OK);
    cr_assert_str_eq (world_notes (troupe, 1), "OK:link 2");
    troupe_destroy (&troupe);
}

//  What cannot be started here is said so, and nothing is begun.
Test (live_down, bad_specs_are_refused)
{
    troupe_t *troupe = world_new ();
    size_t files = world_count ("fd");
    troupe_link_t *link = NULL;
    troupe_child_t process = { .id = "a", .behavior = &world_doer, .endpoint = "ipc://a" };
    troupe_child_t strange = { .id = "a", .behavior = &world_doer, .endpoint = "udp://127.0.0.1:5555" };
    troupe_child_t nobody = { .id = "a" };
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), &process, s_on_child, NULL, &link), TROUPE_ENOTSUP);
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), &strange, s_on_child, NULL, &link), TROUPE_EINVAL);
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), &nobody, s_on_child, NULL, &link), TROUPE_EINVAL);
    cr_assert_null (link);
    cr_assert_eq (world_count ("fd"), files);
    troupe_destroy (&troupe);
}
