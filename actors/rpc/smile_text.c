/*  =========================================================================
    smile_text.c - whether bytes are UTF-8

    Place: actors/rpc; see smile.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "smile.h"

#include <troupe/utf8.h>

bool troupe_smile_is_utf8 (const uint8_t *data, size_t size, bool *ascii_p)
{
    troupe_utf8_t utf8 = { 0, 0, 0 };
    size_t at = 0;
    while (at < size && data [at] < 0x80)
        at++;
    if (ascii_p)
        *ascii_p = at == size;
    for (; at < size; at++)
        if (troupe_utf8_take (&utf8, data [at]) != TROUPE_UTF8_GOOD)
            return false;
    return !utf8.left;
}
