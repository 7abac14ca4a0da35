/*  =========================================================================
    rpc_record_test.c - facts about how troupe's own RPC lies in a message

    Place: tests/unit, of actors/rpc/record.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/record.h"

static troupe_rpc_record_t s_ask (uint64_t id, const char *text)
{
    return (troupe_rpc_record_t) { .kind = TROUPE_RPC_ASK, .id = id, .left_us = 1000000,
                                   .payload = { text, strlen (text) } };
}

//  Other languages implement it from this: every byte has its place.
Test (rpc_record, a_question_byte_by_byte)
{
    static const uint8_t expected [] = { 0, 'T', 'R', 1, 0, 0, 0, 0,
        40, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
        0x40, 0x42, 0x0F, 0, 0, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0, 0 };
    troupe_rpc_message_t message = { 0 };
    troupe_rpc_record_t record = s_ask (7, "abc");
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    cr_assert_eq (message.size, sizeof expected);
    cr_assert_arr_eq (message.data, expected, sizeof expected);
    troupe_rpc_message_clear (&message);
}

//  What a turn has for the other side is one message.
Test (rpc_record, records_come_out_as_they_went_in)
{
    troupe_rpc_message_t message = { 0 };
    troupe_rpc_record_t read, records [] = { s_ask (1, ""), s_ask (2, "12345678"),
        { .kind = TROUPE_RPC_REFUSE, .outcome = TROUPE_CALL_FULL, .id = UINT64_MAX, .payload = { "no", 2 } },
        { .kind = TROUPE_RPC_CANCEL, .id = 3, .payload = { "", 0 } } };
    size_t offset = 0;
    for (size_t index = 0; index < 4; index++)
        cr_assert_eq (troupe_rpc_write (&message, &records [index]), TROUPE_OK);
    for (size_t index = 0; index < 4; index++) {
        cr_assert_eq (troupe_rpc_read (message.data, message.size, &offset, &read), TROUPE_OK);
        cr_assert_eq (read.kind, records [index].kind);
        cr_assert_eq (read.id, records [index].id);
        cr_assert_eq (read.outcome, records [index].outcome);
        cr_assert_eq (read.left_us, records [index].left_us);
        cr_assert_eq (read.payload.size, records [index].payload.size);
        cr_assert (memcmp (read.payload.data, records [index].payload.data, read.payload.size) == 0);
        cr_assert_not (read.more);
    }
    cr_assert_eq (troupe_rpc_read (message.data, message.size, &offset, &read), TROUPE_ENOENT);
    troupe_rpc_message_clear (&message);
}

//  A large answer must not hold small ones up.
Test (rpc_record, a_large_payload_goes_in_pieces)
{
    size_t size = 2 * TROUPE_RPC_PIECE + 3, offset = 0, total = 0, pieces = 0;
    uint8_t *large = malloc (size);
    troupe_rpc_message_t message = { 0 };
    troupe_rpc_record_t read = { .more = true };
    for (size_t index = 0; index < size; index++)
        large [index] = (uint8_t) (index * 31 >> 3);
    troupe_rpc_record_t record = { .kind = TROUPE_RPC_ANSWER, .id = 9, .payload = { large, size } };
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    while (read.more) {
        cr_assert_eq (troupe_rpc_read (message.data, message.size, &offset, &read), TROUPE_OK);
        cr_assert (memcmp (read.payload.data, large + total, read.payload.size) == 0);
        total += read.payload.size;
        pieces++;
    }
    cr_assert_eq (total, size);
    cr_assert_eq (pieces, 3);
    troupe_rpc_message_clear (&message);
    free (large);
}

//  Cut or bent anywhere it is noticed, and nothing outside is read: each copy lies in memory of its own size.
Test (rpc_record, malformed_messages_are_noticed)
{
    troupe_rpc_message_t message = { 0 };
    troupe_rpc_record_t read, record = s_ask (7, "abc");
    troupe_rpc_write (&message, &record);
    for (size_t size = 0; size < message.size; size++) {
        uint8_t *copy = malloc (size ? size : 1);
        size_t offset = 0;
        memcpy (copy, message.data, size);
        troupe_error_t error = troupe_rpc_read (copy, size, &offset, &read);
        cr_assert_eq (error, size == TROUPE_RPC_HEAD ? TROUPE_ENOENT : TROUPE_EPROTO, "%zu bytes", size);
        free (copy);
    }
    static const struct { size_t at; uint8_t value; troupe_error_t error; } bent [] = {
        { 0, 1, TROUPE_EPROTO }, { 3, 2, TROUPE_ENOTSUP }, { 8, 48, TROUPE_EPROTO }, { 8, 8, TROUPE_EPROTO },
        { 12, 0, TROUPE_EPROTO }, { 12, 5, TROUPE_EPROTO }, { 14, 9, TROUPE_EPROTO }, { 24, 9, TROUPE_EPROTO },
        { 39, 0x80, TROUPE_EPROTO } };
    for (size_t index = 0; index < sizeof bent / sizeof *bent; index++) {
        size_t offset = 0;
        uint8_t before = message.data [bent [index].at];
        message.data [bent [index].at] = bent [index].value;
        cr_assert_eq (troupe_rpc_read (message.data, message.size, &offset, &read), bent [index].error, "%zu", index);
        message.data [bent [index].at] = before;
    }
    troupe_rpc_message_clear (&message);
}
