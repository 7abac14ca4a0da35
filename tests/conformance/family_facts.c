/*  =========================================================================
    family_facts.c - supervisors' rules hold for all that they supervise, wherever it is

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <signal.h>
#include <string.h>

#include "world.h"

//  The sibling's life, once it is that one: who asks early finds the old one, or nobody for a while.
static void s_await_sibling (const char *life)
{
    const char *got;
    for (int tries = 0; strcmp (got = ask_there ("sibling", SUBJECT_LIFE, NULL), life) != 0; tries++)
        cr_assert_lt (tries, 10000, "%s, and not %s", got, life);
}

//  Its own business.
FactOf (family, one_for_one_restarts_one, { .sibling = true })
{
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("OK life 2", ask ("subject", SUBJECT_LIFE, NULL));
    expect ("OK life 1", ask_there ("sibling", SUBJECT_LIFE, NULL));
}

//  Everybody's business.
FactOf (family, one_for_all_restarts_all, { .strategy = TROUPE_ONE_FOR_ALL, .sibling = true })
{
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    s_await_sibling ("OK life 2");
    expect ("OK life 2", ask ("subject", SUBJECT_LIFE, NULL));
    expect ("FAILED broken", ask_there ("sibling", SUBJECT_FAIL, "broken"));
    await_answer ("subject", SUBJECT_LIFE, NULL, "OK life 3");
    s_await_sibling ("OK life 3");
}

//  A crash is a failure to those who depend on it.
FactOf (family, one_for_all_restarts_all_after_a_crash, { .strategy = TROUPE_ONE_FOR_ALL, .sibling = true })
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    world_crash (SIGSEGV);
    s_await_sibling ("OK life 2");
    await_answer ("subject", SUBJECT_LIFE, NULL, "OK life 2");
}

//  Only those who came later lean on it.
FactOf (family, rest_for_one_restarts_the_rest, { .strategy = TROUPE_REST_FOR_ONE, .sibling = true })
{
    expect ("FAILED broken", ask_there ("sibling", SUBJECT_FAIL, "broken"));
    s_await_sibling ("OK life 2");
    expect ("OK life 1", ask ("subject", SUBJECT_LIFE, NULL));
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    s_await_sibling ("OK life 3");
    expect ("OK life 2", ask ("subject", SUBJECT_LIFE, NULL));
}

//  Its supervisor can be asked.
Fact (family, supervisor_lists_it)
{
    const char *list = ask_there ("family", TROUPE_SUPERVISOR_LIST, NULL);
    cr_assert_eq (strncmp (list, "OK subject 1 running", 20), 0, "%s", list);
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("OK life 2", ask ("subject", SUBJECT_LIFE, NULL));
    list = ask_there ("family", TROUPE_SUPERVISOR_LIST, NULL);
    cr_assert_eq (strncmp (list, "OK subject 2 running", 20), 0, "%s", list);
}

//  A transient one that has done its work is not restarted; after a failure it is.
FactOf (family, transient_ends_after_a_normal_end, { .restart = TROUPE_TRANSIENT })
{
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("OK life 2", ask ("subject", SUBJECT_LIFE, NULL));
    watch ("subject");
    tell ("subject", SUBJECT_EXIT, NULL);
    send_now ();
    expect ("down:NORMAL", told (1));
    const char *list;
    for (int tries = 0; !strstr (list = ask_there ("family", TROUPE_SUPERVISOR_LIST, NULL), "stopped"); tries++)
        cr_assert_lt (tries, 10000, "%s", list);
}

//  What fails too often is not started for ever.
FactOf (family, intensity_ends_it_all, { .intensity = TROUPE_INTENSITY_NONE })
{
    watch ("subject");
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("down:FAILED:5", told (1));
    const char *list;
    for (int tries = 0; strncmp (list = ask_there ("family", TROUPE_SUPERVISOR_LIST, NULL), "OK", 2) == 0; tries++)
        cr_assert_lt (tries, 10000, "%s", list);
}
