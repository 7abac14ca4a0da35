/*  =========================================================================
    payload_facts.c - payloads of every size arrive as they were sent

    Place: tests/conformance, at every level. What differs is in differences.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include "world.h"

static const size_t s_sizes [] = { 0, 1, 8191, 8192, 65536, 1024 * 1024, 16 * 1024 * 1024 };

static uint8_t s_byte (size_t index, size_t size)
{
    return (uint8_t) (index * 31 + index / 251 + size);
}

static bool s_is_whole (const troupe_message_t *message, size_t size)
{
    const uint8_t *data = troupe_message_data (message);
    if (troupe_message_size (message) != size || troupe_message_text (message) [size] != 0)
        return false;
    for (size_t index = 0; index < size; index++)
        if (data [index] != s_byte (index, size))
            return false;
    return true;
}

static int s_on_payload (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                         void *context)
{
    (void) self;
    (void) state;
    size_t size = *(const size_t *) context;
    note ("%s:%s", troupe_outcome_name (outcome), s_is_whole (reply, size) ? "whole" : "torn");
    return 0;
}

static void s_free (void *data, void *hint)
{
    (void) hint;
    free (data);
}

static troupe_message_t *s_message (uint16_t tag, size_t size)
{
    uint8_t *data = malloc (size + 1);
    cr_assert_not_null (data);
    for (size_t index = 0; index < size; index++)
        data [index] = s_byte (index, size);
    data [size] = 0;
    troupe_message_t *message = troupe_message_wrap (tag, data, size, s_free, NULL);
    cr_assert_not_null (message);
    return message;
}

static void s_call (uint16_t tag, const size_t *size_p)
{
    troupe_message_t *message = s_message (tag, *size_p);
    troupe_ref_t *subject = troupe_ref (world_guest (), "subject");
    size_t *context;
    memcpy (&context, &size_p, sizeof context);
    cr_assert_eq (troupe_call_message (subject, &message, WORLD_MS, s_on_payload, context, NULL), TROUPE_OK);
    send_now ();
}

//  There and back, one at a time.
Fact (payload, all_sizes_go_both_ways)
{
    for (size_t index = 0; index < sizeof s_sizes / sizeof *s_sizes; index++) {
        s_call (SUBJECT_ECHO, &s_sizes [index]);
        expect ("OK:whole", told (1));
    }
}

//  And all in one turn.
Fact (payload, all_sizes_at_once)
{
    for (size_t index = 0; index < sizeof s_sizes / sizeof *s_sizes; index++)
        s_call (SUBJECT_ECHO, &s_sizes [index]);
    expect ("OK:whole OK:whole OK:whole OK:whole OK:whole OK:whole OK:whole", told (7));
}

//  What an actor keeps is good until it lets it go.
Fact (payload, kept_messages_last)
{
    for (size_t index = 0; index < sizeof s_sizes / sizeof *s_sizes; index++) {
        troupe_message_t *message = s_message (SUBJECT_KEEP, s_sizes [index]);
        cr_assert_eq (troupe_cast_message (troupe_ref (world_guest (), "subject"), &message), TROUPE_OK);
        tell_numbers (1, 20, 1000);
        size_t size = s_sizes [index];
        cr_assert_eq (troupe_call (troupe_ref (world_guest (), "subject"), SUBJECT_KEPT, NULL, 0, WORLD_MS,
                                   s_on_payload, &size, NULL), TROUPE_OK);
        send_now ();
        expect ("OK:whole", told (1));
    }
}

//  Memory is bounded before it is there; within one process a lone message is never refused for its size.
FactOf (payload, larger_than_the_bound, { .mailbox = { .limit_bytes = 200 } })
{
    static const char large [6000];
    char half [120] = "";
    memset (half, 'h', sizeof half - 1);
    ask ("subject", SUBJECT_ECHO, half);
    troupe_error_t error = troupe_cast (troupe_ref (world_guest (), "subject"), SUBJECT_ECHO, large, sizeof large);
    expect (usually ("TROUPE_OK"), troupe_error_name (error));
    expect ("OK life 1", ask_there ("subject", SUBJECT_LIFE, NULL));
}
