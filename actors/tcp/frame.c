/*  =========================================================================
    frame.c - where a message ends among the bytes of a connection

    Place: actors/tcp; see frame.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "frame.h"

#include <string.h>

bool troupe_tcp_framing (const char *name, troupe_tcp_framing_t *framing_p)
{
    static const char *const names [] = { "line", "crlf", "length2", "length4", "close" };
    for (unsigned index = 0; index < sizeof names / sizeof *names; index++)
        if (strcmp (name, names [index]) == 0) {
            *framing_p = (troupe_tcp_framing_t) index;
            return true;
        }
    return false;
}

//  How many bytes the length has; 0: there is none.
static size_t s_length_size (troupe_tcp_framing_t framing)
{
    return framing == TROUPE_TCP_LENGTH2 ? 2 : framing == TROUPE_TCP_LENGTH4 ? 4 : 0;
}

//  --- Writing

static bool s_write_length (troupe_tcp_frame_t *frame, size_t bytes, size_t size)
{
    if (size > (bytes == 2 ? UINT16_MAX : UINT32_MAX))
        return false;
    for (size_t index = 0; index < bytes; index++)
        frame->room [index] = (uint8_t) (size >> 8 * (bytes - 1 - index));
    frame->before = (troupe_bytes_t) { frame->room, bytes };
    return true;
}

bool troupe_tcp_frame_write (troupe_tcp_framing_t framing, const void *data, size_t size, troupe_tcp_frame_t *frame)
{
    frame->before = frame->behind = (troupe_bytes_t) { "", 0 };
    if (s_length_size (framing))
        return s_write_length (frame, s_length_size (framing), size);
    if (framing == TROUPE_TCP_LINE)
        frame->behind = (troupe_bytes_t) { "\n", 1 };
    else if (framing == TROUPE_TCP_CRLF)
        frame->behind = (troupe_bytes_t) { "\r\n", 2 };
    return framing == TROUPE_TCP_CLOSE || size == 0 || !memchr (data, '\n', size);
}

//  --- Reading

//  Servers end their lines either way, whatever was asked of us.
static troupe_tcp_found_t s_read_line (const uint8_t *data, size_t size, size_t limit, size_t *seen_p,
                                       troupe_bytes_t *message_p, size_t *consumed_p)
{
    const uint8_t *end = size > *seen_p ? memchr (data + *seen_p, '\n', size - *seen_p) : NULL;
    *seen_p = size;
    size_t length = end ? (size_t) (end - data) : size;
    bool returned = length && data [length - 1] == '\r';
    if (length - returned > limit)
        return TROUPE_TCP_TOO_LARGE;
    if (!end)
        return TROUPE_TCP_MORE;
    *message_p = (troupe_bytes_t) { data, length - returned };
    *consumed_p = length + 1;
    return TROUPE_TCP_WHOLE;
}

static troupe_tcp_found_t s_read_length (size_t bytes, const uint8_t *data, size_t size, size_t limit,
                                         troupe_bytes_t *message_p, size_t *consumed_p)
{
    size_t length = 0;
    if (size < bytes)
        return TROUPE_TCP_MORE;
    for (size_t index = 0; index < bytes; index++)
        length = length << 8 | data [index];
    if (length > limit)
        return TROUPE_TCP_TOO_LARGE;
    if (length > size - bytes)
        return TROUPE_TCP_MORE;
    *message_p = (troupe_bytes_t) { data + bytes, length };
    *consumed_p = bytes + length;
    return TROUPE_TCP_WHOLE;
}

troupe_tcp_found_t troupe_tcp_frame_read (troupe_tcp_framing_t framing, const uint8_t *data, size_t size, size_t limit,
                                          size_t *seen_p, troupe_bytes_t *message_p, size_t *consumed_p)
{
    if (framing == TROUPE_TCP_CLOSE)
        return size > limit ? TROUPE_TCP_TOO_LARGE : TROUPE_TCP_MORE;
    if (s_length_size (framing))
        return s_read_length (s_length_size (framing), data, size, limit, message_p, consumed_p);
    return s_read_line (data, size, limit, seen_p, message_p, consumed_p);
}
