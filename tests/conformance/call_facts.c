/*  =========================================================================
    call_facts.c - a call ends once, with one of seven outcomes

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include "world.h"

//  The plain case.
Fact (call, answered_is_ok)
{
    expect ("OK hello", ask ("subject", SUBJECT_ECHO, "hello"));
}

//  The caller learns what went wrong, in the handler's words.
Fact (call, failing_handler_is_failed)
{
    expect ("FAILED no table", ask ("subject", SUBJECT_FAIL, "no table"));
    expect ("OK life 2", ask ("subject", SUBJECT_LIFE, NULL));
}

//  A failure can be an answer, and nobody dies of it.
Fact (call, failure_as_an_answer_is_failed)
{
    expect ("FAILED not now", ask ("subject", SUBJECT_REFUSE, "not now"));
    expect ("OK life 1", ask ("subject", SUBJECT_LIFE, NULL));
}

//  Who is forgotten does not wait for it.
Fact (call, forgotten_is_failed)
{
    expect ("FAILED the handler gave no answer", ask ("subject", SUBJECT_FORGET, NULL));
}

//  Silence ends.
Fact (call, silence_is_timeout)
{
    expect ("TIMEOUT", ask_for ("subject", SUBJECT_DEFER, NULL, 30));
    expect ("OK still there", ask ("subject", SUBJECT_ECHO, "still there"));
}

//  What waits behind the last life of an actor learns of its end at once.
FactOf (call, behind_the_end_is_down, { .restart = TROUPE_TEMPORARY })
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    tell ("subject", SUBJECT_EXIT, NULL);
    for (int index = 0; index < 3; index++)
        call ("subject", SUBJECT_ECHO, "behind", TROUPE_FOREVER);
    send_now ();
    world_release ();
    expect ("DOWN: DOWN: DOWN:", told (3));
}

//  Later ones are not kept waiting either.
FactOf (call, after_the_end_nobody_is_there, { .restart = TROUPE_TEMPORARY })
{
    watch ("subject");
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    tell ("subject", SUBJECT_EXIT, NULL);
    expect ("down:NORMAL", told (1));
    const char *late = ask_for ("subject", SUBJECT_ECHO, "late", 300);
    expect (usually ("NO_SUCH_ACTOR"), strcmp (late, "DOWN") == 0 ? usually ("NO_SUCH_ACTOR") : late);
}

//  A typing error shows at once.
Fact (call, unknown_name_is_no_such_actor)
{
    expect ("NO_SUCH_ACTOR", ask ("nobody", SUBJECT_ECHO, "x"));
    expect ("OK NO_SUCH_ACTOR", ask ("subject", SUBJECT_CALL, "nobody 1 5000 x"));
}

//  Load is shed at once too.
FactOf (call, too_many_are_full, { .mailbox = { .limit_messages = 2 } })
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    for (int index = 0; index < 3; index++)
        call ("subject", SUBJECT_ECHO, "y", TROUPE_FOREVER);
    send_now ();
    expect ("FULL:", told (1));
    world_release ();
    expect ("OK:y OK:y", told (2));
}

//  What its caller has given up is not done.
Fact (call, given_up_is_cancelled)
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_hold ();
    troupe_call_t given_up = call ("subject", SUBJECT_NUMBER, "1234", TROUPE_FOREVER);
    send_now ();
    cr_assert (troupe_call_cancel (world_guest (), given_up));
    cr_assert_not (troupe_call_cancel (world_guest (), given_up), "it has been given up already");
    expect ("CANCELLED:", told (1));
    settle ();
    world_release ();
    expect ("OK none", ask ("subject", SUBJECT_NUMBERS, NULL));
}
