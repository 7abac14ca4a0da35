/*  =========================================================================
    stream_world.c - a cell whose host is a story

    Place: tests/unit; see stream_world.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stream_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/packet/control.h"

static void s_tell (stream_world_t *world, const char *format, ...) TROUPE_PRINTF (2, 3);

static void s_tell (stream_world_t *world, const char *format, ...)
{
    size_t size = strlen (world->story);
    va_list arguments;
    va_start (arguments, format);
    if (size)
        size += (size_t) snprintf (world->story + size, sizeof world->story - size, " ");
    vsnprintf (world->story + size, sizeof world->story - size, format, arguments);
    va_end (arguments);
}

static stream_world_t *s_world (const troupe_actor_t *cell)
{
    return cell->host_data;
}

//  --- The host

static int64_t s_now_us (troupe_actor_t *cell)
{
    (void) cell;
    return 1000000;
}

static void s_log (troupe_actor_t *cell, troupe_log_level_t level, const char *text)
{
    (void) cell;
    (void) level;
    (void) text;
}

static void s_collect (troupe_actor_t *cell)
{
    (void) cell;
}

static void s_tell_parent (troupe_actor_t *cell, const void *data, size_t size)
{
    troupe_control_t control;
    cr_assert (troupe_control_read (data, size, &control));
    if (control.kind == TROUPE_CONTROL_ENDED) {
        s_world (cell)->ended++;
        s_tell (s_world (cell), "ENDED");
    }
}

static troupe_error_t s_listen (troupe_actor_t *cell, troupe_listener_t *listener,
                                const troupe_stream_address_t *address)
{
    (void) listener;
    s_tell (s_world (cell), "<listen %s>", address->text);
    return s_world (cell)->listen_error;
}

static void s_listener_accepts (troupe_actor_t *cell, troupe_listener_t *listener, bool accepts)
{
    (void) listener;
    s_tell (s_world (cell), accepts ? "<accepts>" : "<accepts not>");
}

static void s_listener_close (troupe_actor_t *cell, troupe_listener_t *listener)
{
    (void) listener;
    s_tell (s_world (cell), "<unlisten>");
}

static troupe_error_t s_connect (troupe_actor_t *cell, troupe_stream_t *stream, const troupe_stream_address_t *address,
                                 int64_t timeout_ms)
{
    s_tell (s_world (cell), "<connect %s %d>", address->text, (int) timeout_ms);
    if (!s_world (cell)->connect_error)
        stream->host = s_world (cell);
    return s_world (cell)->connect_error;
}

static ptrdiff_t s_stream_send (troupe_actor_t *cell, troupe_stream_t *stream, const troupe_bytes_t *parts,
                                size_t count, troupe_error_t *error_p)
{
    stream_world_t *world = s_world (cell);
    cr_assert_eq (stream->host, world);
    size_t taken = 0;
    world->sends++;
    world->parts = count;
    if (world->send_error) {
        *error_p = world->send_error;
        return -1;
    }
    for (size_t index = 0; index < count; index++) {
        const char *data = parts [index].data;
        for (size_t place = 0; place < parts [index].size && world->room > 0; place++, world->room--, taken++) {
            if (world->sent_size < sizeof world->sent - 1)
                world->sent [world->sent_size] = data [place];
            world->sent_size++;
        }
    }
    s_tell (world, "<send %zu>", taken);
    return (ptrdiff_t) taken;
}

static void s_stream_peer (troupe_actor_t *cell, troupe_stream_t *stream, char *text, size_t size)
{
    (void) cell;
    (void) stream;
    snprintf (text, size, "10.0.0.1:5000");
}

static void s_stream_reads (troupe_actor_t *cell, troupe_stream_t *stream, bool reads)
{
    cr_assert_not_null (stream->host);
    s_tell (s_world (cell), reads ? "<read>" : "<stop reading>");
}

static void s_stream_end (troupe_actor_t *cell, troupe_stream_t *stream)
{
    cr_assert_not_null (stream->host);
    s_tell (s_world (cell), "<end>");
}

static void s_stream_close (troupe_actor_t *cell, troupe_stream_t *stream, bool abort)
{
    cr_assert_not_null (stream->host, "a stream is closed once");
    s_tell (s_world (cell), abort ? "<abort>" : "<close>");
}

static troupe_error_t s_watch (troupe_actor_t *cell, troupe_watch_t *watch)
{
    s_tell (s_world (cell), "<watch %d>", watch->descriptor);
    return TROUPE_OK;
}

static void s_unwatch (troupe_actor_t *cell, troupe_watch_t *watch)
{
    s_tell (s_world (cell), "<unwatch %d>", watch->descriptor);
}

static const troupe_host_t s_host = {
    .now_us = s_now_us, .wall_ms = s_now_us, .log = s_log, .collect = s_collect, .tell_parent = s_tell_parent,
    .listen = s_listen, .listener_accepts = s_listener_accepts, .listener_close = s_listener_close,
    .connect = s_connect, .stream_send = s_stream_send, .stream_peer = s_stream_peer,
    .stream_reads = s_stream_reads, .stream_end = s_stream_end, .stream_close = s_stream_close,
    .watch = s_watch, .unwatch = s_unwatch,
};

//  --- The behavior

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) self;
    cr_assert_eq (args_size, sizeof *state_p);
    memcpy (state_p, args, sizeof *state_p);
    return 0;
}

static const troupe_behavior_t s_behavior = { .name = "story", .start = s_start };

int stream_world_on_event (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                           void *context)
{
    static const char *const names [] = { "accepted", "connected", "bytes", "writable", "drained", "end", "closed" };
    stream_world_t *world = state;
    (void) self;
    (void) context;
    if (event->kind == TROUPE_STREAM_BYTES)
        s_tell (world, "bytes:%.*s", (int) (event->size < 32 ? event->size : 32), (const char *) event->data);
    else if (event->kind == TROUPE_STREAM_CLOSED)
        s_tell (world, "closed:%s", troupe_error_name (event->error) + strlen ("TROUPE_"));
    else
        s_tell (world, "%s", names [event->kind]);
    if (world->react)
        return world->react (world, stream, event);
    event->consumed = event->size;
    return 0;
}

//  --- What tests do

stream_world_t *stream_world_new (bool has_parent)
{
    stream_world_t *world = calloc (1, sizeof *world);
    cr_assert_not_null (world);
    world->cell = calloc (1, sizeof *world->cell);
    cr_assert_not_null (world->cell);
    world->room = SIZE_MAX;
    troupe_child_t spec = { .id = "story", .behavior = &s_behavior, .args = &world, .args_size = sizeof world };
    cr_assert_eq (troupe_cell_init (world->cell, &s_host, world, &spec, 1, has_parent), TROUPE_OK);
    troupe_cell_start (world->cell);
    return world;
}

static void s_parent_says (stream_world_t *world, troupe_control_kind_t kind)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = kind };
    size_t size = troupe_control_write (word, &control, NULL);
    troupe_cell_parent_says (world->cell, word, size);
}

void stream_world_destroy (stream_world_t **world_p)
{
    stream_world_t *world = *world_p;
    s_parent_says (world, TROUPE_CONTROL_STOP);
    cr_assert_eq (world->cell->cell_state, TROUPE_CELL_FINAL);
    cr_assert_null (world->cell->streams);
    cr_assert_null (world->cell->stream_events);
    cr_assert_null (world->cell->dirty_streams);
    cr_assert_null (world->cell->kept_listeners);
    troupe_cell_clear (world->cell);
    free (world->cell);
    free (world);
    *world_p = NULL;
}

void stream_world_turn (stream_world_t *world)
{
    troupe_cell_turn (world->cell, 100);
}

void stream_world_restart (stream_world_t *world)
{
    cr_assert_eq (world->cell->cell_state, TROUPE_CELL_ENDED);
    s_parent_says (world, TROUPE_CONTROL_RESTART);
    cr_assert_eq (world->cell->cell_state, TROUPE_CELL_RUNNING);
}

troupe_listener_t *stream_world_listen (stream_world_t *world, const troupe_stream_options_t *options)
{
    troupe_listener_t *listener = NULL;
    cr_assert_eq (troupe_listen (world->cell, "tcp://127.0.0.1:80", options, stream_world_on_event, NULL, &listener),
                  TROUPE_OK);
    return listener;
}

troupe_stream_t *stream_world_stream (stream_world_t *world, const troupe_stream_options_t *options)
{
    troupe_listener_t *listener = stream_world_listen (world, options);
    troupe_stream_t *stream = troupe_listener_stream (listener, world);
    cr_assert_not_null (stream);
    cr_assert (troupe_stream_accepted (listener, stream));
    stream_world_story (world);
    return stream;
}

bool stream_world_arrive (troupe_stream_t *stream, const char *text)
{
    size_t size = strlen (text);
    uint8_t *copy = malloc (size);          //  Of exactly that size: looking further is found out
    cr_assert_not_null (copy);
    memcpy (copy, text, size);
    bool more = troupe_stream_arrived (stream, copy, size);
    free (copy);
    return more;
}

const char *stream_world_story (stream_world_t *world)
{
    static char story [sizeof world->story];
    memcpy (story, world->story, sizeof story);
    memset (world->story, 0, sizeof world->story);
    return story;
}
