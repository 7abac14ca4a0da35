/*  =========================================================================
    tcp_frame_test.c - where a message ends among the bytes of a connection

    Place: tests/unit, of actors/tcp/frame.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tcp/frame.h"

#define S_LIMIT 10u
#define BYTES(TEXT) (TEXT), sizeof (TEXT) - 1

//  What goes out for a message; "no" when it is none.
static const char *s_framed (const char *name, const char *data, size_t size)
{
    static char text [128];
    troupe_tcp_framing_t framing = TROUPE_TCP_LINE;
    troupe_tcp_frame_t frame;
    cr_assert (troupe_tcp_framing (name, &framing));
    if (!troupe_tcp_frame_write (framing, data, size, &frame))
        return "no";
    size_t at = 0;
    const troupe_bytes_t parts [] = { frame.before, { data, size }, frame.behind };
    for (size_t part = 0; part < 3; part++) {
        memcpy (text + at, parts [part].data, parts [part].size);
        at += parts [part].size;
    }
    text [at] = 0;
    return text;
}

//  All messages among the bytes, when they come 'chunk' at a time: "abc|d|more", "abc|too large".
static const char *s_read (const char *name, const char *data, size_t size, size_t chunk)
{
    static char text [256];
    troupe_tcp_framing_t framing = TROUPE_TCP_LINE;
    troupe_tcp_found_t found = TROUPE_TCP_MORE;
    size_t begin = 0, seen = 0, used = 0, written = 0;
    troupe_bytes_t message;
    cr_assert (troupe_tcp_framing (name, &framing));
    for (size_t end = chunk < size ? chunk : size; found != TROUPE_TCP_TOO_LARGE; end += chunk) {
        end = end < size ? end : size;
        while ((found = troupe_tcp_frame_read (framing, (const uint8_t *) data + begin, end - begin, S_LIMIT, &seen,
                                               &message, &used)) == TROUPE_TCP_WHOLE) {
            written += (size_t) snprintf (text + written, sizeof text - written, "%.*s|", (int) message.size,
                                          (const char *) message.data);
            begin += used;
            seen = 0;
        }
        if (end == size)
            break;
    }
    snprintf (text + written, sizeof text - written, "%s", found == TROUPE_TCP_TOO_LARGE ? "too large"
              : begin < size ? "more" : "");
    return text;
}

//  In whatever pieces the bytes come, the messages are the same.
static void s_reads (const char *name, const char *data, size_t size, const char *expected)
{
    for (size_t chunk = 1; chunk <= size; chunk++)
        cr_assert_str_eq (s_read (name, data, size, chunk), expected, "%s by %zu: %s", name, chunk,
                          s_read (name, data, size, chunk));
}

//  The wire is what servers expect, to the byte.
Test (tcp_frame, messages_get_their_frames)
{
    cr_assert_str_eq (s_framed ("line", BYTES ("PING")), "PING\n");
    cr_assert_str_eq (s_framed ("crlf", BYTES ("PING")), "PING\r\n");
    cr_assert_str_eq (s_framed ("close", BYTES ("a\nb")), "a\nb");
    cr_assert_eq (memcmp (s_framed ("length2", BYTES ("abc")), "\0\3abc", 6), 0);
    cr_assert_eq (memcmp (s_framed ("length4", BYTES ("abc")), "\0\0\0\3abc", 8), 0);
    cr_assert_eq (memcmp (s_framed ("length2", BYTES ("")), "\0\0", 3), 0);
    cr_assert_str_eq (s_framed ("line", BYTES ("")), "\n");
}

//  What would look like two messages to the server must not go out: the answers would be somebody else's.
Test (tcp_frame, what_is_no_message_is_seen)
{
    static char large [70000];
    cr_assert_str_eq (s_framed ("line", BYTES ("a\nb")), "no");
    cr_assert_str_eq (s_framed ("crlf", BYTES ("a\r\n")), "no");
    cr_assert_str_eq (s_framed ("length2", large, 65536), "no");
    troupe_tcp_framing_t framing;
    cr_assert_not (troupe_tcp_framing ("lines", &framing));
    cr_assert_not (troupe_tcp_framing ("", &framing));
}

//  Bytes come in any pieces.
Test (tcp_frame, messages_are_found)
{
    s_reads ("line", BYTES ("+PONG\r\n:1\n\n\r\nab\rc\nde"), "+PONG|:1|||ab\rc|more");
    s_reads ("crlf", BYTES ("+PONG\r\n:1\n"), "+PONG|:1|");
    s_reads ("length2", BYTES ("\0\3abc\0\0\0\1d\0"), "abc||d|more");
    s_reads ("length4", BYTES ("\0\0\0\3abc\0\0\0\0\0\0\0\1d\0"), "abc||d|more");
    s_reads ("close", BYTES ("abcdefghij"), "more");
}

//  A server cannot make us hold more than was said, nor is the last byte that is allowed refused.
Test (tcp_frame, the_limit_is_exact)
{
    s_reads ("line", BYTES ("0123456789\n0123456789\r\nx\n"), "0123456789|0123456789|x|");
    s_reads ("line", BYTES ("x\n01234567890\n"), "x|too large");
    s_reads ("line", BYTES ("x\n012345678901234"), "x|too large");
    s_reads ("length2", BYTES ("\0\n0123456789\0\13"), "0123456789|too large");
    s_reads ("length4", BYTES ("\377\377\377\377"), "too large");
    s_reads ("close", BYTES ("01234567890"), "too large");
}
