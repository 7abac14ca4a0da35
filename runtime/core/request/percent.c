/*  =========================================================================
    core/request/percent.c - percent-encoding, and which paths are acceptable

    Place: runtime/core, below the router and requests. What two readers could
    understand in two ways is refused here, before anybody compares it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/request/percent.h"

#include <troupe/utf8.h>

char *troupe_percent_decode (troupe_text_t text, bool plus, char *out)
{
    const char *cursor = text.data;
    const char *end = cursor + text.size;
    while (cursor < end) {
        bool blank = plus && *cursor == '+';
        int byte = troupe_percent_next (&cursor, end);
        if (byte <= 0)
            return NULL;
        *out++ = blank ? ' ' : (char) byte;
    }
    *out++ = 0;
    return out;
}

//  A segment is what is between two slashes; only an encoded slash can be within.
static bool s_segment_is_good (const char *cursor, const char *end)
{
    troupe_utf8_t utf8 = { 0, 0, 0 };
    size_t bytes = 0, dots = 0;
    while (cursor < end) {
        int byte = troupe_percent_next (&cursor, end);
        if (byte < 0 || troupe_utf8_take (&utf8, (uint8_t) byte) != TROUPE_UTF8_GOOD)
            return false;
        bytes++;
        dots += byte == '.';
    }
    return !utf8.left && (bytes != dots || bytes == 0 || bytes > 2);
}

//  What a byte is in a path as it is sent: cannot be there (blanks, controls, "?", "#"), asks for a closer look ("%",
//  "." and what is not ASCII), or neither. 32 of them in each line.
#define S_BAD 1u
#define S_SPECIAL 2u

static const uint8_t s_kinds [256] = {
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
};

bool troupe_percent_path_is_good (troupe_text_t path)
{
    if (!path.size || path.data [0] != '/')
        return false;
    unsigned kinds = 0;
    for (size_t index = 0; index < path.size; index++)
        kinds |= s_kinds [(unsigned char) path.data [index]];
    if (kinds & S_BAD)
        return false;
    if (!kinds)
        return true;
    const char *end = path.data + path.size;
    for (const char *cursor = path.data; cursor < end; ) {
        const char *segment = cursor + 1;
        const char *slash = memchr (segment, '/', (size_t) (end - segment));
        cursor = slash ? slash : end;
        if (!s_segment_is_good (segment, cursor))
            return false;
    }
    return true;
}
