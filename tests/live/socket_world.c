/*  =========================================================================
    socket_world.c - a cell on real sockets, in the test's own thread

    Place: tests/live; see socket_world.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "socket_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#define S_DEADLINE_US 10000000

static int64_t s_now_us (troupe_actor_t *cell)
{
    (void) cell;
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void s_log (troupe_actor_t *cell, troupe_log_level_t level, const char *text)
{
    socket_world_t *world = (socket_world_t *) cell;
    world->warnings += level == TROUPE_LOG_WARNING && strstr (text, "accepts nothing") != NULL;
}

static void s_collect (troupe_actor_t *cell)
{
    (void) cell;
}

static void s_tell_parent (troupe_actor_t *cell, const void *data, size_t size)
{
    (void) cell;
    (void) data;
    (void) size;
}

static const troupe_host_t s_host = {
    .now_us = s_now_us, .wall_ms = s_now_us, .log = s_log, .collect = s_collect, .tell_parent = s_tell_parent,
    .listen = troupe_live_listen, .listener_accepts = troupe_live_listener_accepts,
    .listener_close = troupe_live_listener_close, .connect = troupe_live_connect,
    .stream_send = troupe_live_stream_send, .stream_peer = troupe_live_stream_peer,
    .stream_reads = troupe_live_stream_reads, .stream_end = troupe_live_stream_end,
    .stream_close = troupe_live_stream_close, .watch = troupe_live_watch, .unwatch = troupe_live_unwatch,
};

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = self;
    return 0;
}

static const troupe_behavior_t s_behavior = { .name = "sockets", .start = s_start };

static void s_tell (socket_world_t *world, const char *word)
{
    size_t size = strlen (world->story);
    cr_assert_lt (size + strlen (word) + 2, sizeof world->story);
    if (size)
        world->story [size++] = ' ';
    strcpy (world->story + size, word);
}

static void s_take (socket_world_t *world, const troupe_stream_event_t *event)
{
    world->bytes_events++;
    for (size_t place = 0; place < event->size; place++)
        world->sum += event->data [place] * (uint64_t) (++world->received % 251);
}

int socket_world_on_event (troupe_actor_t *self, void *state, troupe_stream_t *stream, troupe_stream_event_t *event,
                           void *context)
{
    static const char *const names [] = { "accepted", "connected", "", "writable", "drained", "end" };
    socket_world_t *world = (socket_world_t *) self;
    (void) state;
    (void) context;
    world->stream = event->kind == TROUPE_STREAM_CLOSED ? NULL : stream;
    world->open += event->kind == TROUPE_STREAM_ACCEPTED || event->kind == TROUPE_STREAM_CONNECTED;
    if (event->kind == TROUPE_STREAM_BYTES)
        s_take (world, event);
    else if (event->kind == TROUPE_STREAM_CLOSED) {
        world->open -= world->open > 0;
        s_tell (world, "closed");
        s_tell (world, troupe_error_name (event->error) + strlen ("TROUPE_"));
    }
    else
        s_tell (world, names [event->kind]);
    event->consumed = event->size;
    return world->react ? world->react (world, stream, event) : 0;
}

int socket_world_echo (socket_world_t *world, troupe_stream_t *stream, troupe_stream_event_t *event)
{
    (void) world;
    if (event->kind == TROUPE_STREAM_BYTES)
        cr_assert_eq (troupe_stream_write (stream, event->data, event->size), TROUPE_OK);
    return 0;
}

socket_world_t *socket_world_new (const char *address, const troupe_stream_options_t *options)
{
    socket_world_t *world = calloc (1, sizeof *world);
    cr_assert_not_null (world);
    world->cell = &world->live.cell;
    troupe_poller_init (&world->live.poller);
    troupe_child_t spec = { .id = "sockets", .behavior = &s_behavior };
    cr_assert_eq (troupe_cell_init (world->cell, &s_host, NULL, &spec, 1, true), TROUPE_OK);
    troupe_cell_start (world->cell);
    if (address)
        cr_assert_eq (troupe_listen (world->cell, address, options, socket_world_on_event, NULL, &world->listener),
                      TROUPE_OK);
    return world;
}

void socket_world_destroy (socket_world_t **world_p)
{
    socket_world_t *world = *world_p;
    troupe_cell_shut_down (world->cell);
    cr_assert_eq (world->cell->cell_state, TROUPE_CELL_FINAL);
    troupe_live_streams_clear (world->cell);
    cr_assert_eq (world->live.poller.few, 0);
    troupe_poller_clear (&world->live.poller);
    troupe_cell_clear (world->cell);
    free (world);
    *world_p = NULL;
}

int socket_world_step (socket_world_t *world, int64_t timeout_us)
{
    int64_t next_us = troupe_cell_next_us (world->cell);
    int64_t left_us = next_us == TROUPE_FOREVER ? timeout_us : next_us - s_now_us (world->cell);
    if (left_us < timeout_us)
        timeout_us = left_us > 0 ? left_us : 0;
    int ready = troupe_poller_wait (&world->live.poller, timeout_us);
    troupe_cell_turn (world->cell, 100);
    return ready;
}

void socket_world_until (socket_world_t *world, const char *text)
{
    int64_t deadline_us = s_now_us (world->cell) + S_DEADLINE_US;
    troupe_cell_turn (world->cell, 100);        //  What the test has asked for leaves
    while (!strstr (world->story, text)) {
        socket_world_step (world, deadline_us - s_now_us (world->cell));
        cr_assert_lt (s_now_us (world->cell), deadline_us, "waited for \"%s\": %s", text, world->story);
    }
}

void socket_world_settle (socket_world_t *world)
{
    while (socket_world_step (world, 0) > 0)
        continue;
}

const char *socket_world_file (const char *name)
{
    static char path [TROUPE_ADDRESS_PATH_MAX + 1];
    const char *folder = getenv ("TMPDIR");
    snprintf (path, sizeof path, "%s/troupe-%s-%d.sock", folder ? folder : P_tmpdir, name, (int) getpid ());
    return path;
}

int socket_world_peer (const socket_world_t *world)
{
    troupe_stream_address_t address;
    troupe_resolved_t resolved;
    cr_assert (troupe_stream_address_parse (&address, troupe_listener_address (world->listener)));
    cr_assert_eq (troupe_resolve (&address, &resolved), TROUPE_OK);
    int fd = socket (resolved.addresses [0].any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq (fd, 0);
    cr_assert_eq (connect (fd, &resolved.addresses [0].any, resolved.addresses [0].size), 0);
    return fd;
}
