/*  =========================================================================
    rpc_address_test.c - what stands in front of a body

    Place: tests/unit, of actors/rpc/address.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "rpc/address.h"

static size_t s_envelope (const char *text)
{
    troupe_bytes_t frames [10];
    size_t count = 0;
    for (const char *at = text; count < 10; at++) {
        const size_t size = strcspn (at, "|");
        frames [count++] = (troupe_bytes_t) { at, size };
        at += size;
        if (!*at)
            break;
    }
    return troupe_rpc_envelope (frames, count);
}

//  RFC 28: addresses up to the first empty frame; a DEALER may leave that out.
Test (rpc_address, an_envelope_ends_at_the_first_empty_frame)
{
    cr_assert_eq (s_envelope ("id||body"), 2);
    cr_assert_eq (s_envelope ("id|body"), 1);
    cr_assert_eq (s_envelope ("id|client||body"), 3);
    cr_assert_eq (s_envelope ("id|client|body"), 2);
    cr_assert_eq (s_envelope ("id||"), 2);
    cr_assert_eq (s_envelope ("id|"), 1);
    cr_assert_eq (s_envelope ("id|client|"), 3);
    cr_assert_eq (s_envelope ("id||body|more"), 2);
}

//  What is packed comes back, frame by frame: empty ones too.
Test (rpc_address, what_is_packed_comes_back)
{
    static char large [300];
    memset (large, 'x', sizeof large);
    const troupe_bytes_t frames [] = { { "id", 2 }, { large, sizeof large }, { "", 0 } };
    troupe_bytes_t got [TROUPE_RPC_ADDRESS_FRAMES_MAX + 1];
    troupe_rpc_address_t address;
    cr_assert (troupe_rpc_address_pack (&address, frames, 3));
    cr_assert_eq (address.first, 4);
    cr_assert_eq (troupe_rpc_address_unpack (address.bytes, address.size, got), 3);
    for (size_t index = 0; index < 3; index++) {
        cr_assert_eq (got [index].size, frames [index].size);
        cr_assert_eq (memcmp (got [index].data, frames [index].data, frames [index].size), 0);
    }
}

//  Nobody makes the door remember more than that.
Test (rpc_address, a_large_envelope_is_refused)
{
    static char large [TROUPE_RPC_ADDRESS_MAX];
    troupe_bytes_t frames [TROUPE_RPC_ADDRESS_FRAMES_MAX + 1];
    troupe_rpc_address_t address;
    for (size_t index = 0; index <= TROUPE_RPC_ADDRESS_FRAMES_MAX; index++)
        frames [index] = (troupe_bytes_t) { large, 1 };
    cr_assert (troupe_rpc_address_pack (&address, frames, TROUPE_RPC_ADDRESS_FRAMES_MAX));
    cr_assert_not (troupe_rpc_address_pack (&address, frames, TROUPE_RPC_ADDRESS_FRAMES_MAX + 1));
    cr_assert_not (troupe_rpc_address_pack (&address, frames, 0));
    frames [0].size = TROUPE_RPC_ADDRESS_MAX - 2;
    cr_assert (troupe_rpc_address_pack (&address, frames, 1));
    frames [0].size = TROUPE_RPC_ADDRESS_MAX - 1;
    cr_assert_not (troupe_rpc_address_pack (&address, frames, 1));
}
