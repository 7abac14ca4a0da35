/*  =========================================================================
    directory_test.c - names between threads

    Place: tests/live, of runtime/live/directory/directory_names.c: what actors take, look
    up, list and follow, through the public functions alone.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "troupe_world.h"

//  --- What doers are told

static int s_take (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    return troupe_replyf (self, message, "%d", (int) troupe_name_register (self, word->text));
}

static int s_give_back (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    return troupe_replyf (self, message, "%d", (int) troupe_name_unregister (self, word->text));
}

static int s_find (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    char endpoint [64] = "nowhere";
    troupe_name_find (self, word->text, endpoint, sizeof endpoint);
    return troupe_replyf (self, message, "%s", endpoint);
}

static int s_name (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    (void) word;
    return troupe_replyf (self, message, "%s", troupe_name (self));
}

static int s_add_name (troupe_actor_t *self, void *state, troupe_name_change_t change, const char *name,
                       const char *endpoint, void *context)
{
    (void) self;
    (void) state;
    (void) change;
    (void) endpoint;
    char *text = context;
    strcat (strcat (text, name), " ");
    return 0;
}

static int s_list (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    char text [256] = "";
    troupe_error_t error = troupe_names_list (self, word->text, s_add_name, text);
    return troupe_replyf (self, message, "%d %s", (int) error, text);
}

static int s_on_name (troupe_actor_t *self, void *state, troupe_name_change_t change, const char *name,
                      const char *endpoint, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    world_note ("%c%s=%s", change == TROUPE_NAME_ADDED ? '+' : '-', name, endpoint);
    return 0;
}

//  A name that is given back is free at once, for whoever is told so.
Test (directory, names_are_taken_found_and_given_back)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    cr_assert_str_eq (world_ask (troupe, "a", s_take, 0, "c"), "OK 0");
    cr_assert_str_eq (world_ask (troupe, "c", s_name, 0, NULL), "OK a");
    cr_assert_str_eq (world_ask (troupe, "b", s_find, 0, "c"), "OK inproc://c");
    char taken [16];
    snprintf (taken, sizeof taken, "OK %d", (int) TROUPE_EADDRINUSE);
    cr_assert_str_eq (world_ask (troupe, "b", s_take, 0, "c"), taken);
    cr_assert_str_eq (world_ask (troupe, "b", s_take, 0, "a"), taken);
    cr_assert_str_eq (world_ask (troupe, "b", s_list, 0, ""), "OK 0 a b c ");
    cr_assert_str_eq (world_ask (troupe, "b", s_list, 0, "b"), "OK 0 b ");
    cr_assert_str_eq (world_ask (troupe, "a", s_give_back, 0, "c"), "OK 0");
    cr_assert_str_eq (world_ask (troupe, "b", s_take, 0, "c"), "OK 0");
    cr_assert_str_eq (world_ask (troupe, "b", s_find, 0, "nobody"), "OK nowhere");
    world_end (troupe);
}

//  Who hears that an actor has ended may take its names: a standby relies on it.
Test (directory, names_are_free_when_the_end_is_told)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    cr_assert_str_eq (world_ask (troupe, "a", s_take, 0, "leader"), "OK 0");
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), "a");
    cr_assert_eq (troupe_monitor (ref, world_on_down, NULL, NULL), TROUPE_OK);
    world_tell (troupe, "a", world_fail, 0, NULL);
    cr_assert_str_eq (world_notes (troupe, 1), "down:FAILED");
    cr_assert_str_eq (world_ask (troupe, "b", s_take, 0, "leader"), "OK 0");
    world_end (troupe);
}

//  What is told is what happened: nothing twice, nothing of a restart, in order.
Test (directory, watch_tells_what_is_there_and_every_change)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    troupe_name_watch_t watch = 0;
    cr_assert_eq (troupe_names_watch (troupe_guest (troupe), "", s_on_name, NULL, &watch), TROUPE_OK);
    cr_assert_str_eq (world_notes (troupe, 2), "+a=inproc://a +b=inproc://b");
    world_ask (troupe, "a", s_take, 0, "c");
    world_ask (troupe, "a", s_give_back, 0, "c");
    world_ask (troupe, "a", world_fail, 0, NULL);
    world_ask (troupe, "a", s_take, 0, "d");
    cr_assert_str_eq (world_notes (troupe, 3), "+c=inproc://c -c=inproc://c +d=inproc://d");
    cr_assert (troupe_names_unwatch (troupe_guest (troupe), watch));
    cr_assert_not (troupe_names_unwatch (troupe_guest (troupe), watch));
    world_ask (troupe, "a", s_give_back, 0, "d");
    world_end (troupe);
}

//  --- Many

#define S_MANY 1000

static unsigned s_came, s_went;

static int s_count (troupe_actor_t *self, void *state, troupe_name_change_t change, const char *name,
                    const char *endpoint, void *context)
{
    (void) self;
    (void) state;
    (void) name;
    (void) endpoint;
    (void) context;
    *(change == TROUPE_NAME_ADDED ? &s_came : &s_went) += 1;
    return 0;
}

static int s_take_many (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    char name [64];
    troupe_error_t error = TROUPE_OK;
    for (unsigned index = 0; index < S_MANY && !error; index++) {
        snprintf (name, sizeof name, "%s%u", word->text, index);
        error = troupe_name_register (self, name);
    }
    return troupe_replyf (self, message, "%d", (int) error);
}

//  Each name costs as much as the first, for whoever takes it and for whoever follows.
Test (directory, thousand_names_are_followed)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    cr_assert_eq (troupe_names_watch (troupe_guest (troupe), "x", s_count, NULL, NULL), TROUPE_OK);
    cr_assert_str_eq (world_ask (troupe, "a", s_take_many, 0, "x"), "OK 0");
    cr_assert_str_eq (world_ask (troupe, "b", s_take_many, 0, "y"), "OK 0");
    world_ask (troupe, "a", world_fail, 0, NULL);
    while (s_went < S_MANY)
        cr_assert_eq (troupe_run (troupe, WORLD_MS), TROUPE_OK);
    cr_assert_eq (s_came, S_MANY);
    world_end (troupe);
}
