/*  =========================================================================
    stranger.h - a peer with a plain socket that speaks a little ZMTP

    Place: tests/live. Speaks as much of ZMTP (ZMTP 3.0, RFC 23) as it takes to
    do harm. Nothing of it waits for longer than ten seconds.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_STRANGER_H_INCLUDED
#define TROUPE_TESTS_STRANGER_H_INCLUDED

#include <stddef.h>

//  A connection to the port of an endpoint at loopback; a socket that listens there, and where.
int stranger_connect (const char *endpoint);
int stranger_listen (char *endpoint, size_t size);
//  Greets over a connection, as a socket of that type that calls itself 'id', and reads what comes back: greeting and
//  READY. / Connects first, as a DEALER.
void stranger_shakes_hands (int stranger, const char *type, const char *id);
int stranger_greet (const char *endpoint, const char *id);

void stranger_send (int stranger, const void *data, size_t size);
//  Reads until so many heartbeats have come: a second for each, where they are a default.
void stranger_awaits_pings (int stranger, unsigned count);
//  Has the connection reset, and not ended in order.
void stranger_breaks_off (int stranger);
//  Reads until the other side has hung up, and closes it.
void stranger_await_end (int stranger);
//  Sends frames with more to come, until so many bytes have gone, or nobody takes them; how many those were.
size_t stranger_sends_frames (int stranger, size_t most);
//  Until the other side hangs up: it has to.
void stranger_sends_for_ever (int stranger);

#endif
