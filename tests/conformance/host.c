/*  =========================================================================
    host.c - the program that hosts the subject: a child process, or another troupe

    Place: tests/conformance. A troupe starts it for children that are processes.
    Called as  conformance_host PLAN SUBJECT HELPER [SETTING...]  it is a troupe
    of its own, where the subject and its helper listen at those addresses, until
    its standard input ends.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <unistd.h>

#include "plan.h"
#include "subject.h"

#define S_START_MS 20000

static bool s_ended;

static int s_on_input (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    char bytes [16];
    (void) self;
    (void) state;
    (void) events;
    (void) context;
    if (read (descriptor, bytes, sizeof bytes) <= 0)
        s_ended = true;
    return 0;
}

static bool s_say_where (troupe_t *troupe, const char *name)
{
    troupe_message_t *answer = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, name, TROUPE_TAG_ENDPOINT, NULL, 0, S_START_MS, &answer);
    if (outcome == TROUPE_CALL_OK)
        printf ("%s %s\n", name, troupe_message_text (answer));
    else
        fprintf (stderr, "%s does not say where it is: %s\n", name, troupe_outcome_name (outcome));
    fflush (stdout);
    troupe_message_destroy (&answer);
    return outcome == TROUPE_CALL_OK;
}

//  A family that has given up does not end it: that is what some facts are about.
static int s_run (troupe_t *troupe)
{
    troupe_watch_t *watch = NULL;
    if (!s_say_where (troupe, "subject") || !s_say_where (troupe, "helper"))
        return 1;
    if (troupe_watch (troupe_guest (troupe), STDIN_FILENO, TROUPE_WATCH_READABLE, s_on_input, NULL, &watch))
        return 1;
    while (!s_ended && troupe_run (troupe, TROUPE_FOREVER) != TROUPE_EDOWN)
        ;
    troupe_unwatch (&watch);
    if (troupe_stop (troupe, S_START_MS) != TROUPE_OK)
        _exit (1);
    return 0;
}

static int s_troupe (const plan_t *plan, const plan_places_t *places, const char *const *settings)
{
    troupe_options_t options = { .log_level = plan->log ? TROUPE_LOG_WARNING : TROUPE_LOG_ERROR, .settings = settings };
    troupe_supervisor_t root = { .children = plan_children (plan, places) };
    troupe_t *troupe = troupe_new (&options, NULL);
    if (!troupe)
        return 1;
    int status = troupe_start (troupe, &root, S_START_MS) == TROUPE_OK ? s_run (troupe) : 1;
    troupe_destroy (&troupe);
    return status;
}

int main (int argc, char **argv)
{
    static const troupe_behavior_t *const behaviors [] = { &subject_behavior, NULL };
    int status;
    plan_t plan;
    if (troupe_hosted (argc, argv, NULL, behaviors, &status))
        return status;
    if (argc < 4 || !plan_read (argv [1], &plan)) {
        fprintf (stderr, "usage: conformance_host PLAN SUBJECT HELPER [SETTING...]\n");
        return 2;
    }
    plan_places_t places = { .subject_listens = argv [2], .helper_listens = argv [3] };
    return s_troupe (&plan, &places, (const char *const *) &argv [4]);
}
