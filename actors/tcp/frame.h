/*  =========================================================================
    frame.h - where a message ends among the bytes of a connection

    Place: actors/tcp. Pure: bytes in, bytes out. The framings are told in
    troupe/tcp.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TCP_FRAME_H_INCLUDED
#define TROUPE_TCP_FRAME_H_INCLUDED

#include <troupe/error.h>

typedef enum {
    TROUPE_TCP_LINE = 0,
    TROUPE_TCP_CRLF,
    TROUPE_TCP_LENGTH2,
    TROUPE_TCP_LENGTH4,
    TROUPE_TCP_CLOSE
} troupe_tcp_framing_t;

//  More bytes stand before or behind no message.
#define TROUPE_TCP_FRAME_EXTRA 4u

//  The framing of that name; false when there is none.
bool troupe_tcp_framing (const char *name, troupe_tcp_framing_t *framing_p);

//  What stands before and behind a message. 'room' is used by 'before'.
typedef struct troupe_tcp_frame {
    uint8_t room [TROUPE_TCP_FRAME_EXTRA];
    troupe_bytes_t before, behind;
} troupe_tcp_frame_t;

//  Fills in the frame of a message of these bytes; it has to stay where it is while it is used. False when they cannot
//  be told from two messages, or are too many.
bool troupe_tcp_frame_write (troupe_tcp_framing_t framing, const void *data, size_t size, troupe_tcp_frame_t *frame);

typedef enum {
    TROUPE_TCP_MORE = 0,        //  It has not come whole
    TROUPE_TCP_WHOLE,
    TROUPE_TCP_TOO_LARGE        //  It is larger than the limit
} troupe_tcp_found_t;

/*  Looks for a message of at most 'limit' bytes at the beginning of those that have come. WHOLE: *message_p is a view
    into them, *consumed_p is where the next one begins. *seen_p, 0 for each new message, keeps what need not be looked
    at again when more have come. With CLOSE there are always MORE, or too many.                           */
troupe_tcp_found_t troupe_tcp_frame_read (troupe_tcp_framing_t framing, const uint8_t *data, size_t size, size_t limit,
                                          size_t *seen_p, troupe_bytes_t *message_p, size_t *consumed_p);

#endif
