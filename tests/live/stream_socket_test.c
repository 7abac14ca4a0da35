/*  =========================================================================
    stream_socket_test.c - bytes go both ways, whole, over TCP and UNIX sockets

    Place: tests/live, of runtime/live/stream/stream.c and connect.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "socket_world.h"

#define S_LARGE (4u << 20)

//  One address of each kind; the file is the test's own.
static const char *s_address (unsigned kind)
{
    static char local [TROUPE_ADDRESS_TEXT_MAX + 1];
    snprintf (local, sizeof local, "unix://%s", socket_world_file ("stream"));
    return kind == 0 ? "127.0.0.1:0" : kind == 1 ? local : "[::1]:0";
}

static bool s_has_ipv6 (void)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
    int fd = socket (AF_INET6, SOCK_STREAM, 0);
    bool has = fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0;
    if (fd >= 0)
        close (fd);
    return has;
}

static uint64_t s_sum (const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    for (size_t place = 0; place < size; place++)
        sum += data [place] * (uint64_t) ((place + 1) % 251);
    return sum;
}

static uint8_t *s_large (void)
{
    uint8_t *data = malloc (S_LARGE);
    cr_assert_not_null (data);
    for (size_t place = 0; place < S_LARGE; place++)
        data [place] = (uint8_t) (place * 7 + place / 256);
    return data;
}

//  What it is all for, over every kind of socket.
Test (stream_socket, echo)
{
    for (unsigned kind = 0; kind < 2u + s_has_ipv6 (); kind++) {
        socket_world_t *world = socket_world_new (s_address (kind), NULL);
        char answer [6] = "";
        world->react = socket_world_echo;
        int peer = socket_world_peer (world);
        cr_assert_eq (send (peer, "hello", 5, 0), 5);
        socket_world_until (world, "accepted");
        socket_world_settle (world);
        cr_assert_eq (recv (peer, answer, 5, MSG_WAITALL), 5);
        cr_assert_str_eq (answer, "hello");
        cr_assert_eq (strncmp (troupe_stream_peer (world->stream), kind == 0 ? "127.0.0.1:" : kind == 1 ? "" : "[::1]:",
                               kind == 0 ? 10 : kind == 1 ? 1 : 6), 0);
        close (peer);
        socket_world_until (world, "end");
        socket_world_destroy (&world);
    }
}

//  Small answers must not wait for the acknowledgement of others; the listener passes that on.
Test (stream_socket, accepted_connections_do_not_delay)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL);
    int peer = socket_world_peer (world), delays_not = 0;
    socklen_t size = sizeof delays_not;
    socket_world_until (world, "accepted");
    const troupe_live_stream_t *live = world->stream->host;
    cr_assert_eq (getsockopt (live->source.fd, IPPROTO_TCP, TCP_NODELAY, &delays_not, &size), 0);
    cr_assert (delays_not);
    close (peer);
    socket_world_destroy (&world);
}

//  Both ends in one actor: what egress and ingress do to each other.
Test (stream_socket, connects_to_a_listener)
{
    for (unsigned kind = 0; kind < 2; kind++) {
        socket_world_t *world = socket_world_new (s_address (kind), NULL);
        troupe_stream_t *stream = NULL;
        cr_assert_eq (troupe_connect (world->cell, troupe_listener_address (world->listener), NULL,
                                      socket_world_on_event, NULL, &stream), TROUPE_OK);
        cr_assert_eq (troupe_stream_write (stream, "early", 5), TROUPE_OK);
        socket_world_until (world, "connected");
        socket_world_until (world, "accepted");
        while (world->received < 5)
            socket_world_step (world, 1000000);
        cr_assert_str_eq (troupe_stream_peer (stream), troupe_listener_address (world->listener));
        troupe_stream_close (stream);
        socket_world_until (world, "end");
        cr_assert_not_null (strstr (world->story, "closed OK"));
        socket_world_destroy (&world);
    }
}

//  A name may stand for an address where nobody listens, and one where somebody does.
Test (stream_socket, tries_every_address_of_a_name)
{
    if (!s_has_ipv6 ())
        return;
    socket_world_t *world = socket_world_new ("[::1]:0", NULL);
    troupe_stream_t *stream = NULL;
    char address [64];
    snprintf (address, sizeof address, "localhost%s", strrchr (troupe_listener_address (world->listener), ':'));
    cr_assert_eq (troupe_connect (world->cell, address, NULL, socket_world_on_event, NULL, &stream), TROUPE_OK);
    socket_world_until (world, "connected");
    cr_assert_eq (strncmp (troupe_stream_peer (stream), "[::1]:", 6), 0);
    socket_world_destroy (&world);
}

//  Nobody there: said at once or later, but always said, and as what it is.
Test (stream_socket, refused_connection)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL);
    troupe_stream_t *stream = NULL;
    char address [64];
    strcpy (address, troupe_listener_address (world->listener));
    troupe_listener_close (&world->listener);
    if (troupe_connect (world->cell, address, NULL, socket_world_on_event, NULL, &stream) == TROUPE_OK)
        socket_world_until (world, "closed EADDR");
    cr_assert_eq (troupe_connect (world->cell, s_address (1), NULL, socket_world_on_event, NULL, &stream),
                  TROUPE_EADDR);
    cr_assert_null (world->cell->streams);
    socket_world_destroy (&world);
}

//  A peer that does not answer must not hold anybody up for minutes. A listener without room drops what comes.
Test (stream_socket, connecting_has_a_time_limit)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", &(troupe_stream_options_t) { .backlog = 1 });
    troupe_stream_options_t options = { .connect_timeout_ms = 50 };
    troupe_listener_pause (world->listener);
    for (unsigned count = 0; count < 4; count++) {
        troupe_stream_t *stream = NULL;
        cr_assert_eq (troupe_connect (world->cell, troupe_listener_address (world->listener), &options,
                                      socket_world_on_event, NULL, &stream), TROUPE_OK);
    }
    socket_world_until (world, "closed ETIMEOUT");
    socket_world_destroy (&world);
}

//  The last words of a peer and its end may come in one event: both must be seen.
Test (stream_socket, bytes_and_end_at_once)
{
    for (unsigned kind = 0; kind < 2; kind++) {
        socket_world_t *world = socket_world_new (s_address (kind), NULL);
        int peer = socket_world_peer (world);
        socket_world_until (world, "accepted");
        cr_assert_eq (send (peer, "bye", 3, 0), 3);
        close (peer);
        socket_world_until (world, "end");
        cr_assert_eq (world->received, 3);
        troupe_stream_close (world->stream);
        socket_world_until (world, "closed OK");
        socket_world_destroy (&world);
    }
}

//  A client that ends its side still reads: the answer reaches it, then our end.
Test (stream_socket, half_closed_connection_is_answered)
{
    for (unsigned kind = 0; kind < 2; kind++) {
        socket_world_t *world = socket_world_new (s_address (kind), NULL);
        char answer [3] = "";
        int peer = socket_world_peer (world);
        shutdown (peer, SHUT_WR);
        socket_world_until (world, "end");
        cr_assert_eq (troupe_stream_write (world->stream, "ok", 2), TROUPE_OK);
        troupe_stream_end (world->stream);
        socket_world_until (world, "closed OK");
        cr_assert_eq (recv (peer, answer, sizeof answer, MSG_WAITALL), 2);
        cr_assert_str_eq (answer, "ok");
        close (peer);
        socket_world_destroy (&world);
    }
}

//  A paused actor makes the peer wait, and gets every byte afterwards.
Test (stream_socket, pausing_holds_the_peer_back)
{
    for (unsigned kind = 0; kind < 2; kind++) {
        socket_world_t *world = socket_world_new (s_address (kind), NULL);
        uint8_t *data = s_large ();
        int peer = socket_world_peer (world);
        socket_world_until (world, "accepted");
        troupe_stream_pause (world->stream);
        size_t sent = 0;
        ssize_t taken;
        while (sent < S_LARGE && (taken = send (peer, data + sent, S_LARGE - sent, MSG_DONTWAIT)) > 0) {
            sent += (size_t) taken;
            socket_world_settle (world);
        }
        cr_assert_eq (world->received, 0);
        cr_assert_lt (sent, S_LARGE, "the system has room for all of it");
        troupe_stream_resume (world->stream);
        while (sent < S_LARGE) {
            socket_world_settle (world);
            taken = send (peer, data + sent, S_LARGE - sent, MSG_DONTWAIT);
            sent += taken > 0 ? (size_t) taken : 0;
        }
        while (world->received < S_LARGE)
            socket_world_step (world, 1000000);
        cr_assert_eq (world->sum, s_sum (data, S_LARGE));
        free (data);
        close (peer);
        socket_world_destroy (&world);
    }
}

//  A peer that does not read fills the queue up to its limit, and no further; then the actor goes on.
Test (stream_socket, slow_reader_holds_the_actor_back)
{
    for (unsigned kind = 0; kind < 2; kind++) {
        socket_world_t *world = socket_world_new (s_address (kind), NULL);
        uint8_t *data = s_large (), *copy = malloc (S_LARGE);
        cr_assert_not_null (copy);
        int peer = socket_world_peer (world);
        socket_world_until (world, "accepted");
        size_t written = 0, read = 0;
        const size_t piece = 50000;
        while (troupe_stream_write (world->stream, data + written % S_LARGE / 2, piece) == TROUPE_OK) {
            written += piece;
            socket_world_settle (world);
        }
        cr_assert_leq (troupe_stream_queued (world->stream), TROUPE_STREAM_WRITE_LIMIT);
        size_t before_writable = 0;
        while (read < written) {
            ssize_t got = recv (peer, copy, S_LARGE, MSG_DONTWAIT);
            read += got > 0 ? (size_t) got : 0;
            socket_world_settle (world);
            if (!before_writable && strstr (world->story, "writable"))
                before_writable = read;
        }
        cr_assert_gt (before_writable, 0);
        cr_assert_eq (troupe_stream_queued (world->stream), 0);
        free (data);
        free (copy);
        close (peer);
        socket_world_destroy (&world);
    }
}

//  What arrives at the other end of a full pipe is what was written.
Test (stream_socket, large_write_arrives_whole)
{
    for (unsigned kind = 0; kind < 2; kind++) {
        socket_world_t *world = socket_world_new (s_address (kind), NULL);
        uint8_t *data = s_large (), *copy = malloc (S_LARGE);
        cr_assert_not_null (copy);
        int peer = socket_world_peer (world);
        socket_world_until (world, "accepted");
        cr_assert_eq (troupe_stream_write (world->stream, data, S_LARGE), TROUPE_OK);
        troupe_stream_notify_drained (world->stream);
        size_t read = 0;
        while (read < S_LARGE) {
            ssize_t got = recv (peer, copy + read, S_LARGE - read, MSG_DONTWAIT);
            read += got > 0 ? (size_t) got : 0;
            socket_world_settle (world);
        }
        cr_assert_eq (memcmp (data, copy, S_LARGE), 0);
        socket_world_until (world, "drained");
        free (data);
        free (copy);
        close (peer);
        socket_world_destroy (&world);
    }
}

//  One that sends without end must leave turns to the others: a few reads, then the next.
Test (stream_socket, busy_stream_does_not_take_every_turn)
{
    socket_world_t *world = socket_world_new (s_address (1), NULL);
    int peer = socket_world_peer (world), large = 1 << 20;
    setsockopt (peer, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
    socket_world_until (world, "accepted");
    socket_world_settle (world);
    uint8_t *data = calloc (1, S_LARGE);
    size_t sent = 0;
    ssize_t taken;
    while (sent < 10 * TROUPE_LIVE_BUFFER && (taken = send (peer, data, 32768, MSG_DONTWAIT)) > 0)
        sent += (size_t) taken;
    unsigned turns = 0;
    while (world->received < sent) {
        unsigned before = world->bytes_events;
        socket_world_step (world, 1000000);
        cr_assert_leq (world->bytes_events - before, 4);
        turns++;
    }
    cr_assert_geq (turns, 2u);
    free (data);
    close (peer);
    socket_world_destroy (&world);
}

//  A reset is told as such, to a stream that reads and to one that is paused.
Test (stream_socket, reset_by_the_peer)
{
    for (unsigned paused = 0; paused < 2; paused++) {
        struct linger none = { .l_onoff = 1 };
        socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL);
        int peer = socket_world_peer (world);
        socket_world_until (world, "accepted");
        if (paused)
            troupe_stream_pause (world->stream);
        setsockopt (peer, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        close (peer);
        socket_world_until (world, "closed ECLOSED");
        socket_world_destroy (&world);
    }
}

//  Whoever is aborted sees a reset, and not the end of something whole.
Test (stream_socket, abort_resets_the_peer)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL);
    char byte;
    int peer = socket_world_peer (world);
    socket_world_until (world, "accepted");
    troupe_stream_abort (world->stream);
    cr_assert_lt (recv (peer, &byte, 1, 0), 0);
    cr_assert_eq (errno, ECONNRESET);
    socket_world_until (world, "closed ECANCELLED");
    close (peer);
    socket_world_destroy (&world);
}
