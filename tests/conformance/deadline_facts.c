/*  =========================================================================
    deadline_facts.c - deadlines travel, and what is late is nobody's

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include "world.h"

//  Answers come in order: after the second one, the first would have been seen.
Fact (deadline, reply_after_it_never_arrives)
{
    call ("subject", SUBJECT_LATER, "60", 20);
    send_now ();
    expect ("TIMEOUT:", told (1));
    expect ("OK later", ask ("subject", SUBJECT_LATER, "80"));
    expect ("", told (0));
}

//  The remaining time is the callee's to know.
Fact (deadline, the_receiver_sees_what_is_left)
{
    expect ("OK for ever", ask_for ("subject", SUBJECT_LEFT, NULL, TROUPE_FOREVER));
    const char *left = ask_for ("subject", SUBJECT_LEFT, NULL, 5000);
    cr_assert_eq (strncmp (left, "OK ", 3), 0, "%s", left);
    cr_assert_gt (atol (left + 3), 0);
    cr_assert_leq (atol (left + 3), 5000);
}

//  The time on the way counts.
Fact (deadline, waiting_uses_it_up)
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    call ("subject", SUBJECT_LEFT, NULL, 10000);
    send_now ();
    expect ("OK later", ask ("near", SUBJECT_LATER, "50"));
    world_release ();
    const char *left = told (1);
    cr_assert_eq (strncmp (left, "OK:", 3), 0, "%s", left);
    cr_assert_leq (atol (left + 3), 9960);
}

//  Nobody waits for it any more.
Fact (deadline, expired_work_is_dropped)
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    expect ("TIMEOUT", ask_for ("subject", SUBJECT_NUMBER, "1234", 20));
    settle ();
    world_release ();
    expect ("OK none", ask ("subject", SUBJECT_NUMBERS, NULL));
}

//  Who hands a call on hands on what is left.
Fact (deadline, delegated_call_keeps_it)
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    expect ("TIMEOUT", ask_for ("subject", SUBJECT_DELEGATE, world_near (), 20));
    world_release ();
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
}
