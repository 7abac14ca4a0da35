/*  =========================================================================
    monitor_facts.c - whoever asks is told once that an actor is down, and why

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

//  Each request is answered, for the life that it was made in.
Fact (monitor, failure_is_told_once)
{
    watch ("subject");
    watch ("subject");
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("down:FAILED:5 down:FAILED:5", told (2));
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    expect ("", told (0));
}

//  A normal end is an end.
Fact (monitor, normal_end_is_told)
{
    watch ("subject");
    tell ("subject", SUBJECT_EXIT, NULL);
    send_now ();
    expect ("down:NORMAL", told (1));
    expect ("OK life 2", ask ("subject", SUBJECT_LIFE, NULL));
}

//  So is being asked to stop.
Fact (monitor, shutdown_is_told)
{
    watch ("subject");
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    expect ("OK subject", ask_there ("family", TROUPE_SUPERVISOR_STOP_CHILD, "subject"));
    expect ("down:SHUTDOWN", told (1));
}

//  One that hangs cannot say that it has been given up: the runtime does.
FactOf (monitor, being_given_up_is_told, { .shutdown_ms = 50 })
{
    watch ("subject");
    call ("subject", SUBJECT_DEFER, NULL, TROUPE_FOREVER);
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    expect ("OK subject", ask_there ("family", TROUPE_SUPERVISOR_STOP_CHILD, "subject"));
    const char *notes = told (2);
    cr_assert_not_null (strstr (notes, "DOWN:"), "%s", notes);
    cr_assert_not_null (strstr (notes, "down:KILLED"), "%s", notes);
    world_bury ();
}

//  What ended a process shows: who reads it knows where to look.
Fact (monitor, crash_is_told_with_its_signal)
{
    static const int signals [] = { SIGSEGV, SIGABRT, SIGKILL };
    for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
        char text [32];
        snprintf (text, sizeof text, "down:CRASHED:%d", signals [index]);
        watch ("subject");
        expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
        world_crash (signals [index]);
        expect (usually (text), told (1));
    }
}

//  The network is not the actor: it is the same one afterwards.
Fact (monitor, lost_connection_is_unreachable)
{
    watch ("subject");
    expect ("OK life 1", ask ("subject", SUBJECT_LIFE, NULL));
    world_cut_off (true);
    expect ("down:UNREACHABLE", told (1));
    world_cut_off (false);
    expect ("OK life 1", ask ("subject", SUBJECT_LIFE, NULL));
}

//  A process that hangs is ended, and there is another one.
FactOf (monitor, hanging_process_is_wedged, { .wedged_ms = 200 })
{
    watch ("subject");
    expect ("OK life 1", ask ("subject", SUBJECT_LIFE, NULL));
    world_hold ();
    expect ("down:WEDGED", told (1));
    expect ("OK life 2", ask ("subject", SUBJECT_LIFE, NULL));
}

//  There is nobody to wait for.
Fact (monitor, nobody_there_is_told)
{
    watch ("nobody");
    expect ("down:NO_SUCH_ACTOR", told (1));
}

//  What was taken back is silent.
Fact (monitor, taken_back_is_silent)
{
    troupe_monitor_t monitor = watch ("subject");
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    cr_assert (troupe_demonitor (world_guest (), monitor));
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    expect ("", told (0));
}

//  The other way round: the subject is told of those in the test's program.
Fact (monitor, the_subject_is_told_of_others)
{
    expect ("OK TROUPE_OK", ask ("subject", SUBJECT_DOWN, world_near ()));
    expect ("OK near for subject", ask ("subject", SUBJECT_DELEGATE, world_near ()));
    expect ("FAILED broken", ask ("near", SUBJECT_FAIL, "broken"));
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK down:FAILED");
}
