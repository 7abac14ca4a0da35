/*  =========================================================================
    live/actor/packet.c - packs and blocks as messages of libzmq

    Place: runtime/live. A pack leaves as one message: its bytes, then a frame
    for each large payload. Up to 33 bytes libzmq keeps inside its message;
    more, up to S_COPY_MAX, is copied once and the pack keeps its memory; what
    is larger is handed over, and freed by whoever reads it last. What arrives
    stays in libzmq's memory, and a block points to it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/live.h"

#include <stdlib.h>
#include <string.h>

#define S_COPY_MAX 16384u
#define S_KEEP_PACKETS 64u
#define S_ROUTING_ID_SIZE 5u
//  A packet for a mailbox that has more frames is none of ours; it is read to its end and dropped.
#define S_FRAMES_MAX (2u * TROUPE_PACK_FRAMES)

//  A block over a message that was received.
struct troupe_packet {
    troupe_block_t block;
    zmq_msg_t message;
    troupe_live_t *live;
    troupe_packet_t *next;
};

//  --- Receiving

static void s_release (troupe_block_t *block)
{
    troupe_packet_t *packet = (troupe_packet_t *) block;
    troupe_live_t *live = packet->live;
    zmq_msg_close (&packet->message);
    if (live->free_packet_count >= S_KEEP_PACKETS) {
        free (packet);
        return;
    }
    packet->next = live->free_packets;
    live->free_packets = packet;
    live->free_packet_count++;
}

static troupe_packet_t *s_new (troupe_live_t *live)
{
    troupe_packet_t *packet = live->free_packets;
    if (packet) {
        live->free_packets = packet->next;
        live->free_packet_count--;
    }
    else {
        packet = malloc (sizeof *packet);
        if (!packet)
            return NULL;
    }
    packet->live = live;
    packet->block.holders = 1;
    packet->block.release = s_release;
    zmq_msg_init (&packet->message);
    return packet;
}

void troupe_packets_clear (troupe_live_t *live)
{
    zmq_msg_close (&live->peer_message);
    while (live->free_packets) {
        troupe_packet_t *packet = live->free_packets;
        live->free_packets = packet->next;
        free (packet);
    }
    live->free_packet_count = 0;
}

//  Makes sure that there is room for a packet: nothing may be read of a message that cannot be read to its end.
static bool s_reserve (troupe_live_t *live)
{
    if (live->free_packets)
        return true;
    troupe_packet_t *packet = s_new (live);
    if (packet)
        s_release (&packet->block);
    return packet;
}

static troupe_packet_t *s_receive (troupe_live_t *live, void *socket)
{
    troupe_packet_t *packet = s_new (live);
    if (!packet)
        return NULL;
    if (zmq_msg_recv (&packet->message, socket, ZMQ_DONTWAIT) < 0) {
        s_release (&packet->block);
        return NULL;
    }
    troupe_handover_receive ();
    packet->block.data = zmq_msg_data (&packet->message);
    packet->block.size = zmq_msg_size (&packet->message);
    return packet;
}

void troupe_received_drop (troupe_received_t *received)
{
    for (size_t index = 0; index < received->frame_count; index++)
        troupe_block_drop (received->frames [index]);
    free (received->frames);
    troupe_block_drop (received->block);
    *received = (troupe_received_t) { 0 };
}

//  Reads what is left of a message that is not wanted.
static void s_skip (void *socket, bool more)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (more && zmq_msg_recv (&message, socket, ZMQ_DONTWAIT) >= 0)
        more = zmq_msg_more (&message);
    zmq_msg_close (&message);
}

static bool s_add_frame (troupe_received_t *received, troupe_packet_t *packet, size_t most)
{
    size_t count = received->frame_count;
    if (count >= most)
        return false;
    //  Room for 1, 2, 4, ...
    troupe_block_t **frames = received->frames;
    if (!(count & (count - 1)))
        frames = realloc (frames, (count ? count * 2 : 1) * sizeof *frames);
    if (!frames)
        return false;
    received->frames = frames;
    frames [received->frame_count++] = &packet->block;
    return true;
}

//  Takes the frames behind a packet. False when there are too many or memory is out; they are all read in any case.
static bool s_receive_frames (troupe_live_t *live, void *socket, troupe_received_t *received, size_t most)
{
    for (bool more = true; more;) {
        troupe_packet_t *packet = s_receive (live, socket);
        if (!packet) {
            s_skip (socket, true);
            return false;
        }
        more = zmq_msg_more (&packet->message);
        if (s_add_frame (received, packet, most))
            continue;
        s_release (&packet->block);
        s_skip (socket, more);
        return false;
    }
    return true;
}

//  The routing id that libzmq gives a peer: a zero byte and a number of 4 bytes. One that a peer has chosen for itself
//  is none of ours.
static bool s_receive_peer (troupe_live_t *live, void *socket, uint64_t *peer_p, bool *dropped_p)
{
    int size = zmq_msg_recv (&live->peer_message, socket, ZMQ_DONTWAIT);
    if (size < 0)
        return false;
    const uint8_t *id = zmq_msg_data (&live->peer_message);
    if (size != (int) S_ROUTING_ID_SIZE || id [0]) {
        *dropped_p = true;
        s_skip (socket, zmq_msg_more (&live->peer_message));
        return false;
    }
    *peer_p = (uint64_t) id [1] << 24 | (uint64_t) id [2] << 16 | (uint64_t) id [3] << 8 | id [4] | UINT64_C (1) << 32;
    return true;
}

bool troupe_packet_receive (troupe_live_t *live, void *socket, uint64_t *peer_p, troupe_received_t *received)
{
    *received = (troupe_received_t) { 0 };
    if (!s_reserve (live) || (peer_p && !s_receive_peer (live, socket, peer_p, &received->dropped)))
        return false;
    troupe_packet_t *packet = s_receive (live, socket);
    if (!packet)
        return false;
    received->block = &packet->block;
    if (!zmq_msg_more (&packet->message)
        || s_receive_frames (live, socket, received, peer_p ? S_FRAMES_MAX : SIZE_MAX))
        return true;
    troupe_received_drop (received);
    received->dropped = true;
    return false;
}

//  --- Sending

static void s_free (void *data, void *hint)
{
    (void) hint;
    free (data);
}

//  Makes a message of the pack's bytes: a copy, or the memory itself.
static bool s_message_of (zmq_msg_t *message, troupe_pack_t *pack)
{
    if (pack->size <= S_COPY_MAX) {
        if (zmq_msg_init_size (message, pack->size))
            return false;
        memcpy (zmq_msg_data (message), pack->data, pack->size);
        return true;
    }
    if (zmq_msg_init_data (message, pack->data, pack->size, s_free, NULL))
        return false;
    pack->data = NULL;
    pack->size = pack->capacity = 0;
    return true;
}

//  What let go of the block in the reader's thread must not be the block itself: the message is shared instead.
static bool s_message_of_frame (zmq_msg_t *message, troupe_frame_t *frame)
{
    if (frame->block) {
        zmq_msg_init (message);
        zmq_msg_copy (message, &((troupe_packet_t *) frame->block)->message);
        troupe_block_drop (frame->block);
    }
    else if (zmq_msg_init_data (message, frame->data, frame->size, frame->release, frame->hint))
        return false;
    *frame = (troupe_frame_t) { 0 };
    return true;
}

static bool s_send (void *socket, zmq_msg_t *message, bool more)
{
    troupe_handover_send ();
    if (zmq_msg_send (message, socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >= 0)
        return true;
    zmq_msg_close (message);
    return false;
}

static bool s_send_frames (void *socket, troupe_pack_t *pack)
{
    for (size_t index = 0; index < pack->frame_count; index++) {
        zmq_msg_t message;
        if (!s_message_of_frame (&message, &pack->frames [index])) {
            //  A message cannot be taken back: an empty frame in its place shows as malformed.
            zmq_msg_init (&message);
        }
        if (!s_send (socket, &message, index + 1 < pack->frame_count))
            return false;
    }
    return true;
}

static bool s_send_peer (void *socket, uint64_t peer)
{
    uint8_t id [S_ROUTING_ID_SIZE] = { 0, (uint8_t) (peer >> 24), (uint8_t) (peer >> 16), (uint8_t) (peer >> 8),
                                       (uint8_t) peer };
    return zmq_send (socket, id, sizeof id, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0;
}

bool troupe_packet_send (void *socket, uint64_t peer, troupe_pack_t *pack)
{
    zmq_msg_t message;
    bool sent = s_message_of (&message, pack);
    if (sent && peer && !s_send_peer (socket, peer)) {
        zmq_msg_close (&message);
        sent = false;
    }
    sent = sent && s_send (socket, &message, pack->frame_count > 0) && s_send_frames (socket, pack);
    troupe_pack_reset (pack);
    return sent;
}
