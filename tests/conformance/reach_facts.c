/*  =========================================================================
    reach_facts.c - what an actor sees of the world, and whom it reaches, does not depend on where it runs

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static char s_question [256];

//  "ADDRESS TAG TIMEOUT TEXT", for the subject to call near.
static const char *s_to_near (unsigned tag, const char *text)
{
    snprintf (s_question, sizeof s_question, "%s %u %d %s", world_near (), tag, WORLD_MS, text);
    return s_question;
}

//  An actor's refs lead where those of everybody else lead.
Fact (reach, calls_back)
{
    expect ("OK OK hello", ask ("subject", SUBJECT_CALL, s_to_near (SUBJECT_ECHO, "hello")));
    expect ("OK FAILED not now", ask ("subject", SUBJECT_CALL, s_to_near (SUBJECT_REFUSE, "not now")));
    expect ("OK FAILED broken", ask ("subject", SUBJECT_CALL, s_to_near (SUBJECT_FAIL, "broken")));
    expect ("OK OK life 2", ask ("subject", SUBJECT_CALL, s_to_near (SUBJECT_LIFE, "")));
}

//  So do its casts.
Fact (reach, casts_back)
{
    snprintf (s_question, sizeof s_question, "%s 5 4", world_near ());
    expect ("OK ok", ask ("subject", SUBJECT_SEND, s_question));
    expect ("OK OK 1 2 3 4 5", ask ("subject", SUBJECT_CALL, s_to_near (SUBJECT_NUMBERS, "")));
}

//  Both know each other by their names.
Fact (reach, delegates)
{
    expect ("OK near for subject", ask ("subject", SUBJECT_DELEGATE, world_near ()));
    expect ("NO_SUCH_ACTOR", ask ("subject", SUBJECT_DELEGATE, "nobody"));
}

//  The sibling and the helper are where its supervisor is.
FactOf (reach, finds_those_it_lives_with, { .sibling = true })
{
    expect ("OK OK hello", ask ("subject", SUBJECT_CALL, "sibling 1 5000 hello"));
    expect ("OK OK hello", ask ("subject", SUBJECT_CALL, "helper 1 5000 hello"));
}

//  One configuration.
FactOf (reach, sees_its_configuration_and_args, { .args = "some bytes" })
{
    expect ("OK " WORLD_VALUE, ask ("subject", SUBJECT_CONFIG, WORLD_PATH));
    expect ("OK unset", ask ("subject", SUBJECT_CONFIG, "conformance/no-such-thing"));
    expect ("OK " WORLD_VALUE, ask ("subject", SUBJECT_OPTION, "colour"));
    expect ("OK some bytes", ask ("subject", SUBJECT_ARGS, NULL));
    expect ("FAILED broken", ask ("subject", SUBJECT_FAIL, "broken"));
    expect ("OK some bytes", ask ("subject", SUBJECT_ARGS, NULL));
    expect ("OK " WORLD_VALUE, ask ("subject", SUBJECT_OPTION, "colour"));
}

//  It knows who it is.
Fact (reach, knows_its_name_and_life)
{
    expect ("OK subject of subject", ask ("subject", SUBJECT_NAME, NULL));
    expect ("OK life 1", ask ("subject", SUBJECT_LIFE, NULL));
    expect ("OK 1", ask ("subject", TROUPE_TAG_PING, NULL));
}

//  Intervals can be compared.
Fact (reach, has_the_same_clock)
{
    int64_t before_ms = troupe_now_ms (world_guest ());
    const char *clock = ask ("subject", SUBJECT_CLOCK, NULL);
    cr_assert_eq (strncmp (clock, "OK ", 3), 0, "%s", clock);
    int64_t there_ms = atoll (clock + 3);
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    cr_assert_leq (before_ms, there_ms);
    cr_assert_leq (there_ms, troupe_now_ms (world_guest ()));
}

static bool s_is_logged (void)
{
    call ("subject", SUBJECT_ECHO, NULL, WORLD_MS);
    return strstr (world_log (), "the roof leaks") != NULL;
}

//  Its lines are among everybody's, with its name and what it has in hand.
FactOf (reach, logs_with_everybody, { .log = true })
{
    expect ("OK logged", ask ("subject", SUBJECT_LOG, "the roof leaks"));
    await (s_is_logged);
    const char *log = world_log ();
    cr_assert_not_null (strstr (log, "subject"), "%s", log);
    cr_assert_not_null (strstr (log, "LOG"), "its tag has a name: %s", log);
}
