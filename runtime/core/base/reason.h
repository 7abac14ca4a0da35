/*  =========================================================================
    reason.h - making reasons, and reasons as bytes

    Place: runtime/core. What reason.h of the public interface does not offer:
    filling one in, and carrying it with its causes over a pipe or a network.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_REASON_H_INCLUDED
#define TROUPE_CORE_REASON_H_INCLUDED

#include <troupe/reason.h>

/*  Fills 'reason' in. 'actor' and 'text' are copied, cut to fit between characters of UTF-8, and may be null;
    'cause' is only pointed to: it has to live as long as 'reason', or until that is copied.               */
void troupe_reason_set (troupe_reason_t *reason, troupe_reason_kind_t kind, int code, const char *actor,
                        uint32_t incarnation, const char *text, const troupe_reason_t *cause);

/*  Writes the reason and up to TROUPE_REASON_CHAIN_MAX links of its chain into 'buffer', if they fit into 'size'
    bytes; nothing is written otherwise. Returns how many bytes it takes; 0 for a null reason.
    Format, little-endian: the number of links (1 byte), then for each: kind, length of actor, length of text
    (1 byte each), code, incarnation (4 bytes each), actor, text.                                          */
size_t troupe_reason_encode (const troupe_reason_t *reason, uint8_t *buffer, size_t size);

//  Makes a reason from exactly those bytes. The caller owns it and destroys it with troupe_reason_destroy. Null when
//  they are malformed or memory is out.
troupe_reason_t *troupe_reason_decode (const uint8_t *data, size_t size);

//  What encoding takes at most: for buffers of fixed size.
#define TROUPE_REASON_ENCODED_MAX \
    (1 + TROUPE_REASON_CHAIN_MAX * (11 + TROUPE_REASON_ACTOR_MAX + TROUPE_REASON_TEXT_MAX))

#endif
