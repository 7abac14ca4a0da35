/*  =========================================================================
    http_scan_test.c - the table of characters says what the grammar says

    Place: tests/unit, of actors/http1/scan.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <ctype.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http1/scan.h"

static bool s_among (int octet, const char *set)
{
    return octet > 0 && octet < 128 && strchr (set, octet) != NULL;
}

static bool s_is_word (int octet)
{
    return octet < 128 && isalnum (octet);
}

//  The parser rests on this table alone: one wrong bit lets a control character through.
Test (http_scan, classes_are_the_grammar)
{
    for (int octet = 0; octet < 256; octet++) {
        const uint8_t it = (uint8_t) octet;
        const bool word = s_is_word (octet);
        cr_expect_eq (troupe_http_is (it, TROUPE_HTTP_TOKEN), word || s_among (octet, "!#$%&'*+-.^_`|~"), "%d", octet);
        cr_expect_eq (troupe_http_is (it, TROUPE_HTTP_DIGIT), octet >= '0' && octet <= '9', "%d", octet);
        cr_expect_eq (troupe_http_is (it, TROUPE_HTTP_HEX), octet < 128 && isxdigit (octet), "%d", octet);
        const bool value = octet == '\t' || (octet >= 32 && octet != 127);
        cr_expect_eq (troupe_http_is (it, TROUPE_HTTP_VALUE), value, "%d", octet);
        cr_expect_eq (troupe_http_is (it, TROUPE_HTTP_HOST), word || s_among (octet, "-._~!$&'()*+;="), "%d", octet);
        cr_expect_eq (troupe_http_is (it, TROUPE_HTTP_SCHEME), word || s_among (octet, "+-."), "%d", octet);
    }
}

//  A target never holds what ends it, what a fragment begins with, or what no browser sends unescaped.
Test (http_scan, targets_exclude_what_is_never_sent)
{
    for (int octet = 0; octet < 256; octet++) {
        const uint8_t it = (uint8_t) octet;
        const bool visible = octet > 32 && octet < 127;
        cr_expect_eq (troupe_http_is (it, TROUPE_HTTP_PATH), visible && !s_among (octet, "\"#%<>?\\`{}"), "%d", octet);
        cr_expect_eq (troupe_http_is (it, TROUPE_HTTP_QUERY), visible && !s_among (octet, "\"#%<>"), "%d", octet);
    }
}

//  Values are scanned eight octets at a time: an offender is found at every place, and nothing else is one.
Test (http_scan, control_characters_are_found_at_every_place)
{
    uint8_t value [40];
    for (size_t place = 0; place < sizeof value; place++)
        for (int octet = 0; octet < 256; octet++) {
            memset (value, place % 2 ? 'a' : 0xe9, sizeof value);
            value [place] = (uint8_t) octet;
            const bool allowed = octet == '\t' || (octet >= 32 && octet != 127);
            const uint8_t *stop = troupe_http_skip_value (value, value + sizeof value);
            cr_assert_eq (stop, allowed ? value + sizeof value : value + place, "%d at %zu", octet, place);
        }
}

//  Lists decide over framing: empty elements must be seen, not skipped.
Test (http_scan, lists_show_their_empty_elements)
{
    troupe_bytes_t rest = { "a , b,,c", 8 };
    troupe_bytes_t element;
    const char *expected [] = { "a", "b", "", "c" };
    for (size_t index = 0; index < 4; index++) {
        cr_assert (troupe_http_list_next (&rest, &element));
        cr_assert (troupe_http_same_text (element, expected [index]), "element %zu", index);
    }
    cr_assert_not (troupe_http_list_next (&rest, &element));
}
