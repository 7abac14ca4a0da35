/*  =========================================================================
    overflow_facts.c - mailboxes are bounded, and their policies hold

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "world.h"

//  Near is the sender. Its first message learns of the bounds, which another process tells when it is spoken to.
static void s_hold (void)
{
    expect ("OK ok", ask ("near", SUBJECT_SEND, "subject 1 4"));
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK 1");
    world_hold ();
}

//  The default: the sender is told, and decides itself.
FactOf (overflow, reject_tells_the_sender, { .mailbox = { .limit_messages = 2 } })
{
    s_hold ();
    expect ("OK 3:TROUPE_EFULL 4:TROUPE_EFULL", ask ("near", SUBJECT_SEND, "subject 4 4"));
    world_release ();
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK 1 2");
}

//  A few large messages are as much of a burden as many small ones.
FactOf (overflow, bytes_count_too, { .mailbox = { .limit_bytes = 250 } })
{
    s_hold ();
    expect ("OK 3:TROUPE_EFULL", ask ("near", SUBJECT_SEND, "subject 3 100"));
    world_release ();
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK 1 2");
}

//  One noisy sender does not take the others' room.
FactOf (overflow, bounds_hold_for_each_sender, { .mailbox = { .limit_messages = 2 } })
{
    expect ("OK x", ask ("subject", SUBJECT_ECHO, "x"));
    s_hold ();
    expect ("OK 3:TROUPE_EFULL", ask ("near", SUBJECT_SEND, "subject 3 4"));
    call ("subject", SUBJECT_ECHO, "mine", WORLD_MS);
    send_now ();
    world_release ();
    expect ("OK:mine", told (1));
}

//  What is taken makes room, however often.
FactOf (overflow, room_comes_back, { .mailbox = { .limit_messages = 2 } })
{
    tell_numbers (1, 300, sizeof (uint32_t));
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK 1 .. 300 in order");
}

//  The first ones count.
FactOf (overflow, drop_newest_keeps_the_first, { .mailbox = { .limit_messages = 2,
                                                              .overflow = TROUPE_OVERFLOW_DROP_NEWEST } })
{
    s_hold ();
    expect ("OK ok", ask ("near", SUBJECT_SEND, "subject 5 4"));
    world_release ();
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK 1 2");
}

//  Only the latest count.
FactOf (overflow, drop_oldest_keeps_the_last, { .mailbox = { .limit_messages = 2,
                                                             .overflow = TROUPE_OVERFLOW_DROP_OLDEST } })
{
    s_hold ();
    expect ("OK ok", ask ("near", SUBJECT_SEND, "subject 5 4"));
    world_release ();
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK 4 5");
}

//  A sender that would rather wait than lose anything.
FactOf (overflow, block_waits_for_room, { .mailbox = { .limit_messages = 2, .block_ms = WORLD_MS,
                                                       .overflow = TROUPE_OVERFLOW_BLOCK } })
{
    expect ("OK ok", ask ("near", SUBJECT_SEND, "subject 1 4"));
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK 1");
    expect ("OK ok", ask ("near", SUBJECT_SEND, "subject 50 4"));
    await_answer ("subject", SUBJECT_ECHO, "x", "OK x");
    expect ("OK 1 .. 50 in order", ask ("subject", SUBJECT_NUMBERS, NULL));
}

//  And not for ever.
FactOf (overflow, block_gives_up, { .mailbox = { .limit_messages = 2, .block_ms = 30,
                                                 .overflow = TROUPE_OVERFLOW_BLOCK } })
{
    s_hold ();
    expect ("OK 3:TROUPE_EFULL", ask ("near", SUBJECT_SEND, "subject 3 4"));
    world_release ();
    await_answer ("subject", SUBJECT_NUMBERS, NULL, "OK 1 2");
}
