/*  =========================================================================
    stream_memory_test.c - streams without memory

    Place: tests/unit, of runtime/core/stream*.c, chunk.c, listener.c, watch.c.
    The first, the second, ... allocation fails (scarce.h), until the scenario
    passes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "scarce.h"
#include "stream_world.h"

static int s_take_one (stream_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    (void) stream;
    event->consumed = event->size > 0;
    return 0;
}

static int s_on_ready (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self;
    (void) state;
    (void) descriptor;
    (void) events;
    (void) context;
    return 0;
}

//  Writes that fail have queued nothing.
static troupe_error_t s_write (stream_world_t *world, troupe_stream_t *stream, troupe_message_t *message)
{
    static const char bytes [5000] = "many";
    size_t queued = troupe_stream_queued (stream);
    troupe_error_t error = troupe_stream_write (stream, bytes, sizeof bytes);
    cr_assert_eq (troupe_stream_queued (stream), queued + (error ? 0 : sizeof bytes));
    queued = troupe_stream_queued (stream);
    if (!error)
        error = troupe_stream_write_from (stream, message, troupe_message_data (message), 1000);
    stream_world_turn (world);
    return error;
}

static troupe_error_t s_serve (stream_world_t *world, troupe_listener_t *listener, troupe_message_t *message)
{
    static const uint8_t bytes [5000] = "many";
    troupe_stream_t *stream = troupe_listener_stream (listener, world);
    if (!stream)
        return TROUPE_ENOMEM;
    cr_assert (troupe_stream_accepted (listener, stream));
    if (strcmp (troupe_stream_peer (stream), "") == 0)
        return TROUPE_ENOMEM;
    for (unsigned count = 0; count < 3; count++)
        if (!troupe_stream_arrived (stream, bytes, sizeof bytes))
            return stream->error;
    return s_write (world, stream, message);
}

static troupe_error_t s_scenario (stream_world_t *world, troupe_message_t *message)
{
    troupe_listener_t *listener = NULL;
    troupe_stream_t *stream = NULL;
    troupe_watch_t *watch = NULL;
    troupe_error_t error = troupe_listen (world->cell, "a:1", NULL, stream_world_on_event, NULL, &listener);
    if (!error)
        error = s_serve (world, listener, message);
    if (!error)
        error = troupe_connect (world->cell, "a:1", NULL, stream_world_on_event, NULL, &stream);
    if (!error)
        error = troupe_watch (world->cell, 5, TROUPE_WATCH_READABLE, s_on_ready, NULL, &watch);
    return error;
}

//  A lack of memory is an answer or the end of one stream, and leaves nothing behind.
Test (stream_memory, every_allocation_may_fail)
{
    static char body [1000];
    troupe_error_t error = TROUPE_ENOMEM;
    size_t failing = 0;
    while (error) {
        stream_world_t *world = stream_world_new (true);
        troupe_message_t *message = troupe_message_new (0, body, sizeof body);
        world->react = s_take_one;
        scarce_begin (++failing);
        error = s_scenario (world, message);
        scarce_end ();
        cr_assert (error == TROUPE_OK || error == TROUPE_ENOMEM, "allocation %zu", failing);
        troupe_message_destroy (&message);
        stream_world_destroy (&world);
    }
    cr_assert_gt (failing, 8, "only %zu allocations were seen", failing);
}
