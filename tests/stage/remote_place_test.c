/*  =========================================================================
    remote_place_test.c - where an actor is, and where others reach it

    Place: tests/stage, of runtime/stage/remote.c and of listen_mailbox in runtime/core/cell/cell.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "doer.h"

#define S_SEED 5

static int s_echo_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_reply (self, message, troupe_message_data (message), troupe_message_size (message));
}

static const troupe_behavior_t s_echo = { .name = "echo", .receive = s_echo_receive };

//  Who is called by its endpoint runs on the stage like any other.
Test (remote, actors_are_found_by_their_endpoints)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_child_t spec = { .id = "box", .behavior = &s_echo, .endpoint = "ipc://box" };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    spec = (troupe_child_t) { .id = "far", .behavior = &s_echo, .endpoint = "tcp://10.0.0.7:5560" };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_call (stage, "box", "1"), "1");
    cr_assert_str_eq (troupe_stage_call (stage, "ipc://box", "2"), "2");
    cr_assert_str_eq (troupe_stage_call (stage, "far", "3"), "3");
    cr_assert_str_eq (troupe_stage_call (stage, "tcp://10.0.0.7:5560", "4"), "4");
    troupe_stage_destroy (&stage);
}

static const char *s_endpoint_of (troupe_stage_t *stage, const char *name, char *text, size_t size)
{
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_stage_call_bytes (stage, name, TROUPE_TAG_ENDPOINT, "", 0, 1000, &reply), TROUPE_CALL_OK);
    snprintf (text, size, "%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return text;
}

//  A port that the system chose is of use only to who is told.
Test (remote, mailbox_says_where_it_listens)
{
    char text [64], again [96];
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    troupe_child_t spec = { .id = "box", .behavior = &s_echo, .listen = "tcp://0.0.0.0:*" };
    cr_assert_eq (troupe_stage_spawn_child (stage, &spec), TROUPE_OK);
    doer_new (stage, "plain");
    s_endpoint_of (stage, "box", text, sizeof text);
    cr_assert_eq (strncmp (text, "tcp://0.0.0.0:", 14), 0);
    cr_assert_neq (text [14], '*');
    snprintf (again, sizeof again, "tcp://127.0.0.1:%s", text + 14);
    cr_assert_str_eq (troupe_stage_call (stage, again, "1"), "1");
    cr_assert_str_eq (s_endpoint_of (stage, "plain", text, sizeof text), "");
    troupe_stage_destroy (&stage);
}

static int s_spawned (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                      void *context)
{
    (void) self;
    (void) state;
    (void) context;
    if (event->kind == TROUPE_CHILD_STARTED || event->kind == TROUPE_CHILD_GONE)
        return 0;
    doer_note ("%s:%s:%s", troupe_reason_kind_name (event->reason->kind),
               troupe_error_name ((troupe_error_t) event->reason->code), event->reason->text);
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    return 0;
}

static int s_spawn_two (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    (void) message;
    troupe_child_t spec = { .id = "one", .behavior = &s_echo, .listen = "tcp://127.0.0.1:6001" };
    cr_assert_eq (troupe_spawn (self, &spec, s_spawned, NULL, NULL), TROUPE_OK);
    spec.id = "two";
    cr_assert_eq (troupe_spawn (self, &spec, s_spawned, NULL, NULL), TROUPE_OK);
    spec.id = "three";
    spec.listen = "nonsense";
    cr_assert_eq (troupe_spawn (self, &spec, s_spawned, NULL, NULL), TROUPE_OK);
    return 0;
}

//  An address that cannot be used is one clear error, not an actor that nobody reaches.
Test (remote, address_that_cannot_be_used_fails_the_start)
{
    troupe_stage_t *stage = troupe_stage_new (S_SEED);
    doer_new (stage, "parent");
    doer_do (stage, "parent", s_spawn_two);
    const char *notes = doer_notes ();
    cr_assert_not_null (strstr (notes, "START_FAILED:TROUPE_EADDRINUSE:tcp://127.0.0.1:6001 is in use"), "%s", notes);
    cr_assert_not_null (strstr (notes, "START_FAILED:TROUPE_EINVAL:nonsense is no endpoint to listen at"), "%s", notes);
    troupe_stage_destroy (&stage);
}
