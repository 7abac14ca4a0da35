/*  =========================================================================
    smile_text.c - whether bytes are UTF-8

    Place: actors/rpc; see smile.h. RFC 3629, section 4: no overlong forms, no
    surrogates, nothing above U+10FFFF.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "smile.h"

//  How many bytes follow the first one of a character, and what the first of them may be; false: no character.
static bool s_lead (uint8_t lead, size_t *follow_p, uint8_t *least_p, uint8_t *most_p)
{
    *least_p = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *most_p = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    *follow_p = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    return lead >= 0xC2 && lead <= 0xF4;
}

bool troupe_smile_is_utf8 (const uint8_t *data, size_t size, bool *ascii_p)
{
    bool ascii = true;
    for (size_t at = 0; at < size;) {
        if (data [at] < 0x80) {
            at++;
            continue;
        }
        size_t follow;
        uint8_t least, most;
        ascii = false;
        if (!s_lead (data [at], &follow, &least, &most) || follow >= size - at)
            return false;
        if (data [at + 1] < least || data [at + 1] > most)
            return false;
        for (size_t index = 2; index <= follow; index++)
            if ((data [at + index] & 0xC0) != 0x80)
                return false;
        at += follow + 1;
    }
    if (ascii_p)
        *ascii_p = ascii;
    return true;
}
