/*  =========================================================================
    child_race_test.c - words of a child that overtake the directory's answer

    Place: tests/unit, of runtime/core/cell/cell_child.c. On real threads the
    answer about a child's name and the child's own words come on two ways, in
    any order; here the test is both ways.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "core/cell/cell.h"
#include "core/packet/control.h"

static char s_story [256];

static int64_t s_now_us (troupe_actor_t *cell)
{
    (void) cell;
    return 1;
}

static void s_log (troupe_actor_t *cell, troupe_log_level_t level, const char *text)
{
    (void) cell;
    (void) level;
    (void) text;
}

static troupe_error_t s_spawn (troupe_actor_t *cell, troupe_link_t *link)
{
    (void) cell;
    (void) link;
    return TROUPE_OK;
}

static void s_tell_child (troupe_actor_t *cell, troupe_link_t *link, const void *data, size_t size)
{
    (void) cell;
    (void) link;
    (void) data;
    (void) size;
}

static void s_forget (troupe_actor_t *cell, troupe_link_t *link, bool abandoned)
{
    (void) cell;
    (void) link;
    (void) abandoned;
}

static const troupe_host_t s_host = { .now_us = s_now_us, .log = s_log, .spawn = s_spawn, .tell_child = s_tell_child,
                                      .forget = s_forget };

static int s_on_event (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) self;
    (void) state;
    (void) link;
    (void) context;
    static const char *const names [] = { "started ", "ended ", "wedged ", "gone " };
    strcat (s_story, names [event->kind]);
    return 0;
}

static void s_say (troupe_actor_t *cell, troupe_link_t *link, troupe_control_kind_t kind)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_reason_t reason;
    troupe_reason_set (&reason, TROUPE_REASON_NORMAL, 0, "child", 1, NULL, NULL);
    troupe_control_t control = { .kind = kind, .incarnation = 1 };
    size_t size = troupe_control_write (word, &control, kind == TROUPE_CONTROL_ENDED ? &reason : NULL);
    troupe_cell_child_says (cell, link, word, size);
}

//  A child that starts, does its work and ends before its name is confirmed has not failed to start.
Test (child_race, end_before_the_name_is_confirmed_comes_after_the_start)
{
    static const troupe_behavior_t behavior = { .name = "child" };
    static const troupe_child_t parent = { .id = "parent" }, child = { .id = "child", .behavior = &behavior };
    troupe_actor_t cell;
    memset (&cell, 0, sizeof cell);
    cr_assert_eq (troupe_cell_init (&cell, &s_host, NULL, &parent, 1, false), TROUPE_OK);
    troupe_cell_start (&cell);
    troupe_link_t *link = NULL;
    cr_assert_eq (troupe_spawn (&cell, &child, s_on_event, NULL, &link), TROUPE_OK);
    s_say (&cell, link, TROUPE_CONTROL_STARTED);
    cr_assert_str_eq (s_story, "");
    s_say (&cell, link, TROUPE_CONTROL_ENDED);
    cr_assert_str_eq (s_story, "started ended ");
    troupe_cell_child_named (&cell, link, TROUPE_OK);
    s_say (&cell, link, TROUPE_CONTROL_GONE);
    cr_assert_str_eq (s_story, "started ended gone ");
    troupe_cell_clear (&cell);
}
