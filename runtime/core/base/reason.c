/*  =========================================================================
    reason.c - why an actor is down: printing, copying, encoding

    Place: runtime/core. A chain is cut at TROUPE_REASON_CHAIN_MAX links
    wherever it is walked, so that no loop here depends on its length.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/reason.h"

#define S_LINK_HEADER 11u       //  Bytes of a link before its strings

static const char *const s_kinds [] = {
    [TROUPE_REASON_NORMAL] = "NORMAL",
    [TROUPE_REASON_SHUTDOWN] = "SHUTDOWN",
    [TROUPE_REASON_FAILED] = "FAILED",
    [TROUPE_REASON_START_FAILED] = "START_FAILED",
    [TROUPE_REASON_INTENSITY] = "INTENSITY",
    [TROUPE_REASON_CRASHED] = "CRASHED",
    [TROUPE_REASON_KILLED] = "KILLED",
    [TROUPE_REASON_WEDGED] = "WEDGED",
    [TROUPE_REASON_UNREACHABLE] = "UNREACHABLE",
    [TROUPE_REASON_NO_SUCH_ACTOR] = "NO_SUCH_ACTOR",
};

#define S_KINDS (sizeof s_kinds / sizeof s_kinds [0])

const char *troupe_reason_kind_name (troupe_reason_kind_t kind)
{
    size_t index = (size_t) kind;
    return index < S_KINDS ? s_kinds [index] : "?";
}

bool troupe_reason_is_normal (const troupe_reason_t *reason)
{
    return reason && (reason->kind == TROUPE_REASON_NORMAL || reason->kind == TROUPE_REASON_SHUTDOWN);
}

//  Copies what fits into max bytes and a null, without leaving half a character behind.
static void s_copy_text (char *target, const char *source, size_t max)
{
    size_t size = source ? strnlen (source, max + 1) : 0;
    if (size > max)
        for (size = max; size > 0 && ((unsigned char) source [size] & 0xC0) == 0x80; )
            size--;
    if (size)
        memmove (target, source, size);
    memset (target + size, 0, max + 1 - size);
}

void troupe_reason_set (troupe_reason_t *reason, troupe_reason_kind_t kind, int code, const char *actor,
                        uint32_t incarnation, const char *text, const troupe_reason_t *cause)
{
    reason->kind = kind;
    reason->code = code;
    reason->incarnation = incarnation;
    s_copy_text (reason->actor, actor, TROUPE_REASON_ACTOR_MAX);
    s_copy_text (reason->text, text, TROUPE_REASON_TEXT_MAX);
    reason->cause = cause;
}

//  --------------------------------------------------------------------------
//  Printing

typedef struct {
    char *text;
    size_t size, used;          //  used < size, always terminated
} s_line_t;

static void s_append (s_line_t *line, const char *text)
{
    for (; *text && line->used + 1 < line->size; text++) {
        unsigned char character = (unsigned char) *text;
        line->text [line->used++] = character < 0x20 || character == 0x7F ? ' ' : *text;
    }
    line->text [line->used] = 0;
}

static void s_append_link (s_line_t *line, const troupe_reason_t *link)
{
    char number [16];
    s_append (line, link->actor);
    if (link->actor [0] && link->incarnation) {
        snprintf (number, sizeof number, "#%u", (unsigned) link->incarnation);
        s_append (line, number);
    }
    s_append (line, link->actor [0] ? " " : "");
    s_append (line, troupe_reason_kind_name (link->kind));
    if (link->code) {
        snprintf (number, sizeof number, " (%d)", link->code);
        s_append (line, number);
    }
    s_append (line, link->text [0] ? ": " : "");
    s_append (line, link->text);
}

char *troupe_reason_print (const troupe_reason_t *reason, char *text, size_t size)
{
    s_line_t line = { .text = text, .size = size };
    if (size == 0)
        return text;
    text [0] = 0;
    for (int links = 0; reason && links < TROUPE_REASON_CHAIN_MAX; reason = reason->cause, links++) {
        s_append (&line, links ? ", because " : "");
        s_append_link (&line, reason);
    }
    return text;
}

//  --------------------------------------------------------------------------
//  Copying

troupe_reason_t *troupe_reason_copy (const troupe_reason_t *reason)
{
    troupe_reason_t *first = NULL;
    const troupe_reason_t **next_p = NULL;
    for (int links = 0; reason && links < TROUPE_REASON_CHAIN_MAX; reason = reason->cause, links++) {
        troupe_reason_t *link = malloc (sizeof *link);
        if (!link) {
            troupe_reason_destroy (&first);
            return NULL;
        }
        *link = *reason;
        link->cause = NULL;
        if (next_p)
            *next_p = link;
        else
            first = link;
        next_p = &link->cause;
    }
    return first;
}

//  A copy's links are its own, though the type says const for those who only read them.
static troupe_reason_t *s_owned (const troupe_reason_t *link)
{
    union { const troupe_reason_t *read; troupe_reason_t *owned; } both = { .read = link };
    return both.owned;
}

void troupe_reason_destroy (troupe_reason_t **reason_p)
{
    troupe_reason_t *link = reason_p ? *reason_p : NULL;
    while (link) {
        troupe_reason_t *next = s_owned (link->cause);
        free (link);
        link = next;
    }
    if (reason_p)
        *reason_p = NULL;
}

//  --------------------------------------------------------------------------
//  Bytes

static uint8_t *s_put_32 (uint8_t *to, uint32_t value)
{
    for (int shift = 0; shift < 32; shift += 8)
        *to++ = (uint8_t) (value >> shift);
    return to;
}

static uint32_t s_get_32 (const uint8_t *from)
{
    return (uint32_t) from [0] | (uint32_t) from [1] << 8 | (uint32_t) from [2] << 16 | (uint32_t) from [3] << 24;
}

static uint8_t *s_put_link (uint8_t *to, const troupe_reason_t *link)
{
    size_t actor_size = strnlen (link->actor, TROUPE_REASON_ACTOR_MAX);
    size_t text_size = strnlen (link->text, TROUPE_REASON_TEXT_MAX);
    *to++ = (uint8_t) link->kind;
    *to++ = (uint8_t) actor_size;
    *to++ = (uint8_t) text_size;
    to = s_put_32 (to, (uint32_t) link->code);
    to = s_put_32 (to, link->incarnation);
    memcpy (to, link->actor, actor_size);
    memcpy (to + actor_size, link->text, text_size);
    return to + actor_size + text_size;
}

size_t troupe_reason_encode (const troupe_reason_t *reason, uint8_t *buffer, size_t size)
{
    size_t needed = reason ? 1 : 0;
    int links = 0;
    for (const troupe_reason_t *link = reason; link && links < TROUPE_REASON_CHAIN_MAX; link = link->cause, links++)
        needed += S_LINK_HEADER + strnlen (link->actor, TROUPE_REASON_ACTOR_MAX)
                                + strnlen (link->text, TROUPE_REASON_TEXT_MAX);
    if (!reason || needed > size)
        return needed;
    *buffer++ = (uint8_t) links;
    for (; links > 0; links--, reason = reason->cause)
        buffer = s_put_link (buffer, reason);
    return needed;
}

//  Reads one link from the front of 'data'; returns how many bytes it took, 0 when it is malformed.
static size_t s_get_link (troupe_reason_t *link, const uint8_t *data, size_t size)
{
    if (size < S_LINK_HEADER)
        return 0;
    size_t actor_size = data [1], text_size = data [2];
    if (data [0] >= S_KINDS || actor_size > TROUPE_REASON_ACTOR_MAX || text_size > TROUPE_REASON_TEXT_MAX
    ||  size - S_LINK_HEADER < actor_size + text_size || memchr (data + S_LINK_HEADER, 0, actor_size + text_size))
        return 0;
    memset (link, 0, sizeof *link);
    link->kind = (troupe_reason_kind_t) data [0];
    link->code = (int) s_get_32 (data + 3);
    link->incarnation = s_get_32 (data + 7);
    memcpy (link->actor, data + S_LINK_HEADER, actor_size);
    memcpy (link->text, data + S_LINK_HEADER + actor_size, text_size);
    return S_LINK_HEADER + actor_size + text_size;
}

troupe_reason_t *troupe_reason_decode (const uint8_t *data, size_t size)
{
    troupe_reason_t chain [TROUPE_REASON_CHAIN_MAX];
    size_t links = size ? data [0] : 0;
    size_t used = 1;
    if (links == 0 || links > TROUPE_REASON_CHAIN_MAX)
        return NULL;
    for (size_t index = 0; index < links; index++) {
        size_t taken = s_get_link (&chain [index], data + used, size - used);
        if (taken == 0)
            return NULL;
        used += taken;
        if (index > 0)
            chain [index - 1].cause = &chain [index];
    }
    return used == size ? troupe_reason_copy (chain) : NULL;
}
