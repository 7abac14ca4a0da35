/*  =========================================================================
    tcp_frame_fuzz - any bytes from a server of a simple protocol

    Place: tests/fuzz, of actors/tcp/frame.c. The first byte chooses the framing,
    the second one the limit, the third one how many bytes come at a time. In
    pieces and at once the messages are the same, they lie within what has
    come, and what is written for each is found again as itself.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include "tcp/frame.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_must (bool holds)
{
    if (!holds)
        abort ();
}

//  A message that was read can be written, and then be read again. One of length2 may be too long for nothing.
static void s_check_again (troupe_tcp_framing_t framing, troupe_bytes_t message)
{
    troupe_tcp_frame_t frame;
    troupe_bytes_t again;
    size_t seen = 0, used = 0;
    s_must (troupe_tcp_frame_write (framing, message.data, message.size, &frame));
    const troupe_bytes_t parts [] = { frame.before, message, frame.behind };
    size_t whole = frame.before.size + message.size + frame.behind.size, at = 0;
    uint8_t *bytes = malloc (whole);
    for (size_t part = 0; bytes && part < 3; at += parts [part++].size)
        memcpy (bytes + at, parts [part].data, parts [part].size);
    if (!bytes)
        return;
    s_must (troupe_tcp_frame_read (framing, bytes, whole, message.size, &seen, &again, &used) == TROUPE_TCP_WHOLE);
    //  A line that ended with \r before \r\n loses another one.
    bool shorter = framing == TROUPE_TCP_LINE && again.size + 1 == message.size;
    s_must (used == whole && (again.size == message.size || shorter)
            && memcmp (again.data, message.data, again.size) == 0);
    free (bytes);
}

//  Reads all that comes, 'chunk' bytes at a time; a sum over the messages, and how it ended.
static uint64_t s_read (troupe_tcp_framing_t framing, const uint8_t *data, size_t size, size_t limit, size_t chunk)
{
    troupe_tcp_found_t found = TROUPE_TCP_MORE;
    size_t begin = 0, seen = 0, used = 0;
    uint64_t sum = 1;
    for (size_t end = chunk < size ? chunk : size; ; end = size - end < chunk ? size : end + chunk) {
        troupe_bytes_t message;
        while ((found = troupe_tcp_frame_read (framing, data + begin, end - begin, limit, &seen, &message, &used))
               == TROUPE_TCP_WHOLE) {
            const uint8_t *at = message.data;
            s_must (at >= data + begin && at + message.size <= data + begin + used && begin + used <= end);
            s_must (message.size <= limit);
            s_check_again (framing, message);
            sum = (sum + begin) * 31 + message.size;
            begin += used;
            seen = 0;
        }
        if (found == TROUPE_TCP_TOO_LARGE || end == size)
            return sum * 2 + (found == TROUPE_TCP_TOO_LARGE);
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    troupe_tcp_framing_t framing = (troupe_tcp_framing_t) (data [0] % 5);
    size_t limit = data [1], chunk = data [2] ? data [2] : 1;
    data += 3;
    size -= 3;
    s_must (s_read (framing, data, size, limit, chunk) == s_read (framing, data, size, limit, size ? size : 1));
    return 0;
}
