/*  =========================================================================
    stream_read_test.c - what a stream receives comes once, in order, or again

    Place: tests/unit, of runtime/core/stream/stream_read.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "stream_world.h"

static int s_take_nothing (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    (void) stream;
    (void) event;
    return 0;
}

static int s_take_one (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    (void) stream;
    event->consumed = 1;
    return 0;
}

//  Takes whole lines, as a protocol does.
static int s_take_lines (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    (void) stream;
    for (size_t place = 0; place < event->size; place++)
        if (event->data [place] == ';')
            event->consumed = place + 1;
    return 0;
}

static int s_take_all_and_pause (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    event->consumed = event->size;
    troupe_stream_pause (stream);
    return 0;
}

static int s_pause (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    (void) event;
    troupe_stream_pause (stream);
    return 0;
}

//  The hot path: what is consumed at once is never copied, and leaves no memory behind.
Test (stream_read, consumed_bytes_leave_nothing)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    cr_assert (stream_world_arrive (stream, "abc"));
    cr_assert (stream_world_arrive (stream, "def"));
    cr_assert_null (stream->rest);
    cr_assert_null (world->cell->free_chunks);
    cr_assert_str_eq (stream_world_story (world), "bytes:abc bytes:def");
    stream_world_destroy (&world);
}

//  A parser sees a message that came in pieces as one.
Test (stream_read, rest_comes_again_with_more_behind_it)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    world->react = s_take_lines;
    cr_assert (stream_world_arrive (stream, "one;tw"));
    cr_assert (stream_world_arrive (stream, "o;th"));
    cr_assert (stream_world_arrive (stream, "ree"));
    cr_assert (stream_world_arrive (stream, ";"));
    cr_assert_null (stream->rest, "an idle stream holds no buffer");
    cr_assert_str_eq (stream_world_story (world), "bytes:one;tw bytes:two;th bytes:three bytes:three;");
    stream_world_destroy (&world);
}

//  Bytes that are left do not make a stream busy: only more of them, or resuming, shows them again.
Test (stream_read, rest_waits_for_more)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    world->react = s_take_nothing;
    cr_assert (stream_world_arrive (stream, "abc"));
    stream_world_turn (world);
    cr_assert_eq (troupe_cell_next_us (world->cell), TROUPE_FOREVER);
    cr_assert_str_eq (stream_world_story (world), "bytes:abc");
    stream_world_destroy (&world);
}

//  A peer that sends without end what nobody can use must not fill the memory.
Test (stream_read, rest_at_limit_that_is_not_consumed_closes)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, &(troupe_stream_options_t) { .read_limit_bytes = 4 });
    world->react = s_take_nothing;
    cr_assert (stream_world_arrive (stream, "abc"));
    cr_assert_not (stream_world_arrive (stream, "d"));
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "bytes:abc bytes:abcd <close> closed:ETOOBIG");
    stream_world_destroy (&world);
}

//  Slow progress is progress: reading stops by itself, and goes on once there is room.
Test (stream_read, rest_at_limit_stalls_until_it_is_consumed)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, &(troupe_stream_options_t) { .read_limit_bytes = 3 });
    world->react = s_take_one;
    cr_assert_not (stream_world_arrive (stream, "abcde"));
    cr_assert_str_eq (stream_world_story (world), "bytes:abcde <stop reading>");
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "bytes:bcde");
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "bytes:cde <read>");
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "");
    cr_assert (stream_world_arrive (stream, "f"));
    cr_assert_str_eq (stream_world_story (world), "bytes:def");
    stream_world_destroy (&world);
}

//  An actor that waits for a worker's answer leaves the next request where it is.
Test (stream_read, paused_rest_comes_again_on_resuming)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, &(troupe_stream_options_t) { .read_limit_bytes = 2 });
    world->react = s_pause;
    cr_assert_not (stream_world_arrive (stream, "abc"));
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "bytes:abc <stop reading>", "a paused one may be over its limit");
    world->react = NULL;
    troupe_stream_resume (stream);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "bytes:abc <read>");
    stream_world_destroy (&world);
}

//  Pausing while nothing is left only turns reading off and on; twice is once.
Test (stream_read, pause_and_resume_reach_the_host_once)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    world->react = s_take_all_and_pause;
    cr_assert_not (stream_world_arrive (stream, "abc"));
    troupe_stream_pause (stream);
    troupe_stream_resume (stream);
    troupe_stream_resume (stream);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "bytes:abc <stop reading> <read>");
    stream_world_destroy (&world);
}

//  A host may have read already when the pause reaches it.
Test (stream_read, bytes_for_a_paused_stream_wait)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    troupe_stream_pause (stream);
    cr_assert_not (stream_world_arrive (stream, "abc"));
    cr_assert_str_eq (stream_world_story (world), "<stop reading>");
    troupe_stream_resume (stream);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<read> bytes:abc");
    stream_world_destroy (&world);
}

//  New bytes overtake nothing: they come behind the rest, which then is not shown once more.
Test (stream_read, resumed_rest_and_new_bytes_come_together)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    troupe_stream_pause (stream);
    cr_assert_not (stream_world_arrive (stream, "abc"));
    troupe_stream_resume (stream);
    cr_assert (stream_world_arrive (stream, "def"));
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<stop reading> <read> bytes:abcdef");
    stream_world_destroy (&world);
}

//  The rest grows past any chunk, and nothing in it moves or is lost.
Test (stream_read, long_rest_keeps_every_byte)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, &(troupe_stream_options_t) { .read_limit_bytes = 200000 });
    world->react = s_take_nothing;
    for (unsigned count = 0; count < 12000; count++)
        cr_assert (stream_world_arrive (stream, count % 2 ? "0123456" : "abcdefgh"));
    cr_assert_eq (stream->rest->size, 12000 / 2 * 15);
    for (size_t place = 0; place < stream->rest->size; place++)
        cr_assert_eq (stream->rest->data [place], "abcdefgh0123456" [place % 15]);
    stream_world_destroy (&world);
}

//  A half-closed connection can still be answered.
Test (stream_read, end_comes_behind_bytes_and_writing_goes_on)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    cr_assert (stream_world_arrive (stream, "abc"));
    cr_assert_not (troupe_stream_ended (stream));
    cr_assert_eq (troupe_stream_write (stream, "ok", 2), TROUPE_OK);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "bytes:abc end <send 2>");
    stream_world_destroy (&world);
}
