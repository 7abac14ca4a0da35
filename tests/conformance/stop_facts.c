/*  =========================================================================
    stop_facts.c - the end of an actor, whatever it has to do

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include "world.h"

//  Tells the supervisor to stop the subject, in the background; its answer is a note.
static void s_stop (void)
{
    char question [64];
    snprintf (question, sizeof question, "family %u %d subject", TROUPE_SUPERVISOR_STOP_CHILD, WORLD_MS);
    call ("helper", SUBJECT_CALL, question, WORLD_MS);
    send_now ();
}

static size_t s_count (const char *notes, const char *word)
{
    size_t count = 0;
    for (; (notes = strstr (notes, word)); notes++)
        count++;
    return count;
}

//  The word to stop does not queue behind the mail.
FactOf (stop, full_mailbox_does_not_hinder_it, { .mailbox = { .limit_messages = 2 } })
{
    watch ("subject");
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    call ("subject", SUBJECT_DEFER, NULL, TROUPE_FOREVER);
    call ("subject", SUBJECT_DEFER, NULL, TROUPE_FOREVER);
    s_stop ();
    world_release ();
    const char *notes = told (4);
    cr_assert_not_null (strstr (notes, "OK:OK subject"), "%s", notes);
    cr_assert_not_null (strstr (notes, "down:SHUTDOWN"), "%s", notes);
    cr_assert_eq (s_count (notes, "DOWN:") + s_count (notes, "FAILED:"), 2, "%s", notes);
}

//  What is in flight is finished before the end; who was asked to stop it answers when it likes.
Fact (stop, draining_takes_its_time)
{
    watch ("subject");
    call ("subject", SUBJECT_LATER, "60", WORLD_MS);
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    s_stop ();
    const char *notes = told (3);
    const char *later = strstr (notes, "OK:later, while draining "), *down = strstr (notes, "down:SHUTDOWN");
    cr_assert (later && down && later < down, "%s", notes);
    cr_assert_not_null (strstr (notes, "OK:OK subject"), "%s", notes);
}

//  Whoever was put off is told.
Fact (stop, deferred_callers_are_failed)
{
    call ("subject", SUBJECT_DEFER, NULL, TROUPE_FOREVER);
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    s_stop ();
    const char *notes = told (2);
    cr_assert_eq (s_count (notes, "FAILED:"), 1, "%s", notes);
}

//  Without being asked.
FactOf (stop, brutal_kill_ends_what_hangs, { .shutdown_ms = TROUPE_SHUTDOWN_BRUTAL_KILL })
{
    watch ("subject");
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    s_stop ();
    const char *notes = told (2);
    cr_assert_not_null (strstr (notes, "down:KILLED"), "%s", notes);
    cr_assert_not_null (strstr (notes, "OK:OK subject"), "%s", notes);
    world_bury ();
}

//  Somebody of that name can be there again, and the same refs lead to it.
Fact (stop, stopped_actor_is_started_again)
{
    for (int time = 0; time < 3; time++) {
        expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
        watch ("subject");
        expect ("OK subject", ask_there ("family", TROUPE_SUPERVISOR_STOP_CHILD, "subject"));
        expect ("down:SHUTDOWN", told (1));
        expect ("OK subject", ask_there ("family", TROUPE_SUPERVISOR_RESTART_CHILD, "subject"));
    }
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
}
