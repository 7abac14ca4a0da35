/*  =========================================================================
    supervision.c - supervised actors fail and come and go, under TSan

    Place: tests/thread. What passes between supervisors, children and the
    program's own thread does so by messages: ThreadSanitizer looks for the
    memory that two of them touch. Exits 0 when all went as it should.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#define DEADLINE_MS 30000
#define FAILURES 40
#define DYNAMIC 20

#define CHECK(condition) \
    do { if (!(condition)) { fprintf (stderr, "line %d: %s\n", __LINE__, #condition); exit (1); } } while (0)

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    if (strcmp (troupe_message_text (message), "fail") == 0)
        return troupe_fail (self, 5, "told to");
    return (int) troupe_replyf (self, message, "%u", (unsigned) troupe_incarnation (self));
}

static const troupe_behavior_t s_worker = { .name = "worker", .receive = s_receive };

static const troupe_child_t s_together_children [] = {
    { .id = "a", .behavior = &s_worker }, { .id = "b", .behavior = &s_worker }, { .id = NULL } };
static const troupe_supervisor_t s_together =
    { .strategy = TROUPE_ONE_FOR_ALL, .children = s_together_children, .intensity = 1000 };

static const troupe_child_t s_dynamic_children [] = { { .id = "d", .behavior = &s_worker }, { .id = NULL } };
static const troupe_supervisor_t s_dynamic =
    { .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .children = s_dynamic_children };

static const troupe_child_t s_children [] = {
    { .id = "together", .supervisor = &s_together }, { .id = "dynamic", .supervisor = &s_dynamic },
    { .id = "alone", .behavior = &s_worker, .instances = 3 }, { .id = NULL } };
static const troupe_supervisor_t s_root = { .children = s_children, .intensity = 1000 };

static troupe_outcome_t s_call (troupe_t *troupe, const char *address, uint16_t tag, const char *text)
{
    return troupe_call_wait (troupe, address, tag, text, strlen (text), DEADLINE_MS, NULL);
}

static void s_fail_often (troupe_t *troupe)
{
    static const char *const names [] = { "a", "b", "alone-1", "alone-3" };
    for (int failure = 0; failure < FAILURES; failure++) {
        const char *name = names [failure % 4];
        CHECK (s_call (troupe, name, 0, "fail") == TROUPE_CALL_FAILED);
        CHECK (s_call (troupe, name, 0, "hello") == TROUPE_CALL_OK);
    }
}

static void s_come_and_go (troupe_t *troupe)
{
    char id [16];
    for (int child = 0; child < DYNAMIC; child++)
        CHECK (s_call (troupe, "dynamic", TROUPE_SUPERVISOR_START_CHILD, "") == TROUPE_CALL_OK);
    for (int child = 1; child <= DYNAMIC / 2; child++) {
        snprintf (id, sizeof id, "d-%d", child);
        CHECK (s_call (troupe, id, 0, "hello") == TROUPE_CALL_OK);
        CHECK (s_call (troupe, "dynamic", TROUPE_SUPERVISOR_STOP_CHILD, id) == TROUPE_CALL_OK);
    }
    CHECK (s_call (troupe, "dynamic", TROUPE_SUPERVISOR_LIST, "") == TROUPE_CALL_OK);
}

int main (void)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, NULL);
    CHECK (troupe);
    CHECK (troupe_start (troupe, &s_root, DEADLINE_MS) == TROUPE_OK);
    s_fail_often (troupe);
    s_come_and_go (troupe);
    CHECK (troupe_stop (troupe, DEADLINE_MS) == TROUPE_OK);
    troupe_destroy (&troupe);
    return 0;
}
