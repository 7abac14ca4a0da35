/*  =========================================================================
    directory_far_test.c - an actor's way to a directory in another process

    Place: tests/live, of runtime/live/directory/directory.c and directory_names.c. The
    other process is a guest of its own in this one, with the other's prefix
    and the directory's door in the private folder: all that a child process
    is told of it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/directory/directory.h"
#include "troupe_world.h"

static troupe_shared_t s_shared;

//  A guest of another process of that troupe's.
static troupe_live_t *s_far_guest (troupe_t *troupe)
{
    static const troupe_child_t spec = { .id = "far" };
    troupe_names_word_t answer;
    troupe_live_t *near = troupe_live (troupe_guest (troupe));
    cr_assert_eq (troupe_directory_private (near, &answer), TROUPE_OK);
    s_shared = *near->shared;
    snprintf (s_shared.prefix, sizeof s_shared.prefix, "inproc://troupe-far");
    snprintf (s_shared.names, sizeof s_shared.names, "%s", answer.endpoint);
    troupe_live_t *far = troupe_live_new (&s_shared, &spec, s_shared.prefix, false);
    cr_assert_not_null (far);
    troupe_cell_start (&far->cell);
    return far;
}

static void s_assert_bound (const char *endpoint)
{
    cr_assert_eq (strncmp (endpoint, "ipc:///", 7), 0, "%s", endpoint);
    cr_assert_eq (access (endpoint + 6, F_OK), 0, "%s", endpoint);
}

//  An actor does not know that it is looked for: its own thread opens the way between two handlers.
Test (directory_far, actor_is_bound_where_another_process_finds_it)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    troupe_live_t *far = s_far_guest (troupe);
    troupe_names_word_t found, again;
    cr_assert_eq (troupe_directory_find (far, "a", &found), TROUPE_OK);
    s_assert_bound (found.endpoint);
    cr_assert_eq (troupe_directory_find (far, "a", &again), TROUPE_OK);
    cr_assert_str_eq (again.endpoint, found.endpoint);
    cr_assert_eq (troupe_directory_find (far, "b", &again), TROUPE_OK);
    cr_assert_str_neq (again.endpoint, found.endpoint);
    cr_assert_eq (troupe_directory_find (far, "nobody", &again), TROUPE_ENOENT);
    troupe_live_destroy (&far);
    world_end (troupe);
}

static int s_take (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    return troupe_replyf (self, message, "%d", (int) troupe_name_register (self, word->text));
}

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) self;
    (void) state;
    (void) link;
    (void) context;
    if (event->kind == TROUPE_CHILD_STARTED)
        world_note ("started");
    return 0;
}

static int s_ask_for_name (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                           void *context)
{
    (void) self;
    (void) state;
    (void) context;
    world_note ("%s:%s", troupe_outcome_name (outcome), troupe_message_text (reply));
    return 0;
}

//  One without a name of its own registers the mailbox itself, and is asked itself.
Test (directory_far, actor_that_took_a_name_binds_itself)
{
    troupe_t *troupe = world_new ();
    troupe_child_t spec = { .id = "n", .behavior = &world_doer, .endpoint = "" };
    troupe_link_t *link = NULL;
    cr_assert_eq (troupe_spawn (troupe_guest (troupe), &spec, s_on_child, NULL, &link), TROUPE_OK);
    cr_assert_str_eq (world_notes (troupe, 1), "started");
    world_word_t word = { .fn = s_take, .text = "other" };
    cr_assert_eq (troupe_call (troupe_link_ref (link), 0, &word, sizeof word, WORLD_MS, s_ask_for_name, NULL, NULL),
                  TROUPE_OK);
    cr_assert_str_eq (world_notes (troupe, 1), "OK:0");
    troupe_live_t *far = s_far_guest (troupe);
    troupe_names_word_t found;
    cr_assert_eq (troupe_directory_find (far, "other", &found), TROUPE_OK);
    s_assert_bound (found.endpoint);
    troupe_live_destroy (&far);
    world_end (troupe);
}

static int s_look_for (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    (void) state;
    troupe_names_word_t found;
    troupe_error_t error = troupe_directory_find (troupe_live (self), word->text, &found);
    return troupe_replyf (self, message, "%d", (int) error);
}

//  Two that look for each other at the same time would wait for each other, if those who wait did nothing else.
Test (directory_far, actor_that_looks_for_another_can_be_bound_meanwhile)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    troupe_live_t *far = s_far_guest (troupe);
    troupe_names_word_t answer, found, alias = { .kind = TROUPE_NAMES_ALIAS, .name = "slow" };
    strcpy (alias.endpoint, "inproc://troupe-far/mail");
    cr_assert_eq (troupe_directory_ask (far, &alias, &answer), TROUPE_OK);
    world_call (troupe, "a", s_look_for, 0, "slow", WORLD_MS);
    zmq_pollitem_t item = { .socket = far->names, .events = ZMQ_POLLIN };
    cr_assert_eq (zmq_poll (&item, 1, WORLD_MS), 1);    //  It is asked to export "slow", and 'a' waits
    cr_assert_eq (troupe_directory_find (far, "a", &found), TROUPE_OK);
    s_assert_bound (found.endpoint);
    world_notes (troupe, 1);
    troupe_live_destroy (&far);
    world_end (troupe);
}

//  A handler must not hang because another process has ended.
Test (directory_far, directory_that_is_gone_is_not_waited_for)
{
    troupe_t *troupe = world_with (world_doers ("a", "b", NULL));
    troupe_live_t *far = s_far_guest (troupe);
    char endpoint [64];
    cr_assert_eq (troupe_directory_name_find (&far->cell, "a", endpoint, sizeof endpoint), TROUPE_OK);
    cr_assert_str_eq (endpoint, "inproc://a");
    world_end (troupe);
    cr_assert_eq (troupe_directory_name_find (&far->cell, "a", endpoint, sizeof endpoint), TROUPE_EDOWN);
    cr_assert_eq (troupe_directory_name_find (&far->cell, "a", endpoint, sizeof endpoint), TROUPE_EDOWN);
    troupe_live_destroy (&far);
}
