/*  =========================================================================
    troupe/utf8.h - whether bytes are UTF-8, one after the other

    Place: include/. For texts that come from others, whole or in pieces.
    Source: RFC 3629, section 4: the shortest form only, no surrogates, nothing
    above U+10FFFF. Pure: any thread, does not block.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_UTF8_H_INCLUDED
#define TROUPE_UTF8_H_INCLUDED

#include "api.h"

TROUPE_BEGIN_DECLS

//  Where a text is: zeros at its beginning. A text may end only when 'left' is 0.
typedef struct troupe_utf8 {
    uint8_t left;           //  So many bytes of a character are to come
    uint8_t least, most;    //  What the next of them may be
} troupe_utf8_t;

typedef enum {
    TROUPE_UTF8_GOOD = 0,
    TROUPE_UTF8_BAD,        //  No character goes on or begins so
    TROUPE_UTF8_OVERLONG    //  One that has a shorter form: somebody hides something
} troupe_utf8_verdict_t;

//  Takes the next byte. After one that is not good *self is at the beginning of a character again, behind that byte.
TROUPE_API troupe_utf8_verdict_t troupe_utf8_take (troupe_utf8_t *self, uint8_t byte);

TROUPE_END_DECLS

#endif
