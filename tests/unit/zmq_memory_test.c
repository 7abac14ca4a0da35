/*  =========================================================================
    zmq_memory_test.c - an actor's ZeroMQ sockets when memory runs out

    Place: tests/unit.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/edge/zmq_socket.h"
#include "scarce.h"

//  --- A host that only counts

static size_t s_open, s_held;

static int64_t s_now_us (troupe_actor_t *cell)
{
    (void) cell;
    return 0;
}

static void s_log (troupe_actor_t *cell, troupe_log_level_t level, const char *text)
{
    (void) cell;
    (void) level;
    (void) text;
}

//  Its half takes memory too.
static troupe_error_t s_zmq_open (troupe_actor_t *cell, troupe_zmq_t *socket)
{
    (void) cell;
    socket->host = malloc (1);
    s_open += socket->host != NULL;
    return socket->host ? TROUPE_OK : TROUPE_ENOMEM;
}

static void s_zmq_close (troupe_actor_t *cell, troupe_zmq_t *socket)
{
    (void) cell;
    s_open--;
    s_held = 0;
    free (socket->host);
    socket->host = NULL;
}

static troupe_error_t s_zmq_bind (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place, char *why,
                                  size_t why_size)
{
    (void) cell;
    (void) socket;
    (void) why;
    (void) why_size;
    snprintf (place->actual, sizeof place->actual, "%s", place->given);
    s_held++;
    return TROUPE_OK;
}

static void s_zmq_leave (troupe_actor_t *cell, troupe_zmq_t *socket, troupe_zmq_place_t *place)
{
    (void) cell;
    (void) socket;
    (void) place;
    s_held--;
}

static const troupe_host_t s_host = {
    .now_us = s_now_us, .log = s_log, .zmq_open = s_zmq_open, .zmq_close = s_zmq_close, .zmq_bind = s_zmq_bind,
    .zmq_leave = s_zmq_leave,
};

static int s_ignore (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                     size_t count, void *context)
{
    (void) self;
    (void) state;
    (void) socket;
    (void) frames;
    (void) count;
    (void) context;
    return 0;
}

//  --- The scenario

static troupe_actor_t s_cell;

//  Whatever fails, an error says so, what was open is open, and all of it is closed at the end.
static void s_scenario (void)
{
    troupe_zmq_t *one = NULL, *two = NULL;
    troupe_error_t error = troupe_zmq_open (&s_cell, TROUPE_ZMQ_REP, NULL, s_ignore, NULL, &one);
    cr_assert_eq (error, one ? TROUPE_OK : TROUPE_ENOMEM);
    if (one) {
        error = troupe_zmq_bind (one, "tcp://*:1");
        cr_assert_eq (error, s_held ? TROUPE_OK : TROUPE_ENOMEM);
        cr_assert_str_eq (troupe_zmq_endpoint (one), s_held ? "tcp://*:1" : "");
        cr_assert_eq (troupe_zmq_unbind (one, "tcp://*:1"), error ? TROUPE_ENOENT : TROUPE_OK);
        troupe_zmq_bind (one, "tcp://*:2");
    }
    troupe_zmq_open (&s_cell, TROUPE_ZMQ_PUSH, NULL, NULL, NULL, &two);
    troupe_zmq_close (&one);
    troupe_zmqs_end (&s_cell);
    cr_assert_eq (s_open, 0);
    cr_assert_null (s_cell.zmq_sockets);
}

Test (zmq_memory, what_cannot_be_had_is_an_error_and_leaves_nothing_behind)
{
    s_cell = (troupe_actor_t) { .host = &s_host, .cell_state = TROUPE_CELL_RUNNING };
    scarce_sweep (s_scenario);
}
