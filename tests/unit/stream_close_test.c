/*  =========================================================================
    stream_close_test.c - CLOSED comes once, last, and says why

    Place: tests/unit, of runtime/core/stream/stream.c and listener.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "stream_world.h"

static troupe_stream_event_kind_t s_when;

static int s_close (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    event->consumed = event->size;
    if (event->kind == s_when)
        troupe_stream_close (stream);
    return 0;
}

//  As much misuse as fits into a callback that looks into the rest.
static int s_abort_and_go_on (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    if (event->kind != s_when)
        return 0;
    troupe_stream_write (stream, "lost", 4);
    troupe_stream_abort (stream);
    cr_assert_eq (troupe_stream_write (stream, "x", 1), TROUPE_ECLOSED);
    troupe_stream_close (stream);
    troupe_stream_end (stream);
    troupe_stream_abort (stream);
    troupe_stream_pause (stream);
    troupe_stream_resume (stream);
    troupe_stream_notify_drained (stream);
    event->consumed = event->size / 2;
    cr_assert (event->size == 0 || event->data [event->size - 1] != 0);
    return 0;
}

static int s_fail (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) stream;
    if (event->kind != s_when)
        return 0;
    return troupe_fail (world->cell, 7, "on purpose");
}

//  What has been written reaches the peer before the connection goes.
Test (stream_close, close_writes_first_and_closes_then)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    world->room = 2;
    troupe_stream_write (stream, "abcd", 4);
    troupe_stream_close (stream);
    cr_assert_eq (troupe_stream_write (stream, "x", 1), TROUPE_ECLOSED);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<stop reading> <send 2>");
    world->room = SIZE_MAX;
    troupe_stream_can_write (stream);
    stream_world_turn (world);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<send 2> <close> closed:OK");
    cr_assert_null (world->cell->streams);
    stream_world_destroy (&world);
}

//  Between close and CLOSED the user has no state any more for other events.
Test (stream_close, closing_stream_has_no_other_events)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, &(troupe_stream_options_t) { .write_limit_bytes = 4 });
    world->room = 0;
    troupe_stream_write (stream, "abcd", 4);
    cr_assert_eq (troupe_stream_write (stream, "x", 1), TROUPE_EFULL);
    troupe_stream_notify_drained (stream);
    troupe_stream_close (stream);
    stream_world_turn (world);
    cr_assert_not (stream_world_arrive (stream, "late"));
    cr_assert_not (troupe_stream_ended (stream));
    world->room = SIZE_MAX;
    troupe_stream_can_write (stream);
    stream_world_turn (world);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<stop reading> <send 0> <send 4> <close> closed:OK");
    stream_world_destroy (&world);
}

//  Both sides have said that they are done: nobody has to say it a third time.
Test (stream_close, both_ends_close_by_themselves)
{
    for (unsigned ours_first = 0; ours_first < 2; ours_first++) {
        stream_world_t *world = stream_world_new (false);
        troupe_stream_t *stream = stream_world_stream (world, NULL);
        if (ours_first) {
            troupe_stream_write (stream, "bye", 3);
            troupe_stream_end (stream);
            cr_assert_eq (troupe_stream_write (stream, "x", 1), TROUPE_ECLOSED);
            stream_world_turn (world);
            troupe_stream_ended (stream);
            stream_world_turn (world);
            cr_assert_str_eq (stream_world_story (world), "<send 3> <end> end <close> closed:OK");
        }
        else {
            troupe_stream_ended (stream);
            troupe_stream_end (stream);
            stream_world_turn (world);
            stream_world_turn (world);
            cr_assert_str_eq (stream_world_story (world), "end <end> <close> closed:OK");
        }
        stream_world_destroy (&world);
    }
}

//  A reset is not an orderly close.
Test (stream_close, lost_connection_says_why)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    troupe_stream_write (stream, "abc", 3);
    troupe_stream_lost (stream, TROUPE_ECLOSED);
    cr_assert_eq (troupe_stream_write (stream, "x", 1), TROUPE_ECLOSED);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<close> closed:ECLOSED");
    cr_assert_eq (world->sends, 0);
    stream_world_destroy (&world);
}

//  The write was taken in good faith; its failure shows as the end.
Test (stream_close, failed_send_ends_the_stream)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    world->send_error = TROUPE_ECLOSED;
    troupe_stream_write (stream, "abc", 3);
    stream_world_turn (world);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<close> closed:ECLOSED");
    stream_world_destroy (&world);
}

//  What is aborted is gone at once for the peer; the user hears it in a later turn, never from within the call.
Test (stream_close, abort_throws_away_and_closes_later)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    troupe_stream_write (stream, "abc", 3);
    troupe_stream_abort (stream);
    cr_assert_str_eq (stream_world_story (world), "<abort>");
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "closed:ECANCELLED");
    stream_world_destroy (&world);
}

//  Callbacks do as they like: every event may be the one in which the user has had enough.
Test (stream_close, closing_from_any_callback_is_safe)
{
    static const struct {
        troupe_stream_event_kind_t when;
        const char *story;
    } cases [] = {
        { TROUPE_STREAM_BYTES, "bytes:abc <stop reading> <close> closed:OK" },
        { TROUPE_STREAM_DRAINED, "drained <stop reading> <close> closed:OK" },
        { TROUPE_STREAM_END, "end <stop reading> <close> closed:OK" },
        { TROUPE_STREAM_CLOSED, "<close> closed:ECLOSED" },
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases [0]; index++) {
        stream_world_t *world = stream_world_new (false);
        troupe_stream_t *stream = stream_world_stream (world, NULL);
        world->react = s_close;
        s_when = cases [index].when;
        if (s_when == TROUPE_STREAM_BYTES)
            cr_assert_not (stream_world_arrive (stream, "abc"));
        else if (s_when == TROUPE_STREAM_DRAINED)
            troupe_stream_notify_drained (stream);
        else if (s_when == TROUPE_STREAM_END)
            cr_assert_not (troupe_stream_ended (stream));
        else
            troupe_stream_lost (stream, TROUPE_ECLOSED);
        for (unsigned turn = 0; turn < 4; turn++)
            stream_world_turn (world);
        cr_assert_str_eq (stream_world_story (world), cases [index].story);
        stream_world_destroy (&world);
    }
}

//  The bytes under the callback's eyes stay until it returns, though the stream is dead by then.
Test (stream_close, aborting_while_looking_at_the_rest_is_safe)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    troupe_stream_pause (stream);
    stream_world_arrive (stream, "abcdef");
    world->react = s_abort_and_go_on;
    s_when = TROUPE_STREAM_BYTES;
    troupe_stream_resume (stream);
    stream_world_turn (world);
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world), "<stop reading> <read> bytes:abcdef <abort> closed:ECANCELLED");
    stream_world_destroy (&world);
}

//  The same in the host's buffer, and from ACCEPTED, where the host holds the listener.
Test (stream_close, aborting_at_once_is_safe)
{
    stream_world_t *world = stream_world_new (false);
    troupe_stream_t *stream = stream_world_stream (world, NULL);
    world->react = s_abort_and_go_on;
    s_when = TROUPE_STREAM_BYTES;
    cr_assert_not (stream_world_arrive (stream, "abc"));
    s_when = TROUPE_STREAM_ACCEPTED;
    troupe_stream_t *other = troupe_listener_stream (world->cell->listeners, world);
    cr_assert (troupe_stream_accepted (world->cell->listeners, other), "the listener is not closed by that");
    stream_world_turn (world);
    cr_assert_str_eq (stream_world_story (world),
                      "bytes:abc <abort> accepted <abort> closed:ECANCELLED closed:ECANCELLED");
    stream_world_destroy (&world);
}

//  Any callback that fails ends the incarnation, which takes all its streams along, silently.
Test (stream_close, failing_in_any_callback_ends_every_stream)
{
    for (unsigned when = TROUPE_STREAM_ACCEPTED; when <= TROUPE_STREAM_CLOSED; when++) {
        stream_world_t *world = stream_world_new (true);
        troupe_stream_t *stream = stream_world_stream (world, &(troupe_stream_options_t) { .write_limit_bytes = 1 });
        troupe_stream_t *bystander = troupe_listener_stream (world->cell->listeners, world);
        cr_assert (troupe_stream_accepted (world->cell->listeners, bystander));
        troupe_stream_write (bystander, "x", 1);
        world->react = s_fail;
        s_when = (troupe_stream_event_kind_t) when;
        if (when == TROUPE_STREAM_ACCEPTED) {
            troupe_stream_t *other = troupe_listener_stream (world->cell->listeners, world);
            cr_assert_not (troupe_stream_accepted (world->cell->listeners, other));
        }
        else if (when == TROUPE_STREAM_CONNECTED) {
            cr_assert_eq (troupe_connect (world->cell, "a:1", NULL, stream_world_on_event, NULL, &stream), TROUPE_OK);
            cr_assert_not (troupe_stream_connected (stream));
        }
        else if (when == TROUPE_STREAM_BYTES)
            cr_assert_not (stream_world_arrive (stream, "abc"));
        else if (when == TROUPE_STREAM_END)
            cr_assert_not (troupe_stream_ended (stream));
        else {
            troupe_stream_notify_drained (stream);
            troupe_stream_write (stream, "x", 1);
            if (when == TROUPE_STREAM_WRITABLE)
                troupe_stream_write (stream, "y", 1);
            if (when == TROUPE_STREAM_CLOSED)
                troupe_stream_abort (stream);
            stream_world_turn (world);
            stream_world_turn (world);
        }
        cr_assert_eq (world->cell->cell_state, TROUPE_CELL_ENDED, "event %u", when);
        cr_assert_null (world->cell->streams);
        cr_assert_null (strstr (stream_world_story (world), "closed:OK"));
        stream_world_destroy (&world);
    }
}

//  The peer of a failed actor must not take what came for the whole.
Test (stream_close, failed_incarnation_resets_a_normal_one_closes)
{
    for (unsigned fails = 0; fails < 2; fails++) {
        stream_world_t *world = stream_world_new (true);
        troupe_stream_t *stream = stream_world_stream (world, NULL);
        world->react = fails ? s_fail : NULL;
        s_when = TROUPE_STREAM_BYTES;
        troupe_stream_write (stream, "bye", 3);
        if (!fails)
            troupe_exit (world->cell);
        cr_assert_not (stream_world_arrive (stream, "abc"));
        cr_assert_str_eq (stream_world_story (world), fails
            ? "bytes:abc <send 3> <abort> <accepts not> ENDED" : "bytes:abc <send 3> <close> <accepts not> ENDED");
        stream_world_destroy (&world);
    }
}
