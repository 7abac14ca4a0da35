/*  =========================================================================
    core/request/percent.h - percent-encoding (RFC 3986, 2.1), strictly

    Place: runtime/core, below the router and requests. Two hexadecimal digits
    follow each '%', and %00 is no escape.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_PERCENT_H_INCLUDED
#define TROUPE_CORE_PERCENT_H_INCLUDED

#include <troupe/request.h>

//  The byte at *cursor_p, decoded; moves on. -1 for a bad escape.
static inline int troupe_percent_next (const char **cursor_p, const char *end)
{
    static const char digits [] = "0123456789abcdef";
    const char *cursor = *cursor_p;
    *cursor_p = cursor + 1;
    if (*cursor != '%')
        return (unsigned char) *cursor;
    if (end - cursor < 3 || !cursor [1] || !cursor [2])
        return -1;
    const char *high = strchr (digits, cursor [1] >= 'A' && cursor [1] <= 'F' ? cursor [1] | 0x20 : cursor [1]);
    const char *low = strchr (digits, cursor [2] >= 'A' && cursor [2] <= 'F' ? cursor [2] | 0x20 : cursor [2]);
    *cursor_p = cursor + 3;
    int byte = high && low ? (int) ((high - digits) << 4 | (low - digits)) : 0;
    return byte ? byte : -1;
}

//  Decodes into 'out', which has room for the text and a null; '+' becomes a blank if 'plus'. Returns what is
//  behind the null, or null for a bad escape.
char *troupe_percent_decode (troupe_text_t text, bool plus, char *out);

/*  True when the path can be matched: it begins with "/"; escapes are good and, decoded, all is UTF-8 (RFC 3629, the
    shortest form); nowhere is a control character, blank, "?" or "#" in plain, nor "." or ".." as a segment.     */
bool troupe_percent_path_is_good (troupe_text_t path);

#endif
