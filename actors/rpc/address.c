/*  =========================================================================
    address.c - the envelope of a message: whom to answer

    Place: actors/rpc; see address.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "address.h"

#include <string.h>

size_t troupe_rpc_envelope (const troupe_bytes_t *frames, size_t count)
{
    for (size_t at = 1; at + 1 < count; at++)
        if (frames [at].size == 0)
            return at + 1;
    //  Without an empty frame the last one is the body; an empty one behind several addresses has none behind it.
    return count > 2 && frames [count - 1].size == 0 ? count : count - 1;
}

bool troupe_rpc_address_pack (troupe_rpc_address_t *self, const troupe_bytes_t *frames, size_t count)
{
    self->size = self->first = 0;
    if (count == 0 || count > TROUPE_RPC_ADDRESS_FRAMES_MAX)
        return false;
    for (size_t at = 0; at < count; at++) {
        const size_t size = frames [at].size;
        if (size > TROUPE_RPC_ADDRESS_MAX - 2 || self->size + 2 + size > TROUPE_RPC_ADDRESS_MAX)
            return false;
        self->bytes [self->size] = (uint8_t) size;
        self->bytes [self->size + 1] = (uint8_t) (size >> 8);
        if (size)
            memcpy (self->bytes + self->size + 2, frames [at].data, size);
        self->size += 2 + size;
        self->first = at == 0 ? self->size : self->first;
    }
    return true;
}

size_t troupe_rpc_address_unpack (const uint8_t *bytes, size_t size,
                                  troupe_bytes_t frames [TROUPE_RPC_ADDRESS_FRAMES_MAX + 1])
{
    size_t count = 0;
    for (size_t at = 0; at + 2 <= size && count < TROUPE_RPC_ADDRESS_FRAMES_MAX; count++) {
        const size_t length = (size_t) bytes [at] | (size_t) bytes [at + 1] << 8;
        frames [count] = (troupe_bytes_t) { bytes + at + 2, length };
        at += 2 + length;
    }
    return count;
}
