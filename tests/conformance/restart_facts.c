/*  =========================================================================
    restart_facts.c - a new life in the place of the old one

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

//  Nobody's mail is lost because somebody else's message was bad.
Fact (restart, queued_mail_is_kept)
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    for (int life = 0; life < 3; life++) {
        call ("subject", SUBJECT_FAIL, "broken", TROUPE_FOREVER);
        call ("subject", SUBJECT_LIFE, NULL, TROUPE_FOREVER);
    }
    send_now ();
    world_release ();
    expect ("FAILED:broken OK:life 2 FAILED:broken OK:life 3 FAILED:broken OK:life 4", told (6));
}

//  The calls that the old life had taken will not be answered by the new one.
Fact (restart, calls_that_were_taken_are_failed)
{
    call ("subject", SUBJECT_DEFER, NULL, TROUPE_FOREVER);
    call ("subject", SUBJECT_DEFER, NULL, TROUPE_FOREVER);
    call ("subject", SUBJECT_FAIL, "broken", TROUPE_FOREVER);
    send_now ();
    const char *notes = told (3);
    cr_assert_null (strstr (notes, "DOWN"), "%s", notes);
    cr_assert_not_null (strstr (notes, "FAILED:broken"), "%s", notes);
}

//  That is what a restart is for.
Fact (restart, state_is_new)
{
    tell_numbers (1, 3, sizeof (uint32_t));
    expect ("OK 1 2 3", ask ("subject", SUBJECT_NUMBERS, NULL));
    tell_numbers (4, 5, sizeof (uint32_t));
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("OK none", ask ("subject", SUBJECT_NUMBERS, NULL));
}

//  Again and again.
Fact (restart, refs_stay_good)
{
    for (unsigned life = 1; life <= 50; life++) {
        char text [32];
        snprintf (text, sizeof text, "OK life %u", life);
        expect (text, ask ("subject", SUBJECT_LIFE, NULL));
        expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    }
}

//  A crash says nothing: that its calls have ended is known all the same, at once.
Fact (restart, calls_that_a_crash_took_are_down)
{
    call ("subject", SUBJECT_DEFER, NULL, TROUPE_FOREVER);
    call ("subject", SUBJECT_DEFER, NULL, TROUPE_FOREVER);
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_crash (SIGSEGV);
    expect ("DOWN: DOWN:", told (2));
}

//  Refs do not go bad with a process.
Fact (restart, after_a_crash_it_is_there_again)
{
    for (int time = 0; time < 3; time++) {
        watch ("subject");
        expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
        world_crash (SIGABRT);
        told (1);
        expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    }
    expect (usually ("OK life 4"), ask ("subject", SUBJECT_LIFE, NULL));
}

//  Work that may be done twice is, once.
Fact (restart, idempotent_calls_outlive_a_crash)
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    call_idempotent ("subject", SUBJECT_LATER, "200", WORLD_MS);
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_crash (SIGSEGV);
    expect ("OK:later", told (1));
}
