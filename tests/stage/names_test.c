/*  =========================================================================
    names_test.c - names that actors take, look up, list and follow

    Place: tests/stage, of runtime/core/cell/cell_names.c and
    runtime/stage/names.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 21

static troupe_name_watch_t s_watch;

static troupe_stage_t *s_stage (void)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "b");
    doer_new (stage, "a");
    return stage;
}

static int s_on_name (troupe_actor_t *self, void *state, troupe_name_change_t change, const char *name,
                      const char *endpoint, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    doer_note ("%c%s=%s", change == TROUPE_NAME_ADDED ? '+' : '-', name, endpoint);
    return 0;
}

static int s_take (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    doer_note ("%d", (int) troupe_name_register (self, "other"));
    return 0;
}

static int s_give_back (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    doer_note ("%d", (int) troupe_name_unregister (self, "other"));
    return 0;
}

static int s_say_name (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return troupe_replyf (self, message, "%s", troupe_name (self));
}

static int s_fail (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    return troupe_fail (self, 5, "broken");
}

static int s_follow (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    cr_assert_eq (troupe_names_watch (self, "", s_on_name, NULL, &s_watch), TROUPE_OK);
    doer_note ("follows");
    return 0;
}

static int s_unfollow (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    bool first = troupe_names_unwatch (self, s_watch);
    doer_note ("%d%d", first, troupe_names_unwatch (self, s_watch));
    return 0;
}

//  A name stands for who has taken it, until that one gives it back.
Test (names, name_that_is_taken_leads_to_who_took_it)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "a", s_take);
    cr_assert_str_eq (doer_ask (stage, "other", s_say_name, 100), "OK a");
    cr_assert_str_eq (doer_ask (stage, "a", s_say_name, 100), "OK a");
    doer_do (stage, "b", s_take);
    doer_do (stage, "b", s_give_back);
    doer_do (stage, "a", s_give_back);
    doer_do (stage, "b", s_take);
    char notes [64];
    snprintf (notes, sizeof notes, "0 %d %d 0 0", (int) TROUPE_EADDRINUSE, (int) TROUPE_ENOENT);
    cr_assert_str_eq (doer_notes (), notes);
    troupe_stage_destroy (&stage);
}

//  What could never be looked up is refused where it is written.
Test (names, names_are_printable_words)
{
    troupe_stage_t *stage = s_stage ();
    troupe_actor_t *guest = troupe_stage_guest (stage);
    char name [258], endpoint [8] = "";
    memset (name, 'x', sizeof name);
    name [256] = 0;
    cr_assert_eq (troupe_name_register (guest, ""), TROUPE_EINVAL);
    cr_assert_eq (troupe_name_register (guest, NULL), TROUPE_EINVAL);
    cr_assert_eq (troupe_name_register (guest, "two words"), TROUPE_EINVAL);
    cr_assert_eq (troupe_name_register (guest, "line\n"), TROUPE_EINVAL);
    cr_assert_eq (troupe_name_register (guest, "tcp://host:1"), TROUPE_EINVAL);
    cr_assert_eq (troupe_name_register (guest, name), TROUPE_EINVAL);
    cr_assert_eq (troupe_name_register (guest, "fine"), TROUPE_ESTATE);
    cr_assert_eq (troupe_name_find (guest, name, endpoint, sizeof endpoint), TROUPE_EINVAL);
    cr_assert_eq (troupe_name_find (guest, "nobody", endpoint, sizeof endpoint), TROUPE_ENOENT);
    cr_assert_eq (troupe_name_find (guest, "a", endpoint, sizeof endpoint), TROUPE_OK);
    cr_assert_str_eq (endpoint, "inproc:");
    cr_assert_eq (troupe_names_list (guest, name, s_on_name, NULL), TROUPE_EINVAL);
    cr_assert_eq (troupe_names_watch (guest, name, s_on_name, NULL, NULL), TROUPE_EINVAL);
    troupe_stage_destroy (&stage);
}

//  The next incarnation begins with nothing of the last one's, as with timers and watches.
Test (names, names_end_with_the_incarnation_that_took_them)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "a", s_take);
    doer_do (stage, "a", s_follow);
    cr_assert_str_eq (doer_notes (), "0 follows +a=inproc://a +b=inproc://b +other=inproc://other");
    doer_do (stage, "a", s_fail);
    cr_assert_str_eq (doer_ask (stage, "other", s_say_name, 100), "NO_SUCH_ACTOR");
    doer_do (stage, "b", s_take);
    cr_assert_str_eq (doer_notes (), "0");
    troupe_stage_destroy (&stage);
}

//  A list is read by people, and compared by programs.
Test (names, lists_are_sorted_and_cut_by_their_beginning)
{
    troupe_stage_t *stage = s_stage ();
    troupe_actor_t *guest = troupe_stage_guest (stage);
    troupe_child_t process = { .id = "bills", .behavior = &doer, .endpoint = "ipc://bills" };
    cr_assert_eq (troupe_stage_spawn_child (stage, &process), TROUPE_OK);
    doer_do (stage, "a", s_take);
    doer_notes ();
    cr_assert_eq (troupe_names_list (guest, "", s_on_name, NULL), TROUPE_OK);
    cr_assert_str_eq (doer_notes (), "+a=inproc://a +b=inproc://b +bills=ipc://bills +other=inproc://other");
    cr_assert_eq (troupe_names_list (guest, "b", s_on_name, NULL), TROUPE_OK);
    cr_assert_str_eq (doer_notes (), "+b=inproc://b +bills=ipc://bills");
    cr_assert_eq (troupe_names_list (guest, "nobody", s_on_name, NULL), TROUPE_OK);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  Whoever follows names can keep a copy of the directory: it misses nothing, and sees nothing twice.
Test (names, changes_are_told_once_each_in_their_order)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "a", s_follow);
    cr_assert_str_eq (doer_notes (), "follows +a=inproc://a +b=inproc://b");
    doer_do (stage, "b", s_take);
    doer_do (stage, "b", s_give_back);
    doer_do (stage, "b", s_take);
    cr_assert_str_eq (doer_notes (),
                      "0 +other=inproc://other 0 -other=inproc://other 0 +other=inproc://other");
    doer_do (stage, "a", s_unfollow);
    doer_do (stage, "b", s_give_back);
    cr_assert_str_eq (doer_notes (), "10 0");
    troupe_stage_destroy (&stage);
}

//  A restart is no change: refs to the name stay good.
Test (names, actor_that_is_restarted_keeps_its_name)
{
    static const troupe_child_t children [] = { { .id = "c", .behavior = &doer }, { .id = NULL } };
    static const troupe_supervisor_t supervisor = { .children = children, .intensity = 5 };
    troupe_child_t top = { .id = "top", .supervisor = &supervisor, .endpoint = "" };
    troupe_stage_t *stage = s_stage ();
    cr_assert_eq (troupe_stage_spawn_child (stage, &top), TROUPE_OK);
    doer_do (stage, "a", s_follow);
    doer_notes ();
    doer_do (stage, "c", s_fail);
    cr_assert_eq (troupe_stage_incarnation (stage, "c"), 2);
    cr_assert_str_eq (doer_notes (), "");
    cr_assert_eq (troupe_stage_stop (stage, "top"), TROUPE_OK);
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "-c=inproc://c");
    troupe_stage_destroy (&stage);
}

//  What happened is read in the trace.
Test (names, names_are_in_the_trace)
{
    troupe_stage_t *stage = s_stage ();
    doer_do (stage, "a", s_follow);
    troupe_stage_trace_clear (stage);
    doer_do (stage, "b", s_take);
    const char *trace = troupe_stage_trace (stage);
    cr_assert (strstr (trace, "0 b takes the name other\n"), "%s", trace);
    cr_assert (strstr (trace, "0 a#1 <- name added: other inproc://other\n"), "%s", trace);
    troupe_stage_destroy (&stage);
}
