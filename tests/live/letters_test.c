/*  =========================================================================
    letters_test.c - dead letters between threads

    Place: tests/live, of runtime/live/directory/directory.c. A reader counts letters of
    tag 1, and answers with the count when a letter of tag 2 comes: letters
    of one sender keep their order.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe.h>

#define DEADLINE_MS 10000
#define TAG_COUNTED 1
#define TAG_END 2
#define TAG_READ 3
#define TAG_FAIL 4
#define TAG_OTHER 5

typedef struct {
    uint64_t count;
    troupe_caller_t *caller;
} s_reader_t;

static int s_on_letter (troupe_actor_t *self, void *state, const troupe_dead_letter_t *letter, void *context)
{
    (void) self;
    (void) context;
    s_reader_t *reader = state;
    if (letter->tag == TAG_COUNTED)
        reader->count += letter->count;
    else if (letter->tag == TAG_END && reader->caller)
        troupe_answerf (&reader->caller, "%llu", (unsigned long long) reader->count);
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (s_reader_t));
    return *state_p ? (int) troupe_dead_letters (self, s_on_letter, NULL) : TROUPE_ENOMEM;
}

static int s_read (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_reader_t *reader = state;
    if (troupe_message_tag (message) == TAG_FAIL)
        return troupe_fail (self, 1, "told to");
    reader->caller = troupe_defer (self, message);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_reading = { .name = "reading", .start = s_start, .receive = s_read, .stop = s_stop };
//  Takes no message: each is a dead letter.
static const troupe_behavior_t s_deaf = { .name = "deaf" };

static void s_no_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

static troupe_t *s_new (const troupe_supervisor_t *root)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .log = s_no_log };
    troupe_t *troupe = troupe_new (&options, NULL);
    cr_assert_not_null (troupe);
    cr_assert_eq (troupe_start (troupe, root, DEADLINE_MS), TROUPE_OK);
    return troupe;
}

static int s_on_count (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    cr_assert_eq (outcome, TROUPE_CALL_OK);
    *(long *) context = atol (troupe_message_text (reply));
    return 0;
}

//  How many letters of so many are told.
static long s_told (troupe_t *troupe, unsigned casts)
{
    long count = -1;
    troupe_actor_t *guest = troupe_guest (troupe);
    troupe_call (troupe_ref (guest, "reader"), TAG_READ, "", 0, DEADLINE_MS, s_on_count, &count, NULL);
    cr_assert_eq (troupe_call_wait (troupe, "reader", TROUPE_TAG_PING, "", 0, DEADLINE_MS, NULL), TROUPE_CALL_OK);
    while (casts--)
        cr_assert_eq (troupe_cast (troupe_ref (guest, "deaf"), TAG_COUNTED, "", 0), TROUPE_OK);
    troupe_cast_now (troupe, "deaf", TAG_END, "", 0);
    while (count < 0)
        cr_assert_neq (troupe_run (troupe, DEADLINE_MS), TROUPE_ETIMEOUT);
    return count;
}

static const troupe_child_t s_children [] = {
    { .id = "deaf", .behavior = &s_deaf }, { .id = "reader", .behavior = &s_reading }, { .id = NULL }
};
static const troupe_supervisor_t s_root = { .children = s_children };

//  The reader subscribes anew in each life.
Test (letters, restarted_reader_is_told_once)
{
    troupe_t *troupe = s_new (&s_root);
    cr_assert_eq (s_told (troupe, 1), 1);
    cr_assert_eq (troupe_call_wait (troupe, "reader", TAG_FAIL, "", 0, DEADLINE_MS, NULL), TROUPE_CALL_FAILED);
    cr_assert_eq (s_told (troupe, 1), 1);
    cr_assert_eq (troupe_stop (troupe, DEADLINE_MS), TROUPE_OK);
    troupe_destroy (&troupe);
}

//  Letters alike travel together, but each is counted.
Test (letters, flood_is_counted_to_the_last)
{
    troupe_t *troupe = s_new (&s_root);
    cr_assert_eq (s_told (troupe, 5000), 5000);
    cr_assert_eq (troupe_stop (troupe, DEADLINE_MS), TROUPE_OK);
    troupe_destroy (&troupe);
}

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) self;
    (void) state;
    (void) link;
    *(bool *) context = event->kind == TROUPE_CHILD_GONE;
    return 0;
}

//  Those who were told that nobody listens must not miss what the subscriber itself brings about.
Test (letters, first_reader_is_told_from_its_subscription_on)
{
    static const troupe_child_t deaf [] = { { .id = "deaf", .behavior = &s_deaf }, { .id = NULL } };
    static const troupe_supervisor_t root = { .children = deaf };
    static const troupe_child_t reader = { .id = "reader", .behavior = &s_reading };
    troupe_t *troupe = s_new (&root);
    for (int count = 0; count < 100; count++) {
        troupe_link_t *link = NULL;
        bool gone = false;
        troupe_cast_now (troupe, "deaf", TAG_OTHER, "", 0);
        cr_assert_eq (troupe_call_wait (troupe, "deaf", TROUPE_TAG_PING, "", 0, DEADLINE_MS, NULL), TROUPE_CALL_OK);
        cr_assert_eq (troupe_spawn (troupe_guest (troupe), &reader, s_on_child, &gone, &link), TROUPE_OK);
        cr_assert_eq (s_told (troupe, 3), 3);
        troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
        while (!gone)
            cr_assert_neq (troupe_run (troupe, DEADLINE_MS), TROUPE_ETIMEOUT);
    }
    cr_assert_eq (troupe_stop (troupe, DEADLINE_MS), TROUPE_OK);
    troupe_destroy (&troupe);
}
