/*  =========================================================================
    live/edge/zmq_reader.c - nobody fills the memory by not reading what he has asked for

    Place: runtime/live; see zmq_socket.h. libzmq counts what waits for a peer
    of a ROUTER in messages, and those may be large. The kernel counts the bytes
    that the other side has acknowledged: what is between these and what was
    sent waits, here or in the kernel. The kernel is only asked when that could
    be too much. What a connection takes besides (heads, heartbeats, CURVE) is
    in its count and not in ours: so it is set right each time.

    A peer is known by its first message, which says its descriptor. Only tcp.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/edge/zmq_socket.h"

#include <stdlib.h>
#include <string.h>

#define S_BUCKETS 256u

typedef struct s_reader {
    struct s_reader *next;              //  In its bucket
    int descriptor;
    int64_t sent;                       //  As many bytes as the kernel would have had acknowledged, if all were read
    int64_t read;                       //  As many as it had when it was asked last
    size_t size;
    uint8_t id [];
} s_reader_t;

struct troupe_zmq_readers {
    s_reader_t *buckets [S_BUCKETS];
};

static s_reader_t **s_bucket (troupe_zmq_readers_t *readers, const troupe_bytes_t *id)
{
    const uint8_t *bytes = id->data;
    uint32_t hash = 2166136261u;
    for (size_t index = 0; index < id->size; index++)
        hash = (hash ^ bytes [index]) * 16777619u;
    return &readers->buckets [(hash ^ hash >> 16) % S_BUCKETS];
}

static s_reader_t *s_find (troupe_zmq_readers_t *readers, const troupe_bytes_t *id)
{
    s_reader_t *reader = *s_bucket (readers, id);
    while (reader && (reader->size != id->size || memcmp (reader->id, id->data, id->size) != 0))
        reader = reader->next;
    return reader;
}

//  Without memory for it nobody watches over this one.
void troupe_zmq_readers_meet (troupe_zmq_readers_t *readers, const troupe_bytes_t *id, zmq_msg_t *part)
{
    if (s_find (readers, id))
        return;
    const int descriptor = zmq_msg_get (part, ZMQ_SRCFD);
    s_reader_t *reader = descriptor < 0 ? NULL : calloc (1, sizeof *reader + id->size);
    if (!reader)
        return;
    s_reader_t **bucket = s_bucket (readers, id);
    reader->descriptor = descriptor;
    reader->sent = reader->read = troupe_wire_acknowledged (descriptor);
    reader->size = id->size;
    memcpy (reader->id, id->data, id->size);
    reader->next = *bucket;
    *bucket = reader;
}

void troupe_zmq_readers_lost (troupe_zmq_readers_t *readers, int descriptor)
{
    for (size_t index = 0; index < S_BUCKETS; index++)
        for (s_reader_t **place = &readers->buckets [index]; *place;) {
            s_reader_t *reader = *place;
            if (reader->descriptor != descriptor) {
                place = &reader->next;
                continue;
            }
            *place = reader->next;
            free (reader);
        }
}

static int64_t s_size (const troupe_bytes_t *frames, size_t count)
{
    int64_t size = 0;
    for (size_t index = 0; index < count; index++)
        size += (int64_t) frames [index].size;
    return size;
}

bool troupe_zmq_readers_have_room (troupe_zmq_readers_t *readers, int64_t most, const troupe_bytes_t *frames,
                                   size_t count)
{
    s_reader_t *reader = s_find (readers, &frames [0]);
    if (!reader || reader->sent - reader->read + s_size (frames + 1, count - 1) <= most)
        return true;
    reader->read = troupe_wire_acknowledged (reader->descriptor);
    if (reader->read >= reader->sent)
        reader->sent = reader->read;
    //  One message that is larger alone may go when nothing else waits.
    return reader->read == reader->sent || reader->sent - reader->read + s_size (frames + 1, count - 1) <= most;
}

void troupe_zmq_readers_sent (troupe_zmq_readers_t *readers, const troupe_bytes_t *frames, size_t count)
{
    s_reader_t *reader = s_find (readers, &frames [0]);
    if (reader)
        reader->sent += s_size (frames + 1, count - 1);
}

troupe_zmq_readers_t *troupe_zmq_readers_new (void)
{
    return calloc (1, sizeof (troupe_zmq_readers_t));
}

void troupe_zmq_readers_free (troupe_zmq_readers_t *readers)
{
    for (size_t index = 0; readers && index < S_BUCKETS; index++)
        while (readers->buckets [index]) {
            s_reader_t *reader = readers->buckets [index];
            readers->buckets [index] = reader->next;
            free (reader);
        }
    free (readers);
}
