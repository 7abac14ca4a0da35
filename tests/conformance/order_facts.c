/*  =========================================================================
    order_facts.c - what one sender says to one actor keeps its order

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include "world.h"

//  As many as a mailbox takes from one sender, and beyond.
Fact (order, ten_thousand_casts)
{
    tell_numbers (1, 10000, sizeof (uint32_t));
    await_answer ("subject", SUBJECT_ECHO, "x", "OK x");
    expect ("OK 1 .. 10000 in order", ask ("subject", SUBJECT_NUMBERS, NULL));
}

//  Large payloads travel in another way, and do not overtake or fall behind.
Fact (order, large_and_small)
{
    for (uint32_t number = 1; number <= 200; number++)
        tell_numbers (number, number, number % 2 ? sizeof number : 60000);
    expect ("OK 1 .. 200 in order", ask ("subject", SUBJECT_NUMBERS, NULL));
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    note ("%s:%s", troupe_outcome_name (outcome), troupe_message_text (reply));
    return 0;
}

//  Neither do calls, nor their answers.
Fact (order, calls_among_casts)
{
    for (uint32_t number = 1; number <= 12; number++)
        if (number % 3)
            tell_numbers (number, number, sizeof number);
        else
            troupe_call (troupe_ref (world_guest (), "subject"), SUBJECT_NUMBER, &number, sizeof number, WORLD_MS,
                         s_on_reply, NULL, NULL);
    send_now ();
    expect ("OK:3 OK:6 OK:9 OK:12", told (4));
    expect ("OK 1 .. 12 in order", ask ("subject", SUBJECT_NUMBERS, NULL));
}

//  An actor reaches itself by its name, wherever it is.
Fact (order, messages_to_oneself)
{
    expect ("OK ok", ask ("subject", SUBJECT_SEND, "subject 5 4"));
    char question [64];
    snprintf (question, sizeof question, "subject %d %d", SUBJECT_NUMBERS, WORLD_MS);
    expect ("OK OK 1 2 3 4 5", ask ("subject", SUBJECT_CALL, question));
}
