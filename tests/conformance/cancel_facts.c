/*  =========================================================================
    cancel_facts.c - who holds a call learns that it is not wanted any more

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include "world.h"

//  Waits until so many have given up of those that the subject keeps.
static void s_await (const char *given_up)
{
    await_answer ("subject", SUBJECT_GIVEN_UP, NULL, given_up);
}

//  Work that nobody waits for is stopped at once, and not at its deadline.
Fact (cancel, given_up_call_is_told_to_who_holds_it)
{
    troupe_call_t handle = call ("subject", SUBJECT_FOLLOW, NULL, WORLD_MS);
    call ("subject", SUBJECT_FOLLOW, NULL, WORLD_MS);
    s_await ("OK 0 of 2");
    cr_assert (troupe_call_cancel (world_guest (), handle));
    expect ("CANCELLED:", told (1));
    s_await ("OK 1 of 2");
}

//  A caller that fails takes its wishes with it.
Fact (cancel, end_of_the_callers_incarnation_is_told)
{
    char question [64];
    snprintf (question, sizeof question, "subject %d %d ", SUBJECT_FOLLOW, WORLD_MS);
    call ("near", SUBJECT_CALL, question, WORLD_MS);
    s_await ("OK 0 of 1");
    tell ("near", SUBJECT_FAIL, "enough");
    expect ("FAILED:the actor failed", told (1));
    s_await ("OK 1 of 1");
}

//  Who passes a call on passes on that it was given up.
Fact (cancel, given_up_call_is_told_along_the_way)
{
    troupe_call_t handle = call ("helper", SUBJECT_FOLLOW, "subject", WORLD_MS);
    s_await ("OK 0 of 1");
    cr_assert (troupe_call_cancel (world_guest (), handle));
    expect ("CANCELLED:", told (1));
    s_await ("OK 1 of 1");
}

//  The deadline is known to both: it is not news.
Fact (cancel, passed_deadline_is_not_told)
{
    call ("subject", SUBJECT_FOLLOW, NULL, 200);
    expect ("TIMEOUT:", told (1));
    settle ();
    expect ("OK 0 of 1", ask ("subject", SUBJECT_GIVEN_UP, NULL));
}

//  A caller behind a broken line cannot be answered, and will ask anew.
Fact (cancel, lost_connection_is_told)
{
    call ("subject", SUBJECT_FOLLOW, NULL, WORLD_MS);
    s_await ("OK 0 of 1");
    world_cut_off (true);
    expect ("DOWN:", told (1));
    world_cut_off (false);
    s_await ("OK 1 of 1");
}

//  Who passes a call on must know whether it may be done twice.
Fact (cancel, mark_of_idempotent_calls_travels)
{
    expect ("OK once", ask ("subject", SUBJECT_MARK, NULL));
    call_idempotent ("subject", SUBJECT_MARK, "", WORLD_MS);
    expect ("OK:idempotent", told (1));
    call_idempotent ("helper", SUBJECT_MARK, "subject", WORLD_MS);
    expect ("OK:idempotent", told (1));
    expect ("OK once", ask ("helper", SUBJECT_MARK, "subject"));
}
