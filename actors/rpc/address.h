/*  =========================================================================
    address.h - the envelope of a message: whom to answer

    Place: actors/rpc, private and pure. Frames in front of the body, as they
    came: the connection, further addresses that queues have put there, and
    the empty frame, if there was one (RFC 28). Packed they are one run of
    bytes, u16 size and bytes for each, so that two can be compared.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_RPC_ADDRESS_H_INCLUDED
#define TROUPE_RPC_ADDRESS_H_INCLUDED

#include <troupe/api.h>

//  More than that in front of a body is refused.
#define TROUPE_RPC_ADDRESS_MAX 1024u
#define TROUPE_RPC_ADDRESS_FRAMES_MAX 64u

typedef struct troupe_rpc_address {
    size_t size;
    size_t first;               //  How much of it is the connection
    const char *user;           //  Who asks; "": nobody knows. Not packed
    uint8_t bytes [TROUPE_RPC_ADDRESS_MAX];
} troupe_rpc_address_t;

//  How many frames of a message are its envelope. What is behind them should be one frame, the body.
size_t troupe_rpc_envelope (const troupe_bytes_t *frames, size_t count);

//  False when it is too large.
bool troupe_rpc_address_pack (troupe_rpc_address_t *self, const troupe_bytes_t *frames, size_t count);

//  Gives the frames of a packed one, with room for one more behind them; returns how many.
size_t troupe_rpc_address_unpack (const uint8_t *bytes, size_t size,
                                  troupe_bytes_t frames [TROUPE_RPC_ADDRESS_FRAMES_MAX + 1]);

#endif
