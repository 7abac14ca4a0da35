/*  =========================================================================
    security_world.c - certificates, sockets that use them, and what is seen of it

    Place: tests/live; see security_world.h. Log lines come from the gatekeeper's
    thread, through a pipe.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "security_world.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include "live/actor/context.h"

static char folder [64];
static int lines [2];               //  The log: a pipe of packets
static void *context;
static unsigned monitors;

void security_world_log (troupe_log_level_t level, const char *line, void *unused)
{
    (void) level;
    (void) unused;
    ssize_t written = write (lines [1], line, strlen (line));
    (void) written;
}

static const troupe_logger_t logger = { .log = security_world_log, .descriptor = -1 };

//  --- Certificates

void security_world_begin (void)
{
    const char *base = getenv ("TMPDIR");
    snprintf (folder, sizeof folder, "%s/troupe-XXXXXX", base ? base : P_tmpdir);
    cr_assert_not_null (mkdtemp (folder));
    cr_assert_eq (chdir (folder), 0);
    cr_assert_eq (mkdir ("allowed", 0700), 0);
    cr_assert_eq (pipe2 (lines, O_DIRECT | O_CLOEXEC), 0);
    cr_assert_eq (troupe_context_open (&context), TROUPE_OK);
}

void security_world_end (void)
{
    char command [128];
    snprintf (command, sizeof command, "rm -r %s", folder);
    cr_assert_eq (system (command), 0);
}

void security_world_make (const char *name)
{
    zcert_t *cert = zcert_new ();
    cr_assert_eq (zcert_save (cert, name), 0);
    zcert_destroy (&cert);
}

void security_world_allow (const char *name)
{
    char path [64];
    snprintf (path, sizeof path, "allowed/%s", name);
    cr_assert_eq (link (name, path), 0);
}

void security_world_forbid (const char *name)
{
    char path [64];
    snprintf (path, sizeof path, "allowed/%s", name);
    cr_assert_eq (unlink (path), 0);
}

void security_world_open (security_world_side_t *side, const char *first, const char *second, const char *third)
{
    const char *const settings [] = { first, second, third, NULL };
    char why [512] = "";
    *side = (security_world_side_t) { 0 };
    cr_assert_eq (troupe_config_load (&side->config, NULL, settings, why, sizeof why), TROUPE_OK, "%s", why);
    cr_assert_eq (troupe_security_new (&side->security, side->config, context, &logger, why, sizeof why), TROUPE_OK,
                  "%s", why);
}

void security_world_close (security_world_side_t *side)
{
    troupe_security_destroy (&side->security);
    troupe_config_destroy (&side->config);
}

//  --- Sockets

static void s_watch (security_world_socket_t *made)
{
    char endpoint [64];
    snprintf (endpoint, sizeof endpoint, "inproc://monitor-%u", monitors++);
    cr_assert_eq (zmq_socket_monitor (made->socket, endpoint, ZMQ_EVENT_ALL), 0);
    made->monitor = zmq_socket (context, ZMQ_PAIR);
    int patience = SECURITY_WORLD_MS, at_once = 0;
    zmq_setsockopt (made->monitor, ZMQ_RCVTIMEO, &patience, sizeof patience);
    zmq_setsockopt (made->monitor, ZMQ_LINGER, &at_once, sizeof at_once);
    cr_assert_eq (zmq_connect (made->monitor, endpoint), 0);
}

static void s_make (security_world_socket_t *made, int type, const security_world_side_t *side, const char *endpoint,
                    bool bind)
{
    char why [512] = "";
    *made = (security_world_socket_t) { .socket = zmq_socket (context, type) };
    int at_once = 0, patience = SECURITY_WORLD_MS, pause_ms = 20, handshake_ms = 500;
    zmq_setsockopt (made->socket, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_setsockopt (made->socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    zmq_setsockopt (made->socket, ZMQ_RECONNECT_IVL, &pause_ms, sizeof pause_ms);
    zmq_setsockopt (made->socket, ZMQ_HANDSHAKE_IVL, &handshake_ms, sizeof handshake_ms);
    s_watch (made);
    if (side)
        cr_assert_eq (troupe_security_apply (side->security, made->socket, endpoint, bind, why, sizeof why), TROUPE_OK,
                      "%s", why);
}

void security_world_listen (security_world_socket_t *made, const security_world_side_t *side, const char *endpoint)
{
    s_make (made, ZMQ_ROUTER, side, endpoint, true);
    size_t size = sizeof made->endpoint;
    cr_assert_eq (zmq_bind (made->socket, endpoint), 0);
    zmq_getsockopt (made->socket, ZMQ_LAST_ENDPOINT, made->endpoint, &size);
}

void security_world_connect (security_world_socket_t *made, const security_world_side_t *side, const char *endpoint)
{
    s_make (made, ZMQ_DEALER, side, endpoint, false);
    cr_assert_eq (zmq_connect (made->socket, endpoint), 0);
}

void security_world_hang_up (security_world_socket_t *made)
{
    zmq_socket_monitor (made->socket, NULL, 0);
    zmq_close (made->socket);
    zmq_close (made->monitor);
}

void security_world_talk (security_world_socket_t *dealer, security_world_socket_t *router, const char *text)
{
    char peer [256], got [256];
    cr_assert_geq (zmq_send (dealer->socket, text, strlen (text), 0), 0);
    int peer_size = zmq_recv (router->socket, peer, sizeof peer, 0);
    cr_assert_eq (peer_size, 5, "%s", zmq_strerror (zmq_errno ()));
    int size = zmq_recv (router->socket, got, sizeof got - 1, 0);
    got [size < 0 ? 0 : size] = 0;
    cr_assert_str_eq (got, text);
    zmq_send (router->socket, peer, (size_t) peer_size, ZMQ_SNDMORE);
    zmq_send (router->socket, got, (size_t) size, 0);
    size = zmq_recv (dealer->socket, got, sizeof got - 1, 0);
    got [size < 0 ? 0 : size] = 0;
    cr_assert_str_eq (got, text);
}

bool security_world_has_heard (const security_world_socket_t *reader)
{
    zmq_pollitem_t item = { .socket = reader->socket, .events = ZMQ_POLLIN };
    return zmq_poll (&item, 1, 0) > 0;
}

//  --- What is seen

static security_world_event_t s_next (security_world_socket_t *watched)
{
    uint8_t bytes [6];
    char endpoint [256];
    uint16_t event;
    uint32_t value;
    cr_assert_eq (zmq_recv (watched->monitor, bytes, sizeof bytes, 0), (int) sizeof bytes, "nothing happens");
    zmq_recv (watched->monitor, endpoint, sizeof endpoint, 0);
    memcpy (&event, bytes, sizeof event);
    memcpy (&value, bytes + sizeof event, sizeof value);
    return (security_world_event_t) { event, value };
}

static bool s_is_handshake (unsigned event)
{
    return event & (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
                    | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
}

security_world_event_t security_world_await (security_world_socket_t *watched)
{
    security_world_event_t event = s_next (watched);
    while (!s_is_handshake (event.event))
        event = s_next (watched);
    return event;
}

void security_world_await_silent_end (security_world_socket_t *watched)
{
    security_world_event_t event = s_next (watched);
    for (; event.event != ZMQ_EVENT_DISCONNECTED; event = s_next (watched))
        cr_assert (!s_is_handshake (event.event) || event.event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL,
                   "it heard event %#x, value %d", event.event, (int) event.value);
}

void security_world_await_end_of (int descriptor)
{
    char bytes [256];
    struct pollfd item = { .fd = descriptor, .events = POLLIN };
    do
        cr_assert_eq (poll (&item, 1, SECURITY_WORLD_MS), 1, "it is not closed");
    while (read (descriptor, bytes, sizeof bytes) > 0);
    close (descriptor);
}

bool security_world_has_line (void)
{
    struct pollfd item = { .fd = lines [0], .events = POLLIN };
    return poll (&item, 1, 0) > 0;
}

const char *security_world_line (void)
{
    static char line [1024];
    struct pollfd item = { .fd = lines [0], .events = POLLIN };
    cr_assert_eq (poll (&item, 1, SECURITY_WORLD_MS), 1, "nothing is logged");
    ssize_t size = read (lines [0], line, sizeof line - 1);
    line [size < 0 ? 0 : size] = 0;
    const char *text = strchr (line, ' ');
    return text ? text + 1 : line;
}
