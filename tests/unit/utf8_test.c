/*  =========================================================================
    utf8_test.c - which bytes are UTF-8

    Place: tests/unit, of runtime/core/base/utf8.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include <troupe/utf8.h>

//  The last verdict; a text that is cut off is bad too.
static troupe_utf8_verdict_t s_check (const char *text, size_t size)
{
    troupe_utf8_t utf8 = { 0, 0, 0 };
    troupe_utf8_verdict_t verdict = TROUPE_UTF8_GOOD;
    for (size_t index = 0; index < size && verdict == TROUPE_UTF8_GOOD; index++)
        verdict = troupe_utf8_take (&utf8, (uint8_t) text [index]);
    return verdict == TROUPE_UTF8_GOOD && utf8.left ? TROUPE_UTF8_BAD : verdict;
}

//  The first and the last character of each length, and those beside the surrogates.
Test (utf8, takes_every_range)
{
    static const char *const good [] = {
        "", "a\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa4" "b\xe2\x82\xac" "c",
    };
    for (size_t index = 0; index < sizeof good / sizeof *good; index++)
        cr_expect_eq (s_check (good [index], strlen (good [index])), TROUPE_UTF8_GOOD, "case %zu", index);
    cr_expect_eq (s_check ("a\0b", 3), TROUPE_UTF8_GOOD);
}

//  What one reader takes for a character and another one does not is how filters are passed.
Test (utf8, refuses_what_is_no_character)
{
    static const char *const bad [] = {
        "\x80", "\xbf", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xc3" "a", "\xc3\xc3", "\xe2\x82", "\xe2\x82" "a",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf0\x90\x80", "\xc3\xa4\xa4",
    };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        cr_expect_eq (s_check (bad [index], strlen (bad [index])), TROUPE_UTF8_BAD, "case %zu", index);
}

//  They are told apart from other bytes, which a query may hold and which hide nothing.
Test (utf8, knows_overlong_forms)
{
    static const char *const overlong [] = { "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf",
                                             "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf" };
    for (size_t index = 0; index < sizeof overlong / sizeof *overlong; index++)
        cr_expect_eq (s_check (overlong [index], strlen (overlong [index])), TROUPE_UTF8_OVERLONG, "case %zu", index);
}
