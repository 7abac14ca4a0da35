/*  =========================================================================
    stream_write_test.c - what is written leaves whole, together, within limits

    Place: tests/unit, of runtime/core/stream/stream_write.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "stream_world.h"

static const troupe_stream_options_t s_ten = { .write_limit_bytes = 10 };

//  One system call for each stream and turn is what 120,000 requests a second rest on.
Test (stream_write, writes_of_a_turn_leave_in_one_send)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    cr_assert_eq (troupe_stream_write (stream, "abc", 3), TROUPE_OK);
    troupe_bytes_t parts [] = { { "de", 2 }, { "", 0 }, { "f", 1 } };
    cr_assert_eq (troupe_stream_writev (stream, parts, 3), TROUPE_OK);
    cr_assert_eq (troupe_stream_queued (stream), 6);
    cr_assert_eq (world->sends, 0);
    stream_world_turn (world);
    cr_assert_eq (troupe_stream_queued (stream), 0);
    cr_assert_str_eq (world->sent, "abcdef");
    cr_assert_str_eq (stream_world_story (world), "<send 6>");
    stream_world_destroy (&world);
}

//  No memory per idle connection, and none allocated per answer: the chunk goes back to the cell.
Test (stream_write, chunk_is_used_again)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    for (unsigned turn = 0; turn < 3; turn++) {
        cr_assert_eq (troupe_stream_write (stream, "abc", 3), TROUPE_OK);
        cr_assert_eq (world->cell->free_chunk_count, 0);
        stream_world_turn (world);
        cr_assert_null (stream->out);
        cr_assert_eq (world->cell->free_chunk_count, 1);
    }
    stream_world_destroy (&world);
}

//  All or nothing: half a message on the wire could never be taken back.
Test (stream_write, write_past_the_limit_queues_nothing)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, &s_ten);
    cr_assert_eq (troupe_stream_write (stream, "12345678", 8), TROUPE_OK);
    cr_assert_eq (troupe_stream_writev (stream, (troupe_bytes_t []) { { "a", 1 }, { "bcd", 3 } }, 2), TROUPE_EFULL);
    cr_assert_eq (troupe_stream_queued (stream), 8);
    cr_assert_eq (troupe_stream_write (stream, "90", 2), TROUPE_OK);
    stream_world_turn (world);
    cr_assert_str_eq (world->sent, "1234567890");
    stream_world_destroy (&world);
}

//  A large answer must be possible with a small limit.
Test (stream_write, single_write_larger_than_the_limit_is_taken_alone)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, &s_ten);
    cr_assert_eq (troupe_stream_write (stream, "0123456789abcdef", 16), TROUPE_OK);
    cr_assert_eq (troupe_stream_write (stream, "x", 1), TROUPE_EFULL);
    stream_world_turn (world);
    cr_assert_str_eq (world->sent, "0123456789abcdef");
    stream_world_destroy (&world);
}

//  Who got EFULL is told when to go on, once, and not for every byte of room.
Test (stream_write, writable_comes_once_below_half)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, &s_ten);
    world->room = 5;
    cr_assert_eq (troupe_stream_write (stream, "0123456789", 10), TROUPE_OK);
    cr_assert_eq (troupe_stream_write (stream, "x", 1), TROUPE_EFULL);
    stream_world_turn (world);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<send 5>", "5 of 10 is not below half");
    world->room = 1;
    troupe_stream_can_write (stream);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<send 1> writable");
    world->room = 4;
    troupe_stream_can_write (stream);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<send 4>");
    cr_assert_str_eq (world->sent, "0123456789");
    stream_world_destroy (&world);
}

//  A peer that does not read costs no system calls: nobody tries until the system says so.
Test (stream_write, blocked_stream_is_not_tried_again)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    world->room = 2;
    cr_assert_eq (troupe_stream_write (stream, "abcd", 4), TROUPE_OK);
    stream_world_turn (world);
    cr_assert_eq (troupe_stream_write (stream, "ef", 2), TROUPE_OK);
    stream_world_turn (world);
    cr_assert_eq (world->sends, 1);
    world->room = SIZE_MAX;
    troupe_stream_can_write (stream);
    cr_assert_eq (world->sends, 2);
    cr_assert_str_eq (world->sent, "abcdef");
    troupe_stream_can_write (stream);
    cr_assert_eq (world->sends, 2);
    stream_world_destroy (&world);
}

//  Whoever paces a download by DRAINED must get it though nothing was queued.
Test (stream_write, drained_comes_in_a_later_turn_when_all_is_handed_over)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    troupe_stream_notify_drained (stream);
    cr_assert_str_eq (stream_world_story (world), "");
    stream_world_turn (world);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "drained");
    world->room = 2;
    cr_assert_eq (troupe_stream_write (stream, "abcd", 4), TROUPE_OK);
    troupe_stream_notify_drained (stream);
    stream_world_turn (world);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<send 2>");
    world->room = SIZE_MAX;
    troupe_stream_can_write (stream);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<send 2> drained");
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "");
    stream_world_destroy (&world);
}

static int s_release_count;

static void s_release (void *data, void *hint)
{
    (void) hint;
    free (data);
    s_release_count++;
}

//  Large bodies go from the worker's message to the socket without a copy, and are let go of when they are out.
Test (stream_write, message_is_kept_until_its_bytes_are_out)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    size_t size = 100000;
    uint8_t *body = malloc (size);
    cr_assert_not_null (body);
    memset (body, 'x', size);
    troupe_message_t *message = troupe_message_wrap (0, body, size, s_release, NULL);
    cr_assert_eq (troupe_stream_write (stream, "head:", 5), TROUPE_OK);
    cr_assert_eq (troupe_stream_write_from (stream, message, body + 10, size - 20), TROUPE_OK);
    cr_assert_eq (troupe_stream_write (stream, ":tail", 5), TROUPE_OK);
    troupe_message_destroy (&message);
    world->room = size / 2;
    stream_world_turn (world);
    cr_assert_eq (world->parts, 3);
    cr_assert_eq (troupe_stream_queued (stream), 5 + size - 20 + 5 - size / 2);
    world->room = SIZE_MAX;
    troupe_stream_can_write (stream);
    cr_assert_eq (world->sent_size, 5 + size - 20 + 5);
    cr_assert_eq (s_release_count, 1);
    stream_world_destroy (&world);
}

//  Bytes from elsewhere would be gone when the message is.
Test (stream_write, bytes_outside_the_message_are_refused)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    troupe_message_t *message = troupe_message_new (0, "hello", 5);
    const char *data = troupe_message_data (message);
    cr_assert_eq (troupe_stream_write_from (stream, message, data + 1, 5), TROUPE_EINVAL);
    cr_assert_eq (troupe_stream_write_from (stream, message, data - 1, 3), TROUPE_EINVAL);
    cr_assert_eq (troupe_stream_write_from (stream, message, data + 1, 3), TROUPE_OK);
    troupe_message_destroy (&message);
    stream_world_turn (world);
    cr_assert_str_eq (world->sent, "ell");
    stream_world_destroy (&world);
}

//  However the writes are cut and however much the system takes at a time, the peer gets the same bytes.
Test (stream_write, every_cut_gives_the_same_bytes)
{
    for (size_t piece = 1; piece < 9000; piece = piece * 3 + 1) {
        stream_world_t *world = stream_world_new (false);
        troupe_stream_t *stream = stream_world_stream (world, NULL);
        uint8_t data [9000];
        for (size_t place = 0; place < sizeof data; place++)
            data [place] = (uint8_t) ('a' + place % 26);
        world->room = 0;
        for (size_t place = 0; place < sizeof data; place += piece)
            cr_assert_eq (troupe_stream_write (stream, data + place,
                                               piece < sizeof data - place ? piece : sizeof data - place), TROUPE_OK);
        stream_world_turn (world);
        size_t checked = 0;
        while (troupe_stream_queued (stream)) {
            memset (world->sent, 0, sizeof world->sent);
            world->sent_size = 0;
            world->room = 200;
            troupe_stream_can_write (stream);
            cr_assert_eq (memcmp (world->sent, data + checked, world->sent_size), 0);
            checked += world->sent_size;
            stream_world_story (world);
        }
        cr_assert_eq (checked, sizeof data);
        stream_world_destroy (&world);
    }
}

//  More chunks than one call takes.
Test (stream_write, long_queue_leaves_in_several_calls)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    troupe_message_t *message = NULL;
    char body [1000];
    memset (body, 'x', sizeof body);
    for (unsigned count = 0; count < 150; count++) {
        message = troupe_message_new (0, body, sizeof body);
        const void *data = troupe_message_data (message);
        cr_assert_eq (troupe_stream_write_from (stream, message, data, sizeof body), TROUPE_OK);
        troupe_message_destroy (&message);
    }
    stream_world_turn (world);
    cr_assert_eq (world->sent_size, 150000);
    cr_assert_eq (world->sends, 3);
    stream_world_destroy (&world);
}
