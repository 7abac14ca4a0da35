/*  =========================================================================
    stranger.c - a peer with a plain socket that speaks a little ZMTP

    Place: tests/live; see stranger.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stranger.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#define S_PATIENCE_S 10
#define S_CHUNK 65536

static int s_socket (void)
{
    struct timeval patience = { .tv_sec = S_PATIENCE_S };
    int stranger = socket (AF_INET, SOCK_STREAM, 0);
    cr_assert_geq (stranger, 0);
    cr_assert_eq (setsockopt (stranger, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), 0);
    cr_assert_eq (setsockopt (stranger, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    return stranger;
}

int stranger_connect (const char *endpoint)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    address.sin_port = htons ((uint16_t) atoi (strrchr (endpoint, ':') + 1));
    int stranger = s_socket ();
    cr_assert_eq (connect (stranger, (const struct sockaddr *) &address, sizeof address), 0);
    return stranger;
}

int stranger_listen (char *endpoint, size_t size)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    int listener = s_socket ();
    cr_assert_eq (bind (listener, (const struct sockaddr *) &address, length), 0);
    cr_assert_eq (listen (listener, 10), 0);
    cr_assert_eq (getsockname (listener, (struct sockaddr *) &address, &length), 0);
    snprintf (endpoint, size, "tcp://127.0.0.1:%u", (unsigned) ntohs (address.sin_port));
    return listener;
}

void stranger_send (int stranger, const void *data, size_t size)
{
    cr_assert_eq (send (stranger, data, size, MSG_NOSIGNAL), (ssize_t) size);
}

static void s_receive (int stranger, size_t size)
{
    char data [256];
    cr_assert_eq (recv (stranger, data, size, MSG_WAITALL), (ssize_t) size);
}

void stranger_await_end (int stranger)
{
    char data [4096];
    ssize_t got;
    do
        got = recv (stranger, data, sizeof data, 0);
    while (got > 0);
    cr_assert (got == 0 || errno == ECONNRESET, "nobody has hung up");
    close (stranger);
}

//  ZMTP 3.1 (RFC 37): a command of that name.
void stranger_awaits_pings (int stranger, unsigned count)
{
    static const char ping [] = "\x04PING";
    size_t matched = 0;
    char byte;
    while (count) {
        cr_assert_eq (recv (stranger, &byte, 1, 0), 1, "no heartbeat");
        matched = byte == ping [matched] ? matched + 1 : byte == ping [0];
        if (matched < sizeof ping - 1)
            continue;
        matched = 0;
        count--;
    }
}

void stranger_breaks_off (int stranger)
{
    const struct linger at_once = { .l_onoff = 1 };
    cr_assert_eq (setsockopt (stranger, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close (stranger);
}

void stranger_shakes_hands (int stranger, const char *type, const char *id)
{
    uint8_t greeting [64] = { 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0, 'N', 'U', 'L', 'L' }, head [2];
    uint8_t ready [128] = { 4 };
    int size = snprintf ((char *) ready + 2, sizeof ready - 2,
                         "\x05READY\x0BSocket-Type%c%c%c%c%s\x08Identity%c%c%c%c%s", 0, 0, 0,
                         (int) strlen (type), type, 0, 0, 0, (int) strlen (id), id);
    ready [1] = (uint8_t) size;
    stranger_send (stranger, greeting, sizeof greeting);
    s_receive (stranger, sizeof greeting);
    stranger_send (stranger, ready, 2 + (size_t) size);
    cr_assert_eq (recv (stranger, head, sizeof head, MSG_WAITALL), 2);
    s_receive (stranger, head [1]);
}

int stranger_greet (const char *endpoint, const char *id)
{
    int stranger = stranger_connect (endpoint);
    stranger_shakes_hands (stranger, "DEALER", id);
    return stranger;
}

size_t stranger_sends_frames (int stranger, size_t most)
{
    static uint8_t frames [S_CHUNK];
    size_t total = 0;
    ssize_t sent = 0;
    for (size_t index = 0; index < sizeof frames; index += 256)
        memcpy (frames + index, "\x01\xFE", 2);
    while (total < most && (sent = send (stranger, frames, sizeof frames, MSG_NOSIGNAL)) > 0)
        total += (size_t) sent;
    return total;
}

void stranger_sends_for_ever (int stranger)
{
    size_t total = stranger_sends_frames (stranger, SIZE_MAX);
    cr_assert (errno == EPIPE || errno == ECONNRESET, "after %zu bytes: %s", total, strerror (errno));
}
