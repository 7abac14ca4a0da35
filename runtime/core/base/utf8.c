/*  =========================================================================
    core/base/utf8.c - whether bytes are UTF-8, one after the other

    Place: runtime/core, the ground: bytes only. See troupe/utf8.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/utf8.h>

static troupe_utf8_verdict_t s_begin (troupe_utf8_t *self, uint8_t byte)
{
    if (byte < 0x80)
        return TROUPE_UTF8_GOOD;
    if (byte < 0xC2 || byte > 0xF4)
        return byte == 0xC0 || byte == 0xC1 ? TROUPE_UTF8_OVERLONG : TROUPE_UTF8_BAD;
    self->left = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    self->least = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    self->most = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    return TROUPE_UTF8_GOOD;
}

troupe_utf8_verdict_t troupe_utf8_take (troupe_utf8_t *self, uint8_t byte)
{
    if (!self->left)
        return s_begin (self, byte);
    bool good = byte >= self->least && byte <= self->most;
    bool overlong = byte >= 0x80 && byte < self->least;
    self->left = good ? (uint8_t) (self->left - 1) : 0;
    self->least = 0x80;
    self->most = 0xBF;
    return good ? TROUPE_UTF8_GOOD : overlong ? TROUPE_UTF8_OVERLONG : TROUPE_UTF8_BAD;
}
